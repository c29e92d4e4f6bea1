#pragma once

#include <cortifold/core/matrix.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace cortifold {

/// Time courses; each is 0 before it begins.
struct StepWave {
    double at = 0.0, height = 0.0;
};
/// Pulse k covers [at + k period, at + k period + width), k = 0, 1, ..., pulses - 1.
struct PulseTrain {
    double at = 0.0, period = 0.0, width = 0.0, height = 0.0;
    long pulses = 1;  ///< of more than one, the width is below the period
};
struct Ramp {  ///< linear between its ends, then constant
    double begin = 0.0, end = 0.0, height = 0.0;
};
struct Sinusoid {  ///< amplitude sin(2 pi frequency t + phase), at all times
    double amplitude = 0.0, frequency = 0.0, phase = 0.0;
};
struct SampledWave {  ///< linear between its points, constant beyond them; times ascend
    Vector times, values;
};
/// intensity dW/dt, constant over a step. Only for parameters that the field is affine in.
struct WhiteNoise {
    double intensity = 0.0;
};
/// Stationary, with this mean, standard deviation and correlation time; updated without error of
/// discretization. Starts in its stationary distribution, and is linear within a step.
struct OrnsteinUhlenbeck {
    double mean = 0.0, sd = 0.0, tau = 1.0;
};
using Wave =
    std::variant<StepWave, PulseTrain, Ramp, Sinusoid, SampledWave, WhiteNoise, OrnsteinUhlenbeck>;

/// What is added to a parameter of a field as time goes on. Those of one parameter add up.
struct Drive {
    std::size_t parameter = 0;
    Wave wave;
};

/// Throws UsageError naming what is out of bounds.
void validate(const Wave& wave);
[[nodiscard]] bool is_random(const Wave& wave);
/// Of a wave that is not random, continuous from the right.
[[nodiscard]] double wave_value(const Wave& wave, double t);
/// The first time after t where value or slope jumps; infinity: none.
[[nodiscard]] double next_break(const Wave& wave, double t);

/// Brownian paths are functions of (seed, member, noise, step number), never of threads. The noises
/// are those of the field, then the random drives, in their order: at most 2^16. With `refinement`
/// k each step sums k finer increments: a step k times as long sees the same path.
struct NoiseOptions {
    std::uint64_t seed = 0;
    std::uint32_t member = 0;  ///< of an ensemble
    int refinement = 1;
};

}  // namespace cortifold
