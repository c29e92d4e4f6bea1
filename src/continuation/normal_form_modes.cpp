#include "normal_form_modes.hpp"

#include "critical.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <cmath>

namespace cortifold {

namespace {

/// Of <p, q>, relative: below it half of the digits are lost to a defective eigenvalue nearby.
constexpr double smallest_overlap = 1e-8;
/// What a bordered solve may lose if its matrix counts as regular.
constexpr double solve_tolerance = 1e-6;
/// Corrections of a pair, each of which cubes the error, and their size relative to the frequency
/// where no more is needed, and where the iteration went astray.
constexpr int most_corrections = 4;
constexpr double settled = 1e-12, astray = 1e-9;

/// Draws with no symmetry that a mode could be orthogonal to.
ComplexVector random_vector(Eigen::Index n) {
    const CounterRng rng({.purpose = StreamPurpose::starts});
    return ComplexVector::NullaryExpr(
        n, [&rng](Eigen::Index i) { return rng.normal(static_cast<std::uint64_t>(i)); });
}

/// Both null vectors by one factorization: bordered by vectors near to them, the matrix is regular.
/// Products are taken in the units of the scales.
NullVectors bordered_null_vectors(const EquilibriumMatrix& a, Complex shift,
                                  const NullVectors& near) {
    const Eigen::Index n = a.scales().size();
    const Vector squares = a.scales().cwiseAbs2();
    const auto solver = a.factorize_bordered(shift, squares.asDiagonal() * near.left,
                                             squares.cwiseInverse().asDiagonal() * near.right);
    ComplexMatrix right = ComplexMatrix::Zero(n + 1, 1), left = right;
    right(n, 0) = left(n, 0) = 1.0;
    solver->solve(right);
    solver->solve_adjoint(left);
    NullVectors found{right.col(0).head(n), left.col(0).head(n)};
    found.right /= a.size_of(found.right);
    found.left /= a.size_of_left(found.left);
    return found;
}

/// The two-sided Rayleigh quotient (Ostrowski 1959), less lambda.
Complex rayleigh_correction(const EquilibriumMatrix& a, Complex lambda, const NullVectors& v) {
    return v.left.dot(a.times(v.right) - lambda * v.right) / v.left.dot(v.right);
}

NullVectors random_vectors(const EquilibriumMatrix& a) {
    const ComplexVector draws = random_vector(a.scales().size());
    return {a.scales().asDiagonal() * draws, a.scales().cwiseInverse().asDiagonal() * draws};
}

/// With a second null vector the bordered matrix is singular too, and solving returns anything but
/// w without its part along q.
bool solves_accurately(const EquilibriumMatrix& a, const CriticalMode& mode) {
    const Eigen::Index n = a.scales().size();
    const ComplexVector w = a.scales().asDiagonal() * random_vector(n);
    ComplexMatrix z = ComplexMatrix::Zero(n + 1, 1);
    z.col(0).head(n) = a.times(w) - mode.lambda * w;
    mode.bordered->solve(z);
    const ComplexVector expected = w - mode.p.dot(w) * mode.q;
    return a.size_of(z.col(0).head(n) - expected) <=
           solve_tolerance * (a.size_of(w) + a.size_of(expected));
}

}  // namespace

EquilibriumMatrix::EquilibriumMatrix(const EquilibriumPoint& at)
    : at_(at), scales_(at.x.cwiseAbs().cwiseMax(scale_floor(at.field.states()))) {
    if (!at.field.has_structured_solver()) dense_ = jacobian(at.field, at.x, at.p);
}

ComplexVector EquilibriumMatrix::times(const ComplexVector& v) const {
    if (dense_.size() > 0) return dense_ * v;
    Matrix parts(v.size(), 2), image(v.size(), 2);
    parts << v.real(), v.imag();
    at_.field.jacobian_times(at_.x, at_.p, parts, image);
    return image.col(0) + Complex(0.0, 1.0) * image.col(1);
}

std::unique_ptr<LinearSolver<Complex>> EquilibriumMatrix::factorize(Complex shift) const {
    return factorize_shifted({at_.field, at_.x, at_.p, dense_}, shift);
}

std::unique_ptr<LinearSolver<Complex>> EquilibriumMatrix::factorize_bordered(
    Complex shift, const ComplexVector& column, const ComplexVector& row) const {
    return cortifold::factorize_bordered<Complex>(
        {at_.field, at_.x, at_.p, dense_}, shift,
        {column, row.conjugate(), ComplexMatrix::Zero(1, 1)});
}

double EquilibriumMatrix::size_of(const ComplexVector& right) const {
    return (right.array() / scales_.array()).abs().maxCoeff();
}

double EquilibriumMatrix::size_of_left(const ComplexVector& left) const {
    return (left.array() * scales_.array()).abs().maxCoeff();
}

NullVectors null_vectors(const EquilibriumMatrix& a, Complex shift) {
    return bordered_null_vectors(a, shift, bordered_null_vectors(a, shift, random_vectors(a)));
}

bool is_orthogonal(const EquilibriumMatrix& a, const ComplexVector& left,
                   const ComplexVector& right, double tolerance) {
    return !(std::abs(left.dot(right)) > tolerance * a.size_of_left(left) * a.size_of(right));
}

std::optional<CriticalMode> critical_mode(const EquilibriumMatrix& a, double omega) {
    Complex lambda(0.0, omega);
    NullVectors v = null_vectors(a, lambda);
    if (omega != 0.0) {
        Complex correction = rayleigh_correction(a, lambda, v);
        for (int k = 0; k < most_corrections && std::abs(correction) > settled * omega; ++k) {
            lambda += correction;
            v = bordered_null_vectors(a, lambda, v);
            correction = rayleigh_correction(a, lambda, v);
        }
        if (!(std::abs(correction) <= astray * omega)) return {};
    }
    if (is_orthogonal(a, v.left, v.right, smallest_overlap)) return {};
    CriticalMode mode{lambda, normalized(v.right), v.left, nullptr};
    mode.p /= std::conj(mode.p.dot(mode.q));
    mode.bordered = a.factorize_bordered(lambda, mode.q, mode.p);
    if (!solves_accurately(a, mode)) return {};
    return mode;
}

ComplexVector normalized(const ComplexVector& v) {
    Eigen::Index largest = 0;
    v.cwiseAbs().maxCoeff(&largest);
    const bool negative = v[largest].imag() == 0.0 && v[largest].real() < 0.0;
    return v / (negative ? -v.norm() : v.norm());
}

}  // namespace cortifold
