#include "cycle_end.hpp"

#include "curve_solver.hpp"
#include "cycle_critical.hpp"
#include "defining_systems.hpp"
#include <cortifold/continuation/normal_form.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace cortifold {

SpecialPoint end_of_small_cycles(const std::shared_ptr<const VectorField>& field,
                                 const Vector& parameters, std::size_t free,
                                 const BranchPoint& near) {
    const Eigen::Index n = field->dimension(), columns = (near.z.size() - 2) / n,
                       states = columns * n;
    HopfSystem system(field, parameters, {free});
    const double omega = 2.0 * std::numbers::pi / near.z[states];
    BranchPoint start{.z = Vector(n + 2)};
    start.z << near.z.head(states).reshaped(n, columns).rowwise().mean(), near.z[states + 1],
        omega * omega;
    system.prepare(start);
    const Polished polished = polish(system, start.z, system.scales_at(start.z));
    SpecialPoint point;
    point.at = near;
    if (!succeeded(polished.status) || polished.z[n + 1] <= 0.0) {
        point.note = "the cycle shrinks, and there is no Hopf point";
        return point;
    }
    const Vector x = polished.z.head(n), p = system.parameters_of(polished.z);
    point.type = PointType::hopf;
    point.at.residual = polished.residual;
    point.frequency = std::sqrt(polished.z[n + 1]) / (2.0 * std::numbers::pi);
    point.error = polished.error[n];
    point.at.period = 1.0 / point.frequency;
    point.at.z << x.replicate(columns, 1), point.at.period, polished.z[n];
    point.at.parameters = {polished.z[n], point.at.period};
    point.at.minimum = point.at.maximum = x;
    leave_out_critical(point.at, 1);
    add(point, hopf_normal_form({*field, x, p}, 2.0 * std::numbers::pi * point.frequency));
    return point;
}

namespace {

/// A period this many times the shortest of the branch is long.
constexpr double long_period = 10.0, rather_long = 4.0;
/// How well T^-2, linear in the parameter, and log|p - p0|, linear in T, must agree with the law.
constexpr double law_tolerance = 0.05;
/// Of the orbit's size: how near it comes to the saddle.
constexpr double near_saddle = 0.05;
constexpr double simple_twice = 1e-2;  ///< of a profile's size, between its halves
/// In parts of the unknowns' sizes: a period doubling farther off is another one's.
constexpr double that_simple_cycle = 0.05;

/// On the mesh of the point, which need not be that of the curve any more.
Profile profile_at(const BranchPoint& point, Eigen::Index n) {
    const Eigen::Index intervals = point.frame.size() - 1;
    const Eigen::Index nodes = ((point.z.size() - 1) / n / intervals) * intervals;
    return {point.frame, point.z.head(nodes * n).reshaped(n, nodes), nodes / intervals};
}

/// Where the flow is slowest, in parts of the states' sizes.
Vector slowest_state(const CycleCurve& curve, const BranchPoint& point, const Vector& sizes) {
    const Eigen::Index n = sizes.size();
    const Vector p = curve.parameters_of(point);
    Vector f(n), slowest;
    double least = std::numeric_limits<double>::infinity();
    const Profile profile = profile_at(point, n);
    for (const Vector x : profile.values.colwise()) {
        curve.field().rhs(x, p, f);
        const double speed = f.cwiseQuotient(sizes).norm();
        if (speed < least) {
            least = speed;
            slowest = x;
        }
    }
    return slowest;
}

SpecialPoint end_point(PointType type, const BranchPoint& last, double parameter, double error) {
    SpecialPoint point;
    point.type = type;
    point.at = last;
    point.at.parameters.front() = parameter;
    point.at.n_unstable.reset();
    point.error = error;
    return point;
}

/// T^-2 is proportional to the distance from the saddle-node near the slowest state.
std::optional<SpecialPoint> snic(const CycleCurve& curve, const BranchPoint& before,
                                 const BranchPoint& last, const Vector& slowest) {
    const Eigen::Index n = slowest.size();
    FoldSystem fold(curve.shared_field(), curve.parameters_of(last), curve.free());
    BranchPoint near{.z = Vector(n + 1)};
    near.z << slowest, last.parameters.front();
    fold.prepare(near);
    const Polished polished = polish(fold, near.z, fold.scales_at(near.z));
    if (!succeeded(polished.status)) return std::nullopt;
    const double p = polished.z[n];
    const auto law = [&](const BranchPoint& at) {
        return (at.parameters.front() - p) * at.period * at.period;
    };
    if (!(std::abs(law(last) / law(before) - 1.0) < law_tolerance)) return std::nullopt;
    SpecialPoint point = end_point(PointType::snic, last, p, polished.error[n]);
    point.at.residual = polished.residual;
    const Vector x = polished.z.head(n), parameters = fold.parameters_of(polished.z);
    add(point, fold_normal_form({curve.field(), x, parameters}));
    return point;
}

/// Of the cycle with the same period on a mesh twice as fine; NaN where there is none.
double parameter_on_finer_mesh(const CycleCurve& curve, const BranchPoint& last) {
    const auto finer = one_parameter_cycles(curve.shared_field(), curve.parameters_of(last),
                                            curve.free().front(), curve.options());
    finer->restore_frame({.frame = halved(last.frame)});
    BranchPoint start = last;
    start.tangent.resize(0);
    start = finer->in_frame(std::move(start));
    finer->prepare(start);
    Vector period = Vector::Zero(start.z.size());
    period[finer->states()] = 1.0 / last.period;
    CurveSolver solver(*finer, {});
    solver.metric.follow(start.z);
    const auto at = solver.correct(start.z, {period, start.z});
    return succeeded(at.status) ? at.point.z[finer->states() + 1]
                                : std::numeric_limits<double>::quiet_NaN();
}

/// Near the slowest state of a cycle; nothing where there is none.
std::optional<EquilibriumResult> saddle_near(const CycleCurve& curve, const BranchPoint& point,
                                             const Vector& slowest, const Vector& sizes) {
    EquilibriumResult saddle =
        find_equilibrium({curve.shared_field(), curve.parameters_of(point), slowest});
    if (!succeeded(saddle.status) || saddle.n_unstable == 0 ||
        saddle.n_unstable == slowest.size() ||
        (saddle.state - slowest).cwiseQuotient(sizes).norm() > near_saddle)
        return std::nullopt;
    return saddle;
}

/// The distance from p0 falls by exp(-lambda dT), lambda the weaker of the saddle's leading rates.
std::optional<SpecialPoint> homoclinic(const CycleCurve& curve, const BranchPoint& before,
                                       const BranchPoint& last, const Vector& slowest,
                                       const Vector& sizes) {
    const auto saddle = saddle_near(curve, last, slowest, sizes);
    if (!saddle) return std::nullopt;
    const double growth = saddle->eigenvalues[saddle->n_unstable - 1].real(),
                 decay = -saddle->eigenvalues[saddle->n_unstable].real();
    const double left = std::exp(-std::min(growth, decay) * (last.period - before.period));
    const double step = last.parameters.front() - before.parameters.front(),
                 correction = step * left / (1.0 - left);
    const double finer = parameter_on_finer_mesh(curve, last);
    if (!std::isfinite(finer)) return std::nullopt;
    SpecialPoint point =
        end_point(PointType::homoclinic, last, finer + correction,
                  std::abs(correction) + std::abs(finer - last.parameters.front()));
    point.normal_form = {{"growth", growth}, {"decay", decay}};
    point.scenario = growth < decay ? "the cycles are stable" : "the cycles are unstable";
    return point;
}

double shortest_period(const Branch& branch) {
    return std::ranges::min_element(branch.points, {}, &BranchPoint::period)->period;
}

Vector sizes_of(const CycleCurve& curve, const BranchPoint& point) {
    return (point.maximum - point.minimum).cwiseMax(scale_floor(curve.field().states()));
}

/// The last point whose period is shorter than this part of the last one's.
const BranchPoint* earlier(const Branch& branch, double part) {
    for (auto point = branch.points.rbegin(); point != branch.points.rend(); ++point)
        if (point->period < part * branch.points.back().period) return &*point;
    return nullptr;
}

}  // namespace

std::optional<SpecialPoint> end_of_long_cycles(const CycleCurve& curve, const Branch& branch) {
    if (branch.points.size() < 3) return std::nullopt;
    const BranchPoint& last = branch.points.back();
    const BranchPoint* before = earlier(branch, 0.8);
    if (last.period < long_period * shortest_period(branch) || before == nullptr)
        return std::nullopt;
    const Vector sizes = sizes_of(curve, last), slowest = slowest_state(curve, last, sizes);
    if (auto point = snic(curve, *before, last, slowest)) return point;
    return homoclinic(curve, *before, last, slowest, sizes);
}

std::optional<EquilibriumResult> saddle_of_long_cycle(const CycleCurve& curve,
                                                      const BranchPoint& point) {
    const Vector sizes = sizes_of(curve, point);
    return saddle_near(curve, point, slowest_state(curve, point, sizes), sizes);
}

bool passes_a_saddle(const CycleCurve& curve, const Branch& branch) {
    return branch.points.back().period >= rather_long * shortest_period(branch) &&
           saddle_of_long_cycle(curve, branch.points.back()).has_value();
}

bool is_simple_twice(const BranchPoint& point, Eigen::Index n) {
    return is_simple_twice(profile_at(point, n));
}

bool is_simple_twice(const Profile& profile) {
    const Vector size = profile.values.rowwise().maxCoeff() - profile.values.rowwise().minCoeff();
    for (Eigen::Index j = 0; j < profile.intervals(); ++j) {
        const double later = profile.mesh[j] + 0.5;
        const Vector apart =
            profile.at(later - std::floor(later)) - profile.values.col(j * profile.degree);
        if ((apart.array().abs() > simple_twice * size.array()).any()) return false;
    }
    return true;
}

std::optional<SpecialPoint> simple_cycle_near(const CycleCurve& curve, const BranchPoint& near) {
    const Eigen::Index n = curve.field().dimension();
    if (!is_simple_twice(near, n)) return std::nullopt;
    const Profile whole = profile_at(near, n);
    std::vector<double> mesh;
    for (const double t : whole.mesh)
        if (t < 0.5) mesh.push_back(2.0 * t);
    mesh.push_back(1.0);
    BranchPoint half{.frame =
                         Eigen::Map<Vector>(mesh.data(), static_cast<Eigen::Index>(mesh.size()))};
    CycleBifurcation system(CurveKind::period_doubling, curve.shared_field(),
                            curve.parameters_of(near), curve.free(), curve.options());
    system.restore_frame(half);
    const Profile simple = Profile{2.0 * whole.mesh, whole.values, whole.degree}.on(half.frame);
    half.z.resize(system.unknowns());
    half.z << simple.values.reshaped(), near.period / 2.0, near.parameters.front();
    system.prepare(half);
    const Vector scales = system.scales_at(half.z);
    const Polished polished = polish(system, half.z, scales);
    if (!succeeded(polished.status) ||
        (polished.z - half.z).cwiseQuotient(scales).cwiseAbs().maxCoeff() > that_simple_cycle)
        return std::nullopt;
    SpecialPoint point;
    point.type = PointType::period_doubling;
    point.at = near;
    point.at.residual = polished.residual;
    point.at.period = 2.0 * polished.z[system.states()];
    point.at.parameters = {polished.z[system.states() + 1], point.at.period};
    point.error = polished.error[system.states() + 1];
    leave_out_critical(point.at, 1);
    return point;
}

std::optional<SpecialPoint> end_of_doubled_cycles(const CycleCurve& curve, const Branch& branch) {
    const std::size_t count = branch.points.size();
    if (count < 3 || is_simple_twice(branch.points[count - 3], curve.field().dimension()))
        return std::nullopt;
    return simple_cycle_near(curve, branch.points.back());
}

}  // namespace cortifold
