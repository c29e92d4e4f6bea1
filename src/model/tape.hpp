#pragma once

#include "graph.hpp"

namespace cortifold {

/// Derivatives along N directions at a time, of a number or of one that moves itself.
template <std::size_t N>
using Directions = Dual<double, N>;
template <std::size_t N>
using MovingDirections = Dual<Dual<double, 1>, N>;
using Series = Taylor<double, 5>;

/// The values of a graph that some outputs need, in the order of their computation, each in a
/// register. A register of the tape stands for `block` elements of a scalar type, so that one step
/// serves many nodes; what depends on uniform inputs alone has one element and is computed once.
class Tape {
public:
    /// Inputs from `first_uniform` on are the same for all elements of a block.
    Tape(const Graph& graph, std::span<const ValueId> outputs, std::size_t first_uniform,
         std::size_t block);

    struct Step {
        std::uint32_t which = 0;  ///< operation, or behind them all: table
        std::uint32_t out = 0;
        std::array<std::uint32_t, 3> in{};
        std::array<std::uint32_t, 3> stride{};  ///< 0: one element for the whole block
    };
    /// A place outside (input or output) and its first element.
    struct Port {
        std::size_t outside = 0;
        std::uint32_t element = 0;
        std::uint32_t stride = 0;
    };

    [[nodiscard]] std::size_t block() const { return block_; }
    [[nodiscard]] std::size_t elements() const { return elements_; }
    [[nodiscard]] std::span<const Port> inputs() const { return inputs_; }
    [[nodiscard]] std::span<const Port> outputs() const { return outputs_; }

    /// Constants into their registers: once, after the registers served another tape.
    template <class T>
    void load_constants(T* registers) const {
        for (const auto& [element, number] : constants_) registers[element] = T(number);
    }
    /// On double, Pack, Directions and MovingDirections of 4 and 8, Series.
    /// What depends on uniform inputs alone; then, for `count` elements, what depends on the
    /// others.
    template <class T>
    void run_uniform(T* registers) const;
    template <class T>
    void run(T* registers, std::size_t count) const;

private:
    class Builder;

    std::size_t block_, elements_ = 0;
    std::vector<std::pair<std::uint32_t, double>> constants_;
    std::vector<Port> inputs_, outputs_;
    std::vector<Step> uniform_, varying_;
    Tables tables_;
};

/// registers[0] = operation of registers[1], ...
void evaluate(std::size_t operation, std::array<double, 4>& registers);

/// Space for the registers of any tape, kept by each thread.
template <class T>
T* registers_for(const Tape& tape) {
    thread_local std::vector<T> registers;
    if (registers.size() < tape.elements()) registers.resize(tape.elements());
    return registers.data();
}

}  // namespace cortifold
