// Frequency and amplitude of an oscillation from its cycles.
#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>
#include <cortifold/signal/rhythm.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

constexpr double interval = 0.25, frequency = 1.0 / 15.7, amplitude = 3.0;

/// 2 + 3 sin(phase) and noise of this standard deviation, the phase a walk of this step.
Vector oscillation(Eigen::Index samples, double noise = 0.0, double walk = 0.0,
                   std::uint64_t seed = 1) {
    const CounterRng rng({.seed = seed});
    Vector x(samples);
    double phase = 0.0;
    for (Eigen::Index k = 0; k < samples; ++k) {
        const auto draw = static_cast<std::uint64_t>(2 * k);
        x[k] = 2.0 + amplitude * std::sin(phase) + noise * rng.normal(draw);
        phase += 2.0 * std::numbers::pi * frequency * interval + walk * rng.normal(draw + 1);
    }
    return x;
}

TEST(FindRhythm, MeasuresASinusoid) {
    const auto rhythm = find_rhythm(oscillation(10'000), interval);
    ASSERT_TRUE(rhythm);
    EXPECT_NEAR(rhythm->frequency, frequency, 1e-6 * frequency);
    EXPECT_NEAR(rhythm->amplitude, amplitude, 1e-4 * amplitude);  // 256 phases, cubics between
    EXPECT_GT(rhythm->cycles, 150);
}

// Cycles of two sizes have their mean size: half of the top minus the bottom of the mean cycle.
TEST(FindRhythm, AveragesCycles) {
    Vector x = oscillation(20'000);
    for (Eigen::Index k = 0; k < x.size(); ++k) {
        const auto cycle = std::floor(static_cast<double>(k) * interval * frequency);
        x[k] = 2.0 + (x[k] - 2.0) * (std::fmod(cycle, 2.0) == 0.0 ? 1.0 : 0.8);
    }
    EXPECT_NEAR(find_rhythm(x, interval)->amplitude, 0.9 * amplitude, 0.01 * amplitude);
}

TEST(FindRhythm, IsNotMisledByNoise) {
    const auto rhythm = find_rhythm(oscillation(40'000, 0.6), interval);
    ASSERT_TRUE(rhythm);
    EXPECT_NEAR(rhythm->frequency, frequency, 1e-3 * frequency);
    EXPECT_NEAR(rhythm->amplitude, amplitude, 0.03 * amplitude);
}

// Errors are those of repeated runs: sums of squares over 40 seeds are chi-square.
TEST(FindRhythm, HasTheErrorsThatRepeatedRunsShow) {
    double squares = 0.0;
    constexpr int runs = 40;
    for (int seed = 1; seed <= runs; ++seed) {
        const auto rhythm =
            find_rhythm(oscillation(10'000, 0.2, 0.02, static_cast<std::uint64_t>(seed)), interval);
        const double z = (rhythm->frequency - frequency) / rhythm->frequency_error;
        squares += z * z;
    }
    EXPECT_GT(squares / runs, 0.6);
    EXPECT_LT(squares / runs, 2.5);  // z of eight blocks is Student's: mean square 7/5
}

TEST(FindRhythm, IsNoneOfFewCyclesOrOfAConstant) {
    EXPECT_FALSE(find_rhythm(oscillation(400), interval));
    EXPECT_FALSE(find_rhythm(Vector::Constant(1000, 3.0), interval));
    EXPECT_FALSE(find_rhythm(Vector(0), interval));
    EXPECT_THROW((void)find_rhythm(oscillation(400), interval, {.blocks = 1}), UsageError);
    EXPECT_THROW((void)find_rhythm(oscillation(400), 0.0), UsageError);
}

}  // namespace
}  // namespace cortifold
