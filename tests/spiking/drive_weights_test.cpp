#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cortifold {
namespace {

constexpr std::uint32_t size = 3000;

/// Neurons below threshold: their potentials are sums of weighted spikes.
PopulationNetwork driven(const Distribution& weight) {
    LifDelta neuron;
    neuron.V_th = 100.0;
    PopulationNetwork network;
    network.populations = {
        {.name = "A", .size = size, .neuron = neuron, .poisson = PoissonDrive{100.0, 5.0, weight}}};
    return network;
}

std::vector<double> potentials(SpikingSimulation& simulation, double duration_ms) {
    simulation.run(duration_ms);
    std::vector<double> all;
    for (std::uint32_t i = 0; i < size; ++i) all.push_back(simulation.potential_mv(i));
    return all;
}

// Below threshold a neuron is linear: its potential over that of its twin with weight 1 is its own
// weight, at all times the same.
TEST(DriveWeights, AreDrawnOnceForEachNeuronByTheirLaw) {
    const Distribution law{.mean = 0.2, .sd = 0.05};
    SpikingSimulation drawn(driven(law), {}, {.seed = 3});
    SpikingSimulation split(driven(law), {}, {.threads = 3, .seed = 3});
    SpikingSimulation unit(driven({1.0}), {}, {.seed = 3});
    const auto early = potentials(drawn, 50.0), early_units = potentials(unit, 50.0);
    const auto late = potentials(drawn, 50.0), late_units = potentials(unit, 50.0);
    EXPECT_EQ(potentials(split, 100.0), late);
    double sum = 0.0, squares = 0.0;
    for (std::uint32_t i = 0; i < size; ++i) {
        const double weight = late[i] / late_units[i];
        ASSERT_NEAR(early[i] / early_units[i], weight, 1e-12);
        sum += weight - law.mean;
        squares += (weight - law.mean) * (weight - law.mean);
    }
    EXPECT_LT(std::abs(sum / size), 4.0 * law.sd / std::sqrt(size));
    EXPECT_NEAR(std::sqrt(squares / size) / law.sd, 1.0, 4.0 / std::sqrt(2.0 * size));
}

// Currents of two signs decay with time constants of their own.
TEST(DriveWeights, ReachTheReceptorOfTheirSign) {
    LifExp neuron;
    neuron.V_th = 100.0;
    neuron.tau_in = 5.0;
    PopulationNetwork network = driven({.mean = 0.0, .sd = 5.0});
    network.populations[0].neuron = neuron;
    network.populations[0].initial_mv = {neuron.E_L};
    PopulationNetwork one_sign = network;
    one_sign.populations[0].poisson->weight = {1.0};
    SpikingSimulation both(network, {}, {.seed = 5}), positive(one_sign, {}, {.seed = 5});
    one_sign.populations[0].poisson->weight = {-1.0};
    SpikingSimulation negative(one_sign, {}, {.seed = 5});
    const auto mixed = potentials(both, 30.0), up = potentials(positive, 30.0),
               down = potentials(negative, 30.0);
    const auto mixed_late = potentials(both, 7.0), up_late = potentials(positive, 7.0),
               down_late = potentials(negative, 7.0);
    int above = 0;
    for (std::uint32_t i = 0; i < size; ++i) {
        const double V = mixed[i] - neuron.E_L, late = mixed_late[i] - neuron.E_L;
        const auto& twin = V > 0.0 ? up : down;
        const auto& twin_late = V > 0.0 ? up_late : down_late;
        above += V > 0.0 ? 1 : 0;
        const double scale = V / (twin[i] - neuron.E_L);
        ASSERT_GT(scale, 0.0);
        ASSERT_NEAR(late, scale * (twin_late[i] - neuron.E_L), 1e-9);
    }
    EXPECT_NEAR(above, 0.5 * size, 4.0 * std::sqrt(0.25 * size));
}

TEST(DriveWeights, AreRefusedWhereTheirLawGivesNothing) {
    EXPECT_THAT(
        [] { driven({.mean = 0.2, .sd = -1.0}).validate(); },
        testing::ThrowsMessage<ConfigError>(testing::HasSubstr("population.A.poisson.weight")));
}

}  // namespace
}  // namespace cortifold
