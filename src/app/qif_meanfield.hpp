#pragma once

#include "step.hpp"
#include <cortifold/io/population_reader.hpp>

namespace cortifold {

/// The step `meanfield` of a network of quadratic integrate-and-fire neurons, which has an exact
/// mean field. Throws ConfigError, and UsageError where there is none.
[[nodiscard]] std::unique_ptr<Step> read_qif_meanfield(ConfigReader& options,
                                                       const PopulationStudy& study);

}  // namespace cortifold
