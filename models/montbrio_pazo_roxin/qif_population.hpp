#pragma once

#include "montbrio_pazo_roxin.hpp"
#include <cortifold/model/population_network.hpp>

#include <numbers>

namespace cortifold::montbrio_pazo_roxin {

struct Size {
    std::uint32_t neurons = 10'000;
    double delay_ms = 0.1;  ///< the mean field has none
    Law excitabilities = Law::lorentzian;
};

/// Potentials at time 0: Lorentzian, as they stay in the mean field.
inline Distribution potentials(double tau, double r, double v) {
    return {.mean = v, .sd = std::numbers::pi * tau * r, .law = Law::lorentzian};
}

/// The neurons whose limit is the mean field with these parameters and initial state, tau in ms and
/// r in 1/ms.
inline PopulationNetwork network(const MontbrioPazoRoxin::Parameters<double>& p,
                                 const MontbrioPazoRoxin::State<double>& initial,
                                 const Size& size = {}) {
    QifDelta neuron;
    neuron.tau = p.tau;
    PopulationNetwork network;
    network.populations = {
        {.name = "qif",
         .size = size.neurons,
         .neuron = neuron,
         .initial_mv = potentials(p.tau, initial.r, initial.v),
         .current_pa = p.I,
         .varied = {{"eta", {.mean = p.eta, .sd = p.Delta, .law = size.excitabilities}}}}};
    network.projections = {
        {"qif", "qif", ConnectionProbability{1.0}, {p.J / size.neurons}, {size.delay_ms}}};
    return network;
}

}  // namespace cortifold::montbrio_pazo_roxin
