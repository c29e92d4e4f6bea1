#pragma once

#include "variational_curve.hpp"

namespace cortifold {

/// Cycles of large systems by single shooting, z = [x, T, parameter]: Newton's method in the
/// subspace of the largest multipliers, Picard's iteration in what is across it (Lust, Roose,
/// Spence & Champneys 1998, SIAM J. Sci. Comput. 19:1188). The monodromy matrix M is only
/// multiplied with: a few variations are followed around the cycle. The spectrum has the exponents
/// of the subspace, and what is beyond it is below a threshold far inside the unit circle.
[[nodiscard]] std::shared_ptr<VariationalCurve> newton_picard_curve(
    std::shared_ptr<const VectorField> field, const Vector& parameters, std::size_t free,
    const CycleOptions& options);

}  // namespace cortifold
