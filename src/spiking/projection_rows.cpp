#include "projection_rows.hpp"

#include "binomial.hpp"

#include <cmath>

namespace cortifold {

namespace {

/// The k-th of the neurons other than `excluded`.
std::uint32_t other(std::uint32_t k, std::uint32_t excluded) {
    return k < excluded ? k : k + 1;
}

/// Calls visit(source) for each source of a target, in an order that only the stream decides.
class SourceDraw {
public:
    SourceDraw(const Indegree& rule, const ProjectionIndex& index, std::uint64_t seed)
        : rule_(rule),
          index_(index),
          seed_(seed),
          choices_(index.sources - (index.no_autapses ? 1 : 0)),
          taken_(rule.multapses ? 0 : choices_) {}

    void visit(std::uint32_t target, auto&& visitor) {
        WordStream stream({seed_, purpose_of(SpikingStream::sources, index_.number), target});
        drawn_.clear();
        for (std::uint32_t k = 0; k < rule_.sources; ++k) {
            const std::uint32_t choice =
                rule_.multapses ? stream.below(choices_) : draw_new(stream, k);
            visitor(index_.no_autapses ? other(choice, target) : choice);
        }
        for (const std::uint32_t choice : drawn_) taken_[choice] = false;
    }

private:
    /// The k-th of a sample without repetition (Floyd; Bentley 1987, doi:10.1145/30401.315746).
    std::uint32_t draw_new(WordStream& stream, std::uint32_t k) {
        const std::uint32_t top = choices_ - rule_.sources + k;
        std::uint32_t choice = stream.below(top + 1);
        if (taken_[choice]) choice = top;
        taken_[choice] = true;
        drawn_.push_back(choice);
        return choice;
    }

    Indegree rule_;
    ProjectionIndex index_;
    std::uint64_t seed_;
    std::uint32_t choices_;
    std::vector<bool> taken_;
    std::vector<std::uint32_t> drawn_{};
};

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
    sizes_ = multinomial(rng, rule.synapses, index_.sources, first_, last_);
}

/// Counts, then places: what is drawn by target is wanted by source.
void ProjectionRows::collect_sources(const Indegree& rule) {
    SourceDraw draw(rule, index_, seed_);
    const auto each = [&](auto&& visitor) {
        for (std::uint32_t target = 0; target < index_.targets; ++target)
            draw.visit(target, [&](std::uint32_t source) {
                if (source >= first_ && source < last_) visitor(source - first_, target);
            });
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

void ProjectionRows::draw_targets(std::uint32_t source, WordStream& stream,
                                  std::vector<std::uint32_t>& targets) const {
    targets.clear();
    if (const auto* pairs = std::get_if<ConnectionProbability>(&rule_))
        return draw_skipping(pairs->probability, source, stream, targets);
    const std::uint32_t row = source - first_;
    if (std::holds_alternative<Indegree>(rule_)) {
        const auto begin = row_targets_.begin();
        targets.assign(begin + static_cast<std::ptrdiff_t>(row_begins_[row]),
                       begin + static_cast<std::ptrdiff_t>(row_begins_[row + 1]));
        return;
    }
    const std::uint32_t choices = index_.targets - (index_.no_autapses ? 1 : 0);
    targets.resize(sizes_[row]);
    stream.fill(targets);
    for (std::uint32_t& target : targets) {
        const std::uint32_t choice = stream.below(choices, target);
        target = index_.no_autapses ? other(choice, source) : choice;
    }
}

}  // namespace cortifold
