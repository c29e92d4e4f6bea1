#include <cortifold/spiking/propagator.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace cortifold {
namespace {

constexpr double step_ms = 0.1;

/// A neuron that starts above threshold, sends one spike in the first step and then rests.
Population one_spike(std::uint32_t size = 1) {
    return {.name = "source", .size = size, .neuron = LifExp{}, .initial_mv = {-45.0}};
}

/// One neuron with a synapse from a source of one spike.
PopulationNetwork one_synapse(const auto& neuron, double weight, double delay_ms) {
    PopulationNetwork network;
    network.populations = {
        one_spike(), {.name = "target", .size = 1, .neuron = neuron, .initial_mv = {neuron.E_L}}};
    network.projections = {{"source", "target", Indegree{1}, {weight}, {delay_ms}}};
    return network;
}

/// Potential of an exponential current of weight w, t after the spike's arrival.
double psp(const LifExp& n, double tau_s, double weight, double t) {
    const double scale = weight / n.C * n.tau_m * tau_s / (n.tau_m - tau_s);
    return scale * (std::exp(-t / n.tau_m) - std::exp(-t / tau_s));
}

void expect_psp(const LifExp& neuron, double tau_s, double weight) {
    constexpr int delay = 15;  // steps
    SpikingSimulation simulation(one_synapse(neuron, weight, delay * step_ms));
    for (int n = 1; n < 600; ++n) {
        simulation.run(step_ms);
        const double t = (n - 1 - delay) * step_ms;
        const double expected = t > 0.0 ? psp(neuron, tau_s, weight, t) : 0.0;
        EXPECT_NEAR(simulation.potential_mv(1) - neuron.E_L, expected, 1e-12) << "step " << n;
    }
}

TEST(LifExpSynapse, MakesThePotentialOfTheClosedForm) {
    expect_psp(LifExp{}, 0.5, 87.8);
    LifExp slow_inhibition;
    slow_inhibition.tau_in = 5.0;
    expect_psp(slow_inhibition, 0.5, 87.8);
    expect_psp(slow_inhibition, 5.0, -351.2);
}

/// Of an alpha current of peak w, by the integral of u exp(g u) over [0, t], g = 1/tau_m - 1/tau_s.
double alpha_psp(const LifAlpha& n, double tau_s, double weight, double t) {
    const long double g = 1.0L / n.tau_m - 1.0L / tau_s, x = g * t;
    const long double integral =
        g == 0.0L ? 0.5L * t * t : (std::exp(x) * (x - 1.0L) + 1.0L) / (g * g);
    return static_cast<double>(weight * std::exp(1.0L) / tau_s / n.C * std::exp(-t / n.tau_m) *
                               integral);
}

TEST(LifAlphaSynapse, MakesThePotentialOfTheClosedForm) {
    for (const double tau_in : {5.0, 10.0}) {
        LifAlpha neuron;
        neuron.tau_in = tau_in;
        for (const double weight : {87.8, -351.2}) {
            SpikingSimulation simulation(one_synapse(neuron, weight, 1.5));
            const double tau_s = weight > 0.0 ? neuron.tau_ex : tau_in;
            for (int n = 1; n < 600; ++n) {
                simulation.run(step_ms);
                const double t = (n - 16) * step_ms;
                const double expected = t > 0.0 ? alpha_psp(neuron, tau_s, weight, t) : 0.0;
                EXPECT_NEAR(simulation.potential_mv(1) - neuron.E_L, expected, 2e-12);
            }
        }
    }
}

// Weak conductances leave the driving force as it is: the potential is that of a current.
TEST(LifConductanceSynapse, MakesThePotentialOfACurrentWhereItIsWeak) {
    const LifConductance neuron;
    for (const double weight : {1e-6, -1e-6}) {
        const double tau_s = weight > 0.0 ? neuron.tau_ex : neuron.tau_in;
        const double E = weight > 0.0 ? neuron.E_ex : neuron.E_in;
        LifExp equivalent;
        equivalent.C = neuron.C;
        equivalent.tau_m = neuron.C / neuron.g_L;
        constexpr double fine_ms = 0.01;
        SpikingSimulation simulation(one_synapse(neuron, weight, 0.5), {.step_ms = fine_ms});
        for (int n = 1; n < 3000; ++n) {
            simulation.run(fine_ms);
            const double t = (n - 51) * fine_ms;
            const double current = std::abs(weight) * (E - neuron.E_L);
            const double expected = t > 0.0 ? psp(equivalent, tau_s, current, t) : 0.0;
            EXPECT_NEAR(simulation.potential_mv(1) - neuron.E_L, expected,
                        1e-5 * std::abs(current));
        }
    }
}

TEST(LifDeltaSynapse, MovesThePotentialByItsWeightWhichThenDecays) {
    SpikingSimulation simulation(one_synapse(LifDelta{}, 0.7, 0.3));
    simulation.run(0.3);
    EXPECT_EQ(simulation.potential_mv(1), 0.0);
    simulation.run(step_ms);
    EXPECT_NEAR(simulation.potential_mv(1), 0.7, 1e-14);
    simulation.run(20.0);
    EXPECT_NEAR(simulation.potential_mv(1), 0.7 * std::exp(-1.0), 1e-14);
}

TEST(LifDeltaSynapse, ReachesNoNeuronThatIsHeldAtReset) {
    PopulationNetwork network = one_synapse(LifDelta{}, 5.0, 1.0);
    network.populations[1].initial_mv = {25.0};  // sends a spike in the first step, too
    SpikingSimulation simulation(network);
    simulation.run(2.0);
    EXPECT_EQ(simulation.potential_mv(1), LifDelta{}.V_reset);
    simulation.run(1.0);
    EXPECT_LT(simulation.potential_mv(1), LifDelta{}.V_reset);
}

// U(n h) = R I (1 - exp(-n h / tau)) from reset to threshold, then held for t_ref.
TEST(ConstantCurrent, MakesSpikesWithTheIntervalOfTheClosedForm) {
    const LifExp neuron;
    for (const double current : {400.0, 600.0, 1500.0}) {
        PopulationNetwork network;
        network.populations = {{.name = "a",
                                .size = 70,
                                .neuron = neuron,
                                .initial_mv = {neuron.V_reset},
                                .current_pa = current}};
        const double drive = neuron.tau_m / neuron.C * current;
        const double climb = neuron.tau_m * std::log(drive / (drive - 15.0));
        const double interval = std::ceil(climb / step_ms) + neuron.t_ref / step_ms;
        SpikingSimulation simulation(network);
        EXPECT_EQ(simulation.run(1000.0), Status::reached_end);
        std::map<std::uint32_t, std::uint64_t> last;
        for (const Spike& spike : simulation.spikes()) {
            const auto [previous, is_first] = last.try_emplace(spike.neuron, spike.step);
            if (is_first) continue;
            EXPECT_EQ(static_cast<double>(spike.step - previous->second), interval);
            previous->second = spike.step;
        }
        EXPECT_EQ(last.size(), 70U);
        const PopulationActivity activity = simulation.activity()[0];
        EXPECT_NEAR(activity.cv_isi.value(), 0.0, 1e-7);
        EXPECT_EQ(activity.silent, 0U);
        EXPECT_EQ(activity.rate_sd_hz, 0.0);
        EXPECT_NEAR(activity.rate_hz, 1e3 / (interval * step_ms), 1.0);
    }
}

// Campbell's theorem on the grid: mean and variance of a sum of potentials at Poisson times.
TEST(PoissonDrive, GivesThePotentialTheMeanAndVarianceOfShotNoise) {
    LifExp neuron;
    neuron.V_th = 100.0;
    constexpr std::uint32_t neurons = 4000;
    constexpr double rate_hz = 16'000.0, weight = 20.0;
    PopulationNetwork network;
    network.populations = {{.name = "a",
                            .size = neurons,
                            .neuron = neuron,
                            .initial_mv = {neuron.E_L},
                            .poisson = PoissonDrive{2000.0, rate_hz / 2000.0, weight}}};
    SpikingSimulation simulation(network, {}, {.seed = 8});
    simulation.run(200.0);
    double mean = 0.0, square = 0.0;
    for (std::uint32_t i = 0; i < neurons; ++i) {
        const double u = simulation.potential_mv(i) - neuron.E_L;
        mean += u / neurons;
        square += u * u / neurons;
    }
    double expected_mean = 0.0, expected_variance = 0.0;
    for (int k = 1; k < 2000; ++k) {
        const double kernel = psp(neuron, 0.5, weight, k * step_ms);
        expected_mean += rate_hz * step_ms * 1e-3 * kernel;
        expected_variance += rate_hz * step_ms * 1e-3 * kernel * kernel;
    }
    constexpr double five_sigma = 5.0;
    EXPECT_NEAR(mean, expected_mean, five_sigma * std::sqrt(expected_variance / neurons));
    EXPECT_NEAR((square - mean * mean) / expected_variance, 1.0,
                five_sigma * std::sqrt(2.0 / neurons));
}

TEST(InitialPotentials, HaveTheMeanAndSpreadOfTheirLawWithinItsLimits) {
    constexpr std::uint32_t neurons = 10'000;
    PopulationNetwork network;
    network.populations = {{.name = "a",
                            .size = neurons,
                            .neuron = LifExp{},
                            .initial_mv = {.mean = -60.0, .sd = 3.0, .high = -57.0}}};
    const SpikingSimulation simulation(network);
    double mean = 0.0;
    for (std::uint32_t i = 0; i < neurons; ++i) {
        EXPECT_LE(simulation.potential_mv(i), -57.0);
        mean += simulation.potential_mv(i) / neurons;
    }
    // Of a normal law above whose mean + sd nothing is kept: -pdf(1) / cdf(1) sd
    EXPECT_NEAR(mean, -60.0 - 3.0 * 0.2419707245 / 0.8413447461, 5.0 * 3.0 / std::sqrt(neurons));
}

// Each spike meets each of its synapses once, whatever their delays and whoever holds them.
TEST(Delivery, BringsEachSpikeToEachSynapseOnce) {
    PopulationNetwork network;
    network.populations = {one_spike(150),
                           {.name = "a", .size = 500, .neuron = LifDelta{}},
                           {.name = "b", .size = 90, .neuron = LifExp{}, .initial_mv = {-65.0}}};
    const Distribution delay{.mean = 20.0, .sd = 15.0, .low = 1.0};
    network.projections = {{"source", "a", TotalNumber{12'345}, {1e-3}, delay},
                           {"source", "b", ConnectionProbability{1.0}, {0.1}, {1.0}},
                           {"source", "b", Indegree{7}, {-0.1}, {40.0}}};
    for (const int threads : {1, 3}) {
        SpikingSimulation simulation(network, {.step_ms = 1.0}, {.threads = threads});
        const std::uint64_t synapses = 12'345 + 150 * 90 + 7 * 90;
        EXPECT_EQ(simulation.facts().synapses, synapses);
        simulation.run(150.0);
        EXPECT_EQ(simulation.spikes().size(), 150U);
        EXPECT_EQ(simulation.facts().synaptic_events, synapses);
    }
}

// Each listed weight arrives when and where the list says, whoever holds the target.
TEST(SynapseList, BringsItsWeightsToItsTargetsAfterItsDelays) {
    PopulationNetwork network;
    constexpr std::uint32_t targets = 300;
    network.populations = {one_spike(100), {.name = "a", .size = targets, .neuron = LifDelta{}}};
    auto list = std::make_shared<std::vector<ListedSynapse>>();
    for (std::uint32_t k = 0; k < 90; ++k)
        list->push_back(
            {(7 * k) % 100, (11 * k) % targets, k % 2 == 0 ? 0.5 : -0.25, 0.1 * (1 + k % 40)});
    list->push_back(list->front());  // twice the same
    network.projections = {{"source", "a", SynapseList{list}, {}, {}}};
    for (const int threads : {1, 3}) {
        SpikingSimulation simulation(network, {}, {.threads = threads});
        EXPECT_EQ(simulation.facts().synapses, 91U);
        std::vector<double> expected(targets);
        for (int step = 0; step < 45; ++step) {
            simulation.run(step_ms);
            for (double& u : expected) u *= std::exp(-step_ms / LifDelta{}.tau_m);
            for (const ListedSynapse& synapse : *list)
                if (std::lround(synapse.delay_ms / step_ms) == step)
                    expected[synapse.target] += synapse.weight;
            for (std::uint32_t i = 0; i < targets; ++i)
                EXPECT_NEAR(simulation.potential_mv(100 + i), expected[i], 1e-4);
        }
        EXPECT_EQ(simulation.facts().synaptic_events, 91U);
    }
}

// The sum of all potentials in `a` tells the weight that has arrived.
TEST(Delivery, AddsUpTheWeightsThatWereDrawn) {
    PopulationNetwork network;
    LifDelta still;
    still.tau_m = 1e3;
    constexpr std::uint32_t targets = 3000;
    network.populations = {one_spike(100), {.name = "a", .size = targets, .neuron = still}};
    const Distribution weight{.mean = 0.02, .sd = 0.004, .low = 0.0};
    network.projections = {{"source", "a", Indegree{50}, weight, {0.5}}};
    SpikingSimulation simulation(network);
    simulation.run(0.6);
    double sum = 0.0;
    for (std::uint32_t i = 0; i < targets; ++i) sum += simulation.potential_mv(100 + i);
    const double synapses = 50.0 * targets;
    EXPECT_NEAR(sum / synapses, 0.02, 5.0 * 0.004 / std::sqrt(synapses));
}

TEST(Activity, IsThatOfTheRecordedSpikes) {
    PopulationNetwork network;
    network.populations = {{.name = "a",
                            .size = 100,
                            .neuron = LifExp{},
                            .initial_mv = {-60.0, 4.0},
                            .poisson = PoissonDrive{2000.0, 8.0, 87.8}}};
    SpikingSimulation simulation(network, {}, {.seed = 3});
    simulation.run(100.0);
    simulation.clear_records();
    simulation.run(500.0);
    std::map<std::uint32_t, std::vector<double>> trains;
    for (const Spike& spike : simulation.spikes())
        trains[spike.neuron].push_back(static_cast<double>(spike.step));
    double cv = 0.0, counted = 0.0, spikes = 0.0;
    for (const auto& [neuron, train] : trains) {
        spikes += static_cast<double>(train.size());
        if (train.size() < 5) continue;
        double mean = 0.0, square = 0.0;
        const double intervals = static_cast<double>(train.size()) - 1.0;
        for (std::size_t k = 1; k < train.size(); ++k) {
            EXPECT_GE(train[k] - train[k - 1], 21.0);  // t_ref and a step
            mean += (train[k] - train[k - 1]) / intervals;
            square += (train[k] - train[k - 1]) * (train[k] - train[k - 1]) / intervals;
        }
        cv += std::sqrt((square - mean * mean) * intervals / (intervals - 1.0)) / mean;
        ++counted;
    }
    const PopulationActivity activity = simulation.activity(5)[0];
    EXPECT_EQ(static_cast<double>(activity.spikes), spikes);
    EXPECT_EQ(activity.silent, 100 - trains.size());
    EXPECT_NEAR(activity.rate_hz, spikes / 100.0 / 0.5, 1e-12);
    ASSERT_GT(counted, 10.0);
    EXPECT_NEAR(activity.cv_isi.value(), cv / counted, 1e-9);
}

TEST(Activity, HasNoVariationWhereNoNeuronHasEnoughSpikes) {
    PopulationNetwork network;
    network.populations = {one_spike(10)};
    SpikingSimulation simulation(network, {.record_spikes = false});
    simulation.run(10.0);
    EXPECT_FALSE(simulation.activity()[0].cv_isi.has_value());
    EXPECT_EQ(simulation.activity()[0].spikes, 10U);
    EXPECT_TRUE(simulation.spikes().empty());
}

TEST(Run, StopsWhenItsObserverSaysSoAndGoesOn) {
    PopulationNetwork network;
    network.populations = {one_spike()};
    SpikingSimulation simulation(network);
    const auto stop = [](double time_ms) { return time_ms > 50.0 ? Flow::stop : Flow::proceed; };
    EXPECT_EQ(simulation.run(1000.0, stop), Status::stopped_by_observer);
    EXPECT_LT(simulation.time_ms(), 100.0);
    const double before = simulation.time_ms();
    EXPECT_EQ(simulation.run(100.0), Status::reached_end);
    EXPECT_NEAR(simulation.time_ms(), before + 100.0, 1e-9);
}

}  // namespace
}  // namespace cortifold
