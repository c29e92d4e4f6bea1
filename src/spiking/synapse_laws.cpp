#include "synapse_laws.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <sstream>
#include <tuple>

namespace cortifold {

namespace {

/// One table for all projections with the same law: fewer of them stay in the cache.
class SharedSamplers {
public:
    std::shared_ptr<const IntegerSampler> get(const Distribution& d, double unit) {
        auto& shared = samplers_[{d.mean, d.sd, d.low, d.high, d.outside, d.law, unit}];
        if (!shared) shared = std::make_shared<const IntegerSampler>(rounded_law(d, unit));
        return shared;
    }

private:
    using Key = std::tuple<double, double, double, double, Outside, Law, double>;
    std::map<Key, std::shared_ptr<const IntegerSampler>> samplers_{};
};

/// In steps.
struct DelayRange {
    std::int64_t least, most;
};

DelayRange delays_of(const Projection& projection, double step_ms) {
    DelayRange range{};
    if (const auto* list = std::get_if<SynapseList>(&projection.rule)) {
        const auto [least, most] =
            std::ranges::minmax(*list->synapses, {}, &ListedSynapse::delay_ms);
        range = {std::llround(least.delay_ms / step_ms), std::llround(most.delay_ms / step_ms)};
    } else {
        const IntegerLaw law = rounded_law(projection.delay_ms, step_ms);
        range = {law.first, law.last()};
    }
    if (range.least >= 1 && range.most <= longest_delay) return range;
    std::ostringstream text;
    text << "projection." << projection.source << "." << projection.target << ".delay: values from "
         << static_cast<double>(range.least) * step_ms << " to "
         << static_cast<double>(range.most) * step_ms << " ms are drawn; allowed are those that "
         << "round to 1 ... " << longest_delay << " steps of " << step_ms << " ms";
    throw ConfigError(text.str());
}

/// More than any target has by this projection: for those that are drawn without regard to the
/// target, the mean and ten standard deviations of a Poisson number.
struct MostIndegree {
    double mean, sources, targets;
    [[nodiscard]] double of_chance() const {
        return std::ceil(mean + 10.0 * std::sqrt(mean) + 10.0);
    }
    double operator()(const TotalNumber&) const { return of_chance(); }
    double operator()(const Indegree& rule) const { return rule.sources; }
    double operator()(const Outdegree& rule) const {
        return rule.multapses ? of_chance() : std::min(of_chance(), sources);
    }
    double operator()(const ConnectionProbability&) const { return std::min(of_chance(), sources); }
    double operator()(const AllToAll&) const { return sources; }
    double operator()(const OneToOne&) const { return 1.0; }
    double operator()(const SynapseList& list) const {
        std::vector<std::uint32_t> indegrees(static_cast<std::size_t>(targets));
        for (const ListedSynapse& synapse : *list.synapses) ++indegrees[synapse.target];
        return *std::ranges::max_element(indegrees);
    }
};

std::vector<WeightUnit> weight_units(const PopulationNetwork& network) {
    std::vector<WeightUnit> units;
    for (const Population& target : network.populations) {
        std::vector<Distribution> laws;
        std::vector<double> listed;
        double most = 0.0;
        for (const Projection& projection : network.projections) {
            if (projection.target != target.name) continue;
            const double mean = network.expected_synapses(projection) / target.size;
            const double sources = network.populations[network.index_of(projection.source)].size;
            most += std::visit(MostIndegree{mean, sources, 1.0 * target.size}, projection.rule);
            if (const auto* list = std::get_if<SynapseList>(&projection.rule))
                std::ranges::transform(*list->synapses, std::back_inserter(listed),
                                       &ListedSynapse::weight);
            else
                laws.push_back(projection.weight);
        }
        units.push_back(choose_weight_unit(laws, most, target.name, listed));
    }
    return units;
}

bool is_drawn_by_source(const ConnectionRule& rule) {
    return !std::holds_alternative<Indegree>(rule) && !std::holds_alternative<SynapseList>(rule);
}

std::shared_ptr<const ListedRows> listed_rows(const SynapseList& list, std::uint32_t sources,
                                              double step_ms, double weight_unit) {
    auto rows = std::make_shared<ListedRows>();
    rows->begins.resize(std::size_t{sources} + 1);
    for (const ListedSynapse& synapse : *list.synapses) ++rows->begins[synapse.source + 1];
    std::partial_sum(rows->begins.begin(), rows->begins.end(), rows->begins.begin());
    rows->targets.resize(list.synapses->size());
    rows->delays.resize(list.synapses->size());
    rows->weights.resize(list.synapses->size());
    std::vector<std::uint64_t> next = rows->begins;
    for (const ListedSynapse& synapse : *list.synapses) {
        const std::uint64_t at = next[synapse.source]++;
        rows->targets[at] = synapse.target;
        rows->delays[at] = static_cast<std::uint16_t>(std::llround(synapse.delay_ms / step_ms));
        rows->weights[at] = static_cast<std::int16_t>(std::llround(synapse.weight / weight_unit));
    }
    return rows;
}

ProjectionIndex index_of(const PopulationNetwork& network, std::size_t number) {
    const Projection& projection = network.projections[number];
    const std::size_t source = network.index_of(projection.source);
    const std::size_t target = network.index_of(projection.target);
    return {number,
            source,
            target,
            network.populations[source].size,
            network.populations[target].size,
            source == target && !projection.autapses,
            projection.receptor};
}

}  // namespace

std::optional<std::int32_t> SynapseLaw::one_weight(std::size_t blocks) const {
    constexpr double least = 8.0;  // in a segment: a header and a weight are paid for by four
    const double segments = static_cast<double>(blocks) * static_cast<double>(delays) *
                            static_cast<double>(index.sources);
    if (listed || !weight->is_constant() || expected_synapses < least * segments) return {};
    return (*weight)(0);
}

SynapseLaws synapse_laws(const PopulationNetwork& network, const SpikingOptions& options) {
    const double step_ms = options.step_ms;
    SynapseLaws laws;
    std::uint32_t first = 0;
    for (const Population& population : network.populations) {
        laws.first_of.push_back(first);
        first += population.size;
    }
    laws.units = weight_units(network);
    SharedSamplers samplers;
    for (std::size_t k = 0; k < network.projections.size(); ++k) {
        const Projection& projection = network.projections[k];
        const ProjectionIndex index = index_of(network, k);
        const double unit = laws.units[index.target].value;
        SynapseLaw law{.index = index, .rule = projection.rule};
        law.is_procedural =
            options.synapses == SynapseStorage::procedural && is_drawn_by_source(projection.rule);
        if (const auto* list = std::get_if<SynapseList>(&projection.rule)) {
            if (list->synapses->empty()) continue;
            law.listed = listed_rows(*list, index.sources, step_ms, unit);
        } else {
            law.delay = samplers.get(projection.delay_ms, step_ms);
            law.weight = samplers.get(projection.weight, unit);
        }
        const DelayRange delays = delays_of(projection, step_ms);
        laws.least_delay =
            laws.projections.empty() ? delays.least : std::min(laws.least_delay, delays.least);
        laws.most_delay = std::max(laws.most_delay, delays.most);
        law.delays = delays.most - delays.least + 1;
        law.expected_synapses = network.expected_synapses(projection);
        laws.expected_synapses += law.expected_synapses;
        laws.projections.push_back(std::move(law));
    }
    return laws;
}

}  // namespace cortifold
