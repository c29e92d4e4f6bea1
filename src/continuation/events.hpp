#pragma once

#include "segment.hpp"

namespace cortifold {

/// Points nearer than this, in scaled unknowns, are one.
inline constexpr double same_point = 1e-6;

/// What happens between two points of a run.
struct Events {
    /// Not converged: points between the two cannot be had, as after a jump to another branch.
    Status status = Status::converged;
    std::vector<SpecialPoint> points{};  ///< along the way
};
/// Every change of sign of a test function, and every eigenvalue that crosses the imaginary axis;
/// a step whose events do not account for the change of n_unstable is halved.
[[nodiscard]] Events find_events(const CurveSolver& curve, const BranchPoint& a,
                                 const BranchPoint& b);
/// Pairs of zeros that points in a row step over. Three: |value| is least at the middle one, and a
/// parabola through them comes near to zero. A fourth: the lines before and behind the middle step
/// meet beyond zero. `after` counts from the first of the points.
[[nodiscard]] std::vector<SpecialPoint> find_hidden_events(const CurveSolver& curve,
                                                           std::span<const BranchPoint> points);

}  // namespace cortifold
