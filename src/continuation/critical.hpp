#pragma once

#include "perturbations.hpp"
#include <cortifold/linalg/bordered.hpp>

#include <span>

namespace cortifold {

/// A point of a field with its linearization.
struct LinearizedPoint {
    const VectorField& field;
    const Vector &x, &p;
    Eigen::Ref<const Matrix> f_x;
    const Perturbations* of = nullptr;  ///< whose matrix stands in place of f_x; null: it is f_x
};

/// f_x - shift, by the field's own solver where it has one.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> factorize_shifted(const LinearizedPoint& at,
                                                                 S shift);

/// [f_x - shift, columns; rows^T, corner], around the field's own solver where it has one.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> factorize_bordered(const LinearizedPoint& at,
                                                                  S shift,
                                                                  const Borders<S>& borders);

/// The solution of [f_x - lambda, b; c^T 0] [v; g] = [0; 1], and w of the transposed system: g is
/// zero where lambda is an eigenvalue, and then v and w are its right and left vectors.
template <class S>
struct Nullity {
    S g;
    Eigen::Matrix<S, Eigen::Dynamic, 1> v, w;
    /// g_lambda = w^T v.
    [[nodiscard]] S slope() const { return w.cwiseProduct(v).sum(); }
};

/// The bordered matrix of f_x - lambda, factorized.
template <class S>
class CriticalSolver {
public:
    CriticalSolver(const LinearizedPoint& at, S lambda, const Vector& b, const Vector& c);
    [[nodiscard]] Nullity<S> nullity() const;
    using VectorS = Eigen::Matrix<S, Eigen::Dynamic, 1>;
    /// The first n components of the solution for [r; 0], and of the transposed system.
    [[nodiscard]] VectorS solve(const VectorS& r) const;
    [[nodiscard]] VectorS solve_transposed(const VectorS& r) const;

private:
    Eigen::Index n_;
    std::unique_ptr<LinearSolver<S>> solver_;
};

/// A vector in no special direction.
[[nodiscard]] Vector arbitrary(Eigen::Index size, double phase);

/// Real borders that fit the critical vectors at lambda: inverse iteration from arbitrary ones.
void find_borders(const LinearizedPoint& at, std::complex<double> lambda, Vector& b, Vector& c);

/// Eigenvalues that differ by less than this part of the largest count as equal at a point that is
/// known to rounding; multiple ones spread by a root of it.
inline constexpr double equal_eigenvalues = 1e-7;
/// How many eigenvalues are equal to a value.
[[nodiscard]] int count_equal(const ComplexVector& spectrum, std::complex<double> value);

/// The real vector nearest to the line of a complex one: its phase is turned until v^T v > 0.
[[nodiscard]] Vector real_direction(const ComplexVector& v);

/// -W^T d/dt [f_x f_p] along (v, p_dot), transposed: the derivatives of g and of functions like it,
/// a column a column of W.
[[nodiscard]] Matrix second_derivatives(const LinearizedPoint& at,
                                        std::span<const std::size_t> free, ConstMatrixRef W,
                                        ConstVectorRef v, ConstVectorRef p_dot);

}  // namespace cortifold
