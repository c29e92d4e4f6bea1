#pragma once

#include <cortifold/meanfield/working_point.hpp>

namespace cortifold {

struct QuenchedOptions {
    int most_iterations = 200;
    double tolerance = 1e-10;  ///< of the change of a standard deviation, in parts of the largest
    SearchOptions search{};
    void validate() const;  ///< throws UsageError
};

/// A self-consistent state of neurons that differ in what they are connected to: the mean input of
/// a population i is spread over its neurons with the variance
///
///     spread_i^2 + tau_m^2 sum_j [ Var(K_ij) J_ij^2 <nu_j>^2
///                                  + K_ij (<J_ij^2> <nu_j^2> - J_ij^2 <nu_j>^2) ]
///
/// and makes its rates differ, of which it is made in turn (Amit & Brunel 1997, Network 8:373;
/// Roxin et al. 2011, J. Neurosci. 31:16217). That the variance of the input differs, too, is left
/// out: it is of the order of one in K. From rates of a state of equal neurons; `inputs` have the
/// spread. Status is no_theory of conductances, iteration_limit where the spreads do not settle.
/// Throws UsageError for bad networks.
[[nodiscard]] WorkingPoint find_quenched_point(const LifNetwork& network, SynapseTheory theory,
                                               ConstVectorRef guess_hz,
                                               const QuenchedOptions& options = {});

}  // namespace cortifold
