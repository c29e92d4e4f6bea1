#pragma once

#include <cortifold/core/pack.hpp>

namespace cortifold {

/// A pack as a scalar: zero unless told, so that it may stand in a dual number.
struct Lanes {
    Pack v = Pack::Zero();

    Lanes() = default;
    Lanes(double same) : v(Pack::Constant(same)) {}  // NOLINT: constants mix with variables
    template <class Derived>
    Lanes(const Eigen::ArrayBase<Derived>& values) : v(values) {}  // NOLINT

    friend Lanes operator+(const Lanes& a, const Lanes& b) { return a.v + b.v; }
    friend Lanes operator-(const Lanes& a, const Lanes& b) { return a.v - b.v; }
    friend Lanes operator*(const Lanes& a, const Lanes& b) { return a.v * b.v; }
    friend Lanes operator/(const Lanes& a, const Lanes& b) { return a.v / b.v; }
    friend Lanes operator-(const Lanes& a) { return -a.v; }

    friend Lanes exp(const Lanes& a) { return a.v.exp(); }
    friend Lanes log(const Lanes& a) { return a.v.log(); }
    friend Lanes sqrt(const Lanes& a) { return a.v.sqrt(); }
    friend Lanes sin(const Lanes& a) { return a.v.sin(); }
    friend Lanes cos(const Lanes& a) { return a.v.cos(); }
    friend Lanes tanh(const Lanes& a) { return a.v.tanh(); }
    friend Lanes pow(const Lanes& a, double b) { return a.v.pow(b); }
    friend Lanes logistic(const Lanes& a) { return cortifold::logistic(a.v); }
};

}  // namespace cortifold
