#pragma once

#include <cortifold/continuation/continuation.hpp>

namespace cortifold {

/// Equilibria F(x, p) = 0 of a field as one of its parameters changes. Folds, branch points and
/// Hopf points are found, polished on minimally augmented systems and given their normal forms; of
/// a fixed_point_map folds and branch points alone. Throws UsageError where sizes do not fit.
[[nodiscard]] std::shared_ptr<ZeroProblem> equilibrium_curve(
    std::shared_ptr<const VectorField> field, const Vector& parameters, std::size_t free);

/// Where a curve of equilibria starts.
[[nodiscard]] BranchPoint equilibrium_start(ConstVectorRef state, double parameter);

/// The directions in which the other branches leave a branch point, both ways each: points on
/// them with tangents. `branch` is a point of the branch that is known. At a simple branch point
/// they are the tangents of the algebraic branching equation (Keller 1977); at a multiple one, as
/// symmetric networks have them, solutions that deflation finds nearby: those that are there may
/// not all be found.
[[nodiscard]] std::vector<BranchPoint> branches_at(const std::shared_ptr<const VectorField>& field,
                                                   const Vector& parameters, std::size_t free,
                                                   const SpecialPoint& point);

}  // namespace cortifold
