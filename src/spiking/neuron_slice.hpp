#pragma once

#include "neuron_group.hpp"
#include "partition.hpp"
#include "poisson_counts.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cortifold {

/// What a slice takes over from its network.
struct SliceSetup {
    Slice slice;
    const Population& population;
    double step_ms = 0.0;
    double weight_unit = 1.0;
    std::uint64_t seed = 0;
    const ChunkOperations& operations;
};

/// The neurons of a slice: what is the same for all models, drive, refractoriness and spikes.
class NeuronSlice {
public:
    explicit NeuronSlice(const SliceSetup& setup);
    /// One step: takes what was added up in `input`, the block's slots, sets that to zero, and
    /// appends the numbers of neurons that sent a spike.
    void advance(std::uint64_t step, std::int32_t* input, std::vector<std::uint32_t>& spikes);

    [[nodiscard]] const Slice& slice() const { return slice_; }
    /// All of a neuron that changes from step to step takes so many bytes.
    [[nodiscard]] std::size_t state_bytes() const;
    void save(std::uint32_t i, char* to) const;
    void restore(std::uint32_t i, const char* from);
    /// When all neurons are restored as they were before this step.
    void resume(std::uint64_t step);
    [[nodiscard]] double potential_mv(std::uint32_t i) const { return neurons_->potential(i); }

private:
    void initialize(const SliceSetup& setup);
    void set_drive_weights(const SliceSetup& setup);
    /// The current in a step, without noise.
    [[nodiscard]] double current(std::uint64_t step) const;
    /// What each neuron of a chunk gets, the same and its noise.
    void draw_currents(std::size_t chunk, std::uint64_t step, double same);
    void send(std::size_t chunk, const ChunkMarks& reached, std::uint64_t step,
              std::vector<std::uint32_t>& spikes);
    void hold(std::uint64_t step);
    /// Takes the part of the slice; throws ConfigError where two spikes fall into one step.
    void plan(const SliceSetup& setup, const std::vector<TimedSpike>& spikes);
    void send_planned(std::uint64_t step, std::vector<std::uint32_t>& spikes) const;

    struct PlannedSpike {
        std::uint64_t step;
        std::uint32_t neuron;  ///< in the slice
        auto operator<=>(const PlannedSpike&) const = default;
    };

    Slice slice_;
    std::unique_ptr<NeuronGroup> neurons_;
    std::uint32_t receptors_;
    bool is_source_;
    StreamKey drive_key_, noise_key_;
    double step_ms_, constant_current_;
    std::vector<CurrentWaveform> currents_;
    std::optional<GaussianCurrent> gaussian_;
    std::optional<PoissonCounts> drive_{};
    const ChunkOperations& operations_;
    bool has_own_weights_ = false;
    std::vector<ChunkNumbers> drive_weights_;  ///< at each receptor, of each chunk if they differ
    ChunkNumbers currents_of_chunk_{};
    ChunkInput input_;
    std::vector<PlannedSpike> planned_{};  ///< in order
    std::vector<std::uint32_t> held_{};
    std::vector<std::uint64_t> free_from_;  ///< of each neuron: the step; of whole chunks
};

}  // namespace cortifold
