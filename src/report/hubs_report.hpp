#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Which regions and connections an instability rests on: tables of the largest effects, the
/// regions on the brain, and first order against exact effects.
void add_hubs(const StoredRun& run, const StepRecord& step, Section& section);
void hubs_verdict(const StoredRun& run, const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
