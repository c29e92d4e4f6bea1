#pragma once

#include "stored_run.hpp"
#include "wording.hpp"
#include <cortifold/report/figure.hpp>

// The figures of a step `signal`. Each throws ConfigError where a table or a column is missing.
namespace cortifold {

/// Densities on logarithmic axes: mean over regions, and of the mean over regions.
[[nodiscard]] Figure psd_figure(const StoredRun& run, const StepRecord& step, const TimeUnit& unit);
/// The same of the envelopes.
[[nodiscard]] Figure am_figure(const StoredRun& run, const StepRecord& step, const TimeUnit& unit);
/// Amplitude over phase, and the modulation index of every region.
[[nodiscard]] Figure pac_figure(const StoredRun& run, const StepRecord& step);
/// Maxima of the first region over time, and each over the one before it.
[[nodiscard]] Figure maxima_figure(const StoredRun& run, const StepRecord& step);
[[nodiscard]] Figure kuramoto_figure(const StoredRun& run, const StepRecord& step);
/// The matrix, and each pair over its weight.
[[nodiscard]] Figure fc_figure(const StoredRun& run, const StepRecord& step, long regions);
/// Shares of the content over the eigenvalues.
[[nodiscard]] Figure mode_content_figure(const StoredRun& run, const StepRecord& step);

}  // namespace cortifold
