#include "weight_unit.hpp"

#include "integer_law.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

double worst_error(std::span<const Distribution> laws, double unit) {
    double worst = 0.0;
    for (const Distribution& law : laws)
        if (law.sd == 0.0 && law.mean != 0.0)
            worst = std::max(worst, std::abs(std::round(law.mean / unit) * unit / law.mean - 1.0));
    return worst;
}

}  // namespace

WeightUnit choose_weight_unit(std::span<const Distribution> laws, double most_synapses,
                              const std::string& population) {
    double largest = 0.0;
    for (const Distribution& law : laws) largest = std::max(largest, largest_draw(law));
    if (largest == 0.0) return {};
    constexpr double most_level = 32767.0, least_level = 255.0, most_sum = 2147483647.0;
    const double levels = std::floor(std::min(most_level, most_sum / most_synapses));
    if (levels < least_level)
        throw ConfigError("population." + population + " may have " +
                          std::to_string(std::llround(most_synapses)) +
                          " synapses on one neuron, at most " +
                          std::to_string(std::llround(most_sum / least_level)) +
                          " are allowed: weights of 8 bits add up to no more in 32");
    // Ratios of constant weights are met best by some denominators; normal weights need a fine one.
    WeightUnit best{largest / levels, worst_error(laws, largest / levels)};
    for (double level = levels - 1.0; level >= 0.5 * levels; --level) {
        const double error = worst_error(laws, largest / level);
        if (error < best.worst_error) best = {largest / level, error};
    }
    if (best.worst_error >= 0.5)
        throw ConfigError(
            "population." + population + ": onto its neurons there are weights below " +
            std::to_string(best.value) + ", the largest is " + std::to_string(largest) +
            ": they would vanish where 16 bits have to hold both");
    return best;
}

}  // namespace cortifold
