#pragma once

#include "critical.hpp"

namespace cortifold {

/// l1 = Re <p, C(q, q, q_bar) - 2 B(q, A^-1 B(q, q_bar)) + B(q_bar, (2 i omega - A)^-1 B(q, q))> /
/// (2 omega) with <q, q> = <p, q> = 1 (Kuznetsov 2004, eq. 5.62), the coefficient of
/// `hopf_normal_form`, from the critical vectors that are known: for every point of a curve.
/// `right` and `left` are those of the eigenvalue i omega, left^T f_x = i omega left^T, of any
/// length.
[[nodiscard]] double first_lyapunov(const LinearizedPoint& at, double omega,
                                    const ComplexVector& right, const ComplexVector& left);

}  // namespace cortifold
