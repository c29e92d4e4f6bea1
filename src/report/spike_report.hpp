#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Of a step `spike`: what its populations did, their spikes, and their rates.
void add_spikes(const StoredRun& run, const StepRecord& step, Section& section);

/// Between which rates the populations fire, how irregularly, and which of them are silent.
void spike_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
