#pragma once

#include <cortifold/continuation/continuation.hpp>
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/io/config.hpp>

namespace cortifold {

/// How cycles are followed: the key `cycle`.
struct CycleSetting {
    CycleOptions options;
    std::optional<double> max_period;  ///< none: that of `period_bound`
};
[[nodiscard]] CycleSetting read_cycle_setting(ConfigReader& options);

/// How long cycles may get that start with a period.
[[nodiscard]] ContinuationOptions::Bound period_bound(const CycleSetting& setting, double first);

}  // namespace cortifold
