#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

namespace cortifold {

/// On which side of the imaginary axis eigenvalues are.
enum class Side { growing, decaying };

/// The invariant subspace of the eigenvalues on one side, and what all others are orthogonal to:
/// A R = R U and L^T A = S L^T with [R L] orthogonal, U and S quasi-triangular (LAPACK dgees).
struct InvariantSubspace {
    Status status = Status::iteration_limit;  ///< non_finite, or what dgees could not do
    Matrix R{}, U{}, L{}, S{};
};
/// Throws UsageError where the matrix is not square.
[[nodiscard]] InvariantSubspace invariant_subspace(ConstMatrixRef a, Side side);

/// X with S X - X U = C for quasi-triangular S and U that have no eigenvalue in common.
[[nodiscard]] Matrix solve_sylvester(const Matrix& S, const Matrix& U, Matrix C);

/// P with U^T P + P U = I, or -I where the eigenvalues of U decay: along c' = U c the length
/// sqrt(c^T P c) changes one way.
[[nodiscard]] Matrix monotone_form(const Matrix& U, Side side);

}  // namespace cortifold
