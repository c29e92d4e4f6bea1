#include "variational_curve.hpp"

#include "collocation.hpp"
#include "curve_solver.hpp"
#include "defining_systems.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/normal_form.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <Eigen/LU>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace cortifold {

namespace {

constexpr Quantity period_quantity{
    "period", "", 1.0, 0.0, std::numeric_limits<double>::infinity(), "of the cycle"};
/// Of a passage, in parts of the tolerance of the cycle.
constexpr double flow_tolerance = 1e-4;
/// Of the states between, in parts of the same.
constexpr double profile_tolerance = 1e-2;
/// In a period, in parts of the states' sizes: what goes less is at rest.
constexpr double shortest_way = 1e-8;
/// An argument of a multiplier this near to 0 or pi is that, but for rounding.
constexpr double real_argument = 1e-6;

class AmplitudeTest final : public TestFunction {
public:
    explicit AmplitudeTest(const VariationalCurve& curve) : curve_(curve) {}
    [[nodiscard]] std::string_view name() const override { return "amplitude"; }
    [[nodiscard]] PointType type() const override { return PointType::hopf; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return curve_.motion_along_last(point.z);
    }
    [[nodiscard]] bool exact() const override { return false; }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        return curve_.resolve_hopf(near);
    }

private:
    const VariationalCurve& curve_;
};

/// det [G_z; tangent^T], of which the sign alone matters.
class BranchPointTest final : public TestFunction {
public:
    [[nodiscard]] std::string_view name() const override { return "branch_point_of_cycles"; }
    [[nodiscard]] PointType type() const override { return PointType::branch_point_of_cycles; }
    [[nodiscard]] double value(const BranchPoint& point,
                               const CurveLinearization& at) const override {
        return at.bordered->sign_det() *
               std::exp(at.bordered->log_abs_det() / static_cast<double>(point.z.size()));
    }
};

/// Where the parameter turns.
class FoldTest final : public TestFunction {
public:
    explicit FoldTest(const VariationalCurve& curve)
        : curve_(curve), size_(curve.scale_floor()[curve.parameter_slots().front()]) {}
    [[nodiscard]] std::string_view name() const override { return "fold_of_cycles"; }
    [[nodiscard]] PointType type() const override { return PointType::fold_of_cycles; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.tangent[curve_.parameter_slots().front()] / size_;
    }

private:
    const VariationalCurve& curve_;
    double size_;
};

/// The real part of one Floquet exponent. One that is real, of a positive multiplier, passes
/// through zero at folds and branch points, which have functions of their own.
class ExponentTest final : public TestFunction {
public:
    ExponentTest(Eigen::Index place, double accuracy) : place_(place), accuracy_(accuracy) {}
    [[nodiscard]] std::string_view name() const override { return "exponent"; }
    [[nodiscard]] PointType type() const override { return PointType::torus; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.spectrum.size() > place_ ? point.spectrum[place_].real() : std::nan("");
    }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint& near) const override {
        const double angular = std::abs(near.spectrum[place_].imag()),
                     argument = angular * near.period;
        if (argument < real_argument) return std::nullopt;
        SpecialPoint point;
        point.at = near;
        point.type = PointType::period_doubling;
        if (argument < std::numbers::pi - real_argument) {
            point.type = PointType::torus;
            point.frequency = angular / (2.0 * std::numbers::pi);
        }
        point.error = accuracy_ * std::abs(near.parameters.front());
        leave_out_critical(point.at, point.type == PointType::torus ? 2 : 1);
        return point;
    }

private:
    Eigen::Index place_;
    double accuracy_;  ///< of the flow, and of what is found with it
};

}  // namespace

VariationalCurve::VariationalCurve(std::shared_ptr<const VectorField> field, Vector base,
                                   std::size_t parameter, const CycleOptions& options,
                                   Eigen::Index columns)
    : field_(std::move(field)),
      base_(std::move(base)),
      parameter_(parameter),
      options_(options),
      n_(field_->dimension()) {
    options_.validate();
    const std::span<const Quantity> table = field_->parameters();
    require(base_.size() == static_cast<Eigen::Index>(table.size()),
            "a curve of cycles: " + std::to_string(base_.size()) +
                " parameters were given, the field has " + std::to_string(table.size()));
    require(parameter < table.size(),
            "a curve of cycles: there is no parameter number " + std::to_string(parameter));
    require(!options_.forcing && !field_->time(),
            "a curve of cycles of a field that depends on time: its method must be collocation, "
            "not " +
                std::string(to_string(options_.method)));
    parameters_ = {table[parameter], period_quantity};
    parameters_.back().unit = field_->time_unit();
    set_columns(columns);
    tests_ = {std::make_shared<AmplitudeTest>(*this), std::make_shared<BranchPointTest>(),
              std::make_shared<FoldTest>(*this)};
}

void VariationalCurve::set_columns(Eigen::Index columns) {
    columns_ = columns;
    slots_ = {states() + 1, states()};
}

Vector VariationalCurve::times() const {
    return Vector::LinSpaced(columns_ + 1, 0.0, 1.0).head(columns_);
}

Vector VariationalCurve::scale_floor() const {
    Vector floor(unknowns());
    floor << cortifold::scale_floor(field_->states()).replicate(columns_, 1),
        std::numeric_limits<double>::min(),
        cortifold::scale_floor(std::span(parameters_).first<1>());
    return floor;
}

/// As large as the state becomes over the cycle.
Vector VariationalCurve::sizes(ConstVectorRef z) const {
    Vector sizes(z.size());
    sizes << profile_of(z).cwiseAbs().rowwise().maxCoeff().replicate(columns_, 1),
        z.tail<2>().cwiseAbs();
    return sizes;
}

Vector VariationalCurve::parameters_of(ConstVectorRef z) const {
    Vector p = base_;
    p[static_cast<Eigen::Index>(parameter_)] = z[slots_.front()];
    return p;
}

double VariationalCurve::flow_accuracy() const {
    return flow_tolerance * options_.tolerance;
}

VariationalFlow VariationalCurve::flow(int threads) const {
    return {*field_, parameter_, flow_accuracy(), threads};
}

std::vector<Passage> VariationalCurve::follow_sections(ConstMatrixRef starts, ConstVectorRef z,
                                                       const Sizes& sizes) const {
    const Eigen::Index count = starts.cols();
    const int together = count > 1 ? options_.threads : 1;  // sections, else columns of one
    const VariationalFlow flow = this->flow(options_.threads / together);
    const Vector p = parameters_of(z);
    const double duration = period_of(z) / static_cast<double>(count);
    std::vector<Passage> passages(static_cast<std::size_t>(count));
#pragma omp parallel for num_threads(together) schedule(dynamic) if (together > 1)
    for (Eigen::Index i = 0; i < count; ++i)
        passages[static_cast<std::size_t>(i)] = flow.follow_all(starts.col(i), p, duration, sizes);
    return passages;
}

/// As near as the flow itself is known: the last step of Newton's method often is that short.
bool VariationalCurve::is_kept(ConstVectorRef z) const {
    return kept_.z.size() == z.size() &&
           (z - kept_.z).cwiseQuotient(scales_at(z)).cwiseAbs().maxCoeff() <= flow_accuracy();
}

void VariationalCurve::describe(BranchPoint& point, const CurveLinearization&) const {
    if (!is_kept(point.z))
        keep(point.z,
             follow_sections(section_starts(point.z), point.z, sizes_in(scales_at(point.z))));
    const std::vector<Passage>& passages = kept_.passages;
    point.period = period_of(point.z);
    add_profile(point);
    const FloquetExponents floquet = orbit_exponents(passages, flow_accuracy());
    point.spectrum = floquet.exponents;
    point.spectrum_errors = floquet.errors;
    point.n_unstable = static_cast<int>((point.spectrum.real().array() > 0.0).count());
    if (point.spectrum.size() < n_ - 1) point.n_unstable.reset();
}

SpecialPoint VariationalCurve::resolve_hopf(const BranchPoint& near) const {
    SpecialPoint point = end_of_small_cycles(field_, parameters_of(near.z), parameter_, near);
    if (point.type == PointType::hopf)
        point.at.profile = point.at.minimum.replicate(1, point.at.profile.cols());
    return point;
}

OdeOptions VariationalCurve::profile_options(ConstVectorRef z) const {
    OdeOptions options{.relative_tolerance = profile_tolerance * options_.tolerance};
    options.absolute_tolerance =
        options.relative_tolerance * sizes_in(scales_at(z)).states.minCoeff();
    return options;
}

/// By the flow from column to column. Where it cannot go on, the last state stands for the rest.
Matrix VariationalCurve::equal_parts(ConstVectorRef z, Eigen::Index count) const {
    const Matrix starts = profile_of(z);
    const Vector p = parameters_of(z);
    const Eigen::Index each = count / columns_;
    const double step = period_of(z) / static_cast<double>(count);
    OdeOptions options = profile_options(z);
    options.output_step = step;
    Matrix states(n_, count);
#pragma omp parallel for num_threads(options_.threads) schedule(dynamic) if (options_.threads > 1)
    for (Eigen::Index i = 0; i < columns_; ++i) {
        auto part = states.middleCols(i * each, each);
        part = starts.col(i).replicate(1, each);
        Eigen::Index k = 0;
        (void)integrate({.field = field_,
                         .parameters = p,
                         .initial = starts.col(i),
                         .t1 = step * static_cast<double>(each)},
                        options, [&](double, ConstVectorRef x, ConstVectorRef) {
                            part.rightCols(each - k).colwise() = Vector(x);
                            return ++k < each ? Flow::proceed : Flow::stop;
                        });
    }
    return states;
}

/// Likewise.
Matrix VariationalCurve::states_at(ConstVectorRef z, ConstVectorRef times) const {
    const Matrix starts = profile_of(z);
    const Vector from = this->times(), p = parameters_of(z);
    const double period = period_of(z);
    const OdeOptions options = profile_options(z);
    Matrix states(n_, times.size());
#pragma omp parallel for num_threads(options_.threads) schedule(dynamic) if (options_.threads > 1)
    for (Eigen::Index i = 0; i < columns_; ++i) {
        const auto begin = [&](Eigen::Index column) {
            return column < columns_
                       ? std::lower_bound(times.begin(), times.end(), from[column]) - times.begin()
                       : times.size();
        };
        Vector x = starts.col(i);
        double t = from[i];
        for (Eigen::Index k = begin(i); k < begin(i + 1); ++k) {
            if (times[k] > t)
                x = integrate({.field = field_,
                               .parameters = p,
                               .initial = x,
                               .t1 = period * (times[k] - t)},
                              options)
                        .state;
            t = times[k];
            states.col(k) = x;
        }
    }
    return states;
}

void VariationalCurve::add_profile(BranchPoint& point) const {
    const Eigen::Index m = options_.degree,
                       intervals = columns_ * ((options_.max_intervals - 1) / columns_ + 1);
    const Matrix states = equal_parts(point.z, m * intervals);
    const Collocation& basis = Collocation::of_degree(m);
    Matrix parts(m + 1, m + 1);
    for (Eigen::Index k = 0; k <= m; ++k)
        parts.col(k) = basis.values_at(static_cast<double>(k) / static_cast<double>(m));
    const Matrix to_nodes = parts.inverse().leftCols(m);
    const Vector even = Vector::LinSpaced(intervals + 1, 0.0, 1.0);
    Profile fine{even, Matrix(n_, m * intervals), m};
    for (Eigen::Index j = 0; j < intervals; ++j) {
        Matrix piece(n_, m + 1);
        piece << states.middleCols(j * m, m), states.col((j + 1) * m % states.cols());
        fine.values.middleCols(j * m, m) = piece * to_nodes;
    }
    const Vector errors = local_errors(fine, sizes_in(scales_at(point.z)).states);
    const double order = static_cast<double>(m + 1), each = errors.array().pow(1.0 / order).mean(),
                 wanted = each * std::pow(options_.tolerance, -1.0 / order) *
                          static_cast<double>(intervals);
    point.mesh = equidistribute(fine, errors,
                                static_cast<Eigen::Index>(std::clamp(
                                    std::ceil(wanted), static_cast<double>(options_.min_intervals),
                                    static_cast<double>(options_.max_intervals))));
    point.profile.resize(n_, m * (point.mesh.size() - 1));
    point.profile = states_at(point.z, CycleProfile(point, n_).nodes());
    const Profile profile{point.mesh, point.profile, m};
    point.minimum = profile.minimum();
    point.maximum = profile.maximum();
}

std::unique_ptr<TestFunction> VariationalCurve::crossing(Eigen::Index place) const {
    return std::make_unique<ExponentTest>(place, flow_accuracy());
}

/// F at each column.
Matrix VariationalCurve::motion(ConstVectorRef z) const {
    const Matrix profile = profile_of(z);
    const Vector p = parameters_of(z);
    Matrix velocity(n_, columns_);
    Vector f(n_);
    for (Eigen::Index j = 0; j < columns_; ++j) {
        field_->rhs(profile.col(j), p, f);
        velocity.col(j) = f;
    }
    return velocity;
}

/// How far it goes in a period, in parts of the states' sizes.
double VariationalCurve::way_of(ConstVectorRef z, ConstMatrixRef velocity) const {
    return (scales_at(z).head(n_).cwiseInverse().asDiagonal() * velocity).cwiseAbs().maxCoeff() *
           std::abs(period_of(z));
}

/// At a Hopf point itself it is that along the tangent.
Matrix VariationalCurve::first_motion(const BranchPoint& start) const {
    Matrix velocity = motion(start.z);
    if (start.tangent.size() != start.z.size() || way_of(start.z, velocity) > shortest_way)
        return velocity;
    return velocity + changes_of_motion(start.z, profile_of(start.tangent));
}

/// F_x v at each column.
Matrix VariationalCurve::changes_of_motion(ConstVectorRef z, ConstMatrixRef v) const {
    const Matrix profile = profile_of(z);
    const Vector p = parameters_of(z);
    Matrix changes(n_, columns_), change(n_, 1);
    for (Eigen::Index j = 0; j < columns_; ++j) {
        field_->jacobian_times(profile.col(j), p, v.col(j), change);
        changes.col(j) = change;
    }
    return changes;
}

void VariationalCurve::set_reference(ConstVectorRef z, ConstMatrixRef velocity) {
    const Vector weights = scales_at(z).head(n_).cwiseAbs2().cwiseInverse();
    velocity_ = weights.asDiagonal() * velocity;
    turning_ = weights.asDiagonal() * changes_of_motion(z, velocity);
    for (Eigen::Index j = 0; j < columns_; ++j) {
        const double size = velocity.col(j).dot(velocity_.col(j));
        if (size > 0.0)
            turning_.col(j) -= velocity.col(j).dot(turning_.col(j)) / size * velocity_.col(j);
    }
    for (Matrix* direction : {&velocity_, &turning_})
        if (const double size = direction->norm(); size > 0.0) *direction /= size;
}

void VariationalCurve::prepare(const BranchPoint& start) {
    set_reference(start.z, first_motion(start));
}

void VariationalCurve::adapt(const BranchPoint& point, const CurveLinearization&) {
    set_reference(point.z, motion(point.z));
}

VariationalCurve::Phase VariationalCurve::phase(ConstVectorRef z) const {
    const Matrix profile = profile_of(z);
    const Vector p = parameters_of(z);
    const std::array<std::size_t, 1> free{parameter_};
    Phase phase{0.0, 0.0, Vector::Zero(unknowns())};
    Vector f(n_);
    Matrix f_x(n_, n_), f_p(n_, 1);
    for (Eigen::Index j = 0; j < columns_; ++j) {
        field_->linearize(profile.col(j), p, free, f, f_x, f_p);
        phase.residual += turning_.col(j).dot(f);
        phase.row.segment(j * n_, n_) = f_x.transpose() * turning_.col(j);
        phase.row[slots_.front()] += turning_.col(j).dot(f_p.col(0));
    }
    phase.scale = phase.row.cwiseAbs().dot(scales_at(z)) + std::numeric_limits<double>::min();
    return phase;
}

std::string VariationalCurve::obstacle(const BranchPoint& start) const {
    return way_of(start.z, first_motion(start)) > shortest_way
               ? std::string()
               : "the start is at rest: it is no cycle";
}

CurveLinearization VariationalCurve::nowhere() const {
    CurveLinearization at;
    at.residual = Vector::Constant(unknowns() - 1, std::numeric_limits<double>::quiet_NaN());
    at.row_scales = Vector::Ones(unknowns() - 1);
    return at;
}

}  // namespace cortifold
