#pragma once

#include "stored_run.hpp"
#include <cortifold/report/figure.hpp>

// What cycles of the steps `continue` and `diagram` look like. The figures throw ConfigError where
// a table or one of its columns is missing.
namespace cortifold {

/// Some cycles of each branch over their periods, and in the plane of their first two states.
[[nodiscard]] Figure orbits_figure(const StoredRun& run, const StepRecord& step);

/// The two leading multipliers of every cycle, without the one of its phase, beside the unit
/// circle.
[[nodiscard]] Figure multipliers_figure(const StoredRun& run, const StepRecord& step);

}  // namespace cortifold
