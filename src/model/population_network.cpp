#include <cortifold/core/error.hpp>
#include <cortifold/model/population_network.hpp>

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

void check(bool condition, const std::string& what, double value, const std::string& allowed) {
    if (!condition) throw ConfigError(what + " = " + number(value) + " must be " + allowed);
}

double probability_below(const Distribution& law, double x) {
    if (law.law == Law::log_normal) {
        const double spread = std::log1p(law.sd * law.sd / (law.mean * law.mean));
        const double ratio = std::max(0.0, x / law.mean);
        const double nearer_to_zero =
            0.5 * std::erfc(-(std::log(ratio) + 0.5 * spread) / std::sqrt(2.0 * spread));
        return law.mean > 0.0 ? nearer_to_zero : 1.0 - nearer_to_zero;
    }
    return 0.5 + std::atan((x - law.mean) / law.sd) / std::numbers::pi;
}

/// Of what is not normal.
void check_mass(const Distribution& law, const std::string& what) {
    constexpr double least = 1e-4;
    const double kept = probability_below(law, law.high) - probability_below(law, law.low);
    check(kept >= least, what + " falls within its limits with probability", kept,
          "at least " + number(least));
}

void check(const Distribution& law, const std::string& what) {
    check(std::isfinite(law.mean), what + ".mean", law.mean, "finite");
    check(law.sd >= 0.0 && std::isfinite(law.sd), what + ".sd", law.sd, "0 or more");
    check(law.low <= law.high, what + ".low", law.low, "at most high = " + number(law.high));
    const double nearest = std::clamp(law.mean, law.low, law.high);
    if (law.sd == 0.0) {
        check(nearest == law.mean, what, law.mean,
              "between low = " + number(law.low) + " and high = " + number(law.high));
        return;
    }
    check(law.law != Law::log_normal || law.mean != 0.0, what + ".mean", law.mean,
          "another number for a log-normal law");
    if (law.law != Law::normal) return check_mass(law, what);
    constexpr double reach = 4.0;  // sd: of further limits less than one draw in 30 000 is kept
    check(std::abs(nearest - law.mean) <= reach * law.sd && law.low < law.high, what + ".mean",
          law.mean,
          "within 4 sd of [low, high] = [" + number(law.low) + ", " + number(law.high) +
              "], which must not be empty");
}

void check(const VariedParameter& varied, const NeuronModel& neuron, const std::string& of) {
    std::vector<std::string> names;
    Distribution law = varied.law;
    const auto narrow = [&](double, const Quantity& q) {
        names.emplace_back(q.name);
        if (q.name != varied.name) return;
        law.low = std::max(law.low, q.low);
        law.high = std::min(law.high, q.high);
    };
    std::visit([&](auto model) { model.parameters(model, narrow); }, neuron);
    if (std::ranges::find(names, varied.name) == names.end())
        throw ConfigError(of + ": " + unknown_name("parameter", varied.name, names));
    check(law, of + "." + varied.name);
}

struct WaveformCheck {
    std::string of;
    void finite(const char* name, double value) const {
        check(std::isfinite(value), of + name, value, "finite");
    }
    void interval(const std::string& kind, double start_ms, double stop_ms) const {
        check(std::isfinite(start_ms), of + kind + ".start", start_ms, "finite");
        check(stop_ms > start_ms && std::isfinite(stop_ms), of + kind + ".stop", stop_ms,
              "after start = " + number(start_ms) + " ms");
    }
    void operator()(const CurrentStep& current) const {
        interval(".step", current.start_ms, current.stop_ms);
        finite(".step.amplitude", current.amplitude);
    }
    void operator()(const CurrentRamp& current) const {
        interval(".ramp", current.start_ms, current.stop_ms);
        finite(".ramp.first", current.first);
        finite(".ramp.last", current.last);
    }
    void operator()(const CurrentSinusoid& current) const {
        check(current.frequency_hz >= 0.0 && std::isfinite(current.frequency_hz),
              of + ".sinusoid.frequency_hz", current.frequency_hz, "0 or more");
        finite(".sinusoid.amplitude", current.amplitude);
        finite(".sinusoid.phase", current.phase);
    }
};

void check_spikes(const Population& population, const std::string& of) {
    const auto* source = std::get_if<SpikeTimes>(&population.neuron);
    if (source == nullptr) return;
    if (!source->spikes) throw ConfigError(of + " has no list of spikes to send");
    for (const auto& [neuron, time_ms] : *source->spikes) {
        check(neuron < population.size, of + ".spikes.neuron", neuron,
              "below " + std::to_string(population.size));
        check(time_ms > 0.0 && std::isfinite(time_ms), of + ".spikes.time", time_ms, "positive");
    }
}

void check(const Population& population) {
    const std::string of = "population." + population.name;
    check(population.size > 0, of + ".size", population.size, "1 or more");
    validate(population.neuron, of);
    for (const VariedParameter& varied : population.varied) check(varied, population.neuron, of);
    check(population.initial_mv, of + ".initial");
    check_spikes(population, of);
    if (!has_potential(population.neuron) && (population.poisson || population.current_pa != 0.0 ||
                                              !population.currents.empty() || population.gaussian))
        throw ConfigError(of + " has sources of spikes, which no drive or current reaches");
    check(std::isfinite(population.current_pa), of + ".current", population.current_pa, "finite");
    for (const CurrentWaveform& current : population.currents)
        std::visit(WaveformCheck{of + ".drive"}, current);
    if (population.gaussian) {
        const auto& [mean, density] = *population.gaussian;
        check(std::isfinite(mean), of + ".gaussian.mean", mean, "finite");
        check(density >= 0.0 && std::isfinite(density), of + ".gaussian.density", density,
              "0 or more");
    }
    if (!population.poisson) return;
    const auto& [indegree, rate, weight] = *population.poisson;
    check(indegree >= 0.0 && std::isfinite(indegree), of + ".poisson.indegree", indegree,
          "0 or more");
    check(rate >= 0.0 && std::isfinite(rate), of + ".poisson.rate_hz", rate, "0 or more");
    check(weight, of + ".poisson.weight");
}

void check_third(const Projection& projection, const Population& target, const std::string& of) {
    const Distribution& weight = projection.weight;
    const auto* list = std::get_if<SynapseList>(&projection.rule);
    if (!has_third_receptor(target.neuron))
        throw ConfigError(of + ".receptor = third: the neurons of population." + target.name +
                          " have none, \"eglif\" has");
    for (std::size_t k = 0; list != nullptr && k < list->synapses->size(); ++k)
        check((*list->synapses)[k].weight >= 0.0, of + ".weight", (*list->synapses)[k].weight,
              "0 or more at the third receptor");
    if (weight.sd == 0.0 || weight.law == Law::log_normal)
        check(weight.mean >= 0.0, of + ".weight", weight.mean, "0 or more at the third receptor");
    else
        check(weight.low >= 0.0, of + ".weight", weight.low,
              "0 or more at its lower limit at the third receptor");
}

/// How many neurons a projection has at both ends, and may choose from.
struct Ends {
    double sources, targets;          ///< all
    double from_choices, to_choices;  ///< fewer by one where autapses are left out
    [[nodiscard]] bool has_no_autapses() const { return from_choices < sources; }
};

Ends ends_of(const PopulationNetwork& network, const Projection& projection) {
    const std::size_t source = network.index_of(projection.source);
    const std::size_t target = network.index_of(projection.target);
    const double sources = network.populations[source].size;
    const double targets = network.populations[target].size;
    const double excluded = source == target && !projection.autapses ? 1.0 : 0.0;
    return {sources, targets, sources - excluded, targets - excluded};
}

struct ExpectedSynapses {
    Ends ends;
    double operator()(const TotalNumber& rule) const { return static_cast<double>(rule.synapses); }
    double operator()(const Indegree& rule) const { return ends.targets * rule.sources; }
    double operator()(const Outdegree& rule) const { return ends.sources * rule.targets; }
    double operator()(const ConnectionProbability& rule) const {
        return ends.targets * ends.from_choices * rule.probability;
    }
    double operator()(const AllToAll&) const { return ends.targets * ends.from_choices; }
    double operator()(const OneToOne&) const { return ends.sources; }
    double operator()(const SynapseList& rule) const {
        return rule.synapses ? static_cast<double>(rule.synapses->size()) : 0.0;
    }
};

void check_drawn(const Distribution& law, const std::string& what) {
    if (law.law != Law::normal && law.law != Law::log_normal)
        throw ConfigError(what + " must have a normal or a log-normal law");
}

struct RuleCheck {
    const std::string& of;
    Ends ends;
    void operator()(const TotalNumber& rule) const {
        constexpr double most = 1e15;
        const auto synapses = static_cast<double>(rule.synapses);
        check(synapses <= most, of + ".total_number", synapses, "at most " + number(most));
        const double pairs = ends.sources * ends.to_choices;
        check(rule.multapses || synapses <= pairs, of + ".total_number", synapses,
              "at most " + number(pairs) + ", the number of pairs, where multapses = false");
    }
    void operator()(const Indegree& rule) const {
        check(rule.multapses || rule.sources <= ends.from_choices, of + ".indegree", rule.sources,
              "at most " + number(ends.from_choices) +
                  ", the number of sources, where multapses = false");
    }
    void operator()(const Outdegree& rule) const {
        check(rule.multapses || rule.targets <= ends.to_choices, of + ".outdegree", rule.targets,
              "at most " + number(ends.to_choices) +
                  ", the number of targets, where multapses = false");
    }
    void operator()(const ConnectionProbability& rule) const {
        check(rule.probability >= 0.0 && rule.probability <= 1.0, of + ".probability",
              rule.probability, "between 0 and 1");
    }
    void operator()(const AllToAll&) const {}
    void operator()(const OneToOne&) const {
        if (ends.sources != ends.targets)
            throw ConfigError(of + " is one to one, and has " + number(ends.sources) +
                              " sources and " + number(ends.targets) + " targets");
        if (ends.has_no_autapses())
            throw ConfigError(of +
                              " is one to one onto the same population: autapses alone, "
                              "which autapses = false leaves out");
    }
    void operator()(const SynapseList& rule) const {
        if (!rule.synapses) throw ConfigError(of + " has no list of synapses");
        for (std::size_t k = 0; k < rule.synapses->size(); ++k) {
            const auto& [source, target, weight, delay_ms] = (*rule.synapses)[k];
            const std::string synapse = of + ".synapse[" + std::to_string(k + 1) + "]";
            check(source < ends.sources, synapse + ".source", source,
                  "below " + number(ends.sources));
            check(target < ends.targets, synapse + ".target", target,
                  "below " + number(ends.targets));
            check(std::isfinite(weight), synapse + ".weight", weight, "finite");
            check(delay_ms > 0.0 && std::isfinite(delay_ms), synapse + ".delay", delay_ms,
                  "positive");
            if (ends.has_no_autapses() && source == target)
                throw ConfigError(synapse + " joins neuron " + std::to_string(source) +
                                  " to itself, which autapses = false leaves out");
        }
    }
};

}  // namespace

std::string_view to_string(Receptor receptor) {
    return receptor == Receptor::third ? "third" : "by_sign";
}

bool has_third_receptor(const NeuronModel& neuron) {
    return std::holds_alternative<ExtendedGlif>(neuron);
}

void validate(const NeuronModel& neuron, const std::string& of) {
    const auto below = [&](double reset, std::string_view name, double threshold) {
        check(reset < threshold, of + ".V_reset", reset,
              "below " + std::string(name) + " = " + number(threshold));
    };
    std::visit(
        [&](auto model) {
            model.parameters(model, [&](double value, const Quantity& q) {
                check(value >= q.low && value <= q.high, of + "." + std::string(q.name), value,
                      "between " + number(q.low) + " and " + number(q.high) + " " +
                          std::string(q.unit));
            });
            if constexpr (requires { model.stop_ms; })
                check(model.stop_ms > model.start_ms, of + ".stop_ms", model.stop_ms,
                      "after start_ms = " + number(model.start_ms) + " ms");
            if constexpr (requires { model.V_th; }) below(model.V_reset, "V_th", model.V_th);
            if constexpr (requires { model.V_peak, model.V_reset; })
                below(model.V_reset, "V_peak", model.V_peak);
        },
        neuron);
}

std::vector<NeuronModel> neuron_models() {
    const auto all = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::vector<NeuronModel>{NeuronModel(std::in_place_index<I>)...};
    };
    return all(std::make_index_sequence<std::variant_size_v<NeuronModel>>());
}

bool has_potential(const NeuronModel& neuron) {
    return !std::holds_alternative<PoissonSource>(neuron) &&
           !std::holds_alternative<SpikeTimes>(neuron);
}

std::string_view potential_unit(const NeuronModel& neuron) {
    // Weights move a potential, or are in units of their own.
    return std::visit([](const auto& model) { return model.weight_unit == "1" ? "" : "mV"; },
                      neuron);
}

std::size_t PopulationNetwork::index_of(std::string_view population) const {
    const auto found = std::ranges::find(populations, population, &Population::name);
    if (found != populations.end()) return static_cast<std::size_t>(found - populations.begin());
    std::vector<std::string> names;
    for (const Population& known : populations) names.push_back(known.name);
    throw ConfigError(unknown_name("population", population, names));
}

std::uint64_t PopulationNetwork::neurons() const {
    std::uint64_t sum = 0;
    for (const Population& population : populations) sum += population.size;
    return sum;
}

double PopulationNetwork::expected_synapses(const Projection& projection) const {
    return std::visit(ExpectedSynapses{ends_of(*this, projection)}, projection.rule);
}

void PopulationNetwork::validate() const {
    if (populations.empty()) throw ConfigError("a network has at least one population");
    for (const Population& population : populations) {
        check(population);
        if (&populations[index_of(population.name)] != &population)
            throw ConfigError("two populations are called \"" + population.name + "\"");
    }
    constexpr double most = std::numeric_limits<std::uint32_t>::max();
    check(static_cast<double>(neurons()) <= most, "the number of neurons",
          static_cast<double>(neurons()), "at most " + number(most));
    for (const Projection& projection : projections) {
        const std::string of = "projection." + projection.source + "." + projection.target;
        if (!has_potential(populations[index_of(projection.target)].neuron))
            throw ConfigError(of + " has sources of spikes as targets, which nothing reaches");
        const Ends ends = ends_of(*this, projection);
        if (ends.from_choices == 0.0 && expected_synapses(projection) > 0.0 &&
            !std::holds_alternative<SynapseList>(projection.rule) &&
            !std::holds_alternative<OneToOne>(projection.rule))
            throw ConfigError(of + " has no source: its only neuron may not be joined to itself");
        std::visit(RuleCheck{of, ends}, projection.rule);
        const Distribution &weight = projection.weight, &delay = projection.delay_ms;
        if (std::holds_alternative<SynapseList>(projection.rule) &&
            (weight.mean != 0.0 || weight.sd != 0.0 || delay.mean != 0.0 || delay.sd != 0.0))
            throw ConfigError(of + " has a weight or delay besides those of its list");
        check(weight, of + ".weight");
        check(delay, of + ".delay");
        check_drawn(weight, of + ".weight");
        if (projection.receptor == Receptor::third)
            check_third(projection, populations[index_of(projection.target)], of);
        check_drawn(delay, of + ".delay");
    }
}

}  // namespace cortifold
