#pragma once

#include "verdict.hpp"

namespace cortifold {

/// What a step `continue` or `diagram` found: points it could not resolve first.
void branch_verdict(const StoredRun& run, const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
