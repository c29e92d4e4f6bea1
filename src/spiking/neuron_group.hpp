#pragma once

#include "chunk_operations.hpp"
#include <cortifold/model/population_network.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace cortifold {

/// One number of each neuron of a chunk.
struct ChunkNumbers {
    alignas(64) std::array<double, chunk_size> of{};
};
/// Not 0 for each neuron of a chunk that is marked.
struct ChunkMarks {
    alignas(64) std::array<std::int64_t, chunk_size> of;
};

/// The neurons of a slice without what all models share: their states and how these move.
class NeuronGroup {
public:
    virtual ~NeuronGroup() = default;
    /// One step of a chunk; says whether a neuron is marked in `reached`: it sends a spike unless
    /// it is held.
    virtual bool advance(std::size_t chunk, const ChunkInput& input, ChunkMarks& reached) = 0;
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
    const ChunkOperations& operations;
};

/// Throws ConfigError where parameters that were drawn do not go together.
[[nodiscard]] std::unique_ptr<NeuronGroup> make_group(const GroupSetup& setup);

/// How many inputs the neurons tell apart: two by the signs of weights, a third by projections.
[[nodiscard]] std::uint32_t receptors(const Population& population);
/// Of its state, and of its parameters and weights where they are its own.
[[nodiscard]] std::size_t bytes_of_a_neuron(const Population& population);

}  // namespace cortifold
