#pragma once

#include "curve_solver.hpp"
#include "cycle_curve.hpp"
#include "perturbations.hpp"
#include <cortifold/continuation/normal_form.hpp>

#include <complex>

namespace cortifold {

/// Perturbations of a cycle that neither grow nor decay, v' = T A v with v(1) = mu v(0), A = f_x or
/// that of other perturbations: the solution of [L b; c^T 0] [v; g] = [0; 1] with L of these
/// equations, and w of the transposed system. g is zero where mu is a multiplier (Govaerts,
/// Kuznetsov & Dhooge 2005, SIAM J. Sci. Comput. 27:231). At a fold of cycles (mu = 1) the period
/// changes with them, v' = T f_x v + tau F, and the phase does not. In unscaled states; v at the
/// nodes, w at the Gauss points, a column each.
template <class S>
struct CriticalPerturbation {
    S g{}, tau{};
    MatrixOf<S> v, w;
    Eigen::Matrix<S, Eigen::Dynamic, 1> end;  ///< v(1) = mu v(0)
    S g_mu{};
};

/// Real borders, in parts of the states' scales.
struct CycleBorders {
    Vector b, c;
};

/// A fold of cycles, period doubling or torus point: with one free parameter it stands alone, with
/// two it is a curve. With perturbations `of` something other than the field, where one of their
/// multipliers is 1, -1 or one of a pair: a curve of kind `transverse_of_cycles`.
class CycleBifurcation final : public CycleCurve {
public:
    CycleBifurcation(CurveKind kind, std::shared_ptr<const VectorField> field, const Vector& base,
                     std::vector<std::size_t> free, const CycleOptions& options,
                     std::shared_ptr<const Perturbations> of = nullptr);
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override;
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    void prepare(const BranchPoint& start) override;
    void change_frame(const BranchPoint& point) override;
    void adapt(const BranchPoint& point, const CurveLinearization& at) override;

    [[nodiscard]] std::optional<Status> ends_at(const SpecialPoint& point) const override;
    [[nodiscard]] std::optional<SpecialPoint> limit(const Branch& branch) const override;
    void review(Branch& branch) const override;

    /// What becomes of the multiplier: fold_of_cycles, period_doubling or torus.
    [[nodiscard]] CurveKind type() const { return type_; }
    [[nodiscard]] const std::shared_ptr<const Perturbations>& of() const { return of_; }
    /// (mu + 1 / mu) / 2 of a torus point, the last unknown: the cosine of an argument, or beyond 1
    /// that of two real multipliers, a neutral saddle.
    [[nodiscard]] double kappa(ConstVectorRef z) const { return z[unknowns() - 1]; }
    [[nodiscard]] std::complex<double> multiplier(ConstVectorRef z) const;
    /// Of the rotation around the cycle; 0 where there is none.
    [[nodiscard]] double frequency(ConstVectorRef z) const;
    [[nodiscard]] NormalForm normal_form(ConstVectorRef z, const CurveLinearization& at) const;
    /// What is zero where the bifurcation is degenerate.
    [[nodiscard]] double normal_form_coefficient(ConstVectorRef z,
                                                 const CurveLinearization& at) const;
    template <class S>
    [[nodiscard]] CriticalPerturbation<S> critical(ConstVectorRef z,
                                                   const CurveLinearization& at) const {
        S mu{};
        if constexpr (std::is_same_v<S, double>)
            mu = multiplier(z).real();
        else
            mu = multiplier(z);
        return find_critical<S>(z, *at.cycle, mu);
    }

private:
    template <class S>
    [[nodiscard]] CriticalPerturbation<S> find_critical(ConstVectorRef z,
                                                        const CollocationFacts& at, S mu) const;
    /// Of g by z, its profile, period and free parameters: -w^T dL v.
    template <class S>
    [[nodiscard]] Eigen::Matrix<S, Eigen::Dynamic, 1> gradient(
        ConstVectorRef z, const CriticalPerturbation<S>& critical) const;
    /// Collocates perturbations that are not the field's own.
    void add_other(ConstVectorRef z, CurveLinearization& at) const;
    /// A.
    [[nodiscard]] Matrix matrix_at(const Vector& u, const Vector& p) const;
    /// How many components critical perturbations have at all nodes.
    [[nodiscard]] Eigen::Index critical_size() const {
        return of_ ? states() / field().dimension() * of_->dimension() : states();
    }
    void find_borders(ConstVectorRef z);
    void take_borders(const CurveLinearization& at);
    /// Both parts of g at a torus point, and their gradients, a column each.
    struct Torus {
        Eigen::Vector2d g;
        Matrix gradients;
    };
    [[nodiscard]] Torus rotating(ConstVectorRef z, CurveLinearization& at) const;
    [[nodiscard]] Torus saddle(ConstVectorRef z, const CurveLinearization& at) const;

    CurveKind type_;
    std::shared_ptr<const Perturbations> of_;  ///< null: those of the field itself
    CycleBorders borders_;
};

/// A bifurcation with one free parameter solved on the mesh of its start, then on one twice as
/// fine, which the system is left on.
struct Refined {
    Status status = Status::converged;
    Vector coarse{};  ///< z
    Polished fine{};
};
[[nodiscard]] Refined refine(CycleBifurcation& system, const BranchPoint& start);

/// What is looked for along its curve in two parameters.
[[nodiscard]] std::vector<std::shared_ptr<const TestFunction>> codimension_two_tests(
    const CycleBifurcation& curve);

}  // namespace cortifold
