#include <cortifold/core/error.hpp>
#include <cortifold/network/laplacian.hpp>

#include <string>

namespace cortifold {

namespace {

/// Row sums, refused where one cannot be inverted.
Vector invertible_row_sums(const Connectome& connectome, const Matrix& w, GraphMatrix kind) {
    const Vector sums = w.rowwise().sum();
    for (Eigen::Index i = 0; i < sums.size(); ++i)
        require(sums[i] > 0.0, std::string(to_string(kind)) + " divides by row sums: that of " +
                                   connectome.describe_region(i) + " is " +
                                   std::to_string(sums[i]) + ", it must be positive");
    return sums;
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

Matrix graph_matrix(const Connectome& connectome, GraphMatrix kind) {
    require(connectome.weights.rows() == connectome.weights.cols(),
            "a graph matrix needs square weights");
    const Matrix w(connectome.weights);
    const Matrix identity = Matrix::Identity(w.rows(), w.cols());
    switch (kind) {
        case GraphMatrix::weights: return w;
        case GraphMatrix::laplacian: return Matrix(w.rowwise().sum().asDiagonal()) - w;
        case GraphMatrix::laplacian_random_walk: {
            const Vector sums = invertible_row_sums(connectome, w, kind);
            return identity - sums.cwiseInverse().asDiagonal() * w;
        }
        case GraphMatrix::laplacian_symmetric: {
            const Vector r = invertible_row_sums(connectome, w, kind).cwiseSqrt().cwiseInverse();
            return identity - r.asDiagonal() * w * r.asDiagonal();
        }
    }
    return w;
}

}  // namespace cortifold
