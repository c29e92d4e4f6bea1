#pragma once

#include <cortifold/core/matrix.hpp>

#include <optional>
#include <vector>

namespace cortifold {

/// Pearson's correlations of the columns with one another; none of them may be constant.
[[nodiscard]] Matrix correlation_matrix(ConstMatrixRef signals);

/// Of two lists as long as one another; none where one of them is constant.
[[nodiscard]] std::optional<double> pearson(ConstVectorRef x, ConstVectorRef y);
/// Pearson's of the ranks, where equal values share the mean of theirs (Spearman 1904).
[[nodiscard]] std::optional<double> spearman(ConstVectorRef x, ConstVectorRef y);

/// The mean of both entries of each pair of a square matrix, i < j, row by row.
[[nodiscard]] Vector pair_values(ConstMatrixRef matrix);

/// R(t) = |mean over columns of exp(i phase)| of analytic signals, a row a time: 1 where all phases
/// are equal, 0 where they are balanced (Kuramoto 1984).
[[nodiscard]] Vector order_parameter(const ComplexMatrix& analytic);

}  // namespace cortifold
