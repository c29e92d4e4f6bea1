#pragma once

#include "network_field.hpp"

namespace cortifold {

/// A factorization of J - shift, J = blkdiag(D_i) + sum_s beta_s W_s e_s, by the
/// Sherman-Morrison-Woodbury identity: a small system a region and one of regions x signals.
/// Nothing where it would lose accuracy; the caller then takes dense LU.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> factorize_woodbury(NetworkField::Structure structure,
                                                                  S shift);

}  // namespace cortifold
