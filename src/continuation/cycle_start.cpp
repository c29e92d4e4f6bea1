#include "critical.hpp"
#include "cycle_curve.hpp"
#include "driven_cycle.hpp"
#include "variational_curve.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

namespace cortifold {

namespace {

/// How far from its Hopf point the first cycle is, in parts of the states' sizes.
constexpr double first_amplitude = 1e-3;

/// The frame of a curve as it stands, and when the columns of its profiles are, in parts of the
/// period.
struct Nodes {
    Vector frame, times;
};
Nodes nodes_of(const ZeroProblem& problem) {
    const auto* curve = dynamic_cast<const CycleCurve*>(&problem);
    if (curve == nullptr) {
        const auto& other = dynamic_cast<const VariationalCurve&>(problem);
        return {other.frame(), other.times()};
    }
    const Eigen::Index degree = curve->options().degree, intervals = curve->mesh().size() - 1;
    const Vector nodes = Collocation::of_degree(degree).nodes.head(degree);
    Vector times(degree * intervals);
    for (Eigen::Index j = 0; j < intervals; ++j)
        times.segment(j * degree, degree) =
            curve->mesh()[j] + nodes.array() * (curve->mesh()[j + 1] - curve->mesh()[j]);
    return {curve->mesh(), times};
}

}  // namespace

std::string_view to_string(CycleMethod method) {
    switch (method) {
        case CycleMethod::collocation: return "collocation";
        case CycleMethod::shooting: return "shooting";
        case CycleMethod::newton_picard: return "newton_picard";
        case CycleMethod::fourier: return "fourier";
    }
    return "unknown";
}

double drive_period(const Forcing& forcing, const Vector& parameters) {
    const auto number = static_cast<Eigen::Index>(forcing.parameter.value_or(0));
    return forcing.parameter ? forcing.factor * std::pow(parameters[number], forcing.power)
                             : forcing.factor;
}

CycleOptions for_period(CycleOptions options, const Vector& parameters, double period) {
    if (!options.forcing) return options;
    const double turns = std::round(period / drive_period(*options.forcing, parameters));
    require(turns >= 1.0, "a driven cycle: its period " + std::to_string(period) +
                              " must be a multiple of that of the drive, " +
                              std::to_string(drive_period(*options.forcing, parameters)));
    options.forcing->factor *= turns;
    return options;
}

void CycleOptions::validate() const {
    require(degree >= 2 && degree <= 7,
            "cycle.degree = " + std::to_string(degree) + " must be from 2 to 7");
    require(tolerance > 0.0 && tolerance < 0.1, "cycle.tolerance must be between 0 and 0.1");
    require(min_intervals >= 4,
            "cycle.min_intervals = " + std::to_string(min_intervals) + " must be at least 4");
    require(max_intervals >= min_intervals,
            "cycle.max_intervals = " + std::to_string(max_intervals) +
                " must be at least cycle.min_intervals");
    require(sections >= 1, "cycle.sections = " + std::to_string(sections) + " must be at least 1");
    require(harmonics >= 1,
            "cycle.harmonics = " + std::to_string(harmonics) + " must be at least 1");
    require(threads >= 1, "cycle.threads must be at least 1");
}

CurveStart cycles_from_hopf(const std::shared_ptr<const VectorField>& field,
                            const Vector& parameters, std::size_t free, const SpecialPoint& hopf,
                            const CycleOptions& options) {
    const Eigen::Index n = field->dimension();
    const double omega = 2.0 * std::numbers::pi * hopf.frequency;
    require(omega > 0.0, "cycles from a Hopf point: it must have a frequency above 0");
    const auto curve = cycle_curve(field, parameters, free, options);
    const Vector x = hopf.at.z.head(n);
    Vector p = parameters;
    p[static_cast<Eigen::Index>(free)] = hopf.at.z[n];
    const Matrix f_x = jacobian(*field, x, p);
    const LinearizedPoint at{*field, x, p, f_x};
    Vector b, c;
    find_borders(at, {0.0, omega}, b, c);
    const ComplexVector q =
        CriticalSolver<std::complex<double>>(at, {0.0, omega}, b, c).nullity().v;
    const auto [frame, times] = nodes_of(*curve);
    Matrix wave(n, times.size());
    for (Eigen::Index k = 0; k < times.size(); ++k)
        wave.col(k) = (q * std::polar(1.0, 2.0 * std::numbers::pi * times[k])).real();
    const Vector size = x.cwiseAbs().cwiseMax(scale_floor(field->states()));
    wave /= (wave.array().colwise() / size.array()).abs().maxCoeff();
    BranchPoint start{
        .z = Vector(curve->unknowns()), .frame = frame, .tangent = Vector::Zero(curve->unknowns())};
    start.tangent.head(wave.size()) = wave.reshaped();
    start.z << ((first_amplitude * wave).colwise() + x).reshaped(), 2.0 * std::numbers::pi / omega,
        hopf.at.z[n];
    return {curve, start, Direction::along};
}

namespace {

/// Between two times by the cubic with the field's slopes.
Vector interpolate(const Orbit& orbit, const Matrix& slopes, double t) {
    const auto above = std::upper_bound(orbit.times.begin() + 1, orbit.times.end() - 1, t);
    const Eigen::Index j = above - orbit.times.begin() - 1;
    const double h = orbit.times[j + 1] - orbit.times[j], s = (t - orbit.times[j]) / h, r = 1.0 - s;
    return r * r * (1.0 + 2.0 * s) * orbit.states.col(j) +
           s * s * (1.0 + 2.0 * r) * orbit.states.col(j + 1) +
           h * s * r * (r * slopes.col(j) - s * slopes.col(j + 1));
}

}  // namespace

CurveStart cycles_from_orbit(const std::shared_ptr<const VectorField>& field,
                             const Vector& parameters, std::size_t free, const Orbit& orbit,
                             const CycleOptions& options) {
    const Eigen::Index n = field->dimension(), count = orbit.times.size();
    require(orbit.states.rows() == n && orbit.states.cols() == count && count > options.degree,
            "cycles from an orbit: it must have a column of " + std::to_string(n) +
                " states at each of more than " + std::to_string(options.degree) + " times");
    require(orbit.times[0] == 0.0 &&
                (orbit.times.array().tail(count - 1) > orbit.times.array().head(count - 1)).all(),
            "cycles from an orbit: its times must ascend from 0");
    const double period = orbit.times[count - 1];
    const auto curve =
        cycle_curve(field, parameters, free, for_period(options, parameters, period));
    Matrix slopes(n, count);
    Vector f(n), p = parameters;
    for (Eigen::Index j = 0; j < count; ++j) {
        if (const auto time = field->time()) p[static_cast<Eigen::Index>(*time)] = orbit.times[j];
        field->rhs(orbit.states.col(j), p, f);
        slopes.col(j) = f;
    }
    BranchPoint start;
    if (options.method == CycleMethod::collocation)
        start.frame = Vector::LinSpaced(
            std::clamp<Eigen::Index>(count / 2, options.min_intervals, options.max_intervals) + 1,
            0.0, 1.0);
    curve->restore_frame(start);
    const auto [frame, times] = nodes_of(*curve);
    start.frame = frame;
    Matrix values(n, times.size());
    for (Eigen::Index k = 0; k < times.size(); ++k)
        values.col(k) = interpolate(orbit, slopes, period * times[k]);
    start.z.resize(curve->unknowns());
    start.z << values.reshaped(), period, parameters[static_cast<Eigen::Index>(free)];
    return {curve, start, Direction::both};
}

CurveStart cycles_from_point(const std::shared_ptr<const VectorField>& field,
                             const Vector& parameters, std::size_t free, const BranchPoint& cycle,
                             const CycleOptions& options) {
    const Eigen::Index n = field->dimension();
    const auto curve =
        cycle_curve(field, parameters, free, for_period(options, parameters, cycle.period));
    BranchPoint start;
    if (options.method == CycleMethod::collocation) start.frame = as_profile(cycle).frame;
    curve->restore_frame(start);
    const auto [frame, times] = nodes_of(*curve);
    start.frame = frame;
    start.z.resize(curve->unknowns());
    start.z << CycleProfile(cycle, n).at(times).reshaped(), cycle.period,
        parameters[static_cast<Eigen::Index>(free)];
    if (cycle.profile.size() == 0 && cycle.tangent.size() == cycle.z.size()) {
        BranchPoint moving = cycle;
        moving.z = cycle.tangent;
        start.tangent.resize(curve->unknowns());
        start.tangent << CycleProfile(moving, n).at(times).reshaped(), cycle.tangent.tail<2>();
    }
    return {curve, start, Direction::both};
}

}  // namespace cortifold
