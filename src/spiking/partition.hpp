#pragma once

#include "chunk_operations.hpp"
#include <cortifold/core/context.hpp>
#include <cortifold/model/population_network.hpp>

#include <cstdint>
#include <vector>

namespace cortifold {

/// Of a block: what 16 bits can name.
inline constexpr std::uint32_t most_slots = 65'536;

/// Neurons first, ..., first + size - 1 of a population in one block. Lane i of chunk c adds up its
/// input in slot first_slot + chunk_size * (c * receptors + r) + i for receptor r.
struct Slice {
    std::uint32_t population = 0;
    std::uint32_t first = 0;         ///< in the population; a multiple of chunk_size
    std::uint32_t first_global = 0;  ///< in the network
    std::uint32_t size = 0;
    std::uint32_t first_slot = 0;
};
struct BlockLayout {
    std::vector<Slice> slices;
    std::uint32_t slots = 0;
};

/// Where the input of a neuron is added up.
struct Place {
    std::uint16_t block, slot;
};

/// Shares the neurons of each population out to blocks: as many for each thread of each rank, each
/// small enough.
class Partition {
public:
    Partition(const PopulationNetwork& network, const Context& context);
    [[nodiscard]] const std::vector<BlockLayout>& blocks() const { return blocks_; }
    /// Those of the rank of `context`: this many from the first on.
    [[nodiscard]] std::size_t first_own() const { return first_own_; }
    [[nodiscard]] std::size_t own() const { return own_; }
    /// Whose block holds the neuron.
    [[nodiscard]] int rank_of(std::uint64_t neuron) const {
        return static_cast<int>(places_[neuron].block / own_);
    }
    /// Of each neuron of the network, for receptor 0.
    [[nodiscard]] const std::vector<Place>& places() const { return places_; }

private:
    std::vector<BlockLayout> blocks_;
    std::size_t first_own_ = 0, own_ = 0;
    std::vector<Place> places_;
};

}  // namespace cortifold
