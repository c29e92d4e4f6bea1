#pragma once

#include "collocation.hpp"
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/linalg/cyclic_elimination.hpp>

#include <string>

namespace cortifold {

/// What collocation makes of a point, in parts of each state's scale.
struct CollocationFacts {
    std::shared_ptr<const CyclicElimination> elimination;
    Vector state_scales;
    Matrix columns;           ///< derivatives by T and by the free parameters
    double divergence = 0.0;  ///< mean over the cycle: the sum of its exponents
    Vector stiffness;         ///< of each interval: its width times T |f_x^2|^(1/2)
    Matrix by_end;            ///< of the last interval's equations by u(1)
    /// The same of other perturbations of the cycle, as far as they have it.
    std::shared_ptr<const CollocationFacts> other{};
};

/// Cycles of a field, or bifurcations of them: z is the profile u(t), t from 0 to 1, at the nodes
/// of its mesh, the period T, the free parameters, and what a defining system adds. The equations
/// are u' = T F(u, p) at the Gauss points, a phase condition, and what a defining system adds.
class CycleCurve : public ZeroProblem {
public:
    CycleCurve(CurveKind kind, std::shared_ptr<const VectorField> field, Vector base,
               std::vector<std::size_t> free, std::size_t added, const CycleOptions& options);

    [[nodiscard]] CurveKind kind() const override { return kind_; }
    [[nodiscard]] Eigen::Index unknowns() const override { return states() + added_columns(); }
    [[nodiscard]] Eigen::Index states() const override {
        return n_ * options_.degree * (mesh_.size() - 1);
    }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameters_; }
    [[nodiscard]] std::span<const Eigen::Index> parameter_slots() const override { return slots_; }
    [[nodiscard]] Vector scale_floor() const override;
    [[nodiscard]] Vector sizes(ConstVectorRef z) const override;
    [[nodiscard]] Vector shares() const override;
    /// A steep front that moves turns the tangent, though the branch is no harder to follow.
    [[nodiscard]] double turn_per_step() const override { return 0.18; }
    [[nodiscard]] std::span<const std::shared_ptr<const TestFunction>> tests() const override {
        return tests_;
    }

    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override;

    [[nodiscard]] Fit fit(const BranchPoint& point) const override;
    void change_frame(const BranchPoint& point) override;
    void restore_frame(const BranchPoint& point) override;
    [[nodiscard]] BranchPoint in_frame(BranchPoint point) const override;
    void prepare(const BranchPoint& start) override;
    void adapt(const BranchPoint& point, const CurveLinearization& at) override;

    [[nodiscard]] const VectorField& field() const { return *field_; }
    [[nodiscard]] const std::shared_ptr<const VectorField>& shared_field() const { return field_; }
    [[nodiscard]] const std::vector<std::size_t>& free() const { return free_; }
    [[nodiscard]] const CycleOptions& options() const { return options_; }
    [[nodiscard]] const Vector& mesh() const { return mesh_; }
    [[nodiscard]] Vector parameters_of(ConstVectorRef z) const;
    /// Of a point on any mesh.
    [[nodiscard]] Vector parameters_of(const BranchPoint& point) const;
    /// Driven cycles have no freedom of phase: in its place stands the period of what drives them.
    [[nodiscard]] bool is_forced() const { return time_.has_value(); }
    /// Sets the time of a field that depends on it, t in parts of the period.
    void set_time(VectorRef parameters, double period, double t) const {
        if (time_) parameters[static_cast<Eigen::Index>(*time_)] = period * t;
    }
    /// The free parameters, then the time where the field has one.
    [[nodiscard]] std::span<const std::size_t> free_and_time() const { return free_and_time_; }
    [[nodiscard]] double period_of(ConstVectorRef z) const { return z[states()]; }
    [[nodiscard]] Profile profile_of(ConstVectorRef z) const;
    /// The part of a profile along that of the last point, without its mean.
    [[nodiscard]] double amplitude(ConstVectorRef z) const {
        return amplitude_.dot(z.head(states()));
    }
    /// The condition <u - reference, reference'> = 0, in parts of the states' scales.
    [[nodiscard]] const Vector& phase() const { return phase_; }

protected:
    /// Residual, row scales and facts, with room for so many equations more than u' = T F.
    [[nodiscard]] CurveLinearization collocate(ConstVectorRef z, ConstVectorRef scales,
                                               Eigen::Index added_rows) const;
    /// The phase condition or the period's equation, first of the added ones: its residual, its row
    /// by the profile, and by the others.
    void add_phase(ConstVectorRef z, CurveLinearization& at, Borders<double>& borders) const;
    /// Of each state: what errors of its profile are compared with.
    [[nodiscard]] virtual Vector resolved_sizes(ConstVectorRef z) const {
        return scales_at(z).head(n_);
    }
    /// The part of z that is u(1) - u(0); empty: cycles are closed.
    [[nodiscard]] virtual Vector gain_of(ConstVectorRef z) const { return (void)z, Vector(); }

    std::vector<std::shared_ptr<const TestFunction>> tests_;

private:
    [[nodiscard]] Eigen::Index added_columns() const {
        return 1 + static_cast<Eigen::Index>(free_.size() + added_);
    }
    void set_mesh(Vector mesh);
    void set_reference(const Profile& reference, const Matrix& moving);

    CurveKind kind_;
    std::shared_ptr<const VectorField> field_;
    Vector base_;
    std::vector<std::size_t> free_, free_and_time_;
    std::optional<std::size_t> time_;
    std::size_t added_;
    CycleOptions options_;
    Eigen::Index n_;
    Vector mesh_;
    std::vector<Quantity> parameters_;
    std::vector<Eigen::Index> slots_;
    Vector state_floor_, other_floor_;
    Vector phase_, amplitude_;
    double anchor_ = 0.0;
};

/// The equations v' = A v at Gauss point i of an interval, of width h: rows [interior left right]
/// of its block, -h A given.
template <class Derived>
void collocate_linear(CyclicElimination::Block block, const Collocation& basis, Eigen::Index i,
                      const Eigen::MatrixBase<Derived>& minus_hA) {
    const Eigen::Index n = minus_hA.rows(), m = basis.degree();
    for (Eigen::Index a = 0; a < n; ++a) {
        double* const row = block.row(i * n + a).data();
        for (Eigen::Index k = 0; k <= m; ++k) {
            // interior nodes stand first, then the left end and the right one
            double* const part = row + (k == 0 ? m - 1 : k == m ? m : k - 1) * n;
            const double value = basis.values(k, i);
            for (Eigen::Index b = 0; b < n; ++b) part[b] = value * minus_hA(a, b);
            part[a] += basis.slopes(k, i);
        }
    }
}

/// Cycles in one parameter, with what finds their bifurcations.
[[nodiscard]] std::shared_ptr<CycleCurve> one_parameter_cycles(
    std::shared_ptr<const VectorField> field, const Vector& parameters, std::size_t free,
    const CycleOptions& options);

/// [L columns; rows^T corner] in unscaled unknowns around an elimination in scaled ones.
[[nodiscard]] std::unique_ptr<LinearSolver<double>> border_scaled(
    std::shared_ptr<const CyclicElimination> elimination, Borders<double> borders,
    const Vector& state_scales);

}  // namespace cortifold
