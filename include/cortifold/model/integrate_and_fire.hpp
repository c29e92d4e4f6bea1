#pragma once

#include <cortifold/core/quantity.hpp>

#include <string_view>

namespace cortifold {

/// Leaky integrate-and-fire neuron with currents that decay exponentially (Rotter & Diesmann 1999,
/// doi:10.1007/s004220050570):
///   C dV/dt = -C (V - E_L) / tau_m + I_ex + I_in + I,   dI_ex/dt = -I_ex / tau_ex,   I_in alike;
/// where V reaches V_th the neuron sends a spike and V stays at V_reset for t_ref. A spike that
/// arrives adds its weight [pA] to I_ex where that is positive, else to I_in.
struct LifExp {
    static constexpr std::string_view name = "lif_exp";
    static constexpr std::string_view weight_unit = "pA";
    double C, tau_m, tau_ex, tau_in, t_ref, E_L, V_th, V_reset;

    constexpr LifExp() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.C, {"C", "pF", 250.0, 1.0, 1e5, "capacitance of the membrane"});
        field(p.tau_m, {"tau_m", "ms", 10.0, 0.1, 1e3, "time constant of the membrane"});
        field(p.tau_ex, {"tau_ex", "ms", 0.5, 0.01, 1e3, "decay of excitatory currents"});
        field(p.tau_in, {"tau_in", "ms", 0.5, 0.01, 1e3, "decay of inhibitory currents"});
        field(p.t_ref, {"t_ref", "ms", 2.0, 0.0, 1e3, "absolute refractory time"});
        field(p.E_L, {"E_L", "mV", -65.0, -200.0, 100.0, "potential at rest"});
        field(p.V_th, {"V_th", "mV", -50.0, -200.0, 100.0, "threshold"});
        field(p.V_reset, {"V_reset", "mV", -65.0, -200.0, 100.0, "potential after a spike"});
    }
};

/// The same neuron where a spike that arrives moves V itself by its weight [mV]; while V is held at
/// V_reset arriving spikes are lost (Brunel 2000, doi:10.1023/A:1008925309027).
struct LifDelta {
    static constexpr std::string_view name = "lif_delta";
    static constexpr std::string_view weight_unit = "mV";
    double C, tau_m, t_ref, E_L, V_th, V_reset;

    constexpr LifDelta() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.C, {"C", "pF", 250.0, 1.0, 1e5, "capacitance of the membrane"});
        field(p.tau_m, {"tau_m", "ms", 20.0, 0.1, 1e3, "time constant of the membrane"});
        field(p.t_ref, {"t_ref", "ms", 2.0, 0.0, 1e3, "absolute refractory time"});
        field(p.E_L, {"E_L", "mV", 0.0, -200.0, 100.0, "potential at rest"});
        field(p.V_th, {"V_th", "mV", 20.0, -200.0, 100.0, "threshold"});
        field(p.V_reset, {"V_reset", "mV", 10.0, -200.0, 100.0, "potential after a spike"});
    }
};

/// LifExp with currents that rise and decay as an alpha function: t after its arrival a spike makes
/// the current weight (t / tau) exp(1 - t / tau), tau that of its sign, whose peak is the weight.
struct LifAlpha : LifExp {
    static constexpr std::string_view name = "lif_alpha";
};

/// Leaky integrate-and-fire neuron with conductances that decay exponentially:
///   C dV/dt = -g_L (V - E_L) - g_ex (V - E_ex) - g_in (V - E_in) + I,   dg_ex/dt = -g_ex / tau_ex,
/// g_in alike. A spike that arrives adds the absolute value of its weight [nS] to g_ex where the
/// weight is positive, else to g_in.
struct LifConductance {
    static constexpr std::string_view name = "lif_conductance";
    static constexpr std::string_view weight_unit = "nS";
    double C, g_L, E_L, E_ex, E_in, tau_ex, tau_in, t_ref, V_th, V_reset;

    constexpr LifConductance() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.C, {"C", "pF", 200.0, 1.0, 1e5, "capacitance of the membrane"});
        field(p.g_L, {"g_L", "nS", 10.0, 1e-3, 1e4, "conductance of the leak"});
        field(p.E_L, {"E_L", "mV", -60.0, -200.0, 100.0, "reversal potential of the leak"});
        field(p.E_ex, {"E_ex", "mV", 0.0, -200.0, 200.0, "excitatory reversal potential"});
        field(p.E_in, {"E_in", "mV", -80.0, -200.0, 200.0, "inhibitory reversal potential"});
        field(p.tau_ex, {"tau_ex", "ms", 5.0, 0.01, 1e3, "decay of the excitatory conductance"});
        field(p.tau_in, {"tau_in", "ms", 10.0, 0.01, 1e3, "decay of the inhibitory conductance"});
        field(p.t_ref, {"t_ref", "ms", 5.0, 0.0, 1e3, "absolute refractory time"});
        field(p.V_th, {"V_th", "mV", -50.0, -200.0, 100.0, "threshold"});
        field(p.V_reset, {"V_reset", "mV", -60.0, -200.0, 100.0, "potential after a spike"});
    }
};

}  // namespace cortifold
