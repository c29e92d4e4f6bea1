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
    /// More than `store` would take now.
    [[nodiscard]] std::size_t most_words() const { return rows_.size() + 2 * end_; }
    [[nodiscard]] std::uint64_t synapses() const { return synapses_; }

private:
    struct Pen;
    [[nodiscard]] Pen pen(const SynapseLaw& law, std::size_t synapses);
    void draw(const SynapseLaw& law, const ProjectionRows& rows, std::uint32_t source);
    const std::uint32_t* store(std::size_t block, std::uint32_t* counts, RowMemory& memory);

    const SynapseLaws& laws_;
    const Partition& partition_;
    std::vector<std::uint32_t> inhibitory_shift_;  ///< of a population's slots
    std::uint32_t delays_;
    std::vector<std::uint32_t> targets_{}, delay_words_{}, weight_words_{};
    std::vector<std::uint32_t> keys_{};   ///< of each synapse: block * delays_ + delay
    std::vector<std::uint32_t> words_{};  ///< of each synapse, as it is stored
    std::size_t end_ = 0;                 ///< of the synapses in both
    std::vector<std::uint32_t> counts_;   ///< of synapses with a key
    std::vector<std::uint32_t*> next_;    ///< where the next synapse of a key goes
    std::vector<const std::uint32_t*> rows_;
    std::uint64_t synapses_ = 0;
};

}  // namespace cortifold
