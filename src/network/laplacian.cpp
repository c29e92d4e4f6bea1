#include <cortifold/core/error.hpp>
#include <cortifold/network/laplacian.hpp>

#include <string>

namespace cortifold {

namespace {

Vector row_sums(const SparseMatrix& w) {
    return w * Vector::Ones(w.cols());
}

/// Refused where one cannot be inverted.
Vector invertible_row_sums(const Connectome& connectome, GraphMatrix kind) {
    const Vector sums = row_sums(connectome.weights);
    for (Eigen::Index i = 0; i < sums.size(); ++i)
        require(sums[i] > 0.0, std::string(to_string(kind)) + " divides by row sums: that of " +
                                   connectome.describe_region(i) + " is " +
                                   std::to_string(sums[i]) + ", it must be positive");
    return sums;
}

SparseMatrix diagonal_minus(const Vector& diagonal, const SparseMatrix& w) {
    return SparseMatrix(diagonal.asDiagonal()) - w;
}

/// R W R, symmetric to the last bit where W is.
SparseMatrix scaled_on_both_sides(SparseMatrix w, const Vector& r) {
    for (Eigen::Index i = 0; i < w.rows(); ++i)
        for (SparseMatrix::InnerIterator entry(w, i); entry; ++entry)
            entry.valueRef() *= r[i] * r[entry.col()];
    return w;
}

}  // namespace

std::string_view to_string(GraphMatrix kind) {
    switch (kind) {
        case GraphMatrix::weights: return "weights";
        case GraphMatrix::laplacian: return "laplacian";
        case GraphMatrix::laplacian_random_walk: return "laplacian_random_walk";
        case GraphMatrix::laplacian_symmetric: return "laplacian_symmetric";
    }
    return "";
}

SparseMatrix graph_matrix(const Connectome& connectome, GraphMatrix kind) {
    const SparseMatrix& w = connectome.weights;
    require(w.rows() == w.cols(), "a graph matrix needs square weights");
    const Vector ones = Vector::Ones(w.rows());
    switch (kind) {
        case GraphMatrix::weights: break;
        case GraphMatrix::laplacian: return diagonal_minus(row_sums(w), w);
        case GraphMatrix::laplacian_random_walk: {
            const Vector sums = invertible_row_sums(connectome, kind);
            return diagonal_minus(ones, sums.cwiseInverse().asDiagonal() * w);
        }
        case GraphMatrix::laplacian_symmetric: {
            const Vector r = invertible_row_sums(connectome, kind).cwiseSqrt().cwiseInverse();
            return diagonal_minus(ones, scaled_on_both_sides(w, r));
        }
    }
    return w;
}

}  // namespace cortifold
