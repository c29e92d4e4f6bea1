#include <cortifold/core/special.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>

using namespace cortifold;

namespace {

using First = Dual<double, 1>;
using Second = Dual<First, 1>;
using Third = Dual<Second, 1>;

constexpr double roundoff = 1e-13;

Third thrice_at(double x) {
    return Third::variable(Second::variable(First::variable(x, 0), 0), 0);
}

/// The slope of fourth order; its error is that of the step to the fourth, or of roundoff over it.
double difference(auto&& f, double x) {
    constexpr double step = 1e-3;
    return (8.0 * (f(x + step) - f(x - step)) - (f(x + 2.0 * step) - f(x - 2.0 * step))) /
           (12.0 * step);
}

/// A function on duals and series against its plain value: f is generic, or takes a scalar type.
void expect_derivatives(const auto& f, double x) {
    constexpr double truncation = 1e-8;
    const Third y = f(thrice_at(x));
    const double slope = y.d[0].value.value, second = y.d[0].d[0].value, third = y.d[0].d[0].d[0];
    EXPECT_NEAR(y.value.value.value, f(x), roundoff * std::abs(f(x))) << x;
    EXPECT_NEAR(slope, difference(f, x), truncation * (1.0 + std::abs(slope))) << x;
    const auto slope_at = [&](double at) { return f(First::variable(at, 0)).d[0]; };
    EXPECT_NEAR(second, difference(slope_at, x), truncation * (1.0 + std::abs(second))) << x;

    Taylor<double, 3> curve(x);
    curve.c[1] = 1.0;
    const auto series = f(curve);
    const std::array expected{f(x), slope, second / 2.0, third / 6.0};
    for (std::size_t k = 0; k < expected.size(); ++k)
        EXPECT_NEAR(series.c[k], expected[k], roundoff * (1.0 + std::abs(expected[k])))
            << "order " << k << " at " << x;

    const auto lanes = f(Pack(Pack::Constant(x)));
    EXPECT_EQ(Pack(lanes)[7], f(x));
}

template <class F>
void expect_derivatives(std::initializer_list<double> points, F function = {}) {
    for (const double x : points)
        expect_derivatives([&](const auto& z) { return apply(function, z); }, x);
}

}  // namespace

TEST(Elementary, FunctionsHaveTheSlopesOfTheirValues) {
    expect_derivatives<Tan>({-1.2, 0.4, 2.0});
    expect_derivatives<Asin>({-0.8, 0.3});
    expect_derivatives<Acos>({-0.8, 0.3});
    expect_derivatives<Atan>({-3.0, 0.2, 5.0});
    expect_derivatives<Sinh>({-2.0, 0.1});
    expect_derivatives<Cosh>({-2.0, 0.1});
    expect_derivatives<Log10>({0.3, 40.0});
}

TEST(Elementary, BernoullisFunctionHasTheSlopesOfItsValues) {
    for (const double x : {-40.0, -1.0, -0.99, -0.2, 0.0, 1e-9, 0.7, 1.0, 3.0, 30.0})
        expect_derivatives([](const auto& z) { return bernoulli(z); }, x);
}

// Abramowitz & Stegun (1964), 23.1.1: the coefficients are B_k / k!.
TEST(Elementary, BernoullisFunctionGeneratesTheBernoulliNumbersAtZero) {
    Taylor<double, 5> variable;
    variable.c[1] = 1.0;
    const auto series = bernoulli(variable);
    const std::array expected{1.0, -1.0 / 2.0, 1.0 / 12.0, 0.0, -1.0 / 720.0, 0.0};
    for (std::size_t k = 0; k < expected.size(); ++k)
        EXPECT_NEAR(series.c[k], expected[k], 1e-16) << k;
}

// B(-x) = B(x) + x, and B decays like x exp(-x): no exponential overflows on either side.
TEST(Elementary, BernoullisFunctionIsFiniteWithItsSlopesEverywhere) {
    for (const double x : {0.3, 0.999, 1.001, 20.0, 700.0, 2000.0}) {
        const First right = bernoulli(First::variable(x, 0)),
                    left = bernoulli(First::variable(-x, 0));
        EXPECT_NEAR(left.value, right.value + x, 2e-16 * left.value);
        EXPECT_NEAR(left.d[0], -1.0 - right.d[0], 1e-15);
    }
    EXPECT_EQ(bernoulli(2000.0), 0.0);
}

// The branches of its formula meet: the fifth coefficient on both sides of |x| = 1 is one number.
TEST(Elementary, BernoullisFunctionIsSmoothWhereItsFormulasMeet) {
    for (const double x : {-1.0, 1.0}) {
        Taylor<double, 5> inside(x * (1.0 - 1e-15)), outside(x);
        inside.c[1] = outside.c[1] = 1.0;
        const auto a = bernoulli(inside), b = bernoulli(outside);
        for (std::size_t k = 0; k <= 5; ++k) EXPECT_NEAR(a.c[k], b.c[k], 2e-15) << k << " at " << x;
    }
}

TEST(Special, FunctionsHaveTheSlopesOfTheirValues) {
    expect_derivatives<Erf>({-1.5, 0.0, 0.7});
    expect_derivatives<Erfc>({-1.5, 0.0, 0.7});
    expect_derivatives<LogGamma>({0.3, 1.0, 4.5, 30.0, -0.4, -2.7});
    for (const int order : {-2, 0, 1, 3}) {
        expect_derivatives({-2.5, 0.4, 7.0}, BesselJ{order});
        expect_derivatives({0.4, 7.0}, BesselY{order});
        expect_derivatives({-2.5, 0.4, 7.0}, BesselI{order});
    }
}

// Abramowitz & Stegun (1964), 6.3.2: psi(1) = -gamma, and table 6.1.
TEST(Special, DigammaHasItsKnownValues) {
    EXPECT_NEAR(digamma(1.0), -std::numbers::egamma, 1e-15);
    EXPECT_NEAR(digamma(0.5), -std::numbers::egamma - 2.0 * std::numbers::ln2, 1e-15);
    EXPECT_NEAR(digamma(-0.5), digamma(0.5) + 2.0, 1e-14);
}

TEST(Elementary, ArctangentOfTwoKeepsItsQuadrantAndItsSlopes) {
    for (const double angle : {0.3, 1.5, 2.8, -0.4, -2.0, -3.0})
        expect_derivatives(
            [&](const auto& turned) {
                using T = std::decay_t<decltype(turned)>;
                using std::sin, std::cos, cortifold::atan2, std::atan2;
                return T(atan2(T(2.0 * sin(turned)), T(2.0 * cos(turned))));
            },
            angle);
}

TEST(Elementary, PowersOfTwoActiveNumbersHaveBothSlopes) {
    for (const double x : {0.4, 1.0, 2.5})
        expect_derivatives(
            [&](const auto& z) {
                using T = std::decay_t<decltype(z)>;
                using std::pow, cortifold::pow;
                return T(pow(T(z * z + 0.1), T(1.0 - 2.0 * z)));
            },
            x);
}

TEST(Elementary, WholePowersOfAnyBaseHaveFiniteSlopes) {
    for (const double exponent : {0.0, 1.0, 2.0, 3.0, -3.0})
        for (const double x : {-1.7, 0.6})
            expect_derivatives(
                [&](const auto& z) {
                    using T = std::decay_t<decltype(z)>;
                    using std::pow, cortifold::pow;
                    return T(pow(z, T(exponent)));
                },
                x);
    const Second at_zero = pow(Second::variable(First::variable(0.0, 0), 0), Second(2.0));
    EXPECT_EQ(at_zero.d[0].value, 0.0);
    EXPECT_EQ(at_zero.d[0].d[0], 2.0);
    EXPECT_EQ(pow(Second::variable(First::variable(0.0, 0), 0), Second(1.0)).d[0].d[0], 0.0);
}

TEST(Elementary, TheModulusIsThatOfXppWithTheSlopesBetweenItsJumps) {
    EXPECT_EQ(modulo(7.5, 2.0), 1.5);
    EXPECT_EQ(modulo(-1.0, 3.0), 2.0);
    EXPECT_EQ(modulo(-1.0, -3.0), -4.0);
    for (const double x : {-4.3, 0.7, 9.1})
        expect_derivatives(
            [&](const auto& z) {
                using T = std::decay_t<decltype(z)>;
                return T(modulo(T(3.0 * z), T(1.0 + 0.01 * z * z)));
            },
            x);
}

TEST(Elementary, EveryPowerOfAPackIsThatOfItsLanes) {
    const Pack bases{-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 10.0};
    for (const double exponent : {-1.5, -1.0, 0.0, 0.5, 2.0, 3.0}) {
        const Pack powers = cortifold::pow(bases, Pack(Pack::Constant(exponent)));
        for (Eigen::Index k = 0; k < 8; ++k) {
            const double expected = std::pow(bases[k], exponent);
            EXPECT_TRUE(powers[k] == expected || (std::isnan(powers[k]) && std::isnan(expected)));
        }
    }
}
