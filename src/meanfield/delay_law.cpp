#include "error_functions.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/delay_law.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>
#include <string>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// Of a Gaussian cut at a: exp(-lambda m + (lambda s)^2 / 2) erfc(z) / erfc(z0) with
/// z = (lambda s + (a - m) / s) / sqrt(2), z0 = z(0), in forms that neither overflow nor cancel.
Complex truncated_gaussian(const DelayLaw& law, Complex lambda) {
    const double z0 = (law.low_ms - law.mean_ms) / (law.sd_ms * std::numbers::sqrt2);
    const Complex z = lambda * law.sd_ms / std::numbers::sqrt2 + z0, rotated(-z.imag(), z.real()),
                  cut = std::exp(-lambda * law.low_ms - z0 * z0) / std::erfc(z0);
    if (z.real() >= 0.0) return cut * faddeeva(rotated);
    return 2.0 * std::exp((z - z0) * (z + z0) - lambda * law.low_ms) / std::erfc(z0) -
           cut * faddeeva(-rotated);
}

/// The mean of exp(-lambda exp(m + s z)) over a normal z, on a line z + i shift on which the
/// integrand oscillates less, by the trapezoidal rule.
Complex log_normal_sum(double m, double s, Complex lambda, double step) {
    constexpr double reach = 9.0, largest_shift = 2.0;
    const double shift = std::clamp(-0.5 * std::arg(lambda) / s, -largest_shift, largest_shift);
    Complex sum = 0.0;
    for (double z = -std::ceil(reach / step) * step; z < reach; z += step) {
        const Complex at(z, shift);
        sum += std::exp(-0.5 * at * at - lambda * std::exp(m + s * at));
    }
    return sum * step / std::sqrt(2.0 * std::numbers::pi);
}

Complex log_normal(double mean, double sd, Complex lambda) {
    if (!(lambda.real() >= 0.0)) {
        std::ostringstream text;
        text
            << "delay_factor: the mean of exp(-lambda d) over a log-normal delay does not exist at "
               "lambda = "
            << lambda << " per ms: its real part must be at least 0";
        throw UsageError(text.str());
    }
    constexpr double first_step = 0.25, tolerance = 1e-13;
    constexpr int most_halvings = 8;
    const double square = std::log1p(std::pow(sd / mean, 2)), s = std::sqrt(square),
                 m = std::log(mean) - 0.5 * square;
    Complex coarse = log_normal_sum(m, s, lambda, first_step);
    for (int k = 1; k <= most_halvings; ++k) {
        const Complex fine = log_normal_sum(m, s, lambda, std::ldexp(first_step, -k));
        if (std::abs(fine - coarse) < tolerance) return fine;
        coarse = fine;
    }
    return coarse;
}

bool is_spread(const DelayLaw& law) {
    return law.kind != DelayKind::none && law.kind != DelayKind::fixed && law.sd_ms > 0.0;
}

}  // namespace

std::string_view to_string(DelayKind kind) {
    switch (kind) {
        case DelayKind::none: return "none";
        case DelayKind::fixed: return "fixed";
        case DelayKind::gaussian: return "gaussian";
        case DelayKind::truncated_gaussian: return "truncated_gaussian";
        case DelayKind::log_normal: break;
    }
    return "log_normal";
}

void DelayLaw::validate() const {
    const auto bounded = [&](std::string_view name, double value, bool may_be_zero) {
        if (std::isfinite(value) && (may_be_zero ? value >= 0.0 : value > 0.0)) return;
        std::ostringstream text;
        text << "delay." << name << " = " << value << " ms of a " << to_string(kind)
             << " delay must be " << (may_be_zero ? "at least" : "greater than") << " 0 and finite";
        throw UsageError(text.str());
    };
    if (kind == DelayKind::none) return;
    bounded("mean_ms", mean_ms, kind != DelayKind::log_normal);
    if (kind != DelayKind::fixed) bounded("sd_ms", sd_ms, true);
    if (kind == DelayKind::truncated_gaussian) bounded("low_ms", low_ms, true);
}

double negative_mass(const DelayLaw& law) {
    if (law.kind != DelayKind::gaussian || !is_spread(law)) return 0.0;
    return 0.5 * std::erfc(law.mean_ms / (law.sd_ms * std::numbers::sqrt2));
}

Complex delay_factor(const DelayLaw& law, Complex lambda_per_ms) {
    law.validate();
    if (law.kind == DelayKind::none) return 1.0;
    if (!is_spread(law)) return std::exp(-lambda_per_ms * law.mean_ms);
    switch (law.kind) {
        case DelayKind::truncated_gaussian: return truncated_gaussian(law, lambda_per_ms);
        case DelayKind::log_normal: return log_normal(law.mean_ms, law.sd_ms, lambda_per_ms);
        default: {
            const Complex spread = lambda_per_ms * law.sd_ms;
            return std::exp(0.5 * spread * spread - lambda_per_ms * law.mean_ms);
        }
    }
}

}  // namespace cortifold
