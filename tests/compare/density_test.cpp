// Spectra of rates whose theory is exact: Poisson processes modulated by a damped oscillation, an
// autoregression of second order.
#include <cortifold/compare/density.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace cortifold {
namespace {

constexpr double step_s = 1e-3;
constexpr double radius = 0.97;
constexpr double white_hz = 2e-4;  ///< of counts

/// x_k = 2 r cos(w) x_{k-1} - r^2 x_{k-2} + noise.
struct Oscillation {
    double frequency_hz = 60.0;
    std::uint64_t seed = 11;
    [[nodiscard]] double angle() const { return 2.0 * std::numbers::pi * frequency_hz * step_s; }
    [[nodiscard]] TimeSeries run(Eigen::Index samples) const {
        const CounterRng rng({.seed = seed});
        Matrix x = Matrix::Zero(samples, 1);
        const double sd = std::sqrt(white_hz / step_s);
        for (Eigen::Index k = 2; k < samples; ++k)
            x(k) = 2.0 * radius * std::cos(angle()) * x(k - 1) - radius * radius * x(k - 2) +
                   sd * rng.normal(static_cast<std::uint64_t>(k));
        return {x, step_s};
    }
    /// Two-sided.
    [[nodiscard]] double density(double frequency) const {
        const auto z = std::polar(1.0, -2.0 * std::numbers::pi * frequency * step_s);
        return white_hz /
               std::norm(1.0 - 2.0 * radius * std::cos(angle()) * z + radius * radius * z * z);
    }
    [[nodiscard]] PredictedDensity theory() const {
        const Vector f = Vector::LinSpaced(400, 1.0, 400.0);
        return {f, f.unaryExpr([&](double at) { return density(at); }), 0.0};
    }
};

/// So narrow that bins change nothing: the autoregression is no process in continuous time.
constexpr double no_bin = 1e-9;

TEST(ShownDensities, AreOneSidedAndThoseOfTheWindow) {
    const Oscillation rhythm;
    const PowerSpectrum observed = power_spectrum(rhythm.run(40000), {.segment = 4.0});
    const Vector shown = shown_density(rhythm.theory(), observed, no_bin);
    const auto at = [&](double frequency) { return Eigen::Index(std::lround(frequency * 4.0)); };
    EXPECT_NEAR(shown[at(200.0)], 2.0 * rhythm.density(200.0), 1e-3 * shown[at(200.0)]);
    EXPECT_EQ(shown[at(450.0)], 0.0);
    const Vector coarse =
        shown_density(rhythm.theory(), power_spectrum(rhythm.run(4000), {.segment = 0.05}), no_bin);
    EXPECT_LT(coarse[3], 0.8 * 2.0 * rhythm.density(60.0));  // resolution 20 Hz
}

/// Counts of a Poisson process are white in any bin; what rises above is averaged over bins.
TEST(ShownDensities, KnowWhatBinsDo) {
    const Vector f = Vector::LinSpaced(101, 0.0, 400.0);
    const PowerSpectrum observed =
        power_spectrum({Matrix::Random(1000, 1), 1e-3}, {.segment = 0.25});
    const Vector white = shown_density({f, Vector::Constant(101, 3.0), 3.0}, observed, 1.0);
    const Vector risen = shown_density({f, Vector::Constant(101, 5.0), 3.0}, observed, 1.0);
    EXPECT_NEAR(white[60], 6.0, 1e-12);
    const double x = std::numbers::pi * observed.frequencies[60] * 1e-3;
    EXPECT_NEAR(risen[60], 6.0 + 4.0 * std::pow(std::sin(x) / x, 2), 1e-3);
}

TEST(Bands, HaveTheErrorsOfPeriodograms) {
    const Oscillation rhythm;
    const PowerSpectrum observed = power_spectrum(rhythm.run(100000), {.segment = 1.0});
    const auto bands =
        compare_bands(shown_density(rhythm.theory(), observed, no_bin), observed, 0, 24);
    ASSERT_GT(bands.size(), 15);
    double squares = 0.0;
    for (const BandComparison& band : bands) {
        EXPECT_TRUE(judge(band.density, {.tolerance = 0.0, .largest_z = 4.0}).agrees)
            << band.band.low << " to " << band.band.high << ": " << *band.density.z();
        squares += std::pow(*band.density.z(), 2);
    }
    const auto count = static_cast<double>(bands.size());
    EXPECT_NEAR(squares, count, 3.0 * std::sqrt(2.0 * count));
}

TEST(Bands, OfAnotherTheoryDisagree) {
    const PowerSpectrum observed = power_spectrum(Oscillation{70.0}.run(100000), {.segment = 1.0});
    int disagree = 0;
    for (const auto& band : compare_bands(
             shown_density(Oscillation{60.0}.theory(), observed, no_bin), observed, 0, 24))
        disagree += !judge(band.density, {.tolerance = 0.05, .largest_z = 4.0}).agrees;
    EXPECT_GE(disagree, 3);
}

TEST(Peaks, AreFoundWithinTheirErrors) {
    constexpr int runs = 12;
    double squares = 0.0;
    for (std::uint64_t seed = 0; seed < runs; ++seed) {
        const Oscillation rhythm{60.0, seed};
        const PowerSpectrum observed = power_spectrum(rhythm.run(30000), {.segment = 1.0});
        const auto peaks =
            compare_peaks(shown_density(rhythm.theory(), observed, no_bin), observed, 0);
        ASSERT_EQ(peaks.size(), 1);
        ASSERT_TRUE(peaks[0].is_observed);
        EXPECT_NEAR(peaks[0].frequency_hz.predicted, 60.0, 0.5);
        EXPECT_LT(*peaks[0].frequency_hz.error, 1.0);
        squares += std::pow(*peaks[0].frequency_hz.z(), 2);
    }
    EXPECT_GT(squares, 3.07);  // 0.5 % of such runs are below, and as many above
    EXPECT_LT(squares, 28.3);
}

TEST(Peaks, ElsewhereAreSeenThere) {
    const PowerSpectrum other = power_spectrum(Oscillation{66.0}.run(100000), {.segment = 1.0});
    const auto shifted =
        compare_peaks(shown_density(Oscillation{}.theory(), other, no_bin), other, 0);
    ASSERT_TRUE(shifted.at(0).is_observed);
    EXPECT_NEAR(shifted[0].frequency_hz.observed, 66.0, 1.0);
    EXPECT_GT(*shifted[0].frequency_hz.z(), 5.0);
}

TEST(Peaks, OfNoiseAreNone) {
    const PowerSpectrum observed =
        power_spectrum({Matrix::Random(100000, 1), step_s}, {.segment = 1.0});
    const Oscillation rhythm;
    const auto peaks = compare_peaks(shown_density(rhythm.theory(), observed, no_bin), observed, 0);
    ASSERT_EQ(peaks.size(), 1);
    EXPECT_FALSE(peaks[0].is_observed);
}

TEST(Densities, RefuseTablesThatAreNone) {
    const PowerSpectrum observed = power_spectrum({Matrix::Random(1000, 1), step_s});
    EXPECT_THROW(
        (void)shown_density({Eigen::Vector2d(2.0, 1.0), Eigen::Vector2d(1.0, 1.0)}, observed, 1.0),
        UsageError);
    EXPECT_THROW((void)compare_bands(Vector::Ones(3), observed, 0, 10), UsageError);
}

}  // namespace
}  // namespace cortifold
