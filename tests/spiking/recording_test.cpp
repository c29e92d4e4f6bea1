#include "spiking/recording_plan.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cortifold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr std::uint32_t first_size = 70, second_size = 200;

/// Two populations, driven so that each neuron sends some ten spikes a second or more.
PopulationNetwork driven() {
    PopulationNetwork network;
    for (const auto& [name, size] : {std::pair{"a", first_size}, {"b", second_size}})
        network.populations.push_back({.name = name,
                                       .size = size,
                                       .neuron = LifExp{},
                                       .initial_mv = {-58.0, 5.0},
                                       .poisson = PoissonDrive{2000.0, 8.0, 87.8}});
    network.projections = {{"a", "b", Indegree{10}, {87.8}, {1.5}}};
    return network;
}

TEST(RecordedSpikes, AreThoseOfTheNeuronsNamed) {
    SpikingSimulation all(driven(), {}, {.seed = 5});
    all.run(80.0);
    std::vector<Spike> expected;
    for (const Spike& spike : all.spikes())
        if ((spike.neuron >= 3 && spike.neuron < 8) || spike.neuron >= first_size + 150)
            expected.push_back(spike);
    ASSERT_GT(expected.size(), 20U);
    const std::vector<NeuronRange> ranges{{"b", 150, {}}, {"a", 3, 4}, {"a", 5, 3}};
    for (const int threads : {1, 2}) {
        SpikingSimulation some(driven(), {.recording = {.spikes = ranges}},
                               {.threads = threads, .seed = 5});
        some.run(80.0);
        EXPECT_EQ(some.spikes(), expected);
        EXPECT_EQ(some.activity()[1].spikes, all.activity()[1].spikes);
    }
}

// Without drive U(t) = U(0) exp(-t / tau_m).
TEST(RecordedPotentials, DecayAsTheClosedFormSays) {
    const LifExp neuron;
    PopulationNetwork network;
    network.populations = {{.name = "rest", .size = 5, .neuron = neuron},
                           {.name = "a", .size = 100, .neuron = neuron, .initial_mv = {-55.0}}};
    network.populations[0].initial_mv = {neuron.E_L};
    SpikingSimulation simulation(
        network, {.recording = {.potentials = {{"a", 64, 30}}, .potential_interval_ms = 0.5}});
    simulation.run(20.25);
    const PotentialSamples samples = simulation.take_potentials();
    ASSERT_EQ(samples.neurons.size(), 30U);
    EXPECT_EQ(samples.neurons.front(), 5U + 64U);
    ASSERT_EQ(samples.times_ms.size(), 40U);
    for (std::size_t row = 0; row < samples.times_ms.size(); ++row) {
        const double t = samples.times_ms[row];
        EXPECT_NEAR(t, 0.5 * static_cast<double>(row + 1), 1e-9);
        EXPECT_NEAR(samples.values_mv(static_cast<Eigen::Index>(row), 7),
                    neuron.E_L + 10.0 * std::exp(-t / neuron.tau_m), 1e-12);
    }
    EXPECT_TRUE(simulation.take_potentials().times_ms.empty());
    simulation.run(0.4);
    EXPECT_THAT(simulation.take_potentials().times_ms,
                ElementsAre(testing::DoubleNear(20.5, 1e-9)));
}

TEST(RecordedPotentials, AreTheSameOnAnyNumberOfThreadsAndInAnyPieces) {
    const auto run = [](int threads, std::initializer_list<double> pieces_ms) {
        SpikingSimulation simulation(
            driven(),
            {.record_spikes = false,
             .recording = {.potentials = {{"b", 0, 130}, {"a", 69, {}}, {"b", 120, 20}}}},
            {.threads = threads, .seed = 5});
        simulation.run(2.5);
        simulation.clear_records();
        for (const double piece_ms : pieces_ms) simulation.run(piece_ms);
        return simulation.take_potentials();
    };
    const PotentialSamples one = run(1, {30.0});
    EXPECT_EQ(one.neurons.size(), 141U);
    EXPECT_EQ(one.neurons[0], 69U);
    EXPECT_NEAR(one.times_ms.front(), 3.0, 1e-9);
    for (const PotentialSamples& other : {run(2, {30.0}), run(3, {7.1, 0.1, 22.8})}) {
        EXPECT_EQ(one.neurons, other.neurons);
        EXPECT_EQ(one.times_ms, other.times_ms);
        EXPECT_EQ(one.values_mv, other.values_mv);
    }
}

TEST(RecordedPotentials, AreThePotentialsAtTheirTime) {
    SpikingSimulation simulation(driven(),
                                 {.recording = {.potentials = {{"a", 2, 1}, {"b", 9, 1}}}});
    simulation.run(17.0);
    const PotentialSamples samples = simulation.take_potentials();
    EXPECT_EQ(samples.values_mv(16, 0), simulation.potential_mv(2));
    EXPECT_EQ(samples.values_mv(16, 1), simulation.potential_mv(first_size + 9));
    SpikingSimulation without(driven());
    without.run(2.0);
    EXPECT_THAT(without.take_potentials().times_ms, IsEmpty());
}

TEST(Recording, IsRefusedByName) {
    const auto refused = [](const RecordingOptions& recording, const std::string& name) {
        EXPECT_THAT([&] { SpikingSimulation(driven(), {.recording = recording}); },
                    ThrowsMessage<std::runtime_error>(HasSubstr(name)));
    };
    refused({.spikes = {{"c", 0, {}}}}, "unknown population \"c\"");
    refused({.spikes = {{"a", 70, {}}}}, "recording.spikes of population \"a\": first = 70");
    refused({.potentials = {{"a", 60, 11}}}, "count = 11 must lie within its 70 neurons");
    refused({.potentials = {{"a", 0, 0}}}, "recording.potentials");
    refused({.potential_interval_ms = 0.0}, "recording.potential_interval_ms = 0");
}

}  // namespace
}  // namespace cortifold
