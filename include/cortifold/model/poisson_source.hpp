#pragma once

#include <cortifold/core/quantity.hpp>

#include <string_view>

namespace cortifold {

/// Sends spikes at random, in each step independently with probability rate_hz times the step;
/// nothing reaches it.
struct PoissonSource {
    static constexpr std::string_view name = "poisson";
    static constexpr std::string_view weight_unit = "1";
    double rate_hz;

    constexpr PoissonSource() {
        parameters(*this, [](double& value, const Quantity& q) { value = q.value; });
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.rate_hz, {"rate_hz", "Hz", 10.0, 0.0, 1e6, "spikes in a second, mean"});
    }
};

}  // namespace cortifold
