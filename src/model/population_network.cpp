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
        const double centre = std::log(law.mean) - 0.5 * spread;
        return x <= 0.0 ? 0.0 : 0.5 * std::erfc((centre - std::log(x)) / std::sqrt(2.0 * spread));
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
    check(law.law != Law::log_normal || law.mean > 0.0, what + ".mean", law.mean,
          "positive for a log-normal law");
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

void check(const Population& population) {
    const std::string of = "population." + population.name;
    check(population.size > 0, of + ".size", population.size, "1 or more");
    validate(population.neuron, of);
    for (const VariedParameter& varied : population.varied) check(varied, population.neuron, of);
    check(population.initial_mv, of + ".initial");
    check(std::isfinite(population.current_pa), of + ".current", population.current_pa, "finite");
    if (!population.poisson) return;
    const auto& [indegree, rate, weight] = *population.poisson;
    check(indegree >= 0.0 && std::isfinite(indegree), of + ".poisson.indegree", indegree,
          "0 or more");
    check(rate >= 0.0 && std::isfinite(rate), of + ".poisson.rate_hz", rate, "0 or more");
    check(std::isfinite(weight), of + ".poisson.weight", weight, "finite");
}

void check_normal(const Distribution& law, const std::string& what) {
    if (law.law != Law::normal) throw ConfigError(what + " must have a normal law");
}

struct RuleCheck {
    const std::string& of;
    std::uint32_t sources;  ///< that a target may choose from
    void operator()(const TotalNumber& rule) const {
        constexpr double most = 1e15;
        const auto synapses = static_cast<double>(rule.synapses);
        check(synapses <= most, of + ".total_number", synapses, "at most " + number(most));
    }
    void operator()(const Indegree& rule) const {
        check(rule.multapses || rule.sources <= sources, of + ".indegree", rule.sources,
              "at most " + std::to_string(sources) +
                  ", the number of sources, where multapses = false");
    }
    void operator()(const ConnectionProbability& rule) const {
        check(rule.probability >= 0.0 && rule.probability <= 1.0, of + ".probability",
              rule.probability, "between 0 and 1");
    }
};

}  // namespace

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
            if constexpr (requires { model.V_th; }) below(model.V_reset, "V_th", model.V_th);
            if constexpr (requires { model.V_peak, model.V_reset; })
                below(model.V_reset, "V_peak", model.V_peak);
        },
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
    const std::size_t source = index_of(projection.source), target = index_of(projection.target);
    const double targets = populations[target].size;
    const bool excluded = source == target && !projection.autapses;
    const double sources = populations[source].size - (excluded ? 1.0 : 0.0);
    if (const auto* rule = std::get_if<TotalNumber>(&projection.rule))
        return static_cast<double>(rule->synapses);
    if (const auto* rule = std::get_if<Indegree>(&projection.rule)) return targets * rule->sources;
    return targets * sources * std::get<ConnectionProbability>(projection.rule).probability;
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
        const std::size_t source = index_of(projection.source);
        const bool excluded = source == index_of(projection.target) && !projection.autapses;
        const std::uint32_t sources = populations[source].size - (excluded ? 1U : 0U);
        if (sources == 0 && expected_synapses(projection) > 0.0)
            throw ConfigError(of + " has no source: its only neuron may not be joined to itself");
        std::visit(RuleCheck{of, sources}, projection.rule);
        check(projection.weight, of + ".weight");
        check(projection.delay_ms, of + ".delay");
        check_normal(projection.weight, of + ".weight");
        check_normal(projection.delay_ms, of + ".delay");
    }
}

}  // namespace cortifold
