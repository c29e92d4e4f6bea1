// What points in a row step over.
#include "events.hpp"
#include "zero_finder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace cortifold {

namespace {

constexpr double worth_a_look = 0.5;  ///< how far a dip must promise to fall
constexpr int most_dip_steps = 8;

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
          finders_{ZeroFinder(curve, points[0], points[1]),
                   ZeroFinder(curve, points[1], points[2])} {}

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
        ZeroFinder& finder = finders_[half];
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
    std::array<ZeroFinder, 2> finders_;
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
    ZeroFinder finder(curve, points[1], points[2]);
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
