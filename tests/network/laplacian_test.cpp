#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/laplacian.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace cortifold {
namespace {

using Eigen::Index;

Connectome from(const Matrix& weights) {
    Connectome connectome;
    connectome.weights = weights.sparseView();
    return connectome;
}

Connectome random_symmetric(Index n) {
    std::mt19937_64 bits(11);
    std::uniform_real_distribution<double> uniform(0.1, 1.0);
    Matrix w = Matrix::NullaryExpr(n, n, [&] { return uniform(bits); });
    w.diagonal().setZero();
    return symmetrized(from(w));
}

Matrix dense(const Connectome& connectome, GraphMatrix kind) {
    return graph_matrix(connectome, kind);
}

ComplexVector spectrum(const Connectome& connectome, GraphMatrix kind) {
    return eigenvalues(dense(connectome, kind));
}

TEST(GraphMatrix, OfWeightsIsTheWeights) {
    const Connectome connectome = random_symmetric(7);
    EXPECT_EQ(dense(connectome, GraphMatrix::weights), Matrix(connectome.weights));
}

TEST(Laplacian, TakesTheUniformStateToZero) {
    const Connectome connectome = random_symmetric(30);
    const Vector uniform = Vector::Ones(30);
    for (const auto kind : {GraphMatrix::laplacian, GraphMatrix::laplacian_random_walk})
        EXPECT_LT((dense(connectome, kind) * uniform).cwiseAbs().maxCoeff(), 1e-14)
            << to_string(kind);
    const Vector strength = Matrix(connectome.weights).rowwise().sum();
    const Matrix symmetric = dense(connectome, GraphMatrix::laplacian_symmetric);
    EXPECT_LT((symmetric * strength.cwiseSqrt()).cwiseAbs().maxCoeff(), 1e-14);
}

TEST(Laplacian, OfARingHasEigenvaluesTwoMinusTwoCosines) {
    constexpr Index n = 24;
    Matrix w = Matrix::Zero(n, n);
    for (Index i = 0; i < n; ++i) w(i, (i + 1) % n) = w((i + 1) % n, i) = 1.0;
    const ComplexVector values = spectrum(from(w), GraphMatrix::laplacian);
    for (Index k = 0; k < n; ++k) {  // decreasing: pairs from the fastest mode to the uniform one
        const double angle = std::numbers::pi * static_cast<double>(n - 2 * ((k + 1) / 2)) / n;
        EXPECT_NEAR(values[k].real(), 2.0 - 2.0 * std::cos(angle), 1e-13) << "mode " << k;
    }
}

TEST(Laplacian, OfACompleteGraphHasOneEigenvalueRepeated) {
    constexpr Index n = 10;
    const Connectome complete = from(Matrix::Ones(n, n) - Matrix::Identity(n, n));
    const ComplexVector combinatorial = spectrum(complete, GraphMatrix::laplacian);
    const ComplexVector random_walk = spectrum(complete, GraphMatrix::laplacian_random_walk);
    for (Index k = 0; k < n - 1; ++k) {
        EXPECT_NEAR(std::abs(combinatorial[k] - 10.0), 0.0, 1e-13);
        EXPECT_NEAR(std::abs(random_walk[k] - 10.0 / 9.0), 0.0, 1e-13);
    }
    EXPECT_NEAR(std::abs(combinatorial[n - 1]), 0.0, 1e-13);
}

TEST(Laplacian, OfARandomWalkIsOneMinusTheRowNormalizedWeights) {
    const Connectome connectome = random_symmetric(25);
    const Matrix rows(normalized(connectome, Normalization::rows).weights);
    EXPECT_LT(
        (dense(connectome, GraphMatrix::laplacian_random_walk) - (Matrix::Identity(25, 25) - rows))
            .norm(),
        1e-15);
}

TEST(Laplacian, HasOneSpectrumInBothNormalizedForms) {
    const Connectome connectome = random_symmetric(25);
    EXPECT_LT((spectrum(connectome, GraphMatrix::laplacian_random_walk) -
               spectrum(connectome, GraphMatrix::laplacian_symmetric))
                  .norm(),
              1e-13);
}

TEST(Laplacian, OfADirectedGraphSumsRowsNotColumns) {
    const Matrix l = dense(from(Matrix{{0, 3}, {1, 0}}), GraphMatrix::laplacian);
    EXPECT_EQ(l, (Matrix{{3, -3}, {-1, 1}}));
}

TEST(Laplacian, OfSymmetricWeightsIsSymmetricToTheLastBit) {
    const Connectome connectome = random_symmetric(40);
    for (const auto kind : {GraphMatrix::laplacian, GraphMatrix::laplacian_symmetric}) {
        const Matrix l = dense(connectome, kind);
        EXPECT_EQ(l, l.transpose()) << to_string(kind);
    }
}

TEST(Laplacian, HasAnEntryForEachWeightAndEachRegion) {
    const Connectome connectome = from(Matrix{{0, 1, 0}, {2, 0, 3}, {0, 4, 0}});
    for (const auto kind : {GraphMatrix::laplacian, GraphMatrix::laplacian_random_walk,
                            GraphMatrix::laplacian_symmetric})
        EXPECT_EQ(graph_matrix(connectome, kind).nonZeros(), 4 + 3) << to_string(kind);
}

TEST(Laplacian, RefusesToDivideByARowSumThatIsNotPositive) {
    const Connectome connectome = from(Matrix{{0, 1}, {0, 0}});
    EXPECT_NO_THROW((void)graph_matrix(connectome, GraphMatrix::laplacian));
    for (const auto kind : {GraphMatrix::laplacian_random_walk, GraphMatrix::laplacian_symmetric})
        try {
            (void)graph_matrix(connectome, kind);
            ADD_FAILURE() << to_string(kind);
        } catch (const UsageError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr("region 1"));
        }
}

}  // namespace
}  // namespace cortifold
