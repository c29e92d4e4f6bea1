#pragma once

#include <cortifold/core/context.hpp>
#include <cortifold/core/vector_field.hpp>
#include <cortifold/model/node.hpp>
#include <cortifold/network/connectome.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

/// With strength s and gain g: u_i = s g sum_j W_ij h_j, or u_i = s g sum_j W_ij (h_j - h_i).
enum class CouplingKind { additive, diffusive };
[[nodiscard]] std::string_view to_string(CouplingKind kind);

/// From an output port to an input port of the same unit.
struct Link {
    std::string output, input;
    CouplingKind kind = CouplingKind::additive;
    double gain = 1.0;
    std::size_t connectome = 0;
    std::optional<std::size_t> from_kind,
        to_kind;  ///< none: every kind that has the port; diffusive needs the output on the
                  ///< receiving kind
};

/// What enters an input port from outside the network: u_i += v at the regions named, v a parameter
/// of the field that is 0 unless something drives it.
struct Injection {
    std::string name;  ///< of the parameter
    std::string input;
    std::vector<std::size_t> regions;  ///< empty: all
};

/// Nodes on a connectome. One kind of node on all regions is the special case that master stability
/// asks for, not the other way round.
struct Network {
    std::vector<std::shared_ptr<const Node>> kinds;
    std::vector<std::size_t> kind_of;     ///< one a region; empty: kind 0 everywhere
    std::vector<Connectome> connectomes;  ///< normalized; none: a single node
    std::vector<Link> links;
    std::vector<Injection> injections;
    std::vector<std::shared_ptr<const NodeEvents>>
        events;  ///< one a kind (null: none), besides those of the nodes themselves; or empty
    double strength = 0.0;          ///< s, the default of the parameter `coupling.strength`
    std::vector<Matrix> overrides;  ///< one a kind, a row a region of that kind, a column a
                                    ///< parameter; NaN where the shared value holds; empty: none

    [[nodiscard]] Eigen::Index size() const;  ///< number of regions
};

/// The links that a network has where none are named: the only output of a node to each of its
/// inputs of the same unit. Throws UsageError where a node has several outputs.
[[nodiscard]] std::vector<Link> default_links(const Node& node,
                                              CouplingKind kind = CouplingKind::additive);

/// Throws UsageError naming the port, unit, kind or size that does not fit.
void validate_network(const Network& network);

/// States ordered by kind, then variable, then region, named `name[region]`; parameters are those
/// of the kinds (of several: `kind.name`), then `coupling.strength`, then
/// `coupling.gain.OUTPUT.INPUT` for each link, then `t` where a model reads the time, then the
/// injections, then the noises of the models, each region's its own. The right-hand side uses one
/// matrix product for each (connectome, output port); `factorize` is Woodbury's.
[[nodiscard]] std::shared_ptr<const VectorField> make_field(const Network& network,
                                                            const Context& context = {});

/// The self-coupled node of a network of equal nodes; its parameters are those of the
/// network, with one noise for those of all regions. A
/// network without connectome but with links stands for any connectome with row sums 1. Throws
/// UsageError naming what differs: kinds, injections, overrides, links over several connectomes or
/// kinds of coupling, unequal row sums under additive coupling.
[[nodiscard]] std::shared_ptr<const HomogeneousField> make_homogeneous_field(
    const Network& network);

/// Why `make_homogeneous_field` would refuse, or nothing.
[[nodiscard]] std::optional<std::string> obstacle_to_homogeneity(const Network& network);

/// The matrix whose eigenvalues are the coupling eigenvalues lambda: W for additive, W - diag(row
/// sums) for diffusive coupling.
[[nodiscard]] Matrix coupling_matrix(const Network& network);

}  // namespace cortifold
