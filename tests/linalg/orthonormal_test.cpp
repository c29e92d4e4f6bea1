#include <cortifold/core/error.hpp>
#include <cortifold/linalg/orthonormal.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace cortifold {
namespace {

/// Some numbers without structure.
Matrix sample(Eigen::Index rows, Eigen::Index columns) {
    return Matrix::NullaryExpr(rows, columns, [](Eigen::Index i, Eigen::Index j) {
        return std::sin(1.0 + static_cast<double>(7 * i + 13 * j * j + i * i * j));
    });
}

TEST(Orthonormalize, SplitsAMatrixIntoOrthonormalColumnsAndATriangleWithPositiveDiagonal) {
    for (const auto& [rows, columns] : {std::pair{3, 3}, {7, 1}, {120, 90}}) {
        const Matrix a = sample(rows, columns);
        Matrix q = a;
        const Vector diagonal = orthonormalize(q);
        EXPECT_LT((q.transpose() * q - Matrix::Identity(columns, columns)).norm(), 1e-13);
        const Matrix r = q.transpose() * a;
        EXPECT_LT((a - q * r).norm(), 1e-13 * a.norm());
        EXPECT_LT(Matrix(r.triangularView<Eigen::StrictlyLower>()).norm(), 1e-13 * a.norm());
        EXPECT_LT((r.diagonal() - diagonal).norm(), 1e-13 * a.norm());
        EXPECT_GT(diagonal.minCoeff(), 0.0);
    }
}

TEST(Orthonormalize, KeepsRelativeAccuracyOfColumnsOfAnySize) {
    Matrix a = sample(6, 4), q = a;
    const Vector unscaled = orthonormalize(q);
    const Vector sizes{{1e120, 1.0, 1e-120, 1e-30}};
    a = a * sizes.asDiagonal();
    const Vector scaled = orthonormalize(a);
    EXPECT_LT((scaled.cwiseQuotient(unscaled.cwiseProduct(sizes)).array() - 1.0).abs().maxCoeff(),
              1e-12);
}

TEST(Orthonormalize, OfDependentColumnsHasAZeroAndRefusesMoreColumnsThanRows) {
    Matrix equal = Matrix::Ones(4, 2);
    EXPECT_NEAR(orthonormalize(equal)[1], 0.0, 1e-15);
    EXPECT_LT((equal.transpose() * equal - Matrix::Identity(2, 2)).norm(), 1e-14);
    Matrix wide = Matrix::Ones(2, 3);
    EXPECT_THROW((void)orthonormalize(wide), UsageError);
}

}  // namespace
}  // namespace cortifold
