#pragma once

#include "state_bytes.hpp"
#include "time_blocks.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cortifold {

/// A spike of a neuron that was chosen for correlations.
struct ChosenSpike {
    std::uint64_t step = 0;
    std::uint32_t population = 0;
    std::uint32_t neuron = 0;  ///< among those chosen of the population
};

/// `count` of `size` numbers, each set of them with the same chance, in rising order; `size` or
/// fewer are all chosen.
[[nodiscard]] std::vector<std::uint32_t> choose_neurons(std::uint32_t count, std::uint32_t size,
                                                        std::uint64_t seed, std::size_t population);

/// Correlations of the counts of pairs of neurons in bins.
class PairCorrelations {
public:
    PairCorrelations(std::uint32_t neurons, std::uint64_t bin_steps, const TimeBlocks& blocks);
    /// Steps do not fall.
    void add(const ChosenSpike& spike);
    /// So many steps are over.
    void reach(std::uint64_t elapsed);
    void clear();
    void save(StateWriter& to) const;
    /// Throws ConfigError where the bytes are not those of as many neurons.
    void restore(StateReader& from);

    struct Summary {
        Replicates mean;
        std::optional<double> sd;  ///< over pairs
    };
    /// Over pairs both of whose counts vary, in whole bins.
    [[nodiscard]] Summary summary() const;
    /// For so many neurons and blocks of time.
    [[nodiscard]] static constexpr std::size_t bytes(std::size_t neurons, std::size_t blocks) {
        return sums_of(neurons) * blocks * sizeof(std::uint32_t);
    }

private:
    /// Sums of counts, then those of products of i and j <= i.
    using Moments = std::vector<std::uint64_t>;

    [[nodiscard]] static constexpr std::size_t sums_of(std::size_t neurons) {
        return neurons + neurons * (neurons + 1) / 2;
    }
    void close_bin();
    [[nodiscard]] std::size_t product(std::size_t i, std::size_t j) const {
        return neurons_ + i * (i + 1) / 2 + j;
    }
    /// Of each pair; none where a count does not vary.
    [[nodiscard]] std::vector<std::optional<double>> correlations(const Moments& moments,
                                                                  double bins) const;

    std::size_t neurons_;
    std::uint64_t bin_steps_;
    BlockSums<std::uint32_t> sums_;
    std::uint64_t elapsed_ = 0, bin_ = 0;
    std::vector<std::uint32_t> counts_, active_{};  ///< in the present bin; whose are not 0
};

}  // namespace cortifold
