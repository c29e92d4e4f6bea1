#pragma once

#include "spike_trains.hpp"
#include "state_bytes.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cortifold {

/// Spikes of a part of a population in one bin of the rates.
struct BinCount {
    std::uint64_t bin = 0;
    std::uint32_t population = 0, spikes = 0;
};

/// The sum of counts in bins and of their squares.
struct CountMoments {
    double bins = 0.0, sum = 0.0, squares = 0.0;
    CountMoments& operator+=(const CountMoments& more);
    CountMoments& operator-=(const CountMoments& more);
    /// Times bins - 1: the sum of squared deviations from the mean.
    [[nodiscard]] double deviation() const;
};

/// How many spikes a population sent in each bin of the rates.
class PopulationCounts {
public:
    explicit PopulationCounts(const CountingSteps& steps) : steps_(steps) {}
    void add(const BinCount& count);
    /// In whole bins of the rates of so many steps.
    [[nodiscard]] std::vector<std::uint32_t> counts(std::uint64_t elapsed) const;
    /// Of bins of counts: over all whole ones, then over those of the first `whole` blocks of
    /// `length` steps, without the bins of one after the other.
    [[nodiscard]] std::vector<CountMoments> moments(std::uint64_t elapsed, std::size_t whole,
                                                    std::uint64_t length) const;
    /// With the last bin, if it has begun.
    [[nodiscard]] CountMoments moments_of_all(std::uint64_t elapsed) const;
    void clear() { counts_.clear(); }
    void save(StateWriter& to) const { to.add(counts_); }
    void restore(StateReader& from) { counts_ = from.list<std::uint32_t>(); }

private:
    [[nodiscard]] CountMoments between(std::uint64_t first_bin, std::uint64_t end_bin) const;

    CountingSteps steps_;
    std::vector<std::uint32_t> counts_{};
};

}  // namespace cortifold
