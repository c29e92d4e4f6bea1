#pragma once

#include "sections.hpp"

namespace cortifold {

/// Of a step `continue` or `diagram`: its special points, its branches, what leads to what, and
/// their figures.
void add_branches(const StoredRun& run, const StepRecord& step, Section& section);

}  // namespace cortifold
