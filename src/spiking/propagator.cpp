#include <cortifold/spiking/propagator.hpp>

#include <cmath>

namespace cortifold {

namespace {

/// (exp(x) - 1) / x, 1 at x = 0.
double relative_growth(double x) {
    return x == 0.0 ? 1.0 : std::expm1(x) / x;
}

/// The integral of u exp(x u) over [0, 1].
double relative_ramp(double x) {
    if (std::abs(x) > 1.0) return (std::expm1(x) * (x - 1.0) + x) / (x * x);
    double sum = 0.0, term = 1.0;  // x^k / k!
    for (int k = 0; std::abs(term) > 1e-18; ++k, term *= x / k) sum += term / (k + 2);
    return sum;
}

/// (1/tau_m - 1/tau_s) h
double growth(const LifExp& neuron, double tau_s, double h) {
    return h * (tau_s - neuron.tau_m) / (tau_s * neuron.tau_m);
}

/// exp(-h / tau_m) / C times the integral of exp(s / tau_m - s / tau_s) over [0, h].
double response(const LifExp& neuron, double tau_s, double h) {
    return std::exp(-h / neuron.tau_m) * h / neuron.C * relative_growth(growth(neuron, tau_s, h));
}

template <class Neuron>
LifPropagator membrane_propagator(const Neuron& neuron, double h) {
    return {.membrane = std::exp(-h / neuron.tau_m),
            .from_current = -neuron.tau_m / neuron.C * std::expm1(-h / neuron.tau_m)};
}

}  // namespace

LifPropagator propagator(const LifExp& neuron, double step_ms) {
    LifPropagator p = membrane_propagator(neuron, step_ms);
    p.excitatory = std::exp(-step_ms / neuron.tau_ex);
    p.inhibitory = std::exp(-step_ms / neuron.tau_in);
    p.from_excitatory = response(neuron, neuron.tau_ex, step_ms);
    p.from_inhibitory = response(neuron, neuron.tau_in, step_ms);
    return p;
}

LifPropagator propagator(const LifDelta& neuron, double step_ms) {
    return membrane_propagator(neuron, step_ms);
}

AlphaPropagator alpha_propagator(const LifAlpha& neuron, double tau_s, double h) {
    return {.decay = std::exp(-h / tau_s),
            .from_current = response(neuron, tau_s, h),
            .from_slope = std::exp(-h / neuron.tau_m) * h * h / neuron.C *
                          relative_ramp(growth(neuron, tau_s, h))};
}

}  // namespace cortifold
