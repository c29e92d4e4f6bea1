#pragma once

#include "kernel_group.hpp"
#include <cortifold/spiking/propagator.hpp>

namespace cortifold {

/// Steps of a refractory time.
inline double refractory_steps(double t_ref_ms, double step_ms) {
    return std::round(t_ref_ms / step_ms);
}

/// What the LIF neurons have in common, U = V - E_L; a refractory one is put back to its reset.
struct LifMembrane {
    static void fire(auto& x, const auto& c) { x.U = c.reset; }
    static void hold(auto& x, const auto& c) { x.U = c.reset; }
    static double potential(const auto& x, const auto& c) { return c.rest + x.U; }
};

struct LifDeltaKernel : LifMembrane {
    using Model = LifDelta;
    static constexpr std::uint32_t receptors = 1;
    template <class V>
    struct State {
        V U;
    };
    template <class V>
    struct Coefficients {
        V membrane, from_current, threshold, reset, rest, refractory;
    };
    static Coefficients<double> coefficients(const LifDelta& neuron, double step_ms) {
        const LifPropagator p = propagator(neuron, step_ms);
        return {p.membrane,
                p.from_current,
                neuron.V_th - neuron.E_L,
                neuron.V_reset - neuron.E_L,
                neuron.E_L,
                refractory_steps(neuron.t_ref, step_ms)};
    }
    static State<double> initial(double potential, const Coefficients<double>& c) {
        return {potential - c.rest};
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        x.U = x.U * c.membrane + c.from_current * in.current + in.first;
        return x.U >= c.threshold;
    }
};

/// Excitatory and inhibitory currents of one time constant.
struct LifOneCurrentKernel : LifMembrane {
    using Model = LifExp;
    static constexpr std::uint32_t receptors = 1;
    template <class V>
    struct State {
        V U, I;
    };
    template <class V>
    struct Coefficients {
        V membrane, from_current, from_synapses, decay, threshold, reset, rest, refractory;
    };
    static Coefficients<double> coefficients(const LifExp& neuron, double step_ms) {
        const LifPropagator p = propagator(neuron, step_ms);
        return {p.membrane,
                p.from_current,
                p.from_excitatory,
                p.excitatory,
                neuron.V_th - neuron.E_L,
                neuron.V_reset - neuron.E_L,
                neuron.E_L,
                refractory_steps(neuron.t_ref, step_ms)};
    }
    static State<double> initial(double potential, const Coefficients<double>& c) {
        return {potential - c.rest, 0.0};
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        x.U = x.U * c.membrane + x.I * c.from_synapses + c.from_current * in.current;
        x.I = x.I * c.decay + in.first;
        return x.U >= c.threshold;
    }
};

struct LifTwoCurrentsKernel : LifMembrane {
    using Model = LifExp;
    static constexpr std::uint32_t receptors = 2;
    template <class V>
    struct State {
        V U, I_ex, I_in;
    };
    template <class V>
    struct Coefficients {
        V membrane, from_current, from_excitatory, from_inhibitory, excitatory, inhibitory,
            threshold, reset, rest, refractory;
    };
    static Coefficients<double> coefficients(const LifExp& neuron, double step_ms) {
        const LifPropagator p = propagator(neuron, step_ms);
        return {p.membrane,
                p.from_current,
                p.from_excitatory,
                p.from_inhibitory,
                p.excitatory,
                p.inhibitory,
                neuron.V_th - neuron.E_L,
                neuron.V_reset - neuron.E_L,
                neuron.E_L,
                refractory_steps(neuron.t_ref, step_ms)};
    }
    static State<double> initial(double potential, const Coefficients<double>& c) {
        return {potential - c.rest, 0.0, 0.0};
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        x.U = x.U * c.membrane + x.I_ex * c.from_excitatory + x.I_in * c.from_inhibitory +
              c.from_current * in.current;
        x.I_ex = x.I_ex * c.excitatory + in.first;
        x.I_in = x.I_in * c.inhibitory + in.second;
        return x.U >= c.threshold;
    }
};

}  // namespace cortifold
