// Discontinuities of the flow: threshold and reset, bounces, switches.
#include "support/hybrid_field.hpp"
#include <cortifold/ode/integrate.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace cortifold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::make_field;
using testing::TestJump;
using testing::vector;

struct Seen {
    std::size_t which;
    double t;
    Vector x;
};

/// What on_jump is told.
struct Watched {
    OdeResult result;
    std::vector<Seen> jumps;

    Watched(const OdeProblem& problem, OdeOptions options, const OdeObserver& observer = {}) {
        options.on_jump = [this](std::size_t which, double t, ConstVectorRef x) {
            jumps.push_back({which, t, x});
        };
        result = integrate(problem, options, observer);
    }
    [[nodiscard]] std::vector<std::size_t> order() const {
        std::vector<std::size_t> all;
        for (const Seen& seen : jumps) all.push_back(seen.which);
        return all;
    }
};

Flow nothing(VectorRef, VectorRef) {
    return Flow::proceed;
}
/// Where x1 passes a level.
TestJump passing(double level, Crossing crossing,
                 const std::function<Flow(VectorRef, VectorRef)>& make = nothing) {
    return {{"level", crossing},
            [level](ConstVectorRef x, ConstVectorRef) { return x[0] - level; },
            make};
}

/// V' = I - V, reset from 1 to 0: a spike every log(I / (I - 1)).
const auto integrate_and_fire =
    make_field<1, 1>([](const auto& x, const auto& p) { return std::array{p[0] - x[0]}; },
                     {.jumps = {passing(1.0, Crossing::rising, [](VectorRef x, VectorRef) {
                          x[0] = 0.0;
                          return Flow::proceed;
                      })}});
constexpr double current = 1.5;
const double spike_interval = std::log(current / (current - 1.0));

/// Free fall under g = 2 from height 1, each bounce keeping the part p of the speed: the first at
/// t = 1, then after 2 p, 2 p^2, ...; at rest at t = 1 + 2 p / (1 - p).
auto ball(Crossing crossing) {
    return make_field<2, 1>(
        [](const auto& x, const auto& p) {
            return std::array{x[1], -2.0 + 0.0 * p[0]};
        },
        {.jumps = {passing(0.0, crossing, [](VectorRef x, VectorRef p) {
             x[1] *= -p[0];
             return Flow::proceed;
         })}});
}

/// x' = p.
std::shared_ptr<const VectorField> drift(std::vector<TestJump> jumps) {
    return make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] + 0.0 * x[0]}; },
        {.jumps = std::move(jumps)});
}
/// x1' = x2, x2' = -x1: from (1, 0) x1 = cos t.
std::shared_ptr<const VectorField> rotation(std::vector<TestJump> jumps) {
    return make_field<2, 0>(
        [](const auto& x, const auto&) {
            return std::array{x[1], -x[0]};
        },
        {.jumps = std::move(jumps)});
}

OdeOptions options_for(OdeMethod method, double step) {
    OdeOptions options{.method = method, .relative_tolerance = 1e-11, .absolute_tolerance = 1e-11};
    if (has_fixed_step(method)) options.step = step;
    return options;
}

class JumpsOfEveryMethod : public ::testing::TestWithParam<OdeMethod> {
protected:
    [[nodiscard]] OdeOptions options() const { return options_for(GetParam(), 0.01); }
    /// Of the methods of high order, of Euler's with ten steps and of Heun's.
    [[nodiscard]] double accuracy() const {
        if (GetParam() == OdeMethod::euler) return 0.1;
        return GetParam() == OdeMethod::stochastic_heun ? 1e-4 : 1e-8;
    }
};
INSTANTIATE_TEST_SUITE_P(, JumpsOfEveryMethod,
                         ::testing::Values(OdeMethod::cvode, OdeMethod::dormand_prince,
                                           OdeMethod::runge_kutta4, OdeMethod::euler,
                                           OdeMethod::stochastic_heun),
                         [](const auto& method) { return std::string(to_string(method.param)); });

TEST_P(JumpsOfEveryMethod, FireAtTheClosedFormTimesOfIntegrateAndFire) {
    const Watched run({integrate_and_fire, vector({current}), vector({0.0}), 0.0, 20.0}, options());
    EXPECT_EQ(run.result.status, Status::reached_end) << run.result.message;
    ASSERT_EQ(run.jumps.size(), 18u);
    EXPECT_EQ(run.result.jumps, 18);
    for (std::size_t k = 0; k < 18; ++k) {
        EXPECT_NEAR(run.jumps[k].t / spike_interval, double(k + 1), accuracy() * double(k + 1));
        EXPECT_EQ(run.jumps[k].x[0], 0.0);
    }
}

TEST_P(JumpsOfEveryMethod, BounceABallAtTheClosedFormTimes) {
    constexpr double kept = 0.5;
    for (const Crossing crossing : {Crossing::falling, Crossing::either}) {
        const Watched run({ball(crossing), vector({kept}), vector({1.0, 0.0}), 0.0, 2.9},
                          options());
        EXPECT_EQ(run.result.status, Status::reached_end) << run.result.message;
        ASSERT_GE(run.jumps.size(), 4u);
        double t = 1.0;
        for (std::size_t k = 0; k < 4; ++k) {
            EXPECT_NEAR(run.jumps[k].t, t, accuracy());
            t += 2.0 * std::pow(kept, double(k + 1));
        }
    }
}

TEST_P(JumpsOfEveryMethod, WhoseResetLeadsNowhereEndTheRunWithTheTime) {
    const auto stuck = drift({passing(1.0, Crossing::rising, [](VectorRef x, VectorRef) {
        x[0] = 1.0 - 1e-9;
        return Flow::proceed;
    })});
    const Watched run({stuck, vector({1.0}), vector({0.5}), 0.0, 2.0}, options());
    EXPECT_EQ(run.result.status, Status::step_too_small) << run.result.message;
    EXPECT_NEAR(run.result.t, 0.5, 1e-6);
}

// Where x comes to zero from above, the function of the other is at zero too.
TEST_P(JumpsOfEveryMethod, MustLeaveZeroAlsoWhereAnotherOneFired) {
    const auto turning = drift({passing(0.0, Crossing::falling,
                                        [](VectorRef, VectorRef p) {
                                            p[0] = 1.0;
                                            return Flow::proceed;
                                        }),
                                passing(0.0, Crossing::rising)});
    const Watched run({turning, vector({-1.0}), vector({0.123}), 0.0, 2.0}, options());
    EXPECT_THAT(run.order(), ElementsAre(0));
    EXPECT_NEAR(run.result.state[0], 2.0 - 0.123, 1e-9);
}

TEST_P(JumpsOfEveryMethod, MoveParametersThatStayMoved) {
    const auto to = [](double slope) {
        return [slope](VectorRef, VectorRef p) {
            p[0] = slope;
            return Flow::proceed;
        };
    };
    const auto triangle = drift(
        {passing(1.0, Crossing::rising, to(-1.0)), passing(-1.0, Crossing::falling, to(1.0))});
    const Watched run({triangle, vector({1.0}), vector({0.0}), 0.0, 6.5}, options());
    EXPECT_THAT(run.order(), ElementsAre(0, 1, 0));
    EXPECT_NEAR(run.result.state[0], -0.5, 1e-9) << "the triangular wave";
    EXPECT_EQ(run.result.parameters[0], -1.0);
}

TEST_P(JumpsOfEveryMethod, MoveParametersUnderADrive) {
    const auto doubling = drift({passing(1.0, Crossing::rising, [](VectorRef, VectorRef p) {
        p[0] += 1.0;
        return Flow::proceed;
    })});
    const Watched run(
        {doubling, vector({1.0}), vector({0.0}), 0.0, 2.0, {{0, StepWave{0.5, 0.25}}}}, options());
    // 1 is reached at 0.5 + 0.5 / 1.25 = 0.9, from there the slope is 2.25
    ASSERT_EQ(run.jumps.size(), 1u);
    EXPECT_NEAR(run.jumps[0].t, 0.9, 1e-9);
    EXPECT_NEAR(run.result.state[0], 1.0 + 1.1 * 2.25, 1e-9);
    EXPECT_EQ(run.result.parameters[0], 2.0) << "without the drive";
}

TEST_P(JumpsOfEveryMethod, HappenAtABreakThatMovesTheirFunctionThroughZero) {
    const auto gated = make_field<1, 2>(
        [](const auto& x, const auto& p) { return std::array{1.0 + 0.0 * p[0] * x[0]}; },
        {.jumps = {{{"gate", Crossing::rising},
                    [](ConstVectorRef, ConstVectorRef p) { return p[1] - 0.5; },
                    [](VectorRef x, VectorRef) {
                        x[0] = -10.0;
                        return Flow::proceed;
                    }}}});
    const Watched run(
        {gated, vector({0.0, 0.0}), vector({0.0}), 0.0, 2.0, {{1, StepWave{0.7, 1.0}}}}, options());
    ASSERT_EQ(run.jumps.size(), 1u);
    EXPECT_EQ(run.jumps[0].t, 0.7);
    EXPECT_NEAR(run.result.state[0], -10.0 + 1.3, 1e-9);
}

TEST_P(JumpsOfEveryMethod, MayDependOnTheTime) {
    const auto clocked = make_field<1, 1>(
        [](const auto& x, const auto& t) {
            using std::cos;
            return std::array{cos(3.0 * t[0]) - x[0]};
        },
        {.time = 0,
         .jumps = {
             {{"every second", Crossing::falling},
              [](ConstVectorRef, ConstVectorRef t) { return std::sin(std::numbers::pi * t[0]); },
              nothing}}});
    const Watched run({clocked, vector({0.0}), vector({0.0}), 0.0, 6.5}, options());
    ASSERT_EQ(run.jumps.size(), 3u);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(run.jumps[k].t, 2.0 * double(k) + 1.0, 1e-13);
    EXPECT_EQ(run.result.parameters[0], 0.0);
}

TEST_P(JumpsOfEveryMethod, FireAgainWhereTheirFunctionIsDiscontinuous) {
    const auto steps =
        rotation({{{"sign", Crossing::falling},
                   [](ConstVectorRef x, ConstVectorRef) { return x[0] >= 0.0 ? 1.0 : -1.0; },
                   nothing}});
    const Watched run({steps, Vector(), vector({1.0, 0.0}), 0.0, 20.0}, options());
    EXPECT_EQ(run.jumps.size(), 3u);
}

TEST_P(JumpsOfEveryMethod, MayEndTheRun) {
    const auto until_one =
        drift({passing(1.0, Crossing::either, [](VectorRef, VectorRef) { return Flow::stop; })});
    std::vector<double> times;
    OdeOptions rare = options();
    rare.output_step = 0.75;
    const Watched run({until_one, vector({2.0}), vector({0.0}), 0.0, 5.0}, rare,
                      [&](double t, ConstVectorRef, ConstVectorRef) {
                          times.push_back(t);
                          return Flow::proceed;
                      });
    EXPECT_EQ(run.result.status, Status::stopped_by_observer);
    EXPECT_NEAR(run.result.t, 0.5, 1e-9);
    EXPECT_NEAR(run.result.state[0], 1.0, 1e-9);
    ASSERT_EQ(times.size(), 2u) << "the start, and where it ended";
    EXPECT_EQ(times[1], run.result.t);
}

TEST_P(JumpsOfEveryMethod, ShowTheStateBehindThemAndKeepTheOutputTimes) {
    double worst = 0.0;
    std::vector<double> times;
    OdeOptions dense = options();
    dense.output_step = 0.125;
    const auto sawtooth = drift({passing(0.5, Crossing::rising, [](VectorRef x, VectorRef) {
        x[0] = 0.0;
        return Flow::proceed;
    })});
    const Watched run({sawtooth, vector({0.83}), vector({0.0}), 0.0, 4.0}, dense,
                      [&](double t, ConstVectorRef x, ConstVectorRef) {
                          times.push_back(t);
                          worst = std::max(worst, std::abs(x[0] - std::fmod(0.83 * t, 0.5)));
                          return Flow::proceed;
                      });
    ASSERT_EQ(times.size(), 33u);
    for (std::size_t k = 0; k < times.size(); ++k) EXPECT_EQ(times[k], 0.125 * double(k));
    EXPECT_LT(worst, 1e-9);
    EXPECT_EQ(run.jumps.size(), 6u);
}

TEST_P(JumpsOfEveryMethod, HeedTheDirectionAskedFor) {
    const auto count = [this](Crossing crossing) {
        const Watched run(
            {rotation({passing(0.0, crossing)}), Vector(), vector({1.0, 0.0}), 0.0, 20.0},
            options());
        return run.jumps.size();
    };
    EXPECT_EQ(count(Crossing::falling), 3u) << "pi/2, 5 pi/2, 9 pi/2 = 14.1";
    EXPECT_EQ(count(Crossing::rising), 3u) << "3 pi/2, 7 pi/2, 11 pi/2 = 17.3";
    EXPECT_EQ(count(Crossing::either), 6u);
}

TEST_P(JumpsOfEveryMethod, DoNotFireAtAZeroTheyStartFrom) {
    const Watched leaving(
        {drift({passing(0.0, Crossing::either)}), vector({1.0}), vector({0.0}), 0.0, 1.0},
        options());
    EXPECT_EQ(leaving.jumps.size(), 0u);
    const Watched staying(
        {drift({passing(0.0, Crossing::either)}), vector({0.0}), vector({0.0}), 0.0, 1.0},
        options());
    EXPECT_EQ(staying.jumps.size(), 0u);
    EXPECT_EQ(staying.result.status, Status::reached_end);
    const Watched returning(
        {rotation({passing(0.0, Crossing::either)}), Vector(), vector({0.0, 1.0}), 0.0, 4.0},
        options());
    ASSERT_EQ(returning.jumps.size(), 1u);
    EXPECT_NEAR(returning.jumps[0].t, std::numbers::pi, accuracy());
}

TEST_P(JumpsOfEveryMethod, AtOneTimeHappenInTheirOrder) {
    const auto add = [](double what) {
        return [what](VectorRef x, VectorRef) {
            x[0] = 10.0 * x[0] + what;
            return Flow::proceed;
        };
    };
    const auto both = make_field<2, 0>(
        [](const auto& x, const auto&) {
            return std::array{0.0 * x[0], 1.0 + 0.0 * x[1]};
        },
        {.jumps = {{{"a", Crossing::rising},
                    [](ConstVectorRef x, ConstVectorRef) { return x[1] - 0.3; },
                    add(1.0)},
                   {{"b", Crossing::rising},
                    [](ConstVectorRef x, ConstVectorRef) { return 3.0 * (x[1] - 3 * 0.1); },
                    add(2.0)}}});
    const Watched run({both, Vector(), vector({0.0, 0.0}), 0.0, 1.0}, options());
    EXPECT_THAT(run.order(), ElementsAre(0, 1));
    EXPECT_EQ(run.jumps[0].t, run.jumps[1].t);
    EXPECT_NEAR(run.result.state[0], 12.0, 1e-9);
}

// The reset moves x through the level of the other.
TEST_P(JumpsOfEveryMethod, DoNotSetOffOneAnother) {
    const auto field = drift({passing(1.0, Crossing::rising,
                                      [](VectorRef x, VectorRef) {
                                          x[0] = -1.0;
                                          return Flow::proceed;
                                      }),
                              passing(0.0, Crossing::falling)});
    const Watched run({field, vector({1.0}), vector({0.5}), 0.0, 1.0}, options());
    EXPECT_THAT(run.order(), ElementsAre(0));
}

TEST_P(JumpsOfEveryMethod, ThatAreNotFiniteEndTheRun) {
    const auto broken = drift({passing(1.0, Crossing::rising, [](VectorRef x, VectorRef p) {
        x[0] = p[0] = std::nan("");
        return Flow::proceed;
    })});
    const Watched run({broken, vector({1.0}), vector({0.0}), 0.0, 2.0}, options());
    EXPECT_EQ(run.result.status, Status::non_finite);
    EXPECT_NEAR(run.result.t, 1.0, 1e-9);
    EXPECT_NEAR(run.result.state[0], 1.0, 1e-9) << "the last good state";
    EXPECT_EQ(run.result.parameters[0], 1.0);
}

// Of a ball at rest Euler's method makes one that bounces at every step.
TEST(JumpsThatPileUp, EndTheRunWithTheTime) {
    for (const OdeMethod method : {OdeMethod::cvode, OdeMethod::dormand_prince,
                                   OdeMethod::runge_kutta4, OdeMethod::stochastic_heun})
        for (const double kept : {0.1, 0.5, 0.8}) {
            const Watched run(
                {ball(Crossing::falling), vector({kept}), vector({1.0, 0.0}), 0.0, 20.0},
                options_for(method, 0.01));
            EXPECT_EQ(run.result.status, Status::step_too_small) << run.result.message;
            EXPECT_THAT(run.result.message, HasSubstr("jumps pile up at t = "));
            // bounces below a millionth of the first height count as none: what they would last
            const double neglected = 2.0 * 1e-3 / (1.0 - kept);
            EXPECT_NEAR(run.result.t, 1.0 + 2.0 * kept / (1.0 - kept), neglected);
            EXPECT_NEAR(run.result.state[0], 0.0, 1e-8);
        }
}

TEST(JumpsWithinAStep, AreFoundOneAfterTheOther) {
    const auto field = drift({passing(0.7, Crossing::rising), passing(0.3, Crossing::rising),
                              passing(0.31, Crossing::rising)});
    const Watched run({field, vector({1.0}), vector({0.0}), 0.0, 1.0},
                      {.method = OdeMethod::runge_kutta4, .step = 1.0});
    EXPECT_THAT(run.order(), ElementsAre(1, 2, 0));
    EXPECT_NEAR(run.jumps[0].t, 0.3, 1e-15);
    EXPECT_NEAR(run.jumps[1].t, 0.31, 1e-15);
}

// x1 = cos t is below -0.7 for a quarter of the period.
TEST(JumpsWithinAStep, AreFoundInBothDirectionsThoughItsEndsAreOnOneSide) {
    const double half = std::acos(-0.7);
    const Watched run({rotation({passing(-0.7, Crossing::either)}), Vector(),
                       vector({std::cos(2.3), -std::sin(2.3)}), 2.3, 4.1},
                      {.method = OdeMethod::runge_kutta4, .step = 1.8});
    ASSERT_EQ(run.jumps.size(), 2u);
    EXPECT_NEAR(run.jumps[0].t, half, 0.1) << "to the accuracy of one step";
    EXPECT_NEAR(run.jumps[1].t, 2.0 * std::numbers::pi - half, 0.1);
}

// Steps grow without bound on a parabola; those after a bounce follow the ever faster bounces.
TEST(JumpsWithinAStep, AreNotSteppedOverAfterABounce) {
    const Watched run({ball(Crossing::falling), vector({0.9}), vector({1.0, 0.0}), 0.0, 18.0},
                      options_for(OdeMethod::runge_kutta4, 6.0));
    EXPECT_EQ(run.result.status, Status::reached_end) << run.result.message;
    double t = 1.0;
    for (std::size_t k = 0; k < run.jumps.size(); ++k) {
        EXPECT_NEAR(run.jumps[k].t, t, 1e-9);
        t += 2.0 * std::pow(0.9, double(k + 1));
    }
    EXPECT_GT(t, 18.0) << "none was missed";
}

TEST(FixedSteps, StayOnTheirGridAfterAJump) {
    std::vector<double> times;
    const Watched run(
        {drift({passing(0.23, Crossing::rising)}), vector({1.0}), vector({0.0}), 0.0, 0.5},
        {.method = OdeMethod::runge_kutta4, .step = 0.1},
        [&](double t, ConstVectorRef, ConstVectorRef) {
            times.push_back(t);
            return Flow::proceed;
        });
    EXPECT_THAT(times, ElementsAre(0.0, 0.1, 0.2, run.jumps.at(0).t, 3 * 0.1, 0.4, 0.5));
}

/// The error of the tenth spike of integrate-and-fire.
double spike_error(OdeMethod method, double step) {
    const Watched run({integrate_and_fire, vector({current}), vector({0.0}), 0.0, 12.0},
                      options_for(method, step));
    return std::abs(run.jumps.at(9).t - 10.0 * spike_interval);
}

TEST(JumpTimes, AreOfTheOrderOfTheMethod) {
    const auto order = [](OdeMethod method, double step) {
        return std::log2(spike_error(method, step) / spike_error(method, step / 16.0)) / 4.0;
    };
    EXPECT_NEAR(order(OdeMethod::runge_kutta4, 0.2), 4.0, 0.25);
    EXPECT_NEAR(order(OdeMethod::euler, 0.02), 1.0, 0.15);
    EXPECT_NEAR(order(OdeMethod::stochastic_heun, 0.1), 2.0, 0.25);
}

TEST(JumpTimes, FollowTheToleranceOfTheAdaptiveMethods) {
    for (const OdeMethod method : {OdeMethod::dormand_prince, OdeMethod::cvode})
        for (const double tolerance : {1e-5, 1e-7, 1e-9}) {
            const Watched run({integrate_and_fire, vector({current}), vector({0.0}), 0.0, 12.0},
                              {.method = method,
                               .relative_tolerance = tolerance,
                               .absolute_tolerance = tolerance});
            EXPECT_NEAR(run.jumps.at(9).t, 10.0 * spike_interval, 300.0 * tolerance);
        }
}

}  // namespace
}  // namespace cortifold
