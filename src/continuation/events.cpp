#include "events.hpp"

#include "zero_finder.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

namespace cortifold {

namespace {

constexpr int most_halvings = 6;  ///< of a step whose events do not account for what changed

/// A zero at the right end counts, one at the left end only where a run starts: else it was the
/// right end of the step before.
bool sign_changes(const Watched& watched, const BranchPoint& a, const BranchPoint& b) {
    const double left = watched.at(a), right = watched.at(b);
    if (!std::isfinite(left) || !std::isfinite(right)) return false;
    if (std::max(std::abs(left), std::abs(right)) <= watched.noise(a, b)) return false;
    if (left == 0.0) return a.arclength == 0.0 && right != 0.0;
    return right == 0.0 || (left > 0.0) != (right > 0.0);
}

/// Places in the order of real parts whose eigenvalue changes sides.
std::pair<Eigen::Index, Eigen::Index> crossing_places(const BranchPoint& a, const BranchPoint& b) {
    if (!a.n_unstable || !b.n_unstable) return {0, 0};
    return std::minmax<Eigen::Index>(*a.n_unstable, *b.n_unstable);
}

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

/// Whether the events account for the change; where it is not known, a point is unresolved, or the
/// branch ends at one, there is nothing to hold them to.
bool account_for(const std::vector<SpecialPoint>& events, const CurveSolver& curve,
                 const BranchPoint& a, const BranchPoint& b) {
    const CurveKind kind = curve.problem().kind();
    if ((kind != CurveKind::equilibrium && kind != CurveKind::cycle) || !a.n_unstable ||
        !b.n_unstable)
        return true;
    return std::ranges::any_of(events,
                               [&](const SpecialPoint& event) {
                                   return event.type == PointType::unresolved ||
                                          curve.problem().ends_at(event);
                               }) ||
           possible_changes(events).contains(*b.n_unstable - *a.n_unstable);
}

Events find_events_once(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b,
                        std::vector<Resolved>& resolved) {
    ZeroFinder finder(curve, a, b, &resolved);
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
                      std::vector<Resolved>& resolved, int halvings) {
    Events whole = find_events_once(curve, a, b, resolved);
    if (!succeeded(whole.status) || halvings == 0 || account_for(whole.points, curve, a, b))
        return whole;
    const auto middle = Segment(curve, a, b).at(0.5);
    if (!succeeded(middle.status)) return whole;
    Events left = find_events_in(curve, a, middle.point, resolved, halvings - 1),
           right = find_events_in(curve, middle.point, b, resolved, halvings - 1);
    if (!succeeded(left.status) || !succeeded(right.status)) return whole;
    std::ranges::move(right.points, std::back_inserter(left.points));
    return left;
}

}  // namespace

Events find_events(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b) {
    std::vector<Resolved> resolved;
    return find_events_in(curve, a, b, resolved, most_halvings);
}

}  // namespace cortifold
