#pragma once

#include <cortifold/core/status.hpp>
#include <cortifold/core/vector_field.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// Who makes the first solve: our damped Newton, or SUNDIALS' KINSOL with line search, polished by
/// ours.
enum class NewtonMethod { newton, kinsol };
[[nodiscard]] std::string_view to_string(NewtonMethod method);

struct NewtonOptions {
    NewtonMethod method = NewtonMethod::newton;
    double residual_tolerance = 1e-12, step_tolerance = 1e-12;  ///< both must hold, in scaled norms
    int max_iterations = 50;
    bool line_search = true;
    void validate() const;  ///< throws UsageError naming field, value and bound
};

struct EquilibriumProblem {
    std::shared_ptr<const VectorField> field;
    Vector parameters, guess;
};

struct EquilibriumResult {
    Status status = Status::iteration_limit;
    std::string message = "find_equilibrium was not called";
    Vector state;
    ComplexVector eigenvalues;      ///< by decreasing real part; empty for a fixed_point_map, and
                                    ///< where there is no equilibrium
    int n_unstable = 0;             ///< eigenvalues with positive real part
    double residual = 0.0;          ///< max |f|, in state units per time unit; infinite where f is
                                    ///< not finite
    std::vector<double> residuals;  ///< scaled, one a Newton iteration
};

/// A component whose magnitude is below its floor counts as small, in state units: Newton's
/// weights are 1 / max(|x|, floor).
[[nodiscard]] Vector scale_floor(std::span<const Quantity> states);

/// Newton with the exact Jacobian, globalized by backtracking. Weights come from the state and from
/// the sizes in the field's table of states, so models in physical units need no tuning; the
/// iteration goes on to the last digit that rounding leaves.
[[nodiscard]] EquilibriumResult find_equilibrium(const EquilibriumProblem& problem,
                                                 const NewtonOptions& options = {});

}  // namespace cortifold
