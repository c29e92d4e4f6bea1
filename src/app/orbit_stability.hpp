#pragma once

#include "synchronous_state.hpp"

namespace cortifold {

/// Where a master stability function is looked at besides the modes of the network.
struct LambdaChoice {
    ComplexVector further, region;  ///< asked for one by one, and a part of the complex plane
    std::optional<std::pair<double, double>> range;  ///< of the real line; none: about the modes
    Eigen::Index points = 0;                         ///< on it
};

/// The step msf `at = "orbit"`: transverse Lyapunov exponents along what the node does from its
/// initial state. Reads the keys of the run. Throws ConfigError.
[[nodiscard]] std::unique_ptr<Step> read_orbit_stability(ConfigReader& options, const Study& study,
                                                         ModeStep step, LambdaChoice choice);

}  // namespace cortifold
