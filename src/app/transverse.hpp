#pragma once

#include "step.hpp"

namespace cortifold {

/// `kind = "transverse"` of a step `continue`: where modes of a network begin to grow on its
/// synchronous states, along one parameter or in two. Throws ConfigError.
[[nodiscard]] std::unique_ptr<Step> read_transverse(ConfigReader& options, const Study& study);

}  // namespace cortifold
