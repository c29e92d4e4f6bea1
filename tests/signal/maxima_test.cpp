#include "noise.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/maxima.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace cortifold {
namespace {

using namespace cortifold::test;

/// Largest errors of time and value of the maxima of a cosine of period 1.
std::pair<double, double> errors(double step) {
    const double shift = 0.123;
    const auto samples = static_cast<Eigen::Index>(20.0 / step);
    const Vector x = sinusoid(samples, step, 1.0, -2.0 * std::numbers::pi * shift);
    double time = 0.0, value = 0.0;
    for (const Maximum& maximum : local_maxima(x, {.start = 0.0, .step = step})) {
        const double exact = std::round(maximum.t - shift) + shift;
        time = std::max(time, std::abs(maximum.t - exact));
        value = std::max(value, std::abs(maximum.value - 1.0));
    }
    return {time, value};
}

TEST(LocalMaxima, AreFoundBetweenSamplesTheirTimesToThirdAndTheirValuesToFourthOrder) {
    const auto [coarse_time, coarse_value] = errors(0.037);
    const auto [fine_time, fine_value] = errors(0.037 / 4.0);
    EXPECT_GT(std::log(coarse_time / fine_time) / std::log(4.0), 2.9);
    EXPECT_GT(std::log(coarse_value / fine_value) / std::log(4.0), 3.9);
    EXPECT_LT(fine_value, 1e-6);
}

TEST(LocalMaxima, OfAParabolaAreExact) {
    const Vector t = Vector::LinSpaced(21, -1.0, 1.0);
    const Vector x = 2.0 - (t.array() - 0.234).square();
    const auto maxima = local_maxima(x, {.start = -1.0, .step = 0.1});
    ASSERT_EQ(maxima.size(), 1U);
    EXPECT_NEAR(maxima[0].t, 0.234, 1e-14);
    EXPECT_NEAR(maxima[0].value, 2.0, 1e-14);
}

TEST(LocalMaxima, OfADoubledRhythmFallIntoTwoGroups) {
    const double step = 0.01;
    const Vector x = sinusoid(4000, step, 1.0) + 0.2 * sinusoid(4000, step, 0.5);
    std::vector<double> values;
    for (const Maximum& maximum : local_maxima(x, {.step = step})) values.push_back(maximum.value);
    EXPECT_EQ(values.size(), 39U);
    EXPECT_EQ(count_groups(values, 1e-4), 2);
    EXPECT_EQ(count_groups(values, 1.0), 1);
    EXPECT_EQ(count_groups({}, 1.0), 0);
}

TEST(LocalMaxima, LeaveOutRipplesLowerThanTheirProminence) {
    const double step = 0.001;
    const Vector x = sinusoid(20'000, step, 1.0) + 0.01 * sinusoid(20'000, step, 40.0);
    EXPECT_GT(local_maxima(x, {.step = step}).size(), 100U);
    EXPECT_EQ(local_maxima(x, {.step = step, .prominence = 0.05}).size(), 19U);
}

TEST(LocalMaxima, OfAConstantOrAShortSignalAreNone) {
    EXPECT_TRUE(local_maxima(Vector::Constant(100, 4.0)).empty());
    EXPECT_TRUE(local_maxima(sinusoid(4, 0.1, 2.0)).empty());
    EXPECT_TRUE(local_maxima(Vector()).empty());
    EXPECT_THROW((void)local_maxima(Vector::Ones(9), {.step = 0.0}), UsageError);
    EXPECT_THROW((void)local_maxima(Vector::Ones(9), {.prominence = 1.0}), UsageError);
}

}  // namespace
}  // namespace cortifold
