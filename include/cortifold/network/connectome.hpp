#pragma once

#include <cortifold/core/sparse_matrix.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

enum class Hemisphere { left, right, unknown };

struct Region {
    std::string label;  ///< empty where unknown
    /// x to the right, y to the front, z up
    Eigen::Vector3d position_mm = Eigen::Vector3d::Zero();
    Hemisphere hemisphere = Hemisphere::unknown;
};

/// A weighted graph of brain regions; weights(i, j) is the weight onto i from j.
struct Connectome {
    SparseMatrix weights;
    Matrix lengths_mm;            ///< empty where unknown
    std::vector<Region> regions;  ///< one a node, or none
    bool has_positions = false;
    std::string about;   ///< the first paragraph of the README beside it; empty where there is none
    std::string source;  ///< the file or folder it came from, or the rule that made it
    std::string checksum;  ///< of the weights as read, the same in every format: 16 hex digits
    std::vector<std::string> notes;  ///< what its reader had to decide, a sentence each

    [[nodiscard]] Eigen::Index size() const { return weights.rows(); }
    /// `region 3 "L04"`, counted from 0, or `region 3` where it has no label: for messages.
    [[nodiscard]] std::string describe_region(Eigen::Index i) const;
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
    double asymmetry = 0.0;                                ///< max |W - W^T|
    int components = 0;                                    ///< weakly connected
    double mean_length_mm = 0.0, largest_length_mm = 0.0;  ///< of connections; 0: no lengths
    Eigen::Index left = 0, right = 0;                      ///< regions by hemisphere
    /// from the lowest to the highest position, along each axis
    Eigen::Vector3d extent_mm = Eigen::Vector3d::Zero();
    std::vector<ConnectomeFinding> findings;
    [[nodiscard]] bool usable() const;
};
/// Shape, NaN and negative weights, self-connections, isolated nodes, zero rows, components,
/// symmetry, labels, lengths, hemispheres and positions, and what its reader noted. Where the shape
/// or a weight is an error, what is computed from the weights is left zero. Time and memory are
/// linear in the edges and, where there are lengths, in these.
[[nodiscard]] ConnectomeReport validate_connectome(const Connectome& connectome);

/// none leaves W; rows makes row sums 1; the others divide W by one number: its spectral radius (of
/// a large W by sparse_modes), its largest |weight|, its mean row sum.
enum class Normalization { none, rows, spectral_radius, maximum, mean_strength };
[[nodiscard]] std::string_view to_string(Normalization normalization);
/// Throws UsageError where the divisor is zero, not finite or not found, for `rows` naming the
/// region.
[[nodiscard]] Connectome normalized(Connectome connectome, Normalization normalization);
/// (W + W^T) / 2.
[[nodiscard]] Connectome symmetrized(Connectome connectome);

/// Synthetic connectome; data/synthetic90/README.md documents the rule.
struct SyntheticOptions {
    int regions = 90;  ///< even: two mirrored hemispheres
    std::uint64_t seed = 0;
    double decay_length_mm = 22.0;    ///< of weights with distance
    double spread = 0.5;              ///< standard deviation of the logarithm of a weight
    double homotopic_weight = 0.25;   ///< of a region to its mirror image, before spread
    double callosal_fraction = 0.25;  ///< of other weights between the hemispheres, to those within
    double density = 0.6;             ///< the fraction of pairs that stay connected: the strongest
    void validate() const;            ///< throws UsageError
};
/// Symmetric weights, regions L01, L02, ... R01, R02, ... in mirrored order, Euclidean lengths.
[[nodiscard]] Connectome generate_connectome(const SyntheticOptions& options = {});

}  // namespace cortifold
