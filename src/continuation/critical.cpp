#include "critical.hpp"

#include <cmath>

namespace cortifold {

namespace {

constexpr int rounds = 4;  ///< of inverse iteration

bool is_structured(const LinearizedPoint& at) {
    return at.of == nullptr && at.field.has_structured_solver();
}

}  // namespace

template <class S>
std::unique_ptr<LinearSolver<S>> factorize_shifted(const LinearizedPoint& at, S shift) {
    if (is_structured(at)) {
        if constexpr (std::is_same_v<S, double>)
            return at.field.factorize(at.x, at.p, shift);
        else
            return at.field.factorize_complex(at.x, at.p, shift);
    }
    MatrixOf<S> shifted = at.f_x.template cast<S>();
    shifted.diagonal().array() -= shift;
    return factorize_equilibrated<S>(shifted);
}
template std::unique_ptr<LinearSolver<double>> factorize_shifted(const LinearizedPoint&, double);
template std::unique_ptr<LinearSolver<std::complex<double>>> factorize_shifted(
    const LinearizedPoint&, std::complex<double>);

template <class S>
std::unique_ptr<LinearSolver<S>> factorize_bordered(const LinearizedPoint& at, S shift,
                                                    const Borders<S>& borders) {
    if (is_structured(at)) return border_by_elimination<S>(factorize_shifted(at, shift), borders);
    const Eigen::Index n = borders.columns.rows(), k = borders.columns.cols();
    MatrixOf<S> m(n + k, n + k);
    m << at.f_x.template cast<S>(), borders.columns, borders.rows.transpose(), borders.corner;
    m.diagonal().head(n).array() -= shift;
    return factorize_equilibrated<S>(m);
}
template std::unique_ptr<LinearSolver<double>> factorize_bordered(const LinearizedPoint&, double,
                                                                  const Borders<double>&);
template std::unique_ptr<LinearSolver<std::complex<double>>> factorize_bordered(
    const LinearizedPoint&, std::complex<double>, const Borders<std::complex<double>>&);

template <class S>
CriticalSolver<S>::CriticalSolver(const LinearizedPoint& at, S lambda, const Vector& b,
                                  const Vector& c)
    : n_(at.f_x.rows()),
      solver_(factorize_bordered<S>(
          at, lambda, {b.template cast<S>(), c.template cast<S>(), MatrixOf<S>::Zero(1, 1)})) {}

template <class S>
Nullity<S> CriticalSolver<S>::nullity() const {
    MatrixOf<S> right = MatrixOf<S>::Zero(n_ + 1, 1), left = right;
    right(n_, 0) = left(n_, 0) = 1.0;
    solver_->solve(right);
    solver_->solve_adjoint(left);
    return {right(n_, 0), right.topRows(n_), left.topRows(n_).conjugate()};
}

template <class S>
typename CriticalSolver<S>::VectorS CriticalSolver<S>::solve(const VectorS& r) const {
    MatrixOf<S> x = MatrixOf<S>::Zero(r.size() + 1, 1);
    x.topRows(r.size()) = r;
    solver_->solve(x);
    return x.topRows(r.size());
}

template <class S>
typename CriticalSolver<S>::VectorS CriticalSolver<S>::solve_transposed(const VectorS& r) const {
    MatrixOf<S> x = MatrixOf<S>::Zero(r.size() + 1, 1);
    x.topRows(r.size()) = r.conjugate();
    solver_->solve_adjoint(x);
    return x.topRows(r.size()).conjugate();
}

int count_equal(const ComplexVector& spectrum, std::complex<double> value) {
    if (spectrum.size() == 0) return 0;
    const double distance = equal_eigenvalues * spectrum.cwiseAbs().maxCoeff();
    return static_cast<int>(((spectrum.array() - value).abs() <= distance).count());
}

Vector arbitrary(Eigen::Index n, double phase) {
    return Vector::NullaryExpr(
               n,
               [phase](Eigen::Index k) {
                   return std::cos(phase + static_cast<double>(k) * static_cast<double>(k + 1));
               })
        .normalized();
}

Vector real_direction(const ComplexVector& v) {
    const std::complex<double> square = v.cwiseProduct(v).sum();
    return (v * std::polar(1.0, -std::arg(square) / 2.0)).real().normalized();
}

template class CriticalSolver<double>;
template class CriticalSolver<std::complex<double>>;

void find_borders(const LinearizedPoint& at, std::complex<double> lambda, Vector& b, Vector& c) {
    b = arbitrary(at.f_x.rows(), 0.5);
    c = arbitrary(at.f_x.rows(), 1.5);
    for (int k = 0; k < rounds; ++k) {
        const auto found = CriticalSolver<std::complex<double>>(at, lambda, b, c).nullity();
        if (!found.v.allFinite() || !found.w.allFinite()) return;
        c = real_direction(found.v);
        b = real_direction(found.w);
    }
}

Matrix second_derivatives(const LinearizedPoint& at, std::span<const std::size_t> free,
                          ConstMatrixRef W, ConstVectorRef v, ConstVectorRef p_dot) {
    const Eigen::Index n = at.x.size(), m = static_cast<Eigen::Index>(free.size());
    Matrix derivatives(at.f_x.rows(), n + m);  // of [f_x f_p]
    if (at.of != nullptr)
        at.of->directional(at.x, at.p, v, free, derivatives.leftCols(n), derivatives.rightCols(m));
    else
        at.field.directional(at.x, at.p, v, p_dot, free, derivatives.leftCols(n),
                             derivatives.rightCols(m));
    return -derivatives.transpose().lazyProduct(W);
}

}  // namespace cortifold
