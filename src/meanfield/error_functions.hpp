#pragma once

#include <complex>

namespace cortifold {

/// w(z) = exp(-z^2) erfc(-i z) for Im z >= 0, to rounding: trapezoidal rules corrected for the pole
/// (Al Azah & Chandler-Wilde 2021, SIAM J. Numer. Anal. 59:2346).
[[nodiscard]] std::complex<double> faddeeva(std::complex<double> z);

/// exp(x^2) erfc(x) for x >= 0.
[[nodiscard]] double erfcx(double x);
/// exp(-x^2) times the integral of exp(t^2) from 0 to x.
[[nodiscard]] double dawson(double x);
/// The integral of erfcx from a to b, both >= 0.
[[nodiscard]] double integrate_erfcx(double a, double b);

/// exp(log_scale) times the n-th derivative of exp(y^2) (1 + erf y) = erfcx(-y), from far below 0
/// to far above: 2^n n! times the scaled repeated integral of erfc, whose three-term recurrence
/// runs in its stable direction (Gautschi 1961, Math. Comp. 15:227). log_scale <= -y^2 where y > 0
/// keeps it finite.
[[nodiscard]] double threshold_flux(int n, double y, double log_scale);

}  // namespace cortifold
