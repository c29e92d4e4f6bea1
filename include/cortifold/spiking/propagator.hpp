#pragma once

#include <cortifold/model/integrate_and_fire.hpp>

namespace cortifold {

/// One step of a LIF neuron below threshold, exact for input that is constant over the step
/// (Rotter & Diesmann 1999). With U = V - E_L:
///   U  <- membrane U + from_excitatory I_ex + from_inhibitory I_in + from_current I
///   I_ex <- excitatory I_ex,   I_in <- inhibitory I_in.
struct LifPropagator {
    double membrane = 0.0;                      ///< exp(-h / tau_m)
    double from_current = 0.0;                  ///< [mV/pA]
    double excitatory = 0.0, inhibitory = 0.0;  ///< exp(-h / tau_s)
    /// [mV/pA]: (1/C) of the integral of exp(-(h - s) / tau_m) exp(-s / tau_s) over the step,
    /// accurate also where tau_s is near or equal to tau_m.
    double from_excitatory = 0.0, from_inhibitory = 0.0;
};

[[nodiscard]] LifPropagator propagator(const LifExp& neuron, double step_ms);
/// Without currents: their entries are 0.
[[nodiscard]] LifPropagator propagator(const LifDelta& neuron, double step_ms);

/// One step of an alpha current I and its slope's part J, which decays with it, dI/dt = -I / tau_s
/// + J: I <- decay (I + h J), J <- decay J; U gets from_current I + from_slope J besides.
struct AlphaPropagator {
    double decay = 0.0;
    double from_current = 0.0;  ///< [mV/pA], as from_excitatory is for an exponential current
    double from_slope = 0.0;    ///< [mV ms/pA], accurate also where tau_s is near tau_m
};
[[nodiscard]] AlphaPropagator alpha_propagator(const LifAlpha& neuron, double tau_s,
                                               double step_ms);

}  // namespace cortifold
