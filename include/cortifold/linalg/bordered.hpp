#pragma once

#include <cortifold/core/vector_field.hpp>

#include <memory>

namespace cortifold {

/// What surrounds a square matrix A of n rows: M = [A columns; rows^T corner], k of each.
template <class S>
struct Borders {
    MatrixOf<S> columns;  ///< n x k
    MatrixOf<S> rows;     ///< n x k, transposed in M, not conjugated
    MatrixOf<S> corner;   ///< k x k
};

/// LU of M as it stands, its columns and rows equilibrated: for small A. `m` is M itself.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> factorize_equilibrated(const MatrixOf<S>& m);

/// M by mixed block elimination, border by border (BEMW: Govaerts & Pryce 1993, IMA J. Numer.
/// Anal. 13:161): one solve with A for a right-hand side, two for each border. Backward stable also
/// where A is singular to rounding, if its own solves are and M is regular.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> border_by_elimination(
    std::unique_ptr<const LinearSolver<S>> a, const Borders<S>& borders);

}  // namespace cortifold
