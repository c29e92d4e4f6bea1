#pragma once

#include <cortifold/io/study.hpp>
#include <cortifold/synchrony/lyapunov.hpp>

namespace cortifold {

/// The keys `transient` and `duration`.
struct Averaging {
    double transient = 0.0, duration = 0.0;
};
[[nodiscard]] Averaging read_averaging(ConfigReader& options);

/// How steps are taken: the keys `method`, `step`, `relative_tolerance` and `absolute_tolerance`.
[[nodiscard]] LyapunovOptions read_lyapunov_options(ConfigReader& options, const Study& study);

}  // namespace cortifold
