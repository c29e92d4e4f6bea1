#include "first_lyapunov.hpp"

#include "multilinear.hpp"

namespace cortifold {

namespace {

using Complex = std::complex<double>;

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
    const FieldPoint point{at.field, at.x, at.p};
    const ComplexMatrix B_q = second_order(point, q);
    const ComplexVector h11 = -solve_shifted(at, 0.0, B_q * q_bar),
                        h20 = -solve_shifted(at, Complex(0.0, 2.0 * omega), B_q * q);
    const ComplexVector terms =
        third_order_mixed(point, q) + 2.0 * (B_q * h11) + B_q.conjugate() * h20;
    const auto times_left = [&](const ComplexVector& r) { return left.cwiseProduct(r).sum(); };
    return (times_left(terms) / times_left(q)).real() / (2.0 * omega);
}

}  // namespace cortifold
