#include <cortifold/core/taylor.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

using namespace cortifold;

namespace {

constexpr std::size_t order = 5;
using Series = Taylor<double, order>;

constexpr double roundoff = 1e-13;  ///< of the recurrences, for coefficients of order one

/// t, the identity.
Series variable() {
    Series t;
    t.c[1] = 1.0;
    return t;
}

void expect_equal(const Series& found, const Series& expected) {
    for (std::size_t k = 0; k <= order; ++k) EXPECT_NEAR(found.c[k], expected.c[k], roundoff) << k;
}

void expect_coefficients(const Series& found, std::array<double, order + 1> expected) {
    Series series;
    series.c = expected;
    expect_equal(found, series);
}

double number(double low, double high) {
    constexpr int cells = 1 << 20;
    return low + (high - low) * (*rc::gen::inRange(0, cells)) / cells;
}

/// A generic series with a positive constant term.
Series generic() {
    Series x(number(0.5, 2.0));
    for (std::size_t k = 1; k <= order; ++k) x.c[k] = number(-0.5, 0.5);
    return x;
}

bool near(const Series& a, const Series& b) {
    for (std::size_t k = 0; k <= order; ++k)
        if (std::abs(a.c[k] - b.c[k]) > 100.0 * roundoff) return false;
    return true;
}

}  // namespace

TEST(Taylor, ReproducesTheSeriesOfTheElementaryFunctions) {
    const Series t = variable();
    expect_coefficients(exp(t), {1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120});
    expect_coefficients(log(1.0 + t), {0.0, 1.0, -1.0 / 2, 1.0 / 3, -1.0 / 4, 1.0 / 5});
    expect_coefficients(1.0 / (1.0 - t), {1.0, 1.0, 1.0, 1.0, 1.0, 1.0});
    expect_coefficients(sqrt(1.0 + t), {1.0, 1.0 / 2, -1.0 / 8, 1.0 / 16, -5.0 / 128, 7.0 / 256});
    expect_coefficients(pow(1.0 + t, -2.0), {1.0, -2.0, 3.0, -4.0, 5.0, -6.0});
    expect_coefficients(sin(t), {0.0, 1.0, 0.0, -1.0 / 6, 0.0, 1.0 / 120});
    expect_coefficients(cos(t), {1.0, 0.0, -1.0 / 2, 0.0, 1.0 / 24, 0.0});
    expect_coefficients(tanh(t), {0.0, 1.0, 0.0, -1.0 / 3, 0.0, 2.0 / 15});
    expect_coefficients(logistic(t), {0.5, 0.25, 0.0, -1.0 / 48, 0.0, 1.0 / 480});
}

TEST(Taylor, TheProductOfPolynomialsIsTheirConvolution) {
    const Series t = variable();
    expect_coefficients((1.0 + 2.0 * t) * (3.0 - t + t * t), {3.0, 5.0, -1.0, 2.0, 0.0, 0.0});
}

RC_GTEST_PROP(Taylor, DivisionUndoesMultiplication, ()) {
    const Series x = generic(), y = generic();
    RC_ASSERT(near((x * y) / y, x));
}

RC_GTEST_PROP(Taylor, LogarithmUndoesTheExponential, ()) {
    const Series x = generic();
    RC_ASSERT(near(log(exp(x)), x));
}

RC_GTEST_PROP(Taylor, PowersAddTheirExponents, ()) {
    const Series x = generic();
    RC_ASSERT(near(pow(x, 1.5) * pow(x, 0.5), x * x));
    RC_ASSERT(near(sqrt(x) * sqrt(x), x));
}

RC_GTEST_PROP(Taylor, SineAndCosineLieOnTheUnitCircle, ()) {
    const Series x = generic();
    RC_ASSERT(near(sin(x) * sin(x) + cos(x) * cos(x), Series(1.0)));
}

RC_GTEST_PROP(Taylor, TanhAndLogisticAreQuotientsOfExponentials, ()) {
    const Series x = generic();
    RC_ASSERT(near(tanh(x), (exp(x) - exp(-x)) / (exp(x) + exp(-x))));
    RC_ASSERT(near(logistic(x), 1.0 / (1.0 + exp(-x))));
}

TEST(Taylor, TheLogisticIsFiniteWhereTheExponentialOverflows) {
    for (const double x : {-1e4, 1e4}) {
        const Series y = logistic(x + variable());
        EXPECT_EQ(y.c[0], x > 0.0 ? 1.0 : 0.0);
        for (std::size_t k = 1; k <= order; ++k) EXPECT_EQ(y.c[k], 0.0);
    }
}

TEST(Taylor, SelectionAndComparisonLookAtTheConstantTerm) {
    const Series low = 1.0 + variable(), high = 2.0 - variable();
    EXPECT_TRUE(low < high && low <= high && high > low && high >= low);
    EXPECT_EQ(select(low < high, low, high).c[1], 1.0);
}
