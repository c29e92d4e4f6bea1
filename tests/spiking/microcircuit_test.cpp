#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <gtest/gtest.h>

#include <numeric>

namespace cortifold {
namespace {

namespace pd = potjans_diesmann;

struct Moments {
    double mean, variance;  ///< of the input current, up to a common factor
};

/// Of the input to a neuron at the rates of the whole network.
Moments input(const PopulationNetwork& network, std::size_t target) {
    const Population& population = network.populations[target];
    const double tau = std::get<LifExp>(population.neuron).tau_ex * 1e-3;
    Moments sum{population.current_pa, 0.0};
    const auto add = [&](double indegree, double weight, double rate) {
        sum.mean += indegree * weight * rate * tau;
        sum.variance += indegree * weight * weight * rate;
    };
    if (population.poisson)
        add(population.poisson->indegree, population.poisson->weight.mean,
            population.poisson->rate_hz);
    for (const Projection& projection : network.projections)
        if (projection.target == population.name)
            add(network.expected_synapses(projection) / population.size, projection.weight.mean,
                pd::rates_hz[network.index_of(projection.source)]);
    return sum;
}

TEST(PotjansDiesmann, HasTheNeuronsAndSynapsesOfThePaper) {
    const PopulationNetwork network = pd::network();
    EXPECT_EQ(network.neurons(), 77'169U);
    EXPECT_EQ(network.projections.size(), 55U);
    double synapses = 0.0;
    for (const Projection& projection : network.projections)
        synapses += network.expected_synapses(projection);
    // 298 880 968 where 1 - 1/(N_t N_s) is rounded before its logarithm is taken
    EXPECT_NEAR(synapses, 298'880'968.0, 2.0);
    EXPECT_NO_THROW(network.validate());
}

TEST(PotjansDiesmann, ExcitatoryPotentialsAre015MillivoltsHigh) {
    PopulationNetwork network;
    network.populations = {
        {.name = "source", .size = 1, .neuron = LifExp{}, .initial_mv = {-45.0}},
        {.name = "target", .size = 1, .neuron = LifExp{}, .initial_mv = {-65.0}}};
    const double weight = pd::weight_pa(LifExp{}, 0, 0);
    EXPECT_NEAR(weight, 87.8085, 1e-4);
    network.projections = {{"source", "target", Indegree{1}, {weight}, {0.1}}};
    SpikingSimulation simulation(network, {.step_ms = 0.01});
    double highest = 0.0;
    for (int k = 0; k < 400; ++k) {
        simulation.run(0.01);
        highest = std::max(highest, simulation.potential_mv(1) + 65.0);
    }
    EXPECT_NEAR(highest, pd::psp_mv, 1e-6);
}

TEST(PotjansDiesmann, KeepsMeanAndVarianceOfInputsInSmallerNetworks) {
    const PopulationNetwork whole = pd::network();
    const PopulationNetwork part = pd::network({.neurons = 0.2, .indegrees = 0.1});
    const PopulationNetwork constant = pd::network({.drive = pd::Drive::constant});
    for (std::size_t p = 0; p < pd::populations; ++p) {
        const double rounding = 2e-3;  // numbers of neurons and synapses are integers
        EXPECT_NEAR(input(part, p).mean / input(whole, p).mean, 1.0, rounding);
        EXPECT_NEAR(input(part, p).variance / input(whole, p).variance, 1.0, rounding);
        EXPECT_NEAR(input(constant, p).mean / input(whole, p).mean, 1.0, 1e-12);
    }
}

std::vector<Spike> spikes(int threads, std::initializer_list<double> durations_ms) {
    SpikingSimulation simulation(pd::network({.neurons = 0.08, .indegrees = 0.08}), {},
                                 {.threads = threads, .seed = 12});
    for (const double duration_ms : durations_ms) simulation.run(duration_ms);
    return simulation.spikes();
}

TEST(PotjansDiesmann, SendsTheSameSpikesOnAnyNumberOfThreadsAndInAnyPieces) {
    const std::vector<Spike> one = spikes(1, {20.0});
    EXPECT_GT(one.size(), 100U);
    EXPECT_EQ(one, spikes(2, {20.0}));
    EXPECT_EQ(one, spikes(3, {20.0}));
    EXPECT_EQ(one, spikes(2, {6.6, 0.1, 13.3}));
}

// Least delays of many steps: blocks run that long between two exchanges.
TEST(LongDelays, SendTheSameSpikesOnAnyNumberOfThreadsAndInAnyPieces) {
    PopulationNetwork network = pd::network({.neurons = 0.02, .indegrees = 0.02});
    for (Projection& projection : network.projections)
        projection.delay_ms = {.mean = 3.0, .sd = 1.0, .low = 1.55};
    for (Population& population : network.populations)
        std::get<LifExp>(population.neuron).tau_in = 2.0;  // and two currents
    const auto run = [&](int threads, double piece_ms) {
        SpikingSimulation simulation(network, {}, {.threads = threads, .seed = 2});
        EXPECT_NEAR(simulation.facts().least_delay_ms, 1.6, 1e-12);
        while (simulation.time_ms() < 49.99) simulation.run(piece_ms);
        return simulation.spikes();
    };
    const std::vector<Spike> one = run(1, 50.0);
    EXPECT_GT(one.size(), 30U);
    EXPECT_EQ(one, run(3, 50.0));
    EXPECT_EQ(one, run(2, 2.5));
}

TEST(PotjansDiesmann, DependsOnItsSeed) {
    const auto run = [](std::uint64_t seed) {
        SpikingSimulation simulation(pd::network({.neurons = 0.02, .indegrees = 0.02}), {},
                                     {.seed = seed});
        simulation.run(20.0);
        return simulation.spikes();
    };
    EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace cortifold
