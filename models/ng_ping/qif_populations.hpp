#pragma once

#include "ng_ping.hpp"
#include <cortifold/model/population_network.hpp>

#include <numbers>

namespace cortifold::ng_ping {

struct Size {
    std::uint32_t excitatory = 8000, inhibitory = 2000;
    double delay_ms = 0.1;  ///< the mean field has none
    Law excitabilities = Law::lorentzian;
};

/// The neurons, all joined to all, whose limit is the mass with these parameters and initial state
/// (of which s_e and s_i start at 0).
inline PopulationNetwork network(const NgPing::Parameters<double>& p,
                                 const NgPing::State<double>& initial, const Size& size = {}) {
    QifExp e, i;
    e.tau = p.tau_e;
    i.tau = p.tau_i;
    e.tau_ex = i.tau_ex = p.tau_se;
    e.tau_in = i.tau_in = p.tau_si;
    const auto lorentzian = [&](double centre, double width, Law law) {
        return Distribution{.mean = centre, .sd = width, .law = law};
    };
    const auto potentials = [&](double v, double tau, double r) {
        return lorentzian(v, std::numbers::pi * tau * r, Law::lorentzian);
    };
    PopulationNetwork network;
    network.populations = {
        {.name = "E",
         .size = size.excitatory,
         .neuron = e,
         .initial_mv = potentials(initial.v_e, p.tau_e, initial.r_e),
         .current_pa = p.I_ext_E,
         .varied = {{"eta", lorentzian(p.nu_e, p.Delta_e, size.excitabilities)}}},
        {.name = "I",
         .size = size.inhibitory,
         .neuron = i,
         .initial_mv = potentials(initial.v_i, p.tau_i, initial.r_i),
         .current_pa = p.I_ext_I,
         .varied = {{"eta", lorentzian(p.nu_i, p.Delta_i, size.excitabilities)}}}};
    const ConnectionProbability all{1.0};
    const Distribution delay{size.delay_ms};
    network.projections = {{"E", "E", all, {p.J_ee / size.excitatory}, delay},
                           {"I", "E", all, {-p.J_ei / size.inhibitory}, delay},
                           {"E", "I", all, {p.J_ie / size.excitatory}, delay},
                           {"I", "I", all, {-p.J_ii / size.inhibitory}, delay}};
    return network;
}

}  // namespace cortifold::ng_ping
