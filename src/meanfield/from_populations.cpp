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
    std::optional<LifReversals> reversals{};
    double mv_per_negative_weight = mv_per_weight;
    [[nodiscard]] double per_weight(double weight) const {
        return weight > 0.0 ? mv_per_weight : mv_per_negative_weight;
    }
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

TheoryNeuron theory_of(const LifConductance& model, const std::string&) {
    return {
        {{model.C / model.g_L, model.t_ref, model.tau_ex, model.V_th - model.E_L,
          model.V_reset - model.E_L}},
        model.tau_ex / model.C,
        1.0 / model.g_L,
        LifReversals{model.E_ex - model.E_L, model.E_in - model.E_L, model.tau_ex, model.tau_in},
        model.tau_in / model.C};
}

TheoryNeuron theory_of(const auto& model, const std::string& population) {
    throw UsageError("population." + population + " has neurons \"" + std::string(model.name) +
                     "\": the theory has lif_exp, lif_delta and lif_conductance");
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

/// A potential at rest that is drawn for each neuron moves threshold and reset alike, as a constant
/// input would.
double spread_of(const Population& population) {
    if (population.varied.empty()) return 0.0;
    const VariedParameter& first = population.varied.front();
    const bool covered = population.varied.size() == 1 && first.name == "E_L" &&
                         first.law.law == Law::normal && !is_cut_below(first.law) &&
                         !is_cut_above(first.law) &&
                         !std::holds_alternative<LifConductance>(population.neuron);
    require(covered, "population." + population.name +
                         " has parameters drawn for each neuron: the theory has equal neurons, but "
                         "for a normal E_L without limits where synapses are currents");
    return first.law.sd;
}

/// How many synapses come to each neuron; by rule, their variance over the neurons.
struct Indegrees {
    double synapses, sources, targets;
    [[nodiscard]] double mean() const { return synapses / targets; }
    /// Each of them chooses its target among all, or among those that its source has not yet.
    [[nodiscard]] double chosen(bool repeats) const {
        return mean() * (1.0 - (repeats ? 1.0 / targets : mean() / sources));
    }
    double operator()(const TotalNumber& rule) const { return chosen(rule.multapses); }
    double operator()(const Outdegree& rule) const { return chosen(rule.multapses); }
    double operator()(const ConnectionProbability&) const { return chosen(false); }
    double operator()(const auto&) const { return 0.0; }
};

}  // namespace

LifNetwork lif_network_of(const PopulationNetwork& network) {
    network.validate();
    LifNetwork made;
    std::vector<TheoryNeuron> neurons;
    for (const Population& population : network.populations) {
        require(population.currents.empty() && !population.gaussian,
                "population." + population.name +
                    " has a current of its own in time: the theory has constant ones");
        const double spread = spread_of(population);
        const TheoryNeuron theory = std::visit(
            [&](auto model) {
                if constexpr (requires { model.E_L; })
                    if (spread > 0.0) model.E_L = population.varied.front().law.mean;
                return theory_of(model, population.name);
            },
            population.neuron);
        const std::size_t target = made.populations.size();
        made.populations.push_back({.name = population.name,
                                    .size = static_cast<double>(population.size),
                                    .neuron = theory.neuron,
                                    .input_mV = population.current_pa * theory.mv_per_pa,
                                    .spread_mV = spread,
                                    .reversals = theory.reversals});
        neurons.push_back(theory);
        if (!population.poisson) continue;
        require(population.poisson->weight.sd == 0.0,
                "population." + population.name +
                    ".poisson.weight is drawn for each neuron: the theory has equal neurons");
        const double weight = population.poisson->weight.mean;
        made.drives.push_back({made.sources.size(), target, population.poisson->indegree,
                               weight * theory.per_weight(weight)});
        made.sources.push_back({population.name, population.poisson->rate_hz});
    }
    for (const Projection& projection : network.projections) {
        require(!std::holds_alternative<SynapseList>(projection.rule),
                name_of(projection) + " is a list of synapses: the theory has laws of them");
        require(!is_cut_below(projection.weight) && !is_cut_above(projection.weight),
                name_of(projection) +
                    ".weight is cut at a limit that matters: the theory has normal weights");
        const std::size_t source = network.index_of(projection.source),
                          target = network.index_of(projection.target);
        const double per_weight = neurons[target].per_weight(projection.weight.mean);
        const Indegrees degrees{network.expected_synapses(projection),
                                static_cast<double>(network.populations[source].size),
                                static_cast<double>(network.populations[target].size)};
        made.projections.push_back({source, target, degrees.mean(),
                                    projection.weight.mean * per_weight,
                                    projection.weight.sd * per_weight, delay_of(projection),
                                    std::visit(degrees, projection.rule)});
    }
    return made;
}

}  // namespace cortifold
