#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Of a step `spatial`: dispersion relation, and curves of onsets in two quantities.
void add_spatial(const StoredRun& run, const StepRecord& step, Section& section);
/// Which mode leads, and whether it grows.
void spatial_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
