#include "field_curve.hpp"

#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/linalg/bordered.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace cortifold {

FieldCurve::FieldCurve(CurveKind kind, std::shared_ptr<const VectorField> field, Vector base,
                       std::vector<std::size_t> free, std::span<const Quantity> added)
    : kind_(kind),
      field_(std::move(field)),
      base_(std::move(base)),
      free_(std::move(free)),
      n_(field_->dimension()) {
    require(base_.size() == static_cast<Eigen::Index>(field_->parameters().size()),
            "a curve: " + std::to_string(base_.size()) + " parameters were given, the field has " +
                std::to_string(field_->parameters().size()));
    std::vector<Quantity> unknowns(field_->states().begin(), field_->states().end());
    for (const std::size_t parameter : free_) {
        require(parameter < field_->parameters().size(),
                "a curve: there is no parameter number " + std::to_string(parameter));
        slots_.push_back(static_cast<Eigen::Index>(unknowns.size()));
        parameters_.push_back(field_->parameters()[parameter]);
        unknowns.push_back(parameters_.back());
    }
    unknowns.insert(unknowns.end(), added.begin(), added.end());
    scale_floor_ = cortifold::scale_floor(unknowns);
}

Vector FieldCurve::parameters_of(ConstVectorRef z) const {
    Vector p = base_;
    for (std::size_t k = 0; k < free_.size(); ++k)
        p[static_cast<Eigen::Index>(free_[k])] = z[slots_[k]];
    return p;
}

LinearizedPoint FieldCurve::critical(const Vector& x, const Vector& p, const CurveLinearization& at,
                                     Matrix& kept) const {
    if (!of_) return {field(), x, p, f_x(at)};
    kept = of_->matrix(x, p);
    return {field(), x, p, kept, of_.get()};
}

BranchPoint FieldCurve::point_at(const Vector& z) const {
    BranchPoint point{.z = z};
    for (const Eigen::Index slot : slots_) point.parameters.push_back(z[slot]);
    const CurveLinearization at = linearize_field(z, 0);
    add_spectrum({*field_, states_of(z), parameters_of(z), f_x(at)}, point);
    return point;
}

CurveLinearization FieldCurve::linearize_field(ConstVectorRef z, Eigen::Index added_rows) const {
    const auto m = static_cast<Eigen::Index>(free_.size());
    CurveLinearization at;
    at.residual.setZero(n_ + added_rows);
    at.derivative.setZero(n_ + added_rows, unknowns());
    field_->linearize(z.head(n_), parameters_of(z), free_, at.residual.head(n_),
                      at.derivative.topLeftCorner(n_, n_), at.derivative.block(0, n_, n_, m));
    return at;
}

void FieldCurve::finish(CurveLinearization& at, ConstVectorRef z, ConstVectorRef row,
                        ConstVectorRef scales) const {
    at.row_scales =
        at.derivative.cwiseAbs().lazyProduct(scales).cwiseMax(std::numeric_limits<double>::min());
    const Eigen::Index rows = at.derivative.rows() + (row.size() > 0 ? 1 : 0), k = rows - n_;
    if (!field_->has_structured_solver()) {
        Matrix m(rows, unknowns());
        m.topRows(at.derivative.rows()) = at.derivative;
        if (row.size() > 0) m.bottomRows(1) = row.transpose();
        at.bordered = factorize_equilibrated<double>(m);
        return;
    }
    Borders<double> borders{at.derivative.topRightCorner(n_, k), Matrix(n_, k), Matrix(k, k)};
    const Eigen::Index added = at.derivative.rows() - n_;
    borders.rows.leftCols(added) = at.derivative.bottomLeftCorner(added, n_).transpose();
    borders.corner.topRows(added) = at.derivative.bottomRightCorner(added, k);
    if (row.size() > 0) {
        borders.rows.col(k - 1) = row.head(n_);
        borders.corner.row(k - 1) = row.tail(k).transpose();
    }
    at.bordered = border_by_elimination<double>(
        field_->factorize(states_of(z), parameters_of(z), 0.0), borders);
}

void add_spectrum(const LinearizedPoint& at, BranchPoint& point) {
    if (at.field.meaning() == VectorField::Meaning::fixed_point_map) return;
    auto known = at.field.structured_spectrum(at.x, at.p);
    point.spectrum = known ? std::move(*known) : eigenvalues(at.f_x);
    if (point.spectrum.size() < at.f_x.rows()) return;
    point.n_unstable = static_cast<int>((point.spectrum.real().array() > 0.0).count());
}

void add(SpecialPoint& point, NormalForm form) {
    point.normal_form = std::move(form.coefficients);
    point.scenario = std::move(form.scenario);
}

void leave_out_critical(BranchPoint& point, Eigen::Index count) {
    if (!point.n_unstable) return;
    std::vector<double> real_parts(static_cast<std::size_t>(point.spectrum.size()));
    std::ranges::transform(point.spectrum, real_parts.begin(),
                           [](std::complex<double> value) { return value.real(); });
    std::ranges::sort(real_parts, {}, [](double value) { return std::abs(value); });
    const auto first = real_parts.begin() + std::min<Eigen::Index>(count, point.spectrum.size());
    point.n_unstable = static_cast<int>(
        std::count_if(first, real_parts.end(), [](double value) { return value > 0.0; }));
}

}  // namespace cortifold
