#include "simulation_state.hpp"

#include <array>
#include <bit>
#include <charconv>

namespace cortifold {

namespace {

/// FNV-1a by words.
struct WordHash {
    std::uint64_t value = 0xcbf29ce484222325;
    void mix(std::uint64_t word) { value = (value ^ word) * 0x100000001b3; }
};

/// Lines `name = value`, numbers so that they are read back as they were.
class NetworkText {
public:
    void add(const std::string& name, const std::string& value) {
        text_ += name + " = " + value + "\n";
    }
    void add(const std::string& name, double value) {
        std::array<char, 32> digits;
        const auto [end, error] =
            std::to_chars(digits.data(), digits.data() + digits.size(), value);
        add(name, std::string(digits.data(), end));
    }
    // Bindings name every member: one that is new does not compile here.
    void add(const std::string& name, const Distribution& distribution) {
        const auto& [mean, sd, low, high, outside, law] = distribution;
        add(name + ".mean", mean);
        add(name + ".sd", sd);
        add(name + ".low", low);
        add(name + ".high", high);
        add(name + ".outside", static_cast<double>(outside));
        add(name + ".law", static_cast<double>(law));
    }
    void add(const std::string& of, const CurrentStep& current) {
        const auto& [start_ms, stop_ms, amplitude] = current;
        add(of + ".step.start", start_ms);
        add(of + ".step.stop", stop_ms);
        add(of + ".step.amplitude", amplitude);
    }
    void add(const std::string& of, const CurrentRamp& current) {
        const auto& [start_ms, stop_ms, first, last] = current;
        add(of + ".ramp.start", start_ms);
        add(of + ".ramp.stop", stop_ms);
        add(of + ".ramp.first", first);
        add(of + ".ramp.last", last);
    }
    void add(const std::string& of, const CurrentSinusoid& current) {
        const auto& [amplitude, frequency_hz, phase] = current;
        add(of + ".sinusoid.amplitude", amplitude);
        add(of + ".sinusoid.frequency_hz", frequency_hz);
        add(of + ".sinusoid.phase", phase);
    }
    void add(const Population& population) {
        const auto& [name, size, neuron, initial_mv, current_pa, poisson, varied, currents,
                     gaussian] = population;
        const std::string of = "population." + name;
        add(of + ".size", size);
        add(of + ".model", static_cast<double>(neuron.index()));
        std::visit(
            [&](auto model) {
                model.parameters(model, [&](double value, const Quantity& q) {
                    add(of + "." + std::string(q.name), value);
                });
                if constexpr (requires { model.spikes; }) {
                    WordHash hash;
                    for (const auto& [sender, time_ms] : *model.spikes) {
                        hash.mix(sender);
                        hash.mix(std::bit_cast<std::uint64_t>(time_ms));
                    }
                    add(of + ".spikes.hash", std::to_string(hash.value));
                }
            },
            neuron);
        add(of + ".initial", initial_mv);
        add(of + ".current", current_pa);
        for (const auto& [parameter, law] : varied) add(of + "." + parameter, law);
        for (const CurrentWaveform& current : currents)
            std::visit([&](const auto& own) { add(of + ".currents", own); }, current);
        if (gaussian) {
            add(of + ".gaussian.mean", gaussian->mean);
            add(of + ".gaussian.density", gaussian->density);
        }
        if (!poisson) return;
        const auto& [indegree, rate_hz, weight] = *poisson;
        add(of + ".poisson.indegree", indegree);
        add(of + ".poisson.rate_hz", rate_hz);
        add(of + ".poisson.weight", weight);
    }
    void add(const std::string& of, const TotalNumber& rule) {
        add(of + ".total_number", std::to_string(rule.synapses));
        add(of + ".multapses", rule.multapses ? 1.0 : 0.0);
    }
    void add(const std::string& of, const Outdegree& rule) {
        add(of + ".outdegree", rule.targets);
        add(of + ".multapses", rule.multapses ? 1.0 : 0.0);
    }
    void add(const std::string& of, const AllToAll&) { add(of + ".rule", "all to all"); }
    void add(const std::string& of, const OneToOne&) { add(of + ".rule", "one to one"); }
    void add(const std::string& of, const SynapseList& rule) {
        add(of + ".synapses", std::to_string(rule.synapses->size()));
        WordHash hash;
        for (const auto& [source, target, weight, delay_ms] : *rule.synapses) {
            hash.mix(std::uint64_t{source} << 32 | target);
            hash.mix(std::bit_cast<std::uint64_t>(weight));
            hash.mix(std::bit_cast<std::uint64_t>(delay_ms));
        }
        add(of + ".synapses.hash", std::to_string(hash.value));
    }
    void add(const std::string& of, const Indegree& rule) {
        add(of + ".indegree", rule.sources);
        add(of + ".multapses", rule.multapses ? 1.0 : 0.0);
    }
    void add(const std::string& of, const ConnectionProbability& rule) {
        add(of + ".probability", rule.probability);
    }
    void add(const Projection& projection) {
        const auto& [source, target, rule, weight, delay_ms, autapses, receptor] = projection;
        const std::string of = "projection." + source + "." + target;
        std::visit([&](const auto& own) { add(of, own); }, rule);
        add(of + ".weight", weight);
        add(of + ".delay", delay_ms);
        add(of + ".autapses", autapses ? 1.0 : 0.0);
        add(of + ".receptor", std::string(to_string(receptor)));
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_{};
};

}  // namespace

std::string describe(const PopulationNetwork& network) {
    NetworkText text;
    for (const Population& population : network.populations) text.add(population);
    for (const Projection& projection : network.projections) text.add(projection);
    return text.take();
}

std::string describe(const ActivityOptions& options) {
    const auto& [rate_bin_ms, count_bin_ms, correlation_bin_ms, correlated_neurons,
                 refractoriness_ms, blocks] = options;
    NetworkText text;
    text.add("activity.rate_bin_ms", rate_bin_ms);
    text.add("activity.count_bin_ms", count_bin_ms);
    text.add("activity.correlation_bin_ms", correlation_bin_ms);
    text.add("activity.correlated_neurons", correlated_neurons);
    text.add("activity.refractoriness_ms", refractoriness_ms);
    text.add("activity.blocks", blocks);
    return text.take();
}

}  // namespace cortifold
