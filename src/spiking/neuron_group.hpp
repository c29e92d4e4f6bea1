#pragma once

#include "partition.hpp"
#include "simd.hpp"
#include <cortifold/model/population_network.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace cortifold {

/// What reaches the neurons of one chunk in one step.
struct ChunkInput {
    std::int32_t* synaptic = nullptr;              ///< a chunk for each receptor, to be set to zero
    const std::int32_t* drive = nullptr;           ///< spikes of the Poisson drive
    double unit = 1.0;                             ///< of the synaptic inputs
    double drive_first = 0.0, drive_second = 0.0;  ///< weights of the drive at each receptor
    double current = 0.0;
    const double* own_current = nullptr;       ///< of each neuron, where they differ; then no other
    const std::uint64_t* free_from = nullptr;  ///< of each neuron: the step
    std::uint64_t step = 0;
};

/// A mark for each neuron of a chunk.
struct alignas(sizeof(LaneMask)) ChunkMask {
    std::array<LaneMask, chunk_size / lane_count> lanes;
    [[nodiscard]] bool operator[](std::size_t i) const {
        return lanes[i / lane_count][i % lane_count] != 0;
    }
};

/// The neurons of a slice without what all models share: their states and how these move.
class NeuronGroup {
public:
    virtual ~NeuronGroup() = default;
    /// One step of a chunk; says whether a neuron is marked in `reached`: it sends a spike unless
    /// it is held.
    virtual bool advance(std::size_t chunk, const ChunkInput& input, ChunkMask& reached) = 0;
    /// What its own spike does to a neuron; the steps for which it is refractory then.
    virtual std::uint64_t fire(std::uint32_t neuron) = 0;
    /// Keeps a refractory neuron where it is held.
    virtual void hold(std::uint32_t neuron) = 0;
    [[nodiscard]] virtual double potential(std::uint32_t neuron) const = 0;
    virtual void set_potential(std::uint32_t neuron, double value) = 0;
    /// The state of a neuron as so many bytes.
    [[nodiscard]] virtual std::size_t state_bytes() const = 0;
    virtual void save(std::uint32_t neuron, char* to) const = 0;
    virtual void restore(std::uint32_t neuron, const char* from) = 0;
};

/// `first` is the number in its population of neuron 0 of `size`.
struct GroupSetup {
    const Population& population;
    std::uint32_t index = 0;  ///< of the population
    std::uint32_t first = 0, size = 0;
    double step_ms = 0.0;
    std::uint64_t seed = 0;
};

/// Throws ConfigError where parameters that were drawn do not go together.
[[nodiscard]] std::unique_ptr<NeuronGroup> make_group(const GroupSetup& setup);

/// How many inputs the neurons tell apart, by the signs of weights.
[[nodiscard]] std::uint32_t receptors(const Population& population);
/// Of its state, and of its parameters where they are its own.
[[nodiscard]] std::size_t bytes_of_a_neuron(const Population& population);

}  // namespace cortifold
