#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

#include <cstdint>
#include <string>

namespace cortifold {

/// How deep an envelope is modulated: the root of 2 times its standard deviation over its mean. Of
/// A (1 + m cos Omega t) that is m. The envelope must be positive somewhere.
[[nodiscard]] double modulation_depth(ConstVectorRef envelope);

struct PhaseAmplitudeOptions {
    int bins = 18;                       ///< of the phase, 20 degrees each
    int surrogates = 200;                ///< circular shifts of the amplitude against the phase
    double shortest_shift = 0.1;         ///< in parts of the series, and as far from a whole turn
    std::uint64_t seed = 0, entity = 0;  ///< of the shifts: of the run, and as of a region
    /// Throws UsageError naming the field.
    void validate() const;
};

/// A measure against those of the surrogates.
struct AgainstSurrogates {
    double value = 0.0;
    double z = 0.0;  ///< how many standard deviations of the surrogates above their mean
    double p = 1.0;  ///< (1 + those that reach it) / (1 + all): Phipson & Smyth 2010
};

struct PhaseAmplitudeCoupling {
    Status status = Status::no_theory;
    std::string message;
    /// Mean amplitudes in the bins, from -pi on, scaled to the sum 1.
    Vector amplitude_by_phase;
    /// Kullback-Leibler distance of these from even ones over log bins: 0 none, 1 all in one bin
    /// (Tort, Komorowski, Eichenbaum & Kopell 2010, equation 9).
    AgainstSurrogates modulation_index;
    /// |mean of amplitude times exp(i phase)|, in the amplitude's unit (Canolty et al. 2006).
    AgainstSurrogates mean_vector_length;
    double preferred_phase = 0.0;  ///< where the amplitude is largest: the argument of that mean
    /// |mean of exp(i (phase(t + lag) - phase(t)))|, averaged over ten lags from `shortest_shift`
    /// to half the series: near 1 where the phase is so regular that shifts leave a coupling as it
    /// was, and z and p say nothing.
    double regularity = 0.0;
};

/// Coupling of an amplitude to a phase (in radians) at the same times. `no_theory` where the
/// amplitude is zero or a bin of the phase is never visited.
[[nodiscard]] PhaseAmplitudeCoupling phase_amplitude_coupling(
    ConstVectorRef phase, ConstVectorRef amplitude, const PhaseAmplitudeOptions& options = {});

/// How many of these probabilities are so small that among those called significant no more than
/// this share is expected to be so by chance (Benjamini & Hochberg 1995).
[[nodiscard]] int count_discoveries(ConstVectorRef p, double false_share);

}  // namespace cortifold
