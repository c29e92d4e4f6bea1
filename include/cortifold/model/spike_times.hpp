#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace cortifold {

/// Of a neuron of the population, counted from 0.
struct TimedSpike {
    std::uint32_t neuron = 0;
    double time_ms = 0.0;
};

/// Sends the spikes of a list, in any order, each at the step that ends nearest to its time;
/// nothing reaches it.
struct SpikeTimes {
    static constexpr std::string_view name = "spike_times";
    static constexpr std::string_view weight_unit = "1";
    std::shared_ptr<const std::vector<TimedSpike>> spikes{};

    static constexpr void parameters(auto&, auto&&) {}
};

}  // namespace cortifold
