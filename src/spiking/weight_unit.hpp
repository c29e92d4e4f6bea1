#pragma once

#include <cortifold/model/population_network.hpp>

#include <cstdint>
#include <span>

namespace cortifold {

/// What a stored weight of 1 stands for. Weights onto one population share it, for their inputs
/// are added up as integers, which is what makes sums independent of their order.
struct WeightUnit {
    double value = 1.0;
    double worst_error = 0.0;  ///< of a constant weight, relative to itself
};

/// The unit for which the largest |weight| of `laws` is at most 32767 and a target with as many
/// synapses as `most_synapses` cannot overflow 32 bits, and which meets constant weights best.
/// Throws ConfigError naming `population` where less than 8 bits would be left for a weight.
[[nodiscard]] WeightUnit choose_weight_unit(std::span<const Distribution> laws,
                                            double most_synapses, const std::string& population);

}  // namespace cortifold
