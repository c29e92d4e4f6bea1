#pragma once

#include "sections.hpp"
#include "verdict.hpp"

namespace cortifold {

/// Whether a master stability function is one of Lyapunov exponents along an orbit.
[[nodiscard]] bool is_along_orbit(const StepRecord& step);
void add_orbit_stability(const StoredRun& run, const StepRecord& step, Section& section);
void orbit_stability_verdict(const StoredRun& run, const StepRecord& step,
                             std::vector<Sentence>& sentences);

}  // namespace cortifold
