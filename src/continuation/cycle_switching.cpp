#include "critical.hpp"
#include "cycle_critical.hpp"
#include "driven_cycle.hpp"
#include "homoclinic_curve.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

using Field = std::shared_ptr<const VectorField>;

/// How far from the point where it leaves a branch starts, in parts of the states' sizes.
constexpr double first_distance = 1e-3;
/// Of a generalized Hopf point: how far from it, in steps of the curve of Hopf points, small cycles
/// are looked at, and how many of them.
constexpr double beside = 1e-2, far_from = 1e2;
constexpr int points_beside = 16, points_to_fold = 60, points_to_homoclinic = 200;
/// Very near a Bogdanov-Takens point all cycles are too small: so many Hopf points are tried, from
/// the farthest on.
constexpr std::size_t nearest = 12;
/// Of the period at the Hopf point: that of a cycle near the homoclinic orbit.
constexpr double long_enough = 6.0;
/// How many times its error a fold must be away from the Hopf point.
constexpr double clearly = 1e3;
constexpr int points_to_leave = 3;  ///< a branch point by other methods than collocation
constexpr int rounds = 3;           ///< of inverse iteration for the direction of another branch

/// What a point of a branch of cycles has for a bifurcation of its own.
Vector unknowns_at(const CycleCurve& curve, const SpecialPoint& at, ConstVectorRef parameters) {
    const Eigen::Index cycle = curve.states() + 1;
    Vector z(curve.unknowns());
    z.head(cycle) = at.at.z.head(cycle);
    for (std::size_t k = 0; k < curve.free().size(); ++k)
        z[cycle + static_cast<Eigen::Index>(k)] =
            parameters[static_cast<Eigen::Index>(curve.free()[k])];
    if (curve.kind() == CurveKind::torus)
        z[z.size() - 1] = std::cos(2.0 * std::numbers::pi * at.frequency * at.at.period);
    return z;
}

Vector parameters_at(Vector parameters, std::size_t free, const SpecialPoint& at) {
    parameters[static_cast<Eigen::Index>(free)] = at.at.parameters.front();
    return parameters;
}

/// The branch through a point of collocation, in the direction of its tangent.
CurveStart along(const Field& field, Vector parameters, std::size_t free, const BranchPoint& start,
                 const CycleOptions& options) {
    parameters[static_cast<Eigen::Index>(free)] = start.parameters.front();
    CurveStart result = cycles_from_point(field, parameters, free, start, options);
    result.way = Direction::along;
    return result;
}

/// A start on another branch, with the tangent there. So near to where branches meet collocation
/// alone converges: another method goes on from a few points farther.
CurveStart leaving(const Field& field, const Vector& parameters, std::size_t free,
                   BranchPoint start, const CycleOptions& options) {
    const Eigen::Index others = start.z.size() - 2;
    start.period = start.z[others];
    start.parameters = {start.z[others + 1], start.period};
    CycleOptions collocation = options;
    collocation.method = CycleMethod::collocation;
    CurveStart first = along(field, parameters, free, start, collocation);
    if (options.method == CycleMethod::collocation) return first;
    const Branch few = continue_branch(first.problem, first.point,
                                       {.max_points = points_to_leave, .direction = first.way});
    return few.points.empty() ? first : along(field, parameters, free, few.points.back(), options);
}

/// The cycle twice, and the perturbation that changes its sign after one turn.
CurveStart doubled(const Field& field, const Vector& parameters, std::size_t free,
                   const SpecialPoint& at, const CycleOptions& options) {
    CycleBifurcation system(CurveKind::period_doubling, field, parameters, {free}, options);
    BranchPoint point = at.at;
    point.tangent.resize(0);
    system.restore_frame(point);
    point.z = unknowns_at(system, at, parameters_at(parameters, free, at));
    system.prepare(point);
    const CurveLinearization linear =
        system.linearize(point.z, Vector(), system.scales_at(point.z));
    const Eigen::Index n = field->dimension(), half = system.states();
    const Vector& scales = linear.cycle->state_scales;
    Matrix wave = linear.null_vectors.col(0).real().reshaped(n, half / n);
    wave /= wave.cwiseAbs().maxCoeff();
    wave = scales.asDiagonal() * wave;
    const Vector& mesh = at.at.frame;
    const Eigen::Index intervals = mesh.size() - 1;
    BranchPoint start;
    start.frame.resize(2 * intervals + 1);
    start.frame << mesh / 2.0, (mesh.tail(intervals).array() + 1.0) / 2.0;
    start.tangent = Vector::Zero(2 * half + 2);
    start.tangent.head(2 * half) << wave.reshaped(), -wave.reshaped();
    start.z.resize(2 * half + 2);
    start.z << at.at.z.head(half), at.at.z.head(half), 2.0 * point.z[half], point.z[half + 1];
    start.z += first_distance * start.tangent;
    return leaving(field, parameters, free, std::move(start), options);
}

/// Across the known tangent: the kernel of G_z has one direction more.
std::vector<CurveStart> crossing_branches(const Field& field, const Vector& parameters,
                                          std::size_t free, const SpecialPoint& at,
                                          const CycleOptions& options) {
    require(at.at.tangent.size() == at.at.z.size(),
            "cycles_at: a branch point must have the tangent of its branch, as those of "
            "collocation do");
    std::vector<CurveStart> starts;
    for (const double side : {1.0, -1.0}) {
        const auto curve = one_parameter_cycles(field, parameters, free, options);
        BranchPoint start = at.at;
        curve->restore_frame(start);
        start.tangent.resize(0);
        curve->prepare(start);
        const Vector scales = curve->scales_at(start.z),
                     known = at.at.tangent.cwiseQuotient(scales.cwiseAbs2());
        const auto linear = curve->linearize(start.z, known, scales);
        Vector across = arbitrary(start.z.size(), 0.5);
        for (int k = 0; k < rounds; ++k) {
            linear.bordered->solve_adjoint(across);
            across /= across.cwiseAbs().maxCoeff();
            linear.bordered->solve(across);
            across /= across.cwiseQuotient(scales).cwiseAbs().maxCoeff();
        }
        if (!across.allFinite()) return {};
        start.tangent = side * across;
        start.z += first_distance * start.tangent;
        starts.push_back(leaving(field, parameters, free, std::move(start), options));
    }
    return starts;
}

std::optional<CurveKind> curve_of(PointType type) {
    switch (type) {
        case PointType::fold_of_cycles:
        case PointType::cusp_of_cycles: return CurveKind::fold_of_cycles;
        case PointType::period_doubling:
        case PointType::generalized_period_doubling: return CurveKind::period_doubling;
        case PointType::torus:
        case PointType::chenciner: return CurveKind::torus;
        default: return std::nullopt;
    }
}

/// Hopf points beside a generalized Hopf or Bogdanov-Takens point, on both sides from the nearest
/// one on, each with the parameters that it is at.
struct HopfPoint {
    SpecialPoint point;
    Vector parameters;
};
std::vector<HopfPoint> hopf_points_beside(const Field& field, const Vector& parameters,
                                          const std::array<std::size_t, 2>& free,
                                          const SpecialPoint& at) {
    ContinuationOptions nearby;
    nearby.step.initial = beside;
    nearby.step.largest = far_from;
    nearby.max_points = points_beside;
    const Eigen::Index n = field->dimension();
    Bifurcation bifurcation{at.type, at.at.z.head(n), parameters,
                            2.0 * std::numbers::pi * at.frequency};
    for (std::size_t k = 0; k < free.size(); ++k)
        bifurcation.parameters[static_cast<Eigen::Index>(free[k])] = at.at.parameters[k];
    const auto curves = curves_through(field, bifurcation, free);
    const auto curve = std::ranges::find_if(
        curves, [](const CurveStart& start) { return start.problem->kind() == CurveKind::hopf; });
    if (curve == curves.end()) return {};
    nearby.direction = curve->way;
    Branch branch = continue_branch(curve->problem, curve->point, nearby);
    std::ranges::sort(branch.points, {},
                      [](const BranchPoint& point) { return std::abs(point.arclength); });
    std::vector<HopfPoint> found;
    for (const BranchPoint& point : branch.points) {
        if (!(point.z[n + 2] > 0.0)) continue;
        HopfPoint hopf{.point = {}, .parameters = parameters};
        hopf.point.type = PointType::hopf;
        hopf.point.at.z = point.z.head(n + 1);
        hopf.point.at.parameters = point.parameters;
        hopf.point.frequency = std::sqrt(point.z[n + 2]) / (2.0 * std::numbers::pi);
        hopf.parameters[static_cast<Eigen::Index>(free[1])] = point.parameters[1];
        found.push_back(std::move(hopf));
    }
    return found;
}

/// A few of the cycles that are born at a Hopf point.
Branch small_cycles(const Field& field, const HopfPoint& hopf, std::size_t free,
                    const CycleOptions& options, ContinuationOptions few) {
    const CurveStart cycles = cycles_from_hopf(field, hopf.parameters, free, hopf.point, options);
    few.direction = cycles.way;
    return continue_branch(cycles.problem, cycles.point, few);
}

/// Folds of cycles near a generalized Hopf point, by the small cycles that are born beside it: on
/// one side of it they turn.
std::vector<CurveStart> folds_from_generalized_hopf(const Field& field, const Vector& parameters,
                                                    const std::array<std::size_t, 2>& free,
                                                    const SpecialPoint& at,
                                                    const CycleOptions& options) {
    ContinuationOptions few;
    few.max_points = points_to_fold;
    few.stop_after = 2;
    for (const HopfPoint& hopf : hopf_points_beside(field, parameters, free, at))
        for (const SpecialPoint& fold : small_cycles(field, hopf, free[0], options, few).special)
            if (fold.type == PointType::fold_of_cycles &&
                std::abs(fold.at.parameters[0] - hopf.point.at.parameters[0]) >
                    clearly * fold.error)
                return cycle_curves_through(field, hopf.parameters, free, fold, options);
    return {};
}

/// Orbits homoclinic to the saddle beside a Bogdanov-Takens point: the cycles that are born at a
/// Hopf point beside it come near to one.
std::vector<CurveStart> orbits_from_bogdanov_takens(const Field& field, const Vector& parameters,
                                                    const std::array<std::size_t, 2>& free,
                                                    const SpecialPoint& at,
                                                    const CycleOptions& options) {
    std::vector<HopfPoint> points = hopf_points_beside(field, parameters, free, at);
    points.resize(std::min(points.size(), nearest));
    for (auto hopf = points.rbegin(); hopf != points.rend(); ++hopf) {
        std::optional<CurveStart> start;
        ContinuationOptions towards;
        towards.max_points = points_to_homoclinic;
        towards.observer = [&](const BranchPoint& cycle) {
            if (cycle.period * hopf->point.frequency > long_enough)
                start = homoclinic_orbits(field, hopf->parameters, free, cycle, options);
            return start ? Flow::stop : Flow::proceed;
        };
        (void)small_cycles(field, *hopf, free[0], options, towards);
        if (start) return {*start};
    }
    return {};
}

}  // namespace

std::vector<CurveStart> cycles_at(const Field& field, const Vector& parameters, std::size_t free,
                                  const SpecialPoint& at, const CycleOptions& options) {
    if (at.type != PointType::period_doubling && at.type != PointType::branch_point_of_cycles)
        return {};
    SpecialPoint point = at;
    point.at = with_degree(std::move(point.at), field->dimension(), options.degree);
    const CycleOptions own = for_period(options, parameters_at(parameters, free, at), at.at.period);
    return at.type == PointType::period_doubling
               ? std::vector{doubled(field, parameters, free, point, own)}
               : crossing_branches(field, parameters, free, point, own);
}

std::vector<CurveStart> cycle_curves_through(const Field& field, const Vector& parameters,
                                             const std::array<std::size_t, 2>& free,
                                             const SpecialPoint& at, const CycleOptions& given) {
    require(free[0] != free[1], "a curve of bifurcations needs two parameters, not one twice");
    CycleOptions options = given;
    options.method = CycleMethod::collocation;
    if (at.type == PointType::generalized_hopf)
        return folds_from_generalized_hopf(field, parameters, free, at, options);
    if (at.type == PointType::bogdanov_takens)
        return orbits_from_bogdanov_takens(field, parameters, free, at, options);
    const auto kind = curve_of(at.type);
    if (!kind && at.type != PointType::homoclinic) return {};
    SpecialPoint point = at;
    point.at = with_degree(std::move(point.at), field->dimension(), options.degree);
    if (!kind) {
        const auto start = homoclinic_orbits(field, parameters, free, point.at, options);
        return start ? std::vector{*start} : std::vector<CurveStart>{};
    }
    const Vector p = parameters_at(parameters, free[0], at);
    const auto curve =
        std::make_shared<CycleBifurcation>(*kind, field, parameters, std::vector{free[0], free[1]},
                                           for_period(options, p, at.at.period));
    BranchPoint start{.frame = point.at.frame};
    curve->restore_frame(start);
    start.z = unknowns_at(*curve, point, p);
    return {{curve, start, Direction::both}};
}

}  // namespace cortifold
