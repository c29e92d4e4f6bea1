#include "support/graphs.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/laplacian.hpp>
#include <cortifold/network/spectral_gap.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

using namespace cortifold::test;
using Eigen::Index;

Matrix laplacian(const Matrix& weights) {
    return graph_matrix(connectome_of(weights), GraphMatrix::laplacian);
}

SpectralGap gap_of(const Matrix& weights) {
    return spectral_gap(eigenvalues(laplacian(weights)));
}

TEST(SpectralGap, OfKnownGraphsIsKnown) {
    constexpr Index n = 10;
    constexpr double pi = std::numbers::pi;
    struct Case {
        const char* name;
        Matrix weights;
        double gap, largest;
    };
    const Case cases[]{
        {"complete", complete_graph(n), n, n},
        {"star", star_graph(n - 1), 1.0, n},
        {"path", path_graph(n), 2.0 - 2.0 * std::cos(pi / n), 2.0 + 2.0 * std::cos(pi / n)},
        {"ring", ring_graph(n), 2.0 - 2.0 * std::cos(2.0 * pi / n), 4.0}};
    for (const Case& at : cases) {
        SCOPED_TRACE(at.name);
        const SpectralGap found = gap_of(at.weights);
        EXPECT_NEAR(found.gap, at.gap, 1e-13);
        EXPECT_NEAR(found.largest, at.largest, 1e-13);
        EXPECT_NEAR(*found.eigenratio, at.largest / at.gap, 1e-11);
        EXPECT_LT(found.largest_imaginary, 1e-13);
        EXPECT_NEAR(*algebraic_connectivity(laplacian(at.weights)), at.gap, 1e-13);
    }
}

TEST(SpectralGap, OfADirectedRingIsComplex) {
    constexpr Index n = 6;
    Matrix weights = Matrix::Zero(n, n);
    for (Index i = 0; i < n; ++i) weights(i, (i + 1) % n) = 1.0;  // 1 - exp(2 pi i k / n)
    const SpectralGap found = gap_of(weights);
    EXPECT_NEAR(found.gap, 0.5, 1e-14);
    EXPECT_NEAR(found.largest, 2.0, 1e-14);
    EXPECT_NEAR(found.largest_imaginary, std::sqrt(0.75), 1e-14);
    EXPECT_NEAR(*algebraic_connectivity(laplacian(weights)), 0.5, 1e-14);  // a normal matrix
}

TEST(SpectralGap, IsNoneOfAGraphInParts) {
    Matrix weights = Matrix::Zero(4, 4);
    weights(0, 1) = weights(1, 0) = weights(2, 3) = weights(3, 2) = 1.0;
    const SpectralGap found = gap_of(weights);
    EXPECT_NEAR(found.gap, 0.0, 1e-15);
    EXPECT_FALSE(found.eigenratio.has_value());
    EXPECT_FALSE(synchronizing_strengths(found, {0.0, 1.0}).has_value());
}

RC_GTEST_PROP(AlgebraicConnectivity, IsBelowEveryTransverseEigenvalue, ()) {
    const Index n = *rc::gen::inRange(2, 9);
    const Matrix weights = random_graph(n, *rc::gen::inRange(0U, 1000U));
    const double bound = *algebraic_connectivity(laplacian(weights));
    RC_ASSERT(bound <= gap_of(weights).gap + 1e-12);
    const Matrix symmetric = weights + weights.transpose();
    RC_ASSERT(std::abs(*algebraic_connectivity(laplacian(symmetric)) - gap_of(symmetric).gap) <=
              1e-12);
}

TEST(AlgebraicConnectivity, IsNegativeWhereDifferencesMayGrowFirst) {
    // x^T L x = 9 x0 (x0 - x1) + 0.1 (x1 - x2)^2 is -6.5 at (1, 2, -3).
    const Matrix weights{{0.0, 9.0, 0.0}, {0.0, 0.0, 0.1}, {0.0, 0.1, 0.0}};
    EXPECT_LT(*algebraic_connectivity(laplacian(weights)), 0.0);
    EXPECT_GT(gap_of(weights).gap, 0.0);
}

TEST(SynchronizingStrengths, KeepEveryProductWithinTheRange) {
    const SpectralGap gap = gap_of(star_graph(4));  // from 1 to 5
    const auto strengths = synchronizing_strengths(gap, {2.0, 20.0});
    ASSERT_TRUE(strengths.has_value());
    EXPECT_NEAR(strengths->first, 2.0, 1e-13);
    EXPECT_NEAR(strengths->second, 4.0, 1e-13);
    EXPECT_FALSE(synchronizing_strengths(gap, {2.0, 9.9}).has_value()) << "a ratio below 5";
}

TEST(SpectralGap, RefusesWhatHasNone) {
    EXPECT_THROW((void)spectral_gap(ComplexVector::Zero(1)), UsageError);
    EXPECT_THROW((void)algebraic_connectivity(Matrix::Ones(3, 3)), UsageError);
    EXPECT_THROW((void)algebraic_connectivity(Matrix::Zero(2, 3)), UsageError);
    EXPECT_THROW((void)synchronizing_strengths({1.0, 2.0, 0.0, 2.0}, {3.0, 2.0}), UsageError);
}

}  // namespace
}  // namespace cortifold
