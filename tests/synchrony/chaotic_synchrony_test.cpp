// Master stability of chaotic orbits against the literature and against exponents of networks.
#include <cortifold/model/equation_model.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/synchrony/transverse_exponents.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace cortifold {
namespace {

/// Two errors add in squares.
double doubt(double a, double b) {
    return 3.0 * std::hypot(a, b);
}

Network coupled(std::shared_ptr<const Node> node, CouplingKind kind, double strength) {
    Network network;
    network.links = default_links(*node, kind);
    network.kinds = {std::move(node)};
    network.strength = strength;
    return network;
}

std::shared_ptr<const Node> node_of(const std::string& equations) {
    return make_equation_node(parse_ode(equations, "model.ode", {}), {{"x"}, {"u"}});
}

/// x of each node moves x of the others.
struct Published {
    std::string name, equations;
    double low, high;           ///< of lambda, where it was looked for
    std::vector<double> zeros;  ///< ascending
};

std::ostream& operator<<(std::ostream& out, const Published& published) {
    return out << published.name;
}

class ChaoticOscillators : public testing::TestWithParam<Published> {};

TEST_P(ChaoticOscillators, LoseSynchronyWhereItWasPublished) {
    const Published& known = GetParam();
    const auto field =
        make_homogeneous_field(coupled(node_of(known.equations), CouplingKind::diffusive, 1.0));
    const Vector parameters = default_values(field->parameters());
    const ComplexVector lambdas =
        Vector::LinSpaced(61, known.low, known.high).cast<std::complex<double>>();
    const TransverseResult found = transverse_exponents(
        {field, parameters, field->initial(parameters), lambdas, 200.0, 4000.0});
    ASSERT_EQ(found.uniform.attractor, Attractor::chaos) << found.uniform.evidence;
    const auto zeros = zeros_of(found.modes);
    ASSERT_EQ(zeros.size(), known.zeros.size());
    constexpr double printed = 5e-4;
    for (std::size_t k = 0; k < zeros.size(); ++k) {
        EXPECT_NEAR(zeros[k].lambda, known.zeros[k], doubt(zeros[k].standard_error, printed));
        EXPECT_LT(zeros[k].low, known.zeros[k]);
        EXPECT_GT(zeros[k].high, known.zeros[k]);
    }
}

// Huang, Chen, Lai & Pecora 2009, Phys. Rev. E 80:036204, table I.
INSTANTIATE_TEST_SUITE_P(
    Of, ChaoticOscillators,
    testing::Values(Published{"roessler",
                              "par a=0.2, b=0.2, c=9, u=0\ninit x=1, y=2, z=0\nx' = -y - z + u\n"
                              "y' = x + a*y\nz' = b + z*(x - c)\ndone\n",
                              -6.0,
                              -0.02,
                              {-4.614, -0.186}},
                    Published{"lorenz",
                              "par s=10, r=28, b=2, u=0\ninit x=1, y=2, z=20\nx' = s*(y - x) + u\n"
                              "y' = x*(r - z) - y\nz' = x*y - b*z\ndone\n",
                              -9.0,
                              -5.0,
                              {-7.322}}),
    [](const auto& tested) { return tested.param.name; });

TEST(ChaoticSynchrony, OfTwoNodesHasTheExponentsOfBothModes) {
    // Two Lorenz systems, each moved by the difference to the other: lambda is 0 and -2.
    constexpr double strength = 4.5;
    Network network =
        coupled(node_of("par s=10, r=28, b=2.6666666666666667, u=0\ninit x=1, y=2, z=20\n"
                        "x' = s*(y - x) + u\ny' = x*(r - z) - y\nz' = x*y - b*z\ndone\n"),
                CouplingKind::diffusive, strength);
    const auto field = make_homogeneous_field(network);
    const Vector parameters = default_values(field->parameters());
    const TransverseResult modes =
        transverse_exponents({field, parameters, field->initial(parameters),
                              ComplexVector::Constant(1, -2.0), 50.0, 2000.0});
    network.connectomes.resize(1);
    network.connectomes[0].weights = Matrix{{0.0, 1.0}, {1.0, 0.0}}.sparseView();
    const auto pair = make_field(network);
    const LyapunovResult both = lyapunov_spectrum({.field = pair,
                                                   .parameters = parameters,
                                                   .initial = pair->initial(parameters),
                                                   .transient = 50.0,
                                                   .duration = 2000.0});
    ASSERT_EQ(modes.modes.size(), 1U);
    ASSERT_EQ(modes.modes[0].fate, Fate::decays);  // else rounding errors would grow
    ASSERT_EQ(both.exponents.size(), 6);
    const std::vector<std::pair<double, double>> expected{
        {modes.uniform.exponents[0], modes.uniform.standard_errors[0]},
        {modes.modes[0].growth, modes.modes[0].standard_error}};
    for (const auto& [exponent, error] : expected) {
        Eigen::Index nearest = 0;
        const double distance = (both.exponents.array() - exponent).abs().minCoeff(&nearest);
        EXPECT_LT(distance, doubt(error, both.standard_errors[nearest])) << exponent;
    }
}

TEST(ChaoticSynchrony, OfPingNodesIsFoundBetweenTheirDoublingsWithTheirOwnExponents) {
    const auto field =
        make_homogeneous_field(coupled(find_model("ng_ping").make(), CouplingKind::additive, 12.0));
    Vector parameters = default_values(field->parameters());
    parameters[static_cast<Eigen::Index>(index_of(field->parameters(), "I_ext_E"))] = 10.2;
    const Vector initial = field->initial(parameters);
    const TransverseResult found = transverse_exponents(
        {field, parameters, initial, ComplexVector{{{1.0, 0.0}, {0.6, 0.0}, {-0.2, 0.0}}}, 1000.0,
         10'000.0});
    const LyapunovResult node = lyapunov_spectrum({.field = field,
                                                   .parameters = parameters,
                                                   .initial = initial,
                                                   .transient = 1000.0,
                                                   .duration = 10'000.0});
    EXPECT_EQ(found.uniform.attractor, Attractor::chaos) << found.uniform.evidence;
    EXPECT_EQ(node.attractor, Attractor::chaos) << node.evidence;
    for (Eigen::Index j = 0; j < node.exponents.size(); ++j)
        EXPECT_NEAR(
            found.uniform.exponents[j], node.exponents[j],
            doubt(found.uniform.standard_errors[j], node.standard_errors[j]) + node.resolution);
    ASSERT_EQ(found.modes.size(), 3U);
    EXPECT_NEAR(found.modes[0].growth, found.uniform.exponents[0], 1e-6);
    EXPECT_EQ(found.modes[0].fate, Fate::grows);
}

}  // namespace
}  // namespace cortifold
