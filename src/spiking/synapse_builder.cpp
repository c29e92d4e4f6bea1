#include "synapse_builder.hpp"

#include "row_builder.hpp"

#include <omp.h>

#include <exception>

namespace cortifold {

namespace {

/// Sources first, ..., last - 1 of a population: what one thread draws in one go.
struct Part {
    std::size_t population;
    std::uint32_t first, last;
};

std::vector<Part> parts_of(const PopulationNetwork& network, int threads) {
    const auto count = static_cast<std::uint64_t>(parts_of_a_population(threads));
    std::vector<Part> parts;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        const std::uint64_t size = network.populations[p].size;
        for (std::uint64_t k = 0; k < count; ++k) {
            const auto first = static_cast<std::uint32_t>(size * k / count);
            const auto last = static_cast<std::uint32_t>(size * (k + 1) / count);
            if (first < last) parts.push_back({p, first, last});
        }
    }
    return parts;
}

/// Rows of one part: no other thread writes those of its sources.
void build(const Part& part, const SynapseLaws& laws, std::uint64_t seed, RowBuilder& builder,
           RowMemory& memory, std::vector<Delivery>& deliveries) {
    std::vector<const SynapseLaw*> outgoing;
    std::vector<ProjectionRows> rows;
    for (const SynapseLaw& law : laws.projections)
        if (law.index.source == part.population && !law.is_procedural) {
            outgoing.push_back(&law);
            rows.emplace_back(law.rule, law.index, seed, part.first, part.last);
        }
    for (std::uint32_t source = part.first; source < part.last; ++source) {
        for (std::size_t k = 0; k < rows.size(); ++k) builder.add(*outgoing[k], rows[k], source);
        const auto stored = builder.store(memory);
        for (std::size_t block = 0; block < stored.size(); ++block)
            deliveries[block].rows()[laws.first_of[part.population] + source] = stored[block];
    }
}

}  // namespace

std::uint64_t SynapseStore::bytes() const {
    std::uint64_t words = 0;
    for (const auto& of_thread : arenas)
        for (const SynapseArena& arena : of_thread) words += arena.allocated();
    return words * sizeof(std::uint32_t);
}

int parts_of_a_population(int threads) {
    return 4 * threads;  // evens out the load, and bounds what waits to be sorted by source
}

SynapseStore build_synapses(const PopulationNetwork& network, const SynapseLaws& laws,
                            const Partition& partition, const Context& context,
                            std::vector<Delivery>& deliveries) {
    const std::vector<Part> parts = parts_of(network, context.threads);
    SynapseStore store;
    store.arenas.resize(static_cast<std::size_t>(context.threads));
    for (auto& arenas : store.arenas) arenas.resize(deliveries.size());
    std::exception_ptr failure;
    std::uint64_t synapses = 0;
#pragma omp parallel num_threads(context.threads) reduction(+ : synapses)
    try {
        auto& arenas = store.arenas[static_cast<std::size_t>(omp_get_thread_num())];
        StoredRows memory(arenas);
        RowBuilder builder(network, laws, partition);
#pragma omp for schedule(dynamic) nowait
        for (std::size_t k = 0; k < parts.size(); ++k)
            build(parts[k], laws, context.seed, builder, memory, deliveries);
        synapses += builder.synapses();
    } catch (...) {
#pragma omp critical
        failure = std::current_exception();
    }
    if (failure) std::rethrow_exception(failure);
    store.synapses = synapses;
    return store;
}

}  // namespace cortifold
