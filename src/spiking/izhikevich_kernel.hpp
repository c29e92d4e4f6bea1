#pragma once

#include "kernel_input.hpp"
#include "riccati.hpp"
#include <cortifold/model/izhikevich.hpp>

namespace cortifold {

/// A step is half a step of u at constant V, a step of V at constant u, which is a Riccati equation
/// with an exact solution, and the other half of u: of second order.
struct IzhikevichKernel {
    using Model = Izhikevich;
    static constexpr std::uint32_t receptors = 1;
    template <class V>
    struct State {
        V potential, u;
    };
    template <class V>
    struct Coefficients {
        V duration, b, half_decay, c, d, peak, refractory;
    };
    static Coefficients<double> coefficients(const Izhikevich& neuron, double h) {
        return {h, neuron.b, std::exp(-0.5 * neuron.a * h), neuron.c, neuron.d, neuron.V_peak, 0.0};
    }
    /// u starts where it would rest.
    static State<double> initial(double potential, const Coefficients<double>& c) {
        return {potential, c.b * potential};
    }
    static double potential(const State<double>& x, const Coefficients<double>&) {
        return x.potential;
    }
    template <class V>
    static MaskOf<V> step(State<V>& x, const Coefficients<V>& c, const KernelInput<V>& in) {
        constexpr double curvature = 0.04, slope = 5.0, constant = 140.0;
        constexpr double centre = 0.5 * slope;  // of the parabola, in y = curvature V + centre
        const auto recover = [&] {
            x.u = c.b * x.potential + (x.u - c.b * x.potential) * c.half_decay;
        };
        recover();
        const V y = curvature * x.potential + centre;
        const V I = curvature * (constant + in.current - x.u) - centre * centre;
        const RiccatiPassage<V> at = riccati<V>(y, I, c.duration);
        x.potential = (at.value - centre) * (1.0 / curvature);
        const MaskOf<V> sends = at.passes | (x.potential >= c.peak);
        x.potential = select<V>(sends, c.peak, x.potential);
        recover();
        x.potential = x.potential + in.first;
        return sends | (x.potential >= c.peak);
    }
    static void fire(State<double>& x, const Coefficients<double>& c) {
        x.potential = c.c;
        x.u += c.d;
    }
    static void hold(State<double>&, const Coefficients<double>&) {}
};

}  // namespace cortifold
