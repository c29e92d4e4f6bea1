#pragma once

#include "normal_form_modes.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <vector>

namespace cortifold {

/// Of a coefficient, where w is of the size of the states and time goes by the normal form's own
/// rate: below it no sign is told.
inline constexpr double degenerate = 1e-10;

/// The exponents of a monomial w^nu.
using MultiIndex = std::vector<int>;
/// sum of c_nu w^nu, a vector a monomial.
using PowerSeries = std::map<MultiIndex, ComplexVector>;

/// The coordinates w: a real one, or two that are conjugate to each other, one after the other.
struct Coordinates {
    std::vector<std::size_t>
        conjugate;             ///< of each the number of its conjugate, of a real one its own
    std::vector<double> size;  ///< a change of w by this much is of the size of the states
};

/// The coefficients of w^nu, |nu| = order, in F(x + H(w)). Those of H of lower order count alone.
[[nodiscard]] PowerSeries compose(const EquilibriumPoint& at, const PowerSeries& h,
                                  const Coordinates& w, int order);

/// x = H(w) with w' = G(w), the center manifold in normal form coordinates. Solves the homological
/// equation F(H(w)) = H_w(w) G(w) order by order (Kuznetsov 1999, SIAM J. Numer. Anal. 36:1104):
/// what is resonant goes to G, the rest to H, with <p, H_nu> = 0.
class CenterManifold {
public:
    /// One mode of each pair. No resonance but that of each w_j |w_i|^2 is expected.
    CenterManifold(const EquilibriumPoint& at, const EquilibriumMatrix& a,
                   std::vector<CriticalMode> modes);

    void expand(int order);  ///< to this order of w
    /// The coefficient of w^nu in w_j': coordinates are those of the modes in their order, each of
    /// a pair with its conjugate behind it.
    [[nodiscard]] Complex g(std::size_t j, const MultiIndex& nu) const;
    [[nodiscard]] double frequency(std::size_t j) const { return modes_[j].lambda.imag(); }
    [[nodiscard]] double size(std::size_t j) const { return w_.size[j]; }

private:
    [[nodiscard]] MultiIndex winding(const MultiIndex& nu) const;
    [[nodiscard]] MultiIndex conjugate(const MultiIndex& nu) const;
    [[nodiscard]] MultiIndex unit(std::size_t j) const;
    void add_coordinate(CriticalMode mode, std::size_t conjugate);
    void advance();
    void subtract_drift(const MultiIndex& nu, ComplexVector& remainder) const;
    void solve(const MultiIndex& nu, const ComplexVector& remainder);
    [[nodiscard]] const LinearSolver<Complex>& solver(const MultiIndex& winding);

    EquilibriumPoint at_;
    const EquilibriumMatrix& a_;
    std::vector<CriticalMode> modes_;  ///< one a coordinate
    Coordinates w_{};
    PowerSeries h_{}, remainder_{};  ///< of H all but the last order, of which the right-hand side
    std::map<std::pair<std::size_t, MultiIndex>, Complex> g_{};
    std::map<MultiIndex, std::shared_ptr<const LinearSolver<Complex>>> solvers_{};
    int order_ = 1;
};

/// Why there is no normal form that takes derivatives of this order; empty: there is.
[[nodiscard]] std::string missing_order(const VectorField& field, int order);

/// `nf` if its coefficients are finite, else why there is none.
[[nodiscard]] NormalForm finite(NormalForm nf);

/// The normal form that `read` finds in the center manifold of the modes with these frequencies,
/// expanded to an order.
[[nodiscard]] NormalForm reduce(const EquilibriumPoint& at,
                                std::initializer_list<double> frequencies, int order,
                                const std::function<NormalForm(CenterManifold&)>& read);

/// Throws UsageError where x or p do not fit the field.
void validate(const EquilibriumPoint& at);
/// Throws UsageError unless omega > 0.
void require_frequency(double omega);

}  // namespace cortifold
