#pragma once

#include "kernel_input.hpp"
#include "riccati.hpp"
#include <cortifold/model/quadratic_integrate_and_fire.hpp>

namespace cortifold {

struct QifDeltaKernel {
    using Model = QifDelta;
    static constexpr std::uint32_t receptors = 1;
    template <class V>
    struct State {
        V value;
    };
    template <class V>
    struct Coefficients {
        V duration, eta, refractory;
    };
    static Coefficients<double> coefficients(const QifDelta& neuron, double step_ms) {
        return {step_ms / neuron.tau, neuron.eta, 0.0};
    }
    static State<double> initial(double potential, const Coefficients<double>&) {
        return {potential};
    }
    static double potential(const State<double>& x, const Coefficients<double>&) { return x.value; }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        const RiccatiPassage<V> at = riccati<V>(x.value, c.eta + in.current, c.duration);
        x.value = at.value + in.first;
        return at.passes;
    }
    static void fire(State<double>&, const Coefficients<double>&) {}
    static void hold(State<double>&, const Coefficients<double>&) {}
};

/// In a step the currents are taken at their mean over it: of second order in the step.
struct QifExpKernel {
    using Model = QifExp;
    static constexpr std::uint32_t receptors = 2;
    template <class V>
    struct State {
        V value, I_ex, I_in;
    };
    template <class V>
    struct Coefficients {
        V duration, eta, excitatory, inhibitory, mean_excitatory, mean_inhibitory, gain_excitatory,
            gain_inhibitory, refractory;
    };
    static Coefficients<double> coefficients(const QifExp& neuron, double h) {
        const auto mean = [&](double tau_s) { return -std::expm1(-h / tau_s) * tau_s / h; };
        return {h / neuron.tau,
                neuron.eta,
                std::exp(-h / neuron.tau_ex),
                std::exp(-h / neuron.tau_in),
                mean(neuron.tau_ex),
                mean(neuron.tau_in),
                neuron.tau / neuron.tau_ex,
                neuron.tau / neuron.tau_in,
                0.0};
    }
    static State<double> initial(double potential, const Coefficients<double>&) {
        return {potential, 0.0, 0.0};
    }
    static double potential(const State<double>& x, const Coefficients<double>&) { return x.value; }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        const V current =
            c.eta + in.current + x.I_ex * c.mean_excitatory + x.I_in * c.mean_inhibitory;
        const RiccatiPassage<V> at = riccati<V>(x.value, current, c.duration);
        x.value = at.value;
        x.I_ex = x.I_ex * c.excitatory + c.gain_excitatory * in.first;
        x.I_in = x.I_in * c.inhibitory + c.gain_inhibitory * in.second;
        return at.passes;
    }
    static void fire(State<double>&, const Coefficients<double>&) {}
    static void hold(State<double>&, const Coefficients<double>&) {}
};

}  // namespace cortifold
