#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/from_populations.hpp>

#include <cmath>
#include <numbers>
#include <sstream>

namespace cortifold {

namespace {

/// A law that loses less than this to its limits is taken without them.
constexpr double negligible_mass = 1e-9;

double mass_below(const Distribution& law, double limit) {
    if (law.sd == 0.0) return law.mean < limit ? 1.0 : 0.0;
    return 0.5 * std::erfc((law.mean - limit) / (law.sd * std::numbers::sqrt2));
}
bool is_cut_below(const Distribution& law) {
    if (law.law == Law::log_normal) return law.mean > 0.0 ? law.low > 0.0 : std::isfinite(law.low);
    return mass_below(law, law.low) > negligible_mass;
}
bool is_cut_above(const Distribution& law) {
    if (law.law == Law::log_normal)
        return law.mean > 0.0 ? std::isfinite(law.high) : law.high < 0.0;
    return mass_below({.mean = -law.mean, .sd = law.sd}, -law.high) > negligible_mass;
}

std::string name_of(const Projection& projection) {
    return "projection." + projection.source + "." + projection.target;
}

/// A neuron, and what a spike or a current makes of its potential.
struct TheoryNeuron {
    LifNeuron neuron;
    double mv_per_weight = 1.0, mv_per_pa = 0.0;
};

TheoryNeuron theory_of(const LifExp& model, const std::string& population) {
    if (model.tau_ex != model.tau_in) {
        std::ostringstream text;
        text << "population." << population << " has tau_ex = " << model.tau_ex
             << " ms and tau_in = " << model.tau_in << " ms: the theory has one for both";
        throw UsageError(text.str());
    }
    return {{{model.tau_m, model.t_ref, model.tau_ex, model.V_th - model.E_L,
              model.V_reset - model.E_L}},
            model.tau_ex / model.C,
            model.tau_m / model.C};
}
TheoryNeuron theory_of(const LifDelta& model, const std::string&) {
    constexpr double no_synapse = 0.0;
    return {
        {{model.tau_m, model.t_ref, no_synapse, model.V_th - model.E_L, model.V_reset - model.E_L}},
        1.0,
        model.tau_m / model.C};
}

TheoryNeuron theory_of(const auto& model, const std::string& population) {
    throw UsageError("population." + population + " has neurons \"" + std::string(model.name) +
                     "\": the theory has lif_exp and lif_delta");
}

DelayLaw delay_of(const Projection& projection) {
    const Distribution& law = projection.delay_ms;
    const bool cut = is_cut_below(law);
    require(!is_cut_above(law) && !(cut && law.outside == Outside::clipped),
            name_of(projection) +
                ".delay is clipped or has an upper limit: the theory has delays "
                "that are redrawn below a lower one");
    if (law.sd == 0.0) return {DelayKind::fixed, law.mean};
    if (law.law == Law::log_normal) {
        require(!cut, name_of(projection) +
                          ".delay is log-normal above a lower limit: the theory "
                          "has the whole law");
        return {DelayKind::log_normal, law.mean, law.sd};
    }
    if (!cut) return {DelayKind::gaussian, law.mean, law.sd};
    return {DelayKind::truncated_gaussian, law.mean, law.sd, law.low};
}

}  // namespace

LifNetwork lif_network_of(const PopulationNetwork& network) {
    network.validate();
    LifNetwork made;
    std::vector<double> mv_per_weight;
    for (const Population& population : network.populations) {
        require(population.varied.empty(),
                "population." + population.name +
                    " has parameters drawn for each neuron: the theory has equal neurons");
        require(population.currents.empty() && !population.gaussian,
                "population." + population.name +
                    " has a current of its own in time: the theory has constant ones");
        const TheoryNeuron theory =
            std::visit([&](const auto& model) { return theory_of(model, population.name); },
                       population.neuron);
        const std::size_t target = made.populations.size();
        made.populations.push_back({.name = population.name,
                                    .size = static_cast<double>(population.size),
                                    .neuron = theory.neuron,
                                    .input_mV = population.current_pa * theory.mv_per_pa});
        mv_per_weight.push_back(theory.mv_per_weight);
        if (!population.poisson) continue;
        require(population.poisson->weight.sd == 0.0,
                "population." + population.name +
                    ".poisson.weight is drawn for each neuron: the theory has equal neurons");
        made.drives.push_back({made.sources.size(), target, population.poisson->indegree,
                               population.poisson->weight.mean * theory.mv_per_weight});
        made.sources.push_back({population.name, population.poisson->rate_hz});
    }
    for (const Projection& projection : network.projections) {
        require(!std::holds_alternative<SynapseList>(projection.rule),
                name_of(projection) + " is a list of synapses: the theory has laws of them");
        require(!is_cut_below(projection.weight) && !is_cut_above(projection.weight),
                name_of(projection) +
                    ".weight is cut at a limit that matters: the theory has normal weights");
        const std::size_t target = network.index_of(projection.target);
        made.projections.push_back(
            {network.index_of(projection.source), target,
             network.expected_synapses(projection) / network.populations[target].size,
             projection.weight.mean * mv_per_weight[target],
             projection.weight.sd * mv_per_weight[target], delay_of(projection)});
    }
    return made;
}

}  // namespace cortifold
