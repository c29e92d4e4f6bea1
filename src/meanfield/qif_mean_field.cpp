#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/qif_mean_field.hpp>
#include <cortifold/model/model_node.hpp>
#include <cortifold/model/registry.hpp>
#include <cortifold/network/network.hpp>
#include <cortifold/ode/integrate.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace cortifold {

namespace {

constexpr double pi = std::numbers::pi;

/// A low pass: what an exponential synapse makes of a rate.
struct ExponentialSynapse {
    static constexpr std::string_view name = "exponential_synapse";
    static constexpr std::string_view time_unit = "1";

    template <class T>
    struct State {
        T s;
    };
    template <class T>
    struct Input {
        T rate;
    };
    template <class T>
    struct Output {
        T s;
    };
    template <class T>
    struct Parameters {
        T tau_s;
    };

    static constexpr void states(auto& x, auto&& field) {
        field(x.s, {"s", "1", 0.0, 0.0, 10.0, "synaptic activation"});
    }
    static constexpr void inputs(auto& u, auto&& field) {
        field(u.rate, {"rate", "1", 0.0, 0.0, 10.0, "firing rate of the source"});
    }
    static constexpr void outputs(auto& h, auto&& field) {
        field(h.s, {"s", "1", 0.0, 0.0, 10.0, "synaptic activation"});
    }
    static constexpr void parameters(auto& p, auto&& field) {
        field(p.tau_s, {"tau_s", "1", 1.0, 1e-2, 1e3, "time constant of the synapse"});
    }
    template <class T>
    static void rhs(const State<T>& x, const Input<T>& u, const Parameters<T>& p, State<T>& dx) {
        dx.s = (u.rate - x.s) / p.tau_s;
    }
    template <class T>
    static Output<T> output(const State<T>& x, const Parameters<T>&) {
        return {x.s};
    }
};

/// Time constants in ms; none of synapses that act at once.
struct QifTimes {
    double membrane = 0.0;
    std::optional<double> excitatory{}, inhibitory{};
};
QifTimes times_of(const QifDelta& neuron, const std::string&) {
    return {neuron.tau};
}
QifTimes times_of(const QifExp& neuron, const std::string&) {
    return {neuron.tau, neuron.tau_ex, neuron.tau_in};
}
QifTimes times_of(const auto& neuron, const std::string& population) {
    throw UsageError("population." + population + " has neurons \"" + std::string(neuron.name) +
                     "\": the exact mean field has qif_delta and qif_exp");
}
QifTimes times_of(const Population& population) {
    return std::visit([&](const auto& neuron) { return times_of(neuron, population.name); },
                      population.neuron);
}

bool is_lorentzian(const Distribution& law) {
    return law.sd > 0.0 && (law.law == Law::lorentzian || law.law == Law::lorentzian_quantiles);
}

const Distribution& excitability_of(const Population& population) {
    const std::string name = "population." + population.name;
    require(!population.poisson && !population.gaussian,
            name + " has a noise of its own: the exact mean field has currents without noise");
    for (const VariedParameter& one : population.varied)
        require(one.name == "eta",
                name + ".parameters." + one.name +
                    " is drawn for each neuron: the exact mean field has one value");
    require(population.varied.size() == 1 && is_lorentzian(population.varied.front().law),
            name +
                ".parameters.eta has no Lorentzian law, which the exact mean field rests on: "
                "eta = { lorentzian = [centre, half-width] }");
    return population.varied.front().law;
}

double missing_rate(const Population& population, PopulationLimit limit) {
    constexpr double zeta_of_half = -1.4603545088095868;
    const Distribution& eta = excitability_of(population);
    if (limit == PopulationLimit::infinite || eta.law != Law::lorentzian_quantiles) return 0.0;
    return -zeta_of_half * std::sqrt(eta.sd / (pi * population.size)) /
           (pi * times_of(population).membrane);
}

std::string name_of(const Projection& projection) {
    return "projection." + projection.source + "." + projection.target;
}

/// J: the sum of weights that arrive at a neuron.
double total_weight(const PopulationNetwork& network, const Projection& projection) {
    require(!std::holds_alternative<SynapseList>(projection.rule) &&
                !std::holds_alternative<OneToOne>(projection.rule),
            name_of(projection) +
                ".rule names single synapses: the exact mean field has many for each neuron");
    return projection.weight.mean * network.expected_synapses(projection) /
           network.populations[network.index_of(projection.target)].size;
}

struct AsWaves {
    using Waves = std::vector<Wave>;
    Waves operator()(const CurrentStep& step) const {
        return {PulseTrain{
            .at = step.start_ms, .width = step.stop_ms - step.start_ms, .height = step.amplitude}};
    }
    /// The pulse has the height at the start; what the ramp has added ends with it.
    Waves operator()(const CurrentRamp& ramp) const {
        Waves waves = (*this)(CurrentStep{ramp.start_ms, ramp.stop_ms, ramp.first});
        waves.emplace_back(Ramp{ramp.start_ms, ramp.stop_ms, ramp.last - ramp.first});
        waves.emplace_back(StepWave{ramp.stop_ms, ramp.first - ramp.last});
        return waves;
    }
    Waves operator()(const CurrentSinusoid& wave) const {
        constexpr double seconds = 1e-3;
        return {Sinusoid{wave.amplitude, wave.frequency_hz * seconds, wave.phase}};
    }
};

/// Makes the nodes and links, then the field and what belongs to it.
class QifNetworkMaker {
public:
    QifNetworkMaker(const PopulationNetwork& network, PopulationLimit limit)
        : tables_(network), limit_(limit), arriving_(network.populations.size()) {
        for (std::size_t k = 0; k < network.populations.size(); ++k)
            add_node(find_model("montbrio_pazo_roxin").make());
        for (const Projection& projection : network.projections) add_links(projection);
        const auto nodes = std::ssize(network_.kinds);
        network_.connectomes.resize(1);
        network_.connectomes[0].weights = Matrix::Ones(nodes, nodes).sparseView();
        network_.strength = 1.0;
    }

    QifMeanField make() const {
        QifMeanField theory;
        theory.field = make_field(network_);
        theory.parameters = default_values(theory.field->parameters());
        theory.initial = Vector::Zero(theory.field->dimension());
        theory.missing = Vector::Zero(std::ssize(tables_.populations));
        for (std::size_t k = 0; k < tables_.populations.size(); ++k) set(k, theory);
        for (const Synapse& synapse : synapses_)
            theory.parameters[parameter(synapse.node, "tau_s")] = synapse.tau_ms;
        set_box(theory);
        return theory;
    }

private:
    struct Synapse {
        std::size_t source = 0, node = 0;
        double tau_ms = 0.0;
    };
    struct Arriving {
        double excitation = 0.0, all = 0.0;  ///< sums of J and of |J|
        double missing = 0.0;                ///< of J times what the sources' rates lack
    };

    /// Of a node's variable among those of the field, which has them node after node.
    [[nodiscard]] Eigen::Index place(std::size_t node,
                                     std::span<const Quantity> (Node::*table)() const,
                                     std::string_view name) const {
        std::size_t before = 0;
        for (std::size_t k = 0; k < node; ++k) before += ((*network_.kinds[k]).*table)().size();
        return static_cast<Eigen::Index>(before +
                                         index_of(((*network_.kinds[node]).*table)(), name));
    }
    [[nodiscard]] Eigen::Index parameter(std::size_t node, std::string_view name) const {
        return place(node, &Node::parameters, name);
    }

    std::size_t add_node(std::shared_ptr<const Node> node) {
        network_.kind_of.push_back(network_.kinds.size());
        network_.kinds.push_back(std::move(node));
        return network_.kinds.size() - 1;
    }

    void add_links(const Projection& projection) {
        const std::size_t source = tables_.index_of(projection.source),
                          target = tables_.index_of(projection.target);
        const double weight = total_weight(tables_, projection);
        arriving_[target].excitation += std::max(weight, 0.0);
        arriving_[target].all += std::abs(weight);
        arriving_[target].missing += weight * missing_rate(tables_.populations[source], limit_);
        const QifTimes times = times_of(tables_.populations[target]);
        const auto tau = projection.weight.mean > 0.0 ? times.excitatory : times.inhibitory;
        network_.links.push_back({.output = tau ? "s" : "r",
                                  .input = "drive",
                                  .gain = weight,
                                  .from_kind = tau ? synapse_of(source, *tau) : source,
                                  .to_kind = target});
    }

    /// The node that has the rate of a population behind synapses with this time constant.
    std::size_t synapse_of(std::size_t source, double tau_ms) {
        const auto found = std::ranges::find_if(synapses_, [&](const Synapse& synapse) {
            return synapse.source == source && synapse.tau_ms == tau_ms;
        });
        if (found != synapses_.end()) return found->node;
        const std::size_t node = add_node(std::make_shared<ModelNode<ExponentialSynapse>>());
        synapses_.push_back({source, node, tau_ms});
        network_.links.push_back(
            {.output = "r", .input = "rate", .from_kind = source, .to_kind = node});
        return node;
    }

    [[nodiscard]] double constant_current(std::size_t k) const {
        const Population& population = tables_.populations[k];
        return population.current_pa - times_of(population).membrane * arriving_[k].missing;
    }

    void set(std::size_t k, QifMeanField& theory) const {
        const Population& population = tables_.populations[k];
        const auto own = [&](const char* name) -> double& {
            return theory.parameters[parameter(k, name)];
        };
        const double tau = times_of(population).membrane;
        const Distribution& eta = excitability_of(population);
        own("tau") = tau;
        own("Delta") = eta.sd;
        own("eta") = eta.mean;
        own("J") = 0.0;  // a link, as all weights
        own("I") = constant_current(k);
        theory.missing[static_cast<Eigen::Index>(k)] = missing_rate(population, limit_);
        theory.populations.push_back(population.name);
        theory.rates.push_back(place(k, &Node::states, "r"));
        theory.potentials.push_back(place(k, &Node::states, "v"));
        theory.initial[theory.potentials.back()] = population.initial_mv.mean;
        if (is_lorentzian(population.initial_mv))  // other laws have no density at infinity
            theory.initial[theory.rates.back()] = population.initial_mv.sd / (pi * tau);
        const auto current = static_cast<std::size_t>(parameter(k, "I"));
        for (const CurrentWaveform& one : population.currents)
            for (const Wave& wave : std::visit(AsWaves{}, one))
                theory.drives.push_back({current, wave});
    }

    /// At an equilibrium 2 pi tau r v = -Delta and (pi tau r)^2 = v^2 + c + tau sum J r. The
    /// population with the highest rate has |v| < 1, or else r < Delta / (2 pi tau): either way its
    /// rate is bounded, by it all potentials, and by these the rates from below.
    void set_box(QifMeanField& theory) const {
        const auto current = [&](std::size_t k) {
            return std::abs(excitability_of(tables_.populations[k]).mean + constant_current(k));
        };
        double highest = 0.0;
        for (std::size_t k = 0; k < tables_.populations.size(); ++k) {
            const Population& population = tables_.populations[k];
            const double tau = times_of(population).membrane, J = arriving_[k].excitation;
            const double half = J / (2.0 * pi * pi);
            highest = std::max({highest, excitability_of(population).sd / (2.0 * pi * tau),
                                (half + std::hypot(half, std::sqrt(1.0 + current(k)) / pi)) / tau});
        }
        theory.low = Vector::Zero(theory.field->dimension());
        theory.high = Vector::Constant(theory.field->dimension(), highest);
        for (std::size_t k = 0; k < tables_.populations.size(); ++k) {
            const Population& population = tables_.populations[k];
            const double tau = times_of(population).membrane, spread = pi * tau * highest;
            const double deepest =
                std::sqrt(spread * spread + current(k) + tau * arriving_[k].all * highest);
            theory.low[theory.rates[k]] =
                excitability_of(population).sd / (2.0 * pi * tau * deepest);
            theory.low[theory.potentials[k]] = -deepest;
            theory.high[theory.potentials[k]] = 0.0;
        }
    }

    const PopulationNetwork& tables_;
    PopulationLimit limit_;
    Network network_;
    std::vector<Synapse> synapses_;
    std::vector<Arriving> arriving_;
};

}  // namespace

bool has_qif_neurons(const PopulationNetwork& network) {
    return std::ranges::any_of(network.populations, [](const Population& population) {
        return std::holds_alternative<QifDelta>(population.neuron) ||
               std::holds_alternative<QifExp>(population.neuron);
    });
}

QifMeanField qif_mean_field_of(const PopulationNetwork& network, PopulationLimit limit) {
    network.validate();
    return QifNetworkMaker(network, limit).make();
}

SearchResult find_equilibria(const QifMeanField& theory, const Context& context) {
    return find_all_equilibria({.field = theory.field,
                                .parameters = theory.parameters,
                                .low = theory.low,
                                .high = theory.high,
                                .starts = {theory.initial}},
                               {.context = context});
}

}  // namespace cortifold
