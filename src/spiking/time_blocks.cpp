#include "time_blocks.hpp"

#include <cmath>

namespace cortifold {

std::optional<double> Replicates::error(double covered) const {
    if (without.size() < 2 || !all) return std::nullopt;
    const auto blocks = static_cast<double>(without.size());
    double mean = 0.0, squares = 0.0;
    for (const std::optional<double>& value : without) {
        if (!value) return std::nullopt;
        mean += *value / blocks;
    }
    for (const std::optional<double>& value : without) squares += (*value - mean) * (*value - mean);
    return std::sqrt((blocks - 1.0) / blocks * squares * covered);
}

}  // namespace cortifold
