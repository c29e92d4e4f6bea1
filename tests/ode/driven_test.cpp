// Time and drives: parameters that the integrator moves.
#include "support/hybrid_field.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/ode/integrate.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cortifold {
namespace {

using ::testing::HasSubstr;
using testing::make_field;
using ::testing::ThrowsMessage;
using testing::vector;

/// x' = -x + p.
const auto leak =
    make_field<1, 1>([](const auto& x, const auto& p) { return std::array{p[0] - x[0]}; });
/// x' = -x + cos t: x = (cos t + sin t) / 2 + c exp(-t).
const auto forced = make_field<1, 1>(
    [](const auto& x, const auto& t) {
        using std::cos;
        return std::array{cos(t[0]) - x[0]};
    },
    {.time = 0});
double forced_solution(double t) {
    return 0.5 * (std::cos(t) + std::sin(t)) + 0.5 * std::exp(-t);
}

/// x' = -x + p from 0 answers a pulse of p over [from, to) with this at t > to.
double after_pulse(double t, double from, double to) {
    return std::exp(to - t) - std::exp(from - t);
}

OdeOptions options_for(OdeMethod method, double step) {
    OdeOptions options{.method = method, .relative_tolerance = 1e-10, .absolute_tolerance = 1e-10};
    if (has_fixed_step(method)) options.step = step;
    return options;
}

/// The fitted order where steps are halved.
template <class Error>
double order_of(Error error, double step) {
    return std::log2(error(step) / error(0.5 * step));
}

class MovedByEveryMethod : public ::testing::TestWithParam<OdeMethod> {};
INSTANTIATE_TEST_SUITE_P(, MovedByEveryMethod,
                         ::testing::Values(OdeMethod::cvode, OdeMethod::dormand_prince,
                                           OdeMethod::runge_kutta4),
                         [](const auto& method) { return std::string(to_string(method.param)); });

TEST_P(MovedByEveryMethod, FollowsAFieldThatReadsTheTime) {
    const OdeResult result = integrate({forced, vector({17.0}), vector({1.0}), 0.0, 10.0},
                                       options_for(GetParam(), 0.01));
    EXPECT_NEAR(result.state[0], forced_solution(10.0), 1e-8);
    EXPECT_EQ(result.parameters[0], 17.0) << "the time is taken off";
}

TEST_P(MovedByEveryMethod, LeavesAFrozenClockAlone) {
    const OdeResult result = integrate({.field = forced,
                                        .parameters = vector({0.0}),
                                        .initial = vector({3.0}),
                                        .t1 = 2.0,
                                        .clock = Clock::frozen},
                                       options_for(GetParam(), 0.01));
    EXPECT_NEAR(result.state[0], 1.0 + 2.0 * std::exp(-2.0), 1e-8) << "cos 0 for ever";
}

TEST_P(MovedByEveryMethod, AnswersEachPulseOfATrainExactly) {
    const PulseTrain train{0.1234, 0.7, 0.0021, 100.0, 5};
    const OdeResult result = integrate({leak, vector({0.0}), vector({0.0}), 0.0, 4.0, {{0, train}}},
                                       options_for(GetParam(), 0.01));
    double exact = 0.0;
    for (int k = 0; k < 5; ++k) {
        const double from = train.at + k * train.period;
        exact += train.height * after_pulse(4.0, from, from + train.width);
    }
    EXPECT_NEAR(result.state[0], exact, 1e-8);
    EXPECT_EQ(result.parameters[0], 0.0) << "the drive is taken off";
}

TEST_P(MovedByEveryMethod, AddsTheDrivesOfOneParameterToItsValue) {
    const OdeResult result = integrate({leak,
                                        vector({1.0}),
                                        vector({1.0}),
                                        0.0,
                                        3.0,
                                        {{0, StepWave{1.0, 2.0}}, {0, Ramp{1.0, 2.0, 4.0}}}},
                                       options_for(GetParam(), 0.01));
    // step: 2 (1 - e^(1 - t)); ramp: 4 ((t - 1) - 1 + e^(1 - t)) up to 2, then relaxing to 4
    const double step = 2.0 * (1.0 - std::exp(-2.0)),
                 ramp = 4.0 + (4.0 * std::exp(-1.0) - 4.0) * std::exp(-1.0);
    EXPECT_NEAR(result.state[0], 1.0 + step + ramp, 1e-8);
}

TEST_P(MovedByEveryMethod, PassesBreaksThatDifferByRoundingAlone) {
    const OdeResult result = integrate({leak,
                                        vector({0.0}),
                                        vector({0.0}),
                                        0.0,
                                        1.0,
                                        {{0, StepWave{0.3, 1.0}},
                                         {0, StepWave{3 * 0.1, 1.0}},
                                         {0, StepWave{std::nextafter(1.0, 0.0), 1.0}}}},
                                       options_for(GetParam(), 0.1));
    EXPECT_EQ(result.status, Status::reached_end) << result.message;
    EXPECT_EQ(result.t, 1.0);
    EXPECT_NEAR(result.state[0], 2.0 * (1.0 - std::exp(-0.7)), 2e-6);
}

TEST_P(MovedByEveryMethod, TakesBreaksOutsideItsSpanAsTheConstantsTheyLeave) {
    const OdeResult result = integrate({leak,
                                        vector({0.0}),
                                        vector({0.0}),
                                        0.0,
                                        1.0,
                                        {{0, StepWave{0.0, 1.0}},
                                         {0, StepWave{-5.0, 1.0}},
                                         {0, StepWave{1.0, 7.0}},
                                         {0, StepWave{2.0, 7.0}}}},
                                       options_for(GetParam(), 0.01));
    EXPECT_NEAR(result.state[0], 2.0 * (1.0 - std::exp(-1.0)), 1e-9);
}

// A drive may change an implicit method's Jacobian: x' = (p - 1) x.
TEST_P(MovedByEveryMethod, MovesParametersThatMultiplyTheState) {
    const auto gain = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{(p[0] - 1.0) * x[0]}; });
    const OdeResult result = integrate({gain,
                                        vector({0.0}),
                                        vector({1.0}),
                                        0.0,
                                        2.0,
                                        {{0, SampledWave{vector({0.5, 1.5}), vector({0.0, 3.0})}}}},
                                       options_for(GetParam(), 0.005));
    EXPECT_NEAR(result.state[0], std::exp(0.0 + 1.5 + 1.5 - 2.0), 1e-7);
}

TEST(RungeKutta4, KeepsItsOrderForAFieldThatReadsTheTime) {
    const auto error = [](double step) {
        const OdeResult result = integrate({forced, vector({0.0}), vector({1.0}), 0.0, 4.0},
                                           options_for(OdeMethod::runge_kutta4, step));
        return std::abs(result.state[0] - forced_solution(4.0));
    };
    EXPECT_NEAR(order_of(error, 0.1), 4.0, 0.1);
    EXPECT_NEAR(order_of(error, 0.05), 4.0, 0.1);
}

TEST(RungeKutta4, KeepsItsOrderAcrossAStep) {
    const double at = 1.0 / 3.0;
    const auto error = [at](double step) {
        const OdeResult result =
            integrate({leak, vector({0.0}), vector({0.0}), 0.0, 2.0, {{0, StepWave{at, 1.0}}}},
                      options_for(OdeMethod::runge_kutta4, step));
        return std::abs(result.state[0] - (1.0 - std::exp(at - 2.0)));
    };
    EXPECT_NEAR(order_of(error, 0.2), 4.0, 0.3);
    EXPECT_NEAR(order_of(error, 0.1), 4.0, 0.3);
    EXPECT_NEAR(order_of(error, 0.05), 4.0, 0.3);
}

TEST(RungeKutta4, KeepsItsOrderAcrossATrainOfPulses) {
    const PulseTrain train{0.07, 0.41, 0.23, 1.0, 4};
    double exact = 0.0;
    for (int k = 0; k < 4; ++k)
        exact += after_pulse(2.0, train.at + k * train.period,
                             train.at + k * train.period + train.width);
    const auto error = [&](double step) {
        const OdeResult result =
            integrate({leak, vector({0.0}), vector({0.0}), 0.0, 2.0, {{0, train}}},
                      options_for(OdeMethod::runge_kutta4, step));
        return std::abs(result.state[0] - exact);
    };
    const double mean = std::log2(error(0.1) / error(0.1 / 64.0)) / 6.0;
    EXPECT_NEAR(mean, 4.0, 0.3) << "the parts of steps vary, their mean decides";
}

TEST(Euler, IsOfOrderOne) {
    const auto error = [](double step) {
        const OdeResult result = integrate({forced, vector({0.0}), vector({1.0}), 0.0, 4.0},
                                           options_for(OdeMethod::euler, step));
        return std::abs(result.state[0] - forced_solution(4.0));
    };
    EXPECT_NEAR(order_of(error, 0.01), 1.0, 0.05);
}

TEST(Heun, IsOfOrderTwoWithoutNoise) {
    const auto error = [](double step) {
        const OdeResult result = integrate({forced, vector({0.0}), vector({1.0}), 0.0, 4.0},
                                           options_for(OdeMethod::stochastic_heun, step));
        return std::abs(result.state[0] - forced_solution(4.0));
    };
    EXPECT_NEAR(order_of(error, 0.05), 2.0, 0.05);
}

TEST(FixedSteps, StayOnTheirGridWhereADriveBreaksInBetween) {
    std::vector<double> times;
    (void)integrate({leak, vector({0.0}), vector({0.0}), 0.0, 0.5, {{0, StepWave{0.25, 1.0}}}},
                    options_for(OdeMethod::runge_kutta4, 0.1),
                    [&](double t, ConstVectorRef, ConstVectorRef) {
                        times.push_back(t);
                        return Flow::proceed;
                    });
    EXPECT_EQ(times, (std::vector{0.0, 0.1, 0.2, 0.25, 3 * 0.1, 0.4, 0.5}));
}

TEST(DormandPrince, EndsAStepAtEveryBreakAndKeepsItsLength) {
    const auto run = [](long pulses) {
        return integrate({leak,
                          vector({0.0}),
                          vector({0.0}),
                          0.0,
                          1000.0,
                          {{0, PulseTrain{1.0, 2.0, 1.0, 0.1, pulses}}}},
                         {.relative_tolerance = 1e-3, .absolute_tolerance = 1e-3});
    };
    EXPECT_LT(run(400).steps - run(1).steps, 2 * 800);
}

TEST(Drives, AreRefusedWhereTheyHaveNoTarget) {
    const auto refused = [](const auto& field, std::size_t parameter, const char* text) {
        EXPECT_THAT(
            [&] {
                (void)integrate(
                    {field, vector({0.0}), vector({0.0}), 0.0, 1.0, {{parameter, StepWave{}}}});
            },
            ThrowsMessage<UsageError>(HasSubstr(text)));
    };
    refused(leak, 1, "a drive moves parameter 1, the field has 1");
    refused(forced, 0, "a drive cannot move the time");
}

}  // namespace
}  // namespace cortifold
