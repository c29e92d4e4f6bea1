#pragma once

#include "network_field.hpp"

namespace cortifold {

/// A factorization of J - shift, J = D + B K E, by the Sherman-Morrison-Woodbury identity: a small
/// system a region and one of regions x signals.
/// Nothing where it would lose accuracy; the caller then takes dense LU.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> factorize_woodbury(
    const NetworkField::Structure& structure, S shift);

}  // namespace cortifold
