#pragma once

#include "cycle_curve.hpp"
#include <cortifold/equilibrium/newton.hpp>

namespace cortifold {

/// The Hopf point where the cycles near a point of a branch shrink to an equilibrium; unresolved
/// where there is none. z is states at times along the cycle, the period and the parameter.
[[nodiscard]] SpecialPoint end_of_small_cycles(const std::shared_ptr<const VectorField>& field,
                                               const Vector& parameters, std::size_t free,
                                               const BranchPoint& near);

/// What a cycle whose period grows without bound comes to: a saddle-node of equilibria on it (SNIC,
/// T ~ |p - p0|^(-1/2)), or a saddle (T ~ -log|p - p0| / lambda). The saddle-node is where folds of
/// equilibria have it; the homoclinic parameter is what the last two points of the branch tend to.
/// Nothing where the period does not grow, or neither law holds.
[[nodiscard]] std::optional<SpecialPoint> end_of_long_cycles(const CycleCurve& curve,
                                                             const Branch& branch);

/// The saddle that a cycle passes by where it is slowest; nothing where there is none.
[[nodiscard]] std::optional<EquilibriumResult> saddle_of_long_cycle(const CycleCurve& curve,
                                                                    const BranchPoint& point);
/// Whether the last cycle of a branch is long and passes by a saddle.
[[nodiscard]] bool passes_a_saddle(const CycleCurve& curve, const Branch& branch);

/// The period doubling of simple cycles, from a point where doubled ones are those twice; nothing
/// from other points.
[[nodiscard]] std::optional<SpecialPoint> simple_cycle_near(const CycleCurve& curve,
                                                            const BranchPoint& near);
/// The same of the end of a branch.
[[nodiscard]] std::optional<SpecialPoint> end_of_doubled_cycles(const CycleCurve& curve,
                                                                const Branch& branch);
/// Whether the second half of a profile is the first one once more.
[[nodiscard]] bool is_simple_twice(const Profile& profile);
[[nodiscard]] bool is_simple_twice(const BranchPoint& point, Eigen::Index states);

}  // namespace cortifold
