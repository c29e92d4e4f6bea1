#pragma once

#include <cortifold/core/quantity.hpp>

#include <string_view>

namespace cortifold {

/// Quadratic integrate-and-fire neuron, V without unit (Montbrio, Pazo & Roxin 2015,
/// doi:10.1103/PhysRevX.5.021028):
///   tau dV/dt = V^2 + eta + I;
/// where V reaches infinity the neuron sends a spike, and V goes on from minus infinity. A spike
/// that arrives moves V by its weight. With V = tan(theta / 2) it is the theta neuron of Ermentrout
/// & Kopell 1986 (doi:10.1137/0146017): tau dtheta/dt = 1 - cos theta + (1 + cos theta)(eta + I).
/// Infinitely many of them, with a Lorentzian eta, follow the model montbrio_pazo_roxin.
struct QifDelta {
    static constexpr std::string_view name = "qif_delta";
    static constexpr std::string_view weight_unit = "1";
    double tau, eta;

    constexpr QifDelta() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.tau, {"tau", "ms", 10.0, 1e-3, 1e3, "time constant of the membrane"});
        field(p.eta, {"eta", "1", 1.0, -1e12, 1e12, "excitability"});
    }
};

/// The same neuron with currents that decay exponentially, tau_ex dI_ex/dt = -I_ex, I_in alike: a
/// spike that arrives adds tau / tau_ex times its weight to I_ex where that is positive, else to
/// I_in. In the course of time it drives V by its weight, as a spike does at once in QifDelta.
/// Two populations of them follow the model ng_ping.
struct QifExp {
    static constexpr std::string_view name = "qif_exp";
    static constexpr std::string_view weight_unit = "1";
    double tau, tau_ex, tau_in, eta;

    constexpr QifExp() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        QifDelta membrane;
        QifDelta::parameters(membrane, [&](double& value, const Quantity& q) {
            field(&value == &membrane.tau ? p.tau : p.eta, q);
        });
        field(p.tau_ex, {"tau_ex", "ms", 1.0, 0.01, 1e3, "decay of excitatory currents"});
        field(p.tau_in, {"tau_in", "ms", 5.0, 0.01, 1e3, "decay of inhibitory currents"});
    }
};

}  // namespace cortifold
