#include "ping_network.hpp"

#include "comparison.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/model/registry.hpp>

namespace cortifold::benchmarks {

namespace {

/// At the default state.
FieldPoint point_of(const Network& network, double I_ext_E) {
    const auto field = make_field(network);
    FieldPoint point{field, network.connectomes.front().weights,
                     default_values(field->parameters()), default_values(field->states())};
    point.parameters[static_cast<Eigen::Index>(*find_index(field->parameters(), "I_ext_E"))] =
        I_ext_E;
    return point;
}

}  // namespace

SparseMatrix random_weights(int regions, double density) {
    const CounterRng rng({.purpose = StreamPurpose::connectome});
    Matrix weights = Matrix::Zero(regions, regions);
    std::uint64_t draw = 0;
    for (double& weight : weights.reshaped()) {
        const double chance = rng.uniform(draw++), value = rng.uniform(draw++);
        if (chance < density) weight = value;
    }
    weights.diagonal().setZero();
    return weights.sparseView();
}

Connectome row_normalized(int regions, Weights weights) {
    if (weights == Weights::synthetic)
        return normalized(generate_connectome({.regions = regions}), Normalization::rows);
    Connectome connectome;
    connectome.weights = random_weights(regions, 1.0);
    return normalized(std::move(connectome), Normalization::rows);
}

Network network_of(std::string_view model, int regions, Weights weights, double strength) {
    Network network;
    network.kinds = {find_model(model).make()};
    network.connectomes = {row_normalized(regions, weights)};
    network.links = default_links(*network.kinds.front());
    network.strength = strength;
    return network;
}

FieldPoint oscillating_network(int regions, Weights weights) {
    constexpr double I_ext_E = 13.0, eps = 5.0, noise = 0.01;
    FieldPoint point = point_of(network_of("ng_ping", regions, weights, eps), I_ext_E);
    const CounterRng rng({.purpose = StreamPurpose::initial_state});
    for (Eigen::Index k = 0; k < point.state.size(); ++k)
        point.state[k] *= 1.0 + noise * rng.normal(static_cast<std::uint64_t>(k));
    return point;
}

HomogeneousPoint homogeneous_point(int regions, Weights weights) {
    constexpr double I_ext_E = 15.0, eps = 9.0, tolerance = 1e-9;
    const Network network = network_of("ng_ping", regions, weights, eps);
    HomogeneousPoint point{point_of(network, I_ext_E), make_homogeneous_field(network), {}};
    const Vector guess{{0.1, -0.2, 0.1, 0.06, -0.3, 0.06}};
    point.node_state = find_equilibrium({point.node, point.network.parameters, guess}).state;
    point.network.state = point.node_state.transpose().replicate(regions, 1).reshaped();
    Vector f(point.network.state.size());
    point.network.field->rhs(point.network.state, point.network.parameters, f);
    expect_equal(f.cwiseAbs().maxCoeff(), tolerance, "homogeneous equilibrium");
    return point;
}

}  // namespace cortifold::benchmarks
