#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <set>

using namespace cortifold;

namespace {

constexpr std::uint64_t draws = 100000;
constexpr double five_sigma = 5.0;

/// The value that 64 random bits stand for: the middle of a cell of width 2^-52.
double unit(std::uint64_t bits) {
    return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

/// Mean of `value(draw)` over the first draws.
double mean_of(auto&& value) {
    double sum = 0.0;
    for (std::uint64_t draw = 0; draw < draws; ++draw) sum += value(draw);
    return sum / static_cast<double>(draws);
}

/// Five standard errors of a mean of independent values with this variance.
double error_of_mean(double variance) {
    return five_sigma * std::sqrt(variance / static_cast<double>(draws));
}

}  // namespace

// Salmon et al. 2011, known answers of Philox 4x32-10 as distributed with Random123. The third uses
// every bit of key and counter: words purpose, entity, draw, and the high parts of the last two.
TEST(CounterRng, GivesTheKnownAnswersOfPhilox) {
    const CounterRng zeros({.seed = 0, .purpose = StreamPurpose{0}, .entity = 0});
    EXPECT_EQ(zeros.uniform(0), unit(0x6627e8d5'e169c58d));

    const CounterRng ones({.seed = 0xffffffff'ffffffff,
                           .purpose = StreamPurpose{0xffffffff},
                           .entity = 0xffff'ffffffff});
    EXPECT_EQ(ones.uniform(0xffff'ffffffff), unit(0x408f276d'41c83b0e));

    const CounterRng pi({.seed = 0x299f31d0'a4093822,
                         .purpose = StreamPurpose{0x243f6a88},
                         .entity = 0x0370'85a308d3});
    EXPECT_EQ(pi.uniform(0x7344'13198a2e), unit(0xd16cfe09'94fdcceb));
}

TEST(CounterRng, UniformNumbersFillTheOpenUnitInterval) {
    const CounterRng rng({.seed = 1});
    double lowest = 1.0, highest = 0.0;
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
        lowest = std::min(lowest, rng.uniform(draw));
        highest = std::max(highest, rng.uniform(draw));
    }
    EXPECT_GT(lowest, 0.0);
    EXPECT_LT(highest, 1.0);
    EXPECT_LT(lowest, 20.0 / static_cast<double>(draws));
    EXPECT_GT(highest, 1.0 - 20.0 / static_cast<double>(draws));
}

TEST(CounterRng, UniformNumbersHaveTheMomentsOfTheUniformDistribution) {
    const CounterRng rng({.seed = 2});
    EXPECT_NEAR(mean_of([&](auto k) { return rng.uniform(k); }), 1.0 / 2, error_of_mean(1.0 / 12));
    EXPECT_NEAR(mean_of([&](auto k) { return std::pow(rng.uniform(k) - 0.5, 2); }), 1.0 / 12,
                error_of_mean(1.0 / 180));
}

TEST(CounterRng, NormalNumbersHaveTheMomentsOfTheNormalDistribution) {
    const CounterRng rng({.seed = 3});
    const auto moment = [&](int power) {
        return mean_of([&](auto k) { return std::pow(rng.normal(k), power); });
    };
    EXPECT_NEAR(moment(1), 0.0, error_of_mean(1.0));
    EXPECT_NEAR(moment(2), 1.0, error_of_mean(2.0));
    EXPECT_NEAR(moment(3), 0.0, error_of_mean(15.0));
    EXPECT_NEAR(moment(4), 3.0, error_of_mean(96.0));
}

TEST(CounterRng, SuccessiveDrawsAreUncorrelated) {
    const CounterRng rng({.seed = 4});
    EXPECT_NEAR(mean_of([&](auto k) { return rng.normal(k) * rng.normal(k + 1); }), 0.0,
                error_of_mean(1.0));
}

TEST(CounterRng, IsAPureFunctionOfKeyAndDraw) {
    const StreamKey key{.seed = 5, .purpose = StreamPurpose::noise, .entity = 12};
    const CounterRng first(key), second(key);
    const double late = first.normal(1000);
    EXPECT_EQ(second.normal(1000), late);
    EXPECT_NE(second.normal(999), late);
    EXPECT_EQ(first.normal(1000), late);
}

TEST(CounterRng, SeedsPurposesEntitiesAndDrawsNameDifferentNumbers) {
    const std::uint64_t high = std::uint64_t{1} << 40;  // beyond one 32-bit word
    std::set<double> values;
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, high})
        for (const auto purpose : {StreamPurpose::initial_state, StreamPurpose::noise})
            for (const std::uint64_t entity : {std::uint64_t{0}, std::uint64_t{1}, high})
                for (const std::uint64_t draw : {std::uint64_t{0}, std::uint64_t{1}, high})
                    values.insert(CounterRng({seed, purpose, entity}).uniform(draw));
    EXPECT_EQ(values.size(), 3u * 2u * 3u * 3u);
}

TEST(CounterRng, RefusesWhatDoesNotFitItsCounter) {
    constexpr std::uint64_t limit = std::uint64_t{1} << 48;
    EXPECT_THROW(CounterRng({.entity = limit}), UsageError);
    const CounterRng rng({.entity = limit - 1});
    EXPECT_NO_THROW((void)rng.uniform(limit - 1));
    EXPECT_THROW((void)rng.uniform(limit), UsageError);
    EXPECT_THROW((void)rng.normal(limit), UsageError);
}
