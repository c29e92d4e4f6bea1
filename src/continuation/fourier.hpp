#pragma once

#include "variational_curve.hpp"

namespace cortifold {

/// Cycles as trigonometric polynomials of H harmonics by their values at 2 H + 1 equally spaced
/// times, where u' = T F(u, p) holds: for smooth rhythms errors fall faster than any power of 1 / H
/// (Trefethen 2000, Spectral Methods in MATLAB, chapters 3 and 4). H follows the last coefficients.
/// Exponents are those of orbits that start on the cycle.
[[nodiscard]] std::shared_ptr<VariationalCurve> fourier_curve(
    std::shared_ptr<const VectorField> field, const Vector& parameters, std::size_t free,
    const CycleOptions& options);

}  // namespace cortifold
