#pragma once

#include <cortifold/model/population_network.hpp>

namespace cortifold {

/// Mean of a current over the time from a to b > a, exact.
[[nodiscard]] double mean_over(const CurrentWaveform& current, double a_ms, double b_ms);

}  // namespace cortifold
