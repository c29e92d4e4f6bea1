#include "spiking/eglif_kernel.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>

namespace cortifold {
namespace {

/// Golgi cells, purkinje cells ...: numbers of the cerebellar network of Lorenzi et al. 2023
/// (doi:10.1371/journal.pcbi.1011434).
struct Cell {
    const char* name;
    double g_L, C, E_L, t_ref, V_th, V_reset, delta_V, k_adap, k1, k2, A1, A2, I_e;
    double tau_ex, tau_third, tau_in;  ///< of mossy fibres, granule cells, and inhibition
    [[nodiscard]] ExtendedGlif neuron() const {
        ExtendedGlif n;
        n.g_L = g_L, n.C = C, n.E_L = E_L, n.t_ref = t_ref, n.V_th = V_th, n.V_reset = V_reset;
        n.delta_V = delta_V, n.k_adap = k_adap, n.k1 = k1, n.k2 = k2, n.A1 = A1, n.A2 = A2;
        n.I_e = I_e, n.tau_ex = tau_ex, n.tau_third = tau_third, n.tau_in = tau_in;
        return n;
    }
};
constexpr Cell cells[] = {{"grain", 0.2899, 7, -62, 1.5, -41, -70, 0.3, 0.022, 0.311, 0.041, 0.01,
                           -0.94, -0.888, 1.9, 1.9, 4.5},
                          {"golgi", 3.2955, 145, -62, 2, -55, -75, 0.4, 0.217, 0.031, 0.023,
                           259.988, 178.01, 16.214, 5, 1.25, 5},
                          {"interneuron", 1.6, 14.6, -68, 1.59, -53, -78, 1.1, 2.025, 1.887, 1.096,
                           5.953, 5.863, 4.4532, 0.64, 0.64, 2},
                          {"purkinje", 7.1064, 334, -59, 0.5, -43, -69, 3.5, 1.491, 0.195, 0.041,
                           157.622, 172.622, 891.048, 1.1, 1.1, 2.8},
                          {"nuclear_inhibitory", 1.0, 56, -40, 3, -39, -55, 3.5, 79, 0.041, 0.044,
                           176.358, 176.358, 2.384, 1, 1, 1.14},
                          {"nuclear_projecting", 4.3, 142, -45, 1.5, -36, -55, 3.5, 408, 0.697,
                           0.047, 13.857, 3.477, 75.385, 1, 1, 0.7}};

using Values = std::array<double, 2>;  // V and I_adap

/// From rest, when spikes of these weights arrived at time 0; Runge-Kutta of order 4.
Values integrated(const ExtendedGlif& n, const KernelInput<double>& in, double end, double h) {
    const auto alpha = [](double weight, double tau, double t) {
        return weight * t / tau * std::exp(1.0 - t / tau);
    };
    const auto slope = [&](double t, const Values& x) {
        const double V = x[0];
        return Values{
            (n.g_L * (V - n.E_L) - x[1] + n.I_e + alpha(in.first, n.tau_ex, t) * (n.E_ex - V) +
             alpha(-in.second, n.tau_in, t) * (n.E_in - V) +
             alpha(in.third, n.tau_third, t) * (n.E_third - V)) /
                n.C,
            n.k_adap * (V - n.E_L) - n.k2 * x[1]};
    };
    const auto moved = [](const Values& x, double time, const Values& k) {
        return Values{x[0] + time * k[0], x[1] + time * k[1]};
    };
    Values x{n.E_L, 0.0};
    for (long step = 0; step < std::lround(end / h); ++step) {
        const double t = static_cast<double>(step) * h;
        const Values a = slope(t, x), b = slope(t + 0.5 * h, moved(x, 0.5 * h, a)),
                     c = slope(t + 0.5 * h, moved(x, 0.5 * h, b)), d = slope(t + h, moved(x, h, c));
        for (std::size_t k = 0; k < x.size(); ++k)
            x[k] += h / 6.0 * (a[k] + 2.0 * b[k] + 2.0 * c[k] + d[k]);
    }
    return x;
}

// Each of three conductances has a time constant and a reversal potential of its own.
TEST(CerebellarCells, FollowTheirEquationsUnderThreeConductances) {
    constexpr double end = 3.0;
    for (const Cell& cell : cells) {
        const ExtendedGlif neuron = cell.neuron();
        const double unit = 0.02 * neuron.g_L;
        KernelInput<double> in{};
        in.first = 2.0 * unit, in.second = -3.0 * unit, in.third = 1.5 * unit;
        const Values exact = integrated(neuron, in, end, 1e-3);
        const auto error = [&](double h) {
            const auto c = EglifKernel::coefficients(neuron, h);
            auto x = EglifKernel::initial(neuron.E_L, c);
            x.x_ex = c.excitatory.peak_x * in.first;
            x.x_in = -c.inhibitory.peak_x * in.second;
            x.x_third = c.third.peak_x * in.third;
            for (long k = 0; k < std::lround(end / h); ++k)
                EXPECT_FALSE(EglifKernel::step(x, c, KernelInput<double>{})) << cell.name;
            return x.potential - exact[0];
        };
        EXPECT_LT(std::abs(error(1e-3)), 2e-6) << cell.name;
        EXPECT_NEAR(error(0.02) / error(0.01), 4.0, 0.1) << cell.name;
    }
}

/// Mossy fibres by sign, granule cells at the third receptor, and inhibition.
PopulationNetwork golgi_network(Receptor receptor) {
    PopulationNetwork network;
    network.populations = {{.name = "fibres", .size = 50, .neuron = PoissonSource{}},
                           {.name = "granule", .size = 50, .neuron = PoissonSource{}}};
    for (const Cell& cell : cells)
        network.populations.push_back({.name = cell.name,
                                       .size = 40,
                                       .neuron = cell.neuron(),
                                       .initial_mv = {cell.E_L, 1.0}});
    for (const Cell& cell : cells) {
        const double unit = 0.05 * cell.g_L;
        network.projections.push_back({"fibres", cell.name, Indegree{20}, {unit}, {1.0}});
        network.projections.push_back({cell.name, cell.name, Indegree{5}, {-unit}, {1.0}});
        network.projections.push_back(
            {"granule", cell.name, Indegree{20}, {unit}, {0.5}, true, receptor});
    }
    return network;
}

TEST(CerebellarCells, SendTheSameSpikesOnAnyNumberOfThreads) {
    const auto spikes = [](Receptor receptor, int threads) {
        SpikingSimulation simulation(golgi_network(receptor), {}, {.threads = threads, .seed = 8});
        simulation.run(100.0);
        return simulation.spikes();
    };
    const std::vector<Spike> one = spikes(Receptor::third, 1);
    std::vector<int> senders(std::size(cells) + 2);
    for (const Spike& spike : one)
        ++senders[spike.neuron < 100 ? 0 : 2 + (spike.neuron - 100) / 40];
    EXPECT_GT(senders[3], 0) << "Golgi cells are silent";
    EXPECT_EQ(spikes(Receptor::third, 3), one);
    EXPECT_NE(spikes(Receptor::by_sign, 1), one);  // other time constants
}

// Where third and excitatory receptor are alike, it does not matter which of them a spike reaches.
TEST(CerebellarCells, TakeSpikesAtTheReceptorThatTheProjectionNames) {
    const auto potential = [](Receptor receptor, double tau_third) {
        PopulationNetwork network;
        ExtendedGlif neuron = cells[1].neuron();
        neuron.tau_third = tau_third;
        SpikeTimes spikes;
        spikes.spikes =
            std::make_shared<std::vector<TimedSpike>>(std::vector<TimedSpike>{{0, 1.0}});
        network.populations = {
            {.name = "source", .size = 1, .neuron = spikes},
            {.name = "golgi", .size = 70, .neuron = neuron, .initial_mv = {neuron.E_L}}};
        network.projections = {{"source", "golgi", AllToAll{}, {0.437}, {0.5}, true, receptor}};
        SpikingSimulation simulation(network, {}, {});
        simulation.run(5.0);
        EXPECT_EQ(simulation.potential_mv(1), simulation.potential_mv(70));
        return simulation.potential_mv(1);
    };
    EXPECT_EQ(potential(Receptor::third, cells[1].tau_ex), potential(Receptor::by_sign, 1.25));
    EXPECT_NE(potential(Receptor::third, 1.25), potential(Receptor::by_sign, 1.25));
}

TEST(CerebellarCells, AloneHaveAThirdReceptorWhereNoWeightIsNegative) {
    PopulationNetwork network = golgi_network(Receptor::third);
    EXPECT_NO_THROW(network.validate());
    network.projections[2].weight = {.mean = 1.0, .sd = 0.1};
    EXPECT_THAT([&] { network.validate(); },
                testing::ThrowsMessage<ConfigError>(testing::HasSubstr("third receptor")));
    network.projections[2].weight.low = 0.0;
    EXPECT_NO_THROW(network.validate());
    network.populations[2].neuron = LifExp{};
    EXPECT_THAT([&] { network.validate(); }, testing::ThrowsMessage<ConfigError>(testing::HasSubstr(
                                                 "projection.granule.grain.receptor = third")));
}

}  // namespace
}  // namespace cortifold
