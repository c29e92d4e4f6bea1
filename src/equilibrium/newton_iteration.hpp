#pragma once

#include <cortifold/equilibrium/newton.hpp>

#include <vector>

namespace cortifold {

/// What deflation knows of the roots it keeps away from: m(x) = prod_i (1 / |w (x - x_i)|^2 + 1),
/// a scaled norm (Farrell, Birkisson & Funke 2015, with power 2 and shift 1). Without roots
/// m = 1.
struct Deflation {
    std::vector<Vector> roots;
    Vector weights;  ///< w, 1 / state unit

    [[nodiscard]] Vector log_gradient(ConstVectorRef x) const;
};

/// A row each: sum_j |J_ij| s_j, what f_i changes by when the state changes by its scale s.
[[nodiscard]] Vector row_scales(const Matrix& jacobian, ConstVectorRef state_scales);

/// Newton, deflated and damped, without the eigenvalues. `floor`: as of scale_floor. With roots to
/// deflate `line_search` should be off: only full steps cross the poles of m.
[[nodiscard]] EquilibriumResult iterate_newton(const EquilibriumProblem& problem,
                                               const NewtonOptions& options, ConstVectorRef floor,
                                               const Deflation& deflation);

/// KINSOL's Newton with line search, without the eigenvalues.
[[nodiscard]] EquilibriumResult iterate_kinsol(const EquilibriumProblem& problem,
                                               const NewtonOptions& options, ConstVectorRef floor);

/// One equilibrium by the method of the options, without the eigenvalues.
[[nodiscard]] EquilibriumResult solve_equilibrium(const EquilibriumProblem& problem,
                                                  const NewtonOptions& options,
                                                  ConstVectorRef floor);

/// Eigenvalues and their count in the right half plane; none for a fixed_point_map.
void add_eigenvalues(const VectorField& field, ConstVectorRef parameters,
                     EquilibriumResult& result);

/// Throws UsageError unless the field is there and the vectors fit it.
void require_sizes(const VectorField* field, ConstVectorRef parameters, ConstVectorRef state,
                   std::string_view caller);

}  // namespace cortifold
