#include "support/formula_field.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/ode/integrate.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unsupported/Eigen/MatrixFunctions>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace cortifold {
namespace {

using ::testing::HasSubstr;
using testing::make_field;
using ::testing::ThrowsMessage;
using testing::vector;

constexpr double pi = std::numbers::pi;

/// x'' = -x from (1, 0): x = cos t.
const auto oscillator = make_field<2, 0>([](const auto& x, const auto&) {
    return std::array{x[1], -x[0]};
});
/// x' = p x.
const auto growth =
    make_field<1, 1>([](const auto& x, const auto& p) { return std::array{p[0] * x[0]}; });
/// x' = x^2 from 1 is infinite at t = 1.
const auto blow_up =
    make_field<1, 0>([](const auto& x, const auto&) { return std::array{x[0] * x[0]}; });

OdeProblem harmonic(double t1) {
    return {oscillator, Vector(), vector({1.0, 0.0}), 0.0, t1};
}
double harmonic_error(const OdeResult& result) {
    return (result.state - vector({std::cos(result.t), -std::sin(result.t)})).norm();
}
OdeOptions tight(OdeMethod method, double tolerance) {
    return {.method = method, .relative_tolerance = tolerance, .absolute_tolerance = tolerance};
}

TEST(RungeKutta4, IsOfOrderFour) {
    const auto error = [](double step) {
        return harmonic_error(
            integrate(harmonic(10.0), {.method = OdeMethod::runge_kutta4, .step = step}));
    };
    EXPECT_NEAR(std::log2(error(0.1) / error(0.05)), 4.0, 0.05);
    EXPECT_NEAR(std::log2(error(0.05) / error(0.025)), 4.0, 0.05);
}

TEST(RungeKutta4, TakesFourEvaluationsAStep) {
    const OdeResult result =
        integrate(harmonic(1.0), {.method = OdeMethod::runge_kutta4, .step = 0.1});
    EXPECT_EQ(result.steps, 10);
    EXPECT_EQ(result.evaluations, 40);
}

TEST(RungeKutta4, ShortensItsLastStepToTheEnd) {
    const OdeResult result =
        integrate(harmonic(1.0), {.method = OdeMethod::runge_kutta4, .step = 0.03});
    EXPECT_EQ(result.t, 1.0);
    EXPECT_EQ(result.steps, 34);
    EXPECT_LT(harmonic_error(result), 1e-7);
}

// Of a linear equation it is exp(z) to the fourth order, z = step times rate.
TEST(RungeKutta4, MultipliesALinearEquationByItsStabilityPolynomial) {
    const OdeResult result = integrate({growth, vector({-2.0}), vector({1.0}), 0.0, 0.5},
                                       {.method = OdeMethod::runge_kutta4, .step = 0.5});
    EXPECT_NEAR(result.state[0], 1.0 - 1.0 + 1.0 / 2.0 - 1.0 / 6.0 + 1.0 / 24.0, 1e-16);
}

// Local error per step is held, so the global error follows the tolerance.
TEST(DormandPrince, LowersItsErrorWithItsTolerance) {
    for (const double tolerance : {1e-5, 1e-7, 1e-9, 1e-11}) {
        const OdeResult result =
            integrate(harmonic(20.0), tight(OdeMethod::dormand_prince, tolerance));
        EXPECT_LT(harmonic_error(result), 20.0 * tolerance);
        EXPECT_GT(harmonic_error(result), 0.01 * tolerance);
    }
}

TEST(DormandPrince, NeedsStepsThatGrowWithTheFifthRootOfTheTolerance) {
    const auto steps = [](double tolerance) {
        return double(
            integrate(harmonic(100.0), tight(OdeMethod::dormand_prince, tolerance)).steps);
    };
    EXPECT_NEAR(std::log10(steps(1e-11) / steps(1e-6)), 1.0, 0.1);
}

TEST(DormandPrince, SpendsSixEvaluationsAStepWhereNoneIsRejected) {
    const OdeResult result =
        integrate({growth, vector({-1.0}), vector({1.0}), 0.0, 1.0}, {.step = 1e-3});
    EXPECT_EQ(result.evaluations, 1 + 6 * result.steps);
}

class EveryMethod : public ::testing::TestWithParam<OdeMethod> {
protected:
    OdeOptions options(double output_step = 0.0) const {
        OdeOptions options = tight(GetParam(), 1e-10);
        options.output_step = output_step;
        if (GetParam() == OdeMethod::runge_kutta4) options.step = 1e-3;
        return options;
    }
};
INSTANTIATE_TEST_SUITE_P(, EveryMethod,
                         ::testing::Values(OdeMethod::cvode, OdeMethod::dormand_prince,
                                           OdeMethod::runge_kutta4),
                         [](const auto& method) { return std::string(to_string(method.param)); });

TEST_P(EveryMethod, FollowsTheMatrixExponential) {
    const auto linear = make_field<3, 0>([](const auto& x, const auto&) {
        return std::array{-1.0 * x[0] + 2.0 * x[1], -2.0 * x[0] - 0.5 * x[1] + x[2],
                          0.3 * x[0] - 0.7 * x[2]};
    });
    const Matrix A = (Matrix(3, 3) << -1.0, 2.0, 0.0, -2.0, -0.5, 1.0, 0.3, 0.0, -0.7).finished();
    const Vector x0 = vector({1.0, -2.0, 0.5});
    const OdeResult result = integrate({linear, Vector(), x0, -1.0, 2.0}, options());
    EXPECT_EQ(result.status, Status::reached_end) << result.message;
    EXPECT_EQ(result.t, 2.0);
    const Vector exact = (3.0 * A).exp() * x0;
    EXPECT_LT((result.state - exact).norm(), 1e-8);
}

TEST_P(EveryMethod, ShowsTheStateAtExactlyTheTimesAskedFor) {
    std::vector<double> times;
    double worst = 0.0;
    const auto observer = [&](double t, ConstVectorRef x, ConstVectorRef) {
        times.push_back(t);
        worst = std::max(worst, std::abs(x[0] - std::cos(t)));
        return Flow::proceed;
    };
    const OdeResult result = integrate(harmonic(2.0), options(0.0123), observer);
    EXPECT_EQ(result.status, Status::reached_end);
    ASSERT_EQ(times.size(), 164u);  // 0, 162 multiples of the step, 2
    for (std::size_t k = 0; k + 1 < times.size(); ++k) EXPECT_EQ(times[k], double(k) * 0.0123);
    EXPECT_EQ(times.back(), 2.0);
    EXPECT_LT(worst, 1e-8);
}

TEST_P(EveryMethod, ShowsTheEndOnceWhereTheOutputsMeetIt) {
    std::vector<double> times;
    const auto observer = [&](double t, ConstVectorRef, ConstVectorRef) {
        times.push_back(t);
        return Flow::proceed;
    };
    (void)integrate(harmonic(0.3), options(0.1), observer);  // 3 * 0.1 > 0.3 in doubles
    EXPECT_EQ(times, (std::vector{0.0, 0.1, 0.2, 0.3}));
}

TEST_P(EveryMethod, ShowsNothingBeforeItIsAskedTo) {
    std::vector<double> times;
    OdeOptions late = options(0.25);
    late.output_from = 0.6;
    (void)integrate(harmonic(1.5), late, [&](double t, ConstVectorRef x, ConstVectorRef) {
        times.push_back(t);
        EXPECT_NEAR(x[0], std::cos(t), 1e-8);
        return Flow::proceed;
    });
    EXPECT_EQ(times, (std::vector{0.6, 0.85, 1.1, 1.35, 1.5}));
}

TEST_P(EveryMethod, ShowsEveryStepWhereNoOutputStepIsGiven) {
    long seen = 0;
    double last = -1.0;
    const auto observer = [&](double t, ConstVectorRef, ConstVectorRef) {
        EXPECT_GT(t, last);
        last = t;
        ++seen;
        return Flow::proceed;
    };
    const OdeResult result = integrate(harmonic(1.0), options(), observer);
    EXPECT_EQ(seen, result.steps + 1);
}

TEST_P(EveryMethod, EndsWhereTheObserverStopsIt) {
    const auto observer = [](double, ConstVectorRef x, ConstVectorRef) {
        return x[0] < 0.0 ? Flow::stop : Flow::proceed;
    };
    const OdeResult result = integrate(harmonic(10.0), options(0.5), observer);
    EXPECT_EQ(result.status, Status::stopped_by_observer);
    EXPECT_EQ(result.t, 2.0) << "the first multiple of 1/2 after pi / 2";
    EXPECT_NEAR(result.state[0], std::cos(2.0), 1e-8);
}

TEST_P(EveryMethod, IsNotChangedByBeingObserved) {
    const OdeResult alone = integrate(harmonic(3.0), options());
    const OdeResult observed =
        integrate(harmonic(3.0), options(0.07),
                  [](double, ConstVectorRef, ConstVectorRef) { return Flow::proceed; });
    EXPECT_EQ(alone.state, observed.state);
    EXPECT_EQ(alone.steps, observed.steps);
}

TEST_P(EveryMethod, RepeatsItselfBitForBit) {
    EXPECT_EQ(integrate(harmonic(3.0), options()).state, integrate(harmonic(3.0), options()).state);
}

// The field with the sign of time turned leads back.
TEST_P(EveryMethod, ReturnsWhenTimeIsReversed) {
    const auto duffing = make_field<2, 1>([](const auto& x, const auto& p) {
        return std::array{p[0] * x[1], p[0] * (x[0] - x[0] * x[0] * x[0])};
    });
    const Vector x0 = vector({0.5, 0.3});
    const OdeResult there = integrate({duffing, vector({1.0}), x0, 0.0, 5.0}, options());
    const OdeResult back = integrate({duffing, vector({-1.0}), there.state, 0.0, 5.0}, options());
    EXPECT_LT((back.state - x0).norm(), 2e-7);
}

TEST_P(EveryMethod, KeepsTheLastGoodStateOfABlowUp) {
    const OdeResult result = integrate({blow_up, Vector(), vector({1.0}), 0.0, 3.0}, options());
    EXPECT_FALSE(succeeded(result.status));
    EXPECT_TRUE(result.status == Status::non_finite || result.status == Status::step_too_small)
        << result.message;
    EXPECT_TRUE(result.state.allFinite());
    const bool adaptive = GetParam() != OdeMethod::runge_kutta4;
    EXPECT_NEAR(result.t, 1.0, adaptive ? 1e-6 : 0.01);
}

TEST_P(EveryMethod, ReportsAFieldThatIsNotFiniteAtTheStart) {
    const auto root = make_field<1, 0>([](const auto& x, const auto&) {
        using std::sqrt;
        return std::array{sqrt(x[0] - 1.0)};
    });
    const OdeResult result = integrate({root, Vector(), vector({0.0}), 0.0, 1.0}, options());
    EXPECT_EQ(result.status, Status::non_finite) << result.message;
    EXPECT_EQ(result.t, 0.0);
    EXPECT_EQ(result.state[0], 0.0);
}

// x' = -1 - sqrt(x) from 1/4 meets zero, beyond which it has no value, at t = 1 - 2 log(3/2).
TEST_P(EveryMethod, StopsAtTheEdgeOfTheDomain) {
    const auto falling = make_field<1, 0>([](const auto& x, const auto&) {
        using std::sqrt;
        return std::array{-1.0 - sqrt(x[0])};
    });
    const OdeResult result = integrate({falling, Vector(), vector({0.25}), 0.0, 3.0}, options());
    EXPECT_FALSE(succeeded(result.status));
    EXPECT_GE(result.state[0], 0.0);
    EXPECT_NEAR(result.t, 1.0 - 2.0 * std::log(1.5), 1e-3);
}

TEST_P(EveryMethod, CountsItsStepsAgainstTheLimit) {
    OdeOptions few = options();
    few.max_steps = 5;
    const OdeResult result = integrate(harmonic(10.0), few);
    EXPECT_EQ(result.status, Status::iteration_limit);
    EXPECT_EQ(result.steps, 5);
    EXPECT_THAT(result.message, HasSubstr("max_steps is used up at t = "));
}

TEST_P(EveryMethod, AsksAfterEveryStepWhetherToGoOn) {
    OdeOptions options = tight(GetParam(), 1e-6);
    options.step = 0.01;
    options.output_step = 50.0;  // the watch does not wait for it
    options.watch = [](double t) { return t > 1.0 ? Flow::stop : Flow::proceed; };
    const OdeResult result = integrate(harmonic(100.0), options);
    EXPECT_EQ(result.status, Status::stopped_by_observer);
    EXPECT_GT(result.t, 1.0);
    EXPECT_LT(result.t, 3.0);
    EXPECT_LT(harmonic_error(result), 1e-3);
}

// Robertson 1966: y1' = -k1 y1 + k3 y2 y3, ... Value at t = 40: Hairer & Wanner 1996, section
// IV.10, to the digits of the CVODE example.
TEST(Cvode, SolvesTheRobertsonReaction) {
    const auto robertson = make_field<3, 0>([](const auto& y, const auto&) {
        const auto slow = 0.04 * y[0];
        const auto mixed = 1e4 * y[1] * y[2];
        const auto fast = 3e7 * y[1] * y[1];
        return std::array{mixed - slow, slow - mixed - fast, fast};
    });
    OdeOptions options = tight(OdeMethod::cvode, 1e-10);
    options.absolute_tolerance = 1e-14;
    const OdeResult result =
        integrate({robertson, Vector(), vector({1.0, 0.0, 0.0}), 0.0, 40.0}, options);
    ASSERT_EQ(result.status, Status::reached_end) << result.message;
    EXPECT_NEAR(result.state[0], 0.7158270688, 1e-8);
    EXPECT_NEAR(result.state[1], 9.185534765e-6, 1e-13);
    EXPECT_NEAR(result.state[2], 0.2841637457, 1e-8);
    EXPECT_NEAR(result.state.sum(), 1.0, 1e-12) << "mass";
}

// Van der Pol in its relaxation limit, period (3 - 2 log 2) mu + 3 a mu^(-1/3) + ... with a =
// 2.33811 (Dorodnitsyn 1947); an explicit method would need more than mu^2 steps.
TEST(Cvode, CrossesTheRelaxationOscillationInFewSteps) {
    const auto van_der_pol = make_field<2, 1>([](const auto& x, const auto& p) {
        return std::array{x[1], p[0] * (1.0 - x[0] * x[0]) * x[1] - x[0]};
    });
    constexpr double mu = 1000.0;
    std::vector<double> falls;
    double x_before = 0.0;
    const auto observer = [&](double t, ConstVectorRef x, ConstVectorRef) {
        if (x_before > 0.0 && x[0] <= 0.0) falls.push_back(t);
        x_before = x[0];
        return Flow::proceed;
    };
    const OdeResult result = integrate({van_der_pol, vector({mu}), vector({2.0, 0.0}), 0.0, 4000.0},
                                       tight(OdeMethod::cvode, 1e-8), observer);
    ASSERT_GE(falls.size(), 2u) << result.message;
    const double period =
        (3.0 - 2.0 * std::log(2.0)) * mu + 3.0 * 2.33811 * std::pow(mu, -1.0 / 3.0);
    EXPECT_NEAR(falls[1] - falls[0], period, 1e-4 * period);
    EXPECT_LT(result.steps, 10000);
    EXPECT_LT(result.factorizations, result.steps);
}

TEST(Cvode, LowersItsErrorWithItsTolerance) {
    double before = std::numeric_limits<double>::infinity();
    for (const double tolerance : {1e-4, 1e-6, 1e-8, 1e-10}) {
        const double error =
            harmonic_error(integrate(harmonic(20.0), tight(OdeMethod::cvode, tolerance)));
        EXPECT_LT(error, before / 10.0);
        EXPECT_LT(error, 1e3 * tolerance);
        before = error;
    }
}

TEST(Integrate, RefusesWhatCannotBeMeantByName) {
    EXPECT_THAT([] { (void)integrate(harmonic(1.0), {.method = OdeMethod::runge_kutta4}); },
                ThrowsMessage<UsageError>(HasSubstr("ode.step = 0 must be greater than 0")));
    EXPECT_THAT([] { (void)integrate(harmonic(1.0), {.relative_tolerance = -1.0}); },
                ThrowsMessage<UsageError>(HasSubstr("ode.relative_tolerance = -1")));
    EXPECT_THAT([] { (void)integrate(harmonic(-1.0)); },
                ThrowsMessage<UsageError>(HasSubstr("t1 = -1")));
    EXPECT_THAT(
        [] {
            (void)integrate({growth, Vector(), vector({1.0}), 0.0, 1.0});
        },
        ThrowsMessage<UsageError>(HasSubstr("0 parameters were given, the field has 1")));
    EXPECT_THROW((void)integrate({growth, vector({1.0}),
                                  vector({std::numeric_limits<double>::quiet_NaN()}), 0.0, 1.0}),
                 UsageError);
}

}  // namespace
}  // namespace cortifold
