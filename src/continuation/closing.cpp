#include "closing.hpp"

#include "events.hpp"

#include <algorithm>
#include <limits>

namespace cortifold {

namespace {

constexpr double safe_skip = 4.0;  ///< the metric of a run changes: arclengths may be this far off
constexpr std::size_t few_points = 4;  ///< a branch of fewer is not closed
/// Of cycles: how far from the chord of a step one may lie that it passes, in parts of it, and how
/// much equal ones differ.
constexpr double off_the_chord = 0.1, same_shape = 1e-5;

bool passes_through(const CurveSolver& curve, const BranchPoint& earlier, const BranchPoint& last,
                    const BranchPoint& to) {
    const Vector row = curve.metric.weighted(earlier.tangent);
    if ((row.dot(last.z - earlier.z) < 0.0) == (row.dot(to.z - earlier.z) < 0.0)) return false;
    const auto at = curve.correct((last.z + to.z) / 2.0, {row, earlier.z});
    return succeeded(at.status) && curve.metric.max_norm(at.point.z - earlier.z) < same_point;
}

/// Points farther away than the step need not be looked at one by one: how far tells how many to
/// leave out.
bool equilibria_come_back(const CurveSolver& curve, const std::vector<BranchPoint>& points,
                          const BranchPoint& last, const BranchPoint& to) {
    const double reach = curve.metric.norm(to.z - last.z);
    for (auto earlier = points.begin();
         points.end() - earlier >= static_cast<std::ptrdiff_t>(few_points);) {
        const double distance = curve.metric.norm(to.z - earlier->z);
        if (distance <= reach) {
            if (passes_through(curve, *earlier, last, to)) return true;
            ++earlier;
            continue;
        }
        const double from = earlier->arclength + (distance - reach) / safe_skip;
        earlier =
            std::ranges::upper_bound(earlier + 1, points.end(), from, {}, &BranchPoint::arclength);
    }
    return false;
}

/// What a cycle is but for its phase and its mesh, in parts of the sizes at another one.
Vector shape(const BranchPoint& point, const BranchPoint& of) {
    const auto count = static_cast<Eigen::Index>(point.parameters.size()), n = point.minimum.size();
    const auto of_parameters = [&](const BranchPoint& p) {
        return Eigen::Map<const Vector>(p.parameters.data(), count);
    };
    Vector shape(count + 2 * n), sizes(count + 2 * n);
    shape << of_parameters(point), point.minimum, point.maximum;
    sizes << of_parameters(of).cwiseAbs(), of.maximum - of.minimum, of.maximum - of.minimum;
    return shape.cwiseQuotient(sizes.cwiseMax(std::numeric_limits<double>::min()));
}

/// Phases of earlier cycles differ, and so do their meshes: shapes are compared, first those at the
/// ends of steps, then that where the step has the earlier value of the first parameter.
bool cycles_come_back(const CurveSolver& curve, const std::vector<BranchPoint>& points,
                      const BranchPoint& last, const BranchPoint& to) {
    const Vector here = shape(last, to), chord = shape(to, to) - here;
    const Eigen::Index slot = curve.problem().parameter_slots().front();
    for (std::size_t k = 0; k + few_points < points.size(); ++k) {
        const double value = points[k].parameters[0];
        const Vector away = shape(points[k], to) - here;
        const double theta = away.dot(chord) / chord.squaredNorm();
        const bool same_way =
            (points[k + 1].parameters[0] > value) == (to.parameters[0] > last.parameters[0]);
        if (!same_way || !(theta >= 0.0 && theta <= 1.0) ||
            (away - theta * chord).norm() > off_the_chord * chord.norm())
            continue;
        auto at = Segment(curve, last, to).where(slot, value, theta);
        if (!succeeded(at.status)) continue;
        curve.complete(at);
        if ((shape(at.point, to) - shape(points[k], to)).cwiseAbs().maxCoeff() < same_shape)
            return true;
    }
    return false;
}

}  // namespace

bool comes_back(const CurveSolver& curve, const std::vector<BranchPoint>& points,
                const BranchPoint& last, const BranchPoint& to) {
    return to.frame.size() > 0 ? cycles_come_back(curve, points, last, to)
                               : equilibria_come_back(curve, points, last, to);
}

}  // namespace cortifold
