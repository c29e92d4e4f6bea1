#include <cortifold/continuation/diagram.hpp>

#include <algorithm>
#include <limits>

namespace cortifold {

namespace {

/// Of a chord: how far from it a point of the branch between its ends lies at most.
constexpr double off_chord = 0.02;

/// What does not depend on mesh and phase.
Vector invariants(const BranchPoint& point) {
    const Eigen::Map<const Vector> parameters(point.parameters.data(),
                                              static_cast<Eigen::Index>(point.parameters.size()));
    Vector all(parameters.size() + point.minimum.size() + point.maximum.size());
    all << parameters, point.minimum, point.maximum;
    return all;
}

bool passes_by(const Branch& branch, const Vector& at) {
    Vector size = at.cwiseAbs().cwiseMax(std::numeric_limits<double>::min());
    for (const BranchPoint& point : branch.points)
        size = size.cwiseMax(invariants(point).cwiseAbs());
    for (std::size_t k = 0; k + 1 < branch.points.size(); ++k) {
        const Vector a = invariants(branch.points[k]).cwiseQuotient(size),
                     chord = invariants(branch.points[k + 1]).cwiseQuotient(size) - a,
                     to = at.cwiseQuotient(size) - a;
        const double theta = std::clamp(to.dot(chord) / chord.squaredNorm(), 0.0, 1.0);
        if ((to - theta * chord).norm() <= off_chord * chord.norm()) return true;
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
    const Vector at = invariants(run.branch().points.front());
    for (std::size_t k = 0; k < branches.size(); ++k)
        if (branches[k]->kind == start.problem->kind() && passes_by(*branches[k], at)) return k;
    return std::nullopt;
}

}  // namespace cortifold
