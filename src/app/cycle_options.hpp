#pragma once

#include "system.hpp"
#include <cortifold/continuation/continuation.hpp>
#include <cortifold/continuation/cycle.hpp>

namespace cortifold {

/// How cycles are followed: the key `cycle`.
struct CycleSetting {
    CycleOptions options;
    std::optional<double> max_period;  ///< none: that of `period_bound`
};
/// Of a system that depends on time it has to name the period of what drives it. Throws
/// ConfigError.
[[nodiscard]] CycleSetting read_cycle_setting(ConfigReader& options, const Study& study,
                                              const System& system);

/// How long cycles of a start may get.
[[nodiscard]] ContinuationOptions::Bound period_bound(const CycleSetting& setting,
                                                      const CurveStart& start);

}  // namespace cortifold
