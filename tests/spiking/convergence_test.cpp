#include "spiking/eglif_kernel.hpp"
#include "spiking/exponential_kernels.hpp"
#include "spiking/izhikevich_kernel.hpp"
#include "spiking/lif_kernels.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace cortifold {
namespace {

/// The state some time later, in steps of h.
template <class Kernel>
auto after(const typename Kernel::Model& model, typename Kernel::template State<double> x,
           double current, double h, double time_ms) {
    const auto c = Kernel::coefficients(model, h);
    KernelInput<double> in{};
    in.current = current;
    for (long k = 0; k < std::lround(time_ms / h); ++k) EXPECT_FALSE(Kernel::step(x, c, in));
    return x;
}

/// Error of a member in steps of `h` over that in half of it: 4 where the order is 2.
template <class Kernel>
double error_ratio(const typename Kernel::Model& model,
                   const typename Kernel::template State<double>& x, double current, double h,
                   double Kernel::template State<double>::*member) {
    constexpr double time_ms = 6.0;
    const double exact = after<Kernel>(model, x, current, h / 256.0, time_ms).*member;
    const double coarse = after<Kernel>(model, x, current, h, time_ms).*member - exact;
    return coarse / (after<Kernel>(model, x, current, h / 2.0, time_ms).*member - exact);
}

constexpr double about_four = 0.2;

TEST(LifConductance, ConvergesWithTheSquareOfTheStep) {
    using Kernel = LifConductanceKernel;
    EXPECT_NEAR(
        error_ratio<Kernel>({}, {-70.0, 8.0, 15.0}, 0.0, 0.5, &Kernel::State<double>::potential),
        4.0, about_four);
}

TEST(AdaptiveExponential, ConvergesWithTheSquareOfTheStepInPotentialAndAdaptation) {
    using Kernel = AdexKernel;
    const Kernel::State<double> start{18.5, 40.0, 200.0, -100.0};
    const auto ratio = [&](auto member) {
        return error_ratio<Kernel>({}, start, 400.0, 0.0625, member);
    };
    EXPECT_NEAR(ratio(&Kernel::State<double>::U), 4.0, about_four);
    EXPECT_NEAR(ratio(&Kernel::State<double>::w), 4.0, about_four);
}

TEST(Izhikevich, ConvergesWithTheSquareOfTheStepInPotentialAndRecovery) {
    using Kernel = IzhikevichKernel;
    const Kernel::State<double> start{-62.0, -10.0};
    const auto ratio = [&](auto member) {
        return error_ratio<Kernel>({}, start, 2.0, 0.25, member);
    };
    EXPECT_NEAR(ratio(&Kernel::State<double>::potential), 4.0, about_four);
    EXPECT_NEAR(ratio(&Kernel::State<double>::u), 4.0, about_four);
}

TEST(ExtendedGlif, ConvergesWithTheSquareOfTheStepUnderAlphaConductances) {
    using Kernel = EglifKernel;
    const Kernel::State<double> start{-66.0, 20.0, 100.0, 2.0, 1.0, 3.0, 0.5, 1.0, 2.0};
    const auto ratio = [&](auto member) {
        return error_ratio<Kernel>({}, start, 0.0, 0.25, member);
    };
    EXPECT_NEAR(ratio(&Kernel::State<double>::potential), 4.0, about_four);
    EXPECT_NEAR(ratio(&Kernel::State<double>::I_adap), 4.0, about_four);
}

// g = w (t / tau) exp(1 - t / tau) after a spike of weight w at time 0
TEST(ExtendedGlif, HasConductancesOfAnAlphaFunction) {
    using Kernel = EglifKernel;
    constexpr double h = 0.1, weight = 0.7;
    const ExtendedGlif neuron;
    const auto c = Kernel::coefficients(neuron, h);
    auto x = Kernel::initial(neuron.E_L, c);
    KernelInput<double> in{};
    in.first = weight;
    in.second = -weight;
    in.third = weight;
    for (int k = 0; k < 200; ++k) {
        const double t = k * h / neuron.tau_ex, exact = weight * t * std::exp(1.0 - t);
        (void)Kernel::step(x, c, in);
        in = {};
        EXPECT_NEAR(x.g_ex, exact, 1e-14);
        EXPECT_NEAR(x.g_in, exact, 1e-14);
        const double third = k * h / neuron.tau_third;
        EXPECT_NEAR(x.g_third, weight * third * std::exp(1.0 - third), 1e-14);
        const double next = t + h / neuron.tau_ex;  // mean: the integral -(1 + t) exp(1 - t)
        const double mean = weight * neuron.tau_ex / h *
                            ((1.0 + t) * std::exp(1.0 - t) - (1.0 + next) * std::exp(1.0 - next));
        EXPECT_NEAR(x.g_ex * c.excitatory.mean_g + x.x_ex * c.excitatory.mean_x, mean, 1e-12);
    }
}

// Without exponential and coupling, the linear flow has closed forms.
TEST(LinearHalfStep, IsTheClosedFormOfTheLeak) {
    AdexExp neuron;
    neuron.a = 0.0;
    const LinearHalfStep<double> p = linear_half_step(neuron, 0.05);
    const double m = neuron.C / neuron.g_L, s = neuron.tau_ex;
    const double decay = std::exp(-0.05 / m), synapse = std::exp(-0.05 / s);
    EXPECT_NEAR(p.UU, decay, 1e-14);
    EXPECT_NEAR(p.excitatory, synapse, 1e-14);
    EXPECT_NEAR(p.ww, std::exp(-0.05 / neuron.tau_w), 1e-14);
    const double exact = m * s / (m - s) * (decay - synapse) / neuron.C;
    EXPECT_NEAR(p.U_ex, exact, 1e-12 * exact);
    EXPECT_NEAR(p.U_current, (1.0 - decay) / neuron.g_L, 1e-12 * p.U_current);
    EXPECT_EQ(p.wU, 0.0);
}

/// Times of spikes of a single neuron by Runge and Kutta's scheme, in steps a thousand times finer.
template <std::size_t n>
std::vector<double> spike_times(std::array<double, n> x, auto&& slope, auto&& spikes, double end) {
    using Values = std::array<double, n>;
    constexpr double h = 1e-3;
    const auto shifted = [](Values y, const Values& k, double by) {
        for (std::size_t i = 0; i < n; ++i) y[i] += by * k[i];
        return y;
    };
    std::vector<double> times;
    for (long step = 0; static_cast<double>(step) * h < end; ++step) {
        const Values a = slope(x), b = slope(shifted(x, a, h / 2.0));
        const Values c = slope(shifted(x, b, h / 2.0)), d = slope(shifted(x, c, h));
        const Values before = x;
        for (std::size_t i = 0; i < n; ++i) x[i] += h / 6.0 * (a[i] + 2.0 * (b[i] + c[i]) + d[i]);
        if (spikes(before, x)) times.push_back(static_cast<double>(step + 1) * h);
    }
    return times;
}

/// Times at which the engine's neuron 0 sends spikes.
std::vector<double> engine_times(const NeuronModel& neuron, double V, double current, double end,
                                 double step_ms) {
    PopulationNetwork network;
    network.populations = {
        {.name = "a", .size = 1, .neuron = neuron, .initial_mv = {V}, .current_pa = current}};
    SpikingSimulation simulation(network, {.step_ms = step_ms});
    simulation.run(end);
    std::vector<double> times;
    for (const Spike& spike : simulation.spikes())
        times.push_back(static_cast<double>(spike.step + 1) * step_ms);
    return times;
}

/// Each interval is as long as that of the fine integration, but for the rounding of spikes to
/// steps: a step early or late at each end.
void expect_intervals(const std::vector<double>& seen, const std::vector<double>& fine,
                      double step_ms) {
    ASSERT_GE(seen.size(), 5U);
    ASSERT_NEAR(static_cast<double>(seen.size()), static_cast<double>(fine.size()), 1.0);
    const std::size_t common = std::min(seen.size(), fine.size());
    for (std::size_t k = 1; k < common; ++k)
        EXPECT_NEAR(seen[k] - seen[k - 1], fine[k] - fine[k - 1], 2.0 * step_ms) << k;
}

TEST(AdaptiveExponential, FiresAsAFineIntegrationSays) {
    const AdexExp n;
    const double current = 900.0, step_ms = 0.02, end = 400.0;
    const auto slope = [&](const std::array<double, 2>& x) {
        const double exponential = n.g_L * n.Delta_T * std::exp((x[0] - n.V_T) / n.Delta_T);
        return std::array{(-n.g_L * (x[0] - n.E_L) + exponential - x[1] + current) / n.C,
                          (n.a * (x[0] - n.E_L) - x[1]) / n.tau_w};
    };
    const auto spikes = [&](const std::array<double, 2>& before, std::array<double, 2>& x) {
        if (x[0] < -20.0) return false;  // infinity is 2e-6 ms away, or was passed
        x = {n.V_reset, before[1] + n.b};
        return true;
    };
    expect_intervals(engine_times(n, n.E_L, current, end, step_ms),
                     spike_times(std::array{n.E_L, 0.0}, slope, spikes, end), step_ms);
}

TEST(ExponentialNeuron, FiresAtTheRateOfTheIntegralOverItsPotential) {
    EifExp n;
    n.t_ref = 1.5;
    for (const double current : {650.0, 900.0, 2000.0}) {
        // time from reset to peak: the integral of dV / (dV/dt), by the midpoint rule
        constexpr int parts = 400'000;
        const double width = (n.V_peak - n.V_reset) / parts;
        double time = n.t_ref;
        for (int k = 0; k < parts; ++k) {
            const double V = n.V_reset + (k + 0.5) * width;
            const double exponential = n.g_L * n.Delta_T * std::exp((V - n.V_T) / n.Delta_T);
            time += n.C * width / (-n.g_L * (V - n.E_L) + exponential + current);
        }
        constexpr double step_ms = 0.01;
        const auto times = engine_times(n, n.V_reset, current, 30.0 * time, step_ms);
        ASSERT_GE(times.size(), 20U);
        const double mean = (times.back() - times.front()) / static_cast<double>(times.size() - 1);
        EXPECT_NEAR(mean, time, step_ms) << current;  // spikes wait for the end of their step
        EXPECT_GE(mean, time - 1e-4) << current;
    }
}

TEST(ExtendedGlif, FiresAsAFineIntegrationSays) {
    const ExtendedGlif n;
    const double current = 100.0, step_ms = 0.02, end = 400.0;
    using Values = std::array<double, 4>;  // V, I_adap, I_dep and time since the last spike
    const auto slope = [&](const Values& x) {
        const bool held = x[3] < n.t_ref - 5e-4;
        const double dV = (n.g_L * (x[0] - n.E_L) - x[1] + x[2] + n.I_e + current) / n.C;
        return Values{held ? 0.0 : dV, n.k_adap * (x[0] - n.E_L) - n.k2 * x[1], -n.k1 * x[2], 1.0};
    };
    const auto spikes = [&](const Values&, Values& x) {
        x[0] = std::max(x[0], n.V_low);
        if (x[0] < n.V_th + 5.0 * n.delta_V) return false;
        x = {n.V_reset, x[1] + n.A2, n.A1, 0.0};
        return true;
    };
    expect_intervals(engine_times(n, n.E_L, current, end, step_ms),
                     spike_times(Values{n.E_L, 0.0, 0.0, n.t_ref}, slope, spikes, end), step_ms);
}

TEST(Izhikevich, FiresAsAFineIntegrationSays) {
    const Izhikevich n;
    const double current = 10.0, step_ms = 0.02, end = 400.0;
    const auto slope = [&](const std::array<double, 2>& x) {
        return std::array{0.04 * x[0] * x[0] + 5.0 * x[0] + 140.0 - x[1] + current,
                          n.a * (n.b * x[0] - x[1])};
    };
    const auto spikes = [&](const std::array<double, 2>&, std::array<double, 2>& x) {
        if (x[0] < n.V_peak) return false;
        x = {n.c, x[1] + n.d};
        return true;
    };
    expect_intervals(engine_times(n, -65.0, current, end, step_ms),
                     spike_times(std::array{-65.0, -13.0}, slope, spikes, end), step_ms);
}

}  // namespace
}  // namespace cortifold
