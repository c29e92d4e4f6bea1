#pragma once

#include <cortifold/core/rng.hpp>

#include <cstdint>
#include <vector>

namespace cortifold {

/// Probability of `hits` in `trials` (Loader 2000, "Fast and accurate computation of binomial
/// probabilities"), to about 1e-14 of itself.
[[nodiscard]] double binomial_probability(std::uint64_t hits, std::uint64_t trials, double p);

/// A binomial number from one uniform number, by inversion outwards from the mode.
[[nodiscard]] std::uint64_t binomial(std::uint64_t trials, double p, double uniform);

/// Counts of the bins first, ..., last - 1 where `total` balls fall into `bins` bins, each with the
/// same chance: any part of the bins has the counts that it has in the whole.
[[nodiscard]] std::vector<std::uint64_t> multinomial(const CounterRng& rng, std::uint64_t total,
                                                     std::uint32_t bins, std::uint32_t first,
                                                     std::uint32_t last);

}  // namespace cortifold
