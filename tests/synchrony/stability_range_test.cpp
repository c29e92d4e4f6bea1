#include "growth_curve.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/synchrony/stability_range.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace cortifold {
namespace {

using namespace cortifold::test;

TEST(StabilityBoundaries, AreTheZerosOfTheGrowthToRounding) {
    const GrowthCurve curve([](auto lambda) { return std::sin(lambda.real()); });
    const auto zeros = stability_boundaries(curve, {.low = 1.0, .high = 10.0, .samples = 11});
    ASSERT_EQ(zeros.size(), 3U);
    for (std::size_t k = 0; k < 3; ++k) {
        const double exact = static_cast<double>(k + 1) * std::acos(-1.0);
        EXPECT_NEAR(zeros[k].lambda, exact, 4e-15 * exact);
        EXPECT_EQ(zeros[k].rises, k == 1);
        EXPECT_LE(std::abs(zeros[k].lambda - exact), zeros[k].error + 1e-15 * exact);
    }
}

TEST(StabilityBoundaries, AreFoundWhereTheGrowthJustPassesZeroBetweenSamples) {
    constexpr double height = 1e-4;
    for (const double sign : {1.0, -1.0}) {
        const GrowthCurve curve([=](auto lambda) {
            return sign * (height - (lambda.real() - 0.53) * (lambda.real() - 0.53));
        });
        const auto zeros = stability_boundaries(curve, {.low = 0.0, .high = 1.0, .samples = 11});
        ASSERT_EQ(zeros.size(), 2U) << sign;
        EXPECT_NEAR(zeros[0].lambda, 0.52, 1e-14);
        EXPECT_NEAR(zeros[1].lambda, 0.54, 1e-14);
    }
}

TEST(StabilityBoundaries, NeedARangeAndSamples) {
    const GrowthCurve curve([](auto lambda) { return lambda.real(); });
    EXPECT_THROW((void)stability_boundaries(curve, {.low = 1.0, .high = 1.0}), UsageError);
    EXPECT_THROW((void)stability_boundaries(curve, {.low = 1.0, .high = NAN}), UsageError);
    EXPECT_THROW((void)stability_boundaries(curve, {.samples = 2}), UsageError);
    EXPECT_THROW((void)stable_strengths(curve, {}, {}), UsageError);
}

TEST(StableStrengths, AreBoundedByTheExtremeModesWhereTheGrowthIsNegativeInAWindow) {
    // Class III of Huang et al. 2009, Phys. Rev. E 80:036204: stable for -4 < s lambda < -1.
    const GrowthCurve curve(
        [](auto lambda) { return (lambda.real() + 1.0) * (lambda.real() + 4.0); });
    const auto ranges = stable_strengths(curve, ComplexVector{{-0.5, -1.0, -1.6}},
                                         {.low = 0.0, .high = 5.0, .samples = 51});
    ASSERT_EQ(ranges.size(), 1U);
    EXPECT_NEAR(ranges[0].low, 2.0, 1e-14);   // 1 / 0.5
    EXPECT_NEAR(ranges[0].high, 2.5, 1e-14);  // 4 / 1.6
    ASSERT_TRUE(ranges[0].low_mode && ranges[0].high_mode);
    EXPECT_EQ(ranges[0].low_mode->index, 2);
    EXPECT_EQ(ranges[0].high_mode->index, 4);
    EXPECT_TRUE(
        stable_strengths(curve, ComplexVector{{-0.5, -2.5}}, {.low = 0.0, .high = 5.0}).empty());
}

TEST(StableStrengths, OfAnUnstableNodeBeginWhereCouplingOvercomesIt) {
    Network network;
    network.kinds = {find_model("fold_normal_form").make()};
    network.links = default_links(*network.kinds.front(), CouplingKind::diffusive);
    const auto field = make_homogeneous_field(network);
    Vector p = default_values(field->parameters());
    p[static_cast<Eigen::Index>(index_of(field->parameters(), "coupling.strength"))] = 1.0;
    const Vector x{{1.0}};
    const double own = jacobian(*field, x, p)(0, 0);
    ASSERT_GT(own, 0.0);
    const auto ranges = stable_strengths(*stability_of_equilibrium(field, p, x),
                                         ComplexVector{{-0.4, -1.2}}, {.low = 0.0, .high = 10.0});
    ASSERT_EQ(ranges.size(), 1U);
    EXPECT_NEAR(ranges[0].low, own / 0.4, 1e-12);
    EXPECT_GT(ranges[0].low_error, 0.0);
    EXPECT_LE(std::abs(ranges[0].low - own / 0.4), 2.0 * ranges[0].low_error);
    EXPECT_LT(ranges[0].low_error, 1e-14);
    EXPECT_EQ(ranges[0].high, 10.0);
    EXPECT_FALSE(ranges[0].high_mode);
}

}  // namespace
}  // namespace cortifold
