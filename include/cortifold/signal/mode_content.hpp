#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

#include <string>

namespace cortifold {

/// How much of a pattern over time is in each of the modes that it is written in.
struct ModeContent {
    Status status = Status::no_theory;
    std::string message;
    Vector mean_square;  ///< mean over time of |c_k|^2, in the signal's unit squared
    Vector variance;     ///< of it what changes in time: of c_k about its mean
    /// |l_k| |v_k| / |l_k v_k|, 1 for modes orthogonal to all others: how many times larger than
    /// the pattern a coefficient can be that others cancel.
    Vector condition;
};

/// Writes the pattern x(t), a row of `signals`, as a sum of c_k(t) v_k over the columns of `modes`,
/// taken with norm 1: c_k = l_k x, where the rows l_k of the inverse of the modes are the left
/// vectors dual to them. The modes need not be orthogonal. `singular_jacobian` where they are no
/// basis to eight digits.
[[nodiscard]] ModeContent mode_content(ConstMatrixRef signals, const ComplexMatrix& modes);

}  // namespace cortifold
