#include "noise.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/modulation.hpp>

#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;

/// A phase that turns at 0.01 a sample and diffuses.
Vector diffusing_phase(Eigen::Index samples, std::uint64_t entity) {
    const Vector noise = 0.05 * white_noise(samples, entity);
    Vector phase(samples);
    double turned = 0.0;
    for (Eigen::Index k = 0; k < samples; ++k)
        phase[k] = turned += 2.0 * std::numbers::pi * 0.01 + noise[k];
    return phase;
}

TEST(PhaseAmplitudeCoupling, OfACosineHasTheLengthOfHalfItsDepthAtItsPhase) {
    const Eigen::Index samples = 36'000;
    const Vector phase =
        Vector::LinSpaced(samples, 0.5, 35'999.5) * (2.0 * std::numbers::pi / 360.0);
    const double depth = 0.4, peak = 1.1;
    const Vector amplitude = 1.0 + depth * (phase.array() - peak).cos();
    const auto found = phase_amplitude_coupling(phase, amplitude);
    ASSERT_EQ(found.status, Status::converged);
    EXPECT_NEAR(found.mean_vector_length.value, 0.5 * depth, 1e-12);
    EXPECT_NEAR(found.preferred_phase, peak, 1e-12);
    // log N - H = (depth sinc)^2 / 4 + ...: here by its sum over the bins.
    double distance = 0.0;
    for (Eigen::Index k = 0; k < 18; ++k) {
        const double middle =
            std::numbers::pi * (-1.0 + (2.0 * static_cast<double>(k) + 1.0) / 18.0);
        const double mean_in_bin = 1.0 + depth * std::cos(middle - peak) *
                                             std::sin(std::numbers::pi / 18.0) /
                                             (20.0 * std::sin(std::numbers::pi / 360.0));
        EXPECT_NEAR(found.amplitude_by_phase[k], mean_in_bin / 18.0, 1e-12);
        distance += mean_in_bin / 18.0 * std::log(mean_in_bin);
    }
    EXPECT_NEAR(found.modulation_index.value, distance / std::log(18.0), 1e-12);
}

TEST(PhaseAmplitudeCoupling, OfAnIrregularRhythmExceedsItsSurrogates) {
    const Vector phase = diffusing_phase(50'000, 1);
    const Vector amplitude = 1.0 + 0.3 * phase.array().cos();
    const auto found = phase_amplitude_coupling(phase, amplitude);
    EXPECT_GT(found.modulation_index.z, 10.0);
    EXPECT_EQ(found.modulation_index.p, 1.0 / 201.0);
    EXPECT_GT(found.mean_vector_length.z, 10.0);
    EXPECT_EQ(found.mean_vector_length.p, 1.0 / 201.0);
    EXPECT_LT(found.regularity, 0.3);
}

TEST(PhaseAmplitudeCoupling, OfUnrelatedSignalsHasUniformProbabilities) {
    int small = 0;
    const int trials = 60;
    for (int k = 0; k < trials; ++k) {
        const auto entity = static_cast<std::uint64_t>(k);
        const Vector amplitude = 1.0 + 0.3 * diffusing_phase(5000, 2 * entity).array().cos();
        const auto found = phase_amplitude_coupling(
            diffusing_phase(5000, 2 * entity + 1), amplitude, {.surrogates = 99, .entity = entity});
        small += found.modulation_index.p <= 0.2 ? 1 : 0;
    }
    // binomial: 12 +- 3.1
    EXPECT_GE(small, 4);
    EXPECT_LE(small, 21);
}

TEST(PhaseAmplitudeCoupling, TellsARhythmTooRegularForShifts) {
    const Vector phase = Vector::LinSpaced(20'000, 0.0, 200.0 * std::numbers::pi);
    const auto found = phase_amplitude_coupling(phase, 1.0 + 0.5 * phase.array().cos());
    EXPECT_GT(found.regularity, 0.99);
    EXPECT_GT(found.modulation_index.value, 0.01);
    EXPECT_LT(found.modulation_index.z, 3.0);
}

TEST(PhaseAmplitudeCoupling, DependsOnSeedAndEntityOnly) {
    const Vector phase = diffusing_phase(3000, 3), amplitude = white_noise(3000, 4).cwiseAbs();
    const auto z = [&](std::uint64_t seed, std::uint64_t entity) {
        return phase_amplitude_coupling(phase, amplitude, {.seed = seed, .entity = entity})
            .modulation_index.z;
    };
    EXPECT_EQ(z(1, 2), z(1, 2));
    EXPECT_NE(z(1, 2), z(2, 2));
    EXPECT_NE(z(1, 2), z(1, 3));
}

TEST(PhaseAmplitudeCoupling, SaysWhereThereIsNone) {
    const Vector phase = Vector::LinSpaced(1000, 0.0, 1.0);
    EXPECT_EQ(phase_amplitude_coupling(phase, Vector::Ones(1000)).status, Status::no_theory);
    const Vector around = diffusing_phase(1000, 5);
    EXPECT_EQ(phase_amplitude_coupling(around, Vector::Zero(1000)).status, Status::no_theory);
    EXPECT_THROW((void)phase_amplitude_coupling(around, Vector::Ones(999)), UsageError);
    EXPECT_THROW((void)phase_amplitude_coupling(around, around, {.bins = 2}), UsageError);
    EXPECT_THROW((void)phase_amplitude_coupling(around, around, {.surrogates = 0}), UsageError);
    EXPECT_THROW((void)phase_amplitude_coupling(around, around, {.shortest_shift = 0.5}),
                 UsageError);
}

TEST(CountDiscoveries, IsTheLargestCountWhoseLastProbabilityIsBelowItsLine) {
    // Benjamini & Hochberg 1995, section 3.3: 4 of 15 at 0.05.
    Vector p(15);
    p << 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0;
    EXPECT_EQ(count_discoveries(p.reverse(), 0.05), 4);
    EXPECT_EQ(count_discoveries(Vector::Ones(5), 0.05), 0);
    EXPECT_EQ(count_discoveries(Vector(), 0.05), 0);
}

}  // namespace
}  // namespace cortifold
