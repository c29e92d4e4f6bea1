#include "segment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace cortifold {

namespace {

/// A point farther from the cubic than this part of the chord lies on another branch.
constexpr double largest_departure = 0.5;
constexpr int most_evaluations = 60;
constexpr double beside = 0.01;  ///< of a bracket
/// Of a segment: of two known points as near as this one says what both do.
constexpr double too_near = 1e-6;

/// The fraction of [x1, x2] to try next: inverse quadratic interpolation where it is safe.
struct Triple {
    double x1, f1, x2, f2, x3, f3;

    [[nodiscard]] double next() const {
        const double xi = (x1 - x2) / (x3 - x2), phi = (f1 - f2) / (f3 - f2);
        if (!(phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi)) return 0.5;
        return f1 / (f2 - f1) * f3 / (f2 - f3) +
               (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2);
    }
};

}  // namespace

Vector HermiteCurve::position(double t) const {
    const double u = 1.0 - t;
    return u * u * (1.0 + 2.0 * t) * a.z + t * t * (3.0 - 2.0 * t) * b.z +
           length * (t * u * u * a.tangent - t * t * u * b.tangent);
}

Vector HermiteCurve::direction(double t) const {
    const double u = 1.0 - t;
    return 6.0 * t * u / length * (b.z - a.z) + u * (1.0 - 3.0 * t) * a.tangent +
           t * (3.0 * t - 2.0) * b.tangent;
}

// Newton's form, its divided differences with each node twice.
Vector extrapolate(std::span<const BranchPoint> points, ConstVectorRef row, double sigma) {
    const auto terms = static_cast<Eigen::Index>(2 * points.size());
    const Vector& last = points.back().z;
    Vector nodes(terms);
    Matrix differences(last.size(), terms);
    for (Eigen::Index j = 0; j < terms; j += 2) {
        const BranchPoint& point = points[static_cast<std::size_t>(j / 2)];
        nodes.segment<2>(j).setConstant(row.dot(point.z - last));
        differences.col(j) = point.z;
        differences.col(j + 1) = point.tangent / row.dot(point.tangent);
    }
    for (Eigen::Index j = terms - 2; j > 0; j -= 2)
        differences.col(j) =
            (differences.col(j) - differences.col(j - 2)) / (nodes[j] - nodes[j - 2]);
    for (Eigen::Index order = 2; order < terms; ++order)
        for (Eigen::Index j = terms - 1; j >= order; --j)
            differences.col(j) =
                (differences.col(j) - differences.col(j - 1)) / (nodes[j] - nodes[j - order]);
    Vector z = differences.col(terms - 1);
    for (Eigen::Index j = terms - 2; j >= 0; --j) z = z * (sigma - nodes[j]) + differences.col(j);
    return z;
}

Segment::Segment(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b)
    : curve_(curve),
      hermite_{a, b, curve.metric.norm(b.z - a.z)},
      row_(curve.metric.weighted((b.z - a.z) / hermite_.length)) {}

Vector Segment::expected(double theta) const {
    return expected(theta, std::array{hermite_.a, hermite_.b});
}

Vector Segment::expected(double theta, std::span<const BranchPoint> known) const {
    const double s = arclength(theta);
    auto right = std::ranges::lower_bound(known, s, {}, &BranchPoint::arclength);
    right = std::clamp(right, known.begin() + 1, known.end() - 1);
    auto left = right - 1;
    if (right->arclength - left->arclength < too_near * (arclength(1.0) - arclength(0.0)))
        left = right = s - left->arclength < right->arclength - s ? left : right;
    const Vector anchor = hermite_.a.z + theta * (hermite_.b.z - hermite_.a.z);
    return extrapolate(std::span(left, right + 1), row_, row_.dot(anchor - right->z));
}

CurveSolver::Correction Segment::meet(double theta, std::span<const BranchPoint> known) const {
    const Vector guess = expected(theta, known);
    auto found = curve_.correct(guess, {row_, guess}, CurveSolver::Accuracy::rounding);
    if (succeeded(found.status) &&
        curve_.metric.norm(found.point.z - guess) > largest_departure * hermite_.length)
        found.status = Status::step_too_small;
    found.point.arclength = arclength(theta);
    return found;
}

CurveSolver::Correction Segment::at(double theta) const {
    auto found = meet(theta);
    if (succeeded(found.status)) curve_.complete(found);
    return found;
}

CurveSolver::Correction Segment::where(Eigen::Index slot, double value, double theta) const {
    Vector guess = hermite_.position(theta), row = Vector::Zero(guess.size());
    guess[slot] = value;
    row[slot] = std::copysign(1.0, hermite_.direction(theta)[slot]);
    auto found = curve_.correct(guess, {row, guess}, CurveSolver::Accuracy::rounding);
    if (!succeeded(found.status)) return found;
    found.point.arclength = arclength(theta);
    curve_.complete(found);
    return found;
}

Segment::Zero Segment::find_zero(const Value& value, Bracket bracket, double tolerance) const {
    Triple at{bracket.right, bracket.value_right, bracket.left, bracket.value_left, 0.0, 0.0};
    Zero zero;
    double fraction = 0.5;
    std::vector<BranchPoint> known{hermite_.a, hermite_.b};
    for (int k = 0; k < most_evaluations; ++k) {
        double x = at.x1 + fraction * (at.x2 - at.x1);
        auto found = meet(x, known);
        if (!succeeded(
                found.status)) {  // at a branch point itself nothing can be solved: beside it
            x += std::copysign(beside, 0.5 - fraction) * (at.x2 - at.x1);
            found = meet(x, known);
        }
        if (!succeeded(found.status)) {
            zero.status = found.status;
            return zero;
        }
        const double f = value(found);
        if (!std::isfinite(f)) {
            zero.status = Status::non_finite;
            return zero;
        }
        if ((f > 0.0) == (at.f1 > 0.0)) {
            at.x3 = at.x1, at.f3 = at.f1;
        } else {
            at.x3 = at.x2, at.f3 = at.f2;
            at.x2 = at.x1, at.f2 = at.f1;
        }
        at.x1 = x, at.f1 = f;
        zero.theta = x;
        zero.width = f == 0.0 ? tolerance : std::abs(at.x2 - at.x1);
        known.insert(
            std::ranges::lower_bound(known, found.point.arclength, {}, &BranchPoint::arclength),
            found.point);
        zero.at = std::move(found);
        const double smallest = tolerance / zero.width;
        if (smallest > 0.5) {
            zero.status = Status::converged;
            return zero;
        }
        fraction = std::clamp(at.next(), smallest, 1.0 - smallest);
    }
    return zero;
}

}  // namespace cortifold
