#include "spiking/qif_kernels.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

using std::numbers::pi;

/// Of the closed form in extended precision: the phase atan(x / w) moves evenly.
double solution(double x, double I, double s) {
    const long double X = x, w = std::sqrt(std::abs(static_cast<long double>(I)));
    const long double angle = w * s;
    if (I == 0.0) return static_cast<double>(X / (1.0L - X * s));
    if (I > 0.0) return static_cast<double>(w * std::tan(std::atan(X / w) + angle));
    const long double t = std::tanh(angle);
    return static_cast<double>((X - w * t) / (1.0L - X * t / w));
}
/// Time until infinity is reached from x; infinite if it never is.
double time_to_infinity(double x, double I) {
    if (I == 0.0) return x > 0.0 ? 1.0 / x : HUGE_VAL;
    const double w = std::sqrt(std::abs(I));
    if (I > 0.0) return (0.5 * pi - std::atan(x / w)) / w;
    return x > w ? std::atanh(w / x) / w : HUGE_VAL;
}

// On the circle that minus and plus infinity close, where the map is smooth.
TEST(Riccati, IsTheClosedFormThroughInfinityAndSaysWhenItPasses) {
    for (const double I : {-3000.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 0.3, 1.0, 40.0, 3000.0})
        for (const double s : {1e-3, 0.01, 0.05})
            for (const double x : {-1e9, -300.0, -7.0, -0.2, 0.0, 0.3, 5.0, 60.0, 1e4, 1e9}) {
                if (I > 0.0 && std::sqrt(I) * s > pi) continue;
                const RiccatiPassage<double> at = riccati(x, I, s);
                const double exact = solution(x, I, s);
                EXPECT_NEAR(std::remainder(std::atan(at.value) - std::atan(exact), pi), 0.0, 1e-13)
                    << "I = " << I << ", s = " << s << ", x = " << x;
                EXPECT_EQ(at.passes, time_to_infinity(x, I) <= s) << I << ' ' << s << ' ' << x;
            }
}

TEST(Riccati, GoesToItsStablePointUnderStrongInhibition) {
    for (const double I : {-1e6, -1e9, -1e12}) {
        EXPECT_EQ(riccati(5.0, I, 0.1).value, -std::sqrt(-I));
        EXPECT_FALSE(riccati(5.0, I, 0.1).passes);
        EXPECT_TRUE(riccati(2.0 * std::sqrt(-I), I, 0.1).passes);
    }
}

TEST(Riccati, OfAStepIsThatOfItsHalvesAppliedTwice) {
    for (const double I : {-30.0, 0.0, 2.0, 900.0})
        for (const double x : {-50.0, 0.1, 20.0, 70.0}) {
            const auto whole = riccati(x, I, 0.04);
            const auto half = riccati(x, I, 0.02);
            const auto second = riccati(half.value, I, 0.02);
            EXPECT_NEAR(std::atan(whole.value), std::atan(second.value), 1e-13);
            EXPECT_EQ(whole.passes, half.passes || second.passes);
        }
}

// A neuron that Montbrio et al. (2015) hold for 1 / V_p before and 1 / V_p after its spike, from
// V_p to -V_p, takes this time without being held, up to I / V_p^2.
TEST(Riccati, TakesTheRefractoryTimeOfThePaperFromItsPeakThroughInfinity) {
    constexpr double peak = 100.0, I = 3.0;
    const auto at = riccati(peak, I, 2.0 / peak);
    EXPECT_TRUE(at.passes);
    EXPECT_NEAR(at.value / -peak, 1.0, 2.0 * I / (peak * peak));
    EXPECT_TRUE(riccati(peak, I, 1.001 / peak).passes);
    EXPECT_FALSE(riccati(peak, I, 0.999 / peak).passes);
}

// Spike k of a neuron that starts at minus infinity comes at k pi tau / sqrt(eta).
TEST(QifNeuron, FiresAtTheTimesOfTheClosedForm) {
    for (const double eta : {0.04, 1.0, 7.3, 250.0}) {
        QifDelta neuron;
        neuron.eta = eta;
        PopulationNetwork network;
        network.populations = {{.name = "a", .size = 3, .neuron = neuron, .initial_mv = {-1e18}}};
        SpikingSimulation simulation(network, {.step_ms = 0.1});
        simulation.run(1000.0);
        std::vector<double> spikes;
        for (const Spike& spike : simulation.spikes())
            if (spike.neuron == 2) spikes.push_back(static_cast<double>(spike.step));
        const double interval = pi * neuron.tau / std::sqrt(eta) / 0.1;  // steps
        ASSERT_EQ(spikes.size(), static_cast<std::size_t>(1e4 / interval)) << eta;
        for (std::size_t k = 0; k < spikes.size(); ++k)
            EXPECT_EQ(spikes[k], std::floor(static_cast<double>(k + 1) * interval)) << eta;
    }
}

TEST(QifNeuron, BelowItsFoldRestsAtTheStablePointAndIsSilent) {
    QifDelta neuron;
    neuron.eta = -4.0;
    PopulationNetwork network;
    network.populations = {{.name = "a", .size = 1, .neuron = neuron, .initial_mv = {1.9}}};
    SpikingSimulation simulation(network);
    simulation.run(500.0);
    EXPECT_NEAR(simulation.potential_mv(0), -2.0, 1e-12);
    EXPECT_TRUE(simulation.spikes().empty());
}

QifExpKernel::State<double> after(const QifExp& neuron, double h, double duration) {
    const auto c = QifExpKernel::coefficients(neuron, h);
    QifExpKernel::State<double> x{-1.0, 8.0, -3.0};
    for (int k = 0; k < std::lround(duration / h); ++k)
        (void)QifExpKernel::step(x, c, KernelInput<double>{});
    return x;
}

TEST(QifExpNeuron, ConvergesWithTheSquareOfTheStepUnderDecayingCurrents) {
    const QifExp neuron;
    const double exact = after(neuron, 1.0 / 4096.0, 8.0).value;
    const double coarse = after(neuron, 0.25, 8.0).value - exact;
    const double fine = after(neuron, 0.125, 8.0).value - exact;
    EXPECT_NEAR(coarse / fine, 4.0, 0.15);
}

// One spike of weight w drives V by w in all: the integral of I_ex / tau.
TEST(QifExpNeuron, IsDrivenByTheWeightOfASpikeInAll) {
    const QifExp neuron;
    constexpr double h = 0.1, weight = 0.7;
    const auto c = QifExpKernel::coefficients(neuron, h);
    QifExpKernel::State<double> x{};
    KernelInput<double> spike{};
    spike.first = weight;
    spike.second = -weight;
    (void)QifExpKernel::step(x, c, spike);
    const double excitation = x.I_ex * c.mean_excitatory * c.duration / (1.0 - c.excitatory);
    const double inhibition = x.I_in * c.mean_inhibitory * c.duration / (1.0 - c.inhibitory);
    EXPECT_NEAR(excitation, weight, 1e-14);
    EXPECT_NEAR(inhibition, -weight, 1e-14);
}

}  // namespace
}  // namespace cortifold
