#pragma once

#include <cortifold/core/pack.hpp>

#include <array>
#include <cmath>
#include <cstddef>

namespace cortifold {

/// A truncated power series c_0 + c_1 t + ... + c_K t^K: the k-th coefficient of a formula along a
/// curve, from which normal forms take their exact higher derivatives (Griewank & Walther 2008,
/// chapter 13).
template <class T, std::size_t K>
struct Taylor {
    std::array<T, K + 1> c{};

    Taylor() = default;
    Taylor(const T& constant) {
        c[0] = constant;
    }  // NOLINT: constants mix with variables in formulas

    Taylor& operator+=(const Taylor& b) { return *this = *this + b; }
    Taylor& operator-=(const Taylor& b) { return *this = *this - b; }
    Taylor& operator*=(const Taylor& b) { return *this = *this * b; }
    Taylor& operator/=(const Taylor& b) { return *this = *this / b; }

    friend Taylor operator+(const Taylor& a) { return a; }
    friend Taylor operator-(const Taylor& a) { return Taylor() - a; }
    friend Taylor operator+(const Taylor& a, const Taylor& b) {
        Taylor r;
        for (std::size_t k = 0; k <= K; ++k) r.c[k] = a.c[k] + b.c[k];
        return r;
    }
    friend Taylor operator-(const Taylor& a, const Taylor& b) {
        Taylor r;
        for (std::size_t k = 0; k <= K; ++k) r.c[k] = a.c[k] - b.c[k];
        return r;
    }
    friend Taylor operator*(const Taylor& a, const Taylor& b) {
        Taylor r;
        for (std::size_t k = 0; k <= K; ++k)
            for (std::size_t j = 0; j <= k; ++j) r.c[k] += a.c[j] * b.c[k - j];
        return r;
    }
    friend Taylor operator/(const Taylor& a, const Taylor& b) {
        Taylor r;
        for (std::size_t k = 0; k <= K; ++k) {
            T sum = a.c[k];
            for (std::size_t j = 1; j <= k; ++j) sum -= b.c[j] * r.c[k - j];
            r.c[k] = sum / b.c[0];
        }
        return r;
    }
    friend bool operator<(const Taylor& a, const Taylor& b) { return a.c[0] < b.c[0]; }
    friend bool operator>(const Taylor& a, const Taylor& b) { return a.c[0] > b.c[0]; }
    friend bool operator<=(const Taylor& a, const Taylor& b) { return a.c[0] <= b.c[0]; }
    friend bool operator>=(const Taylor& a, const Taylor& b) { return a.c[0] >= b.c[0]; }
};

// Each function solves the differential equation that defines it, coefficient by coefficient.

/// y' = y x'
template <class T, std::size_t K>
Taylor<T, K> exp(const Taylor<T, K>& x) {
    using std::exp;
    Taylor<T, K> y(exp(x.c[0]));
    for (std::size_t k = 1; k <= K; ++k) {
        for (std::size_t j = 1; j <= k; ++j) y.c[k] += static_cast<double>(j) * x.c[j] * y.c[k - j];
        y.c[k] /= static_cast<double>(k);
    }
    return y;
}
/// The series y with y' = x' g and the given constant term: the integral of a known slope.
template <class T, std::size_t K>
Taylor<T, K> integrate_slope(const T& constant, const Taylor<T, K>& x, const Taylor<T, K>& slope) {
    Taylor<T, K> y(constant);
    for (std::size_t k = 1; k <= K; ++k) {
        for (std::size_t j = 1; j <= k; ++j)
            y.c[k] += static_cast<double>(j) * x.c[j] * slope.c[k - j];
        y.c[k] /= static_cast<double>(k);
    }
    return y;
}
/// y' = x' / x
template <class T, std::size_t K>
Taylor<T, K> log(const Taylor<T, K>& x) {
    using std::log;
    return integrate_slope(T(log(x.c[0])), x, Taylor<T, K>(T(1.0)) / x);
}
/// x y' = b y x'
template <class T, std::size_t K>
Taylor<T, K> pow(const Taylor<T, K>& x, double b) {
    using std::pow;
    Taylor<T, K> y(pow(x.c[0], b));
    for (std::size_t k = 1; k <= K; ++k) {
        for (std::size_t j = 1; j <= k; ++j)
            y.c[k] +=
                (b * static_cast<double>(j) - static_cast<double>(k - j)) * x.c[j] * y.c[k - j];
        y.c[k] /= static_cast<double>(k) * x.c[0];
    }
    return y;
}
template <class T, std::size_t K>
Taylor<T, K> sqrt(const Taylor<T, K>& x) {
    return pow(x, 0.5);
}
/// s' = c x', c' = -s x'
template <class T, std::size_t K>
void sin_cos(const Taylor<T, K>& x, Taylor<T, K>& s, Taylor<T, K>& c) {
    using std::cos, std::sin;
    s = Taylor<T, K>(sin(x.c[0]));
    c = Taylor<T, K>(cos(x.c[0]));
    for (std::size_t k = 1; k <= K; ++k) {
        for (std::size_t j = 1; j <= k; ++j) {
            s.c[k] += static_cast<double>(j) * x.c[j] * c.c[k - j];
            c.c[k] -= static_cast<double>(j) * x.c[j] * s.c[k - j];
        }
        s.c[k] /= static_cast<double>(k);
        c.c[k] /= static_cast<double>(k);
    }
}
template <class T, std::size_t K>
Taylor<T, K> sin(const Taylor<T, K>& x) {
    Taylor<T, K> s, c;
    sin_cos(x, s, c);
    return s;
}
template <class T, std::size_t K>
Taylor<T, K> cos(const Taylor<T, K>& x) {
    Taylor<T, K> s, c;
    sin_cos(x, s, c);
    return c;
}
/// y' = (1 - y^2) x'
template <class T, std::size_t K>
Taylor<T, K> tanh(const Taylor<T, K>& x) {
    using std::tanh;
    Taylor<T, K> y(tanh(x.c[0])), slope(T(1.0 - y.c[0] * y.c[0]));
    for (std::size_t k = 1; k <= K; ++k) {
        for (std::size_t j = 1; j <= k; ++j)
            y.c[k] += static_cast<double>(j) * x.c[j] * slope.c[k - j];
        y.c[k] /= static_cast<double>(k);
        for (std::size_t j = 0; j <= k; ++j) slope.c[k] -= y.c[j] * y.c[k - j];
    }
    return y;
}
/// y' = y z x' with z = logistic(-x) = 1 - y
template <class T, std::size_t K>
Taylor<T, K> logistic(const Taylor<T, K>& x) {
    Taylor<T, K> y(logistic(x.c[0])), z(logistic(-x.c[0])), slope(T(y.c[0] * z.c[0]));
    for (std::size_t k = 1; k <= K; ++k) {
        for (std::size_t j = 1; j <= k; ++j)
            y.c[k] += static_cast<double>(j) * x.c[j] * slope.c[k - j];
        y.c[k] /= static_cast<double>(k);
        z.c[k] = -y.c[k];
        for (std::size_t j = 0; j <= k; ++j) slope.c[k] += y.c[j] * z.c[k - j];
    }
    return y;
}
template <class T, std::size_t K>
Taylor<T, K> select(bool condition, const Taylor<T, K>& a, const Taylor<T, K>& b) {
    return condition ? a : b;
}

}  // namespace cortifold
