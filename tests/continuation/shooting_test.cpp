// The methods for cycles agree with one another, with collocation and with closed forms.

#include "cycle_family.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/ode/integrate.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

using namespace cortifold;

namespace {

using Bound = ContinuationOptions::Bound;
using std::numbers::pi;

constexpr double agreement = 1e-8;      ///< relative, of periods, parameters and exponents
constexpr double tight = 1e-10;         ///< of collocation, for as many agreement
constexpr double flow_accuracy = 1e-9;  ///< of a cycle that a test knows exactly

void expect_equal(double found, double expected, double relative = agreement) {
    EXPECT_NEAR(found, expected, relative * std::abs(expected));
}

/// Cycles born at a Hopf point, by its number in the order of the parameter.
struct Rhythm {
    std::string model, parameter;
    Bound range;
    std::size_t number = 0;
    double at = 0.0;  ///< a value of the parameter that points are found at

    [[nodiscard]] Branch cycles(const CycleOptions& options) const {
        return Family(model, parameter, range).cycles(number, 1e9, {at}, options);
    }
};

class CycleMethods : public testing::TestWithParam<CycleMethod> {
protected:
    static CycleOptions method() { return {.method = GetParam()}; }
    static CycleOptions collocation() { return {.tolerance = tight}; }

    /// At the value of the parameter, by the method and by collocation.
    static void compare(const Rhythm& family) {
        const auto found = of_type(family.cycles(method()), PointType::user),
                   expected = of_type(family.cycles(collocation()), PointType::user);
        ASSERT_EQ(found.size(), expected.size());
        ASSERT_FALSE(found.empty());
        for (std::size_t k = 0; k < found.size(); ++k) {
            const BranchPoint &a = found[k].at, &b = expected[k].at;
            expect_equal(a.period, b.period);
            ASSERT_EQ(a.n_unstable, b.n_unstable);
            ASSERT_GE(a.spectrum.size(), 1);
            for (Eigen::Index i = 0; i < a.spectrum.size(); ++i)
                EXPECT_LT(std::abs(a.spectrum[i] - b.spectrum[i]),
                          agreement * std::abs(b.spectrum[i]) + a.spectrum_errors[i] +
                              b.spectrum_errors[i])
                    << i;
        }
    }
};

/// The circle r^2 = a turns with omega - c a, and what departs from it falls with 2 a.
TEST_P(CycleMethods, FindTheCirclesOfStuartAndLandau) {
    const Branch branch = Rhythm{"stuart_landau", "a", {-1.0, 1.0}}.cycles(method());
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    EXPECT_GT(branch.points.size(), 10U);
    const auto c =
        default_values(field_of("stuart_landau")->parameters())[static_cast<Eigen::Index>(
            index_of(field_of("stuart_landau")->parameters(), "c"))];
    for (const BranchPoint& point : branch.points) {
        const double a = point.parameters[0];
        expect_equal(point.period, 2.0 * pi / (1.0 - c * a), flow_accuracy);
        EXPECT_NEAR(point.spectrum[0].real(), -2.0 * a, flow_accuracy);
    }
}

/// Exponents of small cycles are -2 Re lambda of the equilibrium inside, here -(B - 2): the real
/// part of its pair is (B - 2) / 2.
TEST_P(CycleMethods, FollowTheSmallCyclesOfTheBrusselator) {
    const Branch branch = Rhythm{"brusselator", "B", {1.5, 2.02}}.cycles(method());
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

/// Rhythms with sharp corners, for which Fourier series are too long.
class MethodsForCorners : public CycleMethods {};

TEST_P(MethodsForCorners, FindTheFoldsOfTheEnzyme) {
    const Branch branch = Rhythm{"enzyme", "rho", {0.0, 20.0}}.cycles(method());
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 2U);
    expect_equal(folds[0].at.parameters[0], 2.759687455499458);
    expect_equal(folds[0].at.period, 10.006393028723355);
    expect_equal(folds[1].at.parameters[0], 5.007839760761145);
    expect_equal(folds[1].at.period, 5.676578596251878);
}

TEST_P(MethodsForCorners, FindTheDoublingsOfTheAutocatalator) {
    const Branch branch = Rhythm{"autocatalator", "mu", {0.14, 0.3}}.cycles(method());
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    const auto doublings = of_type(branch, PointType::period_doubling);
    ASSERT_EQ(doublings.size(), 2U);
    expect_equal(doublings[0].at.parameters[0], 0.15645314513);
    expect_equal(doublings[1].at.parameters[0], 0.14295657566, 1e-7);  // as it was printed
    EXPECT_EQ(branch.special.size(), 2U);
}

TEST_P(CycleMethods, EndWhereTheCycleVanishes) {
    const Branch branch = Rhythm{"jansen_rit", "p", {-100.0, 400.0}, 1}.cycles(method());
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

/// ng_ping on a synthetic connectome with row sums 1; one node may have a current of its own.
struct CoupledRhythms {
    Network network;

    explicit CoupledRhythms(int regions, double first_current = std::nan("")) {
        network.kinds = {model_named("ng_ping")};
        network.connectomes = {
            normalized(generate_connectome({.regions = regions}), Normalization::rows)};
        network.links = default_links(*network.kinds.front());
        network.strength = 5.0;
        const auto table = network.kinds.front()->parameters();
        network.overrides = {
            Matrix::Constant(regions, static_cast<Eigen::Index>(table.size()), std::nan(""))};
        network.overrides[0](0, static_cast<Eigen::Index>(index_of(table, "I_ext_E"))) =
            first_current;
        if (std::isnan(first_current)) network.overrides.clear();
    }

    /// Corrected at the default parameters, from the cycle that all nodes alike would go.
    [[nodiscard]] BranchPoint cycle(const CycleOptions& options) const {
        Network alike = network;
        alike.overrides.clear();
        const auto node = make_homogeneous_field(alike);
        const auto field = make_field(network);
        const BranchPoint one = corrected(node, orbit_of(*node), {.method = CycleMethod::shooting});
        const Orbit alone = orbit_from(*node, one.z.head(node->dimension()), one.period);
        Orbit all{alone.times, Matrix(field->dimension(), alone.times.size())};
        const Eigen::Index regions = network.size();
        for (Eigen::Index k = 0; k < alone.states.rows(); ++k)
            all.states.middleRows(k * regions, regions) = alone.states.row(k).replicate(regions, 1);
        return corrected(field, all, options);
    }
    [[nodiscard]] BranchPoint node_cycle() const {
        const auto node = make_homogeneous_field(network);
        return corrected(node, orbit_of(*node), {.method = CycleMethod::shooting});
    }

private:
    static BranchPoint corrected(const std::shared_ptr<const VectorField>& field,
                                 const Orbit& orbit, const CycleOptions& options) {
        const CurveStart start =
            cycles_from_orbit(field, default_values(field->parameters()),
                              index_of(field->parameters(), "I_ext_E"), orbit, options);
        const Continuation run(start.problem, start.point, {});
        EXPECT_FALSE(run.branch().points.empty()) << run.branch().message;
        return run.branch().points.empty() ? BranchPoint() : run.branch().points.front();
    }

    static Orbit orbit_from(const VectorField& field, const Vector& x, double period) {
        constexpr Eigen::Index count = 401;
        Orbit orbit{Vector::LinSpaced(count, 0.0, period), Matrix(field.dimension(), count)};
        Eigen::Index k = 0;
        const std::shared_ptr<const VectorField> shared(&field, [](const VectorField*) {});
        (void)integrate({.field = shared,
                         .parameters = default_values(field.parameters()),
                         .initial = x,
                         .t1 = period},
                        {.output_step = period / (count - 1)},
                        [&](double, ConstVectorRef state, ConstVectorRef) {
                            if (k < count) orbit.states.col(k++) = state;
                            return Flow::proceed;
                        });
        return orbit;
    }
    /// About the attracting cycle, whose period is about 18.7 ms.
    static Orbit orbit_of(const VectorField& field) {
        constexpr double long_after = 400.0, about_a_period = 18.7;
        const Orbit transient = orbit_from(field, default_values(field.states()), long_after);
        return orbit_from(field, transient.states.rightCols<1>(), about_a_period);
    }
};

TEST(CyclesOfANetwork, OfEqualNodesHaveThePeriodAndTheExponentsOfTheNode) {
    const CoupledRhythms rhythms(10);
    const BranchPoint node = rhythms.node_cycle(),
                      all = rhythms.cycle({.method = CycleMethod::shooting, .sections = 2});
    expect_equal(all.period, node.period, flow_accuracy);
    ASSERT_EQ(all.spectrum.size(), 59);
    for (const std::complex<double> exponent : node.spectrum)
        EXPECT_LT((all.spectrum.array() - exponent).abs().minCoeff(), agreement) << exponent;
}

TEST(CyclesOfANetwork, OfNinetyNodesAreFollowedWhole) {
    const CoupledRhythms rhythms(90);
    const BranchPoint node = rhythms.node_cycle(),
                      all = rhythms.cycle({.method = CycleMethod::shooting, .sections = 1});
    expect_equal(all.period, node.period, flow_accuracy);
    ASSERT_EQ(all.spectrum.size(), 539);
    EXPECT_EQ(all.n_unstable, 0);
    EXPECT_LT((all.spectrum.array() - node.spectrum[0]).abs().minCoeff(), agreement);
}

TEST(CyclesOfANetwork, AgreeByShootingAndNewtonPicardWhereOneNodeDiffers) {
    const CoupledRhythms rhythms(10, 10.02);
    const BranchPoint a = rhythms.cycle({.method = CycleMethod::shooting, .sections = 1}),
                      b = rhythms.cycle({.method = CycleMethod::newton_picard});
    EXPECT_NEAR(a.parameters[0], 10.0, 1e-12);
    EXPECT_NEAR(b.parameters[0], 10.0, 1e-12);
    expect_equal(a.period, b.period, flow_accuracy);
    EXPECT_GT(std::abs(a.period - CoupledRhythms(10).node_cycle().period), 1e-4);
    EXPECT_EQ(a.n_unstable, b.n_unstable);
    ASSERT_GE(b.spectrum.size(), 8);
    EXPECT_LT(b.spectrum.size(), a.spectrum.size());
    for (Eigen::Index i = 0; i < 8; ++i)
        EXPECT_LT(std::abs(a.spectrum[i] - b.spectrum[i]), agreement) << i;
}

std::string name_of(const testing::TestParamInfo<CycleMethod>& tested) {
    return std::string(to_string(tested.param));
}
INSTANTIATE_TEST_SUITE_P(All, CycleMethods,
                         testing::Values(CycleMethod::shooting, CycleMethod::newton_picard,
                                         CycleMethod::fourier),
                         name_of);
INSTANTIATE_TEST_SUITE_P(All, MethodsForCorners,
                         testing::Values(CycleMethod::shooting, CycleMethod::newton_picard),
                         name_of);

TEST(Shooting, GivesTheSameBitsForAnyNumberOfThreads) {
    const Rhythm family{"brusselator", "B", {1.5, 2.5}};
    const Branch one = family.cycles({.method = CycleMethod::shooting}),
                 two = family.cycles({.method = CycleMethod::shooting, .threads = 2});
    ASSERT_EQ(one.points.size(), two.points.size());
    for (std::size_t k = 0; k < one.points.size(); ++k) {
        EXPECT_EQ(one.points[k].z, two.points[k].z);
        EXPECT_EQ(one.points[k].spectrum, two.points[k].spectrum);
    }
}

TEST(CycleMethodsRefuse, WhatTheyCannotFollow) {
    const auto free = field_of("brusselator");
    const auto make = [](const auto& field, const CycleOptions& options) {
        return cycle_curve(field, default_values(field->parameters()), 0, options);
    };
    for (const CycleMethod method :
         {CycleMethod::shooting, CycleMethod::newton_picard, CycleMethod::fourier})
        EXPECT_THROW((void)make(free, {.method = method, .forcing = Forcing{1.0}}), UsageError);
    EXPECT_THROW((void)make(free, {.method = CycleMethod::shooting, .sections = 0}), UsageError);
    EXPECT_THROW((void)make(free, {.method = CycleMethod::fourier, .harmonics = 0}), UsageError);
}

TEST(FourierSeries, GetMoreHarmonicsAsACycleGetsSharper) {
    const Branch branch =
        Rhythm{"brusselator", "B", {1.5, 3.0}}.cycles({.method = CycleMethod::fourier});
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    expect_equal(branch.points.back().period, 7.156919923045257, flow_accuracy);
    EXPECT_GT(branch.points.back().frame.size(), branch.points.front().frame.size());
}

TEST(FourierSeries, RefuseMoreUnknownsThanADenseSystemCanHave) {
    const auto field = field_of("brusselator");
    EXPECT_THROW((void)cycle_curve(field, default_values(field->parameters()), 0,
                                   {.method = CycleMethod::fourier, .harmonics = 5000}),
                 UsageError);
}

}  // namespace
