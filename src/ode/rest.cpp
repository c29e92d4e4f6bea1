#include <cortifold/equilibrium/deflation.hpp>
#include <cortifold/ode/integrate.hpp>
#include <cortifold/ode/rest.hpp>

#include <cmath>

namespace cortifold {

namespace {

constexpr double first_duration = 100.0;  // in units of 1 / ||J||
constexpr int rounds = 10;                // each twice as long as the one before
constexpr int samples_a_round = 1000;
constexpr double settling_tolerance = 1e-6;  // Newton does the rest
constexpr double settled_distance = 1e-4;    // from the equilibrium, relative to its size

constexpr int fewest_rounds = 5;
constexpr double steady_range = 0.7;  // of a round's range in the next: a cycle, or chaos

struct Round {
    OdeResult end;
    Vector mean, low, high;
    [[nodiscard]] Vector range() const { return high - low; }
};

Round integrate_round(const EquilibriumProblem& problem, const Vector& start, double duration) {
    Round round{{}, Vector::Zero(start.size()), start, start};
    Eigen::Index samples = 0;
    round.end = integrate({.field = problem.field,
                           .parameters = problem.parameters,
                           .initial = start,
                           .t1 = duration,
                           .clock = Clock::frozen},
                          {.method = OdeMethod::cvode,
                           .relative_tolerance = settling_tolerance,
                           .absolute_tolerance = 1e-3 * settling_tolerance,
                           .output_step = duration / samples_a_round},
                          [&](double, ConstVectorRef x, ConstVectorRef) {
                              round.mean += (x - round.mean) / static_cast<double>(++samples);
                              round.low = round.low.cwiseMin(x);
                              round.high = round.high.cwiseMax(x);
                              return Flow::proceed;
                          });
    return round;
}

/// The floor is what remains of the scale where a state rests at zero.
bool settled_on(const EquilibriumResult& equilibrium, const Vector& x, const Vector& floor) {
    const Vector size = equilibrium.state.cwiseAbs();
    const double small = settled_distance * size.maxCoeff();
    return ((x - equilibrium.state).array().abs() <=
            settled_distance * (size.array() + small + floor.array()))
        .all();
}

/// Inside the limits of the states; of a state without limits, as far beyond what was seen as its
/// range, or its size.
RestResult search_from_mean(const EquilibriumProblem& problem, const Round& seen) {
    const auto table = problem.field->states();
    const Vector& mean = seen.mean;
    SearchProblem search{problem.field, problem.parameters, mean, mean, {mean}};
    for (Eigen::Index k = 0; k < mean.size(); ++k) {
        const Quantity& state = table[static_cast<std::size_t>(k)];
        const double reach = seen.range()[k] + std::abs(mean[k]) + 1.0;
        search.low[k] =
            std::min(mean[k], std::isfinite(state.low) ? state.low : seen.low[k] - reach);
        search.high[k] =
            std::max(mean[k], std::isfinite(state.high) ? state.high : seen.high[k] + reach);
    }
    const SearchResult found = find_all_equilibria(search, {.starts = 0});
    if (found.equilibria.empty()) {
        RestResult none;
        none.message = "no equilibrium was found: " + found.message;
        return none;
    }
    return {found.equilibria.front(), false,
            "the default state does not settle; Newton from its time mean"};
}

}  // namespace

RestResult find_rest(const EquilibriumProblem& problem) {
    const double rate = jacobian(*problem.field, problem.guess, problem.parameters)
                            .cwiseAbs()
                            .rowwise()
                            .sum()
                            .maxCoeff();
    double duration = first_duration / (rate > 0.0 && std::isfinite(rate) ? rate : 1.0);
    Vector x = problem.guess, range;
    Round seen{{}, x, x, x};
    for (int k = 0; k < rounds; ++k, duration *= 2.0) {
        const Round round = integrate_round(problem, x, duration);
        if (round.end.status != Status::reached_end) break;
        seen = round;
        x = round.end.state;
        const EquilibriumResult equilibrium =
            find_equilibrium({problem.field, problem.parameters, x});
        if (equilibrium.status == Status::converged && equilibrium.n_unstable == 0 &&
            settled_on(equilibrium, x, scale_floor(problem.field->states())))
            return {equilibrium, true, "the default state settles on it"};
        if (k >= fewest_rounds && round.range().norm() > steady_range * range.norm()) break;
        range = round.range();
    }
    return search_from_mean(problem, seen);
}

}  // namespace cortifold
