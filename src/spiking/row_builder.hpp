#pragma once

#include "partition.hpp"
#include "row_memory.hpp"
#include "synapse_laws.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cortifold {

/// Draws rows of synapses of single sources for each block of this rank.
class RowBuilder {
public:
    RowBuilder(const PopulationNetwork& network, const SynapseLaws& laws,
               const Partition& partition);
    /// Draws the synapses of a source of this projection.
    void add(const SynapseLaw& law, const ProjectionRows& rows, std::uint32_t source);
    /// Puts down what was added since the last call: one row for each block, none where it is
    /// empty.
    [[nodiscard]] std::span<const std::uint32_t* const> store(RowMemory& memory);
    /// More than `store` would take now: a header, a weight and a slot for each synapse.
    [[nodiscard]] std::size_t most_words() const { return rows_.size() + 3 * end_; }
    [[nodiscard]] std::uint64_t synapses() const { return synapses_; }

private:
    struct Pen;
    /// Where the next synapse of a segment goes: a word of 32 bits, or half of one.
    struct SynapsePlace {
        enum class Part { word, low_half, high_half };
        std::uint32_t* at;
        Part part;
        void put(std::uint32_t synapse) {
            if (part == Part::word) {
                *at++ = synapse;
            } else if (part == Part::low_half) {
                *at = synapse;
                part = Part::high_half;
            } else {
                *at++ |= synapse << 16;
                part = Part::low_half;
            }
        }
    };
    [[nodiscard]] Pen pen(const SynapseLaw& law, std::size_t synapses);
    void draw(const SynapseLaw& law, const ProjectionRows& rows, std::uint32_t source);
    const std::uint32_t* store(std::size_t block, RowMemory& memory);
    /// Calls visitor(key, delay, kind) for all keys with synapses in a block, in order of delay.
    void each_segment(std::size_t block, auto&& visitor);

    const SynapseLaws& laws_;
    const Partition& partition_;
    std::vector<std::uint32_t> inhibitory_shift_{};  ///< of a population's slots
    /// Kinds of synapses of a source: 0 with weights of their own, k with the k-th of these.
    std::vector<std::vector<std::int32_t>> one_weights_;
    std::vector<std::uint32_t> kinds_of_projections_;
    std::uint32_t delays_;
    std::uint32_t kinds_ = 1;            ///< of any source, at most
    std::size_t source_population_ = 0;  ///< of what was added
    std::vector<std::uint32_t> targets_{}, delay_words_{}, weight_words_{};
    std::vector<std::uint32_t> keys_{};   ///< of each synapse: of its block, delay and kind
    std::vector<std::uint32_t> words_{};  ///< of each synapse, as it is stored
    std::size_t end_ = 0;                 ///< of the synapses in both
    std::vector<std::uint32_t> counts_;   ///< of synapses with a key
    std::vector<SynapsePlace> next_;      ///< of a key
    std::vector<const std::uint32_t*> rows_;
    std::uint64_t synapses_ = 0;
};

}  // namespace cortifold
