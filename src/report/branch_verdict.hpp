#pragma once

#include "verdict.hpp"

namespace cortifold {

/// Whether a step is a `continue` or a `diagram`.
[[nodiscard]] bool follows_branches(const StepRecord& step);

/// What a step `continue` or `diagram` found: points it could not resolve first. Its name
/// stands in front where the run has several such steps.
void branch_verdict(const StoredRun& run, const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
