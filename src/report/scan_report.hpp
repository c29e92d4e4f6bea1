#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// A map of every value that was recorded, over two axes with the curves laid over it; a line over
/// one axis; of three axes a map for some values of the last.
void add_scan(const StoredRun& run, const StepRecord& step, Section& section);
void scan_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
