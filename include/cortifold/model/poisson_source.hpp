#pragma once

#include <cortifold/core/quantity.hpp>

#include <string_view>

namespace cortifold {

/// Sends spikes at random from start_ms to stop_ms, in each step independently with probability
/// rate_hz times the step; nothing reaches it.
struct PoissonSource {
    static constexpr std::string_view name = "poisson";
    static constexpr std::string_view weight_unit = "1";
    double rate_hz, start_ms, stop_ms;

    constexpr PoissonSource() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.rate_hz, {"rate_hz", "Hz", 10.0, 0.0, 1e6, "spikes in a second, mean"});
        field(p.start_ms, {"start_ms", "ms", 0.0, 0.0, 1e12, "before it sends none"});
        field(p.stop_ms, {"stop_ms", "ms", 1e12, 0.0, 1e12, "after it sends none"});
    }
};

}  // namespace cortifold
