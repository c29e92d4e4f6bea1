#pragma once

#include "variational_curve.hpp"

namespace cortifold {

/// Cycles by multiple shooting: z has the states x_i at the beginnings of sections of equal
/// duration, the equations are flow(x_i, T / M) - x_(i+1) = 0 and a phase condition. Orbits of the
/// sections are independent of one another.
[[nodiscard]] std::shared_ptr<VariationalCurve> shooting_curve(
    std::shared_ptr<const VectorField> field, const Vector& parameters, std::size_t free,
    const CycleOptions& options);

}  // namespace cortifold
