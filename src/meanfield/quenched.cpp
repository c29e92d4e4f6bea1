#include "network_values.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/quenched.hpp>

#include <cmath>

namespace cortifold {

namespace {

/// Of the mean inputs of all populations, mV^2, by what their neurons differ in themselves and in
/// the synapses that rates and their spreads come by.
Vector input_spreads(const LifNetwork& network, const WorkingPoint& point) {
    const auto n = static_cast<Eigen::Index>(network.populations.size());
    Vector squares(n);
    for (Eigen::Index i = 0; i < n; ++i)
        squares[i] = std::pow(network.populations[static_cast<std::size_t>(i)].spread_mV, 2);
    const auto add = [&](const LifProjection& from, double efficacy, double rate, double sd) {
        const double tau_m = network.populations[from.target].neuron.tau_m / hz_per_inverse_ms,
                     weight = from.weight_mV * efficacy, weight_sd = from.weight_sd_mV * efficacy;
        // Sums of squares alone: what vanishes for equal neurons is 0 exactly.
        squares[static_cast<Eigen::Index>(from.target)] +=
            tau_m * tau_m *
            (from.indegree_variance * weight * weight * rate * rate +
             from.indegree * (weight_sd * weight_sd * rate * rate +
                              (weight * weight + weight_sd * weight_sd) * sd * sd));
    };
    for (const LifProjection& from : network.projections) {
        const auto j = static_cast<Eigen::Index>(from.source);
        add(from, network.populations[from.source].efficacy, point.rates_hz[j],
            point.rate_sds_hz[j]);
    }
    for (const LifProjection& from : network.drives)
        add(from, 1.0, network.sources[from.source].rate_hz, 0.0);
    return squares.cwiseSqrt();
}

}  // namespace

void QuenchedOptions::validate() const {
    require(most_iterations > 0, "quenched.most_iterations = " + std::to_string(most_iterations) +
                                     " must be at least 1");
    require(tolerance > 0.0 && tolerance < 1.0,
            "quenched.tolerance = " + std::to_string(tolerance) + " must be between 0 and 1");
}

WorkingPoint find_quenched_point(const LifNetwork& network, SynapseTheory theory,
                                 ConstVectorRef guess_hz, const QuenchedOptions& options) {
    network.validate();
    options.validate();
    WorkingPoint point;
    if (has_conductances(network)) {
        point.status = Status::no_theory;
        point.message = "of conductances there is no theory of neurons that differ";
        return point;
    }
    LifNetwork spread = network;
    Vector guess = guess_hz;
    for (int k = 0; k < options.most_iterations; ++k) {
        point = find_working_point(spread, theory, {.guess_hz = guess, .search = options.search});
        if (!succeeded(point.status)) return point;
        guess = point.rates_hz;
        const Vector wanted = input_spreads(network, point);
        double change = 0.0;
        for (Eigen::Index i = 0; i < wanted.size(); ++i) {
            double& own = spread.populations[static_cast<std::size_t>(i)].spread_mV;
            change = std::max(change, std::abs(wanted[i] - own));
            own = wanted[i];
        }
        if (change <= options.tolerance * wanted.maxCoeff()) return point;
    }
    point.status = Status::iteration_limit;
    point.message = "the spreads of the mean inputs do not settle in " +
                    std::to_string(options.most_iterations) + " iterations";
    return point;
}

}  // namespace cortifold
