#pragma once

#include "field_curve.hpp"

namespace cortifold {

/// f + B beta = 0, trace G = 0 and W^T f_p = 0 for the first free parameter p, where
/// [f_x B; C^T 0] [V; G] = [0; I]: Moore 1980 for a simple branch point, and with k borders for one
/// at which k eigenvalues pass through zero together. Generic systems have such points with
/// beta = 0 one by one, symmetric ones have curves of them. G itself vanishes there: its trace is
/// the mean of the eigenvalues, a smooth function where rounding splits them.
class BranchPointSystem final : public FieldCurve {
public:
    BranchPointSystem(const std::shared_ptr<const VectorField>& field, const Vector& base,
                      const std::vector<std::size_t>& free, int multiplicity);
    [[nodiscard]] CurveLinearization linearize(ConstVectorRef z, ConstVectorRef row,
                                               ConstVectorRef scales) const override;
    void describe(BranchPoint& point, const CurveLinearization& at) const override;
    [[nodiscard]] std::unique_ptr<TestFunction> crossing(Eigen::Index place) const override;
    void prepare(const BranchPoint& start) override;
    void adapt(const BranchPoint& point, const CurveLinearization& at) override;
    [[nodiscard]] bool holds(const BranchPoint& point, const CurveLinearization& at) const override;

private:
    Eigen::Index k_;
    Matrix B_, C_;
};

}  // namespace cortifold
