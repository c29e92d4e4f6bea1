#pragma once

#include <cortifold/continuation/normal_form.hpp>

#include <optional>

namespace cortifold {

using Complex = std::complex<double>;

/// A = F_x at an equilibrium: products and factorizations, by the field's own solver where it has
/// one.
class EquilibriumMatrix {
public:
    explicit EquilibriumMatrix(const EquilibriumPoint& at);

    [[nodiscard]] ComplexVector times(const ComplexVector& v) const;
    /// A - shift.
    [[nodiscard]] std::unique_ptr<LinearSolver<Complex>> factorize(Complex shift) const;
    /// [A - shift, column; row^H, 0].
    [[nodiscard]] std::unique_ptr<LinearSolver<Complex>> factorize_bordered(
        Complex shift, const ComplexVector& column, const ComplexVector& row) const;
    /// What is large for each state.
    [[nodiscard]] const Vector& scales() const { return scales_; }
    /// The largest component of a vector of states, or of one that multiplies them, in these units.
    [[nodiscard]] double size_of(const ComplexVector& right) const;
    [[nodiscard]] double size_of_left(const ComplexVector& left) const;

private:
    EquilibriumPoint at_;
    Vector scales_;
    Matrix dense_;  ///< empty where the field has a solver of its own
};

/// A v = shift v and left^H A = shift left^H to rounding, if shift is an eigenvalue: of size one.
struct NullVectors {
    ComplexVector right, left;
};
[[nodiscard]] NullVectors null_vectors(const EquilibriumMatrix& a, Complex shift);

/// Whether |<left, right>| is within a tolerance, relative to the sizes of both.
[[nodiscard]] bool is_orthogonal(const EquilibriumMatrix& a, const ComplexVector& left,
                                 const ComplexVector& right, double tolerance);

/// A simple eigenvalue, <q, q> = <p, q> = 1. q is real for the eigenvalue zero, its largest
/// component positive.
struct CriticalMode {
    Complex lambda;
    ComplexVector q, p;
    std::shared_ptr<const LinearSolver<Complex>> bordered;  ///< [A - lambda, q; p^H, 0]
};

/// The eigenvalue nearest to i omega; zero itself where omega is. Nothing if it is not simple.
[[nodiscard]] std::optional<CriticalMode> critical_mode(const EquilibriumMatrix& a, double omega);

/// v / |v|, the largest component positive if v is real.
[[nodiscard]] ComplexVector normalized(const ComplexVector& v);

}  // namespace cortifold
