#pragma once

#include <cortifold/meanfield/lif_network.hpp>
#include <cortifold/model/population_network.hpp>

namespace cortifold {

/// The theory's network of one that is given for simulation: mean indegrees, weights as what a
/// spike adds to the potential (weight tau_s / C), a source for each Poisson drive, delays as they
/// are before a simulation rounds them; variances of indegrees by rule; a normal E_L as a spread.
/// Throws UsageError naming what the theory does not cover: two synaptic time constants of
/// currents, and laws of weights and delays that are clipped or cut, but for delays redrawn below a
/// limit.
[[nodiscard]] LifNetwork lif_network_of(const PopulationNetwork& network);

}  // namespace cortifold
