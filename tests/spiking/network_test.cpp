#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

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

TEST(PopulationNetwork, CountsTheSynapsesOfEachRule) {
    const PopulationNetwork network = pair();
    const auto list = std::make_shared<const std::vector<ListedSynapse>>(3);
    const auto expected = [&](const ConnectionRule& rule, const std::string& target) {
        return network.expected_synapses({"E", target, rule, {}, {}, false});
    };
    EXPECT_EQ(expected(Outdegree{3}, "I"), 240.0);
    EXPECT_EQ(expected(AllToAll{}, "I"), 1600.0);
    EXPECT_EQ(expected(AllToAll{}, "E"), 80.0 * 79.0);
    EXPECT_EQ(expected(OneToOne{}, "I"), 80.0);
    EXPECT_EQ(expected(SynapseList{list}, "I"), 3.0);
}

TEST(PopulationNetwork, RefusesMoreDifferentPairsThanThereAre) {
    PopulationNetwork network = pair();
    network.projections[0].rule = Outdegree{.targets = 21, .multapses = false};
    expect_refused(network, AllOf(HasSubstr("projection.E.I.outdegree = 21"), HasSubstr("20")));
    network.projections[0].rule = TotalNumber{.synapses = 1601, .multapses = false};
    expect_refused(network,
                   AllOf(HasSubstr("projection.E.I.total_number = 1601"), HasSubstr("1600")));
    network.projections[0].rule = OneToOne{};
    expect_refused(network, HasSubstr("80 sources and 20 targets"));
    network.projections[0].target = "E";
    network.projections[0].autapses = false;
    expect_refused(network, HasSubstr("autapses alone"));
}

TEST(SynapseList, IsRefusedWithTheSynapseThatCannotBe) {
    PopulationNetwork network = pair();
    const auto refused = [&](const std::vector<ListedSynapse>& synapses, const auto& message) {
        network.projections[0] = {
            "E",
            "I",
            SynapseList{std::make_shared<const std::vector<ListedSynapse>>(synapses)},
            {},
            {}};
        expect_refused(network, message);
    };
    const ListedSynapse good{79, 19, 1.0, 0.5};
    refused({good, {80, 0, 1.0, 0.5}}, HasSubstr("synapse[2].source = 80 must be below 80"));
    refused({good, {0, 20, 1.0, 0.5}}, HasSubstr("synapse[2].target = 20 must be below 20"));
    refused({{0, 0, NAN, 0.5}}, HasSubstr("synapse[1].weight = nan must be finite"));
    refused({{0, 0, 1.0, -0.5}}, HasSubstr("synapse[1].delay = -0.5 must be positive"));
    refused({good, {0, 0, 1.0, 0.04}}, AllOf(HasSubstr("E.I.delay"), HasSubstr("1 ... 4095")));
    network.projections[0] = {"E", "I", SynapseList{}, {}, {}};
    expect_refused(network, HasSubstr("projection.E.I has no list"));
    network.projections[0].rule =
        SynapseList{std::make_shared<const std::vector<ListedSynapse>>(1, good)};
    network.projections[0].weight = {2.0};
    expect_refused(network, HasSubstr("besides those of its list"));
    network.projections[0] = {"E", "E", network.projections[0].rule, {}, {}, false};
    std::get<SynapseList>(network.projections[0].rule).synapses =
        std::make_shared<const std::vector<ListedSynapse>>(1, ListedSynapse{3, 3, 1.0, 0.5});
    expect_refused(network, HasSubstr("joins neuron 3 to itself"));
}

TEST(SynapseList, WithoutSynapsesIsFine) {
    PopulationNetwork network = pair();
    network.projections[0] = {
        "E", "I", SynapseList{std::make_shared<const std::vector<ListedSynapse>>()}, {}, {}};
    SpikingSimulation simulation(network);
    simulation.run(1.0);
    EXPECT_EQ(simulation.facts().synapses, 0U);
}

TEST(PopulationNetwork, RefusesLawsThatNoSynapseHas) {
    PopulationNetwork network = pair();
    network.projections[0].weight = {.mean = 1.0, .sd = 0.1, .law = Law::lorentzian};
    expect_refused(network, HasSubstr("projection.E.I.weight must have a normal or a log-normal"));
    network.projections[0].weight = {.mean = 0.0, .sd = 0.1, .law = Law::log_normal};
    expect_refused(network, HasSubstr("projection.E.I.weight.mean = 0"));
    network.projections[0].weight = {1.0};
    network.projections[0].delay_ms = {.mean = 1.5, .sd = 1.5, .law = Law::log_normal};
    expect_refused(network, HasSubstr("round to 1 ... 4095 steps"));
}

TEST(PopulationNetwork, RefusesWeightsThatVanishBesideTheLargest) {
    PopulationNetwork network = pair();
    network.projections.push_back({"I", "I", Indegree{3}, {1e-4}, {1.5}});
    expect_refused(network, AllOf(HasSubstr("population.I"), HasSubstr("vanish")));
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
    large.populations[1].size = 3'000'000'000;  // a place for each would be too much
    EXPECT_THROW(SpikingSimulation(large, {.memory_limit_bytes = 8'000'000'000}), UsageError);
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

// Two populations, a count each in bins of 1 ms.
TEST(MemoryEstimate, GrowsWithTheDurationByWhatIsCountedInBins) {
    const double none = estimate_memory(pair(), {}, {}).total();
    const double hour = estimate_memory(pair(), {.duration_ms = 3.6e6}, {}).total() - none;
    EXPECT_GE(hour, 2.0 * 4.0 * 3.6e6);
    EXPECT_LE(hour, 2.0 * 2.0 * 4.0 * 3.6e6);
    EXPECT_THROW(SpikingSimulation(pair(), {.duration_ms = -1.0}), UsageError);
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
