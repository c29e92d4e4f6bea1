#pragma once

#include <cortifold/core/matrix.hpp>

#include <vector>

namespace cortifold {

/// The column of each row in the assignment of all rows to all columns of a square matrix with the
/// least sum of costs: shortest augmenting paths (Jonker & Volgenant 1987, Computing 38:325).
[[nodiscard]] std::vector<Eigen::Index> cheapest_assignment(ConstMatrixRef costs);

}  // namespace cortifold
