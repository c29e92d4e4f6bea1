#include "row_builder.hpp"

#include "delivery.hpp"
#include "neuron_group.hpp"
#include <cortifold/core/error.hpp>

#include <utility>

namespace cortifold {

RowBuilder::RowBuilder(const PopulationNetwork& network, const SynapseLaws& laws,
                       const Partition& partition)
    : laws_(laws),
      partition_(partition),
      delays_(static_cast<std::uint32_t>(laws.most_delay) + 1),
      counts_(delays_ * partition.own()),
      next_(counts_.size()),
      rows_(partition.own()) {
    for (const Population& population : network.populations)
        inhibitory_shift_.push_back((receptors(population) - 1) * chunk_size);
}

/// Puts synapses of one projection down behind those that are there.
struct RowBuilder::Pen {
    const Place* places;
    std::uint32_t first_block, blocks, delays, inhibitory_shift;
    std::uint32_t *keys, *words, *counts;

    void put(std::uint32_t target, std::uint32_t delay, std::int32_t weight) {
        const Place place = places[target];
        const std::uint32_t block = place.block - first_block;
        if (block >= blocks) return;  // of another rank
        const std::uint32_t key = block * delays + delay;
        const std::uint32_t is_inhibitory = static_cast<std::uint32_t>(weight) >> 31;
        const std::uint32_t slot = place.slot + inhibitory_shift * is_inhibitory;
        *words++ = synapse_row::synapse(static_cast<std::uint16_t>(slot), weight);
        *keys++ = key;
        ++counts[key];
    }
};

RowBuilder::Pen RowBuilder::pen(const SynapseLaw& law, std::size_t synapses) {
    if (keys_.size() < end_ + synapses) {
        keys_.resize(end_ + synapses);
        words_.resize(end_ + synapses);
    }
    return {.places = partition_.places().data() + laws_.first_of[law.index.target],
            .first_block = static_cast<std::uint32_t>(partition_.first_own()),
            .blocks = static_cast<std::uint32_t>(rows_.size()),
            .delays = delays_,
            .inhibitory_shift = inhibitory_shift_[law.index.target],
            .keys = keys_.data() + end_,
            .words = words_.data() + end_,
            .counts = counts_.data()};
}

void RowBuilder::draw(const SynapseLaw& law, const ProjectionRows& rows, std::uint32_t source) {
    WordStream stream = rows.stream(source);
    rows.draw_targets(source, stream, targets_);
    const IntegerSampler &delays = *law.delay, &weights = *law.weight;
    delay_words_.assign(targets_.size(), 0);
    weight_words_.assign(targets_.size(), 0);
    if (!delays.is_constant()) stream.fill(delay_words_);
    if (!weights.is_constant()) stream.fill(weight_words_);
    Pen to = pen(law, targets_.size());
    for (std::size_t k = 0; k < targets_.size(); ++k)
        to.put(targets_[k], static_cast<std::uint32_t>(delays(delay_words_[k])),
               weights(weight_words_[k]));
    end_ = static_cast<std::size_t>(to.keys - keys_.data());
}

void RowBuilder::add(const SynapseLaw& law, const ProjectionRows& rows, std::uint32_t source) {
    if (!law.listed) return draw(law, rows, source);
    const ListedRows& listed = *law.listed;
    const std::uint64_t begin = listed.begins[source], end = listed.begins[source + 1];
    Pen to = pen(law, end - begin);
    for (std::uint64_t k = begin; k < end; ++k)
        to.put(listed.targets[k], listed.delays[k], listed.weights[k]);
    end_ = static_cast<std::size_t>(to.keys - keys_.data());
}

/// Writes headers and says where the synapses of each delay go.
const std::uint32_t* RowBuilder::store(std::size_t block, std::uint32_t* counts,
                                       RowMemory& memory) {
    std::uint32_t segments = 0;
    std::uint64_t synapses = 0;
    for (std::uint32_t delay = 1; delay < delays_; ++delay) {
        synapses += counts[delay];
        segments += counts[delay] > 0 ? 1 : 0;
        require(counts[delay] <= synapse_row::most_in_segment,
                "a neuron with more than 1048575 synapses of one delay onto 65536 neurons");
    }
    if (synapses == 0) return nullptr;
    std::uint32_t* const row = memory.allocate(block, 1 + segments + synapses);
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

std::span<const std::uint32_t* const> RowBuilder::store(RowMemory& memory) {
    for (std::size_t block = 0; block < rows_.size(); ++block)
        rows_[block] = store(block, counts_.data() + block * delays_, memory);
    for (std::size_t k = 0; k < end_; ++k) *next_[keys_[k]]++ = words_[k];
    synapses_ += std::exchange(end_, 0);
    return rows_;
}

}  // namespace cortifold
