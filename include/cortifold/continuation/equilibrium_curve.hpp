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

/// Where the other branches that meet at a branch point start. At a simple one the other branch
/// goes both ways along the second root of the algebraic branching equation (Keller 1977). Of a
/// multiple one, as symmetric networks have them, every real root of the reduced equations is
/// looked for; each branch goes one way, and two that symmetry maps onto each other are both there.
/// Empty where none leaves, as at an isolated point, or where directions cannot be told apart, as
/// of a continuous symmetry.
[[nodiscard]] std::vector<CurveStart> branches_at(const std::shared_ptr<const VectorField>& field,
                                                  const Vector& parameters, std::size_t free,
                                                  const SpecialPoint& point);

}  // namespace cortifold
