#include "error_functions.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <array>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

using Complex = std::complex<double>;
constexpr double pi = std::numbers::pi;
const double sqrt_pi = std::sqrt(pi);

/// Nodes of the rules on the half line; the step balances truncation and discretization.
constexpr int nodes = 12;
const double step = std::sqrt(pi / (nodes + 1.0));

/// exp(-t^2) at t = (k + offset) step.
std::array<double, nodes + 1> gaussian_weights(double offset) {
    std::array<double, nodes + 1> weights{};
    for (std::size_t k = 0; k < weights.size(); ++k) {
        const double t = (static_cast<double>(k) + offset) * step;
        weights[k] = std::exp(-t * t);
    }
    return weights;
}

/// The sum of exp(-t^2) / (z^2 - t^2) over t = (k + offset) step, from k = first on.
template <class Scalar>
Scalar pole_sum(const Scalar& square, double offset, std::size_t first) {
    static const std::array midpoints = gaussian_weights(0.5), whole = gaussian_weights(0.0);
    const auto& weights = offset > 0.0 ? midpoints : whole;
    Scalar sum(0.0);
    for (std::size_t k = first; k < weights.size(); ++k) {
        const double t = (static_cast<double>(k) + offset) * step;
        sum += weights[k] / (square - t * t);
    }
    return sum;
}

/// From here on the asymptotic series of the integral of erfcx converges to rounding.
constexpr double far = 8.0;

/// sqrt(pi) times the integral of erfcx less log x: sum of (-1)^(n+1) (2n-1)!! / (2n (2 x^2)^n).
double far_integral(double x) {
    constexpr int terms = 20;
    double term = 1.0, sum = 0.0;
    for (int n = 1; n <= terms; ++n) {
        term *= -(2.0 * n - 1.0) / (2.0 * x * x);
        sum -= term / (2.0 * n);
    }
    return sum;
}

/// To it the recurrence upwards in n loses few digits, from it on the one downwards is short.
constexpr double upwards_limit = 2.0;

/// exp(x^2) i^n erfc(x) over that of n - 1, for x >= upwards_limit (Laplace's continued fraction).
double ratio_downwards(int n, double x) {
    const int depth = n + 20 + static_cast<int>(160.0 / (x * x));
    double ratio = 0.0;
    for (int k = depth; k > n; --k) ratio = 0.5 / (x + k * ratio);
    return ratio;
}

}  // namespace

Complex faddeeva(Complex z) {
    if (z.real() < 0.0) return std::conj(faddeeva(-std::conj(z)));
    const double x = z.real(), y = z.imag();
    const Complex square = z * z, factor = Complex(0.0, 2.0 * step / pi) * z;
    if (y >= pi / step) return factor * pole_sum(square, 0.5, 0);
    const double fraction = x / step - std::floor(x / step);
    const Complex wave = std::exp(Complex(0.0, -2.0 * pi / step) * z),
                  pole = 2.0 * std::exp(-square);
    if (y < x && fraction >= 0.25 && fraction <= 0.75)
        return Complex(0.0, step / pi) / z + factor * pole_sum(square, 0.0, 1) +
               pole / (1.0 - wave);
    return factor * pole_sum(square, 0.5, 0) + pole / (1.0 + wave);
}

double erfcx(double x) {
    double value = -2.0 * step / pi * x * pole_sum(-x * x, 0.5, 0);
    if (x < pi / step) value += 2.0 * std::exp(x * x) / (1.0 + std::exp(2.0 * pi / step * x));
    return value;
}

double dawson(double x) {
    const double parts = x / step, fraction = parts - std::floor(parts),
                 factor = 2.0 * step / pi * x, decay = std::exp(-x * x);
    const double imaginary =
        fraction >= 0.25 && fraction <= 0.75
            ? step / (pi * x) + factor * pole_sum(x * x, 0.0, 1) - decay / std::tan(pi * parts)
            : factor * pole_sum(x * x, 0.5, 0) + decay * std::tan(pi * parts);
    return 0.5 * sqrt_pi * imaginary;
}

double integrate_erfcx(double a, double b) {
    if (a > b) return -integrate_erfcx(b, a);
    const double near_end = std::min(b, far), far_start = std::max(a, far);
    double sum = 0.0;
    if (a < near_end)  // in log(1 + x) the integrand is nearly constant
        sum += boost::math::quadrature::gauss<double, 20>::integrate(
            [](double v) { return erfcx(std::expm1(v)) * std::exp(v); }, std::log1p(a),
            std::log1p(near_end));
    if (far_start < b)
        sum +=
            (std::log1p((b - far_start) / far_start) + far_integral(b) - far_integral(far_start)) /
            sqrt_pi;
    return sum;
}

double threshold_flux(int n, double y, double log_scale) {
    const double x = -y, scale = std::exp(log_scale);
    double before = 2.0 / sqrt_pi * scale;  // the repeated integrals of order -1 and 0
    double value = y > 0.0 ? std::exp(y * y + log_scale) * std::erfc(x) : scale * erfcx(x);
    for (int k = 1; k <= n; ++k) {
        const double next =
            x < upwards_limit ? (0.5 * before - x * value) / k : ratio_downwards(k, x) * value;
        before = value;
        value = next;
    }
    return value * std::ldexp(std::tgamma(n + 1.0), n);
}

}  // namespace cortifold
