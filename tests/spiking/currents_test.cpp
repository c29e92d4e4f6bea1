#include "spiking/current_waveform.hpp"
#include "spiking/normal_draws.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

using std::numbers::pi;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(CurrentWaveform, HasTheMeanOfItsIntegral) {
    const CurrentWaveform step = CurrentStep{1.0, 3.0, 5.0};
    EXPECT_EQ(mean_over(step, 0.0, 1.0), 0.0);
    EXPECT_EQ(mean_over(step, 1.5, 2.0), 5.0);
    EXPECT_NEAR(mean_over(step, 0.0, 4.0), 2.5, 1e-15);
    EXPECT_EQ(mean_over(step, 3.0, 3.5), 0.0);
    const CurrentWaveform ramp = CurrentRamp{1.0, 3.0, -2.0, 6.0};
    EXPECT_NEAR(mean_over(ramp, 1.0, 2.0), 0.0, 1e-15);  // from -2 to 2
    EXPECT_NEAR(mean_over(ramp, 2.0, 4.0), 2.0, 1e-15);  // from 2 to 6, then 0
    const CurrentWaveform wave = CurrentSinusoid{3.0, 20.0, 0.4};
    const double w = 2.0 * pi * 0.02;  // 1/ms
    const double exact = 3.0 * (std::cos(w * 2.0 + 0.4) - std::cos(w * 9.0 + 0.4)) / (7.0 * w);
    EXPECT_NEAR(mean_over(wave, 2.0, 9.0), exact, 1e-14);
    EXPECT_NEAR(mean_over(CurrentSinusoid{2.0, 0.0, 0.5 * pi}, 0.0, 1.0), 2.0, 1e-15);
}

LifDelta passive() {
    LifDelta neuron;
    neuron.V_th = 100.0;
    return neuron;
}

/// The potential of a neuron at rest some time after a current began.
double driven(const CurrentWaveform& current, double step_ms, double time_ms) {
    PopulationNetwork network;
    network.populations = {
        {.name = "a", .size = 1, .neuron = passive(), .initial_mv = {0.0}, .currents = {current}}};
    SpikingSimulation simulation(network, {.step_ms = step_ms});
    simulation.run(time_ms);
    return simulation.potential_mv(0);
}

TEST(CurrentStep, ChargesTheMembraneAsTheClosedFormSays) {
    const LifDelta n = passive();
    const double steady = 200.0 * n.tau_m / n.C;
    const double charged = driven(CurrentStep{2.0, 30.0, 200.0}, 0.1, 12.0);
    EXPECT_NEAR(charged, steady * (1.0 - std::exp(-10.0 / n.tau_m)), 1e-12);
    const double after = driven(CurrentStep{2.0, 12.0, 200.0}, 0.1, 20.0);
    EXPECT_NEAR(after, charged * std::exp(-8.0 / n.tau_m), 1e-12);
}

TEST(CurrentRamp, ChargesTheMembraneWithAnErrorOfTheSquareOfTheStep) {
    const LifDelta n = passive();
    const double slope = 10.0 * n.tau_m / n.C, T = 30.0;  // V = slope (t - tau + tau exp(-t / tau))
    const double exact = slope * (T - n.tau_m + n.tau_m * std::exp(-T / n.tau_m));
    const CurrentRamp ramp{0.0, 40.0, 0.0, 400.0};
    const double coarse = driven(ramp, 1.0, T) - exact, fine = driven(ramp, 0.5, T) - exact;
    EXPECT_LT(std::abs(fine), 1e-4 * exact);
    EXPECT_NEAR(coarse / fine, 4.0, 0.05);
}

TEST(CurrentSinusoid, IsFilteredByTheMembraneInAmplitudeAndPhase) {
    const LifDelta n = passive();
    const double w = 2.0 * pi * 0.01, gain = 1.0 / std::hypot(1.0, w * n.tau_m);
    const double steady = 100.0 * n.tau_m / n.C;
    for (const double time_ms : {800.0, 830.0, 875.0}) {  // the onset is forgotten
        const double exact = steady * gain * std::sin(w * time_ms + 0.3 - std::atan(w * n.tau_m));
        const CurrentSinusoid wave{100.0, 10.0, 0.3};
        EXPECT_NEAR(driven(wave, 0.1, time_ms), exact, 1e-4 * steady);
    }
}

TEST(NormalQuantile, InvertsTheNormalDistribution) {
    for (double q = -0.49999999; q < 0.5; q += 0.001) {
        const double p = 0.5 + q, x = normal_quantile(q);
        EXPECT_NEAR(0.5 * std::erfc(-x / std::numbers::sqrt2) / p, 1.0, 4e-6) << p;
    }
    EXPECT_EQ(normal_quantile(0.0), 0.0);
    EXPECT_EQ(normal_quantile(-0.3), -normal_quantile(0.3));
    EXPECT_NEAR(normal_quantile(0.5 - 0x1p-33), 6.338, 0.01);  // the farthest of a word
}

// dV = -V / tau dt + density / C dW: variance (density / C)^2 tau / 2, correlation exp(-t / tau).
TEST(GaussianCurrent, MakesAnOrnsteinUhlenbeckProcess) {
    const LifDelta n = passive();
    constexpr std::uint32_t size = 4000;
    constexpr double density = 500.0, mean_pa = 50.0, lag_ms = 8.0;
    PopulationNetwork network;
    network.populations = {{.name = "a",
                            .size = size,
                            .neuron = n,
                            .initial_mv = {0.0},
                            .current_pa = 20.0,
                            .gaussian = GaussianCurrent{mean_pa, density}}};
    SpikingSimulation simulation(network, {}, {.seed = 4});
    simulation.run(150.0);
    std::vector<double> first;
    for (std::uint32_t i = 0; i < size; ++i) first.push_back(simulation.potential_mv(i));
    simulation.run(lag_ms);
    const double expected = (mean_pa + 20.0) * n.tau_m / n.C;
    const double variance = density * density / (n.C * n.C) * n.tau_m / 2.0;
    double mean = 0.0, square = 0.0, product = 0.0;
    for (std::uint32_t i = 0; i < size; ++i) {
        const double u = first[i] - expected, later = simulation.potential_mv(i) - expected;
        mean += u / size;
        square += u * u / size;
        product += u * later / size;
    }
    constexpr double sigmas = 4.0;
    EXPECT_NEAR(mean, 0.0, sigmas * std::sqrt(variance / size) + 1e-3);
    EXPECT_NEAR(square / variance, 1.0, sigmas * std::sqrt(2.0 / size));
    EXPECT_NEAR(product / variance, std::exp(-lag_ms / n.tau_m), sigmas * std::sqrt(2.0 / size));
}

TEST(Currents, AreTheSameOnAnyNumberOfThreadsAndInAnyPieces) {
    PopulationNetwork network;
    network.populations = {
        {.name = "a",
         .size = 300,
         .neuron = LifExp{},
         .initial_mv = {-65.0, 2.0},
         .currents = {CurrentStep{5.0, 40.0, 300.0}, CurrentSinusoid{80.0, 30.0}},
         .gaussian = GaussianCurrent{150.0, 400.0}},
        {.name = "b",
         .size = 300,
         .neuron = QifDelta{},
         .varied = {{"eta", {.mean = 0.0, .sd = 1.0, .law = Law::lorentzian}}},
         .currents = {CurrentRamp{0.0, 50.0, 0.0, 3.0}},
         .gaussian = GaussianCurrent{0.0, 2.0}}};
    SpikingSimulation one(network, {}, {.seed = 5});
    one.run(60.0);
    SpikingSimulation three(network, {}, {.threads = 3, .seed = 5});
    for (const double piece : {20.1, 39.9}) three.run(piece);
    EXPECT_GT(one.spikes().size(), 300U);
    EXPECT_EQ(one.spikes(), three.spikes());
}

TEST(Currents, AreRefusedWhereTheyCannotBeMeant) {
    PopulationNetwork network;
    const auto refuse = [&](const CurrentWaveform& current, const char* message) {
        network.populations = {{.name = "a", .size = 1, .currents = {current}}};
        EXPECT_THAT([&] { network.validate(); }, ThrowsMessage<ConfigError>(HasSubstr(message)));
    };
    refuse(CurrentStep{5.0, 5.0, 1.0},
           "population.a.drive.step.stop = 5 must be after start = 5 ms");
    refuse(CurrentRamp{0.0, 5.0, 1.0, NAN}, "population.a.drive.ramp.last = nan");
    refuse(CurrentSinusoid{1.0, -2.0}, "population.a.drive.sinusoid.frequency_hz = -2");
    network.populations = {{.name = "a", .size = 1, .gaussian = GaussianCurrent{0.0, -1.0}}};
    EXPECT_THAT([&] { network.validate(); },
                ThrowsMessage<ConfigError>(HasSubstr("population.a.gaussian.density = -1")));
}

}  // namespace
}  // namespace cortifold
