#pragma once

#include <cortifold/core/dual.hpp>
#include <cortifold/core/pack.hpp>
#include <cortifold/core/taylor.hpp>

#include <cmath>
#include <cstdlib>
#include <numbers>

namespace cortifold {

/// The number (of a pack, the numbers) behind any scalar type: what a comparison sees.
inline double primal(double x) {
    return x;
}
inline const Pack& primal(const Pack& x) {
    return x;
}
template <class T, std::size_t N>
double primal(const Dual<T, N>& x) {
    return primal(x.value);
}
template <class T, std::size_t K>
double primal(const Taylor<T, K>& x) {
    return primal(x.c[0]);
}

// `apply(F{}, x)` is a function of one argument on every scalar type, from its value on doubles and
// its slope, a formula on any of them.

template <class F>
double apply(const F& f, double x) {
    return f.value(x);
}
template <class F>
Pack apply(const F& f, const Pack& x) {
    return x.unaryExpr([&](double lane) { return f.value(lane); });
}
template <class F, class T, std::size_t N>
Dual<T, N> apply(const F& f, const Dual<T, N>& x) {
    return chain(T(apply(f, x.value)), T(f.slope(x.value)), x);
}
/// y' = f'(x) x', whose slope is needed to one order less.
template <class F, class T, std::size_t K>
Taylor<T, K> apply(const F& f, const Taylor<T, K>& x) {
    Taylor<T, K> slope;
    if constexpr (K > 0) {
        Taylor<T, K - 1> shorter;
        for (std::size_t k = 0; k < K; ++k) shorter.c[k] = x.c[k];
        shorter = f.slope(shorter);
        for (std::size_t k = 0; k < K; ++k) slope.c[k] = shorter.c[k];
    }
    return integrate_slope(T(apply(f, x.c[0])), x, slope);
}

struct Tan {
    static double value(double x) { return std::tan(x); }
    template <class T>
    static T slope(const T& x) {
        const T y = apply(Tan{}, x);
        return 1.0 + y * y;
    }
};
struct Asin {
    static double value(double x) { return std::asin(x); }
    template <class T>
    static T slope(const T& x) {
        using std::sqrt;
        return 1.0 / sqrt(T(1.0 - x * x));
    }
};
struct Acos {
    static double value(double x) { return std::acos(x); }
    template <class T>
    static T slope(const T& x) {
        return -Asin::slope(x);
    }
};
struct Atan {
    static double value(double x) { return std::atan(x); }
    template <class T>
    static T slope(const T& x) {
        return 1.0 / (1.0 + x * x);
    }
};
struct Sinh {
    static double value(double x) { return std::sinh(x); }
    template <class T>
    static T slope(const T& x);
};
struct Cosh {
    static double value(double x) { return std::cosh(x); }
    template <class T>
    static T slope(const T& x) {
        return apply(Sinh{}, x);
    }
};
template <class T>
T Sinh::slope(const T& x) {
    return apply(Cosh{}, x);
}
struct Log10 {
    static double value(double x) { return std::log10(x); }
    template <class T>
    static T slope(const T& x) {
        return std::numbers::log10e / x;
    }
};

/// Bernoulli's function x / (exp(x) - 1), smooth at 0 too and finite with its slopes at every x.
/// Near 0 it is z coth z - z for z = x/2, by Lambert's continued fraction (Abramowitz & Stegun
/// 1964, 4.5.70): the quotient and its slopes would be differences of nearly equal numbers.
template <class T>
T bernoulli(const T& x) {
    using std::exp;
    constexpr double near = 1.0;
    constexpr int depth = 7;  // up to the fifth derivative exact to roundoff on |x| < near
    if (std::abs(primal(x)) < near) {
        const T square = 0.25 * x * x;
        T fraction(2.0 * depth + 1.0);
        for (int k = depth; k > 0; --k) fraction = (2.0 * k - 1.0) + square / fraction;
        return fraction - 0.5 * x;
    }
    if (primal(x) < 0.0) return x / (exp(x) - 1.0);
    const T decay = exp(T(-x));
    return x * decay / (1.0 - decay);
}
inline Pack bernoulli(const Pack& x) {
    return x.unaryExpr([](double lane) { return bernoulli(lane); });
}

// Functions of two arguments.

template <class T>
T whole_power(T x, int exponent) {
    T power(1.0);
    for (int n = std::abs(exponent); n > 0; n /= 2, x = x * x)
        if (n % 2 != 0) power = power * x;
    return exponent < 0 ? T(1.0 / power) : power;
}
/// Up to here the rounding of a product of n factors is no more than that of the base asks for.
inline constexpr double largest_whole_power = 1024.0;
inline bool is_whole_power(double exponent) {
    return exponent == std::trunc(exponent) && std::abs(exponent) <= largest_whole_power;
}

inline Pack pow(const Pack& base, const Pack& exponent) {
    return base.binaryExpr(exponent, [](double a, double b) { return std::pow(a, b); });
}
/// The slope along the exponent is 0 for a base that is not positive, where it has none.
template <class T, std::size_t N>
Dual<T, N> pow(const Dual<T, N>& a, const Dual<T, N>& b) {
    using std::log, std::pow;
    const bool constant = primal(a) == 0.0 && primal(b) == 0.0;
    const T value = pow(a.value, b.value);
    const T by_base = constant ? T(0.0) : T(b.value * pow(a.value, T(b.value - 1.0)));
    const T by_exponent = primal(a) > 0.0 ? T(value * log(a.value)) : T(0.0);
    return chain(value, by_base, a) + chain(T(0.0), by_exponent, b);
}
template <class T, std::size_t K>
Taylor<T, K> pow(const Taylor<T, K>& a, const Taylor<T, K>& b) {
    using std::pow;
    const double exponent = primal(b);
    if (primal(a) <= 0.0)
        return is_whole_power(exponent) ? whole_power(a, static_cast<int>(exponent))
                                        : pow(a, exponent);
    Taylor<T, K> power = exp(b * log(a));
    power.c[0] = pow(a.c[0], b.c[0]);
    return power;
}

inline Pack atan2(const Pack& y, const Pack& x) {
    return y.binaryExpr(x, [](double a, double b) { return std::atan2(a, b); });
}
template <class T, std::size_t N>
Dual<T, N> atan2(const Dual<T, N>& y, const Dual<T, N>& x) {
    using std::atan2;
    const T square = x.value * x.value + y.value * y.value;
    return chain(T(atan2(y.value, x.value)), T(x.value / square), y) +
           chain(T(0.0), T(-y.value / square), x);
}
/// The angle at the first point and the one from there on.
template <class T, std::size_t K>
Taylor<T, K> atan2(const Taylor<T, K>& y, const Taylor<T, K>& x) {
    using std::atan2;
    const Taylor<T, K> x0(x.c[0]), y0(y.c[0]);
    return Taylor<T, K>(atan2(y.c[0], x.c[0])) +
           apply(Atan{}, (y * x0 - x * y0) / (x * x0 + y * y0));
}

/// As XPPAUT's `mod`: a - b trunc(a/b), plus b where that is negative; so modulo(5, -3) = 2.
inline double modulo(double a, double b) {
    const double rest = std::fmod(a, b);
    return rest < 0.0 ? rest + b : rest;
}
inline Pack modulo(const Pack& a, const Pack& b) {
    return a.binaryExpr(b, [](double x, double y) { return modulo(x, y); });
}
/// Its slopes are those between its jumps.
template <class T>
T modulo(const T& a, const T& b) {
    const double rest = modulo(primal(a), primal(b));
    const T line = a - std::round((primal(a) - rest) / primal(b)) * b;
    return line + (rest - primal(line));
}

}  // namespace cortifold
