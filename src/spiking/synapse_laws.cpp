#include "synapse_laws.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <tuple>

namespace cortifold {

namespace {

/// One table for all projections with the same law: fewer of them stay in the cache.
class SharedSamplers {
public:
    std::shared_ptr<const IntegerSampler> get(const Distribution& d, double unit) {
        auto& shared = samplers_[{d.mean, d.sd, d.low, d.high, d.outside, unit}];
        if (!shared) shared = std::make_shared<const IntegerSampler>(rounded_law(d, unit));
        return shared;
    }

private:
    using Key = std::tuple<double, double, double, double, Outside, double>;
    std::map<Key, std::shared_ptr<const IntegerSampler>> samplers_{};
};

IntegerLaw delays_of(const Projection& projection, double step_ms) {
    const IntegerLaw law = rounded_law(projection.delay_ms, step_ms);
    if (law.first >= 1 && law.last() <= longest_delay) return law;
    std::ostringstream text;
    text << "projection." << projection.source << "." << projection.target << ".delay: values from "
         << static_cast<double>(law.first) * step_ms << " to "
         << static_cast<double>(law.last()) * step_ms << " ms are drawn; allowed are those that "
         << "round to 1 ... " << longest_delay << " steps of " << step_ms << " ms";
    throw ConfigError(text.str());
}

/// More than any target has: the mean and ten standard deviations of a Poisson number.
double most_synapses(const PopulationNetwork& network, std::size_t target) {
    double mean = 0.0;
    for (const Projection& projection : network.projections)
        if (network.index_of(projection.target) == target)
            mean += network.expected_synapses(projection);
    mean /= network.populations[target].size;
    return std::ceil(mean + 10.0 * std::sqrt(mean) + 10.0);
}

std::vector<WeightUnit> weight_units(const PopulationNetwork& network) {
    std::vector<WeightUnit> units;
    for (std::size_t target = 0; target < network.populations.size(); ++target) {
        std::vector<Distribution> laws;
        for (const Projection& projection : network.projections)
            if (network.index_of(projection.target) == target) laws.push_back(projection.weight);
        units.push_back(choose_weight_unit(laws, most_synapses(network, target),
                                           network.populations[target].name));
    }
    return units;
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
            source == target && !projection.autapses};
}

}  // namespace

SynapseLaws synapse_laws(const PopulationNetwork& network, double step_ms) {
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
        const IntegerLaw delays = delays_of(projection, step_ms);
        laws.projections.push_back(
            {index, projection.rule, samplers.get(projection.delay_ms, step_ms),
             samplers.get(projection.weight, laws.units[index.target].value)});
        laws.least_delay = k == 0 ? delays.first : std::min(laws.least_delay, delays.first);
        laws.most_delay = std::max(laws.most_delay, delays.last());
        laws.expected_synapses += network.expected_synapses(projection);
    }
    return laws;
}

}  // namespace cortifold
