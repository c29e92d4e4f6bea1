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

/// What does not depend on mesh and phase, of cycles of n states.
Vector invariants(const BranchPoint& point, Eigen::Index n) {
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
        all.push_back(invariants(branch.points[k], n));
        for (; special != branch.special.end() && special->after <= k; ++special)
            all.push_back(invariants(special->at, n));
    }
    return all;
}

bool passes_by(const std::vector<Vector>& points, const Vector& at) {
    Vector size = at.cwiseAbs().cwiseMax(std::numeric_limits<double>::min());
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

double first_period(const CurveStart& start) {
    start.problem->restore_frame(start.point);  // a run may have left it on another mesh
    return start.point.z[start.problem->parameter_slots().back()];
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
    const Vector at = invariants(point, n);
    for (std::size_t k = 0; k < branches.size(); ++k)
        if (branches[k]->kind == start.problem->kind() &&
            passes_by(invariants(*branches[k], n), at))
            return k;
    return std::nullopt;
}

}  // namespace cortifold
