#pragma once

#include "time_blocks.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace cortifold {

/// Widths and constants of the counting, in steps.
struct CountingSteps {
    std::uint64_t rate_bin = 1, count_bin = 1, correlation_bin = 1;
    double refractoriness = 0.0;
};

/// Of the spikes of one neuron in one block of time; an interval belongs to where it ends.
struct TrainSums {
    std::uint32_t spikes = 0;
    std::uint32_t intervals = 0;  ///< their sum, in steps
    std::uint64_t squares = 0;    ///< of the intervals
    double local = 0.0;           ///< terms of LvR, of neighbouring intervals
    TrainSums& operator+=(const TrainSums& more);
};

/// Sums over neurons, in integers that ranks and threads add up in any order.
struct NeuronSums {
    std::int64_t spikes = 0, squared_spikes = 0;
    std::int64_t silent = 0;
    std::int64_t squared_counts = 0;  ///< in bins
    std::int64_t cvs = 0, cv = 0;     ///< of how many neurons; their sum, in units of 2^-32
    std::int64_t lvrs = 0, lvr = 0;
    NeuronSums& operator+=(const NeuronSums& more);
};

/// What is kept of the spikes of neighbouring neurons of one population.
class SpikeTrains {
public:
    SpikeTrains(std::uint32_t neurons, const CountingSteps& steps, const TimeBlocks& blocks);
    /// Neuron `first` + i is the i-th. Steps are given in their order.
    void add(std::uint64_t step, std::span<const std::uint32_t> neurons, std::uint32_t first);
    /// So many steps are over.
    void reach(std::uint64_t elapsed);
    /// Sums over everything, then over all whole blocks of time but one. CV and LvR are those of
    /// neurons with `least_spikes` in all.
    [[nodiscard]] std::vector<NeuronSums> sums(std::uint64_t least_spikes) const;
    void clear();

    /// What is known of a neuron when so many steps are over, as so many bytes.
    [[nodiscard]] std::size_t state_bytes() const;
    void save(std::size_t i, char* to) const;
    /// After `restart`, with the same steps over.
    void restore(std::size_t i, const char* from);
    [[nodiscard]] std::size_t begun(std::uint64_t elapsed) const { return sums_.begun(elapsed); }
    /// Sums of squares of counts, of each block of time that has begun.
    [[nodiscard]] std::vector<std::uint64_t> squared_counts() const;
    /// With no spike of any neuron.
    void restart(std::uint64_t elapsed, std::span<const std::uint64_t> squared_counts);

    /// Of a neuron, with so many blocks of time.
    [[nodiscard]] static constexpr std::size_t bytes(std::size_t blocks) {
        return sizeof(Last) + blocks * sizeof(TrainSums);
    }

private:
    struct Last {
        std::uint64_t step = 0;
        std::uint32_t interval = 0;  ///< before it; 0: there was none
        std::uint32_t count = 0;     ///< of spikes in its bin; 0: there was no spike
    };

    CountingSteps steps_;
    std::uint64_t elapsed_ = 0;
    std::vector<Last> last_;
    BlockSums<TrainSums> sums_;
    BlockSums<std::uint64_t> squared_counts_;
};

}  // namespace cortifold
