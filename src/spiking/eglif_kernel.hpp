#pragma once

#include "kernel_input.hpp"
#include "lif_kernels.hpp"
#include <cortifold/model/extended_glif.hpp>

#include <numbers>

namespace cortifold {

/// Alpha conductances are exact, in a step taken at their mean. A step is half a step of I_adap at
/// constant V, a step of V at constant I_adap, and the other half of I_adap: of second order.
struct EglifKernel {
    using Model = ExtendedGlif;
    static constexpr std::uint32_t receptors = 3;
    /// Of one receptor; g is the conductance, x what makes it grow, dg/dt = x - g / tau.
    template <class V>
    struct Conductance {
        V decay, advance, mean_g, mean_x, peak_x, E;
    };
    template <class V>
    struct State {
        V potential, I_adap, I_dep, g_ex, x_ex, g_in, x_in, g_third, x_third;
    };
    template <class V>
    struct Coefficients {
        Conductance<V> excitatory, inhibitory, third;
        V duration, g_L, E_L, I_e, adaptation, half_decay, dep_decay, dep_mean, A1, A2;
        V low, threshold, reset, refractory;
    };
    static Conductance<double> conductance(double tau, double E, double h) {
        const double decay = std::exp(-h / tau), lost = -std::expm1(-h / tau);
        return {
            decay, h * decay, lost * tau / h, tau * (lost * tau / h - decay), std::numbers::e / tau,
            E};
    }
    static Coefficients<double> coefficients(const ExtendedGlif& neuron, double h) {
        return {conductance(neuron.tau_ex, neuron.E_ex, h),
                conductance(neuron.tau_in, neuron.E_in, h),
                conductance(neuron.tau_third, neuron.E_third, h),
                h / neuron.C,
                neuron.g_L,
                neuron.E_L,
                neuron.I_e,
                neuron.k_adap / neuron.k2,
                std::exp(-0.5 * h * neuron.k2),
                std::exp(-h * neuron.k1),
                -std::expm1(-h * neuron.k1) / (h * neuron.k1),
                neuron.A1,
                neuron.A2,
                neuron.V_low,
                neuron.V_th + 5.0 * neuron.delta_V,
                neuron.V_reset,
                refractory_steps(neuron.t_ref, h)};
    }
    static State<double> initial(double potential, const Coefficients<double>&) {
        return {potential, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    }
    static double potential(const State<double>& x, const Coefficients<double>&) {
        return x.potential;
    }
    template <class V>
    static void half_adaptation(State<V>& x, const Coefficients<V>& c) {
        const V goal = c.adaptation * (x.potential - c.E_L);
        x.I_adap = goal + (x.I_adap - goal) * c.half_decay;
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        const Conductance<V>&ex = c.excitatory, &inh = c.inhibitory, &third = c.third;
        half_adaptation(x, c);
        const V g_ex = x.g_ex * ex.mean_g + x.x_ex * ex.mean_x;
        const V g_in = x.g_in * inh.mean_g + x.x_in * inh.mean_x;
        const V g_third = x.g_third * third.mean_g + x.x_third * third.mean_x;
        const V growth = (c.g_L - g_ex - g_in - g_third) * c.duration;
        const V current = g_ex * ex.E + g_in * inh.E + g_third * third.E - c.g_L * c.E_L -
                          x.I_adap + x.I_dep * c.dep_mean + c.I_e + in.current;
        const V moved = x.potential +
                        (current * c.duration + x.potential * growth) * relative_growth<V>(growth);
        x.potential = select<V>(in.held, x.potential, larger<V>(moved, c.low));
        half_adaptation(x, c);
        x.I_dep = x.I_dep * c.dep_decay;
        x.g_ex = x.g_ex * ex.decay + x.x_ex * ex.advance;
        x.g_in = x.g_in * inh.decay + x.x_in * inh.advance;
        x.g_third = x.g_third * third.decay + x.x_third * third.advance;
        x.x_ex = x.x_ex * ex.decay + ex.peak_x * in.first;
        x.x_in = x.x_in * inh.decay - inh.peak_x * in.second;
        x.x_third = x.x_third * third.decay + third.peak_x * in.third;
        return x.potential >= c.threshold;
    }
    static void fire(State<double>& x, const Coefficients<double>& c) {
        x.potential = c.reset;
        x.I_adap += c.A2;
        x.I_dep = c.A1;
    }
    static void hold(State<double>&, const Coefficients<double>&) {}
};

}  // namespace cortifold
