#pragma once

#include "stored_run.hpp"
#include <cortifold/report/figure.hpp>

namespace cortifold {

/// The points of a step's `patterns.csv` at which the first state differs most between regions, by
/// their labels in the order of the table; none where all regions are alike, or of no network.
[[nodiscard]] std::vector<std::string> uneven_patterns(const StoredRun& run,
                                                       const StepRecord& step);

/// That state region by region, in the order of the connectome, at these points.
[[nodiscard]] Figure pattern_figure(const StoredRun& run, const StepRecord& step,
                                    const std::vector<std::string>& labels);

}  // namespace cortifold
