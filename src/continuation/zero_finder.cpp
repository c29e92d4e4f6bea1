#include "zero_finder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cortifold {

namespace {

// Tolerances of a bracket, in parts of a step.
constexpr double near_enough = 1e-4;  ///< for Newton's method on a defining system
constexpr double closed = 1e-14;      ///< to rounding
/// Zeros as near as this are one event seen by two functions.
constexpr double same_place = 1e-5;
constexpr double same_end = 0.05;  ///< of the curve, where all that happens is its end
/// A defining system that converges farther off than this found something else.
constexpr double largest_shift = 0.1, largest_shift_of_cycles = 1.0;
/// Real parts below this part of the largest eigenvalue are rounding.
constexpr double spectrum_noise = 1e-11;
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double same_event = 1e-7;  ///< apart, in scaled unknowns
/// The defining system of a fold is singular at a branch point, and stops as near to it as this.
constexpr double degenerate = 1e-4;
/// The eigenvalue of a fold is zero where the fold is, but for what a bracket leaves open.
constexpr double same_zero = 1e-6;

using Correction = CurveSolver::Correction;

}  // namespace

double Watched::noise(const BranchPoint& a, const BranchPoint& b) const {
    if (!in_spectrum) return test->noise();
    if (a.spectrum_errors.size() > 0 && b.spectrum_errors.size() > 0)
        return std::max(a.spectrum_errors[number], b.spectrum_errors[number]);
    return spectrum_noise *
           std::max(a.spectrum.cwiseAbs().maxCoeff(), b.spectrum.cwiseAbs().maxCoeff());
}

Watched watch_test(const CurveSolver& curve, std::size_t number) {
    return {curve.tests()[number].get(), {}, static_cast<Eigen::Index>(number), false};
}

Watched watch_crossing(const CurveSolver& curve, Eigen::Index place) {
    auto own = curve.problem().crossing(place);
    const TestFunction* test = own.get();
    return {test, std::move(own), place, true};
}

ZeroFinder::ZeroFinder(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b,
                       std::vector<Resolved>* resolved)
    : curve_(curve),
      segment_(curve, a, b),
      hermite_{a, b, segment_.length()},
      resolved_(resolved) {}

Status ZeroFinder::look(const Watched& watched, const Segment::Bracket& bracket) {
    const bool exact = watched.test->exact();
    auto zero = find_zero(watched, bracket, exact ? closed : near_enough);
    if (!succeeded(zero.status)) return zero.status;
    const double end = std::max(std::abs(bracket.value_left), std::abs(bracket.value_right));
    if (exact && std::abs(watched.at(zero.at.point)) > end) return Status::converged;  // a pole
    if (is_explained(watched, zero)) return Status::converged;
    auto special = resolve(watched, zero, bracket);
    if (special && special->type == PointType::unresolved && !exact) {
        // As near as it goes, where a multiple point differs from several simple ones.
        auto closer = find_zero(watched, bracket, closed);
        if (closer.at.at.bordered) special = resolve(watched, closer, bracket);
    }
    if (special && !is_known(*special)) found_.push_back({zero.theta, std::move(*special)});
    return Status::converged;
}

bool ZeroFinder::explains(Eigen::Index crossings) const {
    return found_.size() == 1 && found_.front().special.multiplicity == crossings &&
           (is_fold(found_.front().special.type) || is_branch_point(found_.front().special.type));
}

std::vector<SpecialPoint> ZeroFinder::points() && {
    std::ranges::stable_sort(found_, {},
                             [](const Found& found) { return found.special.at.arclength; });
    std::vector<SpecialPoint> points;
    for (Found& found : found_) points.push_back(std::move(found.special));
    return points;
}

Segment::Zero ZeroFinder::find_zero(const Watched& watched, const Segment::Bracket& bracket,
                                    double tolerance) const {
    const bool describes = watched.in_spectrum || watched.test->needs_description();
    const auto value = [&](Correction& found) {
        if (!describes) return watched.test->value(found.point, found.at);
        curve_.complete(found);
        return watched.at(found.point);
    };
    auto zero = segment_.find_zero(value, bracket, tolerance);
    if (!describes && zero.at.at.bordered) curve_.complete(zero.at);
    return zero;
}

std::optional<SpecialPoint> ZeroFinder::resolve(const Watched& watched, const Segment::Zero& zero,
                                                const Segment::Bracket& bracket) {
    if (resolved_ == nullptr) return resolve_anew(watched, zero, bracket);
    const double within = zero.width * segment_.length();
    const bool oscillates =
        watched.in_spectrum && zero.at.point.spectrum[watched.number].imag() != 0.0;
    const auto before = std::ranges::find_if(*resolved_, [&](const Resolved& other) {
        return other.in_spectrum == watched.in_spectrum && other.number == watched.number &&
               other.oscillates == oscillates &&
               curve_.metric.norm(other.zero - zero.at.point.z) <= other.within + within;
    });
    if (before != resolved_->end()) return before->special;
    auto special = resolve_anew(watched, zero, bracket);
    if (special && special->type != PointType::unresolved)
        resolved_->push_back(
            {watched.in_spectrum, watched.number, oscillates, zero.at.point.z, within, *special});
    return special;
}

std::optional<SpecialPoint> ZeroFinder::resolve_anew(const Watched& watched,
                                                     const Segment::Zero& zero,
                                                     const Segment::Bracket& bracket) const {
    auto special = watched.test->resolve(zero.at.point);
    if (!special) return special;
    if (special->error == 0.0)
        special->error = parameter_error(zero) + spectrum_error(watched, zero, bracket);
    const double shift = curve_.metric.norm(special->at.z - zero.at.point.z);
    const double farthest =
        curve_.problem().kind() == CurveKind::cycle ? largest_shift_of_cycles : largest_shift;
    if (special->type != PointType::unresolved && shift > farthest * segment_.length()) {
        special->note = "the defining system of a " + std::string(to_string(special->type)) +
                        " converged to another point";
        special->type = PointType::unresolved;
        special->at = zero.at.point;
    }
    Vector along = hermite_.direction(zero.theta);
    along /= curve_.metric.norm(along);
    special->at.arclength =
        zero.at.point.arclength + curve_.metric.dot(along, special->at.z - zero.at.point.z);
    // There a corrected point's own tangent may lie anywhere in the kernel.
    if (is_branch_point(special->type)) special->at.tangent = along;
    return special;
}

double ZeroFinder::parameter_error(const Segment::Zero& zero) const {
    double error = 0.0;
    for (const Eigen::Index slot : curve_.problem().parameter_slots())
        error =
            std::max({error, std::abs(zero.at.point.tangent[slot]) * zero.width * segment_.length(),
                      epsilon * std::abs(zero.at.point.z[slot])});
    return error;
}

double ZeroFinder::spectrum_error(const Watched& watched, const Segment::Zero& zero,
                                  const Segment::Bracket& bracket) const {
    const double noise = watched.noise(zero.at.point, zero.at.point),
                 change = std::abs(bracket.value_right - bracket.value_left);
    if (!watched.in_spectrum || change == 0.0) return 0.0;
    const double off = zero.at.point.spectrum.real().cwiseAbs().minCoeff() + noise;
    // Of the first parameter, were the step as it is at the zero.
    const double along =
        zero.at.point.tangent[curve_.problem().parameter_slots().front()] * segment_.length();
    return std::abs(along) * off / change;
}

bool ZeroFinder::is_explained(const Watched& watched, const Segment::Zero& zero) {
    if (std::ranges::any_of(found_, [&](const Found& other) {
            return curve_.problem().ends_at(other.special) &&
                   (watched.in_spectrum || std::abs(other.theta - zero.theta) < same_end);
        }))
        return true;
    const bool fold = is_fold(watched.test->type());
    if (watched.in_spectrum ? zero.at.point.spectrum[watched.number].imag() != 0.0 : !fold)
        return false;
    const auto is_here = [&](double theta) { return std::abs(theta - zero.theta) < same_place; };
    auto eigenvalues = -std::ranges::count_if(explained_, is_here);
    for (const auto& [theta, special] : found_)
        if (is_here(theta) && (is_branch_point(special.type) || (!fold && is_fold(special.type))))
            eigenvalues += special.multiplicity;
    if (eigenvalues <= 0) return false;
    if (watched.in_spectrum) explained_.push_back(zero.theta);
    return true;
}

bool ZeroFinder::is_known(const SpecialPoint& special) const {
    return std::ranges::any_of(found_, [&](const Found& other) {
        return is_same_event(curve_.metric, other.special, special);
    });
}

bool is_same_event(const Metric& metric, const SpecialPoint& known, const SpecialPoint& found) {
    if (known.at.z.size() != found.at.z.size()) return false;
    const Vector apart = known.at.z - found.at.z;
    const bool vague = is_fold(found.type) || found.type == PointType::unresolved;
    if (is_branch_point(known.type) && vague) return metric.norm(apart) < degenerate;
    if (is_fold(known.type) && found.type == PointType::unresolved)
        return metric.norm(apart) < same_zero;
    return known.type == found.type && known.label == found.label &&
           std::abs(known.frequency - found.frequency) <= same_event * found.frequency &&
           metric.max_norm(apart) < same_event;
}

}  // namespace cortifold
