#include "return.hpp"
#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/simple_attractor.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/ode/integrate.hpp>

#include <algorithm>
#include <optional>

namespace cortifold {

namespace {

constexpr double simulation_tolerance = 1e-6;  ///< correctors do the rest
constexpr double forever = 1e12;               ///< in the field's unit of time
constexpr std::size_t first_wait = 250;        ///< steps
/// A trajectory at rest is as close to the equilibrium, in parts of its size: above what simulation
/// leaves.
constexpr double at_rest = 1e-4;
/// One on its way there comes closer by at least this factor within half of what is looked at, and
/// no slower than before.
constexpr double approaching = 0.98;
/// Of each state's size: a cycle of a smaller range is an equilibrium, reached by the corrector.
constexpr double smallest_range = 1e-4;
/// Of each state's size, from an equilibrium that no longer attracts.
constexpr double departure = 1e-3;

/// A corrected cycle, unless it is an equilibrium or repels.
std::optional<SimpleAttractor> attracting(const CycleResult& found, const Vector& floor) {
    const BranchPoint& cycle = found.cycle;
    if (!succeeded(found.status) || cycle.n_unstable.value_or(0) > 0) return std::nullopt;
    const Vector size = cycle.maximum.cwiseAbs().cwiseMax(cycle.minimum.cwiseAbs()).cwiseMax(floor);
    if (((cycle.maximum - cycle.minimum).array() <= smallest_range * size.array()).all())
        return std::nullopt;
    return SimpleAttractor{Status::converged, "a cycle", SimpleAttractorKind::cycle,
                           cycle.z.head(floor.size()), cycle};
}

SimpleAttractor as_attractor(const EquilibriumResult& found) {
    return {Status::converged, "an equilibrium", SimpleAttractorKind::equilibrium, found.state, {}};
}

/// Looks at a trajectory as it settles.
class Settling {
public:
    Settling(const EquilibriumProblem& problem, const SimpleAttractorOptions& options)
        : problem_(problem),
          options_(options),
          floor_(scale_floor(problem.field->states())),
          trajectory_(problem, options.closeness, first_wait) {}

    Flow see(double t, ConstVectorRef x) {
        if (++steps_ > options_.max_steps) return Flow::stop;
        if (trajectory_.see(t, x) == Flow::stop) {
            if (is_on_cycle()) return Flow::stop;
            trajectory_.look_closer(t, x);
            nearing_ = 1.0;
        }
        if (trajectory_.is_overdue() && is_coming_to_rest()) return Flow::stop;
        return Flow::proceed;
    }

    std::optional<SimpleAttractor> found{};

private:
    bool is_on_cycle() {
        found = attracting(
            correct_cycle(problem_.field, problem_.parameters, trajectory_.orbit(), options_.cycle),
            floor_);
        return found.has_value();
    }

    bool is_coming_to_rest() {
        const std::vector<Vector>& seen = trajectory_.states();
        Vector mean = Vector::Zero(floor_.size());
        for (const Vector& x : seen) mean += x / static_cast<double>(seen.size());
        const EquilibriumResult rest =
            find_equilibrium({problem_.field, problem_.parameters, mean});
        if (!succeeded(rest.status) || rest.n_unstable > 0) return false;
        const Vector size = rest.state.cwiseAbs().cwiseMax(floor_);
        const auto distance = [&](const Vector& x) {
            return (x - rest.state).cwiseQuotient(size).cwiseAbs().maxCoeff();
        };
        const auto largest = [&](auto from, auto to) {
            double most = 0.0;
            for (; from != to; ++from) most = std::max(most, distance(*from));
            return most;
        };
        const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 2);
        const double before = largest(seen.begin(), middle), after = largest(middle, seen.end());
        const double nearing = after / before;
        const bool nears = nearing < approaching && nearing_ < approaching && nearing <= nearing_;
        nearing_ = nearing;
        if (after <= at_rest || nears) found = as_attractor(rest);
        return found.has_value();
    }

    const EquilibriumProblem& problem_;
    const SimpleAttractorOptions& options_;
    Vector floor_;
    Return trajectory_;
    long steps_ = 0;
    double nearing_ = 1.0;
};

/// What is left of a neighbour's attractor at these parameters, where it still attracts.
std::optional<SimpleAttractor> corrected(const EquilibriumProblem& problem,
                                         const SimpleAttractor& near,
                                         const SimpleAttractorOptions& options) {
    if (near.kind == SimpleAttractorKind::equilibrium) {
        const EquilibriumResult rest =
            find_equilibrium({problem.field, problem.parameters, near.state});
        if (succeeded(rest.status) && rest.n_unstable == 0) return as_attractor(rest);
    } else if (near.kind == SimpleAttractorKind::cycle) {
        return attracting(
            follow_cycle(problem.field, problem.parameters, near.cycle, options.cycle),
            scale_floor(problem.field->states()));
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(SimpleAttractorKind kind) {
    switch (kind) {
        case SimpleAttractorKind::equilibrium: return "equilibrium";
        case SimpleAttractorKind::cycle: return "cycle";
        case SimpleAttractorKind::none: return "none";
    }
    return "unknown";
}

SimpleAttractor find_simple_attractor(const EquilibriumProblem& problem,
                                      const SimpleAttractorOptions& options) {
    require(!problem.field->time(), "find_simple_attractor: the field depends on time");
    Settling settling(problem, options);
    const OdeResult run =
        integrate({.field = problem.field,
                   .parameters = problem.parameters,
                   .initial = problem.guess,
                   .t1 = forever},
                  {.relative_tolerance = simulation_tolerance,
                   .absolute_tolerance = 1e-3 * simulation_tolerance},
                  [&](double t, ConstVectorRef x, ConstVectorRef) { return settling.see(t, x); });
    if (settling.found) return *settling.found;
    if (!succeeded(run.status)) return {run.status, run.message};
    return {
        Status::converged,
        "neither an equilibrium nor a cycle within " + std::to_string(options.max_steps) + " steps",
        SimpleAttractorKind::none,
        run.state,
        {}};
}

SimpleAttractor follow_simple_attractor(const EquilibriumProblem& problem,
                                        const SimpleAttractor& near,
                                        const SimpleAttractorOptions& options) {
    if (auto found = corrected(problem, near, options)) return *found;
    Vector begin = near.state;
    if (near.kind == SimpleAttractorKind::equilibrium)  // it may be one here as well
        begin += departure * begin.cwiseAbs().cwiseMax(scale_floor(problem.field->states()));
    return find_simple_attractor({problem.field, problem.parameters, begin}, options);
}

}  // namespace cortifold
