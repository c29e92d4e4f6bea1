#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Of a step `compare`: theory against run, in numbers, spectra, courses and over sizes.
void add_comparison(const StoredRun& run, const StepRecord& step, Section& section);
/// How many quantities agree, and which is farthest off.
void comparison_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
