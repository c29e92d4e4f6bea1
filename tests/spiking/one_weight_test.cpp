#include <cortifold/spiking/simulation.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace cortifold {
namespace {

constexpr std::uint32_t E = 151, I = 50;  // odd: the last slot of a segment stands alone

struct PairLaw {
    std::string source, target;
    double weight, delay_ms;
};
std::uint32_t size_of(const std::string& population) {
    return population == "E" ? E : I;
}

Projection all_pairs(const PairLaw& law) {
    return {law.source, law.target, AllToAll{}, {law.weight}, {law.delay_ms}};
}
/// The same synapses one by one: each is stored with its weight.
Projection listed(const PairLaw& law) {
    auto list = std::make_shared<std::vector<ListedSynapse>>();
    for (std::uint32_t source = 0; source < size_of(law.source); ++source)
        for (std::uint32_t target = 0; target < size_of(law.target); ++target)
            list->push_back({source, target, law.weight, law.delay_ms});
    return {law.source, law.target, SynapseList{list}, {}, {}};
}

/// Segments with one weight, others of the same delay with another, and some where weights differ.
PopulationNetwork network(Projection (*projection)(const PairLaw&)) {
    PopulationNetwork network;
    for (const std::string name : {"E", "I"})
        network.populations.push_back({.name = name,
                                       .size = size_of(name),
                                       .neuron = LifExp{},
                                       .initial_mv = {-55.0, 6.0},
                                       .poisson = PoissonDrive{2000.0, 8.0, 87.8}});
    for (const PairLaw& law : {PairLaw{"E", "E", 8.0, 1.5},
                               {"E", "I", 12.0, 1.5},
                               {"I", "E", -90.0, 0.8},
                               {"I", "I", -90.0, 1.1},
                               {"I", "I", -20.0, 0.8}})
        network.projections.push_back(projection(law));
    network.projections.push_back({"E", "I", Outdegree{20}, {10.0, 3.0}, {1.5, 0.5, 0.1}});
    return network;
}

std::vector<Spike> spikes(const PopulationNetwork& network, int threads,
                          SynapseStorage storage = SynapseStorage::stored) {
    SpikingSimulation simulation(network, {.synapses = storage}, {.threads = threads, .seed = 3});
    simulation.run(40.0);
    return simulation.spikes();
}

TEST(OneWeight, GivesTheSpikesOfSynapsesThatHaveTheirOwn) {
    const std::vector<Spike> own = spikes(network(listed), 1);
    EXPECT_GT(own.size(), 200U);
    for (const int threads : {1, 2, 3}) {
        EXPECT_EQ(spikes(network(all_pairs), threads), own);
        EXPECT_EQ(spikes(network(all_pairs), threads, SynapseStorage::procedural), own);
    }
}

TEST(OneWeight, GoesOnWithSpikesInFlight) {
    SpikingSimulation whole(network(all_pairs), {}, {.seed = 3});
    whole.run(11.3);
    const std::string state = whole.save();
    whole.run(8.0);
    SpikingSimulation rest(network(all_pairs), {}, {.threads = 2, .seed = 3});
    rest.restore([&] { return state; });
    rest.run(8.0);
    EXPECT_EQ(rest.spikes(), whole.spikes());
}

// A row of 151 slots: where it begins, a header and the weight, and two slots in each word.
TEST(OneWeight, TakesHalfTheMemory) {
    PopulationNetwork network;
    network.populations = {{.name = "E", .size = E, .neuron = LifExp{}}};
    const auto bytes = [&](const Projection& projection) {
        network.projections = {projection};
        const SpikingSimulation simulation(network, {}, {});
        const double estimate = estimate_memory(network, {}, {}).synapse_bytes;
        const auto built = static_cast<double>(simulation.facts().synapse_bytes);
        EXPECT_GE(estimate, built);
        return simulation.facts().synapse_bytes;
    };
    const PairLaw law{"E", "E", 8.0, 1.5};
    EXPECT_EQ(bytes(all_pairs(law)), E * 4 * (3 + (E + 1) / 2));
    EXPECT_EQ(bytes(listed(law)), E * 4 * (2 + E));
}

}  // namespace
}  // namespace cortifold
