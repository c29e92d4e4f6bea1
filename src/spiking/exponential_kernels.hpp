#pragma once

#include "kernel_input.hpp"
#include "lif_kernels.hpp"
#include <cortifold/model/exponential_integrate_and_fire.hpp>

namespace cortifold {

/// V and w under leak, adaptation and currents, without the exponential: linear, so that half a
/// step is a matrix, here by rows. U = V - E_L.
template <class V>
struct LinearHalfStep {
    V UU, Uw, U_ex, U_in, U_current, wU, ww, w_ex, w_in, w_current, excitatory, inhibitory;
};

/// dU/dt = -U/tau_m + (I_ex + I_in + I - w)/C, tau_w dw/dt = a U - w, over `time`.
[[nodiscard]] LinearHalfStep<double> linear_half_step(const AdexExp& neuron, double time_ms);

/// A step is half of the linear flow, the flow of the exponential alone, and the other half of the
/// linear one (Strang 1968, doi:10.1137/0705041): of second order, each part exact, so that the
/// exponential needs no small steps. Where it would reach infinity within the step, V is far above
/// any peak.
struct AdexKernel {
    using Model = AdexExp;
    static constexpr std::uint32_t receptors = 2;
    template <class V>
    struct State {
        V U, w, I_ex, I_in;
    };
    template <class V>
    struct Coefficients {
        LinearHalfStep<V> half;
        V onset, sharpness, width, rate;  ///< V_T - E_L, 1 / Delta_T, Delta_T, h / tau_m
        V a, decay, b;                    ///< of w where V is held
        V peak, reset, rest, refractory;
    };
    static Coefficients<double> coefficients(const AdexExp& neuron, double h) {
        return {linear_half_step(neuron, 0.5 * h),
                neuron.V_T - neuron.E_L,
                1.0 / neuron.Delta_T,
                neuron.Delta_T,
                h * neuron.g_L / neuron.C,
                neuron.a,
                std::exp(-h / neuron.tau_w),
                neuron.b,
                neuron.V_peak - neuron.E_L,
                neuron.V_reset - neuron.E_L,
                neuron.E_L,
                refractory_steps(neuron.t_ref, h)};
    }
    static State<double> initial(double potential, const Coefficients<double>& c) {
        return {potential - c.rest, 0.0, 0.0, 0.0};
    }
    static double potential(const State<double>& x, const Coefficients<double>& c) {
        return c.rest + x.U;
    }
    template <class V>
    static void half_step(State<V>& x, const LinearHalfStep<V>& p, V current) {
        const V U =
            p.UU * x.U + p.Uw * x.w + p.U_ex * x.I_ex + p.U_in * x.I_in + p.U_current * current;
        x.w = p.wU * x.U + p.ww * x.w + p.w_ex * x.I_ex + p.w_in * x.I_in + p.w_current * current;
        x.U = U;
        x.I_ex = x.I_ex * p.excitatory;
        x.I_in = x.I_in * p.inhibitory;
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        constexpr double least = 1e-300;
        const V held_U = x.U, held_w = c.a * x.U + (x.w - c.a * x.U) * c.decay;
        half_step(x, c.half, in.current);
        const V used = c.rate * exponential<V>((x.U - c.onset) * c.sharpness);
        x.U = x.U - c.width * logarithm<V>(larger<V>(1.0 - used, broadcast<V>(least)));
        const MaskOf<V> reached = x.U >= c.peak;
        x.U = smaller<V>(x.U, c.peak);  // nothing follows V beyond
        half_step(x, c.half, in.current);
        x.U = select<V>(in.held, held_U, x.U);
        x.w = select<V>(in.held, held_w, x.w);
        x.I_ex = x.I_ex + in.first;
        x.I_in = x.I_in + in.second;
        return reached | (x.U >= c.peak);
    }
    static void fire(State<double>& x, const Coefficients<double>& c) {
        x.U = c.reset;
        x.w += c.b;
    }
    static void hold(State<double>&, const Coefficients<double>&) {}
};

/// Without adaptation.
struct EifKernel : AdexKernel {
    using Model = EifExp;
    static Coefficients<double> coefficients(const EifExp& neuron, double h) {
        AdexExp with;
        static_cast<EifExp&>(with) = neuron;
        with.a = with.b = 0.0;
        return AdexKernel::coefficients(with, h);
    }
};

}  // namespace cortifold
