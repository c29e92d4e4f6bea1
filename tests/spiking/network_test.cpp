#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortifold {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

PopulationNetwork pair() {
    PopulationNetwork network;
    network.populations = {{.name = "E", .size = 80, .neuron = LifExp{}, .initial_mv = {-65.0}},
                           {.name = "I", .size = 20, .neuron = LifExp{}, .initial_mv = {-65.0}}};
    network.projections = {{"E", "I", TotalNumber{500}, {87.8}, {1.5}}};
    return network;
}

void expect_refused(const PopulationNetwork& network, const auto& message) {
    EXPECT_THAT([&] { SpikingSimulation simulation(network); },
                ThrowsMessage<ConfigError>(message));
}

TEST(PopulationNetwork, CountsNeuronsAndSynapses) {
    PopulationNetwork network = pair();
    EXPECT_EQ(network.neurons(), 100U);
    const Projection projections[] = {{"E", "I", Indegree{7}, {1.0}, {1.0}},
                                      {"E", "E", ConnectionProbability{0.5}, {1.0}, {1.0}, false}};
    EXPECT_EQ(network.expected_synapses(projections[0]), 140.0);
    EXPECT_EQ(network.expected_synapses(projections[1]), 80.0 * 79.0 * 0.5);
}

TEST(PopulationNetwork, NamesAnUnknownPopulationAndTheNearest) {
    PopulationNetwork network = pair();
    network.projections[0].target = "J";
    expect_refused(network, AllOf(HasSubstr("unknown population \"J\""), HasSubstr("I")));
}

TEST(PopulationNetwork, RefusesWhatANeuronCannotHave) {
    PopulationNetwork network = pair();
    std::get<LifExp>(network.populations[1].neuron).tau_m = -10.0;
    expect_refused(network, AllOf(HasSubstr("population.I.tau_m = -10"), HasSubstr("ms")));
    network = pair();
    std::get<LifExp>(network.populations[0].neuron).V_reset = -40.0;
    expect_refused(network, HasSubstr("population.E.V_reset = -40 must be below V_th = -50"));
}

TEST(PopulationNetwork, RefusesTwoPopulationsOfOneNameAndOneWithoutNeurons) {
    PopulationNetwork network = pair();
    network.populations[1].name = "E";
    network.projections.clear();
    expect_refused(network, HasSubstr("two populations are called \"E\""));
    network.populations[1].size = 0;
    expect_refused(network, HasSubstr("population.E.size = 0 must be 1 or more"));
}

TEST(PopulationNetwork, RefusesRulesThatNoNetworkFollows) {
    PopulationNetwork network = pair();
    network.projections[0].rule = Indegree{.sources = 81, .multapses = false};
    expect_refused(network, AllOf(HasSubstr("projection.E.I.indegree = 81"), HasSubstr("80")));
    network.projections[0].rule = ConnectionProbability{1.5};
    expect_refused(network, HasSubstr("projection.E.I.probability = 1.5 must be between 0 and 1"));
}

TEST(PopulationNetwork, RefusesDistributionsThatHardlyEverLandWithinTheirLimits) {
    PopulationNetwork network = pair();
    network.projections[0].weight = {.mean = -10.0, .sd = 1.0, .low = 0.0};
    expect_refused(network, HasSubstr("projection.E.I.weight.mean = -10 must be within 4 sd"));
    network.projections[0].weight = {.mean = -10.0, .low = 0.0};
    expect_refused(network, HasSubstr("projection.E.I.weight = -10 must be between low = 0"));
}

TEST(PopulationNetwork, RefusesDelaysBelowOneStepOrBeyondTheLongest) {
    PopulationNetwork network = pair();
    network.projections[0].delay_ms = {0.04};
    expect_refused(network, AllOf(HasSubstr("projection.E.I.delay"), HasSubstr("1 ... 4095")));
    network.projections[0].delay_ms = {.mean = 1.5, .sd = 0.75};
    expect_refused(network, HasSubstr("projection.E.I.delay: values from -3.4"));
    network.projections[0].delay_ms = {410.0};
    expect_refused(network, HasSubstr("410"));
}

TEST(MemoryEstimate, BoundsWhatIsBuiltAndIsRefusedBeforeThat) {
    const MemoryEstimate estimate = estimate_memory(pair(), {}, {});
    EXPECT_EQ(estimate.synapses, 500.0);
    EXPECT_GE(estimate.synapse_bytes, 500.0 * 4.0);
    PopulationNetwork large = pair();
    large.populations[1].size = 1'000'000;
    large.projections[0].rule = TotalNumber{50'000'000'000};
    EXPECT_THAT([&] { SpikingSimulation simulation(large, {.memory_limit_bytes = 8'000'000'000}); },
                ThrowsMessage<UsageError>(
                    AllOf(HasSubstr("50000000000 synapses"), HasSubstr("8000 MB are allowed"))));
}

TEST(MemoryEstimate, IsOfOneRankAndFallsWithTheirNumber) {
    PopulationNetwork network = pair();
    network.populations[0].size = 100'000;
    network.projections[0] = {"E", "E", TotalNumber{50'000'000}, {87.8}, {1.5}};
    const MemoryEstimate one = estimate_memory(network, {}, {});
    const MemoryEstimate two = estimate_memory(network, {}, {.rank = 1, .ranks = 2});
    EXPECT_EQ(one.synapses, two.synapses);
    EXPECT_GT(two.total(), 0.5 * one.total());
    EXPECT_LT(two.total(), 0.52 * one.total());
}

TEST(SpikingOptions, RefuseWhatNoRunCanHave) {
    EXPECT_THAT([] { SpikingSimulation simulation(pair(), {.step_ms = 0.0}); },
                ThrowsMessage<UsageError>(HasSubstr("step_ms")));
    EXPECT_THAT([] { SpikingSimulation simulation(pair(), {}, {.threads = 0}); },
                ThrowsMessage<UsageError>(HasSubstr("threads = 0")));
    EXPECT_THAT([] { SpikingSimulation simulation(pair(), {}, {.ranks = 2}); },
                ThrowsMessage<UsageError>(HasSubstr("rank 0 of 2 was asked for")));
    EXPECT_THAT([] { SpikingSimulation simulation(pair(), {}, {.rank = 2, .ranks = 2}); },
                ThrowsMessage<UsageError>(HasSubstr("rank = 2")));
    SpikingSimulation simulation(pair());
    EXPECT_THAT([&] { simulation.run(-1.0); }, ThrowsMessage<UsageError>(HasSubstr("duration_ms")));
    EXPECT_THAT([&] { (void)simulation.activity(2); },
                ThrowsMessage<UsageError>(HasSubstr("least_spikes = 2")));
    EXPECT_THAT([&] { (void)simulation.potential_mv(100); },
                ThrowsMessage<UsageError>(HasSubstr("neuron = 100 must be below 100")));
}

}  // namespace
}  // namespace cortifold
