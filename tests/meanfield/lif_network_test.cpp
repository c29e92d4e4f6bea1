#include "microcircuit.hpp"
#include "networks.hpp"
#include "reference.hpp"
#include "support/branches.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/working_point.hpp>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace cortifold::test {
namespace {

using ::testing::HasSubstr;

constexpr double digits = 1e-9;

double largest_difference(ConstVectorRef found, ConstVectorRef expected) {
    return (found - expected).cwiseAbs().cwiseQuotient(expected.cwiseAbs()).maxCoeff();
}

class Microcircuit : public ReferenceNumbers,
                     public ::testing::WithParamInterface<SynapseTheory> {};

TEST_P(Microcircuit, HasTheStoredWorkingPoint) {
    const LifNetwork network = microcircuit(at(bos, {"params_SI"}));
    const WorkingPoint point = find_working_point(network, GetParam());
    ASSERT_EQ(point.status, Status::converged) << point.message;
    if (GetParam() == SynapseTheory::delta) {
        EXPECT_LT(largest_difference(point.rates_hz, vector_of(at(bos, {"delta_firing_rates_hz"}))),
                  digits);
        return;
    }
    const Record& stored = at(bos, {to_string(GetParam())});
    EXPECT_LT(largest_difference(point.rates_hz, vector_of(at(stored, {"firing_rates_hz"}))),
              digits);
    Vector means(8), sds(8);
    for (Eigen::Index i = 0; i < 8; ++i) {
        means[i] = point.inputs[std::size_t(i)].mean_mV;
        sds[i] = std::sqrt(point.inputs[std::size_t(i)].variance_mV2);
    }
    EXPECT_LT(largest_difference(means, vector_of(at(stored, {"mean_input_V"})) / milli), digits);
    EXPECT_LT(largest_difference(sds, vector_of(at(stored, {"std_input_V"})) / milli), digits);
    // The stored variations of `taylor` put its rates into the integral of `shift`: not met.
    const double difference = largest_difference(point.cvs, vector_of(at(stored, {"cvs"})));
    if (GetParam() == SynapseTheory::shift)
        EXPECT_LT(difference, digits);
    else
        EXPECT_GT(difference, 0.1);
    EXPECT_LT(point.residual_hz, 1e-12);
    EXPECT_LT((point.log_rates_hz.array().exp().matrix() - point.rates_hz).cwiseAbs().maxCoeff(),
              1e-12);
}

TEST_P(Microcircuit, HasOneSelfConsistentStateAlone) {
    const LifNetwork network = microcircuit(at(bos, {"params_SI"}));
    SearchOptions options;
    options.starts = 16;
    const WorkingPoints all = find_all_working_points(network, GetParam(), options);
    EXPECT_EQ(all.points.size(), 1U) << all.message;
}

INSTANTIATE_TEST_SUITE_P(Theories, Microcircuit,
                         ::testing::Values(SynapseTheory::delta, SynapseTheory::shift,
                                           SynapseTheory::taylor),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST(BrunelNetwork, HasThePublishedRates) {
    // rates of the theory in Brunel 2000, figure 8, to the digits computed independently
    struct Case {
        double g, drive, rate_hz, error_hz;
    };
    for (const Case& tested :
         {Case{6.0, 4.0, 55.84, 0.005}, {5.0, 2.0, 37.95, 0.005}, {4.5, 0.9, 6.52, 0.005}}) {
        const WorkingPoint point =
            find_working_point(brunel(tested.g, tested.drive), SynapseTheory::delta);
        ASSERT_EQ(point.status, Status::converged) << point.message;
        EXPECT_NEAR(point.rates_hz[0], tested.rate_hz, tested.error_hz) << tested.g;
        EXPECT_NEAR(point.rates_hz[0], point.rates_hz[1], 1e-9);
    }
}

TEST_F(ReferenceNumbers, MicrocircuitOfPotjansAndDiesmannHasItsRates) {
    // Bos et al. changed two of its numbers, both onto 4E: the indegrees from outside and from 4I
    LifNetwork network = microcircuit(at(bos, {"params_SI"}));
    network.drives[2].indegree = 2100.0;
    const auto from_4I = std::ranges::find_if(
        network.projections, [](const LifProjection& p) { return p.source == 3 && p.target == 2; });
    const double size = network.populations[2].size, probability = 0.135;
    from_4I->indegree =
        std::log1p(-probability) / std::log1p(-1.0 / (size * network.populations[3].size)) / size;
    const WorkingPoint point = find_working_point(network, SynapseTheory::delta);
    const Vector expected{{0.82087, 3.00874, 4.63285, 6.10417, 7.13658, 8.90486, 1.04296, 8.07216}};
    constexpr double rounding_of_indegrees = 1e-5;
    EXPECT_LT(largest_difference(point.rates_hz, expected), rounding_of_indegrees) << point.message;
}

TEST(InputStatistics, AddUpConnectionsDrivesAndConstantInput) {
    LifNetwork network = brunel(5.0, 2.0);
    network.populations[0].input_mV = 3.0;
    network.projections[0].weight_sd_mV = 0.05;
    const auto inputs = input_statistics(network, Vector{{10.0, 20.0}});
    // tau K J nu = 0.02 s 1000 0.1 mV nu and so on
    EXPECT_NEAR(inputs[0].mean_mV, 3.0 + 2.0 * (10.0 + 20.0) - 2.5 * 20.0, 1e-12);
    EXPECT_NEAR(
        inputs[0].variance_mV2,
        0.02 * (1000.0 * (0.01 + 0.0025) * 10.0 + 1000.0 * 0.01 * 20.0 + 250.0 * 0.25 * 20.0),
        1e-12);
    EXPECT_NEAR(inputs[1].mean_mV, 2.0 * 30.0 - 50.0, 1e-12);
}

TEST(MeanField, SaysOfItsPseudoTimeNothing) {
    const auto field = make_mean_field(brunel(5.0, 2.0), SynapseTheory::delta);
    EXPECT_EQ(field->meaning(), VectorField::Meaning::fixed_point_map);
    const auto found = find_equilibrium(
        {field, default_values(field->parameters()), default_values(field->states())});
    EXPECT_EQ(found.status, Status::converged);
    EXPECT_EQ(found.eigenvalues.size(), 0);
}

TEST(MeanField, NamesEveryNumberOfTheNetwork) {
    LifNetwork network = brunel(5.0, 2.0);
    network.projections.push_back(network.projections[0]);
    const auto field = make_mean_field(network, SynapseTheory::shift);
    const std::vector<std::string> names = names_of(field->parameters());
    EXPECT_THAT(names,
                ::testing::IsSupersetOf({"population.E.tau_m", "population.I.efficacy",
                                         "source.noise.rate", "projection.I.E.weight",
                                         "projection.E.E.2.indegree", "drive.noise.I.weight_sd"}));
    const Vector p = default_values(field->parameters());
    Vector changed = p;
    changed[Eigen::Index(index_of(field->parameters(), "projection.I.E.weight"))] = -0.7;
    EXPECT_EQ(with_parameters(network, changed).projections[1].weight_mV, -0.7);
    EXPECT_EQ(
        default_values(
            make_mean_field(with_parameters(network, changed), SynapseTheory::shift)->parameters()),
        changed);
}

RC_GTEST_PROP(MeanField, HasExactDerivatives, ()) {
    LifNetwork network = brunel(*rc::gen::inRange(30, 70) * 0.1, *rc::gen::inRange(5, 40) * 0.1);
    network.populations[0].spread_mV = *rc::gen::inRange(0, 3);
    const auto theory =
        *rc::gen::element(SynapseTheory::delta, SynapseTheory::shift, SynapseTheory::taylor);
    const auto field = make_mean_field(network, theory);
    const Vector p = default_values(field->parameters()), x{{7.0, 11.0}}, v{{0.6, -0.8}};
    const std::size_t which = *rc::gen::inRange<std::size_t>(0, std::size_t(p.size()));
    const auto slot = Eigen::Index(which);
    const Vector p_dot = Vector::Unit(p.size(), slot) * 0.01;
    const std::array free{which};
    Vector f(2);
    Matrix f_x(2, 2), f_p(2, 1), f_xv(2, 2), f_pv(2, 1);
    field->linearize(x, p, free, f, f_x, f_p);
    field->directional(x, p, v, p_dot, free, f_xv, f_pv);
    // orders 0 to 2 of the series along the same line: f, f_x v + f_p, and half the second
    Matrix xs = Matrix::Zero(2, 3), ps = Matrix::Zero(p.size(), 3), series(2, 3);
    xs.col(0) = x, xs.col(1) = v, ps.col(0) = p, ps.col(1) = p_dot;
    field->taylor(xs, ps, series);
    const double size = 1.0 + f.norm() + (f_x * v).norm();
    RC_ASSERT((series.col(0) - f).norm() < 1e-12 * size);
    RC_ASSERT((series.col(1) - f_x * v - 0.01 * f_p).norm() < 1e-10 * size);
    RC_ASSERT((2.0 * series.col(2) - f_xv * v - 0.01 * f_pv).norm() < 1e-9 * size);
    // and the slope of the series against differences
    constexpr double h = 1e-5;
    Vector up(2), down(2);
    field->rhs(x + h * v, p + h * p_dot, up);
    field->rhs(x - h * v, p - h * p_dot, down);
    RC_ASSERT(((up - down) / (2.0 * h) - series.col(1)).norm() < 1e-6 * size);
}

TEST(Multistability, IsFoundByDeflationFromSilenceToFiring) {
    const WorkingPoints all = find_all_working_points(excitable(34.0), SynapseTheory::delta);
    ASSERT_EQ(all.points.size(), 3U) << all.message;
    for (const WorkingPoint& point : all.points) {
        EXPECT_EQ(point.status, Status::converged) << point.message;
        EXPECT_LT(point.residual_hz, 1e-9);
    }
    EXPECT_LT(all.points[0].rates_hz[0], 1.0);
    EXPECT_GT(all.points[2].rates_hz[0], 100.0);
    // the one that is found first is the silent one
    const WorkingPoint lowest = find_working_point(excitable(34.0), SynapseTheory::delta);
    EXPECT_NEAR(lowest.rates_hz[0], all.points[0].rates_hz[0], 1e-9);
}

TEST(Continuation, FindsFoldsWhereTheSlopeOfTheRateIsOne) {
    const LifNetwork network = excitable(50.0);
    const auto field = make_mean_field(network, SynapseTheory::delta);
    const std::size_t drive = index_of(field->parameters(), "source.noise.rate");
    const Vector p = default_values(field->parameters());
    const WorkingPoint start = find_working_point(network, SynapseTheory::delta);
    const Branch branch =
        continue_branch(equilibrium_curve(field, p, drive), equilibrium_start(start.rates_hz, 50.0),
                        {.bounds = {{20.0, 60.0}}});
    EXPECT_TRUE(succeeded(branch.status)) << branch.message;
    ASSERT_EQ(cortifold::testing::types(branch), (std::vector{PointType::fold, PointType::fold}));
    for (const SpecialPoint& fold : branch.special) {
        // d Phi / d nu = tau_m K J (Phi_mu + J Phi_var) = 1, from the closed form of the slopes
        LifNetwork there = excitable(fold.at.parameters[0]);
        const Vector rates = fold.at.z.head(1);
        const LifRate rate = stationary_rate(
            there.populations[0].neuron, input_statistics(there, rates)[0], SynapseTheory::delta);
        EXPECT_NEAR(rate.hz, rates[0], 1e-8 * rates[0]);
        EXPECT_NEAR(0.02 * 100.0 * 0.15 * (rate.by_mean + 0.15 * rate.by_variance), 1.0, 1e-8);
        EXPECT_EQ(fold.at.n_unstable, std::nullopt);
        EXPECT_NE(fold.normal_form.at("a"), 0.0);
    }
    // on one side of both folds one state, between them three
    const double low = std::min(branch.special[0].at.parameters[0],
                                branch.special[1].at.parameters[0]),
                 high = std::max(branch.special[0].at.parameters[0],
                                 branch.special[1].at.parameters[0]);
    const auto states = [&](double rate) {
        return find_all_working_points(excitable(rate), SynapseTheory::delta).points.size();
    };
    EXPECT_EQ(states(0.5 * (low + high)), 3U);
    EXPECT_EQ(states(high * 1.05), 1U);
    EXPECT_EQ(states(low * 0.95), 1U);
}

TEST(Continuation, FollowsFoldsInTwoParametersToTheirCusp) {
    const LifNetwork network = excitable(50.0);
    const auto field = make_mean_field(network, SynapseTheory::delta);
    const std::array free{index_of(field->parameters(), "source.noise.rate"),
                          index_of(field->parameters(), "projection.E.E.weight")};
    Vector p = default_values(field->parameters());
    const WorkingPoint start = find_working_point(network, SynapseTheory::delta);
    const Branch branch =
        continue_branch(equilibrium_curve(field, p, free[0]),
                        equilibrium_start(start.rates_hz, 50.0), {.bounds = {{20.0, 60.0}}});
    ASSERT_FALSE(branch.special.empty());
    const SpecialPoint& fold = branch.special.front();
    p[Eigen::Index(free[0])] = fold.at.parameters[0];
    const auto curves = curves_through(field, {PointType::fold, fold.at.z.head(1), p}, free);
    ASSERT_EQ(curves.size(), 1U);
    const Branch curve = continue_branch(curves[0].problem, curves[0].point,
                                         {.bounds = {{20.0, 60.0}, {0.05, 0.3}}});
    const auto cusp = std::ranges::find(curve.special, PointType::cusp, &SpecialPoint::type);
    ASSERT_NE(cusp, curve.special.end()) << curve.message;
    // where slope is one and curvature zero
    const Vector rates = cusp->at.z.head(1);
    LifNetwork there = excitable(cusp->at.parameters[0]);
    there.projections[0].weight_mV = cusp->at.parameters[1];
    const auto at_cusp = make_mean_field(there, SynapseTheory::delta);
    const Vector q = default_values(at_cusp->parameters());
    Matrix x = Matrix::Zero(1, 3), ps = Matrix::Zero(q.size(), 3), f(1, 3);
    x(0, 0) = rates[0], x(0, 1) = 1.0, ps.col(0) = q;
    at_cusp->taylor(x, ps, f);
    EXPECT_NEAR(f(0, 0), 0.0, 1e-8 * rates[0]);
    EXPECT_NEAR(f(0, 1), 0.0, 1e-8);
    EXPECT_NEAR(f(0, 2) * rates[0], 0.0, 1e-6);
}

TEST(WorkingPoint, IsNotBelowSilenceWhereNewtonsMethodGoesThere) {
    const WorkingPoint point = find_working_point(brunel(4.0, 1.0), SynapseTheory::delta);
    ASSERT_TRUE(succeeded(point.status)) << point.message;
    EXPECT_GT(point.rates_hz[0], 25.0);
    EXPECT_LT(point.residual_hz, 1e-9);
}

TEST(SilentNetworks, HaveRatesBelowTheSmallestNumberAndStillALogarithm) {
    LifNetwork network = excitable(1e-3);
    const WorkingPoint point = find_working_point(network, SynapseTheory::delta);
    ASSERT_EQ(point.status, Status::converged) << point.message;
    EXPECT_EQ(point.rates_hz[0], 0.0);
    EXPECT_LT(point.log_rates_hz[0], -1e5);
    EXPECT_TRUE(std::isfinite(point.log_rates_hz[0]));
    EXPECT_NEAR(point.cvs[0], 1.0, 1e-9);
}

TEST(WorkingPoint, SaysWhichPopulationHasNoNoise) {
    LifNetwork network = brunel(5.0, 2.0);
    network.populations.push_back({"alone", 10.0, {}});
    const WorkingPoint point = find_working_point(network, SynapseTheory::delta);
    EXPECT_EQ(point.status, Status::non_finite);
    EXPECT_THAT(point.message, HasSubstr("population alone: the variance of its input is 0 mV^2"));
    EXPECT_TRUE(point.cvs.size() == 0);
}

TEST(WorkingPoint, SaysByHowMuchRatesMissThemselves) {
    const LifNetwork network = brunel(5.0, 2.0);
    const WorkingPoint point =
        describe_working_point(network, SynapseTheory::delta, Vector{{30.0, 30.0}});
    EXPECT_EQ(point.status, Status::iteration_limit);
    EXPECT_GT(point.residual_hz, 1.0);
    EXPECT_THAT(point.message, HasSubstr("rates miss by"));
}

TEST(WorkingPoint, SaysWhereTheExpansionGivesNegativeRates) {
    LifNetwork network = brunel(6.0, 0.9);
    for (LifPopulation& population : network.populations) population.neuron.tau_s = 19.0;
    const WorkingPoint point =
        describe_working_point(network, SynapseTheory::taylor, Vector{{1.0, 1.0}});
    EXPECT_EQ(point.status, Status::no_theory);
    EXPECT_THAT(point.message, HasSubstr("population E: the theory gives the rate -"));
}

TEST(LifNetworks, RefuseWhatCannotBeMeant) {
    const auto message = [](auto&& change) {
        LifNetwork network = brunel(5.0, 2.0);
        change(network);
        try {
            network.validate();
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    EXPECT_THAT(message([](LifNetwork& n) { n.projections[0].indegree = -1.0; }),
                HasSubstr("projection.E.E.indegree = -1 1 must be between 0"));
    EXPECT_THAT(message([](LifNetwork& n) { n.sources[0].rate_hz = std::nan(""); }),
                HasSubstr("source.noise.rate = nan Hz must be between 0"));
    EXPECT_THAT(message([](LifNetwork& n) { n.drives[1].source = 3; }),
                HasSubstr("drive 1 comes from number 3 of 1 sources"));
    EXPECT_THAT(message([](LifNetwork& n) { n.projections[2].target = 2; }),
                HasSubstr("projection 2 goes to number 2 of 2 populations"));
    EXPECT_THAT(message([](LifNetwork& n) { n.populations[1].name = "E"; }),
                HasSubstr("two populations are called \"E\""));
    EXPECT_THAT(message([](LifNetwork& n) { n.populations[1].size = 0.0; }),
                HasSubstr("population.I must have at least one neuron"));
    EXPECT_THAT(message([](LifNetwork& n) {
                    n.projections[0].delay = {DelayKind::fixed, -1.0};
                }),
                HasSubstr("delay.mean_ms = -1 ms"));
    EXPECT_THAT(message([](LifNetwork& n) { n.populations.clear(); }), HasSubstr("no population"));
}

}  // namespace
}  // namespace cortifold::test
