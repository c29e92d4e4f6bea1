#include "cycle_curve.hpp"

#include "floquet.hpp"
#include <cortifold/core/batch_field.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace cortifold {

namespace {

constexpr Quantity period_quantity{
    "period", "", 1.0, 0.0, std::numeric_limits<double>::infinity(), "of the cycle"};
/// Local errors at which a mesh is made, taken back and made coarser, in parts of the tolerance.
constexpr double aimed_at = 0.3, too_rough = 3.0, too_fine = 0.01;
/// Of the largest local error to the one that all intervals would have.
constexpr double too_uneven = 30.0;
/// Intervals whose points are linearized together.
constexpr Eigen::Index at_a_time = 4;
/// Of log|mu|, for an exponent to count as one of which side it is on.
constexpr double largest_doubt = 1e-3;

/// |A^2|^(1/2), by which high powers of A grow at most: scales of the states enter it less than
/// |A|. Of two bounds of the norm the lower one, since the first grows with the number of equal
/// nodes.
template <class M>
double stiffness_of(const M& A) {
    const M square = A * A;
    const double rows_and_columns = std::sqrt(square.cwiseAbs().rowwise().sum().maxCoeff() *
                                              square.cwiseAbs().colwise().sum().maxCoeff());
    return std::sqrt(std::min(square.norm(), rows_and_columns));
}

}  // namespace

CycleCurve::CycleCurve(CurveKind kind, std::shared_ptr<const VectorField> field, Vector base,
                       std::vector<std::size_t> free, std::size_t added,
                       const CycleOptions& options)
    : kind_(kind),
      field_(std::move(field)),
      base_(std::move(base)),
      free_(std::move(free)),
      added_(added),
      options_(options),
      n_(field_->dimension()) {
    options_.validate();
    require(base_.size() == static_cast<Eigen::Index>(field_->parameters().size()),
            "a curve of cycles: " + std::to_string(base_.size()) +
                " parameters were given, the field has " +
                std::to_string(field_->parameters().size()));
    for (const std::size_t parameter : free_) {
        require(parameter < field_->parameters().size(),
                "a curve of cycles: there is no parameter number " + std::to_string(parameter));
        parameters_.push_back(field_->parameters()[parameter]);
    }
    time_ = field_->time();
    require(time_.has_value() == options_.forcing.has_value(),
            time_ ? "a curve of cycles: the field depends on time, so cycle.forcing must say with "
                    "which period"
                  : "a curve of cycles: cycle.forcing is for fields that depend on time");
    free_and_time_ = free_;
    if (time_) free_and_time_.push_back(*time_);
    other_floor_ = Vector::Constant(added_columns(), std::numeric_limits<double>::min());
    other_floor_.segment(1, static_cast<Eigen::Index>(free_.size())) =
        cortifold::scale_floor(parameters_);
    other_floor_.tail(static_cast<Eigen::Index>(added_)).setOnes();
    parameters_.push_back(period_quantity);
    parameters_.back().unit = field_->time_unit();
    state_floor_ = cortifold::scale_floor(field_->states());
    set_mesh(Vector::LinSpaced(options_.min_intervals + 1, 0.0, 1.0));
}

void CycleCurve::set_mesh(Vector mesh) {
    mesh_ = std::move(mesh);
    slots_.clear();
    for (std::size_t k = 0; k < free_.size(); ++k)
        slots_.push_back(states() + 1 + static_cast<Eigen::Index>(k));
    slots_.push_back(states());
}

Vector CycleCurve::scale_floor() const {
    Vector floor(unknowns());
    floor << state_floor_.replicate(states() / n_, 1), other_floor_;
    return floor;
}

/// As large as the state becomes over the cycle.
Vector CycleCurve::sizes(ConstVectorRef z) const {
    Vector sizes(z.size());
    const Vector largest =
        z.head(states()).reshaped(n_, states() / n_).cwiseAbs().rowwise().maxCoeff();
    sizes << largest.replicate(states() / n_, 1), z.tail(added_columns()).cwiseAbs();
    return sizes;
}

Vector CycleCurve::shares() const {
    const Collocation& basis = Collocation::of_degree(options_.degree);
    const Eigen::Index m = options_.degree, nodes = states() / n_;
    Vector node_shares = Vector::Zero(nodes);
    for (Eigen::Index j = 0; j + 1 < mesh_.size(); ++j)
        for (Eigen::Index k = 0; k <= m; ++k)
            node_shares[(j * m + k) % nodes] += basis.node_weights[k] * (mesh_[j + 1] - mesh_[j]);
    Vector shares = Vector::Ones(unknowns());
    for (Eigen::Index k = 0; k < nodes; ++k)
        shares.segment(k * n_, n_).setConstant(node_shares[k] / static_cast<double>(n_));
    return shares;
}

Vector CycleCurve::parameters_of(ConstVectorRef z) const {
    Vector p = base_;
    for (std::size_t k = 0; k < free_.size(); ++k)
        p[static_cast<Eigen::Index>(free_[k])] = z[slots_[k]];
    return p;
}

Vector CycleCurve::parameters_of(const BranchPoint& point) const {
    Vector p = base_;
    for (std::size_t k = 0; k < free_.size(); ++k)
        p[static_cast<Eigen::Index>(free_[k])] = point.parameters[k];
    return p;
}

Profile CycleCurve::profile_of(ConstVectorRef z) const {
    return {mesh_, z.head(states()).reshaped(n_, states() / n_), options_.degree, gain_of(z)};
}

void CycleCurve::add_phase(ConstVectorRef z, CurveLinearization& at,
                           Borders<double>& borders) const {
    const double period = period_of(z);
    if (!is_forced()) {
        at.residual[states()] = phase_.dot(z.head(states())) - anchor_;
        at.row_scales[states()] =
            phase_.cwiseAbs().dot(z.head(states()).cwiseAbs()) + std::numeric_limits<double>::min();
        borders.rows.col(0) = phase_;
        return;
    }
    const Forcing& forcing = *options_.forcing;
    const Vector p = parameters_of(z);
    at.residual[states()] = period - drive_period(forcing, p);
    at.row_scales[states()] = period;
    borders.rows.col(0).setZero();
    borders.corner(0, 0) = 1.0;
    for (std::size_t k = 0; k < free_.size(); ++k)
        if (forcing.parameter == free_[k])
            borders.corner(0, static_cast<Eigen::Index>(k) + 1) =
                -forcing.power * drive_period(forcing, p) / z[slots_[k]];
}

namespace {

/// Calls `work` with the number of states as a constant, where it is that of a node model.
template <class Work>
void with_size(Eigen::Index n, const Work& work) {
    switch (n) {
        case 2: return work(std::integral_constant<int, 2>());
        case 3: return work(std::integral_constant<int, 3>());
        case 4: return work(std::integral_constant<int, 4>());
        case 5: return work(std::integral_constant<int, 5>());
        case 6: return work(std::integral_constant<int, 6>());
        default: return work(std::integral_constant<int, Eigen::Dynamic>());
    }
}

/// A cycle, and what its equations are written to: what is of one interval belongs to it alone.
struct Equations {
    const CycleCurve& curve;
    const Profile profile;
    const Vector parameters, scales;
    const double period;
    CurveLinearization& at;
    CollocationFacts& facts;
    CyclicElimination& elimination;
    Vector divergences;
};

/// Writes the equations of intervals, N states each, in the work space of one thread.
template <int N>
class EquationsWriter {
    using State = Eigen::Matrix<double, N, 1>;
    using Square = Eigen::Matrix<double, N, N>;

public:
    explicit EquationsWriter(Equations& equations)
        : to_(equations),
          basis_(Collocation::of_degree(to_.profile.degree)),
          scales_(to_.scales),
          inverse_(scales_.cwiseInverse()),
          f_x_(scales_.size(), scales_.size()),
          f_p_(scales_.size(), std::ssize(to_.curve.free_and_time())),
          u_(scales_.size()),
          f_(scales_.size()),
          p_(to_.parameters) {
        const auto* batch = dynamic_cast<const BatchField*>(&to_.curve.field());
        if (batch != nullptr && batch->takes_batches() && !to_.curve.is_forced()) batch_ = batch;
    }

    /// So many intervals from the first on.
    void write(Eigen::Index first, Eigen::Index count) {
        if (batch_ != nullptr) linearize_all(first, count);
        for (Eigen::Index j = first; j < first + count; ++j)
            write_interval(j, (j - first) * basis_.degree());
    }

private:
    void linearize_all(Eigen::Index first, Eigen::Index count) {
        const Eigen::Index m = basis_.degree();
        states_.resize(count * m, scales_.size());
        for (Eigen::Index j = 0; j < count; ++j)
            states_.middleRows(j * m, m).noalias() =
                basis_.values.transpose().lazyProduct(to_.profile.piece(first + j).transpose());
        batch_->linearize_batch(states_, p_, to_.curve.free_and_time(), points_);
    }

    /// The points of the interval stand in the batch from this one on.
    void write_interval(Eigen::Index j, Eigen::Index in_batch) {
        const double width = to_.profile.width(j);
        const Matrix piece = to_.profile.piece(j);
        CyclicElimination::Block block = to_.elimination.block(j);
        for (Eigen::Index i = 0; i < basis_.degree(); ++i) {
            if (batch_ != nullptr)
                take(in_batch + i);
            else
                linearize(piece, i, to_.profile.mesh[j] + basis_.points[i] * width);
            to_.divergences[j] += width * basis_.weights[i] * f_x_.trace();
            write_point(piece, i, j, width);
            const Square minus_hA =
                (-width * to_.period) * (inverse_.asDiagonal() * f_x_ * scales_.asDiagonal());
            to_.facts.stiffness[j] = std::max(to_.facts.stiffness[j], stiffness_of(minus_hA));
            collocate_linear(block, basis_, i, minus_hA);
        }
        if (j + 1 == to_.profile.intervals()) to_.facts.by_end = block.rightCols(scales_.size());
    }

    void take(Eigen::Index point) {
        by_period_ = f_ = points_.f.row(point);
        f_x_.reshaped() = points_.f_x.row(point);
        f_p_.reshaped() = points_.f_p.row(point);
    }

    void linearize(const Matrix& piece, Eigen::Index i, double t) {
        u_.setZero();
        for (Eigen::Index k = 0; k < piece.cols(); ++k) u_ += basis_.values(k, i) * piece.col(k);
        to_.curve.set_time(p_, to_.period, t);
        to_.curve.field().linearize(u_, p_, to_.curve.free_and_time(), f_, f_x_, f_p_);
        by_period_ = f_;
        if (to_.curve.is_forced()) by_period_ += to_.period * t * f_p_.rightCols(1);
    }

    /// Residual, row scales and columns.
    void write_point(const Matrix& piece, Eigen::Index i, Eigen::Index j, double width) {
        const Eigen::Index n = scales_.size(), row = (j * basis_.degree() + i) * n,
                           parameters = to_.facts.columns.cols() - 1;
        const double h = width * to_.period;
        State residual = -h * f_, size = h * (f_x_.cwiseAbs() * scales_);
        for (Eigen::Index k = 0; k < piece.cols(); ++k) {
            residual += basis_.slopes(k, i) * piece.col(k);
            size += std::abs(basis_.slopes(k, i)) * piece.col(k).cwiseAbs();
        }
        to_.at.residual.segment(row, n) = residual;
        to_.at.row_scales.segment(row, n) = size;
        to_.facts.columns.col(0).segment(row, n) = -width * inverse_.cwiseProduct(by_period_);
        for (Eigen::Index k = 0; k < parameters; ++k)
            to_.facts.columns.col(1 + k).segment(row, n) = -h * inverse_.cwiseProduct(f_p_.col(k));
    }

    Equations& to_;
    const Collocation& basis_;
    const State scales_, inverse_;
    Square f_x_;
    Eigen::Matrix<double, N, Eigen::Dynamic> f_p_;
    State u_, f_, by_period_;
    Vector p_;
    const BatchField* batch_ = nullptr;
    Matrix states_;
    PointLinearizations points_;
};

}  // namespace

CurveLinearization CycleCurve::collocate(ConstVectorRef z, ConstVectorRef scales,
                                         Eigen::Index added_rows) const {
    const Eigen::Index intervals = mesh_.size() - 1,
                       parameters = static_cast<Eigen::Index>(free_.size());
    CurveLinearization at;
    at.residual.setZero(states() + added_rows);
    at.row_scales = at.residual;
    auto facts = std::make_shared<CollocationFacts>();
    auto elimination = std::make_shared<CyclicElimination>(n_, options_.degree, intervals);
    facts->state_scales = scales.head(n_);
    facts->columns.resize(states(), 1 + parameters);
    facts->stiffness = Vector::Zero(intervals);
    Equations equations{
        *this, profile_of(z), parameters_of(z), facts->state_scales,    period_of(z),
        at,    *facts,        *elimination,     Vector::Zero(intervals)};
    with_size(n_, [&]<int N>(std::integral_constant<int, N>) {
#pragma omp parallel num_threads(options_.threads) if (options_.threads > 1)
        {
            EquationsWriter<N> writer(equations);
#pragma omp for schedule(static)
            for (Eigen::Index j = 0; j < intervals; j += at_a_time)
                writer.write(j, std::min(at_a_time, intervals - j));
        }
    });
    elimination->factorize(options_.threads);
    facts->divergence = equations.divergences.sum();
    facts->elimination = std::move(elimination);
    at.cycle = std::move(facts);
    return at;
}

CurveLinearization CycleCurve::linearize(ConstVectorRef z, ConstVectorRef row,
                                         ConstVectorRef scales) const {
    CurveLinearization at = collocate(z, scales, 1);
    Borders<double> borders{at.cycle->columns, Matrix(states(), 2), Matrix::Zero(2, 2)};
    add_phase(z, at, borders);
    borders.rows.col(1) = row.head(states());
    borders.corner.row(1) = row.tail(2).transpose();
    at.bordered = border_scaled(at.cycle->elimination, std::move(borders), at.cycle->state_scales);
    return at;
}

namespace {

/// Whether it is known of each exponent how it decides on stability: that which may have either
/// sign must be small against one turn of the cycle.
bool are_trusted(const BranchPoint& point) {
    for (Eigen::Index k = 0; k < point.spectrum.size(); ++k)
        if (std::abs(point.spectrum[k].real()) < point.spectrum_errors[k] &&
            point.spectrum_errors[k] * point.period > largest_doubt)
            return false;
    return true;
}

}  // namespace

void CycleCurve::describe(BranchPoint& point, const CurveLinearization& at) const {
    const Profile profile = profile_of(point.z);
    point.frame = mesh_;
    point.period = period_of(point.z);
    point.minimum = profile.minimum();
    point.maximum = profile.maximum();
    const FloquetExponents floquet = floquet_exponents(*this, point.z, *at.cycle);
    point.spectrum = floquet.exponents;
    point.spectrum_errors = floquet.errors;
    point.n_unstable = static_cast<int>((point.spectrum.real().array() > 0.0).count());
    if (point.spectrum.size() < n_ - (is_forced() ? 0 : 1) || !are_trusted(point))
        point.n_unstable.reset();
}

void CycleCurve::set_reference(const Profile& reference, const Matrix& moving) {
    const Collocation& basis = Collocation::of_degree(options_.degree);
    const Eigen::Index m = options_.degree, nodes = states() / n_;
    const Profile motion{mesh_, moving, m};
    const Vector weights = reference.values.cwiseAbs()
                               .rowwise()
                               .maxCoeff()
                               .cwiseMax(state_floor_)
                               .cwiseAbs2()
                               .cwiseInverse();
    phase_ = Vector::Zero(states());
    for (Eigen::Index j = 0; j < reference.intervals(); ++j) {
        const Matrix piece = motion.piece(j);
        for (Eigen::Index i = 0; i < m; ++i) {
            const Vector slope =
                basis.weights[i] * weights.cwiseProduct(piece * basis.slopes.col(i));
            for (Eigen::Index k = 0; k <= m; ++k)
                phase_.segment((j * m + k) % nodes * n_, n_) += basis.values(k, i) * slope;
        }
    }
    const double size = phase_.norm();
    if (size > 0.0) phase_ /= size;
    const Vector node_shares = shares().head(states()) * static_cast<double>(n_);
    const Matrix quadrature = node_shares.reshaped(n_, nodes);
    const Vector mean = motion.values.cwiseProduct(quadrature).rowwise().sum();
    Matrix along = (motion.values.colwise() - mean).cwiseProduct(quadrature);
    along = weights.asDiagonal() * along;
    amplitude_ = along.reshaped();
    anchor_ = phase_.dot(reference.values.reshaped());
}

void CycleCurve::prepare(const BranchPoint& start) {
    const Profile profile = profile_of(start.z);
    const bool moves = start.tangent.size() == start.z.size();
    set_reference(profile, profile.values + (moves ? profile_of(start.tangent).values
                                                   : Matrix::Zero(n_, profile.values.cols())));
}

void CycleCurve::adapt(const BranchPoint& point, const CurveLinearization&) {
    const Profile profile = profile_of(point.z);
    set_reference(profile, profile.values);
}

ZeroProblem::Fit CycleCurve::fit(const BranchPoint& point) const {
    const Profile profile = profile_of(point.z);
    const Vector errors = local_errors(profile, resolved_sizes(point.z));
    const double largest = errors.maxCoeff();
    const bool at_most = profile.intervals() >= options_.max_intervals,
               at_least = profile.intervals() <= options_.min_intervals;
    const double mean =
        std::pow(errors.array().pow(1.0 / static_cast<double>(options_.degree + 1)).mean(),
                 options_.degree + 1);
    if (largest > too_rough * options_.tolerance && !(at_most && largest < too_uneven * mean))
        return Fit::poor;
    if (largest < too_fine * options_.tolerance && !at_least) return Fit::improvable;
    return largest > too_uneven * mean && largest > aimed_at * options_.tolerance ? Fit::improvable
                                                                                  : Fit::good;
}

void CycleCurve::change_frame(const BranchPoint& point) {
    const Profile profile = profile_of(point.z);
    const Vector errors = local_errors(profile, resolved_sizes(point.z));
    const double order = static_cast<double>(options_.degree + 1);
    const double mean = std::pow(errors.array().pow(1.0 / order).mean(), order);
    const double wanted = std::pow(mean / (aimed_at * options_.tolerance), 1.0 / order) *
                          static_cast<double>(profile.intervals());
    const auto intervals = static_cast<Eigen::Index>(
        std::clamp(std::ceil(wanted), static_cast<double>(options_.min_intervals),
                   static_cast<double>(options_.max_intervals)));
    const Vector mesh = equidistribute(profile, errors, intervals);
    BranchPoint moved = point;
    moved.frame = mesh_;
    set_mesh(mesh);
    adapt(in_frame(std::move(moved)), {});
}

void CycleCurve::restore_frame(const BranchPoint& point) {
    if (point.frame.size() > 0) set_mesh(point.frame);
}

BranchPoint CycleCurve::in_frame(BranchPoint point) const {
    if (point.frame.size() == mesh_.size() && point.frame == mesh_) return point;
    const auto convert = [&](Vector& z) {
        const Eigen::Index others = added_columns(), size = z.size() - others;
        const Profile profile{point.frame, z.head(size).reshaped(n_, size / n_), options_.degree,
                              gain_of(z)};
        const Vector rest = z.tail(others);
        z.resize(unknowns());
        z << profile.on(mesh_).values.reshaped(), rest;
    };
    if (point.tangent.size() > 0) convert(point.tangent);
    convert(point.z);
    point.frame = mesh_;
    return point;
}

namespace {

class ScaledSolver final : public LinearSolver<double> {
public:
    ScaledSolver(std::unique_ptr<LinearSolver<double>> inner, Vector scales)
        : inner_(std::move(inner)), scales_(std::move(scales)) {}
    void solve(MatrixRef b) const override {
        b.topRows(scales_.size()).array().colwise() /= scales_.array();
        inner_->solve(b);
        b.topRows(scales_.size()).array().colwise() *= scales_.array();
    }
    void solve_adjoint(MatrixRef b) const override {
        b.topRows(scales_.size()).array().colwise() *= scales_.array();
        inner_->solve_adjoint(b);
        b.topRows(scales_.size()).array().colwise() /= scales_.array();
    }
    [[nodiscard]] double log_abs_det() const override { return inner_->log_abs_det(); }
    [[nodiscard]] double sign_det() const override { return inner_->sign_det(); }

private:
    std::unique_ptr<LinearSolver<double>> inner_;
    Vector scales_;
};

}  // namespace

std::unique_ptr<LinearSolver<double>> border_scaled(
    std::shared_ptr<const CyclicElimination> elimination, Borders<double> borders,
    const Vector& state_scales) {
    const Vector scales = state_scales.replicate(elimination->size() / state_scales.size(), 1);
    borders.rows.array().colwise() *= scales.array();
    return std::make_unique<ScaledSolver>(border_cycle(std::move(elimination), 1.0, borders),
                                          scales);
}

}  // namespace cortifold
