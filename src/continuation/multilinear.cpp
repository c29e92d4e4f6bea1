#include "multilinear.hpp"

namespace cortifold {

Matrix second_order(const FieldPoint& at, const Vector& v) {
    Matrix f_xv(v.size(), v.size()), f_pv(v.size(), 0);
    at.field.directional(at.x, at.p, v, Vector::Zero(at.p.size()), {}, f_xv, f_pv);
    return f_xv;
}

ComplexMatrix second_order(const FieldPoint& at, const ComplexVector& v) {
    ComplexMatrix f_xv(v.size(), v.size());
    f_xv.real() = second_order(at, Vector(v.real()));
    f_xv.imag() = second_order(at, Vector(v.imag()));
    return f_xv;
}

/// Six times the third coefficient of F(x + t v).
Vector third_order(const FieldPoint& at, const Vector& v) {
    constexpr int order = 3;
    Matrix x = Matrix::Zero(v.size(), order + 1), f = x;
    x.col(0) = at.x;
    x.col(1) = v;
    at.field.taylor(x, at.p, f);
    return 6.0 * f.col(order);
}

/// C(q, u, u) + C(q, v, v) with q = u + i v, by polarization.
ComplexVector third_order_mixed(const FieldPoint& at, const ComplexVector& q) {
    const Vector u = q.real(), v = q.imag();
    const Vector plus = third_order(at, u + v), minus = third_order(at, u - v);
    ComplexVector c(u.size());
    c.real() = (2.0 * third_order(at, u) + (plus + minus) / 2.0) / 3.0;
    c.imag() = (2.0 * third_order(at, v) + (plus - minus) / 2.0) / 3.0;
    return c;
}

}  // namespace cortifold
