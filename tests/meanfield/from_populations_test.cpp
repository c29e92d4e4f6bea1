#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/from_populations.hpp>
#include <cortifold/meanfield/working_point.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortifold::test {
namespace {

using ::testing::HasSubstr;

/// Two populations of 100 neurons.
PopulationNetwork pair_of(const NeuronModel& neuron) {
    PopulationNetwork network;
    network.populations = {{.name = "A", .size = 100, .neuron = neuron},
                           {.name = "B", .size = 50, .neuron = neuron}};
    network.projections = {{.source = "A",
                            .target = "B",
                            .rule = Indegree{20},
                            .weight = {.mean = 40.0, .sd = 4.0},
                            .delay_ms = {.mean = 1.5}}};
    return network;
}

TEST(TheoryOfASimulation, OfTheMicrocircuitHasItsRates) {
    // to the digits in which they were computed independently, without a spread of weights
    PopulationNetwork simulated = potjans_diesmann::network();
    for (Projection& projection : simulated.projections) projection.weight.sd = 0.0;
    const LifNetwork network = lif_network_of(simulated);
    EXPECT_EQ(network.populations[2].name, "L4E");
    EXPECT_EQ(network.projections[0].delay.kind, DelayKind::truncated_gaussian);
    EXPECT_EQ(network.projections[0].delay.low_ms, potjans_diesmann::least_delay_ms);
    constexpr double digits = 0.01;
    const Vector shift = find_working_point(network, SynapseTheory::shift).rates_hz,
                 delta = find_working_point(network, SynapseTheory::delta).rates_hz;
    const Vector expected_shift{{0.75, 2.79, 4.44, 5.82, 7.15, 8.47, 1.16, 7.76}},
        expected_delta{{0.82, 3.01, 4.63, 6.10, 7.14, 8.91, 1.04, 8.07}};
    EXPECT_LT((shift - expected_shift).cwiseAbs().maxCoeff(), digits);
    EXPECT_LT((delta - expected_delta).cwiseAbs().maxCoeff(), digits);
}

TEST(TheoryOfASimulation, TurnsCurrentsIntoPotentials) {
    PopulationNetwork simulated = pair_of(LifExp{});
    simulated.populations[0].current_pa = 100.0;
    simulated.populations[1].poisson = PoissonDrive{30.0, 8.0, 50.0};
    const LifNetwork network = lif_network_of(simulated);
    EXPECT_DOUBLE_EQ(network.populations[0].input_mV, 100.0 * 10.0 / 250.0);
    EXPECT_DOUBLE_EQ(network.populations[0].neuron.threshold, 15.0);
    EXPECT_DOUBLE_EQ(network.projections[0].indegree, 20.0);
    EXPECT_DOUBLE_EQ(network.projections[0].weight_mV, 40.0 * 0.5 / 250.0);
    EXPECT_DOUBLE_EQ(network.projections[0].weight_sd_mV, 4.0 * 0.5 / 250.0);
    EXPECT_EQ(network.projections[0].delay.kind, DelayKind::fixed);
    ASSERT_EQ(network.drives.size(), 1U);
    EXPECT_EQ(network.drives[0].target, 1U);
    EXPECT_DOUBLE_EQ(network.drives[0].weight_mV, 0.1);
    EXPECT_DOUBLE_EQ(network.sources[0].rate_hz, 8.0);
}

TEST(TheoryOfASimulation, LeavesPotentialsOfDeltaSynapsesAsTheyAre) {
    const LifNetwork network = lif_network_of(pair_of(LifDelta{}));
    EXPECT_EQ(network.projections[0].weight_mV, 40.0);
    EXPECT_EQ(network.populations[0].neuron.tau_s, 0.0);
    EXPECT_EQ(network.populations[0].neuron.reset, 10.0);
}

TEST(TheoryOfASimulation, RefusesWhatTheTheoryDoesNotCover) {
    const auto message = [](auto&& change) {
        PopulationNetwork network = pair_of(LifExp{});
        change(network);
        try {
            (void)lif_network_of(network);
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    EXPECT_THAT(message([](PopulationNetwork& n) {
                    LifExp two;
                    two.tau_in = 2.0;
                    n.populations[1].neuron = two;
                }),
                HasSubstr("population.B has tau_ex = 0.5 ms and tau_in = 2 ms"));
    EXPECT_THAT(message([](PopulationNetwork& n) { n.projections[0].weight.low = 38.0; }),
                HasSubstr("projection.A.B.weight is cut"));
    EXPECT_THAT(message([](PopulationNetwork& n) {
                    n.projections[0].delay_ms = {
                        .mean = 1.0, .sd = 1.0, .low = 0.1, .outside = Outside::clipped};
                }),
                HasSubstr("projection.A.B.delay is clipped"));
    EXPECT_THAT(message([](PopulationNetwork& n) {
                    n.populations[0].varied = {{"V_th", {.mean = -50.0, .sd = 1.0}}};
                }),
                HasSubstr("population.A has parameters drawn for each neuron"));
    EXPECT_THAT(message([](PopulationNetwork& n) {
                    n.populations[1].poisson = PoissonDrive{30.0, 8.0, {50.0, 5.0}};
                }),
                HasSubstr("population.B.poisson.weight is drawn for each neuron"));
}

}  // namespace
}  // namespace cortifold::test
