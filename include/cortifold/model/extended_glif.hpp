#pragma once

#include <cortifold/core/quantity.hpp>

#include <string_view>

namespace cortifold {

/// Extended generalized leaky integrate-and-fire neuron (Geminiani et al. 2018,
/// doi:10.3389/fninf.2018.00088), the sign of whose leak is that of the paper: what pulls V back is
/// I_adap.
///   C dV/dt = g_L (V - E_L) - I_adap + I_dep + I_e + I + g_ex (E_ex - V) + g_in (E_in - V)
///             + g_third (E_third - V),
///   dI_adap/dt = k_adap (V - E_L) - k2 I_adap,   dI_dep/dt = -k1 I_dep;
/// where V reaches V_th + 5 delta_V the neuron sends a spike, I_adap gets A2, I_dep becomes A1, and
/// V stays at V_reset for t_ref. V does not fall below V_low. t after its arrival a spike makes the
/// conductance |weight| (t / tau) exp(1 - t / tau), excitatory where its weight is positive; a
/// projection may name the third one instead, as Golgi cells have for granule cells.
struct ExtendedGlif {
    static constexpr std::string_view name = "eglif";
    static constexpr std::string_view weight_unit = "nS";
    double C, g_L, E_L, V_th, delta_V, V_reset, V_low, t_ref, k_adap, k1, k2, A1, A2, I_e, E_ex,
        E_in, E_third, tau_ex, tau_in, tau_third;

    constexpr ExtendedGlif() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.C, {"C", "pF", 145.0, 0.1, 1e5, "capacitance of the membrane"});
        field(p.g_L, {"g_L", "nS", 3.2955, 0.0, 1e4, "conductance of the leak"});
        field(p.E_L, {"E_L", "mV", -62.0, -200.0, 100.0, "potential at rest"});
        field(p.V_th, {"V_th", "mV", -55.0, -200.0, 100.0, "threshold"});
        field(p.delta_V, {"delta_V", "mV", 0.4, 0.0, 20.0, "width of the threshold"});
        field(p.V_reset, {"V_reset", "mV", -75.0, -200.0, 100.0, "potential after a spike"});
        field(p.V_low, {"V_low", "mV", -79.0, -1e6, 100.0, "least potential"});
        field(p.t_ref, {"t_ref", "ms", 2.0, 0.0, 1e3, "absolute refractory time"});
        field(p.k_adap, {"k_adap", "nS/ms", 0.217, 0.0, 1e3, "adaptation by the potential"});
        field(p.k1, {"k1", "1/ms", 0.031, 1e-6, 1e2, "decay of the depolarizing current"});
        field(p.k2, {"k2", "1/ms", 0.023, 1e-6, 1e2, "decay of the adaptation current"});
        field(p.A1, {"A1", "pA", 259.988, -1e5, 1e5, "depolarizing current after a spike"});
        field(p.A2, {"A2", "pA", 178.01, -1e5, 1e5, "adaptation current by a spike"});
        field(p.I_e, {"I_e", "pA", 16.214, -1e5, 1e5, "intrinsic current"});
        field(p.E_ex, {"E_ex", "mV", 0.0, -200.0, 200.0, "excitatory reversal potential"});
        field(p.E_in, {"E_in", "mV", -80.0, -200.0, 200.0, "inhibitory reversal potential"});
        field(p.E_third, {"E_third", "mV", 0.0, -200.0, 200.0, "third reversal potential"});
        field(p.tau_ex, {"tau_ex", "ms", 5.0, 0.01, 1e3, "peak of the excitatory conductance"});
        field(p.tau_in, {"tau_in", "ms", 5.0, 0.01, 1e3, "peak of the inhibitory conductance"});
        field(p.tau_third, {"tau_third", "ms", 1.25, 0.01, 1e3, "peak of the third conductance"});
    }
};

}  // namespace cortifold
