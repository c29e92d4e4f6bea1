#include <cortifold/core/error.hpp>
#include <cortifold/network/diffusion.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace cortifold {

namespace {

using Eigen::Index;

/// The rates of the walk, -L beside the diagonal; the diagonal is 0.
Matrix jump_rates(const SparseMatrix& laplacian) {
    constexpr double rounding = 1e-10;  // of the diagonal: row sums
    require(laplacian.rows() == laplacian.cols(), "a Laplacian is square, not " +
                                                      std::to_string(laplacian.rows()) + " x " +
                                                      std::to_string(laplacian.cols()));
    Matrix rates = -Matrix(laplacian);
    const Vector diagonal = -rates.diagonal();
    rates.diagonal().setZero();
    for (Index i = 0; i < rates.rows(); ++i) {
        require(
            rates.row(i).allFinite() && rates.row(i).minCoeff() >= 0.0,
            "diffusion needs weights that are not negative: row " + std::to_string(i) + " has one");
        require(std::abs(rates.row(i).sum() - diagonal[i]) <= rounding * std::abs(diagonal[i]),
                "row " + std::to_string(i) + " of a Laplacian must sum to 0");
    }
    return rates;
}

}  // namespace

Matrix heat_kernel(const SparseMatrix& laplacian, double t) {
    require(std::isfinite(t) && t >= 0.0, "t = " + std::to_string(t) + " must not be negative");
    Matrix N = jump_rates(laplacian);
    const Vector leaving = N.rowwise().sum();
    const double rate = leaving.maxCoeff();
    require(std::isfinite(t * rate), "t = " + std::to_string(t) + " is too long for these rates");
    const int squarings = t * rate > 1.0 ? std::ilogb(t * rate) + 1 : 0;
    const double step = std::ldexp(t, -squarings);
    N.diagonal() = rate - leaving.array();
    N *= step;                 // row sums are at most 1
    constexpr int terms = 19;  // 1 / 19! is below rounding
    const Matrix one = Matrix::Identity(N.rows(), N.cols());
    Matrix K = one;
    for (int k = terms; k > 0; --k) K = one + (N * K / k).eval();
    K *= std::exp(-step * rate);
    for (int k = 0; k < squarings; ++k) {
        K = (K * K).eval();
        K.array().colwise() /= K.rowwise().sum().array();  // 1 but for rounding, which doubles
    }
    return K;
}

std::optional<Vector> stationary_density(const SparseMatrix& laplacian) {
    Matrix q = jump_rates(laplacian);
    for (Index k = q.rows() - 1; k > 0; --k) {
        const double out = q.row(k).head(k).sum();
        if (out == 0.0) return std::nullopt;
        q.col(k).head(k) /= out;
        q.topLeftCorner(k, k) += (q.col(k).head(k) * q.row(k).head(k)).eval();
    }
    Vector density = Vector::Ones(q.rows());
    for (Index k = 1; k < q.rows(); ++k) density[k] = density.head(k).dot(q.col(k).head(k));
    if (density.minCoeff() <= 0.0) return std::nullopt;
    return density / density.sum();
}

Matrix diffusion_distance(ConstMatrixRef kernel, ConstVectorRef stationary) {
    require(kernel.rows() == kernel.cols() && kernel.rows() == stationary.size() &&
                stationary.minCoeff() > 0.0,
            "a diffusion distance needs a square kernel and a positive density of its size");
    const Matrix walks = stationary.cwiseSqrt().cwiseInverse().asDiagonal() * kernel.transpose();
    Matrix distance = Matrix::Zero(kernel.rows(), kernel.cols());
    for (Index j = 0; j < distance.cols(); ++j)
        for (Index i = j + 1; i < distance.rows(); ++i)
            distance(i, j) = distance(j, i) = (walks.col(i) - walks.col(j)).norm();
    return distance;
}

}  // namespace cortifold
