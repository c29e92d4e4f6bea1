#pragma once

#include <cortifold/io/population_reader.hpp>
#include <cortifold/io/study.hpp>

namespace cortifold {

/// The tables of such a network with the `parameters` of a step. Throws ConfigError.
[[nodiscard]] Record step_population_tables(ConfigReader& options, const Study& study);

/// The spiking network of a study, with the `parameters` of a step in place of its own. Throws
/// ConfigError.
[[nodiscard]] PopulationStudy read_study_populations(ConfigReader& options, const Study& study);

}  // namespace cortifold
