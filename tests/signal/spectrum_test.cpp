#include "noise.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/spectrum.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;

double integral(const PowerSpectrum& spectrum, Eigen::Index signal = 0) {
    return band_power(spectrum.density.col(signal), spectrum.resolution(),
                      {0.0, spectrum.frequencies[spectrum.frequencies.size() - 1]});
}

/// Smallest and largest of the share of frequencies, ends left out, at which the interval holds.
double coverage(const PowerSpectrum& spectrum, const Vector& truth) {
    const ConfidenceFactors factors = confidence_factors(spectrum.degrees_of_freedom, 0.95);
    const Eigen::Index inner = truth.size() - 2;
    const Vector density = spectrum.density.col(0).segment(1, inner);
    const Vector inside = truth.segment(1, inner);
    const Eigen::Array<bool, Eigen::Dynamic, 1> holds =
        density.array() * factors.low <= inside.array() &&
        density.array() * factors.high >= inside.array();
    return static_cast<double>(holds.count()) / static_cast<double>(inner);
}

RC_GTEST_PROP(PowerSpectrum, OfOneSegmentIntegratesToTheVariance, (std::uint64_t entity)) {
    const Vector x = white_noise(250, entity % (1ULL << 40)).array() + 3.0;
    const double step = 0.2;
    const PowerSpectrum spectrum = power_spectrum(
        {x, step}, {.segment = 250 * step, .overlap = 0.0, .window = Window::rectangular});
    const double variance = (x.array() - x.mean()).square().mean();
    RC_ASSERT(spectrum.segments == 1);
    RC_ASSERT(std::abs(integral(spectrum) - variance) < 1e-12 * variance);
}

RC_GTEST_PROP(PowerSpectrum, OfWindowedSegmentsIntegratesToTheWeightedSquares,
              (std::uint64_t entity)) {
    const Eigen::Index size = 60, shift = 30, samples = 200;
    const Vector x = white_noise(samples, entity % (1ULL << 40));
    const Vector turns = Vector::LinSpaced(size, 0.0, 59.0) * (2.0 * std::numbers::pi / size);
    const Vector weight = (0.5 - 0.5 * turns.array().cos()).square();
    double expected = 0.0;
    for (Eigen::Index k = 0; k < 5; ++k)
        expected += weight.dot((x.segment(k * shift, size).array() - x.mean()).square().matrix()) /
                    weight.sum() / 5.0;
    const PowerSpectrum spectrum = power_spectrum({x, 1.0}, {.segment = 60.0});
    RC_ASSERT(spectrum.segments == 5);
    RC_ASSERT(std::abs(integral(spectrum) - expected) < 1e-12 * expected);
}

TEST(PowerSpectrum, OfASinusoidHasItsVarianceInItsBandAndItsPeakAtItsFrequency) {
    const double step = 0.01, amplitude = 3.0;
    for (const double frequency : {7.0, 7.03, 7.1, 7.25, 7.4, 7.47}) {
        const Vector x = amplitude * sinusoid(4000, step, frequency, 0.4);
        const PowerSpectrum spectrum = power_spectrum({x, step}, {.segment = 10.0});
        EXPECT_NEAR(band_power(spectrum.density.col(0), spectrum.resolution(), {6.0, 8.5}) /
                        (0.5 * amplitude * amplitude),
                    1.0, 1e-3);
        const auto peaks = spectral_peaks(spectrum.density.col(0), spectrum.resolution(),
                                          {.degrees_of_freedom = spectrum.degrees_of_freedom});
        ASSERT_EQ(peaks.size(), 1U) << frequency;
        EXPECT_NEAR(peaks[0].frequency, frequency, 0.02 * spectrum.resolution());
    }
}

TEST(PowerSpectrum, OfWhiteNoiseIsTwiceItsVarianceTimesTheStepWithinItsConfidence) {
    const double step = 0.5, sd = 2.0;
    const Vector x = sd * white_noise(100'000, 7);
    const PowerSpectrum spectrum = power_spectrum({x, step}, {.segment = 500.0});
    const Vector truth = Vector::Constant(spectrum.frequencies.size(), 2.0 * sd * sd * step);
    // 501 frequencies, neighbours correlated: about 0.95 +- 0.015
    EXPECT_NEAR(coverage(spectrum, truth), 0.95, 0.04);
    EXPECT_NEAR(integral(spectrum), sd * sd, 5.0 * sd * sd * std::sqrt(2.0 / 1e5));
    EXPECT_TRUE(spectral_peaks(spectrum.density.col(0), spectrum.resolution(),
                               {.degrees_of_freedom = spectrum.degrees_of_freedom})
                    .empty());
}

TEST(PowerSpectrum, OfAnAutoregressiveProcessIsItsClosedFormWithinItsConfidence) {
    const double phi = 0.9;
    const Vector noise = white_noise(200'000, 8);
    Vector x = Vector::Zero(noise.size());
    for (Eigen::Index k = 1; k < x.size(); ++k) x[k] = phi * x[k - 1] + noise[k];
    const PowerSpectrum spectrum = power_spectrum({x, 1.0}, {.segment = 1000.0});
    const Vector truth =
        2.0 / (1.0 + phi * phi -
               2.0 * phi * (2.0 * std::numbers::pi * spectrum.frequencies.array()).cos());
    EXPECT_NEAR(coverage(spectrum, truth), 0.95, 0.04);
}

TEST(PowerSpectrum, OfHalfOverlappingHannWindowsHasThirtySixNineteenthsDegreesOfFreedomEach) {
    const PowerSpectrum spectrum =
        power_spectrum({white_noise(1'000'000, 9), 1.0}, {.segment = 1000.0});
    const double segments = spectrum.segments;
    EXPECT_NEAR(spectrum.degrees_of_freedom, 36.0 / 19.0 * segments, 2e-3 * segments);
    const PowerSpectrum apart =
        power_spectrum({white_noise(8000, 9), 1.0}, {.segment = 1000.0, .overlap = 0.0});
    EXPECT_EQ(apart.degrees_of_freedom, 16.0);
}

TEST(PowerSpectrum, OfAnAmplitudeModulatedSinusoidHasSidebandsOfItsModulation) {
    const double step = 0.001, carrier = 40.0, slow = 5.0, depth = 0.6;
    const Vector x = (1.0 + depth * sinusoid(20'000, step, slow).array()) *
                     sinusoid(20'000, step, carrier).array();
    const PowerSpectrum spectrum = power_spectrum({x, step}, {.segment = 2.0});
    const auto power = [&](double frequency) {
        return band_power(spectrum.density.col(0), spectrum.resolution(),
                          {frequency - 1.0, frequency + 1.0});
    };
    for (const double side : {carrier - slow, carrier + slow})
        EXPECT_NEAR(power(side) / power(carrier), 0.25 * depth * depth, 1e-6);
    EXPECT_EQ(spectral_peaks(spectrum.density.col(0), spectrum.resolution(),
                             {.degrees_of_freedom = spectrum.degrees_of_freedom})
                  .size(),
              3U);
}

TEST(PowerSpectrum, DividesItsPowerAmongBandsSideBySide) {
    const PowerSpectrum spectrum = power_spectrum({white_noise(3000, 10), 0.1}, {.segment = 30.0});
    const auto in = [&](double low, double high) {
        return band_power(spectrum.density.col(0), spectrum.resolution(), {low, high});
    };
    EXPECT_NEAR(in(0.0, 1.234) + in(1.234, 1.25) + in(1.25, 5.0), integral(spectrum), 1e-12);
}

TEST(PowerSpectrum, IsTransformedAtALengthNearTheOneAskedFor) {
    const PowerSpectrum spectrum =
        power_spectrum({white_noise(2000, 11), 0.5}, {.segment = 0.5 * 509.0});
    EXPECT_EQ(spectrum.segment, 0.5 * 500.0);  // 2^2 5^3
}

TEST(PowerSpectrum, RefusesSegmentsThatDoNotFit) {
    const TimeSeries series{white_noise(100, 12), 1.0};
    EXPECT_THROW((void)power_spectrum(series, {.segment = 101.0}), UsageError);
    EXPECT_THROW((void)power_spectrum(series, {.segment = 7.0}), UsageError);
    EXPECT_THROW((void)power_spectrum(series, {.segment = 50.0, .overlap = 1.0}), UsageError);
    EXPECT_THROW((void)power_spectrum({white_noise(60, 12), 1.0}), UsageError);
}

TEST(TimeSeries, HasAStepWhereItsTimesAreEven) {
    Vector times = Vector::LinSpaced(101, 3.0, 13.0);
    EXPECT_NEAR(uniform_step(times).value(), 0.1, 1e-15);
    times[50] += 1e-3;
    EXPECT_FALSE(uniform_step(times));
    EXPECT_FALSE(uniform_step(Vector::Zero(1)));
    EXPECT_FALSE(uniform_step(Vector::Zero(5)));
}

TEST(TimeSeries, IsConstantUpToRounding) {
    EXPECT_TRUE(is_constant(Vector::Constant(5, -2.0)));
    EXPECT_TRUE(is_constant(Vector::Zero(5)));
    EXPECT_FALSE(is_constant(1e-9 * white_noise(5, 13)));
}

}  // namespace
}  // namespace cortifold
