#include "curve_solver.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cortifold {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// A scaled residual this small is the rounding of G itself.
constexpr double roundoff = 64.0 * epsilon;
/// The scaled residual at which an iteration that rounding has stopped still counts as converged.
constexpr double attainable_residual = 1e-10;
constexpr double to_rounding = 1e-12;  ///< of a last step
/// An iteration whose steps grow by more is left.
constexpr double divergence = 4.0;
/// States below this many times the floor are small for steps, which would crawl away from zero.
constexpr double step_floor = 10.0;
constexpr double memory = 0.1;  ///< of the largest value seen, what a scale is at least
constexpr int polish_iterations = 50;

double max_abs(ConstVectorRef v) {
    return v.size() == 0 ? 0.0 : v.cwiseAbs().maxCoeff();
}

}  // namespace

double scaled_residual(const CurveLinearization& at) {
    return max_abs(at.residual.cwiseQuotient(at.row_scales));
}

Vector ZeroProblem::shares() const {
    Vector shares = Vector::Ones(unknowns());
    shares.head(states()) /= static_cast<double>(states());
    return shares;
}

Metric::Metric(const ZeroProblem& problem, std::span<const ContinuationOptions::Bound> bounds)
    : problem_(problem) {
    for (std::size_t k = 0; k < std::min(bounds.size(), problem.parameter_slots().size()); ++k) {
        const double width = bounds[k].high - bounds[k].low;
        if (std::isfinite(width)) widths_.emplace_back(k, width);
    }
}

void Metric::restart(ConstVectorRef z) {
    floor_ = step_floor * problem_.scale_floor();
    shares_ = problem_.shares();
    largest_ = Vector::Zero(z.size());
    follow(z);
}

void Metric::follow(ConstVectorRef z) {
    if (largest_.size() != z.size()) return restart(z);
    const Vector sizes = problem_.sizes(z);
    largest_ = largest_.cwiseMax(sizes);
    scales_ = sizes.cwiseMax(memory * largest_).cwiseMax(floor_);
    for (const auto& [parameter, width] : widths_)
        scales_[problem_.parameter_slots()[parameter]] = width;
    weights_ = shares_.cwiseQuotient(scales_.cwiseAbs2());
}

CurveSolver::CurveSolver(const ZeroProblem& problem, const ContinuationOptions& options)
    : metric(problem, options.bounds),
      problem_(problem),
      options_(options.corrector),
      tests_(problem.tests().begin(), problem.tests().end()) {
    tests_.insert(tests_.end(), options.tests.begin(), options.tests.end());
}

CurveSolver::Correction CurveSolver::correct(Vector z, Constraint constraint,
                                             Accuracy accuracy) const {
    const Eigen::Index n = z.size() - 1;
    Correction result;
    Vector step(z.size());
    Matrix columns(z.size(), 2);  // the Newton step and the tangent
    const double step_tolerance = accuracy == Accuracy::rounding
                                      ? std::min(options_.step_tolerance, to_rounding)
                                      : options_.step_tolerance;
    double previous = std::numeric_limits<double>::infinity();
    for (int k = 0; k < options_.max_iterations; ++k) {
        result.at = problem_.linearize(z, constraint.row, metric.scales());
        if (!result.at.residual.allFinite() || !result.at.derivative.allFinite()) {
            result.status = Status::non_finite;
            return result;
        }
        columns.col(0) << -result.at.residual,
            constraint.turns ? 0.0 : constraint.row.dot(constraint.anchor - z);
        columns.col(1) = Vector::Unit(z.size(), n);
        result.at.bordered->solve(columns);
        if (!columns.allFinite() || result.at.bordered->sign_det() == 0.0) {
            result.status = Status::singular_jacobian;
            return result;
        }
        step = columns.col(0);
        Vector& tangent = result.point.tangent;
        tangent = columns.col(1) / metric.norm(columns.col(1));
        if (constraint.turns) {  // the shortest way back: no part along the curve
            step -= metric.dot(tangent, step) * tangent;
            constraint.row = metric.weighted(tangent);
        }
        z += step;
        const double size = metric.max_norm(step), residual = scaled_residual(result.at);
        if (k == 1) result.contraction = previous > 0.0 ? size / previous : 0.0;
        result.point.residual = residual;
        result.point.newton_iterations = k + 1;
        if ((size <= step_tolerance && residual <= options_.residual_tolerance) ||
            (size <= attainable_step && residual <= roundoff)) {
            result.status = Status::converged;
            break;
        }
        if (size <= options_.step_tolerance && residual <= options_.residual_tolerance)
            result.status = Status::converged;  // and on, as far as rounding lets it
        if (!(size <= divergence * previous)) break;
        previous = size;
    }
    result.point.z = std::move(z);
    read_parameters(result.point);
    return result;
}

void CurveSolver::read_parameters(BranchPoint& point) const {
    point.parameters.clear();
    for (const Eigen::Index slot : problem_.parameter_slots())
        point.parameters.push_back(point.z[slot]);
}

void CurveSolver::complete(Correction& corrected) const {
    BranchPoint& point = corrected.point;
    read_parameters(point);
    problem_.describe(point, corrected.at);
    point.tests.resize(static_cast<Eigen::Index>(tests_.size()));
    for (std::size_t k = 0; k < tests_.size(); ++k)
        point.tests[static_cast<Eigen::Index>(k)] = tests_[k]->value(point, corrected.at);
}

Polished polish(const ZeroProblem& system, Vector z, ConstVectorRef scales, double attainable,
                PolishEnd until) {
    Polished result;
    Vector row_scales = Vector::Zero(z.size());  // a row may vanish at the point itself
    double previous = std::numeric_limits<double>::infinity();
    for (int k = 0; k < polish_iterations; ++k) {
        const CurveLinearization at = system.linearize(z, Vector(), scales);
        result.z = z;
        if (!at.residual.allFinite() || !at.derivative.allFinite()) {
            result.status = Status::non_finite;
            return result;
        }
        Matrix columns(z.size(), 2);  // the step, and what rounding of G alone can move
        columns << -at.residual, epsilon * at.row_scales;
        at.bordered->solve(columns);
        if (!columns.allFinite() || at.bordered->sign_det() == 0.0) {
            result.status = Status::singular_jacobian;
            return result;
        }
        row_scales = row_scales.cwiseMax(at.row_scales);
        result.residual = max_abs(at.residual.cwiseQuotient(row_scales));
        const double size = max_abs(columns.col(0).cwiseQuotient(scales));
        result.error = columns.cwiseAbs().rowwise().sum() + epsilon * z.cwiseAbs();
        const bool stalled = size <= epsilon || size > previous / 2.0;
        if (until == PolishEnd::foreseen && k > 0 && result.residual <= attainable_residual &&
            size * std::pow(size / previous, 2) <= epsilon) {
            result.z += columns.col(0);
            result.status = Status::converged;
            return result;
        }
        if (result.residual <= attainable_residual && size <= attainable && stalled) {
            result.status = Status::converged;
            return result;
        }
        z += columns.col(0);
        previous = size;
    }
    return result;
}

}  // namespace cortifold
