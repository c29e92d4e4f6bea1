#pragma once

#include <complex>

namespace cortifold {

/// The threshold and the reset of a neuron in units sqrt(2) y, and what it does between: it comes
/// back from one to the other after `rest`, in membrane time constants.
struct CylinderBoundaries {
    double threshold = 0.0, reset = 0.0, rest = 0.0;
};

/// With Psi_s(x) = exp(x^2 / 4) U(s - 1/2, -x), which solves Psi'' = x Psi' + s Psi,
///
///     first = [Psi'_s(x_th) - Psi'_s(x_r)] / [Psi_s(x_th) - exp(-s rest) Psi_s(x_r)],
///
/// `second` its derivative when both boundaries move, and `curvature` the same quotient as `first`
/// with Psi'' in place of Psi'. For Re s > -1, s = 0 included.
struct CylinderRatio {
    std::complex<double> first, second, curvature;
};
[[nodiscard]] CylinderRatio cylinder_ratio(std::complex<double> s, const CylinderBoundaries& at);

/// Integrals M_n = int t^(s + n - 1) exp(-t^2 / 2 + x t) dt from 0 to infinity, n = 1 and 2, in
/// units of exp(log_scale): Gamma(s) Psi'_s = M_1, and Gamma(s) s Psi_s = M_2 - x M_1.
struct CylinderMoments {
    std::complex<double> log_scale, first, second;
};
/// For Re s > -1.
[[nodiscard]] CylinderMoments cylinder_moments(std::complex<double> s, double x);

}  // namespace cortifold
