#include <cortifold/signal/growth.hpp>

#include <gtest/gtest.h>

namespace cortifold {
namespace {

TEST(GrowthFit, FindsTheRateOfAPatternThatGrowsOutOfDecayingOnesAndSaturates) {
    const Vector t = Vector::LinSpaced(2001, 0.0, 100.0);
    const Vector linear = 1e-7 * (0.3 * t.array()).exp() + 1e-5 * (-2.0 * t.array()).exp();
    const Vector s = linear.array() / (1.0 + linear.array());
    const auto growth = fit_growth(t, s);
    ASSERT_TRUE(growth);
    EXPECT_NEAR(growth->rate, 0.3, 2e-3);
    EXPECT_LT(growth->spread, 2e-3);
}

TEST(GrowthFit, FindsTheRateOfADecayDownToAFloor) {
    const Vector t = Vector::LinSpaced(1001, 0.0, 50.0);
    const Vector s = (-0.5 * t.array()).exp() + 1e-9;
    const auto growth = fit_growth(t, s);
    ASSERT_TRUE(growth);
    EXPECT_NEAR(growth->rate, -0.5, 1e-2);
}

TEST(GrowthFit, RefusesAFlatSignalAZeroAndANaN) {
    const Vector t = Vector::LinSpaced(100, 0.0, 1.0);
    EXPECT_FALSE(fit_growth(t, Vector::Ones(100)));
    EXPECT_FALSE(fit_growth(t, Vector::Zero(100)));
    EXPECT_FALSE(fit_growth(t, Vector::Constant(100, std::nan(""))));
}

}  // namespace
}  // namespace cortifold
