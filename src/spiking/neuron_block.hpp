#pragma once

#include "activity_records.hpp"
#include "delivery.hpp"
#include "neuron_slice.hpp"
#include "recording_plan.hpp"
#include "simulation_state.hpp"
#include "spike_board.hpp"
#include "synapse_laws.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace cortifold {

/// Neurons that one thread advances, and the spikes that they sent.
class NeuronBlock {
public:
    NeuronBlock(const BlockLayout& layout, const PopulationNetwork& network,
                const SynapseLaws& laws, const SpikingOptions& options, std::uint64_t seed);
    /// How its spikes are counted, and what is recorded; once, before the first step.
    void record(const BlockLayout& layout, const ActivityRecords& records,
                std::shared_ptr<const RecordingPlan> plan);

    /// `count` steps from `first` on; their spikes go to `packet`.
    void advance(std::uint64_t first, std::uint64_t count, Delivery& delivery, SpikePacket& packet);
    /// Steps are counted from `step` on.
    void clear_records(std::uint64_t step);
    /// Throws ConfigError unless the state is one of its populations.
    void require_fit(const PopulationNetwork& network, const SimulationState& state) const;
    /// Takes its part of a state over.
    void resume(const SimulationState& state);

    [[nodiscard]] const std::vector<Spike>& spikes() const { return spikes_; }
    void forget_spikes() { spikes_.clear(); }
    /// Appends those recorded since the last call.
    void take_potentials(std::vector<SampledPotential>& potentials);
    /// Those of the last steps, at least as many as the longest delay has.
    [[nodiscard]] const std::vector<Spike>& recent() const { return recent_; }
    [[nodiscard]] const std::vector<NeuronSlice>& slices() const { return slices_; }
    [[nodiscard]] std::vector<SliceRecords>& records() { return records_; }
    [[nodiscard]] const std::vector<SliceRecords>& records() const { return records_; }
    /// Of all slices, as of `join_slices`.
    [[nodiscard]] std::string save() const;

private:
    void forget_before(std::uint64_t step);
    [[nodiscard]] bool holds(const Spike& spike) const;

    bool keeps_spikes_;
    std::uint64_t most_delay_;  ///< steps
    std::uint64_t cleared_ = 0;
    std::size_t most_recent_ = 0;
    std::vector<NeuronSlice> slices_{};
    std::vector<SliceRecords> records_{};  ///< of each slice
    std::shared_ptr<const RecordingPlan> plan_{};
    std::vector<Spike> recent_{}, spikes_{};
    std::vector<SampledPotential> potentials_{};
};

}  // namespace cortifold
