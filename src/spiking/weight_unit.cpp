#include "weight_unit.hpp"

#include "integer_law.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace cortifold {

namespace {

/// Sizes of the weights that are known before any is drawn, ascending, each once and none of 0.
std::vector<double> known_weights(std::span<const Distribution> laws,
                                  std::span<const double> listed) {
    std::vector<double> weights(listed.begin(), listed.end());
    for (const Distribution& law : laws)
        if (law.sd == 0.0) weights.push_back(law.mean);
    for (double& weight : weights) weight = std::abs(weight);
    std::erase(weights, 0.0);
    std::ranges::sort(weights);
    const auto repeated = std::ranges::unique(weights);
    weights.erase(repeated.begin(), repeated.end());
    return weights;
}

/// Or any error from `enough` on: the smallest weights, which come first, tend to have the worst.
double worst_error(std::span<const double> weights, double unit, double enough) {
    double worst = 0.0;
    for (const double weight : weights) {
        worst = std::max(worst, std::abs(std::round(weight / unit) * unit / weight - 1.0));
        if (worst >= enough) break;
    }
    return worst;
}

}  // namespace

WeightUnit choose_weight_unit(std::span<const Distribution> laws, double most_synapses,
                              const std::string& population, std::span<const double> listed) {
    double largest = 0.0;
    for (const Distribution& law : laws) largest = std::max(largest, largest_draw(law));
    for (const double weight : listed) largest = std::max(largest, std::abs(weight));
    if (largest == 0.0) return {};
    constexpr double most_level = 32767.0, least_level = 255.0, most_sum = 2147483647.0;
    const double levels = std::floor(std::min(most_level, most_sum / most_synapses));
    if (levels < least_level)
        throw ConfigError("population." + population + " may have " +
                          std::to_string(std::llround(most_synapses)) +
                          " synapses on one neuron, at most " +
                          std::to_string(std::llround(most_sum / least_level)) +
                          " are allowed: weights of 8 bits add up to no more in 32");
    // Ratios of known weights are met best by some denominators; normal weights need a fine one.
    const std::vector<double> known = known_weights(laws, listed);
    constexpr double infinite = std::numeric_limits<double>::infinity();
    WeightUnit best{largest / levels, worst_error(known, largest / levels, infinite)};
    for (double level = levels - 1.0; level >= 0.5 * levels; --level) {
        const double error = worst_error(known, largest / level, best.worst_error);
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
