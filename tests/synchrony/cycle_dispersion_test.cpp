#include "continuation/cycle_family.hpp"
#include <cortifold/model/registry.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace cortifold {
namespace {

constexpr double rounding = 1e-9;

/// The only output to every input, or each output to its own.
std::vector<Link> links_of(const Node& node) {
    if (node.outputs().size() == 1) return default_links(node);
    std::vector<Link> links(node.outputs().size());
    for (std::size_t k = 0; k < links.size(); ++k) {
        links[k].output = node.outputs()[k].name;
        links[k].input = node.inputs()[k].name;
    }
    return links;
}

/// The synchronous cycle of a coupled model where a parameter has a value, from its Hopf point.
struct Synchronous {
    std::shared_ptr<const HomogeneousField> field;
    Vector parameters;
    BranchPoint cycle;

    Synchronous(const std::string& model, const std::string& parameter,
                ContinuationOptions::Bound range, double strength, double value,
                const CycleOptions& options = {}) {
        Network network;
        network.kinds = {find_model(model).make()};
        network.links = links_of(*network.kinds.front());
        field = make_homogeneous_field(network);
        Family family(field, parameter, range);
        family.set("coupling.strength", strength);
        const Branch branch = family.cycles(0, 1e9, {value}, options);
        for (const SpecialPoint& special : branch.special)
            if (special.type == PointType::user) cycle = special.at;
        family.set(parameter, value);
        parameters = family.parameters;
    }

    [[nodiscard]] DispersionResult at(const ComplexVector& lambdas, int threads = 1) const {
        return cycle_dispersion({field, parameters, cycle, lambdas, {}, threads});
    }
};

TEST(DispersionOfCycles, OfStuartLandauOscillatorsShiftsTheirExponentsByTheCoupling) {
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

/// mu at lambda, of cycles by shooting.
struct Known {
    std::string model, parameter;
    ContinuationOptions::Bound range;
    double strength, value;
    std::map<double, double> exponents;
};

class CycleDispersion : public testing::TestWithParam<Known> {};

TEST_P(CycleDispersion, IsThatOfTheReference) {
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
INSTANTIATE_TEST_SUITE_P(Of, CycleDispersion,
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

}  // namespace
}  // namespace cortifold
