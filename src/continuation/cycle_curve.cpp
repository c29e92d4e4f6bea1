#include "cycle_curve.hpp"

#include "floquet.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cortifold {

namespace {

constexpr Quantity period_quantity{
    "period", "", 1.0, 0.0, std::numeric_limits<double>::infinity(), "of the cycle"};
/// Local errors at which a mesh is made, taken back and made coarser, in parts of the tolerance.
constexpr double aimed_at = 0.3, too_rough = 3.0, too_fine = 0.01;
/// Of the largest local error to the one that all intervals would have.
constexpr double too_uneven = 30.0;
/// Of log|mu|, for an exponent to count as one of which side it is on.
constexpr double largest_doubt = 1e-3;

/// |A^2|^(1/2), by which high powers of A grow at most: scales of the states enter it less than
/// |A|. Of two bounds of the norm the lower one, since the first grows with the number of equal
/// nodes.
double stiffness_of(const Matrix& A) {
    const Matrix square = A * A, sizes = square.cwiseAbs();
    const double rows_and_columns =
        std::sqrt(sizes.rowwise().sum().maxCoeff() * sizes.colwise().sum().maxCoeff());
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

void collocate_linear(CyclicElimination::Block block, const Collocation& basis, Eigen::Index i,
                      const Matrix& minus_hA) {
    const Eigen::Index n = minus_hA.rows(), m = basis.degree();
    for (Eigen::Index a = 0; a < n; ++a) {
        double* const row = &block(i * n + a, 0);
        for (Eigen::Index k = 0; k <= m; ++k) {
            // interior nodes stand first, then the left end and the right one
            double* const part = row + (k == 0 ? m - 1 : k == m ? m : k - 1) * n;
            const double value = basis.values(k, i);
            for (Eigen::Index b = 0; b < n; ++b) part[b] = value * minus_hA(a, b);
            part[a] += basis.slopes(k, i);
        }
    }
}

namespace {

/// What one thread needs at the points of an interval.
struct Workspace {
    Workspace(Eigen::Index n, const Vector& parameters, Eigen::Index free)
        : f(n), p(parameters), f_x(n, n), f_p(n, free) {}
    Vector f, p;
    Matrix f_x, f_p, u, slopes, sizes;
};

}  // namespace

CurveLinearization CycleCurve::collocate(ConstVectorRef z, ConstVectorRef scales,
                                         Eigen::Index added_rows) const {
    const Collocation& basis = Collocation::of_degree(options_.degree);
    const Eigen::Index m = options_.degree, intervals = mesh_.size() - 1,
                       parameters = static_cast<Eigen::Index>(free_.size());
    const Vector s = scales.head(n_), base = parameters_of(z);
    const Vector inverse = s.cwiseInverse();
    const Matrix ratios = inverse * s.transpose();
    const Profile profile = profile_of(z);
    const double period = period_of(z);
    CurveLinearization at;
    at.residual.setZero(states() + added_rows);
    at.row_scales = at.residual;
    auto facts = std::make_shared<CollocationFacts>();
    auto elimination = std::make_shared<CyclicElimination>(n_, m, intervals);
    facts->state_scales = s;
    facts->columns.resize(states(), 1 + parameters);
    facts->stiffness = Vector::Zero(intervals);
    Vector divergences(intervals);
    const auto fill = [&](Eigen::Index j, Workspace& work) {
        auto& [f, p, f_x, f_p, u, slopes, sizes] = work;
        const Matrix piece = profile.piece(j);
        const double h = profile.width(j) * period;
        u = piece.lazyProduct(basis.values);
        slopes = piece.lazyProduct(basis.slopes);
        sizes = piece.cwiseAbs().lazyProduct(basis.slopes.cwiseAbs());
        auto block = elimination->block(j);
        divergences[j] = 0.0;
        for (Eigen::Index i = 0; i < m; ++i) {
            const Eigen::Index row = (j * m + i) * n_;
            const double t = mesh_[j] + basis.points[i] * profile.width(j);
            set_time(p, period, t);
            field_->linearize(u.col(i), p, free_and_time_, f, f_x, f_p);
            at.residual.segment(row, n_) = slopes.col(i) - h * f;
            at.row_scales.segment(row, n_) = sizes.col(i) + h * f_x.cwiseAbs().lazyProduct(s);
            divergences[j] += profile.width(j) * basis.weights[i] * f_x.trace();
            if (time_) f += period * t * f_p.rightCols(1);
            facts->columns.block(row, 0, n_, 1) = -profile.width(j) * inverse.cwiseProduct(f);
            facts->columns.block(row, 1, n_, parameters) =
                -h * inverse.asDiagonal() * f_p.leftCols(parameters);
            f_x.array() *= -h * ratios.array();
            facts->stiffness[j] = std::max(facts->stiffness[j], stiffness_of(f_x));
            collocate_linear(block, basis, i, f_x);
        }
        if (j + 1 == intervals) facts->by_end = block.rightCols(n_);
    };
#pragma omp parallel num_threads(options_.threads) if (options_.threads > 1)
    {
        Workspace work(n_, base, static_cast<Eigen::Index>(free_and_time_.size()));
#pragma omp for schedule(static)
        for (Eigen::Index j = 0; j < intervals; ++j) fill(j, work);
    }
    elimination->factorize(options_.threads);
    facts->divergence = divergences.sum();
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
