#pragma once

#include <cortifold/network/connectome.hpp>

#include <random>

/// Weights of graphs whose spectra are known, and of random ones.
namespace cortifold::test {

inline Connectome connectome_of(const Matrix& weights) {
    Connectome connectome;
    connectome.weights = weights.sparseView();
    return connectome;
}

inline Matrix complete_graph(Eigen::Index n) {
    return Matrix::Ones(n, n) - Matrix::Identity(n, n);
}

inline Matrix path_graph(Eigen::Index n) {
    Matrix weights = Matrix::Zero(n, n);
    weights.diagonal(1).setOnes();
    weights.diagonal(-1).setOnes();
    return weights;
}

inline Matrix ring_graph(Eigen::Index n) {
    Matrix weights = path_graph(n);
    weights(0, n - 1) = weights(n - 1, 0) = 1.0;
    return weights;
}

/// The centre is region 0.
inline Matrix star_graph(Eigen::Index leaves) {
    Matrix weights = Matrix::Zero(leaves + 1, leaves + 1);
    weights.row(0).tail(leaves).setOnes();
    weights.col(0).tail(leaves).setOnes();
    return weights;
}

/// Both ways between all regions, not alike.
inline Matrix random_graph(Eigen::Index n, unsigned seed) {
    std::mt19937_64 bits(seed);
    std::uniform_real_distribution<double> uniform(0.1, 1.0);
    Matrix weights = Matrix::NullaryExpr(n, n, [&] { return uniform(bits); });
    weights.diagonal().setZero();
    return weights;
}

/// The same with rows of sum 1.
inline Matrix random_walk_graph(Eigen::Index n, unsigned seed) {
    const Matrix weights = random_graph(n, seed);
    return weights.rowwise().sum().cwiseInverse().asDiagonal() * weights;
}

}  // namespace cortifold::test
