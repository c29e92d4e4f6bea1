#pragma once

#include <cortifold/core/matrix.hpp>

#include <Eigen/SparseCore>

namespace cortifold {

using SparseMatrix = Eigen::SparseMatrix<double, Eigen::RowMajor>;

}  // namespace cortifold
