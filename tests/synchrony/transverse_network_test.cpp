// Transverse instabilities are bifurcations of the whole network.
#include "continuation/cycle_family.hpp"
#include "support/places.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/synchrony/dispersion.hpp>
#include <cortifold/synchrony/transverse.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace cortifold {
namespace {

Network coupled(const std::string& model, Connectome connectome) {
    Network network;
    network.kinds = {find_model(model).make()};
    network.connectomes = {std::move(connectome)};
    network.links = default_links(*network.kinds.front());
    return network;
}

/// States of one node on all of them, a column a time.
Matrix spread(const Matrix& node, Eigen::Index nodes) {
    Matrix all(node.rows() * nodes, node.cols());
    for (Eigen::Index k = 0; k < node.rows(); ++k)
        all.middleRows(k * nodes, nodes) = node.row(k).replicate(nodes, 1);
    return all;
}

/// Parameters of the whole network; its noises, one a region, rest.
Vector parameters_of(const VectorField& whole, const Vector& node) {
    Vector p = Vector::Zero(static_cast<Eigen::Index>(whole.parameters().size()));
    p.head(std::min(p.size(), node.size())) = node.head(std::min(p.size(), node.size()));
    return p;
}

TEST(TransverseEquilibria, AreHopfPointsOfNinetyNodesWhereTheLastModeCeasesToGrow) {
    const std::string aal90 = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";
    if (!std::filesystem::exists(aal90)) GTEST_SKIP() << "the AAL90 connectome is not here";
    const Network network =
        coupled("ng_ping", normalized(read_connectome(aal90), Normalization::rows));
    const ModeSet modes{make_homogeneous_field(network), network,
                        coupling_modes(network).values.tail(network.size() - 1), 2};
    Family family(modes.field, "coupling.strength", {9.0, 12.0});
    family.set("I_ext_E", 15.0);
    family.set("coupling.strength", 9.0);
    const EquilibriumResult start =
        find_equilibrium({modes.field, family.parameters, default_values(modes.field->states())});
    ASSERT_EQ(start.status, Status::converged);
    ContinuationOptions along{.bounds = {family.range}};
    along.tests = {transverse_test(modes, family.parameters, family.free)};
    const auto critical =
        of_type(continue_branch(equilibrium_curve(modes.field, family.parameters, family.free),
                                equilibrium_start(start.state, 9.0), along),
                PointType::transverse);
    ASSERT_EQ(critical.size(), 1U);
    const double at = critical[0].at.parameters[0];
    EXPECT_EQ(critical[0].normal_form.at("mode"), 90.0);
    EXPECT_EQ(critical[0].scenario, "oscillatory");

    const auto whole = make_field(network);
    Vector p = parameters_of(*whole, family.parameters);
    p[static_cast<Eigen::Index>(family.free)] = at;
    const Vector state = spread(critical[0].at.z.head(6), network.size());
    const Branch branch =
        continue_branch(equilibrium_curve(whole, p, family.free),
                        equilibrium_start(state, at + 0.01), {.bounds = {{at - 0.01, at + 0.01}}});
    const auto hopf = of_type(branch, PointType::hopf);
    ASSERT_FALSE(hopf.empty());
    EXPECT_NEAR(hopf.back().at.parameters[0], at, 1e-9 * at);
    EXPECT_NEAR(hopf.back().frequency, critical[0].frequency, 1e-9);
    EXPECT_EQ(hopf.back().at.n_unstable, 0);
}

struct Small {
    std::string model, parameter;
    ContinuationOptions::Bound birth, range;  ///< where a Hopf point is, and where to look
    double strength;
    std::complex<double> lambda;
    double width;  ///< within which nothing else happens
    std::string scenario;
};

/// A pair of nodes, or a ring of three, with that coupling eigenvalue beside 1.
Connectome small_connectome(std::complex<double> lambda) {
    Connectome connectome;
    if (lambda.imag() == 0.0) {
        const double own = (1.0 + lambda.real()) / 2.0;
        connectome.weights = Matrix{{own, 1.0 - own}, {1.0 - own, own}}.sparseView();
        return connectome;
    }
    const double own = (1.0 + 2.0 * lambda.real()) / 3.0, turn = lambda.imag() / std::sqrt(3.0),
                 other = (1.0 - own) / 2.0;
    connectome.weights = Matrix{
        {own, other + turn, other - turn},
        {other - turn, own, other + turn},
        {other + turn, other - turn,
         own}}.sparseView();
    return connectome;
}

class SmallNetwork : public testing::TestWithParam<Small> {
protected:
    SmallNetwork()
        : small_(GetParam()),
          network_(coupled(small_.model, small_connectome(small_.lambda))),
          modes_{make_homogeneous_field(network_), network_,
                 ComplexVector::Constant(1, small_.lambda), 0},
          family_(modes_.field, small_.parameter, small_.birth),
          whole_(make_field(network_)) {
        family_.set("coupling.strength", small_.strength);
        const CurveStart start = family_.start(0);
        ContinuationOptions along{.bounds = {small_.range, {0.0, 100.0 * start.point.z.tail(2)[0]}},
                                  .direction = start.way};
        along.tests = {transverse_test(modes_, family_.parameters, family_.free)};
        synchronous_ = continue_branch(start.problem, start.point, along);
    }

    /// Cycles of the whole network through a synchronous one.
    [[nodiscard]] Branch follow(const BranchPoint& from, ContinuationOptions::Bound range) const {
        Vector p = parameters_of(*whole_, family_.parameters);
        p[static_cast<Eigen::Index>(family_.free)] = from.parameters[0];
        const CycleProfile profile(from, modes_.field->dimension());
        const Vector times = profile.divided(profile.degree());
        const CurveStart start =
            cycles_from_orbit(whole_, p, family_.free,
                              {times * from.period, spread(profile.at(times), network_.size())});
        return continue_branch(start.problem, start.point,
                               {.bounds = {range, {0.0, 100.0 * from.period}}});
    }
    /// A point of the synchronous branch on one side of a value, not too near.
    [[nodiscard]] const BranchPoint& beside(double at, double side) const {
        return *std::ranges::min_element(synchronous_.points, {}, [&](const BranchPoint& point) {
            return std::abs(point.parameters[0] - at - side * small_.width);
        });
    }

    const Small& small_;
    Network network_;
    ModeSet modes_;
    Family family_;
    std::shared_ptr<const VectorField> whole_;
    Branch synchronous_;
};

TEST_P(SmallNetwork, BifurcatesWhereItsModeBecomesCritical) {
    const auto critical = of_type(synchronous_, PointType::transverse);
    ASSERT_FALSE(critical.empty());
    const SpecialPoint& special = critical.back();
    const double at = special.at.parameters[0];
    EXPECT_EQ(special.scenario, small_.scenario);
    if (small_.scenario == "stationary") {
        // Symmetry breaks: a real exponent of the whole network changes sign.
        constexpr double near = 1e-3;
        double exponents[2], *exponent = exponents;
        for (const double side : {-1.0, 1.0}) {
            const BranchPoint& from = beside(at, side);
            const double end = at + side * near * small_.width;
            const Branch branch = follow(
                from, {std::min(end, from.parameters[0]), std::max(end, from.parameters[0])});
            const BranchPoint& there = *std::ranges::min_element(
                branch.points, {},
                [&](const BranchPoint& point) { return std::abs(point.parameters[0] - end); });
            ASSERT_NEAR(there.parameters[0], end, 1e-12 * std::abs(end)) << branch.message;
            Eigen::Index place = 0;
            there.spectrum.cwiseAbs().minCoeff(&place);
            EXPECT_EQ(there.spectrum[place].imag(), 0.0);
            *exponent++ = there.spectrum[place].real();
        }
        EXPECT_LT(exponents[0] * exponents[1], 0.0);
        EXPECT_NEAR((exponents[0] + exponents[1]) / (exponents[0] - exponents[1]), 0.0, near);
        return;
    }
    const BranchPoint& from = beside(at, -0.5);
    const double away = 2.0 * std::abs(from.parameters[0] - at);
    const Branch branch = follow(from, {at - away, at + away});
    const auto found = of_type(
        branch, small_.scenario == "oscillatory" ? PointType::torus : PointType::period_doubling);
    ASSERT_FALSE(found.empty()) << branch.message;
    const SpecialPoint& nearest = *std::ranges::min_element(
        found, {},
        [&](const SpecialPoint& point) { return std::abs(point.at.parameters[0] - at); });
    EXPECT_NEAR(nearest.at.parameters[0], at, 1e-9 * std::abs(at));
    if (small_.scenario == "oscillatory") {
        EXPECT_NEAR(nearest.frequency, special.frequency, 1e-7 * special.frequency);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Of, SmallNetwork,
    testing::Values(
        Small{"jansen_rit",
              "p",
              {-100.0, 400.0},
              {200.0, 330.0},
              50.0,
              0.4602104163,
              1.0,
              "stationary"},
        Small{"jansen_rit",
              "p",
              {-100.0, 400.0},
              {200.0, 330.0},
              50.0,
              {0.6, 0.4},
              1.0,
              "oscillatory"},
        Small{"ng_ping", "I_ext_E", {-10.0, 40.0}, {3.5, 15.0}, 9.0, -0.2, 0.1, "oscillatory"},
        Small{
            "ng_ping", "I_ext_E", {-10.0, 40.0}, {3.2, 9.4}, 12.0, 0.95, 0.05, "period_doubling"}));

}  // namespace
}  // namespace cortifold
