#include "support/graphs.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/diffusion.hpp>
#include <cortifold/network/laplacian.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace cortifold {
namespace {

using namespace cortifold::test;
using Eigen::Index;

SparseMatrix laplacian(const Matrix& weights, GraphMatrix kind = GraphMatrix::laplacian) {
    return graph_matrix(connectome_of(weights), kind);
}

TEST(HeatKernel, OfACompleteGraphIsKnown) {
    // L = n - ones: exp(-t L) = e^(-n t) + (1 - e^(-n t)) ones / n
    constexpr Index n = 8;
    const Matrix weights = complete_graph(n);
    for (const double t : {0.0, 1e-3, 0.2, 3.0, 100.0}) {
        const Matrix kernel = heat_kernel(laplacian(weights), t);
        const double decay = std::exp(-n * t), rest = -std::expm1(-n * t) / n;
        for (Index i = 0; i < n; ++i)
            for (Index j = 0; j < n; ++j) {
                const double exact = rest + (i == j ? decay : 0.0);
                EXPECT_NEAR(kernel(i, j), exact, 1e-12 * exact) << t;
            }
    }
}

TEST(HeatKernel, OfTwoRegionsHeardOneWayIsExponential) {
    // 0 hears 1, which hears nobody: K = [[e^-t, 1 - e^-t], [0, 1]]
    const Matrix kernel = heat_kernel(laplacian(Matrix{{0.0, 1.0}, {0.0, 0.0}}), 2.0);
    EXPECT_NEAR(kernel(0, 0), std::exp(-2.0), 1e-15);
    EXPECT_NEAR(kernel(0, 1), 1.0 - std::exp(-2.0), 1e-15);
    EXPECT_EQ(kernel(1, 0), 0.0);
    EXPECT_NEAR(kernel(1, 1), 1.0, 1e-15);
}

TEST(HeatKernel, HasSmallEntriesToRelativeAccuracy) {
    // From end to end of a path of n regions within t: t^(n - 1) / (n - 1)! (1 + O(t)), where the
    // eigenvectors would leave rounding alone.
    constexpr Index n = 9;
    constexpr double t = 1e-4;
    const Matrix kernel = heat_kernel(laplacian(path_graph(n)), t);
    const double leading = std::pow(t, n - 1) / std::tgamma(n);
    EXPECT_LT(leading, 1e-36);
    EXPECT_NEAR(kernel(0, n - 1) / leading, 1.0, 2.0 * t);
}

TEST(HeatKernel, IsTheOneThatTheSpectrumMakes) {
    const Matrix weights = random_graph(12, 4), symmetric = weights + weights.transpose();
    const SparseMatrix L = laplacian(symmetric);
    const DenseSpectrum modes = symmetric_spectrum(Matrix(L));
    const Matrix V = modes.vectors.real();
    for (const double t : {0.01, 0.3, 20.0}) {
        const Vector decays = (-t * modes.values.real().array()).exp();
        EXPECT_LT((heat_kernel(L, t) - V * decays.asDiagonal() * V.transpose()).norm(), 1e-12);
    }
}

RC_GTEST_PROP(HeatKernel, IsASemigroupOfStochasticMatrices, ()) {
    const auto seed = *rc::gen::inRange(0U, 1000U);
    const Index n = *rc::gen::inRange(2, 12);
    const double s = *rc::gen::inRange(0, 400) / 100.0, t = *rc::gen::inRange(0, 400) / 100.0;
    const SparseMatrix L = laplacian(random_graph(n, seed), GraphMatrix::laplacian_random_walk);
    const Matrix of_s = heat_kernel(L, s), of_t = heat_kernel(L, t), both = heat_kernel(L, s + t);
    RC_ASSERT((of_s * of_t - both).cwiseAbs().maxCoeff() <= 1e-13);
    RC_ASSERT((both.rowwise().sum().array() - 1.0).abs().maxCoeff() <= 1e-13);
    RC_ASSERT(both.minCoeff() >= 0.0);
}

RC_GTEST_PROP(HeatKernel, OfSymmetricWeightsIsSymmetricAndPositive, ()) {
    const Matrix weights = random_graph(7, *rc::gen::inRange(0U, 1000U));
    const Matrix kernel = heat_kernel(laplacian(weights + weights.transpose()), 0.7);
    RC_ASSERT((kernel - kernel.transpose()).cwiseAbs().maxCoeff() <= 1e-14);
    RC_ASSERT(symmetric_spectrum(kernel).values.real().minCoeff() > 0.0);
}

TEST(StationaryDensity, OfARandomWalkOnSymmetricWeightsIsProportionalToRowSums) {
    const Matrix weights = random_graph(9, 1), symmetric = weights + weights.transpose();
    const Vector sums = symmetric.rowwise().sum();
    const auto walk = stationary_density(laplacian(symmetric, GraphMatrix::laplacian_random_walk));
    EXPECT_LT((*walk - sums / sums.sum()).cwiseAbs().maxCoeff(), 1e-15);
    const auto uniform = stationary_density(laplacian(symmetric));
    EXPECT_LT((uniform->array() - 1.0 / 9.0).abs().maxCoeff(), 1e-15);
}

RC_GTEST_PROP(StationaryDensity, IsWhereEveryWalkEnds, ()) {
    const Index n = *rc::gen::inRange(2, 9);
    const SparseMatrix L = laplacian(random_graph(n, *rc::gen::inRange(0U, 1000U)));
    const auto density = stationary_density(L);
    RC_ASSERT(density.has_value());
    for (const double t : {1e3, 1e12, 1e300}) {  // rounding does not grow with the time
        const Matrix late = heat_kernel(L, t);
        RC_ASSERT((late.rowwise() - density->transpose()).cwiseAbs().maxCoeff() <= 1e-12);
    }
}

TEST(StationaryDensity, IsNotThereWhereSomeRegionIsNotReached) {
    const Matrix parts = Matrix::Identity(2, 2).replicate(2, 2);  // 0 with 2, 1 with 3
    EXPECT_FALSE(stationary_density(laplacian(parts - Matrix::Identity(4, 4))));
    EXPECT_FALSE(stationary_density(laplacian(Matrix{{0.0, 1.0}, {0.0, 0.0}})));
    EXPECT_FALSE(stationary_density(laplacian(Matrix{{0.0, 0.0}, {1.0, 0.0}})));
}

TEST(DiffusionDistance, IsThatOfTheDiffusionMap) {
    // Coifman & Lafon 2006: of a reversible walk sum_k e^(-2 t lambda_k) (psi_k(i) - psi_k(j))^2
    // over right eigenvectors of norm 1 under pi; with phi those of the symmetric form.
    const Matrix weights = random_graph(8, 2), symmetric = weights + weights.transpose();
    const SparseMatrix L = laplacian(symmetric, GraphMatrix::laplacian_random_walk);
    const Vector pi = *stationary_density(L), root = pi.cwiseSqrt();
    const DenseSpectrum modes =
        symmetric_spectrum(Matrix(laplacian(symmetric, GraphMatrix::laplacian_symmetric)));
    constexpr double t = 0.4;
    const Matrix map = root.cwiseInverse().asDiagonal() * modes.vectors.real() *
                       (-t * modes.values.real().array()).exp().matrix().asDiagonal();
    const Matrix distance = diffusion_distance(heat_kernel(L, t), pi);
    for (Index i = 0; i < 8; ++i)
        for (Index j = 0; j < 8; ++j)
            EXPECT_NEAR(distance(i, j), (map.row(i) - map.row(j)).norm(), 1e-14);
}

TEST(DiffusionDistance, OfACompleteGraphIsTheSameForAllPairs) {
    // K_i - K_j = e^(-n t) (e_i - e_j), over a density of 1 / n
    constexpr Index n = 5;
    const SparseMatrix L = laplacian(complete_graph(n));
    const Matrix distance = diffusion_distance(heat_kernel(L, 0.1), *stationary_density(L));
    EXPECT_EQ(distance(2, 2), 0.0);
    EXPECT_NEAR(distance(1, 3), std::sqrt(2.0 * n) * std::exp(-0.1 * n), 1e-14);
}

TEST(Diffusion, RefusesWhatIsNoWalk) {
    EXPECT_THROW((void)heat_kernel(laplacian(Matrix{{0.0, -1.0}, {1.0, 0.0}}), 1.0), UsageError);
    EXPECT_THROW((void)heat_kernel(connectome_of(Matrix::Ones(2, 2)).weights, 1.0), UsageError);
    EXPECT_THROW((void)heat_kernel(SparseMatrix(2, 3), 1.0), UsageError);
    EXPECT_THROW((void)heat_kernel(laplacian(path_graph(3)), -1.0), UsageError);
    EXPECT_THROW((void)heat_kernel(laplacian(path_graph(3)), std::nan("")), UsageError);
    EXPECT_THROW((void)stationary_density(connectome_of(Matrix::Ones(2, 2)).weights), UsageError);
    EXPECT_THROW((void)diffusion_distance(Matrix::Ones(2, 2), Vector::Ones(3)), UsageError);
    EXPECT_THROW((void)diffusion_distance(Matrix::Ones(2, 2), Vector::Zero(2)), UsageError);
}

}  // namespace
}  // namespace cortifold
