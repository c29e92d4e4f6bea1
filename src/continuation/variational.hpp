#pragma once

#include <cortifold/core/vector_field.hpp>

#include <vector>

namespace cortifold {

/// What counts as one: of each state and of the parameter.
struct Sizes {
    Vector states;
    double parameter = 1.0;
};

/// Where a flow takes a state in a given time, and small changes of it.
struct Passage {
    Status status = Status::converged;  ///< else the rest means nothing
    Vector end{};
    Matrix changes{};       ///< what became of the directions, a column each, in parts of the sizes
    Vector by_parameter{};  ///< the derivative of the end
    Vector minimum{}, maximum{};
    std::vector<Matrix> transfers{};  ///< of all directions: their product is `changes`
    std::vector<Vector> flows{};      ///< F at the end of each, in the same parts
    std::vector<double> durations{};
    double divergence = 0.0;  ///< the integral of the trace of F_x
};

/// The flow of x' = F(x, p) with its variational equations v' = F_x v (+ F_p), integrated together
/// by the method of Dormand and Prince of order 8(5, 3) (Hairer, Norsett & Wanner 1993, section
/// II.10): `changes` are the derivative of the computed `end` but for the choice of steps. Steps
/// keep the local errors of states and changes alike below the tolerance, in parts of their sizes.
/// Threads share the directions, with the same bits for any number of them. In a stiff field steps
/// are short, since the method is explicit; of too many the passage gives up.
class VariationalFlow {
public:
    VariationalFlow(const VectorField& field, std::size_t parameter, double tolerance, int threads)
        : field_(field), parameter_(parameter), tolerance_(tolerance), threads_(threads) {}

    /// With all directions, cut into transfers that none grows or falls along by much.
    [[nodiscard]] Passage follow_all(ConstVectorRef x, ConstVectorRef p, double duration,
                                     const Sizes& sizes) const;
    /// With a few directions in parts of the sizes, a column each.
    [[nodiscard]] Passage follow(ConstVectorRef x, ConstVectorRef p, double duration,
                                 const Sizes& sizes, ConstMatrixRef directions) const;

private:
    const VectorField& field_;
    std::size_t parameter_;
    double tolerance_;
    int threads_;  ///< that share the directions
};

}  // namespace cortifold
