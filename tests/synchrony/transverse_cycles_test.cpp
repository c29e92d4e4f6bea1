#include "continuation/cycle_family.hpp"
#include <cortifold/model/registry.hpp>
#include <cortifold/synchrony/stability_range.hpp>
#include <cortifold/synchrony/transverse.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace cortifold {
namespace {

constexpr double rounding = 1e-9, longest_period = 100.0;

Link link(const std::string& output, const std::string& input, CouplingKind kind, double gain) {
    Link link;
    link.output = output;
    link.input = input;
    link.kind = kind;
    link.gain = gain;
    return link;
}

/// Synchronous cycles of a coupled model, and where modes begin to grow along one parameter.
struct Cycles {
    ModeSet modes;
    Family family;
    std::size_t second;

    Cycles(Network network, const ComplexVector& lambdas, const std::string& parameter,
           ContinuationOptions::Bound range, double strength)
        : modes{make_homogeneous_field(network), network, lambdas, 0},
          family(modes.field, parameter, range),
          second(index_of(modes.field->parameters(), "coupling.strength")) {
        family.set("coupling.strength", strength);
    }

    [[nodiscard]] std::vector<SpecialPoint> critical(const CurveStart& start) const {
        ContinuationOptions along{.bounds = {family.range, {0.0, longest_period}},
                                  .direction = start.way};
        along.tests = {transverse_test(modes, family.parameters, family.free)};
        return of_type(continue_branch(start.problem, start.point, along), PointType::transverse);
    }
    [[nodiscard]] std::vector<TransverseCurve> curves(const SpecialPoint& from,
                                                      ContinuationOptions::Bound strengths) {
        Vector p = family.parameters;
        p[static_cast<Eigen::Index>(family.free)] = from.at.parameters[0];
        return follow_transverse({modes, p, {family.free, second}, from.at, {}},
                                 {.bounds = {family.range, strengths, {0.0, longest_period}}});
    }
    [[nodiscard]] Mode leading(const BranchPoint& point) const {
        Vector p = family.parameters;
        p[static_cast<Eigen::Index>(family.free)] = point.parameters[0];
        p[static_cast<Eigen::Index>(second)] = point.parameters[1];
        return std::ranges::max(stability_of_cycle(modes.field, p, point)->at(modes.lambdas), {},
                                &Mode::growth);
    }
};

Network jansen_rit() {
    Network network;
    network.kinds = {find_model("jansen_rit").make()};
    network.links = default_links(*network.kinds.front());
    return network;
}

/// Benjamin & Feir: z' = (1 + i omega) z - (1 + i c) z |z|^2 with coupling s (1 + i c1) is unstable
/// where s lambda = 2 (1 + c c1) / (1 + c1^2).
TEST(TransverseCurvesOfCycles, AreTheBenjaminFeirLineOfStuartLandauOscillators) {
    constexpr double c1 = 1.0;
    Network network;
    network.kinds = {find_model("stuart_landau").make()};
    const auto kind = CouplingKind::diffusive;
    network.links = {link("x", "drive_x", kind, 1.0), link("y", "drive_y", kind, 1.0),
                     link("x", "drive_y", kind, c1), link("y", "drive_x", kind, -c1)};
    for (const std::complex<double> lambda : {-1.0, -2.0}) {
        Cycles cycles(network, ComplexVector::Constant(1, lambda), "c", {-3.0, -1.2}, 0.5);
        cycles.family.set("c", -1.3);
        const CurveStart start = cycles.family.start_from(
            [](double t) {
                return Vector{{std::cos(2.3 * t), std::sin(2.3 * t)}};
            },
            2.0 * std::acos(-1.0) / 2.3);
        const auto critical = cycles.critical(start);
        ASSERT_EQ(critical.size(), 1U);
        EXPECT_EQ(critical[0].scenario, "stationary");
        EXPECT_NEAR(critical[0].at.parameters[0], -1.0 + 0.5 * lambda.real(), rounding);
        const auto curves = cycles.curves(critical[0], {0.01, 3.0});
        ASSERT_EQ(curves.size(), 1U);
        ASSERT_GT(curves[0].branch.points.size(), 5U) << curves[0].branch.message;
        for (const BranchPoint& point : curves[0].branch.points)
            EXPECT_NEAR(point.parameters[1] * lambda.real(), 1.0 + point.parameters[0], rounding);
        EXPECT_EQ(curves[0].branch.kind, CurveKind::transverse_of_cycles);
    }
}

/// At p = 230 the master stability function says at which lambda growth is zero; that lambda's mode
/// must be critical at p = 230. Along the curve exponents on finer steps are the second route.
TEST(TransverseCurvesOfCycles, OfJansenRitNodesAreZerosOfTheMasterStabilityFunction) {
    constexpr double p = 230.0;
    Cycles cycles(jansen_rit(), ComplexVector::Constant(1, 0.46), "p", {-100.0, 400.0}, 50.0);
    const CycleOptions fine{.tolerance = 1e-9};
    const CurveStart start = cycles.family.start(0, fine);
    cycles.family.range = {200.0, 330.0};
    const Branch branch = cycles.family.follow(start, longest_period, {p});
    const auto there = of_type(branch, PointType::user);
    ASSERT_EQ(there.size(), 1U);
    Vector parameters = cycles.family.parameters;
    parameters[static_cast<Eigen::Index>(cycles.family.free)] = p;
    const auto zeros =
        stability_boundaries(*stability_of_cycle(cycles.modes.field, parameters, there[0].at),
                             {.low = 0.0, .high = 0.9});
    ASSERT_EQ(zeros.size(), 1U);
    EXPECT_NEAR(zeros[0].lambda, 0.4602104163, 1e-8);  // specs/neural_masses.md 4.5
    cycles.modes.lambdas[0] = zeros[0].lambda;

    const auto critical = cycles.critical(start);
    ASSERT_FALSE(critical.empty());
    const auto known = std::ranges::min_element(critical, {}, [](const SpecialPoint& point) {
        return std::abs(point.at.parameters[0] - p);
    });
    EXPECT_NEAR(known->at.parameters[0], p, 1e-8);
    EXPECT_LT(known->error, 1e-8);
    const auto curves = cycles.curves(*known, {40.0, 60.0});
    ASSERT_FALSE(curves.empty());
    for (const TransverseCurve& curve : curves) {
        ASSERT_GT(curve.branch.points.size(), 3U) << curve.branch.message;
        for (const BranchPoint& point : curve.branch.points)
            EXPECT_NEAR(cycles.leading(point).growth * point.period, 0.0, 1e-8)
                << point.parameters[0] << ' ' << point.parameters[1];
    }
}

}  // namespace
}  // namespace cortifold
