#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/working_point.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

Eigen::Index index(std::size_t k) {
    return static_cast<Eigen::Index>(k);
}

/// Rates that miss themselves by more, in Hz and in parts of the largest, are no working point.
constexpr double largest_residual = 1e-6;

/// What keeps a population from having a rate; empty: nothing.
std::string obstacle(const LifPopulation& population, const LifInput& input, double rate_hz) {
    std::ostringstream text;
    if (!(input.variance_mV2 > 0.0))
        text << "population " << population.name << ": the variance of its input is "
             << input.variance_mV2
             << " mV^2 and must be greater than 0: no drive or projection brings noise";
    else if (!(rate_hz >= 0.0))
        text << "population " << population.name << ": the theory gives the rate " << rate_hz
             << " Hz, where its expansion in sqrt(tau_s / tau_m) does not hold";
    return text.str();
}

SearchProblem whole_box(const std::shared_ptr<const VectorField>& field) {
    SearchProblem problem;
    problem.field = field;
    problem.parameters = default_values(field->parameters());
    problem.low = Vector::Zero(field->dimension());
    problem.high = Vector(field->dimension());
    for (Eigen::Index i = 0; i < problem.high.size(); ++i)
        problem.high[i] = field->states()[static_cast<std::size_t>(i)].high;
    problem.starts = {default_values(field->states())};
    return problem;
}

WorkingPoint failure(const LifNetwork& network, const EquilibriumResult& found) {
    WorkingPoint point;
    point.status = found.status;
    point.message = found.message;
    point.rates_hz = found.state;
    point.residual_hz = found.residual;
    const std::vector<LifInput> inputs = input_statistics(network, found.state);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (const std::string reason =
                obstacle(network.populations[i], inputs[i], found.state[index(i)]);
            !reason.empty()) {
            point.message += "; " + reason;
            break;
        }
    return point;
}

}  // namespace

WorkingPoint describe_working_point(const LifNetwork& network, SynapseTheory theory,
                                    ConstVectorRef rates_hz) {
    WorkingPoint point;
    point.rates_hz = rates_hz;
    point.log_rates_hz = point.cvs = Vector::Zero(rates_hz.size());
    point.rate_sds_hz = point.cvs;
    point.inputs = input_statistics(network, rates_hz);
    point.neurons = effective_neurons(network, rates_hz);
    for (std::size_t i = 0; i < point.inputs.size(); ++i) {
        const LifPopulation& population = network.populations[i];
        const LifNeuron& neuron = point.neurons[i];
        std::string reason = obstacle(population, point.inputs[i], rates_hz[index(i)]);
        if (reason.empty()) {
            const LifRate rate = stationary_rate(neuron, point.inputs[i], theory);
            point.residual_hz = std::max(point.residual_hz, std::abs(rate.hz - rates_hz[index(i)]));
            point.log_rates_hz[index(i)] = rate.log_hz;
            point.cvs[index(i)] = interspike_cv(neuron, point.inputs[i], theory);
            point.rate_sds_hz[index(i)] = rate_sd_hz(neuron, point.inputs[i], theory);
            reason = obstacle(population, point.inputs[i], rate.hz);
        }
        if (reason.empty()) continue;
        WorkingPoint nothing;
        nothing.status =
            point.inputs[i].variance_mV2 > 0.0 ? Status::no_theory : Status::non_finite;
        nothing.message = reason;
        nothing.rates_hz = rates_hz;
        return nothing;
    }
    const bool consistent =
        point.residual_hz <= largest_residual * (1.0 + rates_hz.cwiseAbs().maxCoeff());
    std::ostringstream text;
    text << (consistent ? "the rates reproduce themselves to "
                        : "not self-consistent: rates miss by ")
         << point.residual_hz << " Hz";
    point.status = consistent ? Status::converged : Status::iteration_limit;
    point.message = text.str();
    return point;
}

WorkingPoint find_working_point(const LifNetwork& network, SynapseTheory theory,
                                const WorkingPointOptions& options) {
    const auto field = make_mean_field(network, theory);
    const Vector guess = options.guess_hz.value_or(Vector::Zero(field->dimension()));
    const EquilibriumResult found = find_equilibrium(
        {field, default_values(field->parameters()), guess}, options.search.newton);
    if (succeeded(found.status)) {
        // Newton's method may end at rates below zero where there are others above.
        WorkingPoint point = describe_working_point(network, theory, found.state);
        if (succeeded(point.status) || options.guess_hz) return point;
    } else if (options.guess_hz) {
        return failure(network, found);
    }
    const SearchResult search = find_all_equilibria(whole_box(field), options.search);
    if (search.equilibria.empty()) return failure(network, found);
    return describe_working_point(network, theory, search.equilibria.front().state);
}

WorkingPoints find_all_working_points(const LifNetwork& network, SynapseTheory theory,
                                      const SearchOptions& options) {
    const SearchResult search =
        find_all_equilibria(whole_box(make_mean_field(network, theory)), options);
    WorkingPoints found{search.status, search.message, {}};
    for (const EquilibriumResult& equilibrium : search.equilibria)
        found.points.push_back(describe_working_point(network, theory, equilibrium.state));
    return found;
}

}  // namespace cortifold
