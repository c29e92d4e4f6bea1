#include "networks.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/from_populations.hpp>
#include <cortifold/meanfield/quenched.hpp>

#include <gmock/gmock.h>

#include <cmath>

namespace cortifold::test {
namespace {

using ::testing::HasSubstr;

/// Whose indegrees are those of a Poisson process.
LifNetwork random_brunel(double g, double external) {
    LifNetwork network = brunel(g, external);
    for (LifProjection& projection : network.projections)
        projection.indegree_variance = projection.indegree;
    return network;
}

/// <nu> and <nu^2> over a Gaussian spread of the mean, by Simpson's rule.
std::pair<double, double> moments(const LifNeuron& neuron, LifInput input, SynapseTheory theory) {
    constexpr int steps = 2000;
    constexpr double reach = 9.0, h = 2.0 * reach / steps;
    const double spread = std::exchange(input.spread_mV, 0.0), mean = input.mean_mV;
    double first = 0.0, second = 0.0;
    for (int k = 0; k <= steps; ++k) {
        const double z = -reach + k * h;
        input.mean_mV = mean + spread * z;
        const double rate = stationary_rate(neuron, input, theory).hz,
                     weight = (k == 0 || k == steps ? 1.0 : (k % 2 == 1 ? 4.0 : 2.0)) * h / 3.0 *
                              std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
        first += weight * rate;
        second += weight * rate * rate;
    }
    return {first, second};
}

TEST(QuenchedRates, AreThoseOfEqualNeuronsWhereNothingDiffers) {
    const LifNetwork network = brunel(5.0, 2.0);
    const WorkingPoint equal = find_working_point(network, SynapseTheory::delta);
    const WorkingPoint quenched =
        find_quenched_point(network, SynapseTheory::delta, equal.rates_hz);
    ASSERT_TRUE(succeeded(quenched.status)) << quenched.message;
    EXPECT_NEAR(quenched.rates_hz[0], equal.rates_hz[0], 1e-9);
    EXPECT_EQ(quenched.rate_sds_hz, Vector::Zero(2));
}

TEST(QuenchedRates, DoNotSpreadByTheRoundingOfWeights) {
    for (const double weight : {0.1, 0.15, 0.17, 0.2}) {
        LifNetwork network = brunel(5.0, 2.0);
        network.projections[0].weight_mV = weight;
        network.projections[1].weight_mV = -5.3 * weight;
        const WorkingPoint equal = find_working_point(network, SynapseTheory::delta);
        ASSERT_TRUE(succeeded(equal.status)) << equal.message;
        const WorkingPoint quenched =
            find_quenched_point(network, SynapseTheory::delta, equal.rates_hz);
        ASSERT_TRUE(succeeded(quenched.status)) << quenched.message;
        EXPECT_EQ(quenched.rate_sds_hz, Vector::Zero(2)) << weight;
    }
}

TEST(QuenchedRates, ReproduceTheirMeanAndTheirSquare) {
    LifNetwork network = random_brunel(6.0, 3.0);
    network.projections[1].weight_sd_mV = 0.02;
    network.populations[1].spread_mV = 0.5;
    const Vector guess = find_working_point(network, SynapseTheory::delta).rates_hz;
    const WorkingPoint point = find_quenched_point(network, SynapseTheory::delta, guess);
    ASSERT_TRUE(succeeded(point.status)) << point.message;
    Vector squares(2);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto [mean, square] =
            moments(network.populations[i].neuron, point.inputs[i], SynapseTheory::delta);
        EXPECT_NEAR(mean, point.rates_hz[Eigen::Index(i)], 1e-8);
        EXPECT_NEAR(std::sqrt(square - mean * mean), point.rate_sds_hz[Eigen::Index(i)], 1e-7);
        squares[Eigen::Index(i)] = square;
    }
    // of Poissonian indegrees the spread is tau^2 sum K <J^2> <nu^2>, and its own
    const double E = 0.02 * 0.02 * 1000.0 * 0.01 * squares[0],
                 I = 0.02 * 0.02 * 250.0 * 0.36 * squares[1],
                 I_varied = 0.02 * 0.02 * 250.0 * (0.36 + 36.0 * 0.0004) * squares[1];
    EXPECT_NEAR(std::pow(point.inputs[0].spread_mV, 2), E + I_varied, 1e-6);
    EXPECT_NEAR(std::pow(point.inputs[1].spread_mV, 2), E + I + 0.25, 1e-6);
    EXPECT_GT(point.rate_sds_hz[0], 1.0);
}

TEST(QuenchedRates, SpreadByTheIndegreesThatRulesMake) {
    PopulationNetwork network;
    Population cells{.name = "cells", .size = 500, .neuron = LifDelta{}};
    Population targets = cells;
    targets.name = "targets";
    targets.size = 200;
    network.populations = {cells, targets};
    const auto variance = [&](const ConnectionRule& rule) {
        network.projections = {{"cells", "targets", rule, {.mean = 0.1}, {.mean = 1.5}}};
        return lif_network_of(network).projections[0].indegree_variance;
    };
    EXPECT_NEAR(variance(ConnectionProbability{0.2}), 500.0 * 0.2 * 0.8, 1e-10);
    EXPECT_NEAR(variance(TotalNumber{20000, true}), 20000.0 / 200.0 * (1.0 - 1.0 / 200.0), 1e-10);
    EXPECT_NEAR(variance(TotalNumber{20000, false}), 500.0 * 0.2 * 0.8, 1e-10);
    EXPECT_NEAR(variance(Outdegree{40, false}), 500.0 * 0.2 * 0.8, 1e-10);
    EXPECT_EQ(variance(Indegree{100, true}), 0.0);
    EXPECT_EQ(variance(AllToAll{}), 0.0);
}

TEST(QuenchedRates, TakeANormalPotentialAtRestForASpread) {
    PopulationNetwork network;
    Population cells{.name = "cells", .size = 500, .neuron = LifDelta{}};
    cells.poisson = PoissonDrive{100.0, 50.0, 0.2};
    cells.varied = {{"E_L", {.mean = 2.0, .sd = 1.5}}};
    network.populations = {cells};
    const LifNetwork made = lif_network_of(network);
    EXPECT_EQ(made.populations[0].spread_mV, 1.5);
    EXPECT_EQ(made.populations[0].neuron.threshold, 18.0);
    EXPECT_EQ(made.populations[0].neuron.reset, 8.0);
    network.populations[0].varied[0].name = "V_th";
    EXPECT_THROW((void)lif_network_of(network), UsageError);
}

TEST(QuenchedRates, SayWhereThereAreNone) {
    LifNetwork network = random_brunel(6.0, 3.0);
    const Vector guess{{30.0, 30.0}};
    const WorkingPoint unfinished =
        find_quenched_point(network, SynapseTheory::delta, guess, {.most_iterations = 1});
    EXPECT_EQ(unfinished.status, Status::iteration_limit);
    EXPECT_THAT(unfinished.message, HasSubstr("do not settle"));
    network.sources[0].rate_hz = 0.0;
    const WorkingPoint silent = find_quenched_point(network, SynapseTheory::delta, Vector::Zero(2));
    EXPECT_EQ(silent.status, Status::non_finite) << silent.message;
    network.populations[0].reversals = LifReversals{};
    EXPECT_EQ(find_quenched_point(network, SynapseTheory::delta, guess).status, Status::no_theory);
    EXPECT_THROW(
        (void)find_quenched_point(network, SynapseTheory::delta, guess, {.most_iterations = 0}),
        UsageError);
}

}  // namespace
}  // namespace cortifold::test
