#pragma once

#include <cortifold/core/elementary.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace cortifold {

// Special functions, each with its value and its slope: `apply(F{}, x)` of elementary.hpp.

struct Erf {
    static double value(double x) { return std::erf(x); }
    template <class T>
    static T slope(const T& x) {
        using std::exp;
        return 2.0 * std::numbers::inv_sqrtpi * exp(T(-x * x));
    }
};
struct Erfc {
    static double value(double x) { return std::erfc(x); }
    template <class T>
    static T slope(const T& x) {
        return -Erf::slope(x);
    }
};

/// The slope of log Gamma: by reflection and recurrence to where its asymptotic series holds
/// (Abramowitz & Stegun 1964, 6.3.5, 6.3.7, 6.3.18).
template <class T>
T digamma(T x) {
    using std::log;
    constexpr double pi = std::numbers::pi, large = 10.0;
    constexpr std::array series{1.0 / 12.0,  -1.0 / 120.0,     1.0 / 252.0, -1.0 / 240.0,
                                1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0};  // B_2k / 2k
    if (primal(x) <= 0.0) return digamma(T(1.0 - x)) - pi / apply(Tan{}, T(pi * x));
    T sum(0.0);
    for (; primal(x) < large; x = x + 1.0) sum = sum - 1.0 / x;
    const T square = 1.0 / (x * x);
    T tail(0.0);
    for (std::size_t k = series.size(); k-- > 0;) tail = (tail + series[k]) * square;
    return sum + log(x) - 0.5 / x - tail;
}

struct LogGamma {
    static double value(double x) {
        int sign = 0;  // std::lgamma keeps it in a variable that all threads share
        return ::lgamma_r(x, &sign);
    }
    template <class T>
    static T slope(const T& x) {
        return digamma(x);
    }
};

/// Of the orders that are asked for.
inline constexpr double largest_order = 1000.0;

// Bessel functions of whole order; slopes as in Abramowitz & Stegun (1964), 9.1.27 and 9.6.26.

struct BesselJ {
    int order = 0;
    [[nodiscard]] double value(double x) const { return ::jn(order, x); }
    template <class T>
    T slope(const T& x) const {
        return 0.5 * (apply(BesselJ{order - 1}, x) - apply(BesselJ{order + 1}, x));
    }
};
struct BesselY {
    int order = 0;
    [[nodiscard]] double value(double x) const { return ::yn(order, x); }
    template <class T>
    T slope(const T& x) const {
        return 0.5 * (apply(BesselY{order - 1}, x) - apply(BesselY{order + 1}, x));
    }
};
struct BesselI {
    int order = 0;
    [[nodiscard]] double value(double x) const {
        constexpr double infinite = 1e4;  // at any such order; the library throws for more
        if (std::abs(x) > infinite) x = std::copysign(infinite, x);
        const double size = std::cyl_bessel_i(std::abs(order), std::abs(x));
        return x < 0.0 && order % 2 != 0 ? -size : size;
    }
    template <class T>
    T slope(const T& x) const {
        return 0.5 * (apply(BesselI{order - 1}, x) + apply(BesselI{order + 1}, x));
    }
};

}  // namespace cortifold
