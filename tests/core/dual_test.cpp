#include <cortifold/core/dual.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

using namespace cortifold;

namespace {

using D1 = Dual<double, 1>;
using D2 = Dual<double, 2>;
using Second = Dual<Dual<double, 1>, 1>;

constexpr double roundoff = 1e-14;  ///< of a handful of operations

D1 at(double x) {
    return D1::variable(x, 0);
}

/// A point whose inner and outer direction are the same variable: d[0].d[0] is the second
/// derivative.
Second twice_at(double x) {
    return Second::variable(D1::variable(x, 0), 0);
}

/// In (low, high), on a grid fine enough to be generic.
double number(double low, double high) {
    constexpr int cells = 1 << 20;
    return low + (high - low) * (*rc::gen::inRange(1, cells)) / cells;
}

void expect_slope(const D1& y, double value, double slope) {
    EXPECT_NEAR(y.value, value, roundoff * std::abs(value));
    EXPECT_NEAR(y.d[0], slope, roundoff * std::abs(slope));
}

}  // namespace

TEST(Dual, FunctionsHaveTheirTextbookDerivatives) {
    constexpr double x = 0.7;
    const double l = 1.0 / (1.0 + std::exp(-x));
    expect_slope(exp(at(x)), std::exp(x), std::exp(x));
    expect_slope(log(at(x)), std::log(x), 1.0 / x);
    expect_slope(sqrt(at(x)), std::sqrt(x), 0.5 / std::sqrt(x));
    expect_slope(sin(at(x)), std::sin(x), std::cos(x));
    expect_slope(cos(at(x)), std::cos(x), -std::sin(x));
    expect_slope(tanh(at(x)), std::tanh(x), 1.0 / (std::cosh(x) * std::cosh(x)));
    expect_slope(logistic(at(x)), l, l * (1.0 - l));
    expect_slope(pow(at(x), 2.5), std::pow(x, 2.5), 2.5 * std::pow(x, 1.5));
}

TEST(Dual, TheLogisticHasAFiniteSlopeWhereTheExponentialOverflows) {
    for (const double x : {-1e4, -800.0, 800.0, 1e4}) {
        EXPECT_EQ(logistic(at(x)).value, x > 0.0 ? 1.0 : 0.0);
        EXPECT_EQ(logistic(at(x)).d[0], 0.0);
    }
    expect_slope(logistic(at(30.0)), 1.0 / (1.0 + std::exp(-30.0)),
                 std::exp(-30.0) / std::pow(1.0 + std::exp(-30.0), 2));
}

RC_GTEST_PROP(Dual, ArithmeticFollowsTheRulesOfDifferentiation, ()) {
    const double x = number(-3.0, 3.0), y = number(0.5, 3.0);
    const D2 a = D2::variable(x, 0), b = D2::variable(y, 1);
    const D2 sum = a + b, difference = a - b, product = a * b, quotient = a / b;
    RC_ASSERT(sum.d[0] == 1.0 && sum.d[1] == 1.0);
    RC_ASSERT(difference.d[0] == 1.0 && difference.d[1] == -1.0);
    RC_ASSERT(product.d[0] == y && product.d[1] == x);
    RC_ASSERT(std::abs(quotient.d[0] - 1.0 / y) <= roundoff / y);
    RC_ASSERT(std::abs(quotient.d[1] + x / (y * y)) <= roundoff * std::abs(x) / (y * y));
}

RC_GTEST_PROP(Dual, APlainNumberActsAsAConstantOfTheSameValue, ()) {
    const double x = number(0.5, 3.0), c = number(-3.0, 3.0);
    const D1 a = at(x), constant(c);
    const auto same = [](const D1& left, const D1& right) {
        return std::abs(left.value - right.value) <= roundoff * std::abs(right.value) &&
               std::abs(left.d[0] - right.d[0]) <= roundoff * std::abs(right.d[0]);
    };
    RC_ASSERT(same(a + c, a + constant) && same(c + a, constant + a));
    RC_ASSERT(same(a - c, a - constant) && same(c - a, constant - a));
    RC_ASSERT(same(a * c, a * constant) && same(c * a, constant * a));
    RC_ASSERT(same(c / a, constant / a));
    if (c != 0.0) RC_ASSERT(same(a / c, a / constant));
}

TEST(Dual, CompoundAssignmentEqualsTheOperator) {
    const D1 a = at(1.3), b = at(0.4) * 2.0;
    D1 x = a;
    x += b;
    x *= b;
    x -= a;
    x /= b;
    const D1 y = ((a + b) * b - a) / b;
    EXPECT_EQ(x.value, y.value);
    EXPECT_EQ(x.d[0], y.d[0]);
}

TEST(Dual, NestedDualsGiveSecondDerivatives) {
    constexpr double x = 0.6;
    const double t = std::tanh(x);
    const auto second = [](const Second& y) { return y.d[0].d[0]; };
    EXPECT_NEAR(second(twice_at(x) * twice_at(x) * twice_at(x)), 6.0 * x, roundoff);
    EXPECT_NEAR(second(exp(twice_at(x))), std::exp(x), roundoff);
    EXPECT_NEAR(second(log(twice_at(x))), -1.0 / (x * x), roundoff);
    EXPECT_NEAR(second(sqrt(twice_at(x))), -0.25 * std::pow(x, -1.5), roundoff);
    EXPECT_NEAR(second(sin(twice_at(x))), -std::sin(x), roundoff);
    EXPECT_NEAR(second(tanh(twice_at(x))), -2.0 * t * (1.0 - t * t), roundoff);
    EXPECT_NEAR(second(1.0 / twice_at(x)), 2.0 / (x * x * x), 10.0 * roundoff);
    EXPECT_NEAR(second(pow(twice_at(x), 2.5)), 3.75 * std::sqrt(x), roundoff);
}

TEST(Dual, TheChainRuleComposesThroughNestedFunctions) {
    constexpr double x = 0.9;
    const D1 y = exp(sin(at(x) * at(x)));
    EXPECT_NEAR(y.d[0], 2.0 * x * std::cos(x * x) * std::exp(std::sin(x * x)), roundoff * 10.0);
}

TEST(Dual, ComparisonAndSelectionLookAtTheValue) {
    const D1 small = at(1.0), large = at(2.0);
    EXPECT_TRUE(small < large && small <= large && large > small && large >= small);
    EXPECT_EQ(select(small < large, small, large).value, 1.0);
    EXPECT_EQ(select(small > large, small, large).value, 2.0);
}
