#include <cortifold/core/error.hpp>
#include <cortifold/model/network_scale.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>

namespace cortifold {

namespace {

std::string number(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

/// What one spike of this weight brings into a neuron: the current in its unit, over ms.
struct Charge {
    double weight;
    const std::string& population;

    double operator()(const LifDelta& neuron) const { return weight * neuron.C; }
    double operator()(const QifDelta& neuron) const { return weight * neuron.tau; }
    double operator()(const QifExp& neuron) const { return weight * neuron.tau; }
    double operator()(const Izhikevich&) const { return weight; }
    double operator()(const LifAlpha& neuron) const {
        return weight * std::numbers::e * decay(neuron);
    }
    /// Exponential currents; of conductances there is none, and nothing reaches a source of spikes.
    double operator()(const auto& neuron) const {
        if constexpr (requires { neuron.tau_ex; }) {
            if (neuron.weight_unit == "nS")
                throw ConfigError("population." + population + " has neurons \"" +
                                  std::string(neuron.name) +
                                  "\", whose mean current depends on their potential: there is "
                                  "no constant current in place of spikes");
            return weight * decay(neuron);
        } else {
            return 0.0;
        }
    }

private:
    [[nodiscard]] double decay(const auto& neuron) const {
        return weight > 0.0 ? neuron.tau_ex : neuron.tau_in;
    }
};

/// Mean current [pA] of so many sources that fire at this rate.
double mean_current(const Population& onto, double sources, double weight, double rate_hz) {
    constexpr double seconds_per_ms = 1e-3;
    return sources * rate_hz * seconds_per_ms * std::visit(Charge{weight, onto.name}, onto.neuron);
}

/// One for all neurons.
double mean_current(const Population& onto, const PoissonDrive& drive) {
    if (drive.weight.sd != 0.0)
        throw ConfigError("population." + onto.name +
                          ".poisson.weight is drawn for each neuron: a mean current in place of "
                          "spikes is the same for all");
    return mean_current(onto, drive.indegree, drive.weight.mean, drive.rate_hz);
}

struct ScaledRule {
    const NetworkScale& scale;
    const std::string& of;

    ConnectionRule operator()(const TotalNumber& rule) const {
        return TotalNumber{
            static_cast<std::uint64_t>(
                std::llround(static_cast<double>(rule.synapses) * scale.neurons * scale.synapses)),
            rule.multapses};
    }
    ConnectionRule operator()(const Indegree& rule) const {
        return Indegree{part_of(rule.sources), rule.multapses};
    }
    ConnectionRule operator()(const Outdegree& rule) const {
        return Outdegree{part_of(rule.targets), rule.multapses};
    }
    ConnectionRule operator()(const ConnectionProbability& rule) const {
        const double probability = rule.probability * scale.synapses / scale.neurons;
        if (probability > 1.0)
            throw ConfigError(of + ".probability = " + number(rule.probability) + " would become " +
                              number(probability) + " where " + number(scale.synapses) +
                              " of the synapses and " + number(scale.neurons) +
                              " of the neurons are kept: at most 1");
        return ConnectionProbability{probability};
    }
    ConnectionRule operator()(const AllToAll& rule) const {
        if (scale.synapses != scale.neurons)
            throw ConfigError(of + " joins all to all: each neuron keeps " + number(scale.neurons) +
                              " of its synapses, as of the neurons, and not " +
                              number(scale.synapses));
        return rule;
    }
    ConnectionRule operator()(const auto& rule) const {
        if (scale.synapses != 1.0 || scale.neurons != 1.0)
            throw ConfigError(of + " is given synapse by synapse: it has no part of " +
                              number(scale.synapses) + " of the synapses and " +
                              number(scale.neurons) + " of the neurons");
        return rule;
    }

private:
    [[nodiscard]] std::uint32_t part_of(std::uint32_t degree) const {
        return static_cast<std::uint32_t>(std::llround(degree * scale.synapses));
    }
};

void multiply(Distribution& law, double factor) {
    law.mean *= factor;
    law.sd *= factor;
    law.low *= factor;
    law.high *= factor;
}

void check(const NetworkScale& scale) {
    for (const auto& [name, part] :
         {std::pair{"neurons", scale.neurons}, std::pair{"synapses", scale.synapses}})
        if (!(part > 0.0 && part <= 1.0))
            throw ConfigError("scale." + std::string(name) + " = " + number(part) +
                              " must be above 0 and at most 1");
}

/// Adds to each population the mean input that smaller indegrees with larger weights leave out.
void add_missing_means(PopulationNetwork& network, double left_out,
                       std::span<const double> rates_hz) {
    std::vector<double> missing(network.populations.size());
    for (const Projection& projection : network.projections) {
        const std::size_t source = network.index_of(projection.source),
                          target = network.index_of(projection.target);
        const Population& onto = network.populations[target];
        const double sources = network.expected_synapses(projection) / onto.size;
        if (sources > 0.0 && !std::isfinite(rates_hz[source]))
            throw ConfigError("population." + projection.source +
                              ".rate_hz is missing: the rate in the whole network is needed to "
                              "keep the mean input of a part of it");
        if (sources > 0.0)
            missing[target] +=
                mean_current(onto, sources, projection.weight.mean, rates_hz[source]);
    }
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        Population& population = network.populations[p];
        if (population.poisson) missing[p] += mean_current(population, *population.poisson);
        population.current_pa += left_out * missing[p];
    }
}

}  // namespace

std::string_view to_string(KeptInput kept) {
    return kept == KeptInput::mean_and_variance ? "mean_and_variance" : "nothing";
}

PopulationNetwork scaled(PopulationNetwork network, const NetworkScale& scale,
                         std::span<const double> rates_hz) {
    check(scale);
    const bool keeps = scale.keep == KeptInput::mean_and_variance && scale.synapses != 1.0;
    const double weight_factor = keeps ? 1.0 / std::sqrt(scale.synapses) : 1.0;
    if (keeps) add_missing_means(network, 1.0 - std::sqrt(scale.synapses), rates_hz);
    for (Population& population : network.populations) {
        population.size = static_cast<std::uint32_t>(std::lround(scale.neurons * population.size));
        if (!population.poisson) continue;
        population.poisson->indegree *= scale.synapses;
        multiply(population.poisson->weight, weight_factor);
    }
    for (Projection& projection : network.projections) {
        const std::string of = "projection." + projection.source + "." + projection.target;
        projection.rule = std::visit(ScaledRule{scale, of}, projection.rule);
        multiply(projection.weight, weight_factor);
    }
    return network;
}

PopulationNetwork with_constant_drives(PopulationNetwork network) {
    for (Population& population : network.populations) {
        if (!population.poisson) continue;
        population.current_pa += mean_current(population, *population.poisson);
        population.poisson.reset();
    }
    return network;
}

}  // namespace cortifold
