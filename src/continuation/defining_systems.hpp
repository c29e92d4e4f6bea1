#pragma once

#include "field_curve.hpp"

namespace cortifold {

/// Minimally augmented systems (Govaerts 2000): equilibria with one or two scalar functions of a
/// bordered matrix that vanish at the bifurcation. With one free parameter they have as many
/// equations as unknowns and polish a point; with two they are curves. Borders start from the null
/// vectors at a point (`prepare`). With perturbations `of` something other than the field, their
/// matrix A stands for f_x in that bordered matrix: curves of kind `transverse`.

/// f = 0, g = 0 with [f_x b; c^T 0] [v; g] = [0; 1].
class FoldSystem : public FieldCurve {
public:
    FoldSystem(const std::shared_ptr<const VectorField>& field, const Vector& base,
               const std::vector<std::size_t>& free,
               std::shared_ptr<const Perturbations> of = nullptr);
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override;
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    void prepare(const BranchPoint& start) override;
    void adapt(const BranchPoint& point, const CurveLinearization& at) override;
    [[nodiscard]] std::optional<Status> ends_at(const SpecialPoint& point) const override;
    /// Whose zero eigenvalue it is about; null: the field's own.
    [[nodiscard]] const std::shared_ptr<const Perturbations>& of() const { return of_; }

protected:
    Vector b_, c_;
};

/// f = 0 and both parts of g(lambda) = 0 at lambda = sqrt(-kappa), with [f_x - lambda, b; c^T 0]
/// [v; g] = [0; 1]: the even part of g, and the odd one over lambda. With real borders both are
/// analytic functions of kappa, also where kappa, the square of the angular frequency, passes
/// through zero (Bogdanov-Takens) and Hopf points turn into neutral saddles.
class HopfSystem final : public FieldCurve {
public:
    HopfSystem(const std::shared_ptr<const VectorField>& field, const Vector& base,
               const std::vector<std::size_t>& free,
               std::shared_ptr<const Perturbations> of = nullptr);
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override;
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    void prepare(const BranchPoint& start) override;
    void adapt(const BranchPoint& point, const CurveLinearization& at) override;
    [[nodiscard]] std::optional<Status> ends_at(const SpecialPoint& point) const override;
    [[nodiscard]] std::string obstacle(const BranchPoint& start) const override;

    [[nodiscard]] double kappa(ConstVectorRef z) const { return z[unknowns() - 1]; }
    [[nodiscard]] const std::shared_ptr<const Perturbations>& of() const { return of_; }
    /// NaN at a neutral saddle, and so near a Bogdanov-Takens point that the pair is one.
    [[nodiscard]] double first_lyapunov_coefficient(ConstVectorRef z,
                                                    const CurveLinearization& at) const;

private:
    Vector b_, c_;
};

/// f = 0, g = 0 and g_lambda = w^T v = 0 at lambda = 0: a point in two parameters.
class BogdanovTakensSystem final : public FoldSystem {
public:
    using FoldSystem::FoldSystem;
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
};

}  // namespace cortifold
