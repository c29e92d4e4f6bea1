#pragma once

#include <cortifold/network/connectome.hpp>

namespace cortifold {

/// y = W h, dense or sparse by what is faster, in fixed blocks of rows: the same bits for any
/// number of threads.
class WeightProduct {
public:
    WeightProduct(const SparseMatrix& weights, int threads);
    void apply(ConstVectorRef h, VectorRef y) const;
    [[nodiscard]] const SparseMatrix& sparse() const { return sparse_; }

private:
    SparseMatrix sparse_;
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>
        dense_;  ///< empty: sparse is faster
    int threads_;
};

}  // namespace cortifold
