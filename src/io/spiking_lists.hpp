#pragma once

#include <cortifold/model/population_network.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace cortifold {

/// What a list has no column of, and its projection says.
struct ListedDefaults {
    std::optional<double> weight{}, delay_ms{};
    std::string_view weight_unit = "1";  ///< of listed weights
};

/// A CSV table with the columns source, target, weight and delay, in any order, their units
/// in brackets behind the names or none: a synapse each row, neurons by their numbers in their
/// populations, counted from 0, delays in ms. Throws ConfigError with file and line.
[[nodiscard]] std::shared_ptr<const std::vector<ListedSynapse>> read_synapses(
    const std::filesystem::path& file, const ListedDefaults& defaults);

/// Likewise with the columns t, in ms, and neuron.
[[nodiscard]] std::shared_ptr<const std::vector<TimedSpike>> read_spike_trains(
    const std::filesystem::path& file);

}  // namespace cortifold
