#pragma once

#include <cortifold/core/rng.hpp>
#include <cortifold/signal/time_series.hpp>

#include <cmath>
#include <numbers>

namespace cortifold::test {

/// Standard normal, independent of one another.
inline Vector white_noise(Eigen::Index samples, std::uint64_t entity) {
    const CounterRng rng({.seed = 1, .purpose = StreamPurpose::noise, .entity = entity});
    Vector noise(samples);
    for (Eigen::Index k = 0; k < samples; ++k) noise[k] = rng.normal(static_cast<std::uint64_t>(k));
    return noise;
}

/// amplitude cos(2 pi frequency t + phase) at t = 0, step, ...
inline Vector sinusoid(Eigen::Index samples, double step, double frequency, double phase = 0.0) {
    const Vector t = step * Vector::LinSpaced(samples, 0.0, static_cast<double>(samples - 1));
    return (2.0 * std::numbers::pi * frequency * t.array() + phase).cos();
}

}  // namespace cortifold::test
