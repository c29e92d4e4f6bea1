#pragma once

#include "kernel_input.hpp"
#include <cortifold/spiking/propagator.hpp>

#include <numbers>

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

struct LifAlphaKernel : LifMembrane {
    using Model = LifAlpha;
    static constexpr std::uint32_t receptors = 2;
    /// Of one sign.
    template <class V>
    struct Current {
        V decay, advance, from_current, from_slope, peak_slope;
    };
    template <class V>
    struct State {
        V U, I_ex, J_ex, I_in, J_in;
    };
    template <class V>
    struct Coefficients {
        V membrane, from_current;
        Current<V> excitatory, inhibitory;
        V threshold, reset, rest, refractory;
    };
    static Current<double> current(const LifAlpha& neuron, double tau_s, double h) {
        const AlphaPropagator p = alpha_propagator(neuron, tau_s, h);
        return {p.decay, h * p.decay, p.from_current, p.from_slope, std::numbers::e / tau_s};
    }
    static Coefficients<double> coefficients(const LifAlpha& neuron, double step_ms) {
        const LifPropagator p = propagator(neuron, step_ms);
        return {p.membrane,
                p.from_current,
                current(neuron, neuron.tau_ex, step_ms),
                current(neuron, neuron.tau_in, step_ms),
                neuron.V_th - neuron.E_L,
                neuron.V_reset - neuron.E_L,
                neuron.E_L,
                refractory_steps(neuron.t_ref, step_ms)};
    }
    static State<double> initial(double potential, const Coefficients<double>& c) {
        return {potential - c.rest, 0.0, 0.0, 0.0, 0.0};
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        const Current<V>&ex = c.excitatory, &inh = c.inhibitory;
        x.U = x.U * c.membrane + x.I_ex * ex.from_current + x.J_ex * ex.from_slope +
              x.I_in * inh.from_current + x.J_in * inh.from_slope + c.from_current * in.current;
        x.I_ex = x.I_ex * ex.decay + x.J_ex * ex.advance;
        x.I_in = x.I_in * inh.decay + x.J_in * inh.advance;
        x.J_ex = x.J_ex * ex.decay + ex.peak_slope * in.first;
        x.J_in = x.J_in * inh.decay + inh.peak_slope * in.second;
        return x.U >= c.threshold;
    }
};

/// In a step the conductances are taken at their mean over it, which makes the decay of V exact and
/// the whole step of second order.
struct LifConductanceKernel {
    using Model = LifConductance;
    static constexpr std::uint32_t receptors = 2;
    template <class V>
    struct State {
        V potential, g_ex, g_in;
    };
    template <class V>
    struct Coefficients {
        V duration, g_L, leak, E_ex, E_in, excitatory, inhibitory, mean_excitatory, mean_inhibitory,
            threshold, reset, refractory;
    };
    static Coefficients<double> coefficients(const LifConductance& neuron, double h) {
        const auto mean = [&](double tau_s) { return -std::expm1(-h / tau_s) * tau_s / h; };
        return {h / neuron.C,
                neuron.g_L,
                neuron.g_L * neuron.E_L,
                neuron.E_ex,
                neuron.E_in,
                std::exp(-h / neuron.tau_ex),
                std::exp(-h / neuron.tau_in),
                mean(neuron.tau_ex),
                mean(neuron.tau_in),
                neuron.V_th,
                neuron.V_reset,
                refractory_steps(neuron.t_ref, h)};
    }
    static State<double> initial(double potential, const Coefficients<double>&) {
        return {potential, 0.0, 0.0};
    }
    static double potential(const State<double>& x, const Coefficients<double>&) {
        return x.potential;
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        const V g_ex = x.g_ex * c.mean_excitatory, g_in = x.g_in * c.mean_inhibitory;
        const V total = c.g_L + g_ex + g_in;
        const V goal = (c.leak + g_ex * c.E_ex + g_in * c.E_in + in.current) / total;
        x.potential = goal + (x.potential - goal) * exponential<V>(-total * c.duration);
        x.g_ex = x.g_ex * c.excitatory + in.first;
        x.g_in = x.g_in * c.inhibitory - in.second;
        return x.potential >= c.threshold;
    }
    static void fire(State<double>& x, const Coefficients<double>& c) { x.potential = c.reset; }
    static void hold(State<double>& x, const Coefficients<double>& c) { x.potential = c.reset; }
};

}  // namespace cortifold
