#pragma once

#include <cortifold/core/split_jacobian.hpp>
#include <cortifold/network/connectome.hpp>

namespace cortifold {

/// y = W h, dense or sparse by what is faster, in fixed blocks of rows: the same bits for any
/// number of threads.
class WeightProduct {
public:
    WeightProduct(const SparseMatrix& weights, int threads);
    void apply(ConstVectorRef h, VectorRef y) const;
    [[nodiscard]] const SparseMatrix& sparse() const { return sparse_; }
    /// Empty: sparse is faster.
    [[nodiscard]] const RowMatrix& dense() const { return dense_; }

private:
    SparseMatrix sparse_;
    RowMatrix dense_;
    int threads_;
};

}  // namespace cortifold
