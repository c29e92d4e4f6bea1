#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/quantity.hpp>
#include <cortifold/core/vector_field.hpp>
#include <cortifold/model/equation_definition.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace cortifold {

/// Of one node: value and first derivatives of right-hand side f and output h, exact; f_p and h_p
/// have a column a free parameter. Reused, so that nothing is allocated in a loop.
struct Linearization {
    Vector f;
    Matrix f_x, f_u, f_p;
    Vector h;
    Matrix h_x, h_p;
};

/// A point or a direction in the arguments of a node: state, input, parameters.
struct NodePoint {
    ConstVectorRef x, u, p;
};

/// Where the state of a node jumps.
class NodeEvents {
public:
    NodeEvents() = default;
    NodeEvents(const NodeEvents&) = delete;
    NodeEvents& operator=(const NodeEvents&) = delete;
    virtual ~NodeEvents() = default;

    [[nodiscard]] virtual std::span<const Jump> jumps() const = 0;
    virtual void values(const NodePoint& at, VectorRef values) const = 0;  ///< one a jump
    /// What jump `which` makes of state and parameters; every new value is of the old state.
    [[nodiscard]] virtual Flow apply(std::size_t which, const NodePoint& at, VectorRef x,
                                     VectorRef p) const = 0;
    [[nodiscard]] virtual bool moves_parameters(std::size_t which) const = 0;
};

/// Run-time face of a model of one region; one virtual call for a batch of nodes, never for a term.
class Node {
public:
    Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    virtual ~Node() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::string_view time_unit() const = 0;
    [[nodiscard]] virtual std::span<const Quantity> states() const = 0;
    [[nodiscard]] virtual std::span<const Quantity> parameters() const = 0;
    [[nodiscard]] virtual std::span<const Quantity> inputs()
        const = 0;  ///< ports, with units: a link joins ports of one unit
    [[nodiscard]] virtual std::span<const Quantity> outputs() const = 0;

    /// The input port that is the time, where the model reads it.
    [[nodiscard]] virtual std::optional<std::size_t> time_input() const { return std::nullopt; }
    /// The input ports that are white noises dW/dt; the right-hand side is affine in them.
    [[nodiscard]] virtual std::span<const std::size_t> noise_inputs() const { return {}; }
    [[nodiscard]] virtual const NodeEvents* events() const { return nullptr; }
    /// Quantities that are worth a look besides the states, and their values: a row a node.
    [[nodiscard]] virtual std::span<const Quantity> auxiliaries() const { return {}; }
    virtual void auxiliary_batch(ConstMatrixRef, ConstMatrixRef, ConstMatrixRef, MatrixRef) const {}
    /// Where a run starts by default; it may depend on parameters.
    [[nodiscard]] virtual Vector initial(ConstVectorRef) const { return default_values(states()); }
    /// The model as text: what is exported.
    [[nodiscard]] virtual EquationDefinition equations() const = 0;

    virtual void linearize(const NodePoint& at, std::span<const std::size_t> free,
                           Linearization& result) const = 0;
    /// d/dt of the linearization along at + t direction, exact: second derivatives.
    virtual void directional(const NodePoint& at, const NodePoint& direction,
                             std::span<const std::size_t> free, Linearization& result) const = 0;

    /// A row a node, a column a variable; p has one row (shared) or a row a node. Each row's result
    /// is the same in any batch.
    virtual void rhs_batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                           MatrixRef dx) const = 0;
    virtual void output_batch(ConstMatrixRef x, ConstMatrixRef p, MatrixRef h) const = 0;

    /// Column k is the k-th Taylor coefficient along a curve; up to `taylor_order` + 1 columns.
    static constexpr int taylor_order = 5;
    virtual void rhs_taylor(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                            MatrixRef f) const = 0;
    virtual void output_taylor(ConstMatrixRef x, ConstMatrixRef p, MatrixRef h) const = 0;
};

}  // namespace cortifold
