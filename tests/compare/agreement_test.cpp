#include <cortifold/compare/agreement.hpp>
#include <cortifold/core/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace cortifold {
namespace {

TEST(Agreements, HaveAPartForTheTheoryAndOneForTheRun) {
    const AgreementRule rule{.tolerance = 0.1, .largest_z = 2.0};
    const Comparison far{10.0, 12.1, 0.5}, near{10.0, 11.9, 0.5}, small{10.0, 10.9, 0.5};
    EXPECT_FALSE(judge(far, rule).agrees);  // 1 + 2 * 0.5 = 2
    EXPECT_TRUE(judge(near, rule).agrees);
    EXPECT_FALSE(judge(near, rule).within_tolerance);
    EXPECT_FALSE(*judge(near, rule).within_errors);
    EXPECT_TRUE(judge(small, rule).within_tolerance);
    EXPECT_TRUE(*judge(small, rule).within_errors);
    EXPECT_DOUBLE_EQ(*far.z(), 4.2);
    EXPECT_DOUBLE_EQ(*far.effect(), 0.21);
}

TEST(Agreements, WithoutAnErrorRestOnTheToleranceAlone) {
    const Comparison unknown{-10.0, -11.0};
    EXPECT_TRUE(judge(unknown, {.tolerance = 0.1}).agrees);
    EXPECT_FALSE(judge(unknown, {.tolerance = 0.09}).agrees);
    EXPECT_FALSE(unknown.z());
    EXPECT_FALSE(judge(unknown, {}).within_errors);
    EXPECT_FALSE(judge(unknown, {}).least_effect);
}

TEST(Agreements, OfNothingHaveNoEffectInPartsOfIt) {
    const Comparison silent{0.0, 0.2, 0.1};
    EXPECT_FALSE(silent.effect());
    EXPECT_TRUE(judge(silent, {}).agrees);
    EXPECT_FALSE(judge(silent, {}).least_effect);
}

/// A true deviation of `least_effect` is 1.645 errors beyond the border of the rule.
TEST(Agreements, SayWhichDeviationTheyWouldHaveSeen) {
    const AgreementRule rule{.tolerance = 0.05, .largest_z = 3.0};
    const double effect = *judge({20.0, 20.0, 0.4}, rule).least_effect;
    EXPECT_NEAR(effect, 0.05 + (3.0 + 1.645) * 0.4 / 20.0, 1e-14);
    EXPECT_FALSE(judge({20.0, 20.0 * (1.0 + effect) - 1.644 * 0.4, 0.4}, rule).agrees);
    EXPECT_TRUE(judge({20.0, 20.0 * (1.0 + effect) - 1.646 * 0.4, 0.4}, rule).agrees);
}

TEST(SumsOfSquares, HaveTheChanceOfTheChiSquareLaw) {
    EXPECT_NEAR(chance_of_squares(3.84145882069412, 1.0), 0.05, 1e-12);
    EXPECT_NEAR(chance_of_squares(4.0, 2.0), std::exp(-2.0), 1e-15);
    EXPECT_EQ(chance_of_squares(0.0, 5.0), 1.0);
    EXPECT_THROW((void)chance_of_squares(-1.0, 5.0), UsageError);
}

TEST(Sizes, AreTakenToTheirLimit) {
    std::vector<SizedValue> values;
    for (const double size : {1000.0, 2000.0, 8000.0})
        values.push_back({size, 5.0 + 300.0 / size, 0.01 * std::sqrt(1000.0 / size)});
    const SizeLimit found = extrapolate_in_size(values);
    ASSERT_EQ(found.status, Status::converged);
    EXPECT_NEAR(found.limit, 5.0, 1e-12);
    EXPECT_NEAR(found.slope, 300.0, 1e-9);
    EXPECT_LT(found.squares, 1e-15);
    EXPECT_NEAR(*found.chance, 1.0, 1e-7);
}

TEST(Sizes, AreTakenToTheirLimitByTheRootOfN) {
    std::vector<SizedValue> values;
    for (const double size : {1000.0, 2000.0, 8000.0})
        values.push_back({size, 5.0 - 3.0 / std::sqrt(size), 0.01});
    const SizeLimit found = extrapolate_in_size(values, 0.5);
    EXPECT_NEAR(found.limit, 5.0, 1e-12);
    EXPECT_NEAR(found.slope, -3.0, 1e-9);
    EXPECT_THROW((void)extrapolate_in_size(values, 0.0), UsageError);
}

/// Through two points goes one line, whose errors are those of the points.
TEST(Sizes, OfTwoRunsLeaveNoTestOfTheLaw) {
    const std::array<SizedValue, 2> values{{{100.0, 3.0, 0.2}, {200.0, 2.0, 0.1}}};
    const SizeLimit found = extrapolate_in_size(values);
    EXPECT_NEAR(found.limit, 1.0, 1e-12);  // 2 y(200) - y(100)
    EXPECT_NEAR(found.limit_error, std::sqrt(4.0 * 0.01 + 0.04), 1e-12);
    EXPECT_NEAR(found.slope_error, 200.0 * std::sqrt(0.01 + 0.04), 1e-10);
    EXPECT_EQ(found.degrees_of_freedom, 0);
    EXPECT_FALSE(found.chance);
}

TEST(Sizes, OnNoLineAreFoundOut) {
    const std::array<SizedValue, 3> values{
        {{100.0, 3.0, 0.1}, {200.0, 3.0, 0.1}, {400.0, 5.0, 0.1}}};
    EXPECT_LT(*extrapolate_in_size(values).chance, 1e-6);
}

TEST(Sizes, MustDifferAndBePositive) {
    const std::array<SizedValue, 2> same{{{100.0, 3.0, 0.1}, {100.0, 4.0, 0.1}}};
    EXPECT_EQ(extrapolate_in_size(same).status, Status::no_theory);
    EXPECT_EQ(extrapolate_in_size({same.data(), 1}).status, Status::no_theory);
    const std::array<SizedValue, 2> exact{{{100.0, 3.0, 0.0}, {200.0, 4.0, 0.1}}};
    EXPECT_THROW((void)extrapolate_in_size(exact), UsageError);
}

}  // namespace
}  // namespace cortifold
