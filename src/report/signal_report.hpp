#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Of a step `signal`: what each of its quantities found, with its figure.
void add_signal(const StoredRun& run, const StepRecord& step, Section& section);

/// A sentence a quantity.
void signal_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
