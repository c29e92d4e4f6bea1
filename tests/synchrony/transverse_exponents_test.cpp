// Transverse exponents along an orbit, where they are known: at rest, on cycles, and of a coupling
// of all states, which shifts every exponent.
#include <cortifold/core/error.hpp>
#include <cortifold/model/equation_model.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/synchrony/master_stability.hpp>
#include <cortifold/synchrony/transverse_exponents.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cortifold {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const HomogeneousField> self_coupled(std::shared_ptr<const Node> node,
                                                     CouplingKind kind) {
    Network network;
    for (std::size_t k = 0; k < node->outputs().size(); ++k) {
        Link& link = network.links.emplace_back();
        link.output = node->outputs()[k].name;
        link.input = node->inputs()[k].name;
        link.kind = kind;
    }
    network.kinds = {std::move(node)};
    network.strength = 1.0;
    return make_homogeneous_field(network);
}

/// From the default state and parameters.
TransverseExponentsProblem problem_of(const std::shared_ptr<const HomogeneousField>& field,
                                      const ComplexVector& lambdas, double transient,
                                      double duration) {
    const Vector parameters = default_values(field->parameters());
    return {field, parameters, field->initial(parameters), lambdas, transient, duration};
}

std::shared_ptr<const HomogeneousField> lorenz(std::vector<std::string> send,
                                               std::vector<std::string> receive) {
    constexpr const char* equations =
        "par sigma=10, rho=28, beta=2.6666666666666667, u=0, v=0, w=0\n"
        "init x=1, y=2, z=20\n"
        "x' = sigma*(y - x) + u\ny' = x*(rho - z) - y + v\nz' = x*y - beta*z + w\ndone\n";
    return self_coupled(make_equation_node(parse_ode(equations, "lorenz.ode", {}),
                                           {std::move(send), std::move(receive)}),
                        CouplingKind::diffusive);
}

TEST(TransverseExponents, OfACouplingOfAllStatesAreThoseOfTheNodeShifted) {
    const ComplexVector lambdas{{{0.0, 0.0}, {-0.3, 0.0}, {-2.0, 0.0}, {-0.7, 1.5}, {-0.7, -1.5}}};
    const TransverseResult found = transverse_exponents(
        problem_of(lorenz({"x", "y", "z"}, {"u", "v", "w"}), lambdas, 5.0, 50.0));
    ASSERT_EQ(found.modes.size(), 5U) << found.uniform.message;
    for (const TransverseExponent& mode : found.modes) {
        EXPECT_NEAR(mode.growth, found.modes[0].growth + mode.lambda.real(), 1e-6) << mode.lambda;
        EXPECT_NEAR(mode.first_half, found.modes[0].first_half + mode.lambda.real(), 1e-6);
        EXPECT_NEAR(mode.standard_error, found.modes[0].standard_error, 1e-6);
    }
    EXPECT_EQ(found.modes[0].fate, Fate::grows);
    EXPECT_EQ(found.modes[2].fate, Fate::decays);
    EXPECT_NEAR(found.modes[0].growth, found.uniform.exponents[0], 1e-9);
    EXPECT_NEAR(found.uniform.exponents.sum(), -41.0 / 3.0, 1e-5);
    EXPECT_EQ(found.uniform.attractor, Attractor::chaos) << found.uniform.evidence;
}

TEST(TransverseExponents, AtRestAreTheGrowthOfTheEquilibrium) {
    const auto field = self_coupled(find_model("fitzhugh_nagumo").make(), CouplingKind::diffusive);
    const ComplexVector lambdas{{{0.0, 0.0}, {-1.0, 0.0}, {0.5, 0.0}, {-0.4, 0.6}}};
    TransverseExponentsProblem problem = problem_of(field, lambdas, 500.0, 2000.0);
    problem.parameters[static_cast<Eigen::Index>(index_of(field->parameters(), "I"))] = 0.0;
    const TransverseResult found = transverse_exponents(problem);
    const auto expected =
        stability_of_equilibrium(field, problem.parameters, found.uniform.state)->at(lambdas);
    ASSERT_EQ(found.modes.size(), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
        EXPECT_NEAR(found.modes[k].growth, expected[k].growth, found.uniform.resolution)
            << expected[k].lambda;
    EXPECT_EQ(found.uniform.attractor, Attractor::equilibrium) << found.uniform.evidence;
}

class StuartLandau : public testing::Test {
protected:
    const std::shared_ptr<const HomogeneousField> field =
        self_coupled(find_model("stuart_landau").make(), CouplingKind::diffusive);
    [[nodiscard]] TransverseExponentsProblem problem(const ComplexVector& lambdas,
                                                     double duration = 500.0) const {
        return problem_of(field, lambdas, 20.0, duration);
    }
};

TEST_F(StuartLandau, OscillatorsAreShiftedAndChangeTheirFateAtTheUniformMode) {
    const ComplexVector lambdas = Vector::LinSpaced(8, -0.32, 0.38).cast<std::complex<double>>();
    const TransverseResult found = transverse_exponents(problem(lambdas));
    ASSERT_EQ(found.modes.size(), 8U);
    for (const TransverseExponent& mode : found.modes)
        EXPECT_NEAR(mode.growth, mode.lambda.real(), found.uniform.resolution);
    const std::vector<ExponentZero> zeros = zeros_of(found.modes);
    ASSERT_EQ(zeros.size(), 1U);
    EXPECT_NEAR(zeros[0].lambda, 0.0, found.uniform.resolution);
    EXPECT_LE(zeros[0].low, 0.0);
    EXPECT_GE(zeros[0].high, 0.0);
    EXPECT_EQ(found.uniform.attractor, Attractor::cycle) << found.uniform.evidence;
}

TEST_F(StuartLandau, OscillatorsGiveTheSameBitsForAnyNumberOfThreads) {
    ComplexVector lambdas(1200);
    for (Eigen::Index k = 0; k < lambdas.size(); ++k)
        lambdas[k] = {-0.002 * static_cast<double>(k), k % 2 == 0 ? 0.0 : 0.5};
    const TransverseResult one = transverse_exponents(problem(lambdas, 2.0));
    LyapunovOptions options;
    options.context.threads = 2;
    const TransverseResult two = transverse_exponents(problem(lambdas, 2.0), options);
    ASSERT_EQ(one.modes.size(), 1200U);
    for (std::size_t k = 0; k < one.modes.size(); ++k) {
        EXPECT_EQ(one.modes[k].growth, two.modes[k].growth);
        EXPECT_EQ(one.modes[k].standard_error, two.modes[k].standard_error);
    }
    EXPECT_EQ(one.uniform.exponents, two.uniform.exponents);
}

TEST_F(StuartLandau, OscillatorsDoNotDependOnTheOtherLambdas) {
    const ComplexVector few{{{-0.5, 0.0}, {-1.0, 0.3}}};
    ComplexVector many(3);
    many << few, -20.0;
    const TransverseResult alone = transverse_exponents(problem(few, 20.0)),
                           together = transverse_exponents(problem(many, 20.0));
    for (std::size_t k = 0; k < 2; ++k)
        EXPECT_NEAR(alone.modes[k].growth, together.modes[k].growth, 1e-6);
}

TEST_F(StuartLandau, OscillatorsTakeFixedSteps) {
    LyapunovOptions options;
    options.method = OdeMethod::runge_kutta4;
    options.step = 0.05;
    const TransverseResult found =
        transverse_exponents(problem(ComplexVector::Constant(1, -0.2)), options);
    EXPECT_EQ(found.uniform.steps, 10400);
    EXPECT_NEAR(found.modes[0].growth, -0.2, found.uniform.resolution);
}

TEST_F(StuartLandau, OscillatorsWithoutLambdasHaveTheirOwnExponents) {
    const TransverseResult found = transverse_exponents(problem({}));
    EXPECT_TRUE(found.modes.empty());
    EXPECT_NEAR(found.uniform.exponents[0], 0.0, found.uniform.resolution);
}

TEST_F(StuartLandau, OscillatorsRefuseWhatTheyCannotFollow) {
    const auto refusal = [](const TransverseExponentsProblem& asked) -> std::string {
        try {
            (void)transverse_exponents(asked);
        } catch (const UsageError& error) {
            return error.what();
        }
        return "";
    };
    TransverseExponentsProblem asked = problem({});
    asked.duration = 0.0;
    EXPECT_THAT(refusal(asked), HasSubstr("duration = 0"));
    asked = problem(ComplexVector::Constant(1, NAN));
    EXPECT_THAT(refusal(asked), HasSubstr("lambdas must be finite"));
    asked = problem({});
    asked.initial.resize(5);
    EXPECT_THAT(refusal(asked), HasSubstr("5 states were given, the field has"));
    asked.field = nullptr;
    EXPECT_THAT(refusal(asked), HasSubstr("no field"));
}

TEST(TransverseExponents, KeepWhatTheyHadWhereTheOrbitBlowsUp) {
    const auto node = make_equation_node(
        parse_ode("par u=0\ninit x=0.1\nx' = x^2 + u\ndone\n", "x", {}), {{"x"}, {"u"}});
    const TransverseResult found = transverse_exponents(
        problem_of(self_coupled(node, CouplingKind::diffusive), ComplexVector::Zero(1), 0.0, 20.0));
    EXPECT_FALSE(succeeded(found.uniform.status));
    EXPECT_NEAR(found.uniform.duration, 10.0, 0.1);
}

std::vector<TransverseExponent> line_of(const std::vector<double>& growths, double error) {
    std::vector<TransverseExponent> line;
    for (const double growth : growths) {
        const Fate fate = std::abs(growth) <= 3.0 * error ? Fate::undecided
                          : growth > 0.0                  ? Fate::grows
                                                          : Fate::decays;
        line.push_back({static_cast<double>(line.size()), growth, error, growth, growth, fate});
    }
    return line;
}

TEST(ExponentZeros, LieBetweenTheNearestLambdasOfDecidedFate) {
    const auto zeros = zeros_of(line_of({-4.0, -2.0, -0.25, 0.75, 2.0, 3.0}, 0.5));
    ASSERT_EQ(zeros.size(), 1U);
    EXPECT_DOUBLE_EQ(zeros[0].lambda, 2.25);
    EXPECT_DOUBLE_EQ(zeros[0].standard_error, 0.5 / (4.0 / 3.0));
    EXPECT_EQ(zeros[0].low, 1.0);
    EXPECT_EQ(zeros[0].high, 4.0);
}

TEST(ExponentZeros, AreNoneWhereTheFateIsTheSameOnBothSidesOfTheUndecided) {
    EXPECT_TRUE(zeros_of(line_of({-4.0, 0.1, -4.0}, 0.5)).empty());
    EXPECT_TRUE(zeros_of(line_of({0.1, -0.1}, 0.5)).empty());
    EXPECT_EQ(zeros_of(line_of({-4.0, 4.0, -4.0}, 0.5)).size(), 2U);
}

}  // namespace
}  // namespace cortifold
