#pragma once

#include <cortifold/core/quantity.hpp>

#include <string_view>

namespace cortifold {

/// Exponential integrate-and-fire neuron (Fourcaud-Trocme et al. 2003,
/// doi:10.1523/JNEUROSCI.23-37-11628.2003) with currents as those of LifExp:
///   C dV/dt = -g_L (V - E_L) + g_L Delta_T exp((V - V_T) / Delta_T) + I_ex + I_in + I;
/// where V reaches V_peak the neuron sends a spike and V stays at V_reset for t_ref.
struct EifExp {
    static constexpr std::string_view name = "eif_exp";
    static constexpr std::string_view weight_unit = "pA";
    double C, g_L, E_L, V_T, Delta_T, V_peak, V_reset, t_ref, tau_ex, tau_in;

    constexpr EifExp() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.C, {"C", "pF", 281.0, 1.0, 1e5, "capacitance of the membrane"});
        field(p.g_L, {"g_L", "nS", 30.0, 1e-3, 1e4, "conductance of the leak"});
        field(p.E_L, {"E_L", "mV", -70.6, -200.0, 100.0, "reversal potential of the leak"});
        field(p.V_T, {"V_T", "mV", -50.4, -200.0, 100.0, "where the exponential takes over"});
        field(p.Delta_T, {"Delta_T", "mV", 2.0, 1e-2, 50.0, "width of the exponential"});
        field(p.V_peak, {"V_peak", "mV", 20.0, -200.0, 200.0, "potential of a spike"});
        field(p.V_reset, {"V_reset", "mV", -70.6, -200.0, 100.0, "potential after a spike"});
        field(p.t_ref, {"t_ref", "ms", 0.0, 0.0, 1e3, "absolute refractory time"});
        field(p.tau_ex, {"tau_ex", "ms", 2.0, 0.01, 1e3, "decay of excitatory currents"});
        field(p.tau_in, {"tau_in", "ms", 5.0, 0.01, 1e3, "decay of inhibitory currents"});
    }
};

/// The same with adaptation (Brette & Gerstner 2005, doi:10.1152/jn.00686.2005): a current -w,
///   tau_w dw/dt = a (V - E_L) - w,
/// also while V is held; a spike of its own adds b to w.
struct AdexExp : EifExp {
    static constexpr std::string_view name = "adex_exp";
    double a, b, tau_w;

    constexpr AdexExp() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        EifExp::parameters(p, field);
        field(p.a, {"a", "nS", 4.0, -1e4, 1e4, "adaptation below threshold"});
        field(p.b, {"b", "pA", 80.5, -1e5, 1e5, "adaptation by a spike"});
        field(p.tau_w, {"tau_w", "ms", 144.0, 0.1, 1e5, "decay of adaptation"});
    }
};

}  // namespace cortifold
