#include "procedural_synapses.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace cortifold {

namespace {

/// What a row has at most, up to a chance that never happens.
struct MostInRow {
    const ProjectionIndex& index;
    double operator()(const TotalNumber& rule) const {
        const double mean = static_cast<double>(rule.synapses) / index.sources;
        return mean + 10.0 * std::sqrt(mean) + 10.0;
    }
    double operator()(const Outdegree& rule) const { return rule.targets; }
    double operator()(const OneToOne&) const { return 1.0; }
    double operator()(const auto&) const { return index.targets; }
};

}  // namespace

ProceduralSynapses::ProceduralSynapses(const PopulationNetwork& network, const SynapseLaws& laws,
                                       const Partition& partition, const Context& context)
    : most_delay_(static_cast<std::uint64_t>(laws.most_delay)), first_of_(laws.first_of) {
    std::vector<double> longest(network.populations.size());
    for (const SynapseLaw& law : laws.projections) {
        if (!law.is_procedural) continue;
        longest[law.index.source] += std::visit(MostInRow{law.index}, law.rule);
        projections_.push_back(
            {law, ProjectionRows(law.rule, law.index, context.seed, 0, law.index.sources)});
    }
    for (std::size_t p = 0; p < longest.size(); ++p)
        require(longest[p] <= RowSegment::most,
                "a neuron of population." + network.populations[p].name + " may have " +
                    std::to_string(std::llround(longest[p])) + " procedural synapses, at most " +
                    std::to_string(RowSegment::most) + " are allowed");
    if (is_empty()) return;
    for (int thread = 0; thread < context.threads; ++thread)
        drawers_.push_back({RowBuilder(network, laws, partition), std::deque<Batch>(1)});
    if (context.rank == 0) count(context);
}

void ProceduralSynapses::count(const Context& context) {
    std::uint64_t synapses = 0;
    for (const ProceduralProjection& projection : projections_) {
#pragma omp parallel num_threads(context.threads) reduction(+ : synapses)
        {
            std::vector<std::uint32_t> targets;
#pragma omp for
            for (std::uint32_t source = 0; source < projection.law.index.sources; ++source) {
                WordStream stream = projection.rows.stream(source);
                projection.rows.draw_targets(source, stream, targets);
                synapses += targets.size();
            }
        }
    }
    synapses_ = synapses;
}

void ProceduralSynapses::clear() {
    for (Drawer& drawer : drawers_) drawer.batches.assign(1, Batch{});
}

void ProceduralSynapses::begin(std::size_t thread, std::uint64_t first) {
    std::deque<Batch>& batches = drawers_[thread].batches;
    Batch next;
    if (batches.front().last + most_delay_ < first) {
        next = std::move(batches.front());
        batches.pop_front();
    }
    next.memory.clear();
    next.rows.clear();
    next.last = first;
    batches.push_back(std::move(next));
}

void ProceduralSynapses::draw(std::size_t thread, std::uint32_t neuron, std::uint64_t emitted) {
    const auto after = std::ranges::upper_bound(first_of_, neuron);
    const auto population = static_cast<std::size_t>(after - first_of_.begin()) - 1;
    const std::uint32_t source = neuron - first_of_[population];
    RowBuilder& builder = drawers_[thread].builder;
    for (const ProceduralProjection& projection : projections_)
        if (projection.law.index.source == population)
            builder.add(projection.law, projection.rows, source);
    Batch& batch = drawers_[thread].batches.back();
    batch.memory.make_room(builder.most_words());
    batch.last = std::max(batch.last, emitted);
    const std::span<const std::uint32_t* const> rows = builder.store(batch.memory);
    for (std::size_t block = 0; block < rows.size(); ++block)
        if (rows[block] != nullptr)
            batch.rows.push_back(
                {block, static_cast<std::size_t>(rows[block] - batch.memory.data()), emitted});
}

}  // namespace cortifold
