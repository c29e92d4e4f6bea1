#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/sparse_matrix.hpp>

#include <optional>

namespace cortifold {

// Diffusion over a graph, dx/dt = -L x, with a Laplacian L whose rows sum to 0 and whose entries
// beside the diagonal are not positive. K = exp(-t L) has rows that sum to 1: K(i, j) is what a
// unit at j leaves at i after t, and the probability of a walk from i, which jumps to j at rate
// -L(i, j), to be at j. All three functions throw UsageError for another matrix or sizes that
// differ.

/// exp(-t L) by scaling and squaring of the Taylor series of exp(s - t L), s = t max L(i, i): all
/// of its terms are non-negative, so that nothing cancels and small entries are as exact as large
/// ones (Xue & Ye 2013, Math. Comp. 82:1577). t >= 0 in the inverse unit of L.
[[nodiscard]] Matrix heat_kernel(const SparseMatrix& laplacian, double t);

/// The density pi that the walk settles on, pi L = 0, of sum 1: for symmetric weights uniform, or
/// of a random walk in proportion to row sums. By the elimination without subtractions of
/// Grassmann, Taksar & Heyman 1985 (Oper. Res. 33:1107). None where the walk does not come from
/// everywhere to everywhere.
[[nodiscard]] std::optional<Vector> stationary_density(const SparseMatrix& laplacian);

/// D(i, j)^2 = sum_u (K(i, u) - K(j, u))^2 / pi(u): how far apart walks from i and from j are
/// (Coifman & Lafon 2006, Appl. Comput. Harmon. Anal. 21:5).
[[nodiscard]] Matrix diffusion_distance(ConstMatrixRef kernel, ConstVectorRef stationary);

}  // namespace cortifold
