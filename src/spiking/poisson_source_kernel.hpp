#pragma once

#include "kernel_input.hpp"
#include <cortifold/model/poisson_source.hpp>

namespace cortifold {

/// What reaches it are random words of 32 bits, as signed numbers; those below a limit are spikes.
/// In place of a current comes the time in the middle of the step.
struct PoissonSourceKernel {
    using Model = PoissonSource;
    static constexpr std::uint32_t receptors = 1;
    template <class V>
    struct State {
        V potential;  ///< of no meaning
    };
    template <class V>
    struct Coefficients {
        V limit, start, stop, refractory;
    };
    static Coefficients<double> coefficients(const PoissonSource& source, double step_ms) {
        return {source.rate_hz * step_ms * 1e-3 * 0x1p32 - 0x1p31, source.start_ms, source.stop_ms,
                0.0};
    }
    static State<double> initial(double potential, const Coefficients<double>&) {
        return {potential};
    }
    static double potential(const State<double>& x, const Coefficients<double>&) {
        return x.potential;
    }
    template <class V>
    static MaskOf<V> step(State<V>&, const Coefficients<V>& c, const KernelInput<V>& in) {
        return (in.first < c.limit) & (in.current > c.start) & (in.current < c.stop);
    }
    static void fire(State<double>&, const Coefficients<double>&) {}
    static void hold(State<double>&, const Coefficients<double>&) {}
};

}  // namespace cortifold
