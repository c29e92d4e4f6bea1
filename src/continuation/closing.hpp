#pragma once

#include "curve_solver.hpp"

namespace cortifold {

/// Whether the step of a branch from its last point to another passes through an earlier point.
[[nodiscard]] bool comes_back(const CurveSolver& curve, const std::vector<BranchPoint>& points,
                              const BranchPoint& last, const BranchPoint& to);

}  // namespace cortifold
