#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace cortifold {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// All rules in one network, with weights and delays that are drawn; in-degrees and lists, which
/// are stored in any case, beside the others.
PopulationNetwork all_rules() {
    PopulationNetwork network;
    network.populations = {
        {.name = "E", .size = 300, .neuron = LifExp{}, .initial_mv = {-55.0, 6.0}},
        {.name = "I", .size = 200, .neuron = LifExp{}, .initial_mv = {-55.0, 6.0}},
        {.name = "J", .size = 200, .neuron = LifExp{}, .initial_mv = {-55.0, 6.0}}};
    for (Population& population : network.populations)
        population.poisson = PoissonDrive{2000.0, 8.0, 87.8};
    const Distribution weight{.mean = 40.0, .sd = 8.0, .low = 0.0};
    const Distribution inhibition{.mean = -150.0, .sd = 60.0, .law = Law::log_normal};
    const Distribution delay{.mean = 1.5, .sd = 0.75, .low = 0.1};
    auto list = std::make_shared<std::vector<ListedSynapse>>();
    for (std::uint32_t k = 0; k < 400; ++k)
        list->push_back({k % 300, 7 * k % 200, 30.0, 0.1 * (1 + k % 30)});
    network.projections = {{"E", "I", TotalNumber{9000}, weight, delay},
                           {"E", "J", TotalNumber{6000, false}, weight, delay},
                           {"E", "E", ConnectionProbability{0.1}, weight, {1.5}, false},
                           {"I", "E", Outdegree{40}, inhibition, delay},
                           {"J", "E", Outdegree{40, false}, inhibition, {2.0}},
                           {"I", "I", AllToAll{}, {-20.0}, delay, false},
                           {"I", "J", OneToOne{}, {200.0}, {0.7}},
                           {"J", "I", Indegree{20}, weight, delay},
                           {"E", "I", SynapseList{list}, {}, {}}};
    return network;
}

SpikingSimulation simulation(SynapseStorage synapses, int threads) {
    return SpikingSimulation(all_rules(), {.synapses = synapses}, {.threads = threads, .seed = 6});
}

TEST(ProceduralSynapses, AreThoseThatAreStoredAndMakeTheSameSpikes) {
    SpikingSimulation stored = simulation(SynapseStorage::stored, 2);
    stored.run(60.0);
    EXPECT_GT(stored.spikes().size(), 500U);
    for (const int threads : {1, 2, 3}) {
        SpikingSimulation procedural = simulation(SynapseStorage::procedural, threads);
        EXPECT_EQ(procedural.facts().synapses, stored.facts().synapses);
        procedural.run(60.0);
        EXPECT_EQ(procedural.spikes(), stored.spikes());
        EXPECT_EQ(procedural.facts().synaptic_events, stored.facts().synaptic_events);
    }
}

TEST(ProceduralSynapses, GoOnFromTheStateOfStoredOnesAndBack) {
    SpikingSimulation stored = simulation(SynapseStorage::stored, 2);
    SpikingSimulation procedural = simulation(SynapseStorage::procedural, 3);
    stored.run(20.3);
    procedural.run(41.0);  // what it has drawn before is forgotten
    procedural.restore([&] { return stored.save(); });
    procedural.run(10.0);
    SpikingSimulation back = simulation(SynapseStorage::stored, 1);
    back.restore([&] { return procedural.save(); });
    back.run(10.0);
    stored.run(20.0);
    EXPECT_EQ(back.spikes(), stored.spikes());
    EXPECT_TRUE(back.save() == stored.save());
}

// Exchanges once in many steps, and runs that end in between.
TEST(ProceduralSynapses, OfLongDelaysMakeTheSameSpikesInAnyPieces) {
    PopulationNetwork network = all_rules();
    std::erase_if(network.projections,
                  [](const Projection& p) { return std::holds_alternative<SynapseList>(p.rule); });
    for (Projection& projection : network.projections)
        projection.delay_ms = {.mean = 3.0, .sd = 1.0, .low = 1.55};
    const auto run = [&](SynapseStorage synapses, double piece_ms) {
        SpikingSimulation simulation(network, {.synapses = synapses}, {.threads = 2, .seed = 2});
        while (simulation.time_ms() < 49.99) simulation.run(piece_ms);
        return simulation.spikes();
    };
    const std::vector<Spike> stored = run(SynapseStorage::stored, 50.0);
    EXPECT_GT(stored.size(), 300U);
    EXPECT_EQ(stored, run(SynapseStorage::procedural, 50.0));
    EXPECT_EQ(stored, run(SynapseStorage::procedural, 0.5));
}

TEST(ProceduralSynapses, TakeAFractionOfTheMemory) {
    const PopulationNetwork network = potjans_diesmann::network();
    const double stored = estimate_memory(network, {}, {.threads = 2}).synapse_bytes;
    const double procedural =
        estimate_memory(network, {.synapses = SynapseStorage::procedural}, {.threads = 2})
            .synapse_bytes;
    EXPECT_GT(stored, 4.0 * 298'880'968.0);
    EXPECT_LT(procedural, 0.4 * stored);
}

TEST(ProceduralSynapses, OfARowThatIsTooLongAreRefusedBeforeARun) {
    PopulationNetwork network = all_rules();
    network.projections = {{"E", "I", Outdegree{2'000'000}, {40.0}, {1.5}}};
    EXPECT_THAT(
        [&] { SpikingSimulation(network, {.synapses = SynapseStorage::procedural}, {}); },
        ThrowsMessage<UsageError>(HasSubstr("population.E may have 2000000 procedural synapses")));
}

}  // namespace
}  // namespace cortifold
