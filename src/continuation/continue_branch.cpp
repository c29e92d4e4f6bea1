#include "events.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cortifold {

namespace {

Branch run_to_end(const std::shared_ptr<ZeroProblem>& problem, const BranchPoint& start,
                  const ContinuationOptions& options) {
    Continuation run(problem, start, options);
    while (run.advance()) {
    }
    return std::move(run).take();
}

/// A start at a special point lets both directions find it.
bool is_same(const SpecialPoint& a, const SpecialPoint& b) {
    if (a.at.z.size() != b.at.z.size()) return false;
    const Vector size = a.at.z.cwiseAbs().cwiseMax(b.at.z.cwiseAbs()).array() + same_point;
    return a.type == b.type && a.label == b.label &&
           (a.at.z - b.at.z).cwiseQuotient(size).cwiseAbs().maxCoeff() <= same_point;
}

/// `back` turned round, then `forth`; they share their first point.
Branch join(Branch back, Branch forth) {
    reverse(back);
    const std::size_t shared = back.points.size() - 1;
    back.points.pop_back();
    std::ranges::move(forth.points, std::back_inserter(back.points));
    for (SpecialPoint& special : forth.special) {
        special.after += shared;
        if (!back.special.empty() && is_same(back.special.back(), special)) continue;
        back.special.push_back(std::move(special));
    }
    if (back.message != forth.message) back.message += "; other end: " + forth.message;
    if (!succeeded(forth.status) || back.status == Status::reached_end) back.status = forth.status;
    return back;
}

}  // namespace

Branch continue_branch(const std::shared_ptr<ZeroProblem>& problem, const BranchPoint& start,
                       const ContinuationOptions& options) {
    if (options.direction != Direction::both) return run_to_end(problem, start, options);
    ContinuationOptions one = options;
    BranchPoint turned = start;
    turned.tangent = -turned.tangent;
    one.direction = start.tangent.size() > 0 ? Direction::along : Direction::decreasing;
    Branch back = run_to_end(problem, turned, one);
    if (back.points.empty() || back.status == Status::closed_branch ||
        back.status == Status::stopped_by_observer)
        return back;
    turned = back.points.front();
    turned.tangent = -turned.tangent;
    one.direction = Direction::along;
    return join(std::move(back), run_to_end(problem, turned, one));
}

}  // namespace cortifold
