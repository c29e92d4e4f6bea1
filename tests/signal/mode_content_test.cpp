#include "noise.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/mode_content.hpp>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;

/// Right eigenvectors of a matrix that is not symmetric, with rows that sum to one.
ComplexMatrix modes_of_directed_weights() {
    Matrix W = Matrix::Constant(5, 5, 0.1) + Matrix::Random(5, 5).cwiseAbs();
    for (Eigen::Index k = 0; k < 5; ++k) W.row(k) /= W.row(k).sum();
    return Eigen::EigenSolver<Matrix>(W).eigenvectors();
}

TEST(ModeContent, OfAnEigenvectorIsInItsModeAlone) {
    const ComplexMatrix modes = modes_of_directed_weights();
    for (Eigen::Index k = 0; k < 5; ++k) {
        if (modes.col(k).imag().norm() > 1e-12) continue;  // no pattern by itself
        const Vector v = modes.col(k).real().normalized();
        const Vector course = 2.0 + 3.0 * sinusoid(1000, 0.01, 4.0).array();
        const ModeContent found = mode_content(course * v.transpose(), modes);
        ASSERT_EQ(found.status, Status::converged);
        EXPECT_NEAR(found.mean_square[k], 4.0 + 4.5, 1e-11);
        EXPECT_NEAR(found.variance[k], 4.5, 1e-11);
        EXPECT_NEAR(found.mean_square.sum(), 8.5, 1e-11);
    }
}

TEST(ModeContent, OfAHomogeneousStateIsInTheUniformModeAlone) {
    const ComplexMatrix modes = modes_of_directed_weights();
    const ModeContent found =
        mode_content(Matrix(sinusoid(1000, 0.01, 4.0) * Vector::Ones(5).transpose()), modes);
    EXPECT_NEAR(found.mean_square.maxCoeff(), 2.5, 1e-12);
    EXPECT_NEAR(found.mean_square.sum(), 2.5, 1e-12);
}

TEST(ModeContent, InOrthogonalModesAddsUpToTheSquareOfThePattern) {
    Matrix symmetric = Matrix::Random(6, 6);
    symmetric += symmetric.transpose().eval();
    const Matrix modes = Eigen::SelfAdjointEigenSolver<Matrix>(symmetric).eigenvectors();
    const Matrix x = Matrix::Random(50, 6);
    const ModeContent found = mode_content(x, modes.cast<std::complex<double>>());
    EXPECT_NEAR(found.mean_square.sum(), x.squaredNorm() / 50.0, 1e-12);
    EXPECT_LT((found.condition.array() - 1.0).abs().maxCoeff(), 1e-12);
}

TEST(ModeContent, OfModesAtAnAngleHasItsInverseSineAsCondition) {
    const double angle = 1e-4;
    ComplexMatrix modes(2, 2);
    modes << 1.0, std::cos(angle), 0.0, std::sin(angle);
    const ModeContent found = mode_content(Matrix::Ones(3, 2), modes);
    EXPECT_NEAR(found.condition[0] * std::sin(angle), 1.0, 1e-10);
    EXPECT_NEAR(found.condition[1] * std::sin(angle), 1.0, 1e-10);
}

TEST(ModeContent, CannotBeToldInModesThatAreNoBasis) {
    ComplexMatrix modes(2, 2);
    modes << 1.0, 1.0, 0.0, 1e-9;
    EXPECT_EQ(mode_content(Matrix::Ones(3, 2), modes).status, Status::singular_jacobian);
    modes(1, 1) = 0.0;
    EXPECT_EQ(mode_content(Matrix::Ones(3, 2), modes).status, Status::singular_jacobian);
    EXPECT_THROW((void)mode_content(Matrix::Ones(3, 3), modes), UsageError);
}

}  // namespace
}  // namespace cortifold
