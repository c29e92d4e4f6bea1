#include "support/mode_monodromy.hpp"
#include "synchrony/synchronous_cycle.hpp"
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/synchrony/stability_range.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace cortifold {
namespace {

constexpr double rounding = 1e-9;

/// log|mu| / T of the largest multiplier of a mode, by integration.
double growth_by_integration(const Synchronous& state, std::complex<double> lambda) {
    const ComplexMatrix X =
        mode_monodromy(*state.field, state.parameters, state.cycle.z.head(state.field->dimension()),
                       state.cycle.period, lambda);
    return std::log(eigenvalues(X).cwiseAbs().maxCoeff()) / state.cycle.period;
}

TEST(StabilityOfCycles, OfStuartLandauOscillatorsShiftsTheirExponentsByTheCoupling) {
    constexpr double strength = 0.5, a = 1.0;
    const Synchronous state("stuart_landau", "a", {-1.0, 2.0}, strength, a);
    ASSERT_GT(state.cycle.period, 0.0);
    const ComplexVector lambdas{{{1.0, 0.0}, {0.3, 0.0}, {-0.5, 0.0}, {0.2, 0.7}, {0.2, -0.7}}};
    const DispersionResult result = state.at(lambdas);
    ASSERT_EQ(result.status, Status::converged);
    ASSERT_EQ(result.modes.size(), 5U);
    for (std::size_t k = 0; k < result.modes.size(); ++k) {
        const Mode& mode = result.modes[k];
        const double shift = strength * (lambdas[static_cast<Eigen::Index>(k)].real() - 1.0);
        EXPECT_NEAR(mode.growth, shift, rounding) << k;
        EXPECT_NEAR(mode.eigenvalues[1].real(), shift - 2.0 * (a + strength), rounding);
        EXPECT_LT(mode.error, rounding);
        EXPECT_EQ(mode.index, static_cast<int>(k) + 1);
    }
    EXPECT_NEAR(result.modes[3].frequency, strength * 0.7 / (2.0 * std::numbers::pi), rounding);
    EXPECT_EQ(result.unstable_modes, 0);
}

TEST(StabilityOfCycles, IsNotClaimedForALambdaTooLargeForItsSteps) {
    constexpr double strength = 0.5, a = 1.0;
    const Synchronous state("stuart_landau", "a", {-1.0, 2.0}, strength, a);
    const std::vector<Mode> modes =
        state.stability()->at(ComplexVector{{{0.3, 0.0}, {-1e2, 0.0}, {-1e7, 0.0}, {1e300, 0.0}}});
    EXPECT_NEAR(modes[0].growth, strength * (0.3 - 1.0), rounding);
    EXPECT_NEAR(modes[1].growth, strength * (-1e2 - 1.0), rounding * 1e2);
    EXPECT_EQ(modes[2].eigenvalues.size(), 0);
    EXPECT_EQ(modes[3].eigenvalues.size(), 0);
}

/// mu at lambda, of cycles by shooting.
struct Known {
    std::string model, parameter;
    ContinuationOptions::Bound range;
    double strength, value;
    std::map<double, double> exponents;
};

class CycleStability : public testing::TestWithParam<Known> {};

TEST_P(CycleStability, IsThatOfTheReference) {
    const Known& known = GetParam();
    const Synchronous state(known.model, known.parameter, known.range, known.strength, known.value);
    ASSERT_GT(state.cycle.period, 0.0);
    ComplexVector lambdas(static_cast<Eigen::Index>(known.exponents.size()));
    std::ranges::transform(known.exponents, lambdas.begin(),
                           [](const auto& pair) { return pair.first; });
    const DispersionResult result = state.at(lambdas), again = state.at(lambdas, 2);
    for (std::size_t k = 0; k < result.modes.size(); ++k) {
        const Mode& mode = result.modes[k];
        EXPECT_NEAR(mode.growth, known.exponents.at(mode.lambda.real()),
                    1e-7 * (std::abs(mode.growth) + 1.0 / state.cycle.period))
            << mode.lambda;
        EXPECT_EQ(mode.eigenvalues, again.modes[k].eigenvalues);
    }
}

/// reference/neural_masses.json: JR_cycles_eps50_lambda_grid, NG_PING_cycles_own_shooting.
INSTANTIATE_TEST_SUITE_P(Of, CycleStability,
                         testing::Values(Known{"jansen_rit",
                                               "p",
                                               {-100.0, 400.0},
                                               50.0,
                                               230.0,
                                               {{-0.5, -5.84784416448},
                                                {0.0, -2.36082424824},
                                                {0.3, -0.687419468264},
                                                {0.5, 0.14111898678},
                                                {0.7, 0.612503226414},
                                                {0.9, 0.481225575184},
                                                {1.0, 0.0}}},
                                         Known{"jansen_rit",
                                               "p",
                                               {-100.0, 400.0},
                                               50.0,
                                               120.0,
                                               {{-0.5, -12.2655534444},
                                                {0.0, -8.1343883951},
                                                {0.3, -5.66613166192},
                                                {0.5, -4.03075821678},
                                                {0.7, -2.40695778641},
                                                {0.9, -0.797919328186},
                                                {1.0, 0.0}}},
                                         Known{"ng_ping",
                                               "I_ext_E",
                                               {-10.0, 40.0},
                                               5.0,
                                               13.0,
                                               {{-1.0, -0.0881559217252},
                                                {-0.5, -0.0749744386589},
                                                {-0.25, -0.0696590386472},
                                                {0.0, -0.024235262281},
                                                {0.3, -0.00485506083124},
                                                {0.5, 0.00147563911192},
                                                {0.7, 0.00387400679459},
                                                {0.9, 0.00237014100407},
                                                {1.0, 0.0}}}));

constexpr CycleOptions fine{.tolerance = 1e-9};

TEST(StabilityOfCycles, IsToNineDigitsThatOfADirectIntegration) {
    const Synchronous states[] = {{"jansen_rit", "p", {-100.0, 400.0}, 50.0, 230.0, fine},
                                  {"ng_ping", "I_ext_E", {-10.0, 40.0}, 5.0, 13.0, fine}};
    for (const Synchronous& state : states) {
        const ComplexVector lambdas{{{-0.3, 0.0}, {0.4, 0.0}, {0.8, 0.0}, {0.2, 0.5}}};
        for (const Mode& mode : state.at(lambdas).modes)
            EXPECT_NEAR(mode.growth * state.cycle.period,
                        growth_by_integration(state, mode.lambda) * state.cycle.period, 1e-9)
                << mode.lambda;
    }
}

TEST(StabilityOfCycles, IsTheSameForOneLambdaAndForMany) {
    const Synchronous state("ng_ping", "I_ext_E", {-10.0, 40.0}, 5.0, 13.0);
    const auto stability = state.stability();
    const ComplexVector many = Vector::LinSpaced(40, -4.0, 4.0).cast<std::complex<double>>();
    const std::vector<Mode> together = stability->at(many);
    for (const Eigen::Index k : {0, 13, 39}) {
        const Mode alone = stability->at(many.segment(k, 1)).front();
        EXPECT_NEAR(alone.growth, together[static_cast<std::size_t>(k)].growth, rounding);
    }
    EXPECT_LT(std::abs(stability->trivial_exponent()), rounding);
    EXPECT_EQ(stability->uniform_lambda(), 1.0);
    EXPECT_EQ(stability->period(), state.cycle.period);
}

TEST(StabilityOfCycles, IsLostWhereThePublishedCurveCrossesZero) {
    // specs/neural_masses.md 4.5: mu = 0 at lambda = 0.4602104163.
    const Synchronous state("jansen_rit", "p", {-100.0, 400.0}, 50.0, 230.0);
    const auto zeros = stability_boundaries(*state.stability(), {.low = -0.5, .high = 1.1});
    ASSERT_EQ(zeros.size(), 2U);
    EXPECT_NEAR(zeros[0].lambda, 0.4602104163, 1e-8);
    EXPECT_LT(zeros[0].error, 1e-9);
    EXPECT_NEAR(growth_by_integration(state, zeros[0].lambda), 0.0, 1e-8);
    EXPECT_FALSE(zeros[0].of_phase);
    EXPECT_NEAR(zeros[1].lambda, 1.0, 1e-8);
    EXPECT_TRUE(zeros[1].of_phase);
}

}  // namespace
}  // namespace cortifold
