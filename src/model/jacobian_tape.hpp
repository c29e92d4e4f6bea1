#pragma once

#include "graph.hpp"
#include <cortifold/core/pack.hpp>

#include <span>
#include <vector>

namespace cortifold {

/// Values of a graph and their derivatives along some of its inputs, a pack of points at a time:
/// only of what depends on an input a derivative is carried along.
class JacobianTape {
public:
    JacobianTape(const Graph& graph, std::span<const ValueId> outputs,
                 std::span<const std::size_t> directions);

    /// Whether it may be run: not with a table of values, nor where it has grown too long.
    [[nodiscard]] bool is_runnable() const { return runnable_; }
    [[nodiscard]] std::size_t size() const { return size_; }

    /// An input of the graph, or an output, and its register.
    struct Port {
        std::size_t outside = 0;
        std::uint32_t at = 0;
    };
    struct Derivative {
        std::size_t output = 0, direction = 0;
        std::uint32_t at = 0;
    };
    /// To be filled; an input that is a direction moves with slope 1.
    [[nodiscard]] std::span<const Port> inputs() const { return inputs_; }
    [[nodiscard]] std::span<const Port> outputs() const { return outputs_; }
    /// Those that are not zero everywhere.
    [[nodiscard]] std::span<const Derivative> derivatives() const { return derivatives_; }

    /// Constants into their registers: once, after the registers served another tape.
    void load_constants(Pack* registers) const;
    void run(Pack* registers) const;

private:
    class Builder;
    /// registers[to] (+)= partial[operand] * registers[from]
    struct Term {
        std::uint32_t to = 0, from = 0, operand = 0;
        bool adds = false;
    };
    struct Step {
        std::uint32_t operation = 0, out = 0;
        std::array<std::uint32_t, 3> in{};
        std::uint32_t first_term = 0, terms = 0;
    };

    bool runnable_ = true;
    std::size_t size_ = 0;
    std::vector<std::pair<std::uint32_t, double>> constants_;
    std::vector<Port> inputs_, outputs_;
    std::vector<Derivative> derivatives_;
    std::vector<Step> steps_;
    std::vector<Term> terms_;
};

}  // namespace cortifold
