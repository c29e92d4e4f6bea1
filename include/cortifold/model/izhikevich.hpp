#pragma once

#include <cortifold/core/quantity.hpp>

#include <string_view>

namespace cortifold {

/// Izhikevich 2003 (doi:10.1109/TNN.2003.820440), V in mV, time in ms:
///   dV/dt = 0.04 V^2 + 5 V + 140 - u + I,   du/dt = a (b V - u);
/// where V reaches V_peak the neuron sends a spike, V becomes c and u gets d. A spike that arrives
/// moves V by its weight.
struct Izhikevich {
    static constexpr std::string_view name = "izhikevich";
    static constexpr std::string_view weight_unit = "mV";
    double a, b, c, d, V_peak;

    constexpr Izhikevich() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.a, {"a", "1/ms", 0.02, 0.0, 10.0, "rate of recovery"});
        field(p.b, {"b", "1/ms", 0.2, -10.0, 10.0, "sensitivity of recovery to V"});
        field(p.c, {"c", "mV", -65.0, -200.0, 0.0, "potential after a spike"});
        field(p.d, {"d", "mV/ms", 8.0, -1e3, 1e3, "recovery by a spike"});
        field(p.V_peak, {"V_peak", "mV", 30.0, 1.0, 1e3, "potential of a spike"});
    }
};

}  // namespace cortifold
