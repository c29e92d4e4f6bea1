#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Of a step `meanfield`: self-consistent states, their roots and their spectra.
void add_meanfield(const StoredRun& run, const StepRecord& step, Section& section);
/// How many states there are, and whether they are stable.
void meanfield_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
