#include "support/hybrid_field.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/synchrony/lyapunov.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

using cortifold::testing::make_field;
using cortifold::testing::vector;
using ::testing::HasSubstr;

LyapunovOptions fixed_step(double step) {
    LyapunovOptions options;
    options.method = OdeMethod::runge_kutta4;
    options.step = step;
    return options;
}

/// x' = -x, and a turning pair that decays at 0.2, sheared against each other and against x.
std::shared_ptr<const VectorField> sheared() {
    return make_field<3, 1>([](const auto& x, const auto&) {
        return std::array{-1.0 * x[0] + 30.0 * x[1], -0.2 * x[1] + 8.0 * x[2],
                          -0.5 * x[1] - 0.2 * x[2]};
    });
}

LyapunovProblem of_sheared(double transient, double duration) {
    return {.field = sheared(),
            .parameters = vector({0.0}),
            .initial = vector({1.0, 0.5, -0.3}),
            .transient = transient,
            .duration = duration};
}

std::shared_ptr<const VectorField> lorenz() {
    return make_field<3, 3>([](const auto& x, const auto& p) {
        return std::array{p[0] * (x[1] - x[0]), x[0] * (p[1] - x[2]) - x[1],
                          x[0] * x[1] - p[2] * x[2]};
    });
}

constexpr double sigma = 10.0, rho = 28.0, beta = 8.0 / 3.0;

LyapunovProblem of_lorenz(double transient, double duration) {
    return {.field = lorenz(),
            .parameters = vector({sigma, rho, beta}),
            .initial = vector({1.0, 2.0, 20.0}),
            .transient = transient,
            .duration = duration};
}

void expect_same_bits(const LyapunovResult& a, const LyapunovResult& b) {
    EXPECT_EQ(a.exponents, b.exponents);
    EXPECT_EQ(a.standard_errors, b.standard_errors);
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(a.orthogonalizations, b.orthogonalizations);
}

TEST(LyapunovSpectrum, OfALinearSystemIsTheRealPartsOfItsEigenvalues) {
    for (const LyapunovOptions& options : {fixed_step(0.02), LyapunovOptions{}}) {
        const LyapunovResult result = lyapunov_spectrum(of_sheared(40.0, 400.0), options);
        ASSERT_EQ(result.status, Status::reached_end) << result.message;
        // up to what the turning pair's ellipse adds at the ends
        EXPECT_NEAR(result.exponents[0], -0.2, 2.0 / 400.0);
        EXPECT_NEAR(result.exponents[1], -0.2, 2.0 / 400.0);
        EXPECT_NEAR(result.exponents[2], -1.0, 1e-6);
        EXPECT_NEAR(result.exponents.sum(), -1.4, 1e-6);
        EXPECT_EQ(result.attractor, Attractor::equilibrium) << result.evidence;
        EXPECT_EQ(result.kaplan_yorke_dimension, 0.0);
        EXPECT_NEAR(result.duration, 400.0, 1e-9);
    }
}

TEST(LyapunovSpectrum, IsOrthogonalizedAsRarelyAsGrowthAllows) {
    const LyapunovResult slow = lyapunov_spectrum(of_sheared(100.0, 2000.0), fixed_step(0.1)),
                         often = [] {
                             LyapunovOptions options = fixed_step(0.1);
                             options.longest_interval = 0.1;
                             return lyapunov_spectrum(of_sheared(10.0, 100.0), options);
                         }();
    EXPECT_LT(slow.orthogonalizations, slow.steps / 30);
    EXPECT_GT(often.orthogonalizations, 900);
    EXPECT_NEAR(slow.exponents[2], -1.0, 1e-5);  // of the method: 0.1^4 / 120
}

TEST(LyapunovSpectrum, TakesAStepEvenInAnIntervalThatTimesDoNotResolve) {
    LyapunovOptions options = fixed_step(0.1);
    const LyapunovResult usual = lyapunov_spectrum(of_sheared(10.0, 100.0), options);
    options.longest_interval = 1e-300;
    const LyapunovResult often = lyapunov_spectrum(of_sheared(10.0, 100.0), options);
    ASSERT_EQ(often.status, Status::reached_end) << often.message;
    EXPECT_GT(often.orthogonalizations, usual.orthogonalizations);
    EXPECT_LT((often.exponents - usual.exponents).cwiseAbs().maxCoeff(), 1e-10);
}

TEST(LyapunovSpectrum, GoesThroughABurstAgainWhereItCostTooManyDigits) {
    // Where x2 passes 0, x1 contracts by far more than rounding allows in the steps before.
    const auto field = make_field<2, 1>([](const auto& x, const auto&) {
        using std::cos;
        const auto pulse = 1.0 + cos(x[1]);
        return std::array{-10.0 * pulse * pulse * pulse * x[0], 0.0 * x[0] + 2.0};
    });
    constexpr double period = std::numbers::pi;
    const LyapunovResult result = lyapunov_spectrum({.field = field,
                                                     .parameters = vector({0.0}),
                                                     .initial = vector({0.1, std::numbers::pi}),
                                                     .transient = 2.0 * period,
                                                     .duration = 20.0 * period},
                                                    fixed_step(period / 1000.0));
    ASSERT_EQ(result.status, Status::reached_end) << result.message;
    EXPECT_NEAR(result.exponents[0], 0.0, 1e-10);
    EXPECT_NEAR(result.exponents[1], -10.0 * 2.5, 1e-3);  // mean of the pulse: 1 + 3/2
}

TEST(LyapunovSpectrum, OfTheLorenzSystemIsTheKnownOne) {
    const LyapunovResult result = lyapunov_spectrum(of_lorenz(20.0, 600.0), fixed_step(0.01));
    ASSERT_EQ(result.status, Status::reached_end) << result.message;
    constexpr double known[] = {0.9056, 0.0, -14.5723};  // Sprott 2003
    for (Eigen::Index j = 0; j < 3; ++j) {
        EXPECT_NEAR(result.exponents[j], known[j],
                    3.0 * result.standard_errors[j] + result.resolution);
        EXPECT_LT(result.standard_errors[j], 0.02);
    }
    EXPECT_NEAR(*result.divergence, -(sigma + 1.0 + beta), 1e-9);
    EXPECT_NEAR(result.exponents.sum(), *result.divergence, 3e-4);  // 0.01^4 times |f_x|^5
    EXPECT_NEAR(*result.kaplan_yorke_dimension, 2.062, 0.003);
    EXPECT_EQ(result.attractor, Attractor::chaos) << result.evidence;
    EXPECT_THAT(result.evidence, HasSubstr("1 exponent is positive, 1 indistinguishable"));
}

TEST(LyapunovSpectrum, ByAdaptiveStepsIsTheSame) {
    const LyapunovResult result = lyapunov_spectrum(of_lorenz(20.0, 200.0));
    ASSERT_EQ(result.status, Status::reached_end) << result.message;
    EXPECT_NEAR(result.exponents[0], 0.9056, 3.0 * result.standard_errors[0] + 0.01);
    EXPECT_NEAR(result.exponents.sum(), -(sigma + 1.0 + beta), 1e-5);
    EXPECT_EQ(result.attractor, Attractor::chaos) << result.evidence;
}

TEST(LyapunovSpectrum, SumsToTheMeanDivergenceToTheOrderOfTheMethod) {
    const auto error = [](double step) {
        LyapunovProblem problem = of_lorenz(0.0, 2.0);
        const LyapunovResult result = lyapunov_spectrum(problem, fixed_step(step));
        return std::abs(result.exponents.sum() + sigma + 1.0 + beta);
    };
    EXPECT_NEAR(std::log2(error(0.004) / error(0.002)), 4.0, 0.3);
}

TEST(LyapunovSpectrum, OfACycleIsItsFloquetExponents) {
    // Stuart and Landau: a cycle of radius 1, to which perturbations decay at -2.
    const auto field = make_field<2, 1>([](const auto& x, const auto&) {
        const auto square = x[0] * x[0] + x[1] * x[1];
        return std::array{x[0] - 3.0 * x[1] - square * x[0], 3.0 * x[0] + x[1] - square * x[1]};
    });
    const LyapunovResult result = lyapunov_spectrum({.field = field,
                                                     .parameters = vector({0.0}),
                                                     .initial = vector({0.1, 0.0}),
                                                     .transient = 20.0,
                                                     .duration = 200.0});
    EXPECT_NEAR(result.exponents[0], 0.0, 1e-6);
    EXPECT_NEAR(result.exponents[1], -2.0, 1e-6);
    EXPECT_EQ(result.attractor, Attractor::cycle) << result.evidence;
    EXPECT_EQ(result.kaplan_yorke_dimension, 1.0);
}

TEST(LyapunovSpectrum, OfTwoOscillatorsApartIsThatOfATorus) {
    const auto field = make_field<4, 1>([](const auto& x, const auto&) {
        const auto first = 1.0 - x[0] * x[0] - x[1] * x[1],
                   second = 1.0 - x[2] * x[2] - x[3] * x[3];
        return std::array{first * x[0] - x[1], x[0] + first * x[1], second * x[2] - 1.7 * x[3],
                          1.7 * x[2] + second * x[3]};
    });
    LyapunovProblem problem{.field = field,
                            .parameters = vector({0.0}),
                            .initial = vector({0.5, 0.0, 0.2, 0.0}),
                            .count = 3,
                            .transient = 20.0,
                            .duration = 200.0};
    const LyapunovResult result = lyapunov_spectrum(problem);
    EXPECT_EQ(result.attractor, Attractor::torus) << result.evidence;
    EXPECT_EQ(result.kaplan_yorke_dimension, 2.0);
    EXPECT_FALSE(result.divergence.has_value());
    problem.count = 2;
    const LyapunovResult few = lyapunov_spectrum(problem);
    EXPECT_EQ(few.attractor, Attractor::undecided);
    EXPECT_THAT(few.evidence, HasSubstr("more exponents are needed"));
    EXPECT_FALSE(few.kaplan_yorke_dimension.has_value());
}

TEST(LyapunovSpectrum, OfRosslersHyperchaosHasTwoPositiveExponents) {
    const auto field = make_field<4, 1>([](const auto& x, const auto&) {
        return std::array{-1.0 * x[1] - x[2], x[0] + 0.25 * x[1] + x[3], 3.0 + x[0] * x[2],
                          -0.5 * x[2] + 0.05 * x[3]};
    });
    const LyapunovResult result = lyapunov_spectrum({.field = field,
                                                     .parameters = vector({0.0}),
                                                     .initial = vector({-20.0, 0.0, 0.0, 15.0}),
                                                     .transient = 200.0,
                                                     .duration = 3000.0},
                                                    fixed_step(0.02));
    // Wolf et al. 1985, table 1, in nats: 0.16 / log2(e), 0.03 / log2(e)
    EXPECT_NEAR(result.exponents[0], 0.112, 0.01);
    EXPECT_NEAR(result.exponents[1], 0.021, 0.006);
    EXPECT_EQ(result.attractor, Attractor::hyperchaos) << result.evidence;
}

TEST(LyapunovSpectrum, CountsTheTimeOfADrivenFieldAsAnExponentOfZero) {
    const auto formula = [](const auto& x, const auto& p) {
        using std::cos;
        return std::array{cos(p[0]) - x[0]};
    };
    using Driven = cortifold::testing::HybridField<1, 1, decltype(formula)>;
    const LyapunovProblem problem{
        .field = std::make_shared<Driven>(formula, cortifold::testing::Extras{.time = 0}),
        .parameters = vector({0.0}),
        .initial = vector({0.0}),
        .duration = 50.0};
    const LyapunovResult result = lyapunov_spectrum(problem);
    EXPECT_NEAR(result.exponents[0], -1.0, 1e-7);
    EXPECT_EQ(result.attractor, Attractor::cycle) << result.evidence;
    EXPECT_EQ(result.kaplan_yorke_dimension, 1.0);
    EXPECT_NEAR(result.state[0], 0.5 * (std::cos(50.0) + std::sin(50.0)), 1e-6);
    LyapunovProblem frozen = problem;
    frozen.clock = Clock::frozen;
    EXPECT_EQ(lyapunov_spectrum(frozen).attractor, Attractor::equilibrium);
}

TEST(LyapunovSpectrum, AtAnUnstableEquilibriumIsThatOfNoAttractor) {
    LyapunovProblem problem = of_lorenz(0.0, 50.0);
    problem.initial.setZero();
    const LyapunovResult result = lyapunov_spectrum(problem);
    EXPECT_NEAR(result.exponents[0], 0.5 * (-11.0 + std::sqrt(121.0 + 40.0 * 27.0)), 0.1);
    EXPECT_EQ(result.attractor, Attractor::undecided);
    EXPECT_THAT(result.evidence, HasSubstr("no attractor"));
}

TEST(LyapunovSpectrum, TellsThatTheTransientIsNotOver) {
    // Away from one equilibrium in the first half, at another in the second.
    const auto field = make_field<1, 1>(
        [](const auto& x, const auto&) { return std::array{x[0] - x[0] * x[0] * x[0]}; });
    const LyapunovResult result = lyapunov_spectrum({.field = field,
                                                     .parameters = vector({0.0}),
                                                     .initial = vector({1e-20}),
                                                     .duration = 100.0});
    EXPECT_GT(result.first_half[0], 0.0);
    EXPECT_LT(result.second_half[0], 0.0);
    EXPECT_EQ(result.attractor, Attractor::undecided) << result.evidence;
}

TEST(LyapunovSpectrum, SaysThatAShortRunMayMissPositiveExponents) {
    // Two Lorenz systems side by side, one at a fiftieth of the pace: two exponents are positive.
    const auto field = make_field<6, 3>([](const auto& x, const auto& p) {
        const auto slow = 0.02;
        return std::array{p[0] * (x[1] - x[0]),
                          x[0] * (p[1] - x[2]) - x[1],
                          x[0] * x[1] - p[2] * x[2],
                          slow * p[0] * (x[4] - x[3]),
                          slow * (x[3] * (p[1] - x[5]) - x[4]),
                          slow * (x[3] * x[4] - p[2] * x[5])};
    });
    const LyapunovResult result =
        lyapunov_spectrum({.field = field,
                           .parameters = vector({sigma, rho, beta}),
                           .initial = vector({1.0, 2.0, 20.0, 1.0, 2.0, 20.0}),
                           .transient = 20.0,
                           .duration = 100.0},
                          fixed_step(0.01));
    EXPECT_EQ(result.attractor, Attractor::chaos);
    EXPECT_THAT(result.evidence, HasSubstr("a longer run may find more exponents positive"));
}

/// Errors are as far off as estimates are: of the same exponent over many short runs.
TEST(LyapunovSpectrum, HasStandardErrorsThatTheSpreadOfRunsConfirms) {
    constexpr int runs = 12;
    Vector estimates(runs), errors(runs);
    LyapunovProblem problem = of_lorenz(10.0, 150.0);
    problem.count = 1;
    for (int k = 0; k < runs; ++k) {
        problem.initial[0] = 1.0 + k;
        const LyapunovResult result = lyapunov_spectrum(problem, fixed_step(0.01));
        estimates[k] = result.exponents[0];
        errors[k] = result.standard_errors[0];
    }
    const double spread =
        std::sqrt((estimates.array() - estimates.mean()).square().sum() / (runs - 1));
    EXPECT_GT(errors.mean(), 0.5 * spread);
    EXPECT_LT(errors.mean(), 3.0 * spread);
}

/// A small network of ng_ping, started with differences.
LyapunovProblem of_network(int regions, Eigen::Index count) {
    Network network;
    network.kinds = {find_model("ng_ping").make()};
    network.connectomes = {
        normalized(generate_connectome({.regions = regions}), Normalization::rows)};
    network.links = default_links(*network.kinds.front());
    network.strength = 5.0;
    LyapunovProblem problem{.field = make_field(network), .count = count};
    problem.parameters = default_values(problem.field->parameters());
    problem.parameters[static_cast<Eigen::Index>(
        *find_index(problem.field->parameters(), "I_ext_E"))] = 13.0;
    problem.initial = default_values(problem.field->states());
    for (Eigen::Index k = 0; k < problem.initial.size(); ++k)
        problem.initial[k] *= 1.0 + 0.1 * std::sin(static_cast<double>(k));
    return problem;
}

TEST(LyapunovSpectrum, IsTheSameToTheLastBitForAnyNumberOfThreads) {
    LyapunovProblem problem = of_network(20, 30);
    problem.transient = 4.0;
    problem.duration = 16.0;
    LyapunovOptions options;
    const LyapunovResult one = lyapunov_spectrum(problem, options);
    options.context.threads = 2;
    ASSERT_EQ(one.status, Status::reached_end) << one.message;
    expect_same_bits(one, lyapunov_spectrum(problem, options));
    options.context.threads = 5;
    expect_same_bits(one, lyapunov_spectrum(problem, options));
    options.context.seed = 1;
    EXPECT_NE(one.exponents, lyapunov_spectrum(problem, options).exponents);
}

TEST(LyapunovSpectrum, OfANetworkWithAllExponentsSumsToTheMeanTrace) {
    LyapunovProblem problem = of_network(10, 0);
    problem.transient = 5.0;
    problem.duration = 50.0;
    const LyapunovResult result = lyapunov_spectrum(problem);
    ASSERT_EQ(result.exponents.size(), 60);
    EXPECT_NEAR(result.exponents.sum(), *result.divergence, 1e-6 * std::abs(*result.divergence));
}

TEST(LyapunovSpectrum, KeepsWhatWasAveragedBeforeTheStateBlowsUp) {
    // x' = x^2 from 1/10 is infinite at t = 10.
    const auto field =
        make_field<1, 1>([](const auto& x, const auto&) { return std::array{x[0] * x[0]}; });
    LyapunovProblem problem{
        .field = field, .parameters = vector({0.0}), .initial = vector({0.1}), .duration = 20.0};
    const LyapunovResult result = lyapunov_spectrum(problem);
    EXPECT_FALSE(succeeded(result.status));
    EXPECT_NEAR(result.duration, 10.0, 0.1);
    ASSERT_EQ(result.exponents.size(), 1);
    EXPECT_GT(result.exponents[0], 0.0);
    EXPECT_EQ(result.attractor, Attractor::undecided);
    EXPECT_THAT(result.message, HasSubstr("t = 10"));
    problem.transient = 15.0;
    EXPECT_EQ(lyapunov_spectrum(problem).exponents.size(), 0);
    EXPECT_EQ(lyapunov_spectrum(problem, fixed_step(0.5)).status, Status::non_finite);
}

TEST(LyapunovSpectrum, CanBeWatchedAndStopped) {
    LyapunovOptions options = fixed_step(0.01);
    double seen = 0.0;
    int calls = 0;
    options.observer = [&](double averaged, ConstVectorRef exponents) {
        EXPECT_EQ(exponents.size(), 3);
        EXPECT_GT(averaged, seen);
        seen = averaged;
        ++calls;
        return averaged > 5.0 ? Flow::stop : Flow::proceed;
    };
    const LyapunovResult stopped = lyapunov_spectrum(of_lorenz(1.0, 10.0), options);
    EXPECT_EQ(stopped.status, Status::stopped_by_observer);
    EXPECT_NEAR(stopped.duration, 5.0, 0.2);
    EXPECT_GE(calls, 64);
    options.observer = {};
    options.watch = [](double t) { return t > 0.5 ? Flow::stop : Flow::proceed; };
    EXPECT_EQ(lyapunov_spectrum(of_lorenz(1.0, 10.0), options).duration, 0.0);
    options.watch = {};
    options.max_steps = 300;
    EXPECT_EQ(lyapunov_spectrum(of_lorenz(1.0, 10.0), options).status, Status::iteration_limit);
}

TEST(LyapunovSpectrum, RefusesWhatCannotBeMeant) {
    LyapunovProblem problem = of_lorenz(0.0, 1.0);
    const auto refused = [](const LyapunovProblem& asked, const LyapunovOptions& options = {}) {
        EXPECT_THROW((void)lyapunov_spectrum(asked, options), UsageError);
    };
    LyapunovOptions options;
    options.method = OdeMethod::runge_kutta4;
    refused(problem, options);  // without a step
    options.method = OdeMethod::cvode;
    refused(problem, options);
    problem.count = 4;
    refused(problem);
    problem.count = 0;
    problem.duration = 0.0;
    refused(problem);
    problem.duration = 1.0;
    problem.initial.resize(2);
    refused(problem);
    refused({});
}

TEST(LyapunovSpectrum, RefusesAFieldThatJumps) {
    const auto formula = [](const auto& x, const auto&) { return std::array{1.0 + 0.0 * x[0]}; };
    using Hybrid = cortifold::testing::HybridField<1, 1, decltype(formula)>;
    const cortifold::testing::TestJump reset{
        {"reset", Crossing::rising},
        [](ConstVectorRef x, ConstVectorRef) { return x[0] - 1.0; },
        [](VectorRef x, VectorRef) {
            x[0] = 0.0;
            return Flow::proceed;
        }};
    EXPECT_THROW(
        (void)lyapunov_spectrum({.field = std::make_shared<Hybrid>(
                                     formula, cortifold::testing::Extras{.jumps = {reset}}),
                                 .parameters = vector({0.0}),
                                 .initial = vector({0.0}),
                                 .duration = 1.0}),
        UsageError);
}

TEST(KaplanYorke, InterpolatesWhereThePartialSumsCrossZero) {
    EXPECT_EQ(kaplan_yorke_dimension(vector({-1.0, -2.0}), 2), 0.0);
    EXPECT_EQ(kaplan_yorke_dimension(vector({0.0, -2.0}), 5), 1.0);
    EXPECT_DOUBLE_EQ(*kaplan_yorke_dimension(vector({0.9, 0.0, -14.4}), 3), 2.0 + 0.9 / 14.4);
    EXPECT_FALSE(kaplan_yorke_dimension(vector({0.9, 0.0}), 3).has_value());
    EXPECT_EQ(kaplan_yorke_dimension(vector({1.0, 0.0, -1.0}), 3), 3.0);
}

}  // namespace
}  // namespace cortifold
