#pragma once

#include <cortifold/meanfield/lif_network.hpp>

#include <string>
#include <vector>

namespace cortifold::test {

/// Brunel 2000: excitatory and inhibitory neurons that receive the same input.
inline LifNetwork brunel(double g, double external_in_thresholds) {
    const LifNeuron neuron{{.tau_m = 20.0, .threshold = 20.0, .reset = 10.0}};
    const double weight = 0.1;
    LifNetwork network;
    network.populations = {{"E", 10000.0, neuron}, {"I", 2500.0, neuron}};
    network.populations[1].efficacy = g;
    const double threshold_hz = 1000.0 * 20.0 / (1000.0 * weight * 20.0);
    network.sources = {{"noise", external_in_thresholds * threshold_hz}};
    for (const std::size_t target : {0U, 1U}) {
        const DelayLaw delay{DelayKind::fixed, 1.5};
        network.projections.push_back({0, target, 1000.0, weight, 0.0, delay});
        network.projections.push_back({1, target, 250.0, -weight, 0.0, delay});
        network.drives.push_back({0, target, 1000.0, weight, 0.0, delay});
    }
    return network;
}

/// Neurons that excite each other: silent, firing, or either, by how much they are driven.
inline LifNetwork excitable(double drive_hz) {
    LifNetwork network;
    network.populations = {
        {"E", 1000.0, LifNeuron{{.tau_m = 20.0, .threshold = 20.0, .reset = 10.0}}}};
    network.sources = {{"noise", drive_hz}};
    network.projections = {{0, 0, 100.0, 0.15, 0.0, {}}};
    network.drives = {{0, 0, 100.0, 0.2, 0.0, {}}};
    return network;
}

}  // namespace cortifold::test
