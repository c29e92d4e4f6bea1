#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/diagram.hpp>

#include <algorithm>
#include <limits>

namespace cortifold {

namespace {

/// Of a chord: how far from it a point of the branch between its ends lies at most.
constexpr double off_chord = 0.02;

/// Nearer than this, of the largest values along the branch, two cycles differ by their meshes.
constexpr double same_cycle = 1e-5;

/// What does not depend on mesh and phase, of cycles of n states; of homoclinic orbits, which are
/// cut off somewhere, the parameters alone.
Vector invariants(CurveKind kind, const BranchPoint& point, Eigen::Index n) {
    if (kind == CurveKind::homoclinic) return Eigen::Map<const Vector>(point.parameters.data(), 2);
    const CycleProfile profile(point, n);
    const Eigen::Map<const Vector> parameters(point.parameters.data(),
                                              static_cast<Eigen::Index>(point.parameters.size()));
    Vector all(parameters.size() + n + 1);
    all << parameters, profile.mean(), profile.norm();
    return all;
}

/// Of the points of a branch and of its special points between them.
std::vector<Vector> invariants(const Branch& branch, Eigen::Index n) {
    std::vector<Vector> all;
    auto special = branch.special.begin();
    for (std::size_t k = 0; k < branch.points.size(); ++k) {
        all.push_back(invariants(branch.kind, branch.points[k], n));
        for (; special != branch.special.end() && special->after <= k; ++special)
            all.push_back(invariants(branch.kind, special->at, n));
    }
    return all;
}

/// `least`: what sizes are at least.
bool passes_by(const std::vector<Vector>& points, const Vector& at, const Vector& least) {
    Vector size = at.cwiseAbs().cwiseMax(least);
    for (const Vector& point : points) size = size.cwiseMax(point.cwiseAbs());
    for (std::size_t k = 0; k + 1 < points.size(); ++k) {
        const Vector chord = (points[k + 1] - points[k]).cwiseQuotient(size),
                     to = (at - points[k]).cwiseQuotient(size);
        const double length = std::max(chord.norm(), std::numeric_limits<double>::min());
        const double theta = std::clamp(to.dot(chord) / (length * length), 0.0, 1.0);
        if ((to - theta * chord).norm() <= std::max(off_chord * length, same_cycle)) return true;
    }
    return false;
}

}  // namespace

double period_limit(const CurveStart& start) {
    if (start.problem->kind() == CurveKind::homoclinic)
        return std::numeric_limits<double>::infinity();
    start.problem->restore_frame(start.point);  // a run may have left it on another mesh
    return longest_period * start.point.z[start.problem->parameter_slots().back()];
}

std::optional<std::size_t> find_cycles_through(const CurveStart& start,
                                               std::span<const Branch* const> branches,
                                               const ContinuationOptions& options) {
    ContinuationOptions way = options;
    way.direction = start.way;
    way.observer = {};
    const Continuation run(start.problem, start.point, way);
    if (run.branch().points.empty()) return std::nullopt;
    const BranchPoint& point = run.branch().points.front();
    const Eigen::Index n = point.minimum.size();
    const Vector at = invariants(start.problem->kind(), point, n);
    Vector least = Vector::Constant(at.size(), std::numeric_limits<double>::min());
    if (start.problem->kind() == CurveKind::homoclinic)
        least.tail(n) = point.maximum - point.minimum;  // a saddle's state may be 0
    for (std::size_t k = 0; k < branches.size(); ++k)
        if (branches[k]->kind == start.problem->kind() &&
            passes_by(invariants(*branches[k], n), at, least))
            return k;
    return std::nullopt;
}

}  // namespace cortifold
