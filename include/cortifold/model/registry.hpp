#pragma once

#include <cortifold/model/node.hpp>
#include <cortifold/model/population_network.hpp>
#include <cortifold/model/thalamic_pulse.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace cortifold {

/// A model that was built in: the folder models/<name>.
struct ModelEntry {
    std::string_view name;
    std::shared_ptr<const Node> (*make)();
    std::string_view presets;  ///< the text of presets.toml
    std::string_view readme;   ///< the text of README.md
};

/// All built-in models by ascending name, generated from the list in models/CMakeLists.txt.
[[nodiscard]] std::span<const ModelEntry> registered_models();

/// Throws UsageError naming the nearest known models.
[[nodiscard]] const ModelEntry& find_model(std::string_view name);

/// A network of spiking neurons that was built in: the folder models/<name>.
struct NetworkEntry {
    std::string_view name;
    /// With a pulse, one population more behind its own.
    PopulationNetwork (*make)(const std::optional<ThalamicPulse>& pulse);
    /// One each of its own populations, of a simulation of the whole network.
    std::span<const double> rates_hz;
    std::string_view readme;
};

/// All built-in networks by ascending name, generated from the list in models/CMakeLists.txt.
[[nodiscard]] std::span<const NetworkEntry> registered_networks();

}  // namespace cortifold
