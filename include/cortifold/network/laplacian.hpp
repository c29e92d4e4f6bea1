#pragma once

#include <cortifold/network/connectome.hpp>

#include <string_view>

namespace cortifold {

/// Which matrix of a connectome a spectrum is of. S is the diagonal matrix of row sums of W.
enum class GraphMatrix {
    weights,                ///< W
    laplacian,              ///< S - W
    laplacian_random_walk,  ///< I - S^-1 W
    laplacian_symmetric     ///< I - S^-1/2 W S^-1/2
};
[[nodiscard]] std::string_view to_string(GraphMatrix kind);

/// Throws UsageError naming the region whose row sum is not positive where S is inverted.
[[nodiscard]] SparseMatrix graph_matrix(const Connectome& connectome, GraphMatrix kind);

}  // namespace cortifold
