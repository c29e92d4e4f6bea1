#pragma once

#include <cortifold/model/population_network.hpp>

#include <cstdint>
#include <span>

namespace cortifold {

/// What a stored weight of 1 stands for. Weights onto one population share it, for their inputs
/// are added up as integers, which is what makes sums independent of their order.
struct WeightUnit {
    double value = 1.0;
    double worst_error = 0.0;  ///< of a constant or listed weight, relative to itself
};

/// The unit for which the largest |weight| of `laws` is at most 32767 and a target with as many
/// synapses as `most_synapses` cannot overflow 32 bits, and which meets best the constant weights
/// among them and those that are `listed`. Throws ConfigError naming `population` where less than 8
/// bits would be left for a weight, or where one would vanish.
[[nodiscard]] WeightUnit choose_weight_unit(std::span<const Distribution> laws,
                                            double most_synapses, const std::string& population,
                                            std::span<const double> listed = {});

}  // namespace cortifold
