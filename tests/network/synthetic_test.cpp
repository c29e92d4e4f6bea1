#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/network/connectome.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace cortifold {
namespace {

using Eigen::Index;

DenseSpectrum row_normalized_spectrum(const Connectome& connectome) {
    return general_spectrum(Matrix(normalized(connectome, Normalization::rows).weights));
}

class SyntheticConnectome : public testing::TestWithParam<int> {
protected:
    const Connectome connectome_ = generate_connectome({.regions = GetParam()});
    const Index half_ = GetParam() / 2;
};

TEST_P(SyntheticConnectome, IsSoundSymmetricAndConnected) {
    const ConnectomeReport report = validate_connectome(connectome_);
    EXPECT_TRUE(report.findings.empty()) << report.findings[0].message;
    EXPECT_EQ(report.asymmetry, 0.0);
    EXPECT_EQ(report.components, 1);
    EXPECT_NEAR(report.density, SyntheticOptions{}.density, 1e-3);
}

TEST_P(SyntheticConnectome, HasALeftHemisphereThatMirrorsTheRight) {
    const auto& regions = connectome_.regions;
    for (Index k = 0; k < half_; ++k) {
        const Region& left = regions[static_cast<std::size_t>(k)];
        const Region& right = regions[static_cast<std::size_t>(k + half_)];
        EXPECT_EQ(left.hemisphere, Hemisphere::left);
        EXPECT_EQ(right.hemisphere, Hemisphere::right);
        EXPECT_EQ(left.label.substr(1), right.label.substr(1));
        EXPECT_GT(right.position_mm.x(), 0.0);
        EXPECT_EQ(left.position_mm.x(), -right.position_mm.x());
        EXPECT_EQ(left.position_mm.tail(2), right.position_mm.tail(2));
    }
}

TEST_P(SyntheticConnectome, HasTheDistancesOfItsPositionsAsLengths) {
    for (const Index i : {Index{0}, half_ - 1, half_, 2 * half_ - 1})
        for (Index j = 0; j < 2 * half_; ++j) {
            const auto at = [&](Index k) {
                return connectome_.regions[static_cast<std::size_t>(k)].position_mm;
            };
            EXPECT_NEAR(connectome_.lengths_mm(i, j), (at(i) - at(j)).norm(), 0.05 + 1e-9);
        }
}

TEST_P(SyntheticConnectome, HasASecondModeThatSeparatesTheHemispheres) {
    const DenseSpectrum s = row_normalized_spectrum(connectome_);
    const Vector mode = s.vectors.col(1).real();
    EXPECT_LT(mode.head(half_).mean() * mode.tail(half_).mean(), 0.0);
    EXPECT_GT(std::abs(mode.head(half_).mean()), 0.9 * mode.head(half_).cwiseAbs().mean());
    EXPECT_NEAR(s.values[0].real(), 1.0, 1e-13);
    EXPECT_LT(s.values[1].real(), 1.0);
}

INSTANTIATE_TEST_SUITE_P(Regions, SyntheticConnectome, testing::Values(90, 200));

TEST(GenerateConnectome, HasTheSpectrumOfAMeasuredConnectomeInOutline) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const DenseSpectrum s = row_normalized_spectrum(generate_connectome({.seed = seed}));
        const Vector values = s.values.real();
        EXPECT_LT(s.values.imag().norm(), 1e-12);
        EXPECT_GT(values[1], 0.5);
        EXPECT_LT(values[1], 0.85);
        EXPECT_LT(values.minCoeff(), -0.2);
        EXPECT_GT(values.minCoeff(), -0.35);
        EXPECT_GT((values.array() < 0.0).count(), 45);
        EXPECT_GT((values.array().abs() < 0.2).count(), 60);
    }
}

TEST(GenerateConnectome, DependsOnTheSeedAndOnNothingElse) {
    const Matrix first(generate_connectome({.seed = 3}).weights);
    EXPECT_EQ(Matrix(generate_connectome({.seed = 3}).weights), first);
    EXPECT_NE(Matrix(generate_connectome({.seed = 4}).weights), first);
}

TEST(GenerateConnectome, HasWeightsThatDecayByEWithinTheDecayLength) {
    const SyntheticOptions options{.decay_length_mm = 40.0, .spread = 0.0, .density = 1.0};
    const Connectome connectome = generate_connectome(options);
    for (Index j = 1; j < 45; ++j)
        EXPECT_NEAR(std::log(connectome.weights.coeff(0, j)),
                    -connectome.lengths_mm(0, j) / options.decay_length_mm, 1e-5);
    EXPECT_DOUBLE_EQ(connectome.weights.coeff(7, 52), options.homotopic_weight);
    EXPECT_NEAR(connectome.weights.coeff(7, 53) /
                    (options.callosal_fraction *
                     std::exp(-connectome.lengths_mm(7, 53) / options.decay_length_mm)),
                1.0, 1e-5);
}

TEST(GenerateConnectome, KeepsTheStrongestPairs) {
    const Matrix all(generate_connectome({.density = 1.0}).weights);
    const Matrix kept(generate_connectome({.density = 0.3}).weights);
    const double weakest_kept = (kept.array() > 0.0).select(kept, 1e9).minCoeff();
    EXPECT_TRUE((all.array() <= weakest_kept || kept.array() == all.array()).all());
}

TEST(GenerateConnectome, CoversAThousandRegions) {
    const Connectome connectome = generate_connectome({.regions = 1000});
    EXPECT_EQ(connectome.size(), 1000);
    EXPECT_EQ(connectome.regions[0].label, "L001");
    EXPECT_EQ(connectome.regions[999].label, "R500");
    EXPECT_EQ(validate_connectome(connectome).components, 1);
}

TEST(GenerateConnectome, RefusesOptionsThatCannotBeMeant) {
    EXPECT_THROW((void)generate_connectome({.regions = 91}), UsageError);
    EXPECT_THROW((void)generate_connectome({.regions = 0}), UsageError);
    EXPECT_THROW((void)generate_connectome({.decay_length_mm = 0.0}), UsageError);
    EXPECT_THROW((void)generate_connectome({.spread = std::nan("")}), UsageError);
    EXPECT_THROW((void)generate_connectome({.density = 1.5}), UsageError);
}

}  // namespace
}  // namespace cortifold
