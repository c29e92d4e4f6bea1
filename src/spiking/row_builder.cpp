#include "row_builder.hpp"

#include "delivery.hpp"
#include "neuron_group.hpp"
#include <cortifold/core/error.hpp>

#include <utility>

namespace cortifold {

RowBuilder::RowBuilder(const PopulationNetwork& network, const SynapseLaws& laws,
                       const Partition& partition, std::span<SynapseArena> arenas)
    : laws_(laws),
      partition_(partition),
      arenas_(arenas),
      delays_(static_cast<std::uint32_t>(laws.most_delay) + 1),
      counts_(delays_ * arenas.size()),
      next_(counts_.size()),
      rows_(arenas.size()) {
    for (const Population& population : network.populations)
        inhibitory_shift_.push_back((receptors(population) - 1) * chunk_size);
}

void RowBuilder::add(const SynapseLaw& law, const ProjectionRows& rows, std::uint32_t source) {
    WordStream stream = rows.stream(source);
    rows.draw_targets(source, stream, targets_);
    const IntegerSampler &delays = *law.delay, &weights = *law.weight;
    delay_words_.assign(targets_.size(), 0);
    weight_words_.assign(targets_.size(), 0);
    if (!delays.is_constant()) stream.fill(delay_words_);
    if (!weights.is_constant()) stream.fill(weight_words_);
    std::size_t end = keys_.size();
    keys_.resize(end + targets_.size());
    words_.resize(end + targets_.size());
    const Place* places = partition_.places().data() + laws_.first_of[law.index.target];
    const auto first_block = static_cast<std::uint32_t>(partition_.first_own());
    const auto blocks = static_cast<std::uint32_t>(arenas_.size());
    const std::uint32_t keys_of_a_block = delays_, shift = inhibitory_shift_[law.index.target];
    for (std::size_t k = 0; k < targets_.size(); ++k) {
        const Place place = places[targets_[k]];
        const std::uint32_t block = place.block - first_block;
        if (block >= blocks) continue;  // of another rank
        const std::uint32_t key =
            block * keys_of_a_block + static_cast<std::uint32_t>(delays(delay_words_[k]));
        const std::int32_t weight = weights(weight_words_[k]);
        const std::uint32_t is_inhibitory = static_cast<std::uint32_t>(weight) >> 31;
        const std::uint32_t slot = place.slot + shift * is_inhibitory;
        words_[end] = synapse_row::synapse(static_cast<std::uint16_t>(slot), weight);
        keys_[end++] = key;
        ++counts_[key];
    }
    keys_.resize(end);
    words_.resize(end);
}

/// Writes headers and says where the synapses of each delay go.
const std::uint32_t* RowBuilder::store(std::size_t block, std::uint32_t* counts) {
    std::uint32_t segments = 0;
    std::uint64_t synapses = 0;
    for (std::uint32_t delay = 1; delay < delays_; ++delay) {
        synapses += counts[delay];
        segments += counts[delay] > 0 ? 1 : 0;
        require(counts[delay] <= synapse_row::most_in_segment,
                "a neuron with more than 1048575 synapses of one delay onto 65536 neurons");
    }
    if (synapses == 0) return nullptr;
    std::uint32_t* const row = arenas_[block].allocate(1 + segments + synapses);
    std::uint32_t *header = row, *at = row + 1, count = 0, last = 0;
    for (std::uint32_t delay = 1; delay < delays_; ++delay) {
        if (counts[delay] == 0) continue;
        *header = synapse_row::header(count, delay - last);
        header = at++;
        next_[block * delays_ + delay] = at;
        at += counts[delay];
        count = std::exchange(counts[delay], 0);
        last = delay;
    }
    *header = synapse_row::header(count, 0);
    return row;
}

std::span<const std::uint32_t* const> RowBuilder::store() {
    for (std::size_t block = 0; block < arenas_.size(); ++block)
        rows_[block] = store(block, counts_.data() + block * delays_);
    for (std::size_t k = 0; k < keys_.size(); ++k) *next_[keys_[k]]++ = words_[k];
    synapses_ += keys_.size();
    keys_.clear();
    words_.clear();
    return rows_;
}

}  // namespace cortifold
