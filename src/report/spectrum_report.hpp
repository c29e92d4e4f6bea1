#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// What a spectrum has besides its eigenvalues: modes on the brain, the gap of a Laplacian and the
/// strengths that synchronize, heat kernels.
void add_modes_and_diffusion(const StoredRun& run, const StepRecord& step, Section& section);
void gap_verdict(const StepRecord& step, std::vector<Sentence>& sentences);

}  // namespace cortifold
