#pragma once

#include "stored_run.hpp"
#include <cortifold/report/figure.hpp>

// The figures of a run. Each throws ConfigError where a table or one of its columns is missing.
namespace cortifold {

[[nodiscard]] Figure connectome_figure(const StoredRun& run);
[[nodiscard]] Figure spectrum_figure(const StoredRun& run, const StepRecord& step);
[[nodiscard]] Figure equilibria_figure(const StoredRun& run, const StepRecord& step);
/// Growth and frequency against the coupling eigenvalue.
[[nodiscard]] Figure dispersion_figure(const StoredRun& run, const StepRecord& step);
/// The first state over time: of a single node, or the mean over regions.
[[nodiscard]] Figure time_course_figure(const StoredRun& run, const StepRecord& step);
/// The spatial standard deviation over time, with the predicted slope.
[[nodiscard]] Figure deviation_figure(const StoredRun& run, const StepRecord& step);
[[nodiscard]] Figure space_time_figure(const StoredRun& run, const StepRecord& step);

}  // namespace cortifold
