#pragma once

#include <cortifold/core/matrix.hpp>

#include <optional>

namespace cortifold {

/// How a signal oscillates, cycle by cycle; standard errors by the jackknife that leaves out one
/// block of cycles after the other.
struct Rhythm {
    double frequency = 0.0, frequency_error = 0.0;  ///< cycles over the time they take
    double amplitude = 0.0, amplitude_error = 0.0;  ///< half of top minus bottom of the mean cycle
    int cycles = 0;
};

struct RhythmOptions {
    int blocks = 8;    ///< of equally many cycles
    int phases = 256;  ///< of a cycle, at which cycles are averaged
    /// A cycle begins where the signal rises through its mean and this part of its standard
    /// deviation, having been below the mean by this part of the way to the lowest tenth: noise
    /// makes no cycles, and bursts may be short.
    double hysteresis = 0.7;
    void validate() const;  ///< throws UsageError naming the field
};

/// Of equidistant samples; each cycle is stretched to the same length before they are averaged.
/// None where there are fewer cycles than blocks.
[[nodiscard]] std::optional<Rhythm> find_rhythm(ConstVectorRef samples, double interval,
                                                const RhythmOptions& options = {});

}  // namespace cortifold
