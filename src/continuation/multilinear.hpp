#pragma once

#include <cortifold/core/vector_field.hpp>

namespace cortifold {

/// A point of a field at which its derivatives of higher order are taken.
struct FieldPoint {
    const VectorField& field;
    const Vector &x, &p;
};

/// B(v, .), the second derivative of F along v.
[[nodiscard]] Matrix second_order(const FieldPoint& at, const Vector& v);
[[nodiscard]] ComplexMatrix second_order(const FieldPoint& at, const ComplexVector& v);

/// C(v, v, v), the third one.
[[nodiscard]] Vector third_order(const FieldPoint& at, const Vector& v);
/// C(q, q, q_bar).
[[nodiscard]] ComplexVector third_order_mixed(const FieldPoint& at, const ComplexVector& q);

}  // namespace cortifold
