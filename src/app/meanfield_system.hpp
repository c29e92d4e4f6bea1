#pragma once

#include "branch_options.hpp"
#include <cortifold/meanfield/lif_network.hpp>
#include <cortifold/meanfield/transfer_function.hpp>
#include <cortifold/model/population_network.hpp>

namespace cortifold {

/// The self-consistent rates of a study's network of neurons, in the parameters that a step frees.
struct MeanFieldSystem {
    System system;
    std::vector<FreeParameter> free;
    LifNetwork network;  ///< tied to those parameters
    TransferOptions transfer{};
};

/// The keys `theory` and `modulation`.
[[nodiscard]] TransferOptions read_transfer(ConfigReader& options);

/// Throws ConfigError at that place for what the theory does not cover.
[[nodiscard]] LifNetwork mean_field_network(const PopulationNetwork& network,
                                            const SourceLine& where);

/// Reads the keys of free parameters, `parameters`, `combine` and those above. The table `combine`
/// has parameters that stand for several quantities: each of these is a factor times the parameter.
/// Throws ConfigError where a parameter enters otherwise than along a line.
[[nodiscard]] MeanFieldSystem read_meanfield_system(ConfigReader& options, const Study& study);

}  // namespace cortifold
