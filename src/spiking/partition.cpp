#include "partition.hpp"

#include "neuron_group.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>

namespace cortifold {

namespace {

std::uint64_t chunks_of(std::uint32_t neurons) {
    return (std::uint64_t{neurons} + chunk_size - 1) / chunk_size;
}

std::vector<BlockLayout> share_out(const PopulationNetwork& network, std::uint64_t blocks) {
    std::vector<BlockLayout> layouts(blocks);
    std::uint64_t shift = 0;  // what remains of a population goes to the next blocks in turn
    std::uint32_t first_global = 0;
    for (std::uint32_t p = 0; p < network.populations.size(); ++p) {
        const Population& population = network.populations[p];
        const std::uint64_t chunks = chunks_of(population.size);
        for (std::uint64_t b = 0; b < blocks; ++b) {
            const std::uint64_t begin = (b * chunks + shift) / blocks;
            const std::uint64_t end = ((b + 1) * chunks + shift) / blocks;
            if (begin == end) continue;
            const auto first = static_cast<std::uint32_t>(begin * chunk_size);
            const auto last = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(end * chunk_size, population.size));
            layouts[b].slices.push_back(
                {p, first, first_global + first, last - first, layouts[b].slots});
            layouts[b].slots +=
                static_cast<std::uint32_t>(end - begin) * chunk_size * receptors(population);
        }
        shift = (shift + chunks) % blocks;
        first_global += population.size;
    }
    return layouts;
}

bool all_fit(const std::vector<BlockLayout>& blocks) {
    return std::ranges::all_of(blocks, [](const auto& b) { return b.slots <= most_slots; });
}

}  // namespace

Partition::Partition(const PopulationNetwork& network, const Context& context) {
    const auto ranks = static_cast<std::uint64_t>(context.ranks);
    const std::uint64_t step = ranks * static_cast<std::uint64_t>(context.threads);
    for (std::uint64_t blocks = step; blocks_.empty() || !all_fit(blocks_); blocks += step)
        blocks_ = share_out(network, blocks);
    require(blocks_.size() <= most_slots, "a network of " + std::to_string(network.neurons()) +
                                              " neurons has more than 65536 blocks");
    own_ = blocks_.size() / ranks;
    first_own_ = own_ * static_cast<std::uint64_t>(context.rank);
    places_.resize(network.neurons());
    for (std::size_t b = 0; b < blocks_.size(); ++b)
        for (const Slice& slice : blocks_[b].slices) {
            const std::uint32_t copies = receptors(network.populations[slice.population]);
            for (std::uint32_t i = 0; i < slice.size; ++i) {
                const std::uint32_t chunk = i / chunk_size, lane = i % chunk_size;
                const std::uint32_t slot = slice.first_slot + chunk * chunk_size * copies + lane;
                places_[slice.first_global + i] = {static_cast<std::uint16_t>(b),
                                                   static_cast<std::uint16_t>(slot)};
            }
        }
}

}  // namespace cortifold
