#pragma once

#include "tape.hpp"
#include <cortifold/model/node.hpp>

namespace cortifold {

/// Where a node's arguments stand among the inputs of a graph: states, input ports, parameters.
struct ArgumentLayout {
    std::size_t states = 0, inputs = 0, parameters = 0;
    [[nodiscard]] std::size_t state(std::size_t k) const { return k; }
    [[nodiscard]] std::size_t input(std::size_t k) const { return states + k; }
    [[nodiscard]] std::size_t parameter(std::size_t k) const { return states + inputs + k; }
    [[nodiscard]] std::size_t size() const { return states + inputs + parameters; }
    [[nodiscard]] double argument(const NodePoint& at, std::size_t place) const;
};

/// Values of a graph as functions of the arguments of a node, or of a row a node.
class Formulas {
public:
    Formulas(const Graph& graph, std::span<const ValueId> values, const ArgumentLayout& layout);

    /// For one node; `single` is a tape of one element a register.
    [[nodiscard]] const Tape& single() const { return single_; }
    [[nodiscard]] const ArgumentLayout& layout() const { return layout_; }
    void values(const NodePoint& at, VectorRef values) const;

    /// A row a node; p has one row, or a row a node.
    void batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p, MatrixRef values) const;
    /// A column an order.
    void series(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p, MatrixRef values) const;

private:
    ArgumentLayout layout_;
    Tape single_, shared_parameters_, own_parameters_;
};

}  // namespace cortifold
