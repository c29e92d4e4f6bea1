#pragma once

#include <cortifold/io/population_reader.hpp>
#include <cortifold/io/study.hpp>

#include <string_view>

namespace cortifold {

/// Whether a name is that of a quantity of populations, of projections or of [spiking].
[[nodiscard]] bool is_spiking_quantity(std::string_view name);

/// Puts numbers that stand in tables within one another under the keys that the paths to them make.
/// Throws ConfigError for what is no quantity of a spiking network.
void set_quantities(const Record& values, Record& tables);

/// The spiking network of a study, with the `parameters` of a step in place of its own. Throws
/// ConfigError.
[[nodiscard]] PopulationStudy read_study_populations(ConfigReader& options, const Study& study);

}  // namespace cortifold
