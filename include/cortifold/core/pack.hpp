#pragma once

#include <Eigen/Core>

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

}  // namespace cortifold
