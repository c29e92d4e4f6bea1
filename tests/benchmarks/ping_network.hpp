#pragma once

#include <cortifold/network/network.hpp>

namespace cortifold::benchmarks {

enum class Weights {
    synthetic,  ///< the synthetic connectome, 60 % of all pairs
    dense       ///< random, every pair
};

/// Rows sum to one.
[[nodiscard]] Connectome row_normalized(int regions, Weights weights);
/// Each pair connected with the given probability.
[[nodiscard]] SparseMatrix random_weights(int regions, double density);

/// Equal nodes on row-normalized weights, additively coupled.
[[nodiscard]] Network network_of(std::string_view model, int regions, Weights weights,
                                 double strength);

/// A field and a point in it.
struct FieldPoint {
    std::shared_ptr<const VectorField> field;
    SparseMatrix weights;
    Vector parameters, state;
};
/// An ng_ping network in its gamma rhythm, I_ext_E = 13 and eps = 5: the default state plus noise
/// of one per cent.
[[nodiscard]] FieldPoint oscillating_network(int regions, Weights weights);

/// The homogeneous equilibrium of an ng_ping network, I_ext_E = 15 and eps = 9, with the same of
/// its self-coupled node.
struct HomogeneousPoint {
    FieldPoint network;
    std::shared_ptr<const HomogeneousField> node;
    Vector node_state;
};
[[nodiscard]] HomogeneousPoint homogeneous_point(int regions, Weights weights);

}  // namespace cortifold::benchmarks
