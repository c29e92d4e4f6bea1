#pragma once

#include "kernel_input.hpp"
#include <cortifold/model/spike_times.hpp>

namespace cortifold {

/// Its spikes are known beforehand; the slice sends them.
struct SpikeTimesKernel {
    using Model = SpikeTimes;
    static constexpr std::uint32_t receptors = 1;
    template <class V>
    struct State {
        V potential;  ///< of no meaning
    };
    template <class V>
    struct Coefficients {
        V refractory;
    };
    static Coefficients<double> coefficients(const SpikeTimes&, double) { return {0.0}; }
    static State<double> initial(double potential, const Coefficients<double>&) {
        return {potential};
    }
    static double potential(const State<double>& x, const Coefficients<double>&) {
        return x.potential;
    }
    template <class V>
    static MaskOf<V> step(State<V>&, const Coefficients<V>& c, const KernelInput<V>&) {
        return c.refractory > 0.0;  // never
    }
    static void fire(State<double>&, const Coefficients<double>&) {}
    static void hold(State<double>&, const Coefficients<double>&) {}
};

}  // namespace cortifold
