#pragma once

#include <cortifold/core/pack.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>

namespace cortifold {

/// A value with N derivatives: arithmetic on it is the chain rule, so a formula written once on a
/// scalar type yields its exact Jacobian. T may itself be a Dual: nested duals give second and
/// third derivatives.
template <class T, std::size_t N>
struct Dual {
    T value{};
    std::array<T, N> d{};

    Dual() = default;
    Dual(const T& v) : value(v) {}  // NOLINT: constants mix with variables in formulas
    Dual(double v)                  // NOLINT
        requires(!std::same_as<T, double>)
        : value(v) {}

    static Dual variable(const T& v, std::size_t direction) {
        Dual x(v);
        x.d[direction] = T(1.0);
        return x;
    }

    Dual& operator+=(const Dual& b) { return *this = *this + b; }
    Dual& operator-=(const Dual& b) { return *this = *this - b; }
    Dual& operator*=(const Dual& b) { return *this = *this * b; }
    Dual& operator/=(const Dual& b) { return *this = *this / b; }

    friend Dual operator+(const Dual& a) { return a; }
    friend Dual operator-(const Dual& a) { return chain(-a.value, T(-1.0), a); }
    friend Dual operator+(const Dual& a, const Dual& b) {
        Dual r(a.value + b.value);
        for (std::size_t k = 0; k < N; ++k) r.d[k] = a.d[k] + b.d[k];
        return r;
    }
    friend Dual operator-(const Dual& a, const Dual& b) {
        Dual r(a.value - b.value);
        for (std::size_t k = 0; k < N; ++k) r.d[k] = a.d[k] - b.d[k];
        return r;
    }
    friend Dual operator*(const Dual& a, const Dual& b) {
        Dual r(a.value * b.value);
        for (std::size_t k = 0; k < N; ++k) r.d[k] = a.d[k] * b.value + a.value * b.d[k];
        return r;
    }
    friend Dual operator/(const Dual& a, const Dual& b) {
        const T q = a.value / b.value;
        Dual r(q);
        for (std::size_t k = 0; k < N; ++k) r.d[k] = (a.d[k] - q * b.d[k]) / b.value;
        return r;
    }
    // With a plain number one product is saved.
    friend Dual operator+(const Dual& a, double b) { return shifted(a, a.value + b); }
    friend Dual operator+(double a, const Dual& b) { return shifted(b, a + b.value); }
    friend Dual operator-(const Dual& a, double b) { return shifted(a, a.value - b); }
    friend Dual operator-(double a, const Dual& b) { return chain(a - b.value, T(-1.0), b); }
    friend Dual operator*(const Dual& a, double b) { return chain(a.value * b, T(b), a); }
    friend Dual operator*(double a, const Dual& b) { return chain(a * b.value, T(a), b); }
    friend Dual operator/(const Dual& a, double b) { return chain(a.value / b, T(1.0 / b), a); }
    friend Dual operator/(double a, const Dual& b) { return Dual(T(a)) / b; }

    friend bool operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
    friend bool operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
    friend bool operator<=(const Dual& a, const Dual& b) { return a.value <= b.value; }
    friend bool operator>=(const Dual& a, const Dual& b) { return a.value >= b.value; }

    /// f(a), given the value and the slope of f at a.
    friend Dual chain(const T& value, const T& slope, const Dual& a) {
        Dual r(value);
        for (std::size_t k = 0; k < N; ++k) r.d[k] = slope * a.d[k];
        return r;
    }

private:
    static Dual shifted(const Dual& a, const T& value) {
        Dual r = a;
        r.value = value;
        return r;
    }
};

template <class T, std::size_t N>
Dual<T, N> exp(const Dual<T, N>& a) {
    using std::exp;
    const T e = exp(a.value);
    return chain(e, e, a);
}
template <class T, std::size_t N>
Dual<T, N> log(const Dual<T, N>& a) {
    using std::log;
    return chain(T(log(a.value)), T(1.0 / a.value), a);
}
template <class T, std::size_t N>
Dual<T, N> sqrt(const Dual<T, N>& a) {
    using std::sqrt;
    const T s = sqrt(a.value);
    return chain(s, T(0.5 / s), a);
}
template <class T, std::size_t N>
Dual<T, N> sin(const Dual<T, N>& a) {
    using std::cos, std::sin;
    return chain(T(sin(a.value)), T(cos(a.value)), a);
}
template <class T, std::size_t N>
Dual<T, N> cos(const Dual<T, N>& a) {
    using std::cos, std::sin;
    return chain(T(cos(a.value)), T(-sin(a.value)), a);
}
template <class T, std::size_t N>
Dual<T, N> tanh(const Dual<T, N>& a) {
    using std::tanh;
    const T t = tanh(a.value);
    return chain(t, T(1.0 - t * t), a);
}
/// Its slope is logistic(x) logistic(-x), to full relative accuracy on both sides.
template <class T, std::size_t N>
Dual<T, N> logistic(const Dual<T, N>& a) {
    const T y = logistic(a.value);
    return chain(y, T(y * logistic(-a.value)), a);
}
/// Real power of a positive base; whole powers of any base are products.
template <class T, std::size_t N>
Dual<T, N> pow(const Dual<T, N>& a, double b) {
    using std::pow;
    return chain(T(pow(a.value, b)), T(b * pow(a.value, b - 1.0)), a);
}
template <class T, std::size_t N>
Dual<T, N> select(bool condition, const Dual<T, N>& a, const Dual<T, N>& b) {
    return condition ? a : b;
}

}  // namespace cortifold
