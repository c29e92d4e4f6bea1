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

/// Mean and variance of the input to every population.
template <class T>
std::vector<ProjectionEffect<T>> inputs(const LifNetwork& network, const NetworkValues<T>& values,
                                        const std::vector<T>& rates) {
    std::vector<ProjectionEffect<T>> sums;
    for (const auto& population : values.populations) sums.push_back({population.input, T(0.0)});
    const auto add = [&](std::size_t target, const ProjectionEffect<T>& effect, const T& rate) {
        sums[target].mean = sums[target].mean + effect.mean * rate;
        sums[target].variance = sums[target].variance + effect.variance * rate;
    };
    for (std::size_t k = 0; k < values.projections.size(); ++k) {
        const std::size_t source = network.projections[k].source,
                          target = network.projections[k].target;
        add(target,
            effect_per_hz<T>(values.projections[k], values.populations[target].neuron.tau_m,
                             values.populations[source].efficacy),
            rates[source]);
    }
    for (std::size_t k = 0; k < values.drives.size(); ++k) {
        const std::size_t target = network.drives[k].target;
        add(target,
            effect_per_hz<T>(values.drives[k], values.populations[target].neuron.tau_m, T(1.0)),
            values.source_rates[network.drives[k].source]);
    }
    return sums;
}

}  // namespace cortifold
