#pragma once

#include <cortifold/core/matrix.hpp>

#include <Eigen/SparseCore>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

using SparseMatrix = Eigen::SparseMatrix<double, Eigen::RowMajor>;

enum class Hemisphere { left, right, unknown };

struct Region {
    std::string label;
    Eigen::Vector3d position_mm =
        Eigen::Vector3d::Zero();  ///< x to the right, y to the front, z up
    Hemisphere hemisphere = Hemisphere::unknown;
};

/// A weighted graph of brain regions; weights(i, j) is the weight onto i from j.
struct Connectome {
    SparseMatrix weights;
    Matrix lengths_mm;  ///< empty where unknown
    std::vector<Region> regions;
    bool has_positions = false;
    std::string source;    ///< the file or folder it came from, or the rule that made it
    std::string checksum;  ///< of the weights as read, 16 hexadecimal digits

    [[nodiscard]] Eigen::Index size() const { return weights.rows(); }
};

/// What is unusual about a connectome. Errors make it unusable, warnings do not.
struct ConnectomeFinding {
    enum class Severity { warning, error } severity = Severity::warning;
    std::string message;
};
struct ConnectomeReport {
    Eigen::Index nodes = 0, edges = 0;  ///< edges: non-zero weights
    double density = 0.0;  ///< edges / (nodes (nodes - 1)), self-connections left out of both
    double smallest_row_sum = 0.0, largest_row_sum = 0.0, mean_row_sum = 0.0;
    double asymmetry = 0.0;  ///< max |W - W^T|
    int components = 0;      ///< weakly connected
    std::vector<ConnectomeFinding> findings;
    [[nodiscard]] bool usable() const;
};
/// Shape, NaN and negative weights, self-connections, isolated nodes, zero rows, components,
/// symmetry, labels, lengths and positions.
[[nodiscard]] ConnectomeReport validate_connectome(const Connectome& connectome);

/// Onto i from j: none leaves W; rows makes row sums 1; the others divide W by one number.
enum class Normalization { none, rows, spectral_radius, maximum, mean_strength };
[[nodiscard]] std::string_view to_string(Normalization normalization);
/// Throws UsageError where the divisor is zero (a row sum for `rows`), naming the region.
[[nodiscard]] Connectome normalized(Connectome connectome, Normalization normalization);
/// (W + W^T) / 2.
[[nodiscard]] Connectome symmetrized(Connectome connectome);

/// Synthetic connectome; data/synthetic90/README.md documents the rule.
struct SyntheticOptions {
    int regions = 90;  ///< even: two mirrored hemispheres
    std::uint64_t seed = 0;
    double decay_length_mm = 30.0;  ///< of weights with distance
    double spread = 1.0;            ///< standard deviation of the logarithm of a weight
    double homotopic_weight = 1.0;  ///< of a region to its mirror image, before spread
    void validate() const;
};
[[nodiscard]] Connectome generate_connectome(const SyntheticOptions& options = {});

}  // namespace cortifold
