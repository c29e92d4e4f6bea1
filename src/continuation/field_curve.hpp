#pragma once

#include "critical.hpp"
#include <cortifold/continuation/normal_form.hpp>
#include <cortifold/continuation/zero_problem.hpp>

#include <string_view>

namespace cortifold {

/// A curve of equilibria of a field, or of bifurcations of them: z is the states, the free
/// parameters, and what a defining system adds.
class FieldCurve : public ZeroProblem {
public:
    /// `base` has a value for every parameter of the field.
    FieldCurve(CurveKind kind, std::shared_ptr<const VectorField> field, Vector base,
               std::vector<std::size_t> free, std::span<const Quantity> added);

    [[nodiscard]] CurveKind kind() const override { return kind_; }
    [[nodiscard]] Eigen::Index unknowns() const override { return scale_floor_.size(); }
    [[nodiscard]] Eigen::Index states() const override { return n_; }
    [[nodiscard]] std::span<const Quantity> parameters() const override { return parameters_; }
    [[nodiscard]] std::span<const Eigen::Index> parameter_slots() const override { return slots_; }
    [[nodiscard]] Vector scale_floor() const override { return scale_floor_; }
    [[nodiscard]] std::span<const std::shared_ptr<const TestFunction>> tests() const override {
        return tests_;
    }

    [[nodiscard]] const VectorField& field() const { return *field_; }
    [[nodiscard]] const std::shared_ptr<const VectorField>& shared_field() const { return field_; }
    [[nodiscard]] const std::vector<std::size_t>& free() const { return free_; }
    [[nodiscard]] Vector states_of(ConstVectorRef z) const { return z.head(n_); }
    /// All parameters of the field.
    [[nodiscard]] Vector parameters_of(ConstVectorRef z) const;
    /// A point by its z, with spectrum and parameters.
    [[nodiscard]] BranchPoint point_at(const Vector& z) const;

protected:
    /// Space for G and G_z with `added_rows` equations besides those of equilibria; f, f_x and f_p
    /// filled in.
    [[nodiscard]] CurveLinearization linearize_field(ConstVectorRef z,
                                                     Eigen::Index added_rows) const;
    /// Row scales and the bordered solver, when all of G_z is there.
    void finish(CurveLinearization& at, ConstVectorRef z, ConstVectorRef row,
                ConstVectorRef scales) const;
    [[nodiscard]] auto f_x(const CurveLinearization& at) const {
        return at.derivative.topLeftCorner(n_, n_);
    }
    /// What is critical at (x, p): f_x, or the matrix of other perturbations, which `kept` holds.
    [[nodiscard]] LinearizedPoint critical(const Vector& x, const Vector& p,
                                           const CurveLinearization& at, Matrix& kept) const;

    std::vector<std::shared_ptr<const TestFunction>> tests_;
    std::shared_ptr<const Perturbations> of_;  ///< null: those of the field itself

private:
    CurveKind kind_;
    std::shared_ptr<const VectorField> field_;
    Vector base_;
    std::vector<std::size_t> free_;
    Eigen::Index n_;
    std::vector<Quantity> parameters_;
    std::vector<Eigen::Index> slots_;
    Vector scale_floor_;
};

/// Eigenvalues of f_x, and how many have positive real part; none for a fixed_point_map.
void add_spectrum(const LinearizedPoint& at, BranchPoint& point);

/// What the normal form says of a point.
void add(SpecialPoint& point, NormalForm form);

/// Counts n_unstable again without so many eigenvalues that are nearest to the imaginary axis,
/// whose side is rounding.
void leave_out_critical(BranchPoint& point, Eigen::Index count);

}  // namespace cortifold
