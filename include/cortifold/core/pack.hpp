#pragma once

#include <Eigen/Core>

#include <cmath>

namespace cortifold {

/// Eight nodes at once: the scalar type of batches.
using Pack = Eigen::Array<double, 8, 1>;
using PackMask = Eigen::Array<bool, 8, 1>;

/// `a` where the condition holds, else `b`: what a model writes instead of an `if` on a state.
inline double select(bool condition, double a, double b) {
    return condition ? a : b;
}

template <class Condition>
Pack select(const Eigen::ArrayBase<Condition>& condition, const Pack& a, const Pack& b) {
    return condition.derived().select(a, b);
}

/// 1 / (1 + exp(-x)). Write it so in a model: differentiated term by term, the quotient is
/// infinity over infinity where exp overflows; this one has a finite derivative at every x.
inline double logistic(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

inline Pack logistic(const Pack& x) {
    return 1.0 / (1.0 + (-x).exp());
}

}  // namespace cortifold
