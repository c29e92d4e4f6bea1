#pragma once

#include <cortifold/core/rng.hpp>
#include <cortifold/spiking/instruction_set.hpp>

#include <cstddef>
#include <cstdint>

namespace cortifold {

/// Neurons are advanced, and words drawn, in groups of this many.
inline constexpr std::uint32_t chunk_size = 64;

/// The neurons of one chunk: number k of neuron i stands at chunk_size k + i.
struct ChunkMemory {
    double* states = nullptr;
    const double* coefficients = nullptr;
    bool all_have_the_first = true;  ///< coefficients, so that they need not be read for each
};

/// What reaches them in one step. Of what differs by receptor there is a chunk for each.
struct ChunkInput {
    std::int32_t* synaptic = nullptr;       ///< to be set to zero
    double unit = 1.0;                      ///< of the synaptic inputs
    const std::int32_t* drive = nullptr;    ///< spikes of the Poisson drive
    const double* drive_weights = nullptr;  ///< at each receptor
    const double* current = nullptr;
    const std::uint64_t* free_from = nullptr;  ///< the step
    std::uint64_t step = 0;
};

/// Moves a chunk by one step; marks in `reached` who sends a spike unless it is held, and says
/// whether anyone does.
using AdvanceChunk = bool(const ChunkMemory& memory, const ChunkInput& input,
                          std::int64_t* reached);

/// What is done to 64 neurons or words at a time, compiled for one set of instructions. Nothing but
/// raw memory passes, lest something that others share be compiled for instructions that a
/// processor has not.
struct ChunkOperations {
    AdvanceChunk* const* advance;  ///< of each of NeuronKernels
    /// The four words of draws 16 g ... 16 g + 15 of a stream of CounterRng: word j of draw
    /// 16 g + i goes to 16 j + i. `group` is below 2^44, `key.entity` below 2^48.
    void (*draw_words)(const StreamKey& key, std::uint64_t group, std::uint32_t* words);
    /// How many of `count` thresholds each word exceeds as a number that is smaller by 2^31; says
    /// whether one exceeds them all.
    bool (*count_exceeded)(const std::uint32_t* words, const std::int32_t* thresholds,
                           std::size_t count, std::int32_t* counts);
    /// A standard normal number from each word.
    void (*normal_numbers)(const std::uint32_t* words, double* numbers);
};

extern const ChunkOperations scalar_operations, avx2_operations, avx512_operations;

[[nodiscard]] const ChunkOperations& chunk_operations(InstructionSet instructions);
[[nodiscard]] const ChunkOperations& widest_operations();

}  // namespace cortifold
