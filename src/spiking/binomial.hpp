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

/// Of `draws` balls from an urn with `marked` and `others`, how many are marked, by inversion.
[[nodiscard]] std::uint64_t hypergeometric(std::uint64_t marked, std::uint64_t others,
                                           std::uint64_t draws, double uniform);

/// Bins first, ..., last - 1 of `bins`.
struct BinRange {
    std::uint32_t bins = 0, first = 0, last = 0;
};

/// Counts of bins where `total` balls fall into all bins, each with the same chance: any part of
/// the bins has the counts that it has in the whole.
[[nodiscard]] std::vector<std::uint64_t> multinomial(const CounterRng& rng, std::uint64_t total,
                                                     const BinRange& range);
/// The same where each bin has `places` of which each takes one ball at most.
[[nodiscard]] std::vector<std::uint64_t> multivariate_hypergeometric(const CounterRng& rng,
                                                                     std::uint64_t total,
                                                                     std::uint64_t places,
                                                                     const BinRange& range);

}  // namespace cortifold
