// The methods for cycles agree with one another, with collocation and with closed forms.

#include "support/reference_case.hpp"
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

using namespace cortifold;

namespace {

using Bound = ContinuationOptions::Bound;
using std::numbers::pi;

constexpr double digits = 1e-8;         ///< relative, of periods, parameters and exponents
constexpr double tight = 1e-10;         ///< of collocation, for as many digits
constexpr double flow_accuracy = 1e-9;  ///< of a cycle that a test knows exactly

void expect_near(double found, double expected, double relative = digits) {
    EXPECT_NEAR(found, expected, relative * std::abs(expected));
}

/// Zero where a parameter has a value.
class AtValue final : public TestFunction {
public:
    explicit AtValue(double value) : value_(value) {}
    [[nodiscard]] std::string_view name() const override { return "at"; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.parameters[0] - value_;
    }

private:
    double value_;
};

/// Cycles born at a Hopf point, by its number in the order of the parameter.
struct Family {
    std::string model, parameter;
    Bound range;
    std::size_t number = 0;
    double at = 0.0;  ///< a value of the parameter that points are found at

    [[nodiscard]] Branch cycles(const CycleOptions& options) const {
        const auto field = field_of(model);
        Vector p = default_values(field->parameters());
        const std::size_t free = index_of(field->parameters(), parameter);
        p[static_cast<Eigen::Index>(free)] = range.low;
        const auto found = find_equilibrium({field, p, default_values(field->states())});
        const Branch equilibria =
            continue_branch(equilibrium_curve(field, p, free),
                            equilibrium_start(found.state, range.low), {.bounds = {range}});
        std::vector<SpecialPoint> hopf;
        for (const SpecialPoint& point : equilibria.special)
            if (point.type == PointType::hopf) hopf.push_back(point);
        const CurveStart start = cycles_from_hopf(field, p, free, hopf.at(number), options);
        return continue_branch(
            start.problem, start.point,
            {.bounds = {range}, .direction = start.way, .tests = {std::make_shared<AtValue>(at)}});
    }
};

std::vector<SpecialPoint> of_type(const Branch& branch, PointType type) {
    std::vector<SpecialPoint> found;
    std::ranges::copy_if(branch.special, std::back_inserter(found),
                         [&](const SpecialPoint& point) { return point.type == type; });
    return found;
}

class CycleMethods : public testing::TestWithParam<CycleMethod> {
protected:
    static CycleOptions method() { return {.method = GetParam()}; }
    static CycleOptions collocation() { return {.tolerance = tight}; }

    /// At the value of the parameter, by the method and by collocation.
    static void compare(const Family& family) {
        const auto found = of_type(family.cycles(method()), PointType::user),
                   expected = of_type(family.cycles(collocation()), PointType::user);
        ASSERT_EQ(found.size(), expected.size());
        ASSERT_FALSE(found.empty());
        for (std::size_t k = 0; k < found.size(); ++k) {
            const BranchPoint &a = found[k].at, &b = expected[k].at;
            expect_near(a.period, b.period);
            ASSERT_EQ(a.n_unstable, b.n_unstable);
            ASSERT_GE(a.spectrum.size(), 1);
            for (Eigen::Index i = 0; i < a.spectrum.size(); ++i)
                EXPECT_LT(
                    std::abs(a.spectrum[i] - b.spectrum[i]),
                    digits * std::abs(b.spectrum[i]) + a.spectrum_errors[i] + b.spectrum_errors[i])
                    << i;
        }
    }
};

/// The circle r^2 = a turns with omega - c a, and what departs from it falls with 2 a.
TEST_P(CycleMethods, FindTheCirclesOfStuartAndLandau) {
    const Branch branch = Family{"stuart_landau", "a", {-1.0, 1.0}}.cycles(method());
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    EXPECT_GT(branch.points.size(), 10U);
    const auto c =
        default_values(field_of("stuart_landau")->parameters())[static_cast<Eigen::Index>(
            index_of(field_of("stuart_landau")->parameters(), "c"))];
    for (const BranchPoint& point : branch.points) {
        const double a = point.parameters[0];
        expect_near(point.period, 2.0 * pi / (1.0 - c * a), flow_accuracy);
        EXPECT_NEAR(point.spectrum[0].real(), -2.0 * a, flow_accuracy);
    }
}

/// Exponents of small cycles are -2 Re lambda of the equilibrium inside, here -(B - 2): the real
/// part of its pair is (B - 2) / 2.
TEST_P(CycleMethods, FollowTheSmallCyclesOfTheBrusselator) {
    const Branch branch = Family{"brusselator", "B", {1.5, 2.02}}.cycles(method());
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    for (const BranchPoint& point : branch.points) {
        const double beyond = point.parameters[0] - 2.0;
        EXPECT_NEAR(point.spectrum[0].real(), -beyond, beyond * beyond + flow_accuracy);
        EXPECT_NEAR(point.period, 2.0 * pi, beyond);
    }
}

TEST_P(CycleMethods, AgreeOnJansenAndRit) {
    compare({"jansen_rit", "p", {-100.0, 400.0}, 1, 250.0});
}

TEST_P(CycleMethods, AgreeOnHodgkinAndHuxleyNearTheirHopfPoint) {
    compare({"hodgkin_huxley", "I", {145.0, 200.0}, 0, 150.0});
}

TEST_P(CycleMethods, EndWhereTheCycleVanishes) {
    const Branch branch = Family{"jansen_rit", "p", {-100.0, 400.0}, 1}.cycles(method());
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    ASSERT_EQ(of_type(branch, PointType::hopf).size(), 1U);
    EXPECT_NEAR(branch.points.back().parameters[0], 315.69642806882, 1e-9);
}

TEST_P(CycleMethods, SayThatARestingOrbitIsNoCycle) {
    const auto field = field_of("brusselator");
    Vector p = default_values(field->parameters());
    const auto rest = find_equilibrium({field, p, default_values(field->states())});
    const Orbit at_rest{Vector::LinSpaced(30, 0.0, 5.0), rest.state.replicate(1, 30)};
    const CurveStart start = cycles_from_orbit(field, p, 0, at_rest, method());
    const Continuation run(start.problem, start.point, {.bounds = {{0.5, 1.5}}});
    EXPECT_TRUE(run.branch().points.empty());
    EXPECT_FALSE(succeeded(run.branch().status));
    EXPECT_FALSE(run.branch().message.empty());
}

INSTANTIATE_TEST_SUITE_P(All, CycleMethods,
                         testing::Values(CycleMethod::shooting, CycleMethod::newton_picard),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
