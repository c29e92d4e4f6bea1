#pragma once

#include "step.hpp"

namespace cortifold {

/// The step `continue` with kind = "hopf" of a mean field: where roots of the network with its
/// delays cross the imaginary axis along the first of two parameters, and the curves from there in
/// both. Throws ConfigError.
[[nodiscard]] std::unique_ptr<Step> read_oscillation_onsets(ConfigReader& options,
                                                            const Study& study);

}  // namespace cortifold
