#pragma once

#include "pair_correlations.hpp"
#include "partition.hpp"
#include "population_counts.hpp"
#include "spike_trains.hpp"
#include <cortifold/spiking/activity.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cortifold {

/// How spikes are counted, for a step length.
struct Counting {
    CountingSteps steps;
    TimeBlocks blocks;
};
/// Throws UsageError naming the option.
[[nodiscard]] Counting counting(const ActivityOptions& options, double step_ms);

/// What the spikes of a slice add to the records, as its thread counts them.
class SliceRecords {
public:
    /// `chosen`: the neurons of its population that are correlated.
    SliceRecords(const Slice& slice, const Counting& counting,
                 std::span<const std::uint32_t> chosen);
    /// Spikes of one step, counted since the records were cleared; neurons of the network.
    void add(std::uint64_t step, std::span<const std::uint32_t> neurons);
    /// Gives what has come since the last call; so many steps are over.
    void hand_over(std::uint64_t elapsed, std::vector<BinCount>& counts,
                   std::vector<ChosenSpike>& chosen);
    void clear();
    [[nodiscard]] std::uint32_t population() const { return slice_.population; }
    [[nodiscard]] const SpikeTrains& trains() const { return trains_; }
    [[nodiscard]] SpikeTrains& trains() { return trains_; }

private:
    Slice slice_;
    std::uint64_t rate_bin_;
    SpikeTrains trains_;
    std::vector<bool> is_chosen_;
    std::vector<std::uint32_t> chosen_neurons_;  ///< of the population
    std::vector<BinCount> counts_{};
    std::vector<ChosenSpike> chosen_{};
};

/// What is known of the spikes of all populations, in sums whose size does not depend on how many
/// there were; of time only the counts in bins.
class ActivityRecords {
public:
    ActivityRecords(const PopulationNetwork& network, const ActivityOptions& options,
                    double step_ms, std::uint64_t seed);
    [[nodiscard]] SliceRecords of_slice(const Slice& slice) const;
    /// From all slices, in any order. So many steps are over.
    void take(std::uint64_t elapsed, std::span<const BinCount> counts,
              std::vector<ChosenSpike> chosen);
    void clear();
    void save(StateWriter& to) const;
    /// Throws ConfigError where the bytes are not those of records of the same populations.
    void restore(std::uint64_t elapsed, StateReader& from);
    /// How many sums over neurons there are: of everything, and without each whole block of time.
    [[nodiscard]] std::size_t replicates() const { return 1 + blocks_.whole(elapsed_); }
    /// `sums`: those of all neurons of the population.
    [[nodiscard]] PopulationActivity activity(std::size_t population,
                                              std::span<const NeuronSums> sums) const;
    [[nodiscard]] PopulationRates rates() const;

private:
    struct Of {
        std::string name;
        std::uint32_t size = 0;
        std::vector<std::uint32_t> chosen;
        PopulationCounts counts;
        PairCorrelations pairs;
    };

    double step_ms_;
    Counting counting_;
    TimeBlocks blocks_;
    std::vector<Of> populations_{};
    std::uint64_t elapsed_ = 0;
};

}  // namespace cortifold
