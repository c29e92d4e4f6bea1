#include <cortifold/spiking/propagator.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace cortifold {
namespace {

constexpr double step_ms = 0.1;

LifExp neuron(double tau_m, double tau_ex) {
    LifExp lif;
    lif.tau_m = tau_m;
    lif.tau_ex = tau_ex;
    return lif;
}

/// (tau_m tau_s / (tau_m - tau_s)) (exp(-h/tau_m) - exp(-h/tau_s)) / C, in extended precision.
double closed_form(const LifExp& lif, double h) {
    const long double m = lif.tau_m, s = lif.tau_ex;
    return static_cast<double>(m * s / (m - s) * (std::exp(-h / m) - std::exp(-h / s)) / lif.C);
}

TEST(LifPropagator, DecaysAndRespondsAsTheClosedFormsSay) {
    for (const double tau_s : {0.1, 0.5, 2.0, 9.0, 30.0, 300.0}) {
        const LifExp lif = neuron(10.0, tau_s);
        const LifPropagator p = propagator(lif, step_ms);
        EXPECT_NEAR(p.membrane, std::exp(-0.01), 1e-15);
        EXPECT_NEAR(p.excitatory, std::exp(-step_ms / tau_s), 1e-15);
        EXPECT_NEAR(p.from_current, 10.0 / 250.0 * (1.0 - std::exp(-0.01)), 1e-15);
        const double exact = closed_form(lif, step_ms);
        EXPECT_NEAR(p.from_excitatory, exact, 1e-12 * exact) << "tau_s = " << tau_s;
    }
}

// The limit tau_s -> tau_m is h exp(-h / tau_m) / C, approached as 1 + x/2 + x^2/6 with
// x = h (1/tau_m - 1/tau_s).
TEST(LifPropagator, IsSmoothWhereTheTimeConstantsAreEqual) {
    const LifExp equal = neuron(10.0, 10.0);
    const double limit = step_ms * std::exp(-step_ms / 10.0) / equal.C;
    EXPECT_NEAR(propagator(equal, step_ms).from_excitatory, limit, 1e-15 * limit);
    for (const double relative : {1e-15, 1e-12, 1e-9, 1e-6, 1e-4}) {
        const LifExp near = neuron(10.0, 10.0 * (1.0 + relative));
        const double x = step_ms * (near.tau_ex - 10.0) / (10.0 * near.tau_ex);
        const double exact = limit * (1.0 + x / 2.0 + x * x / 6.0);
        EXPECT_NEAR(propagator(near, step_ms).from_excitatory, exact, 1e-12 * exact) << relative;
    }
}

// Two half steps are one step: the propagators form a semigroup.
TEST(LifPropagator, OfAStepIsThatOfItsHalvesAppliedTwice) {
    LifExp lif = neuron(12.0, 3.0);
    lif.tau_in = 12.0;
    const LifPropagator whole = propagator(lif, step_ms), half = propagator(lif, step_ms / 2.0);
    EXPECT_NEAR(whole.membrane, half.membrane * half.membrane, 1e-15);
    const double excitatory = half.from_excitatory * (half.membrane + half.excitatory);
    EXPECT_NEAR(whole.from_excitatory, excitatory, 1e-12 * excitatory);
    const double inhibitory = half.from_inhibitory * (half.membrane + half.inhibitory);
    EXPECT_NEAR(whole.from_inhibitory, inhibitory, 1e-12 * inhibitory);
    EXPECT_NEAR(whole.from_current, half.from_current * (half.membrane + 1.0), 1e-15);
}

TEST(LifPropagator, OfADeltaNeuronHasNoCurrents) {
    const LifPropagator p = propagator(LifDelta{}, step_ms);
    EXPECT_NEAR(p.membrane, std::exp(-step_ms / 20.0), 1e-15);
    EXPECT_EQ(p.from_excitatory, 0.0);
    EXPECT_EQ(p.from_inhibitory, 0.0);
}

LifAlpha alpha_neuron(double tau_m, double tau_ex) {
    LifAlpha lif;
    lif.tau_m = tau_m;
    lif.tau_ex = tau_ex;
    return lif;
}

// exp(-h / tau_m) (exp(g h) (g h - 1) + 1) / (g^2 C), g = 1/tau_m - 1/tau_s, in extended precision;
// h^2 / 2 exp(-h / tau_m) (1 + 2x/3 + x^2/4) / C for small x = g h.
TEST(AlphaPropagator, RespondsAsTheClosedFormsSay) {
    for (const double tau_s : {0.01, 0.05, 0.1, 0.5, 2.0})
        for (const double h : {0.1, 1.0}) {
            const LifAlpha lif = alpha_neuron(10.0, tau_s);
            const long double m = lif.tau_m, g = 1.0L / m - 1.0L / tau_s;
            const auto exact = static_cast<double>(
                std::exp(-h / m) * (std::exp(g * h) * (g * h - 1.0L) + 1.0L) / (g * g * lif.C));
            EXPECT_NEAR(alpha_propagator(lif, tau_s, h).from_slope, exact, 1e-12 * exact) << tau_s;
        }
    for (const double relative : {0.0, 1e-15, 1e-9, 1e-5}) {
        const LifAlpha lif = alpha_neuron(10.0, 10.0 * (1.0 + relative));
        const double x = step_ms * (1.0 / 10.0 - 1.0 / lif.tau_ex);
        const double exact =
            step_ms * step_ms / 2.0 * std::exp(-0.01) / lif.C * (1.0 + 2.0 * x / 3.0 + x * x / 4.0);
        EXPECT_NEAR(alpha_propagator(lif, lif.tau_ex, step_ms).from_slope, exact, 1e-12 * exact);
    }
}

TEST(AlphaPropagator, OfAStepIsThatOfItsHalvesAppliedTwice) {
    const LifAlpha lif = alpha_neuron(12.0, 3.0);
    const double m = propagator(lif, step_ms / 2.0).membrane;
    const AlphaPropagator whole = alpha_propagator(lif, 3.0, step_ms);
    const AlphaPropagator half = alpha_propagator(lif, 3.0, step_ms / 2.0);
    EXPECT_NEAR(whole.decay, half.decay * half.decay, 1e-15);
    const double slope = m * half.from_slope + half.decay * half.from_slope +
                         half.decay * step_ms / 2.0 * half.from_current;
    EXPECT_NEAR(whole.from_slope, slope, 1e-12 * slope);
}

}  // namespace
}  // namespace cortifold
