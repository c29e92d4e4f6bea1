#include "events.hpp"

namespace cortifold {

namespace {

constexpr double nearby = 0.5;  ///< of a chord: a segment farther off cannot pass here

/// Whether the point where the curve crosses the plane through z across the chord is z itself.
bool is_on_segment(const CurveSolver& curve, const BranchPoint& a, const BranchPoint& b,
                   const Vector& z) {
    const Vector chord = b.z - a.z;
    const double length = curve.metric.norm(chord);
    const double theta = curve.metric.dot(chord, z - a.z) / (length * length);
    if (!(theta > -same_point && theta < 1.0 + same_point)) return false;
    const Vector guess = a.z + theta * chord;
    if (curve.metric.norm(guess - z) > nearby * length) return false;
    const auto at = curve.correct(guess, {curve.metric.weighted(chord / length), z});
    return succeeded(at.status) && curve.metric.max_norm(at.point.z - z) < same_point;
}

bool passes_through(const Branch& branch, const CurveSolver& curve, const Vector& z) {
    for (std::size_t k = 0; k + 1 < branch.points.size(); ++k)
        if (is_on_segment(curve, branch.points[k], branch.points[k + 1], z)) return true;
    return false;
}

}  // namespace

std::optional<std::size_t> find_branch_through(const CurveStart& start,
                                               std::span<const Branch* const> branches,
                                               const ContinuationOptions& options) {
    ContinuationOptions way = options;
    way.direction = start.way;
    way.observer = {};
    const Continuation run(start.problem, start.point, way);
    if (run.branch().points.empty()) return std::nullopt;
    const Vector& z = run.branch().points.front().z;
    CurveSolver curve(*start.problem, options);
    curve.metric.follow(z);
    for (std::size_t k = 0; k < branches.size(); ++k)
        if (branches[k]->kind == start.problem->kind() && passes_through(*branches[k], curve, z))
            return k;
    return std::nullopt;
}

}  // namespace cortifold
