#include "first_lyapunov.hpp"

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// B(v, .).
Matrix second_order(const LinearizedPoint& at, const Vector& v) {
    Matrix f_xv(v.size(), v.size()), f_pv(v.size(), 0);
    at.field.directional(at.x, at.p, v, Vector::Zero(at.p.size()), {}, f_xv, f_pv);
    return f_xv;
}

/// C(v, v, v), six times the third coefficient of F(x + t v).
Vector third_order(const LinearizedPoint& at, const Vector& v) {
    constexpr int order = 3;
    Matrix x = Matrix::Zero(v.size(), order + 1), f = x;
    x.col(0) = at.x;
    x.col(1) = v;
    at.field.taylor(x, at.p, f);
    return 6.0 * f.col(order);
}

/// C(q, q, q_bar) = C(q, u, u) + C(q, v, v) with q = u + i v, by polarization.
ComplexVector third_order_mixed(const LinearizedPoint& at, const Vector& u, const Vector& v) {
    const Vector plus = third_order(at, u + v), minus = third_order(at, u - v);
    ComplexVector c(u.size());
    c.real() = (2.0 * third_order(at, u) + (plus + minus) / 2.0) / 3.0;
    c.imag() = (2.0 * third_order(at, v) + (plus - minus) / 2.0) / 3.0;
    return c;
}

template <class S>
ComplexVector solve_shifted(const LinearizedPoint& at, S shift, const ComplexVector& r) {
    MatrixOf<S> x(r.size(), 1);
    if constexpr (std::is_same_v<S, double>)
        x = r.real();
    else
        x = r;
    factorize_shifted(at, shift)->solve(x);
    return x.col(0).template cast<Complex>();
}

}  // namespace

double first_lyapunov(const LinearizedPoint& at, double omega, const ComplexVector& right,
                      const ComplexVector& left) {
    const ComplexVector q = right.normalized(), q_bar = q.conjugate();
    const Vector u = q.real(), v = q.imag();
    const ComplexMatrix B_q = second_order(at, u) + Complex(0.0, 1.0) * second_order(at, v);
    const ComplexVector h11 = -solve_shifted(at, 0.0, B_q * q_bar),
                        h20 = -solve_shifted(at, Complex(0.0, 2.0 * omega), B_q * q);
    const ComplexVector terms =
        third_order_mixed(at, u, v) + 2.0 * (B_q * h11) + B_q.conjugate() * h20;
    const auto times_left = [&](const ComplexVector& r) { return left.cwiseProduct(r).sum(); };
    return (times_left(terms) / times_left(q)).real() / (2.0 * omega);
}

}  // namespace cortifold
