#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Of a step `lyapunov`: its exponents, the evidence for the attractor, and the figure of both.
void add_lyapunov(const StoredRun& run, const StepRecord& step, Section& section);

/// The attractor, what tells it, and that an earlier step has found another one.
void lyapunov_verdict(const StoredRun& run, const StepRecord& step,
                      std::vector<Sentence>& sentences);

}  // namespace cortifold
