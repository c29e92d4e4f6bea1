#include <cortifold/spiking/propagator.hpp>

#include <cmath>

namespace cortifold {

namespace {

/// (exp(x) - 1) / x, 1 at x = 0.
double relative_growth(double x) {
    return x == 0.0 ? 1.0 : std::expm1(x) / x;
}

/// exp(-h / tau_m) / C times the integral of exp(s / tau_m - s / tau_s) over [0, h].
double response(const LifExp& neuron, double tau_s, double h) {
    const double growth = h * (tau_s - neuron.tau_m) / (tau_s * neuron.tau_m);
    return std::exp(-h / neuron.tau_m) * h / neuron.C * relative_growth(growth);
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

}  // namespace cortifold
