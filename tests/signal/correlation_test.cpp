#include "noise.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/correlation.hpp>

#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;

TEST(CorrelationMatrix, OfMixedNoiseIsThatOfTheMixing) {
    const Eigen::Index samples = 40'000;
    Matrix sources(samples, 3), mixing(3, 3);
    for (Eigen::Index k = 0; k < 3; ++k)
        sources.col(k) = white_noise(samples, static_cast<std::uint64_t>(k));
    mixing << 1.0, 0.0, 0.0, 0.6, 0.8, 0.0, -0.5, 0.5, 2.0;
    const Matrix found = correlation_matrix(sources * mixing.transpose());
    const Matrix covariance = mixing * mixing.transpose();
    const Vector scale = covariance.diagonal().cwiseSqrt().cwiseInverse();
    const Matrix expected = scale.asDiagonal() * covariance * scale.asDiagonal();
    EXPECT_LT((found - expected).cwiseAbs().maxCoeff(), 4.0 / std::sqrt(40'000.0));
    EXPECT_EQ(found, found.transpose());
    EXPECT_EQ(found.diagonal(), Vector::Ones(3));
}

TEST(CorrelationMatrix, OfSinusoidsIsTheCosineOfTheirDifferenceInPhase) {
    Matrix x(1000, 2);
    x << sinusoid(1000, 0.01, 3.0), 5.0 + 2.0 * sinusoid(1000, 0.01, 3.0, 0.8).array();
    EXPECT_NEAR(correlation_matrix(x)(0, 1), std::cos(0.8), 1e-12);
}

TEST(CorrelationMatrix, RefusesAConstantSignal) {
    Matrix x(100, 2);
    x << white_noise(100, 1), Vector::Constant(100, 3.0);
    EXPECT_THROW((void)correlation_matrix(x), UsageError);
}

TEST(RankCorrelation, IsOneForAnyIncreasingRelationAndSharesRanksAmongTies) {
    const Vector x = white_noise(50, 2), y = x.array().cube().exp();
    EXPECT_NEAR(spearman(x, y).value(), 1.0, 1e-15);
    EXPECT_NEAR(spearman(x, -y).value(), -1.0, 1e-15);
    const Vector ties = Eigen::Vector4d(1.0, 2.0, 2.0, 3.0), line = Eigen::Vector4d(1, 2, 3, 4);
    EXPECT_NEAR(spearman(ties, line).value(), 4.5 / std::sqrt(4.5 * 5.0), 1e-15);
}

TEST(RankCorrelation, OfAConstantListIsNone) {
    EXPECT_FALSE(pearson(white_noise(10, 3), Vector::Ones(10)));
    EXPECT_FALSE(spearman(Vector::Ones(10), white_noise(10, 3)));
    EXPECT_THROW((void)pearson(Vector::Ones(3), Vector::Ones(4)), UsageError);
}

TEST(PairValues, AreMeansOfBothDirections) {
    Matrix w(3, 3);
    w << 9, 1, 2, 3, 9, 4, 5, 6, 9;
    EXPECT_EQ(pair_values(w), Vector(Eigen::Vector3d(2.0, 3.5, 5.0)));
}

}  // namespace
}  // namespace cortifold
