#include "projection_rows.hpp"

#include "binomial.hpp"

#include <cmath>

namespace cortifold {

namespace {

/// The k-th of the neurons other than `excluded`.
std::uint32_t other(std::uint32_t k, std::uint32_t excluded) {
    return k < excluded ? k : k + 1;
}

/// Calls visitor(choice) for `count` of the numbers 0, ..., choices - 1, no number twice, each set
/// of them equally likely (Floyd; Bentley 1987, doi:10.1145/30401.315746).
void draw_sample(std::uint64_t count, std::uint32_t choices, WordStream& stream, auto&& visitor) {
    thread_local std::vector<bool> taken;
    thread_local std::vector<std::uint32_t> drawn;
    if (taken.size() < choices) taken.resize(choices);
    drawn.clear();
    for (auto top = static_cast<std::uint32_t>(choices - count); top < choices; ++top) {
        const std::uint32_t any = stream.below(top + 1), choice = taken[any] ? top : any;
        taken[choice] = true;
        drawn.push_back(choice);
        visitor(choice);
    }
    for (const std::uint32_t choice : drawn) taken[choice] = false;
}

/// Calls visitor(source) for each source of a target, in an order that only the stream decides.
void draw_sources(const Indegree& rule, const ProjectionIndex& index, WordStream& stream,
                  std::uint32_t target, auto&& visitor) {
    const std::uint32_t choices = index.sources - (index.no_autapses ? 1 : 0);
    const auto visit = [&](std::uint32_t choice) {
        visitor(index.no_autapses ? other(choice, target) : choice);
    };
    if (!rule.multapses) return draw_sample(rule.sources, choices, stream, visit);
    for (std::uint32_t k = 0; k < rule.sources; ++k) visit(stream.below(choices));
}

}  // namespace

ProjectionRows::ProjectionRows(const ConnectionRule& rule, const ProjectionIndex& index,
                               std::uint64_t seed, std::uint32_t first, std::uint32_t last)
    : rule_(rule), index_(index), seed_(seed), first_(first), last_(last) {
    if (const auto* total = std::get_if<TotalNumber>(&rule_)) draw_sizes(*total);
    if (const auto* indegree = std::get_if<Indegree>(&rule_)) collect_sources(*indegree);
}

WordStream ProjectionRows::stream(std::uint32_t source) const {
    return WordStream({seed_, purpose_of(SpikingStream::row, index_.number), source});
}

void ProjectionRows::draw_sizes(const TotalNumber& rule) {
    const CounterRng rng({seed_, purpose_of(SpikingStream::row_size, index_.number), 0});
    const BinRange rows{index_.sources, first_, last_};
    const std::uint32_t choices = index_.targets - (index_.no_autapses ? 1 : 0);
    sizes_ = rule.multapses ? multinomial(rng, rule.synapses, rows)
                            : multivariate_hypergeometric(rng, rule.synapses, choices, rows);
}

/// Counts, then places: what is drawn by target is wanted by source.
void ProjectionRows::collect_sources(const Indegree& rule) {
    const auto each = [&](auto&& visitor) {
        for (std::uint32_t target = 0; target < index_.targets; ++target) {
            const StreamKey key{seed_, purpose_of(SpikingStream::sources, index_.number), target};
            WordStream stream(key);
            draw_sources(rule, index_, stream, target, [&](std::uint32_t source) {
                if (source >= first_ && source < last_) visitor(source - first_, target);
            });
        }
    };
    row_begins_.assign(last_ - first_ + 1, 0);
    each([&](std::uint32_t row, std::uint32_t) { ++row_begins_[row + 1]; });
    for (std::size_t row = 1; row < row_begins_.size(); ++row)
        row_begins_[row] += row_begins_[row - 1];
    row_targets_.resize(row_begins_.back());
    std::vector<std::uint64_t> next = row_begins_;
    each([&](std::uint32_t row, std::uint32_t target) { row_targets_[next[row]++] = target; });
}

/// Distances between the targets of a source are geometric.
void ProjectionRows::draw_skipping(double probability, std::uint32_t source, WordStream& stream,
                                   std::vector<std::uint32_t>& targets) const {
    if (probability == 0.0) return;
    const double scale = 1.0 / std::log1p(-probability);  // -0 where the probability is 1
    const double choices = index_.targets - (index_.no_autapses ? 1.0 : 0.0);
    for (double k = -1.0;;) {
        k += 1.0 + std::floor(std::log(stream.uniform()) * scale);
        if (k >= choices) return;
        const auto choice = static_cast<std::uint32_t>(k);
        targets.push_back(index_.no_autapses ? other(choice, source) : choice);
    }
}

/// All `count` targets, drawn one by one.
void ProjectionRows::draw_uniformly(std::uint64_t count, std::uint32_t source, WordStream& stream,
                                    std::vector<std::uint32_t>& targets) const {
    const std::uint32_t choices = index_.targets - (index_.no_autapses ? 1 : 0);
    targets.resize(count);
    stream.fill(targets);
    for (std::uint32_t& target : targets) {
        const std::uint32_t choice = stream.below(choices, target);
        target = index_.no_autapses ? other(choice, source) : choice;
    }
}

void ProjectionRows::draw_different(std::uint64_t count, std::uint32_t source, WordStream& stream,
                                    std::vector<std::uint32_t>& targets) const {
    const std::uint32_t choices = index_.targets - (index_.no_autapses ? 1 : 0);
    draw_sample(count, choices, stream, [&](std::uint32_t choice) {
        targets.push_back(index_.no_autapses ? other(choice, source) : choice);
    });
}

struct ProjectionRows::TargetDraw {
    const ProjectionRows& rows;
    std::uint32_t source;
    WordStream& stream;
    std::vector<std::uint32_t>& targets;

    void draw(std::uint64_t count, bool multapses) const {
        if (multapses) return rows.draw_uniformly(count, source, stream, targets);
        rows.draw_different(count, source, stream, targets);
    }
    void operator()(const TotalNumber& rule) const {
        draw(rows.sizes_[source - rows.first_], rule.multapses);
    }
    void operator()(const Outdegree& rule) const { draw(rule.targets, rule.multapses); }
    void operator()(const Indegree&) const {
        const auto begin = rows.row_targets_.begin();
        const std::uint32_t row = source - rows.first_;
        targets.assign(begin + static_cast<std::ptrdiff_t>(rows.row_begins_[row]),
                       begin + static_cast<std::ptrdiff_t>(rows.row_begins_[row + 1]));
    }
    void operator()(const ConnectionProbability& rule) const {
        rows.draw_skipping(rule.probability, source, stream, targets);
    }
    void operator()(const AllToAll&) const {
        for (std::uint32_t target = 0; target < rows.index_.targets; ++target)
            if (!rows.index_.no_autapses || target != source) targets.push_back(target);
    }
    void operator()(const OneToOne&) const { targets.push_back(source); }
    void operator()(const SynapseList&) const {}  // nothing is drawn
};

void ProjectionRows::draw_targets(std::uint32_t source, WordStream& stream,
                                  std::vector<std::uint32_t>& targets) const {
    targets.clear();
    std::visit(TargetDraw{*this, source, stream, targets}, rule_);
}

}  // namespace cortifold
