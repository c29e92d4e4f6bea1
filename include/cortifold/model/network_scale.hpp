#pragma once

#include <cortifold/model/population_network.hpp>

#include <span>
#include <string_view>

namespace cortifold {

/// What a smaller network keeps of the input of each of its neurons.
enum class KeptInput {
    mean_and_variance,  ///< at given rates of the whole network
    nothing             ///< weights stay, so that mean and variance become smaller
};
[[nodiscard]] std::string_view to_string(KeptInput kept);

/// The part of a network that is simulated.
struct NetworkScale {
    double neurons = 1.0;   ///< part of each population that is kept, above 0, at most 1
    double synapses = 1.0;  ///< part of each neuron's synapses, and sources of drives, likewise
    KeptInput keep = KeptInput::mean_and_variance;
};

/// A part of the network: indegrees times `synapses`. With `mean_and_variance` weights are divided
/// by its square root, and a constant current makes up for the mean input that this leaves out at
/// the rates of the whole network, one a population [1/s], NaN where it is not known (van Albada et
/// al. 2015, doi:10.1371/journal.pcbi.1004490). Throws ConfigError naming the population whose rate
/// or neuron does not allow this, and the projection whose rule has no such part.
[[nodiscard]] PopulationNetwork scaled(PopulationNetwork network, const NetworkScale& scale,
                                       std::span<const double> rates_hz);

/// Constant currents in place of Poisson drives, of the same mean input. Throws ConfigError naming
/// the population whose neuron has none.
[[nodiscard]] PopulationNetwork with_constant_drives(PopulationNetwork network);

}  // namespace cortifold
