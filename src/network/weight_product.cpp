#include "weight_product.hpp"

#include <algorithm>

namespace cortifold {

namespace {

// A stored non-zero costs an index and a gather besides its product: from here on dense is faster
// (measured in tests/benchmarks: 0.19 at 90 regions, 0.15 at 1000).
constexpr double dense_from_density = 0.2;
constexpr Eigen::Index rows_a_block = 128;
// Where the system puts a thread aside for some milliseconds, the others wait for it. Below a
// millisecond a product, 32 MB of weights, threads lose more on a busy machine than they win on an
// idle one (measured: 8 against 0.12 ms at 1000 regions, two threads, load 6).
constexpr Eigen::Index entries_worth_threads = 4'000'000;

}  // namespace

WeightProduct::WeightProduct(const SparseMatrix& weights, int threads)
    : sparse_(weights), threads_(threads) {
    const auto entries = static_cast<double>(weights.rows()) * static_cast<double>(weights.cols());
    if (static_cast<double>(weights.nonZeros()) >= dense_from_density * entries) dense_ = weights;
    if ((dense_.size() > 0 ? dense_.size() : sparse_.nonZeros()) < entries_worth_threads)
        threads_ = 1;
}

void WeightProduct::apply(ConstVectorRef h, VectorRef y) const {
    const Eigen::Index blocks = (sparse_.rows() + rows_a_block - 1) / rows_a_block;
    const auto multiply = [&](Eigen::Index block) {
        const Eigen::Index first = block * rows_a_block,
                           count = std::min(rows_a_block, sparse_.rows() - first);
        if (dense_.size() > 0)
            y.segment(first, count).noalias() = dense_.middleRows(first, count) * h;
        else
            y.segment(first, count).noalias() = sparse_.middleRows(first, count) * h;
    };
    if (threads_ == 1) {  // a parallel region is a system call, even of one thread
        for (Eigen::Index block = 0; block < blocks; ++block) multiply(block);
        return;
    }
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (Eigen::Index block = 0; block < blocks; ++block) multiply(block);
}

}  // namespace cortifold
