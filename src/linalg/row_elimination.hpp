#pragma once

#include <cortifold/core/matrix.hpp>

namespace cortifold {

/// Columns that are worked on at a time: of rows, or of right-hand sides.
inline constexpr Eigen::Index group = 4;
using Group = Eigen::Array<double, group, 1>;

/// Rows that are subtracted from one another, `stride` apart: a multiple of a group.
struct RowBlock {
    double* at;
    Eigen::Index count, stride;
};

/// LU of the first `count` columns with partial pivoting, carried out on all of them. Multipliers
/// stand apart, in columns as long as there are rows, which change places as the rows do: rows are
/// 0 where they are eliminated, so that a group of columns can be subtracted whole, and a
/// multiplier that is 0 costs nothing. Of each column: the row it changed places with.
void eliminate_columns(const RowBlock& rows, Eigen::Index count, Eigen::Index* pivots,
                       double* multipliers);

}  // namespace cortifold
