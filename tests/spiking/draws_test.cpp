#include "spiking/binomial.hpp"
#include "spiking/integer_law.hpp"
#include "spiking/philox.hpp"
#include "spiking/poisson_counts.hpp"
#include "spiking/weight_unit.hpp"
#include "support/chi_square.hpp"
#include <cortifold/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

namespace cortifold {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// Two routes to one number: the lanes against the stream of the core.
TEST(PhiloxGroup, IsTheStreamOfCounterRngBitForBit) {
    const StreamKey key{0x0123456789abcdef, purpose_of(SpikingStream::row, 77), 0xfedc'ba987654};
    const CounterRng rng(key);
    for (const std::uint64_t group : {std::uint64_t{0}, std::uint64_t{0xfff'87654321}}) {
        WordGroup words;
        philox_group(key, group, words);
        for (std::uint64_t i = 0; i < 16; ++i) {
            const auto unit = [&](std::size_t high, std::size_t low) {
                const std::uint64_t bits = std::uint64_t{words[high]} << 32 | words[low];
                return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
            };
            const std::uint64_t draw = 16 * group + i;
            EXPECT_EQ(unit(i, 16 + i), rng.uniform(draw));
            EXPECT_EQ(std::sqrt(-2.0 * std::log(unit(i, 16 + i))) *
                          std::cos(2.0 * std::numbers::pi * unit(32 + i, 48 + i)),
                      rng.normal(draw));
        }
    }
}

TEST(WordStream, DrawsEachNumberBelowABoundEquallyOften) {
    constexpr std::uint32_t bound = 37;
    WordStream stream({.seed = 5});
    std::vector<double> observed(bound), expected(bound, 10'000.0);
    for (std::uint32_t k = 0; k < 10'000 * bound; ++k) ++observed[stream.below(bound)];
    EXPECT_LT(test::chi_square(observed, expected), test::chi_square_limit(bound - 1));
}

TEST(BinomialProbability, IsThatOfPascalsTriangleAndSumsToOne) {
    EXPECT_NEAR(binomial_probability(3, 10, 0.25), 120.0 * std::pow(0.25, 3) * std::pow(0.75, 7),
                1e-14);
    EXPECT_NEAR(binomial_probability(0, 10, 0.25), std::pow(0.75, 10), 1e-14);
    EXPECT_NEAR(binomial_probability(10, 10, 0.25), std::pow(0.25, 10), 1e-20);
    for (const double p : {1e-4, 0.3, 0.999}) {
        double sum = 0.0;
        for (std::uint64_t k = 0; k <= 2000; ++k) sum += binomial_probability(k, 2000, p);
        EXPECT_NEAR(sum, 1.0, 1e-12) << p;
    }
}

TEST(Binomial, FollowsItsLaw) {
    constexpr std::uint64_t trials = 40;
    constexpr double p = 0.3, draws = 200'000.0;
    const CounterRng rng({.seed = 9});
    std::vector<double> observed(trials + 1), expected;
    for (std::uint64_t k = 0; k < static_cast<std::uint64_t>(draws); ++k)
        ++observed[binomial(trials, p, rng.uniform(k))];
    for (std::uint64_t k = 0; k <= trials; ++k)
        expected.push_back(draws * binomial_probability(k, trials, p));
    const auto merged = test::merge_small(observed, expected);
    EXPECT_LT(merged.statistic, test::chi_square_limit(merged.degrees));
    EXPECT_EQ(binomial(trials, 0.0, 0.5), 0U);
    EXPECT_EQ(binomial(trials, 1.0, 0.5), trials);
}

TEST(Binomial, OfManyTrialsHasItsMeanAndVariance) {
    constexpr std::uint64_t trials = 20'000'000;
    constexpr int draws = 2000;
    const CounterRng rng({.seed = 10});
    double sum = 0.0, squares = 0.0;
    for (std::uint64_t k = 0; k < draws; ++k) {
        const double deviation = static_cast<double>(binomial(trials, 0.5, rng.uniform(k))) - 1e7;
        sum += deviation;
        squares += deviation * deviation;
    }
    constexpr double variance = trials * 0.25, five_sigma = 5.0;
    EXPECT_NEAR(sum / draws, 0.0, five_sigma * std::sqrt(variance / draws));
    EXPECT_NEAR(squares / draws / variance, 1.0, five_sigma * std::sqrt(2.0 / draws));
}

TEST(Multinomial, KeepsTheTotalAndGivesEachPartWhatItHasInTheWhole) {
    const CounterRng rng({.seed = 3});
    const auto whole = multinomial(rng, 100'000, {1001, 0, 1001});
    EXPECT_EQ(std::accumulate(whole.begin(), whole.end(), std::uint64_t{0}), 100'000U);
    const auto part = multinomial(rng, 100'000, {1001, 300, 477});
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 300));
    const std::vector<double> expected(1001, 100'000.0 / 1001.0);
    EXPECT_LT(test::chi_square({whole.begin(), whole.end()}, expected),
              test::chi_square_limit(1000));
}

TEST(RoundedLaw, OfARedrawnDelayHasAFullFirstCell) {
    const Distribution delay{.mean = 1.5, .sd = 0.75, .low = 0.05};
    const IntegerLaw law = rounded_law(delay, 0.1);
    EXPECT_EQ(law.first, 1);
    const auto below = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
    const double kept = 1.0 - below((0.05 - 1.5) / 0.75);
    EXPECT_NEAR(law.probabilities[0],
                (below((0.15 - 1.5) / 0.75) - below((0.05 - 1.5) / 0.75)) / kept, 1e-10);
    EXPECT_NEAR(law.probabilities[14], (below(0.05 / 0.75) - below(-0.05 / 0.75)) / kept, 1e-10);
}

TEST(RoundedLaw, OfAClippedNumberHasItsTailsAtTheLimits) {
    const Distribution law{
        .mean = 0.0, .sd = 1.0, .low = -1.0, .high = 2.0, .outside = Outside::clipped};
    const IntegerLaw cells = rounded_law(law, 1.0);
    const auto below = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
    ASSERT_EQ(cells.probabilities.size(), 4U);
    EXPECT_EQ(cells.first, -1);
    EXPECT_NEAR(cells.probabilities[0], below(-0.5), 1e-9);
    EXPECT_NEAR(cells.probabilities[1], below(0.5) - below(-0.5), 1e-9);
    EXPECT_NEAR(cells.probabilities[3], 1.0 - below(1.5), 1e-9);
}

TEST(RoundedLaw, OfALogNormalNumberHasItsMeanAndSpread) {
    for (const double sign : {1.0, -1.0}) {
        const IntegerLaw law =
            rounded_law({.mean = sign * 2.0, .sd = 0.6, .law = Law::log_normal}, 1e-3);
        double mean = 0.0, square = 0.0, cube = 0.0;
        for (std::size_t k = 0; k < law.probabilities.size(); ++k) {
            const double x = 1e-3 * (static_cast<double>(law.first) + static_cast<double>(k));
            EXPECT_GT(sign * x, 0.0);
            mean += law.probabilities[k] * x;
            square += law.probabilities[k] * x * x;
            cube += law.probabilities[k] * x * x * x;
        }
        EXPECT_NEAR(mean, sign * 2.0, 1e-6);
        EXPECT_NEAR(square, 4.0 + 0.36, 1e-5);
        EXPECT_NEAR(cube / std::pow(mean, 3), std::pow(1.0 + 0.09, 3), 1e-5);
    }
}

TEST(RoundedLaw, OfALogNormalNumberEndsAtItsLimits) {
    const Distribution delay{
        .mean = 1.5, .sd = 1.5, .low = 0.1, .high = 4.0, .law = Law::log_normal};
    const IntegerLaw law = rounded_law(delay, 0.1);
    EXPECT_EQ(law.first, 1);
    EXPECT_EQ(law.last(), 40);
    const auto below = [](double x) {  // ln x is normal with variance ln 2
        const double s = std::sqrt(std::log(2.0));
        return 0.5 * std::erfc(-(std::log(x / 1.5) / s + 0.5 * s) / std::numbers::sqrt2);
    };
    const double kept = below(4.0) - below(0.1);
    EXPECT_NEAR(law.probabilities[0], (below(0.15) - below(0.1)) / kept, 1e-12);
    EXPECT_NEAR(law.probabilities[9], (below(1.05) - below(0.95)) / kept, 1e-12);
}

TEST(PoissonLaw, IsThatOfItsFormula) {
    for (const double mean : {0.01, 1.28, 7.0, 500.0}) {
        const IntegerLaw law = poisson_law(mean);
        for (std::size_t i = 0; i < law.probabilities.size(); ++i) {
            const double k = static_cast<double>(law.first) + static_cast<double>(i);
            EXPECT_NEAR(law.probabilities[i],
                        std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0)), 1e-12);
        }
    }
}

TEST(IntegerSampler, FollowsItsLaw) {
    const IntegerLaw law = rounded_law({.mean = 3.2, .sd = 2.0, .low = 0.0}, 0.5);
    const IntegerSampler sampler(law);
    WordStream stream({.seed = 21});
    constexpr int draws = 300'000;
    std::vector<double> observed(law.probabilities.size()), expected;
    for (int k = 0; k < draws; ++k)
        ++observed[static_cast<std::size_t>(sampler(stream.next()) - law.first)];
    for (const double p : law.probabilities) expected.push_back(draws * p);
    const auto merged = test::merge_small(observed, expected);
    EXPECT_LT(merged.statistic, test::chi_square_limit(merged.degrees));
}

// Comparisons up to a mean of 8, a table beyond it: one law.
TEST(PoissonCounts, FollowTheirLawAtSmallAndLargeMeans) {
    for (const double mean : {0.05, 1.28, 2.32, 7.9, 8.1, 60.0}) {
        const PoissonCounts poisson(mean);
        const IntegerLaw law = poisson_law(mean);
        constexpr std::uint64_t groups = 4000;
        std::vector<double> observed(law.probabilities.size()), expected;
        for (std::uint64_t group = 0; group < groups; ++group) {
            WordGroup words;
            std::array<std::int32_t, group_size> counts;
            philox_group({.seed = 4}, group, words);
            poisson.draw(words, counts);
            for (const std::int32_t count : counts)
                ++observed.at(static_cast<std::size_t>(count - law.first));
        }
        for (const double p : law.probabilities) expected.push_back(groups * group_size * p);
        const auto merged = test::merge_small(observed, expected);
        EXPECT_LT(merged.statistic, test::chi_square_limit(merged.degrees)) << mean;
    }
}

TEST(WeightUnit, MeetsConstantWeightsOfARationalRatioExactly) {
    const std::vector<Distribution> laws{{0.1}, {-0.5}, {0.2}};
    const WeightUnit unit = choose_weight_unit(laws, 1000.0, "E");
    EXPECT_LT(unit.worst_error, 1e-15);
    EXPECT_LE(0.5 / unit.value, 32767.5);
}

TEST(WeightUnit, MeetsTwoConstantWeightsOfAnyRatioTo1e8) {
    const std::vector<Distribution> laws{{0.1}, {-0.1 * std::sqrt(19.0)}};
    EXPECT_LT(choose_weight_unit(laws, 1000.0, "E").worst_error, 1e-8);
}

TEST(WeightUnit, CountsListedWeightsAsConstantOnes) {
    const std::vector<double> rational{0.5, -0.1, 0.0, 0.2}, apart{87.8, 1e12};
    EXPECT_LT(choose_weight_unit({}, 1000.0, "E", rational).worst_error, 1e-15);
    EXPECT_THAT([&] { (void)choose_weight_unit({}, 1.0, "E", apart); },
                ThrowsMessage<ConfigError>(HasSubstr("vanish")));
    std::vector<double> many;
    for (int k = 0; k <= 1000; ++k) many.push_back(std::exp(0.005 * k));
    const WeightUnit unit = choose_weight_unit({}, 1000.0, "E", many);
    double worst = 0.0;
    for (const double weight : many)
        worst =
            std::max(worst, std::abs(std::round(weight / unit.value) * unit.value / weight - 1.0));
    EXPECT_EQ(unit.worst_error, worst);
    EXPECT_LT(worst, 0.5 * unit.value);
    EXPECT_GT(worst, 0.0);
}

TEST(WeightUnit, LeavesRoomForTheSumOfAllInputs) {
    const std::vector<Distribution> laws{{.mean = 87.8, .sd = 8.78, .low = 0.0}};
    const double largest = 87.8 + 6.5 * 8.78;
    EXPECT_NEAR(choose_weight_unit(laws, 5000.0, "E").value, largest / 32767.0, 1e-12);
    const double coarse = choose_weight_unit(laws, 1e6, "E").value;
    EXPECT_LE(std::floor(largest / coarse) * 1e6, 2147483647.0);
    EXPECT_THAT([&] { (void)choose_weight_unit(laws, 1e7, "L4E"); },
                ThrowsMessage<ConfigError>(HasSubstr("population.L4E")));
}

}  // namespace
}  // namespace cortifold
