#include "kernel.hpp"

#include <Eigen/QR>

#include <cmath>

namespace cortifold {

namespace {

constexpr int rounds = 4;  ///< of inverse iteration

/// Nothing special about any direction, and no column like another.
Matrix arbitrary(Eigen::Index rows, Eigen::Index columns, double phase) {
    return Matrix::NullaryExpr(rows, columns, [phase](Eigen::Index i, Eigen::Index j) {
        const auto row = static_cast<double>(i), column = static_cast<double>(j);
        return std::cos(phase + (row + column) * (row + 1.0) * (column + 1.0));
    });
}

}  // namespace

KernelSolver::KernelSolver(const LinearizedPoint& at, const Matrix& B, const Matrix& C)
    : n_(at.x.size()),
      k_(B.cols()),
      solver_(factorize_bordered<double>(at, 0.0, {B, C, Matrix::Zero(k_, k_)})) {}

NullSpace KernelSolver::null_space() const {
    Matrix right = Matrix::Zero(n_ + k_, k_);
    right.bottomRows(k_).setIdentity();
    Matrix left = right;
    solver_->solve(right);
    solver_->solve_adjoint(left);
    return {right.bottomRows(k_), right.topRows(n_), left.topRows(n_)};
}

Vector KernelSolver::solve(ConstVectorRef r) const {
    Matrix x = Matrix::Zero(n_ + k_, 1);
    x.topRows(n_) = r;
    solver_->solve(x);
    return x.topRows(n_);
}

KernelBorders find_kernel_borders(const LinearizedPoint& at, Eigen::Index dimension) {
    KernelBorders borders{orthonormal(arbitrary(at.x.size(), dimension, 0.5)),
                          orthonormal(arbitrary(at.x.size(), dimension, 1.5))};
    for (int round = 0; round < rounds; ++round) {
        const NullSpace found = KernelSolver(at, borders.B, borders.C).null_space();
        if (!found.V.allFinite() || !found.W.allFinite()) break;
        borders = {orthonormal(found.W), orthonormal(found.V)};
    }
    return matched(borders.C, borders.B);
}

KernelBorders matched(const Matrix& V, const Matrix& W) {
    const Matrix left = orthonormal(W), right = orthonormal(V), overlap = left.transpose() * right;
    const double size = overlap.norm();  // zero where a single vector belongs to a Jordan block
    if (size == 0.0) return {left, right};
    return {left, right * overlap.transpose() / size};
}

Matrix orthonormal(const Matrix& columns) {
    return Eigen::HouseholderQR<Matrix>(columns).householderQ() *
           Matrix::Identity(columns.rows(), columns.cols());
}

}  // namespace cortifold
