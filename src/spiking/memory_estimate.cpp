#include "activity_records.hpp"
#include "neuron_group.hpp"
#include "partition.hpp"
#include "synapse_builder.hpp"
#include "synapse_laws.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

constexpr double word = sizeof(std::uint32_t), half = 0.5 * word, pointer = sizeof(void*);

/// Synapses, without what begins a row and a segment; in any partition at least.
double least_bytes(const SynapseLaws& laws) {
    double bytes = 0.0;
    for (const SynapseLaw& law : laws.projections)
        if (!law.is_procedural) bytes += law.expected_synapses * (law.one_weight(1) ? half : word);
    return bytes;
}

/// Of this rank: synapses, and a header for each delay and block that a row reaches, at most, with
/// a weight where it is one for all; one to begin with.
double row_bytes(const PopulationNetwork& network, const SynapseLaws& laws,
                 const Partition& partition) {
    const auto blocks = static_cast<double>(partition.own());
    const double share = blocks / static_cast<double>(partition.blocks().size());
    double bytes = 0.0;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        const double rows = network.populations[p].size * blocks;
        double with_weights = 0.0;
        for (const SynapseLaw& law : laws.projections) {
            if (law.index.source != p || law.is_procedural) continue;
            const double synapses = share * law.expected_synapses;
            if (law.one_weight(partition.blocks().size()))
                bytes += synapses * half + rows * static_cast<double>(law.delays) * 2.5 * word;
            else
                with_weights += synapses;
        }
        const auto delays = static_cast<double>(laws.most_delay - laws.least_delay + 1);
        bytes += (rows + with_weights + std::min(with_weights, rows * delays)) * word;
    }
    return bytes;
}

/// What waits to be sorted by source while rows are drawn: targets of a part a thread, and lists.
double waiting_bytes(const PopulationNetwork& network, int threads) {
    double drawn = 0.0, listed = 0.0;
    for (const Projection& projection : network.projections) {
        const double synapses = network.expected_synapses(projection);
        if (std::holds_alternative<Indegree>(projection.rule)) drawn += synapses;
        if (std::holds_alternative<SynapseList>(projection.rule)) listed += synapses;
    }
    return drawn * word * threads / parts_of_a_population(threads) + listed * 2 * word;
}

/// Sizes of rows, and rows of spikes in flight, a synapse and its header each, at a rate that is
/// high for a cortical network.
double procedural_bytes(const SynapseLaws& laws, double step_ms_of_rank) {
    constexpr double rate_per_ms = 0.02;
    double bytes = 0.0;
    for (const SynapseLaw& law : laws.projections) {
        if (!law.is_procedural) continue;
        if (std::holds_alternative<TotalNumber>(law.rule))
            bytes += law.index.sources * static_cast<double>(sizeof(std::uint64_t));
        const double flight = static_cast<double>(laws.most_delay) * step_ms_of_rank;
        bytes += law.expected_synapses * 2.0 * word * rate_per_ms * flight;
    }
    return bytes;
}

}  // namespace

MemoryEstimate estimate_memory(const PopulationNetwork& network, const SpikingOptions& options,
                               const Context& context) {
    options.validate();
    require(context.threads >= 1,
            "threads = " + std::to_string(context.threads) + " must be 1 or more");
    require(context.ranks >= 1 && context.rank >= 0 && context.rank < context.ranks,
            "rank = " + std::to_string(context.rank) + " must be 0 ... ranks - 1, ranks = " +
                std::to_string(context.ranks) + " 1 or more");
    network.validate();
    const auto neurons = static_cast<double>(network.neurons());
    const double share = 1.0 / context.ranks;
    const std::size_t time_blocks = counting(options.activity, options.step_ms).blocks.most();
    double states = 0.0, pairs = 0.0;
    for (const Population& population : network.populations) {
        states += population.size * static_cast<double>(bytes_of_a_neuron(population));
        const std::uint32_t correlated =
            std::min(population.size, options.activity.correlated_neurons);
        pairs += static_cast<double>(PairCorrelations::bytes(correlated, time_blocks));
    }
    constexpr double inputs_and_release = 2 * word + sizeof(std::uint64_t);
    // Of each population the spikes in each bin, in a list that grows to twice as long at times.
    const auto populations = static_cast<double>(network.populations.size());
    const double counts =
        2.0 * word * populations * options.duration_ms / options.activity.rate_bin_ms;
    const auto train = static_cast<double>(SpikeTrains::bytes(time_blocks));
    MemoryEstimate estimate;
    estimate.neuron_bytes = share * states +
                            neurons * (share * (inputs_and_release + train) + sizeof(Place)) +
                            (context.rank == 0 ? pairs + counts : 0.0);
    const SynapseLaws laws = synapse_laws(network, options);
    estimate.synapses = laws.expected_synapses;
    estimate.synapse_bytes = least_bytes(laws) * share + waiting_bytes(network, context.threads) +
                             procedural_bytes(laws, share * options.step_ms);
    if (options.memory_limit_bytes &&
        estimate.total() > static_cast<double>(*options.memory_limit_bytes))
        return estimate;  // too much already: a partition has a place for each neuron
    const Partition partition(network, context);
    estimate.synapse_bytes += row_bytes(network, laws, partition) - share * least_bytes(laws);
    estimate.neuron_bytes += neurons * static_cast<double>(partition.own()) * pointer;
    return estimate;
}

}  // namespace cortifold
