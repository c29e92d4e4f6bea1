#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace cortifold {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A population of each model, driven by Poisson sources, with a parameter drawn for each neuron.
PopulationNetwork all_models() {
    PopulationNetwork network;
    PoissonSource source;
    source.rate_hz = 400.0;
    network.populations = {{.name = "source", .size = 200, .neuron = source}};
    const auto add = [&](const auto& neuron, double V, double current, double weight,
                         const VariedParameter& varied) {
        const std::string name(neuron.name);
        network.populations.push_back({.name = name,
                                       .size = 150,
                                       .neuron = neuron,
                                       .initial_mv = {V, 1.0},
                                       .current_pa = current,
                                       .varied = {varied}});
        network.projections.push_back({"source", name, Indegree{20}, {weight}, {1.0}});
        network.projections.push_back({name, name, Indegree{5}, {-0.5 * weight}, {0.5}});
    };
    const VariedParameter threshold{"V_th", {.mean = -50.0, .sd = 1.0, .low = -54.0}};
    add(LifExp{}, -65.0, 300.0, 80.0, threshold);
    add(LifAlpha{}, -65.0, 300.0, 30.0, threshold);
    add(LifConductance{}, -60.0, 150.0, 1.0, threshold);
    add(LifDelta{}, 0.0, 200.0, 0.2, {"t_ref", {.mean = 2.0, .sd = 0.5}});
    add(QifDelta{}, 0.0, 0.0, 0.1, {"eta", {.mean = 0.0, .sd = 1.0, .law = Law::lorentzian}});
    add(QifExp{}, 0.0, 0.0, 0.1,
        {"eta", {.mean = 0.0, .sd = 1.0, .law = Law::lorentzian_quantiles}});
    add(EifExp{}, -70.0, 600.0, 60.0, {"Delta_T", {.mean = 2.0, .sd = 0.4, .low = 0.5}});
    add(AdexExp{}, -70.0, 800.0, 60.0,
        {"tau_w", {.mean = 144.0, .sd = 40.0, .law = Law::log_normal}});
    add(Izhikevich{}, -65.0, 5.0, 0.5, {"d", {.mean = 8.0, .sd = 1.0}});
    add(ExtendedGlif{}, -62.0, 100.0, 0.3, {"C", {.mean = 145.0, .sd = 10.0}});
    return network;
}

TEST(NeuronModels, SendTheSameSpikesOnAnyNumberOfThreadsAndInAnyPieces) {
    const PopulationNetwork network = all_models();
    SpikingSimulation one(network, {}, {.seed = 9});
    one.run(100.0);
    std::map<std::size_t, int> senders;
    for (const Spike& spike : one.spikes())
        ++senders[spike.neuron < 200 ? 0 : 1 + (spike.neuron - 200) / 150];
    EXPECT_EQ(senders.size(), network.populations.size()) << "one of them is silent";
    SpikingSimulation three(network, {}, {.threads = 3, .seed = 9});
    for (const double piece : {0.1, 33.3, 66.6}) three.run(piece);
    EXPECT_EQ(one.spikes(), three.spikes());
    for (std::uint32_t i = 0; i < network.neurons(); i += 7)
        EXPECT_EQ(one.potential_mv(i), three.potential_mv(i)) << i;
}

TEST(NeuronModels, GoOnFromASavedStateWithTheSameSpikes) {
    PopulationNetwork network = all_models();
    network.populations[1].currents = {CurrentSinusoid{100.0, 40.0, 0.0},
                                       CurrentRamp{10.0, 30.0, 0.0, 200.0}};
    network.populations[2].gaussian = GaussianCurrent{50.0, 300.0};
    SpikingSimulation whole(network, {}, {.seed = 9}), first(network, {}, {.seed = 9});
    whole.run(60.0);
    first.run(21.7);
    SpikingSimulation second(network, {}, {.threads = 3, .seed = 9});
    second.restore([&] { return first.save(); });
    second.run(38.3);
    EXPECT_EQ(second.spikes(), whole.spikes());
    EXPECT_TRUE(second.save() == whole.save());
}

// Counts of a source in a time T are binomial: mean r T, variance r T (1 - r h).
TEST(PoissonSource, SendsIndependentSpikesAtItsRate) {
    PoissonSource source;
    source.rate_hz = 200.0;
    constexpr std::uint32_t size = 1000;
    PopulationNetwork network;
    network.populations = {{.name = "a", .size = size, .neuron = source}};
    SpikingSimulation simulation(network, {}, {.seed = 2});
    constexpr double seconds = 0.5;
    simulation.run(1e3 * seconds);
    std::vector<double> counts(size, 0.0);
    for (const Spike& spike : simulation.spikes()) ++counts[spike.neuron];
    double mean = 0.0, square = 0.0;
    for (const double count : counts) {
        mean += count / size;
        square += count * count / size;
    }
    const double expected = source.rate_hz * seconds, variance = expected * (1.0 - 0.02);
    EXPECT_NEAR(mean, expected, 4.0 * std::sqrt(variance / size));
    EXPECT_NEAR((square - mean * mean) / variance, 1.0, 4.0 * std::sqrt(2.0 / size));
}

TEST(PoissonSource, SendsInItsTimeAlone) {
    PoissonSource source;
    source.rate_hz = 5000.0;
    source.start_ms = 20.0;
    source.stop_ms = 30.0;
    PopulationNetwork network;
    network.populations = {{.name = "a", .size = 400, .neuron = source}};
    SpikingSimulation simulation(network);
    simulation.run(50.0);
    const std::vector<Spike> spikes = simulation.spikes();
    // At the ends of the hundred steps between, in each with probability 1/2.
    EXPECT_EQ(spikes.front().step, 200U);
    EXPECT_EQ(spikes.back().step, 299U);
    const double expected = 0.5 * 100 * 400;
    EXPECT_NEAR(static_cast<double>(spikes.size()), expected, 4.0 * std::sqrt(0.5 * expected));
    source.stop_ms = 20.0;
    network.populations[0].neuron = source;
    EXPECT_THROW(network.validate(), ConfigError);
}

TEST(PoissonSource, MayHaveARateOfItsOwn) {
    PopulationNetwork network;
    network.populations = {
        {.name = "a",
         .size = 3,
         .neuron = PoissonSource{},
         .varied = {{"rate_hz", {.mean = 500.0, .sd = 200.0, .law = Law::lorentzian_quantiles}}}}};
    SpikingSimulation simulation(network, {}, {.seed = 2});
    simulation.run(4000.0);
    std::array<double, 3> counts{};
    for (const Spike& spike : simulation.spikes()) ++counts[spike.neuron];
    for (const auto& [neuron, rate_hz] : {std::pair{0U, 300.0}, {1U, 500.0}, {2U, 700.0}})
        EXPECT_NEAR(counts[neuron], 4.0 * rate_hz, 4.0 * std::sqrt(4.0 * rate_hz));
}

TEST(PoissonSource, IsRefusedWhereSomethingWouldReachItOrItWouldSendTwoSpikesInAStep) {
    PopulationNetwork network;
    network.populations = {{.name = "a", .size = 3, .neuron = PoissonSource{}}};
    network.projections = {{"a", "a", Indegree{1}, {1.0}, {1.0}}};
    const auto refuse = [&](const char* message) {
        EXPECT_THAT([&] { SpikingSimulation simulation(network); },
                    ThrowsMessage<ConfigError>(HasSubstr(message)));
    };
    refuse("projection.a.a has sources of spikes as targets");
    network.projections.clear();
    network.populations[0].current_pa = 1.0;
    refuse("population.a has sources of spikes");
    network.populations[0].current_pa = 0.0;
    std::get<PoissonSource>(network.populations[0].neuron).rate_hz = 10'001.0;
    refuse("population.a.rate_hz = 10001");
}

TEST(VariedParameter, IsRefusedWhereTheModelHasNoneOfItsNameOrALawIsBeyondItsLimits) {
    PopulationNetwork network;
    network.populations = {{.name = "a", .size = 30, .neuron = LifExp{}}};
    const auto refuse = [&](const VariedParameter& varied, const auto& message) {
        network.populations[0].varied = {varied};
        EXPECT_THAT([&] { SpikingSimulation simulation(network); },
                    ThrowsMessage<ConfigError>(message));
    };
    refuse({"tau", {10.0}}, AllOf(HasSubstr("unknown parameter \"tau\""), HasSubstr("tau_m")));
    refuse({"tau_m", {-10.0}}, HasSubstr("population.a.tau_m = -10"));
    refuse({"V_reset", {-50.0, 1.0}}, HasSubstr("V_reset"));
}

// Intervals from reset to threshold, each with the neuron's own time constant.
TEST(VariedParameter, IsThatOfItsNeuron) {
    LifDelta neuron;
    PopulationNetwork network;
    network.populations = {
        {.name = "a",
         .size = 101,
         .neuron = neuron,
         .initial_mv = {neuron.V_reset},
         .current_pa = 350.0,
         .varied = {{"C", {.mean = 250.0, .sd = 10.0, .law = Law::lorentzian_quantiles}}}}};
    SpikingSimulation simulation(network);
    simulation.run(300.0);
    std::map<std::uint32_t, std::vector<double>> trains;
    for (const Spike& spike : simulation.spikes())
        trains[spike.neuron].push_back(static_cast<double>(spike.step));
    for (std::uint32_t i = 10; i <= 90; ++i) {
        const double C = 250.0 + 10.0 * std::tan(std::acos(-1.0) * ((i + 1.0) / 102.0 - 0.5));
        const double drive = neuron.tau_m / C * 350.0;
        if (drive <= neuron.V_th) continue;
        const double climb =
            neuron.tau_m * std::log((drive - neuron.V_reset) / (drive - neuron.V_th));
        const double interval = std::ceil(climb / 0.1 - 1e-9) + neuron.t_ref / 0.1;
        const auto& train = trains[i];
        for (std::size_t k = 1; k < train.size(); ++k)
            EXPECT_EQ(train[k] - train[k - 1], interval) << "neuron " << i;
    }
}

SpikeTimes times(std::vector<TimedSpike> spikes) {
    return {std::make_shared<const std::vector<TimedSpike>>(std::move(spikes))};
}

TEST(SpikeTimes, AreSentAtTheStepThatEndsNearestAndReachTargets) {
    LifDelta target;
    PopulationNetwork network;
    network.populations = {
        {.name = "a", .size = 200, .neuron = times({{150, 3.02}, {7, 0.5}, {150, 0.96}, {8, 0.5}})},
        {.name = "b", .size = 1, .neuron = target}};
    network.projections = {{"a", "b", ConnectionProbability{1.0}, {0.1}, {0.3}}};
    for (const int threads : {1, 3}) {
        SpikingSimulation simulation(network, {}, {.threads = threads});
        simulation.run(0.8);
        EXPECT_NEAR(simulation.potential_mv(200), 0.2, 1e-14);  // both of 0.5 ms, sent in step 4
        simulation.run(9.2);
        const std::vector<Spike> expected{{4, 7}, {4, 8}, {9, 150}, {29, 150}};
        EXPECT_EQ(simulation.spikes(), expected);
    }
}

TEST(SpikeTimes, AreRefusedWhereTheyCannotBeSent) {
    PopulationNetwork network;
    const auto refuse = [&](const SpikeTimes& spikes, const char* message) {
        network.populations = {{.name = "a", .size = 3, .neuron = spikes}};
        EXPECT_THAT([&] { SpikingSimulation simulation(network); },
                    ThrowsMessage<ConfigError>(HasSubstr(message)));
    };
    refuse({}, "population.a has no list of spikes");
    refuse(times({{3, 1.0}}), "population.a.spikes.neuron = 3 must be below 3");
    refuse(times({{0, -1.0}}), "population.a.spikes.time = -1 must be positive");
    refuse(times({{0, 1.02}, {1, 1.0}, {0, 0.97}}), "neuron 0 has two in the step");
}

}  // namespace
}  // namespace cortifold
