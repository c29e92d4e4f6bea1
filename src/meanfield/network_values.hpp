#pragma once

#include "threshold_integral.hpp"
#include <cortifold/meanfield/lif_network.hpp>

#include <vector>

namespace cortifold {

/// The numbers of a network on any scalar type.
template <class T>
struct NetworkValues {
    struct Population {
        LifParameters<T> neuron;
        T input, spread, efficacy;
    };
    struct Projection {
        T indegree, weight, weight_sd;
    };
    std::vector<Population> populations;
    std::vector<T> source_rates;
    std::vector<Projection> projections, drives;
};

/// Whose parameter it is.
enum class ParameterOwner { population, source, projection, drive };

/// Visits all of them: field(value, owner, its number, name, unit, low, high, meaning). Their order
/// is that of the field's table of parameters.
void visit_parameters(auto& values, auto&& field) {
    constexpr double most_mV = 1e4, most_connections = 1e7, most_hz = 1e7, most_gain = 1e3;
    for (std::size_t i = 0; i < values.populations.size(); ++i) {
        auto& population = values.populations[i];
        const auto own = [&](auto& value, auto... row) {
            field(value, ParameterOwner::population, i, row...);
        };
        LifParameters<double>::describe(population.neuron, own);
        own(population.input, "input", "mV", -most_mV, most_mV, "constant input");
        own(population.spread, "spread", "mV", 0.0, most_mV,
            "standard deviation of the constant input over neurons");
        own(population.efficacy, "efficacy", "1", -most_gain, most_gain,
            "factor of all weights from it");
    }
    for (std::size_t k = 0; k < values.source_rates.size(); ++k)
        field(values.source_rates[k], ParameterOwner::source, k, "rate", "Hz", 0.0, most_hz,
              "rate of the source");
    const auto visit_projections = [&](auto& projections, ParameterOwner owner) {
        for (std::size_t k = 0; k < projections.size(); ++k) {
            field(projections[k].indegree, owner, k, "indegree", "1", 0.0, most_connections,
                  "connections onto each neuron");
            field(projections[k].weight, owner, k, "weight", "mV", -most_mV, most_mV,
                  "what a spike adds to the potential");
            field(projections[k].weight_sd, owner, k, "weight_sd", "mV", 0.0, most_mV,
                  "standard deviation of the weight over connections");
        }
    };
    visit_projections(values.projections, ParameterOwner::projection);
    visit_projections(values.drives, ParameterOwner::drive);
}

[[nodiscard]] NetworkValues<double> values_of(const LifNetwork& network);
[[nodiscard]] bool has_conductances(const LifNetwork& network);

/// What 1 Hz of its source adds to mean and variance of a population.
template <class T>
struct ProjectionEffect {
    T mean, variance;
};
template <class T>
ProjectionEffect<T> effect_per_hz(const typename NetworkValues<T>::Projection& projection,
                                  const T& tau_m, const T& efficacy) {
    const T connections = projection.indegree * tau_m / hz_per_inverse_ms;
    return {
        connections * projection.weight * efficacy,
        connections * efficacy * efficacy *
            (projection.weight * projection.weight + projection.weight_sd * projection.weight_sd)};
}

/// What a population is and receives at given rates.
template <class T>
struct PopulationInput {
    LifParameters<T> neuron;
    T mean, variance;
};

/// Visits what comes to each population: arrives(target, projection, efficacy, rate).
template <class T>
void visit_inputs(const LifNetwork& network, const NetworkValues<T>& values,
                  const std::vector<T>& rates, auto&& arrives) {
    for (std::size_t k = 0; k < values.projections.size(); ++k) {
        const std::size_t source = network.projections[k].source;
        arrives(network.projections[k].target, values.projections[k],
                values.populations[source].efficacy, rates[source]);
    }
    for (std::size_t k = 0; k < values.drives.size(); ++k)
        arrives(network.drives[k].target, values.drives[k], T(1.0),
                values.source_rates[network.drives[k].source]);
}

/// Of conductances: the mean ones make the membrane faster, which then sees their fluctuations.
template <class T>
void add_conductances(const LifNetwork& network, const NetworkValues<T>& values,
                      const std::vector<T>& rates, std::vector<PopulationInput<T>>& sums) {
    using std::sqrt;
    const std::size_t n = sums.size();
    std::vector<T> leak(n, T(0.0)), slow(n, T(0.0));
    const auto arrivals = [&](auto&& arrives) {
        visit_inputs<T>(network, values, rates,
                        [&](std::size_t i, const auto& from, const T& efficacy, const T& rate) {
                            if (!network.populations[i].reversals) return;
                            const T weight = from.weight * efficacy;
                            arrives(i, from, weight, primal(weight) > 0.0,
                                    from.indegree * rate / hz_per_inverse_ms, efficacy);
                        });
    };
    for (std::size_t i = 0; i < n; ++i)
        if (network.populations[i].reversals) {
            leak[i] = 1.0 / sums[i].neuron.tau_m;
            sums[i].mean = sums[i].mean * leak[i];
        }
    arrivals(
        [&](std::size_t i, const auto&, const T& weight, bool excites, const T& events, const T&) {
            const LifReversals& to = *network.populations[i].reversals;
            const T opened = events * weight * (excites ? 1.0 : -1.0);
            leak[i] = leak[i] + opened;
            sums[i].mean = sums[i].mean + opened * (excites ? to.excitatory_mV : to.inhibitory_mV);
        });
    for (std::size_t i = 0; i < n; ++i)
        if (network.populations[i].reversals) {
            sums[i].neuron.tau_m = 1.0 / leak[i];
            sums[i].mean = sums[i].mean / leak[i];
        }
    arrivals([&](std::size_t i, const auto& from, const T& weight, bool excites, const T& events,
                 const T& efficacy) {
        const LifReversals& to = *network.populations[i].reversals;
        const T distance = (excites ? to.excitatory_mV : to.inhibitory_mV) - sums[i].mean;
        const T square = weight * weight + from.weight_sd * from.weight_sd * efficacy * efficacy;
        const T variance = sums[i].neuron.tau_m * events * square * distance * distance;
        sums[i].variance = sums[i].variance + variance;
        slow[i] = slow[i] + variance * std::sqrt(excites ? to.tau_ex : to.tau_in);
    });
    for (std::size_t i = 0; i < n; ++i)
        if (network.populations[i].reversals && primal(sums[i].variance) > 0.0) {
            const T root = slow[i] / sums[i].variance;
            sums[i].neuron.tau_s = root * root;
        }
}

template <class T>
std::vector<PopulationInput<T>> inputs(const LifNetwork& network, const NetworkValues<T>& values,
                                       const std::vector<T>& rates) {
    std::vector<PopulationInput<T>> sums;
    for (const auto& population : values.populations)
        sums.push_back({population.neuron, population.input, T(0.0)});
    visit_inputs<T>(network, values, rates,
                    [&](std::size_t i, const auto& from, const T& efficacy, const T& rate) {
                        if (network.populations[i].reversals) return;
                        const auto effect =
                            effect_per_hz<T>(from, values.populations[i].neuron.tau_m, efficacy);
                        sums[i].mean = sums[i].mean + effect.mean * rate;
                        sums[i].variance = sums[i].variance + effect.variance * rate;
                    });
    if (has_conductances(network)) add_conductances(network, values, rates, sums);
    return sums;
}

}  // namespace cortifold
