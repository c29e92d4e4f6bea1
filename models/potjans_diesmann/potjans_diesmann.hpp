#pragma once

#include <cortifold/model/network_scale.hpp>
#include <cortifold/model/thalamic_pulse.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cortifold {

/// The cortical microcircuit of Potjans & Diesmann (2014): README.md has sources and meanings.
namespace potjans_diesmann {

inline constexpr std::size_t populations = 8;
template <class T>
using PerPopulation = std::array<T, populations>;

inline constexpr PerPopulation<std::string_view> names{"L23E", "L23I", "L4E", "L4I",
                                                       "L5E",  "L5I",  "L6E", "L6I"};
inline constexpr PerPopulation<std::uint32_t> sizes{20683, 5834, 21915, 5479,
                                                    4850,  1065, 14395, 2948};
/// A row a target, a column a source: of at least one synapse between a pair (table 5).
inline constexpr PerPopulation<PerPopulation<double>> connection_probabilities{{
    {0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0},
    {0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0},
    {0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0},
    {0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0},
    {0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0},
    {0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0},
    {0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252},
    {0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443},
}};
inline constexpr PerPopulation<double> external_indegrees{1600, 1500, 2100, 1900,
                                                          2000, 1900, 2900, 2100};
inline constexpr double external_rate_hz = 8.0;
/// Potentials at time 0 after which the transient is short [mV].
inline constexpr PerPopulation<double> initial_means_mv{-68.28, -63.16, -63.33, -63.45,
                                                        -63.11, -61.66, -66.72, -61.43};
inline constexpr PerPopulation<double> initial_sds_mv{5.36, 4.57, 4.74, 4.94,
                                                      4.94, 4.55, 5.46, 4.48};
/// Of a simulation of the whole network, for what is left out of smaller ones.
inline constexpr PerPopulation<double> rates_hz{0.903, 2.965, 4.414, 5.876,
                                                7.569, 8.633, 1.105, 7.829};

inline constexpr std::uint32_t thalamic_neurons = 902;
inline constexpr PerPopulation<double> thalamic_probabilities{0.0, 0.0, 0.0983, 0.0619,
                                                              0.0, 0.0, 0.0512, 0.0196};

inline constexpr double psp_mv = 0.15;      ///< height of an excitatory potential
inline constexpr double inhibition = -4.0;  ///< inhibitory over excitatory weight
inline constexpr double l4e_to_l23e = 2.0;  ///< over other excitatory weights
inline constexpr double relative_weight_sd = 0.1;
inline constexpr double excitatory_delay_ms = 1.5, inhibitory_delay_ms = 0.75;
inline constexpr double relative_delay_sd = 0.5;
inline constexpr double least_delay_ms = 0.05;  ///< half a step of 0.1 ms: rounded to one

/// Weight [pA] of an exponential current that moves V by 1 mV at its peak.
inline double current_per_mv(const LifExp& neuron) {
    const double ratio = neuron.tau_m / neuron.tau_ex, difference = neuron.tau_m - neuron.tau_ex;
    const double peak =
        std::pow(ratio, -neuron.tau_ex / difference) - std::pow(ratio, -neuron.tau_m / difference);
    return neuron.C * difference / (neuron.tau_m * neuron.tau_ex * peak);
}

/// Synapses between two populations, of which pairs may have several, that join a pair with this
/// probability.
inline TotalNumber synapses(double probability, double sources, double targets) {
    return {static_cast<std::uint64_t>(
        std::round(std::log1p(-probability) / std::log1p(-1.0 / (sources * targets))))};
}

inline bool is_inhibitory(std::size_t population) {
    return population % 2 == 1;
}

inline double weight_pa(const LifExp& neuron, std::size_t target, std::size_t source) {
    const double excitatory = psp_mv * current_per_mv(neuron);
    if (is_inhibitory(source)) return inhibition * excitatory;
    return target == 0 && source == 2 ? l4e_to_l23e * excitatory : excitatory;
}

enum class Drive { poisson, constant };
struct Options {
    double neurons = 1.0;    ///< part of the neurons that is kept
    double indegrees = 1.0;  ///< part of each neuron's synapses that is kept
    Drive drive = Drive::poisson;
    std::optional<ThalamicPulse> thalamus{};
};

inline Population population(std::size_t p) {
    const LifExp neuron;
    const double weight = psp_mv * current_per_mv(neuron);
    return {.name = std::string(names[p]),
            .size = sizes[p],
            .neuron = neuron,
            .initial_mv = {initial_means_mv[p], initial_sds_mv[p]},
            .poisson = PoissonDrive{external_indegrees[p], external_rate_hz, weight}};
}

/// Normal weights and delays; a weight keeps its sign.
inline Projection projection(std::string_view source, std::string_view target, TotalNumber rule,
                             double weight, double delay_ms) {
    constexpr double unlimited = std::numeric_limits<double>::infinity();
    return {
        .source = std::string(source),
        .target = std::string(target),
        .rule = rule,
        .weight = {.mean = weight,
                   .sd = relative_weight_sd * std::abs(weight),
                   .low = weight < 0.0 ? -unlimited : 0.0,
                   .high = weight < 0.0 ? 0.0 : unlimited},
        .delay_ms = {.mean = delay_ms, .sd = relative_delay_sd * delay_ms, .low = least_delay_ms}};
}

inline Projection projection(std::size_t target, std::size_t source) {
    return projection(
        names[source], names[target],
        synapses(connection_probabilities[target][source], sizes[source], sizes[target]),
        weight_pa(LifExp{}, target, source),
        is_inhibitory(source) ? inhibitory_delay_ms : excitatory_delay_ms);
}

/// Relay cells that send for a short time, onto layers 4 and 6.
inline void add_thalamus(PopulationNetwork& network, const ThalamicPulse& pulse) {
    PoissonSource relay;
    relay.rate_hz = pulse.rate_hz;
    relay.start_ms = pulse.start_ms;
    relay.stop_ms = pulse.start_ms + pulse.duration_ms;
    network.populations.push_back({.name = "TC", .size = thalamic_neurons, .neuron = relay});
    const double weight = psp_mv * current_per_mv(LifExp{});
    for (std::size_t target = 0; target < populations; ++target)
        if (thalamic_probabilities[target] > 0.0)
            network.projections.push_back(projection(
                "TC", names[target],
                synapses(thalamic_probabilities[target], thalamic_neurons, sizes[target]), weight,
                excitatory_delay_ms));
}

/// The whole network, or a part with the mean and variance of each neuron's input kept at the rates
/// of the whole.
inline PopulationNetwork network(const Options& options = {}) {
    PopulationNetwork whole;
    for (std::size_t p = 0; p < populations; ++p) whole.populations.push_back(population(p));
    for (std::size_t target = 0; target < populations; ++target)
        for (std::size_t source = 0; source < populations; ++source)
            if (connection_probabilities[target][source] > 0.0)
                whole.projections.push_back(projection(target, source));
    std::vector<double> rates(rates_hz.begin(), rates_hz.end());
    if (options.thalamus) {
        add_thalamus(whole, *options.thalamus);
        rates.push_back(0.0);  // but for the pulse
    }
    if (options.drive == Drive::constant) whole = with_constant_drives(std::move(whole));
    return scaled(std::move(whole), {.neurons = options.neurons, .synapses = options.indegrees},
                  rates);
}

}  // namespace potjans_diesmann

}  // namespace cortifold
