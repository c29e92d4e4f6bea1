#include "events.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
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
constexpr double worth_a_look = 0.5;  ///< how far a dip must promise to fall
constexpr int most_dip_steps = 8;
constexpr int most_halvings = 6;  ///< of a step whose events do not account for what changed

using Correction = CurveSolver::Correction;

/// A function whose zeros are looked for: a test function of the run, or the real part of the
/// eigenvalue at a place of the spectrum.
struct Watched {
    const TestFunction* test = nullptr;
    std::unique_ptr<TestFunction> own{};
    Eigen::Index number = 0;  ///< of the test, or place in the spectrum
    bool in_spectrum = false;

    [[nodiscard]] double at(const BranchPoint& point) const {
        return in_spectrum ? point.spectrum[number].real() : point.tests[number];
    }
    [[nodiscard]] double noise(const BranchPoint& a, const BranchPoint& b) const {
        if (!in_spectrum) return test->noise();
        if (a.spectrum_errors.size() > 0 && b.spectrum_errors.size() > 0)
            return std::max(a.spectrum_errors[number], b.spectrum_errors[number]);
        return spectrum_noise *
               std::max(a.spectrum.cwiseAbs().maxCoeff(), b.spectrum.cwiseAbs().maxCoeff());
    }
};

Watched watch_test(const CurveSolver& curve, std::size_t number) {
    return {curve.tests()[number].get(), {}, static_cast<Eigen::Index>(number), false};
}

Watched watch_crossing(const CurveSolver& curve, Eigen::Index place) {
    auto own = curve.problem().crossing(place);
    const TestFunction* test = own.get();
    return {test, std::move(own), place, true};
}

/// A zero at the right end counts, one at the left end only where a run starts: else it was the
/// right end of the step before.
bool sign_changes(const Watched& watched, const BranchPoint& a, const BranchPoint& b) {
    const double left = watched.at(a), right = watched.at(b);
    if (!std::isfinite(left) || !std::isfinite(right)) return false;
    if (std::max(std::abs(left), std::abs(right)) <= watched.noise(a, b)) return false;
    if (left == 0.0) return a.arclength == 0.0 && right != 0.0;
    return right == 0.0 || (left > 0.0) != (right > 0.0);
}

/// Zeros of a step in the order they are found.
class Finder {
public:
    Finder(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b)
        : curve_(curve), segment_(curve, a, b), hermite_{a, b, segment_.length()} {}

    /// Looks between two positions of the step; a status where points there cannot be had.
    Status look(const Watched& watched, const Segment::Bracket& bracket) {
        const auto value = [&](const Correction& found) { return watched.at(found.point); };
        const bool exact = watched.test->exact();
        auto zero = segment_.find_zero(value, bracket, exact ? closed : near_enough);
        if (!succeeded(zero.status)) return zero.status;
        const double end = std::max(std::abs(bracket.value_left), std::abs(bracket.value_right));
        if (exact && std::abs(value(zero.at)) > end) return Status::converged;  // a pole
        if (is_explained(watched, zero)) return Status::converged;
        auto special = resolve(watched, zero, bracket);
        if (special && special->type == PointType::unresolved && !exact) {
            // As near as it goes, where a multiple point differs from several simple ones.
            auto closer = segment_.find_zero(value, bracket, closed);
            if (closer.at.at.bordered) special = resolve(watched, closer, bracket);
        }
        if (special && !is_known(*special)) found_.push_back({zero.theta, std::move(*special)});
        return Status::converged;
    }

    /// Whether the only point that was found is a fold or a branch point with as many real
    /// eigenvalues as change sides; then no other does.
    [[nodiscard]] bool explains(Eigen::Index crossings) const {
        return found_.size() == 1 && found_.front().special.multiplicity == crossings &&
               (is_fold(found_.front().special.type) ||
                is_branch_point(found_.front().special.type));
    }

    [[nodiscard]] std::vector<SpecialPoint> points() && {
        std::ranges::stable_sort(found_, {},
                                 [](const Found& found) { return found.special.at.arclength; });
        std::vector<SpecialPoint> points;
        for (Found& found : found_) points.push_back(std::move(found.special));
        return points;
    }

    [[nodiscard]] const Segment& segment() const { return segment_; }

private:
    struct Found {
        double theta = 0.0;
        SpecialPoint special;
    };

    [[nodiscard]] std::optional<SpecialPoint> resolve(const Watched& watched,
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
        const Vector along = unit(hermite_.direction(zero.theta));
        special->at.arclength =
            zero.at.point.arclength + curve_.metric.dot(along, special->at.z - zero.at.point.z);
        // There a corrected point's own tangent may lie anywhere in the kernel.
        if (is_branch_point(special->type)) special->at.tangent = along;
        return special;
    }

    [[nodiscard]] Vector unit(const Vector& direction) const {
        return direction / curve_.metric.norm(direction);
    }

    /// What the bracket and rounding leave open.
    [[nodiscard]] double parameter_error(const Segment::Zero& zero) const {
        double error = 0.0;
        for (const Eigen::Index slot : curve_.problem().parameter_slots())
            error = std::max(
                {error, std::abs(zero.at.point.tangent[slot]) * zero.width * segment_.length(),
                 epsilon * std::abs(zero.at.point.z[slot])});
        return error;
    }

    /// How far the parameter may be off for an eigenvalue that is not quite zero, by its slope.
    [[nodiscard]] double spectrum_error(const Watched& watched, const Segment::Zero& zero,
                                        const Segment::Bracket& bracket) const {
        const double noise = watched.noise(zero.at.point, zero.at.point),
                     change = std::abs(bracket.value_right - bracket.value_left);
        if (!watched.in_spectrum || change == 0.0) return 0.0;
        const double off = zero.at.point.spectrum.cwiseAbs().minCoeff() + noise;
        return std::abs(parameter_change(zero)) * off / change;
    }

    /// Of the first parameter, were the step as it is at the zero.
    [[nodiscard]] double parameter_change(const Segment::Zero& zero) const {
        return zero.at.point.tangent[curve_.problem().parameter_slots().front()] *
               segment_.length();
    }

    /// A real eigenvalue passes through zero at folds and branch points, and where a branch that
    /// bends back at a pitchfork looks like a fold there is a branch point: others found them.
    [[nodiscard]] bool is_explained(const Watched& watched, const Segment::Zero& zero) {
        if (std::ranges::any_of(found_, [&](const Found& other) {
                return curve_.problem().ends_at(other.special) &&
                       (watched.in_spectrum || std::abs(other.theta - zero.theta) < same_end);
            }))
            return true;
        const bool fold = is_fold(watched.test->type());
        if (watched.in_spectrum ? zero.at.point.spectrum[watched.number].imag() != 0.0 : !fold)
            return false;
        const auto is_here = [&](double theta) {
            return std::abs(theta - zero.theta) < same_place;
        };
        auto eigenvalues = -std::ranges::count_if(explained_, is_here);
        for (const auto& [theta, special] : found_)
            if (is_here(theta) &&
                (is_branch_point(special.type) || (!fold && is_fold(special.type))))
                eigenvalues += special.multiplicity;
        if (eigenvalues <= 0) return false;
        if (watched.in_spectrum) explained_.push_back(zero.theta);
        return true;
    }

    [[nodiscard]] bool is_known(const SpecialPoint& special) const {
        return std::ranges::any_of(found_, [&](const Found& other) {
            return is_same_event(curve_.metric, other.special, special);
        });
    }

    const CurveSolver& curve_;
    Segment segment_;
    HermiteCurve hermite_;
    std::vector<Found> found_;
    std::vector<double> explained_;  ///< where eigenvalues cross at the points found
};

/// Places in the order of real parts whose eigenvalue changes sides.
std::pair<Eigen::Index, Eigen::Index> crossing_places(const BranchPoint& a, const BranchPoint& b) {
    if (!a.n_unstable || !b.n_unstable) return {0, 0};
    return std::minmax<Eigen::Index>(*a.n_unstable, *b.n_unstable);
}

struct Sample {
    double s, value;
};
/// Where the parabola through three samples has its vertex, and its value there.
Sample vertex(const std::array<Sample, 3>& at) {
    const double h1 = at[1].s - at[0].s, h2 = at[2].s - at[1].s;
    const double d1 = (at[1].value - at[0].value) / h1, d2 = (at[2].value - at[1].value) / h2;
    const double curvature = (d2 - d1) / (h1 + h2), slope = d1 + curvature * h1;
    const double shift = -slope / (2.0 * curvature);
    return {at[1].s + shift, at[1].value + shift * (slope + curvature * shift)};
}

template <std::size_t N>
std::array<Sample, N> samples(std::span<const BranchPoint, N> points, const auto& value) {
    std::array<Sample, N> at;
    for (std::size_t k = 0; k < N; ++k) at[k] = {points[k].arclength, value(points[k])};
    return at;
}

template <std::size_t N>
bool on_one_side(const std::array<Sample, N>& at) {
    return std::ranges::all_of(at, [&](const Sample& sample) {
        return std::isfinite(sample.value) && (sample.value > 0.0) == (at[1].value > 0.0);
    });
}

/// Whether |value| falls towards the middle, and by a parabola much farther.
bool is_dip(const std::array<Sample, 3>& at) {
    const double middle = std::abs(at[1].value);
    if (!on_one_side(at) || !(middle < std::abs(at[0].value) && middle < std::abs(at[2].value)))
        return false;
    const Sample bottom = vertex(at);
    return bottom.s > at[0].s && bottom.s < at[2].s && bottom.value / at[1].value < worth_a_look;
}

/// Follows a dip of |value| over two steps down to a change of sign.
class Dip {
public:
    Dip(const CurveSolver& curve, std::span<const BranchPoint, 3> points, const Watched& watched)
        : points_(points),
          watched_(watched),
          finders_{Finder(curve, points[0], points[1]), Finder(curve, points[1], points[2])} {}

    void follow(std::vector<SpecialPoint>& found) {
        auto at = samples<3>(points_, [&](const BranchPoint& point) { return watched_.at(point); });
        for (int k = 0; k < most_dip_steps && is_dip(at); ++k) {
            const Sample bottom = vertex(at);
            const std::size_t half = bottom.s < points_[1].arclength ? 0 : 1;
            const auto trial = finders_[half].segment().at(theta(half, bottom.s));
            if (!succeeded(trial.status)) return;
            const double value = watched_.at(trial.point);
            if (!std::isfinite(value)) return;
            if ((value > 0.0) != (at[1].value > 0.0)) {
                if (std::abs(value) > watched_.noise(points_[0], points_[2]))
                    split(half, {bottom.s, value}, found);
                return;
            }
            narrow(at, {bottom.s, value});
        }
    }

private:
    [[nodiscard]] double theta(std::size_t half, double s) const {
        const double from = points_[half].arclength;
        return (s - from) / (points_[half + 1].arclength - from);
    }

    static void narrow(std::array<Sample, 3>& at, const Sample& next) {
        const bool right = next.s > at[1].s;
        if (std::abs(next.value) < std::abs(at[1].value)) {
            at[right ? 0 : 2] = at[1];
            at[1] = next;
        } else {
            at[right ? 2 : 0] = next;
        }
    }

    void split(std::size_t half, const Sample& bottom, std::vector<SpecialPoint>& found) {
        Finder& finder = finders_[half];
        const double middle = theta(half, bottom.s);
        const double left = watched_.at(points_[half]), right = watched_.at(points_[half + 1]);
        (void)finder.look(watched_, {0.0, left, middle, bottom.value});
        (void)finder.look(watched_, {middle, bottom.value, 1.0, right});
        for (SpecialPoint& point : std::move(finder).points()) {
            point.after = half;
            found.push_back(std::move(point));
        }
    }

    std::span<const BranchPoint, 3> points_;
    const Watched& watched_;
    std::array<Finder, 2> finders_;
};

/// Two lines, each through two samples, that meet at a zero or beyond between the second and the
/// third: eigenvalues that cross in opposite directions make |value| a kink there, which no
/// parabola follows.
std::optional<double> meeting_beyond_zero(const std::array<Sample, 4>& at) {
    if (!on_one_side(at)) return std::nullopt;
    const double left = (at[1].value - at[0].value) / (at[1].s - at[0].s),
                 right = (at[3].value - at[2].value) / (at[3].s - at[2].s);
    const double s =
        (at[2].value - at[1].value + left * at[1].s - right * at[2].s) / (left - right);
    if (!(s > at[1].s && s < at[2].s)) return std::nullopt;
    const double value = at[1].value + left * (s - at[1].s);
    if (value / at[1].value > worth_a_look) return std::nullopt;
    return s;
}

void follow_kink(const CurveSolver& curve, std::span<const BranchPoint, 4> points,
                 const Watched& watched, std::vector<SpecialPoint>& found) {
    const auto at = samples<4>(points, [&](const BranchPoint& point) { return watched.at(point); });
    const auto meeting = meeting_beyond_zero(at);
    if (!meeting) return;
    Finder finder(curve, points[1], points[2]);
    const double middle = (*meeting - at[1].s) / (at[2].s - at[1].s);
    const auto trial = finder.segment().at(middle);
    if (!succeeded(trial.status)) return;
    const double value = watched.at(trial.point);
    if (!std::isfinite(value) || (value > 0.0) == (at[1].value > 0.0) ||
        std::abs(value) <= watched.noise(points[1], points[2]))
        return;
    (void)finder.look(watched, {0.0, at[1].value, middle, value});
    (void)finder.look(watched, {middle, value, 1.0, at[2].value});
    for (SpecialPoint& point : std::move(finder).points()) {
        point.after = 1;
        found.push_back(std::move(point));
    }
}

}  // namespace

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

namespace {

/// By how much the events of a step can change the number of unstable eigenvalues: a branch point,
/// met on a branch that bends back, need not.
std::set<int> possible_changes(const std::vector<SpecialPoint>& events) {
    std::set<int> changes{0};
    for (const SpecialPoint& event : events) {
        if (event.type == PointType::user || event.type == PointType::neutral_saddle) continue;
        const bool pair = event.type == PointType::hopf || event.type == PointType::torus;
        const int size = pair ? 2 * event.multiplicity : event.multiplicity;
        std::set<int> next;
        for (const int change : changes) {
            next.insert({change - size, change + size});
            if (is_branch_point(event.type)) next.insert(change);
        }
        changes = std::move(next);
    }
    return changes;
}

/// Whether the events account for the change; where it is not known, or a point is unresolved,
/// there is nothing to hold them to.
bool account_for(const std::vector<SpecialPoint>& events, const CurveSolver& curve,
                 const BranchPoint& a, const BranchPoint& b) {
    const CurveKind kind = curve.problem().kind();
    if ((kind != CurveKind::equilibrium && kind != CurveKind::cycle) || !a.n_unstable ||
        !b.n_unstable)
        return true;
    return std::ranges::any_of(
               events,
               [](const SpecialPoint& event) { return event.type == PointType::unresolved; }) ||
           possible_changes(events).contains(*b.n_unstable - *a.n_unstable);
}

Events find_events_once(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b) {
    Finder finder(curve, a, b);
    const auto look = [&](const Watched& watched) {
        if (!sign_changes(watched, a, b)) return Status::converged;
        return finder.look(watched, {0.0, watched.at(a), 1.0, watched.at(b)});
    };
    for (std::size_t k = 0; k < curve.tests().size(); ++k)
        if (const Status status = look(watch_test(curve, k)); !succeeded(status)) return {status};
    const auto [low, high] = crossing_places(a, b);
    if (finder.explains(high - low)) return {Status::converged, std::move(finder).points()};
    for (Eigen::Index place = low; place < high; ++place)
        if (const Status status = look(watch_crossing(curve, place)); !succeeded(status))
            return {status};
    return {Status::converged, std::move(finder).points()};
}

Events find_events_in(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b,
                      int halvings) {
    Events whole = find_events_once(curve, a, b);
    if (!succeeded(whole.status) || halvings == 0 || account_for(whole.points, curve, a, b))
        return whole;
    const auto middle = Segment(curve, a, b).at(0.5);
    if (!succeeded(middle.status)) return whole;
    Events left = find_events_in(curve, a, middle.point, halvings - 1),
           right = find_events_in(curve, middle.point, b, halvings - 1);
    if (!succeeded(left.status) || !succeeded(right.status)) return whole;
    std::ranges::move(right.points, std::back_inserter(left.points));
    return left;
}

}  // namespace

Events find_events(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b) {
    return find_events_in(curve, a, b, most_halvings);
}

std::vector<SpecialPoint> find_hidden_events(const CurveSolver& curve,
                                             std::span<const BranchPoint> points) {
    const auto last = points.last<3>();
    std::vector<SpecialPoint> found;
    // Most functions are nowhere near to zero: their values tell before anything is set up.
    const auto look = [&](const auto& value, const auto& watch) {
        const bool dip = is_dip(samples<3>(last, value)),
                   kink = points.size() > 3 &&
                          meeting_beyond_zero(samples<4>(points.first<4>(), value));
        if (!dip && !kink) return;
        const Watched watched = watch();
        if (std::abs(value(last[1])) <= watched.noise(last[0], last[2])) return;
        const std::size_t before = found.size();
        if (dip) Dip(curve, last, watched).follow(found);
        for (std::size_t k = before; k < found.size(); ++k) found[k].after += points.size() - 3;
        if (kink) follow_kink(curve, points.first<4>(), watched, found);
    };
    for (std::size_t k = 0; k < curve.tests().size(); ++k)
        look([k](const BranchPoint& point) { return point.tests[static_cast<Eigen::Index>(k)]; },
             [&] { return watch_test(curve, k); });
    const auto& unstable = last[1].n_unstable;
    if (unstable && std::ranges::all_of(points, [&](const BranchPoint& point) {
            return point.n_unstable && point.spectrum.size() == last[1].spectrum.size();
        }))
        for (const Eigen::Index place : {*unstable - 1, *unstable})
            if (place >= 0 && place < last[1].spectrum.size())
                look([place](const BranchPoint& point) { return point.spectrum[place].real(); },
                     [&] { return watch_crossing(curve, place); });
    return found;
}

}  // namespace cortifold
