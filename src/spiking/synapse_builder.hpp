#pragma once

#include "delivery.hpp"
#include "partition.hpp"
#include "synapse_arena.hpp"
#include "synapse_laws.hpp"
#include <cortifold/core/context.hpp>

#include <cstdint>
#include <vector>

namespace cortifold {

/// The synapses of a network: memory, by the thread that drew them and the block that holds them.
struct SynapseStore {
    std::vector<std::vector<SynapseArena>> arenas;
    std::uint64_t synapses = 0;
    [[nodiscard]] std::uint64_t bytes() const;
};

/// Draws all synapses on `threads` threads and enters their rows in `deliveries`, one a block.
[[nodiscard]] SynapseStore build_synapses(const PopulationNetwork& network, const SynapseLaws& laws,
                                          const Partition& partition, const Context& context,
                                          std::vector<Delivery>& deliveries);

/// Into how many parts the sources of a population are cut while synapses are drawn.
[[nodiscard]] int parts_of_a_population(int threads);

}  // namespace cortifold
