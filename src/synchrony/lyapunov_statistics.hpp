#pragma once

#include <cortifold/synchrony/lyapunov.hpp>

#include <vector>

namespace cortifold {

/// Vectors are aligned in the end of the transient, this part of it.
constexpr double part_to_align = 0.5;

/// A vector of exponent 0 may have grown or shrunk by the exponential of this in the whole run.
constexpr double growth_of_zero = 5.0;

/// What the vectors grew by in a part of a run.
struct GrowthRecord {
    double duration = 0.0;
    Vector growth{};  ///< sum of log |r_jj|, of each vector
};

/// How long the parts between two times are to be: those of some hundred, or what times there
/// resolve.
[[nodiscard]] double part_length(double from, double until);

/// Growth over duration of all parts from `first` to before `last`.
[[nodiscard]] Vector mean_rates(const std::vector<GrowthRecord>& parts, std::size_t first,
                                std::size_t last);

/// Of these means: as at `lyapunov_spectrum`. Empty where there are too few parts.
[[nodiscard]] Vector bootstrap_errors(const std::vector<GrowthRecord>& parts);

/// How far from zero an exponent may be told from it.
[[nodiscard]] double doubt_of_zero(double standard_error, double resolution);

/// The exponents in decreasing order with their errors, and the resolution, of a known duration.
void fill_exponents(LyapunovResult& result, const std::vector<GrowthRecord>& parts);

/// In another run as long as `run`, which has an end, no state would change by much.
[[nodiscard]] bool is_at_rest(const VectorField& field, const Vector& parameters,
                              const LyapunovResult& run);

/// How the run ended, at the time t.
[[nodiscard]] std::string run_message(const LyapunovResult& run, double t);

/// Beside the exponents what it takes to tell the attractor.
struct AttractorFacts {
    Eigen::Index dimension = 0;
    bool reads_time = false;  ///< the time is one more exponent, 0
    bool is_at_rest = false;  ///< at the end
};
/// Fills in the dimension, the attractor and its evidence.
void tell_attractor(LyapunovResult& result, const AttractorFacts& facts);

}  // namespace cortifold
