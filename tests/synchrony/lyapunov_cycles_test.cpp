// Lyapunov exponents on cycles, which are their Floquet exponents.
#include "continuation/cycle_family.hpp"
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/synchrony/lyapunov.hpp>
#include <cortifold/synchrony/master_stability.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace cortifold {
namespace {

/// The cycle of the first Hopf point where the parameter has a value.
BranchPoint cycle_at(Family& family, double value) {
    const Branch branch = family.cycles(0, 1e9, {value});
    BranchPoint cycle;
    for (const SpecialPoint& special : branch.special)
        if (special.type == PointType::user) cycle = special.at;
    family.parameters[static_cast<Eigen::Index>(family.free)] = value;
    return cycle;
}

/// Vectors of finite exponents have grown as that, up to a factor that does not grow.
void expect_exponents(const LyapunovResult& found, std::vector<double> expected) {
    std::ranges::sort(expected, std::greater{});
    ASSERT_EQ(found.status, Status::reached_end) << found.message;
    ASSERT_EQ(found.exponents.size(), static_cast<Eigen::Index>(expected.size()));
    for (Eigen::Index j = 0; j < found.exponents.size(); ++j)
        EXPECT_NEAR(found.exponents[j], expected[static_cast<std::size_t>(j)], found.resolution)
            << j + 1;
}

TEST(LyapunovOfCycles, AreTheirFloquetExponents) {
    Family family("fitzhugh_nagumo", "I", {0.0, 1.0});
    const BranchPoint cycle = cycle_at(family, 0.5);
    ASSERT_GT(cycle.period, 0.0);
    std::vector<double> expected{0.0};  // that of the phase
    for (const auto& exponent : cycle.spectrum) expected.push_back(exponent.real());
    const LyapunovResult found =
        lyapunov_spectrum({.field = family.field,
                           .parameters = family.parameters,
                           .initial = default_values(family.field->states()),
                           .transient = 20.0 * cycle.period,
                           .duration = 100.0 * cycle.period});
    expect_exponents(found, expected);
    EXPECT_EQ(found.attractor, Attractor::cycle) << found.evidence;
}

TEST(LyapunovOfCycles, OfASynchronousNetworkAreThoseOfAllItsModes) {
    constexpr int regions = 6;
    constexpr double strength = 50.0, p = 120.0;
    Network network;
    network.kinds = {find_model("jansen_rit").make()};
    network.connectomes = {
        normalized(generate_connectome({.regions = regions}), Normalization::rows)};
    network.links = default_links(*network.kinds.front());
    network.strength = strength;
    const auto node = make_homogeneous_field(network);
    Family family(node, "p", {-100.0, 400.0});
    family.set("coupling.strength", strength);
    const BranchPoint cycle = cycle_at(family, p);
    ASSERT_GT(cycle.period, 0.0);

    std::vector<double> expected;
    const ComplexVector lambdas = eigenvalues(Matrix(network.connectomes.front().weights));
    for (const Mode& mode : stability_of_cycle(node, family.parameters, cycle)->at(lambdas))
        for (const auto& exponent : mode.eigenvalues) expected.push_back(exponent.real());

    const auto field = make_field(network);
    LyapunovProblem problem{.field = field, .transient = 10.0, .duration = 40.0};
    problem.parameters = family.parameters;
    problem.initial = cycle.z.head(node->dimension()).transpose().replicate(regions, 1).reshaped();
    problem.initial *= 1.001;
    const LyapunovResult found = lyapunov_spectrum(problem);
    expect_exponents(found, expected);
    EXPECT_EQ(found.attractor, Attractor::cycle) << found.evidence;
    EXPECT_NEAR(found.exponents.sum(), *found.divergence, 1e-4 * std::abs(*found.divergence));
}

}  // namespace
}  // namespace cortifold
