#include "curve_solver.hpp"
#include "return.hpp"
#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/ode/integrate.hpp>

#include <cmath>
#include <deque>
#include <limits>
#include <vector>

namespace cortifold {

namespace {

constexpr std::size_t first_wait = 500;  ///< steps in which a return to the first state is awaited
/// In the field's unit of time: only at rest are steps so long that they come there.
constexpr double forever = 1e12;

}  // namespace

AttractingCycle find_attracting_cycle(const EquilibriumProblem& problem,
                                      const AttractingCycleOptions& options) {
    Return trajectory(problem, options.closeness, first_wait);
    long steps = 0;
    const OdeResult run =
        integrate({.field = problem.field,
                   .parameters = problem.parameters,
                   .initial = problem.guess,
                   .t1 = forever},
                  {.method = OdeMethod::cvode}, [&](double t, ConstVectorRef x, ConstVectorRef) {
                      return ++steps > options.max_steps ? Flow::stop : trajectory.see(t, x);
                  });
    if (trajectory.is_closed()) return {Status::converged, "", trajectory.orbit()};
    if (run.t >= forever)
        return {Status::no_theory, "the trajectory comes to rest at an equilibrium", {}};
    if (!succeeded(run.status)) return {run.status, run.message, {}};
    return {Status::iteration_limit,
            "the trajectory does not close within " + std::to_string(options.max_steps) + " steps",
            {}};
}

namespace {

constexpr int looks = 100;  ///< at the trajectory in a turn of the drive
/// A trajectory that turns around its limit comes close sooner after several turns of the drive: if
/// fewer come so many times as close, they are meant. A doubling that is less than that is missed.
constexpr double still_close = 30.0;

/// The last turns of a trajectory, and whether it repeats them.
class Turns {
public:
    Turns(const VectorField& field, double period, double closeness)
        : floor_(scale_floor(field.states())), period_(period), closeness_(closeness) {}

    Flow see(ConstVectorRef x) {
        states_.emplace_back(x);
        constexpr std::size_t most = most_turns * looks + 1;
        if (states_.size() > most) states_.pop_front();
        if (++seen_ % looks != 1) return Flow::proceed;
        if (turns_that_repeat(closeness_) == 0) return Flow::proceed;
        turns_ = turns_that_repeat(still_close * closeness_);
        return Flow::stop;
    }

    [[nodiscard]] bool is_closed() const { return turns_ > 0; }

    [[nodiscard]] Orbit orbit() const {
        const auto count = static_cast<Eigen::Index>(turns_ * looks) + 1;
        Orbit orbit{Vector::LinSpaced(count, 0.0, static_cast<double>(turns_) * period_),
                    Matrix(floor_.size(), count)};
        const auto from = states_.end() - count;
        for (Eigen::Index k = 0; k < count; ++k) orbit.states.col(k) = from[k];
        return orbit;
    }

private:
    /// How many; 0: none do.
    [[nodiscard]] std::size_t turns_that_repeat(double closeness) const {
        for (std::size_t back = looks; back < states_.size(); back += looks)
            if (distance(back) <= closeness) return back / looks;
        return 0;
    }

    [[nodiscard]] double distance(std::size_t back) const {
        const auto from = states_.end() - static_cast<std::ptrdiff_t>(back) - 1;
        Vector low = *from, high = *from;
        for (auto at = from; at != states_.end(); ++at) {
            low = low.cwiseMin(*at);
            high = high.cwiseMax(*at);
        }
        const Vector range = (high - low).cwiseMax(floor_);
        return (states_.back() - *from).cwiseQuotient(range).cwiseAbs().maxCoeff();
    }

    Vector floor_;
    double period_, closeness_;
    std::deque<Vector> states_;
    std::size_t seen_ = 0, turns_ = 0;
};

}  // namespace

AttractingCycle find_driven_cycle(const EquilibriumProblem& problem, double period,
                                  const AttractingCycleOptions& options) {
    Turns turns(*problem.field, period, options.closeness);
    long steps = 0;
    const double step = period / looks;
    const OdeResult run =
        integrate({.field = problem.field,
                   .parameters = problem.parameters,
                   .initial = problem.guess,
                   .t1 = static_cast<double>(options.max_steps) * step},
                  {.method = OdeMethod::cvode, .max_step = step, .output_step = step},
                  [&](double, ConstVectorRef x, ConstVectorRef) {
                      return ++steps > options.max_steps ? Flow::stop : turns.see(x);
                  });
    if (turns.is_closed()) return {Status::converged, "", turns.orbit()};
    if (!succeeded(run.status)) return {run.status, run.message, {}};
    return {Status::iteration_limit,
            "the trajectory does not repeat itself within " +
                std::to_string(options.max_steps / looks) + " turns of the drive",
            {}};
}

namespace {

constexpr int most_repeats = 8;
constexpr double same_turn = 1e-6;  ///< of each state's range: what turns of one cycle differ by

/// How many turns of a shorter cycle it is.
int turns_of(const CycleProfile& cycle, const Vector& floor) {
    const Matrix states = cycle.values();
    const Vector range =
        (states.rowwise().maxCoeff() - states.rowwise().minCoeff()).cwiseMax(floor);
    const Vector times = cycle.nodes();
    for (int turns = most_repeats; turns > 1; --turns) {
        const Vector later =
            times.unaryExpr([turns](double t) { return std::fmod(t + 1.0 / turns, 1.0); });
        const Matrix difference = cycle.at(later) - states;
        if ((difference.array().colwise() / range.array()).abs().maxCoeff() <= same_turn)
            return turns;
    }
    return 1;
}

/// Of a Newton step: a cycle known so roughly tells which mesh it needs.
constexpr double rough = 1e-3;
constexpr int most_meshes = 4;

/// Newton's method with the parameter held, on meshes made for what it has come to.
CurveSolver::Correction correct_held(const CurveStart& start) {
    ZeroProblem& cycles = *start.problem;
    CurveSolver roughly(cycles,
                        {.corrector = {.step_tolerance = rough, .residual_tolerance = rough}}),
        fully(cycles, {});
    BranchPoint near = start.point;
    near.tangent.resize(0);
    cycles.restore_frame(near);
    cycles.prepare(near);
    CurveSolver::Correction found;
    const auto correct = [&](CurveSolver& solver) {
        solver.metric.restart(near.z);
        const Eigen::Index held = cycles.parameter_slots().front();
        found = solver.correct(
            near.z, {Vector::Unit(near.z.size(), held) / solver.metric.scales()[held], near.z});
        near.z = found.point.z;
    };
    correct(roughly);
    bool exact = false;
    for (int meshes = 0; succeeded(found.status);) {
        if (cycles.fit(near) != ZeroProblem::Fit::good && meshes++ < most_meshes) {
            cycles.change_frame(near);
            near = cycles.in_frame(std::move(near));
        } else if (exact) {
            break;
        }
        correct(fully);
        exact = true;
    }
    if (succeeded(found.status)) {
        cycles.adapt(found.point, found.at);
        fully.complete(found);
    }
    return found;
}

CycleResult correct_from(const CurveStart& start, const std::shared_ptr<const VectorField>& field,
                         const Vector& parameters, const CycleOptions& options) {
    CurveSolver::Correction corrected = correct_held(start);
    if (!succeeded(corrected.status))
        return {corrected.status, "Newton's method finds no cycle near the one given", {}};
    const BranchPoint& found = corrected.point;
    const CycleProfile cycle(found, field->dimension());
    const int turns = turns_of(cycle, scale_floor(field->states()));
    if (turns == 1) return {Status::converged, "a cycle", found};
    const Vector times =
        Vector::LinSpaced(cycle.intervals() * cycle.degree() / turns + 1, 0.0, 1.0 / turns);
    return correct_cycle(field, parameters, {found.period * times, cycle.at(times)}, options);
}

}  // namespace

CycleResult correct_cycle(const std::shared_ptr<const VectorField>& field, const Vector& parameters,
                          const Orbit& near, const CycleOptions& options) {
    return correct_from(cycles_from_orbit(field, parameters, 0, near, options), field, parameters,
                        options);
}

CycleResult follow_cycle(const std::shared_ptr<const VectorField>& field, const Vector& parameters,
                         const BranchPoint& near, const CycleOptions& options) {
    CurveStart start = cycles_from_point(field, parameters, 0, near, options);
    start.point.tangent.resize(0);  // it may be in another parameter
    return correct_from(start, field, parameters, options);
}

}  // namespace cortifold
