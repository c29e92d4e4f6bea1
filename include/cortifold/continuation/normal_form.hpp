#pragma once

#include <cortifold/core/vector_field.hpp>

#include <map>
#include <string>

namespace cortifold {

/// The coefficients of a bifurcation's normal form on the center manifold, and in words what they
/// say. Kuznetsov 2023, Elements of Applied Bifurcation Theory, and 1999, SIAM J. Numer. Anal.
/// 36:1104, with <q, q> = <p, q> = 1 and <u, v> = sum conj(u_i) v_i, in the units of the states.
/// Every coefficient is finite. Where the theory does not apply there is none, and `scenario` says
/// why: derivatives of an order that the field does not have, a critical eigenvalue that is not
/// simple, a resonance; "degenerate" where a coefficient that must not vanish does.
struct NormalForm {
    std::map<std::string, double> coefficients{};
    std::string scenario{};
};

/// An equilibrium and where it is: (x, p) must satisfy F(x, p) = 0. Functions below throw
/// UsageError where the sizes do not fit, or a frequency is not positive. Derivatives are exact
/// (`VectorField::taylor`, of the order said), the linear algebra is the field's own where
/// `has_structured_solver`.
struct EquilibriumPoint {
    const VectorField& field;
    const Vector& x;
    const Vector& p;
};

// B, C, ... are the derivatives of F of order 2, 3, ... as multilinear forms; w is the coordinate
// of the critical eigenvector q, and omega its frequency in radians per time unit. The eigenvalue
// nearest to i omega is meant.

/// Order 2. w' = a w^2: `a` = 1/2 <p, B(q, q)>, the largest component of q positive.
[[nodiscard]] NormalForm fold_normal_form(const EquilibriumPoint& at);

/// Order 3. w' = c w^3: `c` = 1/6 <p, C(q, q, q) - 3 B(q, A_inv B(q, q))>, A_inv the bordered
/// inverse. "stable" or "unstable": the equilibrium at the point, within its center manifold.
[[nodiscard]] NormalForm cusp_normal_form(const EquilibriumPoint& at);

/// Order 3. w' = i omega w + c1 w |w|^2: `l1` = Re c1 / omega. "supercritical" where the cycle is
/// stable within the center manifold, "subcritical", or "degenerate".
[[nodiscard]] NormalForm hopf_normal_form(const EquilibriumPoint& at, double omega);

/// Order 5, where l1 = 0. w' = i omega w + c1 w |w|^2 + c2 w |w|^4: `l2` = Re c2 / omega, and the
/// `l1` that remains.
[[nodiscard]] NormalForm generalized_hopf_normal_form(const EquilibriumPoint& at, double omega);

/// Order 2. w0' = w1, w1' = a w0^2 + b w0 w1: `a` = 1/2 <p1, B(q0, q0)> and
/// `b` = <p0, B(q0, q0)> + <p1, B(q0, q1)> of the chains A q1 = q0, A^T p0 = p1 with
/// <q0, q0> = <p0, q0> = <p1, q1> = 1 and <q0, q1> = <p0, q1> = 0, the largest component of q0
/// positive.
[[nodiscard]] NormalForm bogdanov_takens_normal_form(const EquilibriumPoint& at);

/// Order 3. Scaled and with time along w0, w0' = w0^2 + s |w1|^2 and
/// w1' = i omega w1 + (theta + i ...) w0 w1 + w0^2 w1: `s` = +-1, `theta`, and `E`, what multiplies
/// the last term before scaling, E < 0 turning the time round (Kuznetsov 2023, section 8.5).
[[nodiscard]] NormalForm fold_hopf_normal_form(const EquilibriumPoint& at, double omega);

/// Order 3. Of r_k = |w_k|^2, r_k' = 2 r_k (`pk1` r_1 + `pk2` r_2 + ...): `p11`, ..., `p22`,
/// `theta` = p12 / p22 and `delta` = p21 / p11; with order 5, and unless one of these is zero, also
/// `Theta` and `Delta`, what remains of r_2^2 in the first and r_1^2 in the second equation, over
/// p22^2 and p11^2. (Of these two only theta (theta - 1) Delta + delta (delta - 1) Theta, which
/// decides on the three-torus, is the same in all coordinates.) "simple" (p11 p22 > 0) or
/// "difficult", and the type of Kuznetsov 2023, section 8.6.
[[nodiscard]] NormalForm hopf_hopf_normal_form(const EquilibriumPoint& at, double omega1,
                                               double omega2);

}  // namespace cortifold
