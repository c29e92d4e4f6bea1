#include "row_builder.hpp"

#include "neuron_group.hpp"
#include "synapse_row.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <utility>

namespace cortifold {

RowBuilder::RowBuilder(const PopulationNetwork& network, const SynapseLaws& laws,
                       const Partition& partition)
    : laws_(laws),
      partition_(partition),
      one_weights_(network.populations.size()),
      kinds_of_projections_(network.projections.size()),
      delays_(static_cast<std::uint32_t>(laws.most_delay) + 1),
      rows_(partition.own()) {
    for (const Population& population : network.populations)
        inhibitory_shift_.push_back(receptors(population) >= 2 ? chunk_size : 0);
    for (const SynapseLaw& law : laws.projections) {
        const std::optional<std::int32_t> weight = law.one_weight(partition.blocks().size());
        if (!weight) continue;
        std::vector<std::int32_t>& weights = one_weights_[law.index.source];
        const auto known = std::ranges::find(weights, *weight);
        const auto kind = static_cast<std::uint32_t>(known - weights.begin()) + 1;
        if (known == weights.end()) weights.push_back(*weight);
        kinds_of_projections_[law.index.number] = kind;
        kinds_ = std::max(kinds_, kind + 1);
    }
    counts_.resize(delays_ * kinds_ * partition.own());
    next_.resize(counts_.size());
}

/// Puts synapses of one projection down behind those that are there.
struct RowBuilder::Pen {
    const Place* places;
    std::uint32_t first_block, blocks, delays, kinds, kind, shift, inhibitory_shift;
    std::uint32_t *keys, *words, *counts;

    void put(std::uint32_t target, std::uint32_t delay, std::int32_t weight) {
        const Place place = places[target];
        const std::uint32_t block = place.block - first_block;
        if (block >= blocks) return;  // of another rank
        const std::uint32_t key = (block * delays + delay) * kinds + kind;
        const std::uint32_t is_inhibitory = static_cast<std::uint32_t>(weight) >> 31;
        const std::uint32_t slot = place.slot + shift + inhibitory_shift * is_inhibitory;
        *words++ = kind == 0 ? RowSegment::synapse(slot, weight) : slot;
        *keys++ = key;
        ++counts[key];
    }
};

RowBuilder::Pen RowBuilder::pen(const SynapseLaw& law, std::size_t synapses) {
    if (keys_.size() < end_ + synapses) {
        keys_.resize(end_ + synapses);
        words_.resize(end_ + synapses);
    }
    source_population_ = law.index.source;
    return {.places = partition_.places().data() + laws_.first_of[law.index.target],
            .first_block = static_cast<std::uint32_t>(partition_.first_own()),
            .blocks = static_cast<std::uint32_t>(rows_.size()),
            .delays = delays_,
            .kinds = kinds_,
            .kind = kinds_of_projections_[law.index.number],
            .shift = law.index.receptor == Receptor::third ? 2 * chunk_size : 0,
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

void RowBuilder::each_segment(std::size_t block, auto&& visitor) {
    const std::uint32_t kinds =
        static_cast<std::uint32_t>(one_weights_[source_population_].size()) + 1;
    for (std::uint32_t delay = 1; delay < delays_; ++delay)
        for (std::uint32_t kind = 0; kind < kinds; ++kind) {
            const std::size_t key = (block * delays_ + delay) * kinds_ + kind;
            if (counts_[key] > 0) visitor(key, delay, kind);
        }
}

/// Writes headers and weights, and says where the synapses of each segment go.
const std::uint32_t* RowBuilder::store(std::size_t block, RowMemory& memory) {
    std::size_t words = 1;
    each_segment(block, [&](std::size_t key, std::uint32_t, std::uint32_t kind) {
        const std::uint32_t count = counts_[key];
        require(count <= RowSegment::most, "a neuron with more than " +
                                               std::to_string(RowSegment::most) +
                                               " synapses of one delay onto 65536 neurons");
        words += kind == 0 ? 1 + count : 2 + (count + 1) / 2;
    });
    if (words == 1) return nullptr;
    using Part = SynapsePlace::Part;
    std::uint32_t* const row = memory.allocate(block, words);
    std::uint32_t *header = row, *at = row + 1, segment = 0, last = 0;
    each_segment(block, [&](std::size_t key, std::uint32_t delay, std::uint32_t kind) {
        *header = segment | (delay - last) << RowSegment::wait_shift;
        last = delay;
        header = at++;
        segment = std::exchange(counts_[key], 0);
        if (kind == 0) {
            next_[key] = {at, Part::word};
            at += segment;
        } else {
            *at++ = static_cast<std::uint32_t>(one_weights_[source_population_][kind - 1]);
            next_[key] = {at, Part::low_half};
            at += (segment + 1) / 2;
            segment |= RowSegment::one_weight;
        }
    });
    *header = segment | RowSegment::last;
    return row;
}

std::span<const std::uint32_t* const> RowBuilder::store(RowMemory& memory) {
    for (std::size_t block = 0; block < rows_.size(); ++block) rows_[block] = store(block, memory);
    for (std::size_t k = 0; k < end_; ++k) next_[keys_[k]].put(words_[k]);
    synapses_ += std::exchange(end_, 0);
    return rows_;
}

}  // namespace cortifold
