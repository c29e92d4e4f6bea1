#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// What a master stability function has besides a dispersion relation: where it is zero, ranges of
/// the coupling strength, and the complex plane.
void add_stability_ranges(const StoredRun& run, const StepRecord& step, Section& section);
/// The complex plane, where it was asked for.
void add_region_figure(const StoredRun& run, const StepRecord& step, Section& section);
void stability_range_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
