#include "newton_iteration.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/deflation.hpp>

#include <algorithm>
#include <cmath>
#include <exception>

namespace cortifold {

namespace {

/// Of the box, what Newton takes for the smallest scale of a state.
constexpr double floor_fraction = 1e-3;

/// Where between two equilibria a third is looked for, and among how many of them.
constexpr double parts_between[] = {0.0625, 0.125, 0.25, 0.5, 0.75, 0.875, 0.9375};
constexpr std::size_t most_paired = 12;
/// How far along its slow direction from each of them, in widths of the box.
constexpr double distances_along[] = {0.001, 0.004, 0.016, 0.064, 0.256};

/// The generalized golden ratio: the root above 1 of g^(n+1) = g + 1, which the iteration
/// contracts to.
double golden_ratio(Eigen::Index dimension) {
    constexpr int iterations = 64;
    double g = 2.0;
    for (int k = 0; k < iterations; ++k)
        g = std::pow(1.0 + g, 1.0 / (static_cast<double>(dimension) + 1.0));
    return g;
}

/// The R-sequence frac(1/2 + k alpha), alpha_i = g^-i: low discrepancy in any dimension, no tables
/// (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences").
std::vector<Vector> quasi_random_points(const Vector& low, const Vector& high, int count) {
    const double g = golden_ratio(low.size());
    std::vector<Vector> points(static_cast<std::size_t>(count), Vector(low.size()));
    for (std::size_t k = 0; k < points.size(); ++k)
        for (Eigen::Index i = 0; i < low.size(); ++i) {
            const double turns =
                0.5 + static_cast<double>(k + 1) * std::pow(g, -static_cast<double>(i + 1));
            points[k][i] = low[i] + (turns - std::floor(turns)) * (high[i] - low[i]);
        }
    return points;
}

/// What the work threw: no exception may leave a thread.
std::exception_ptr caught(auto&& work) {
    try {
        work();
        return nullptr;
    } catch (...) {
        return std::current_exception();
    }
}

/// Rounds of solves: all starts without deflation, then all starts, and points near what was
/// found, deflated by what earlier rounds found, until a round finds nothing new. Within a round
/// the solves are independent and what they find is united in the order of the starts, so the
/// number of threads does not matter.
class Search {
public:
    Search(const SearchProblem& problem, const SearchOptions& options)
        : problem_(problem),
          options_(options),
          width_(problem.high - problem.low),
          starts_(problem.starts) {
        const auto points = quasi_random_points(problem.low, problem.high, options.starts);
        starts_.insert(starts_.end(), points.begin(), points.end());
    }

    SearchResult run() {
        for (int round = 0; round <= options_.deflated_solves; ++round) {
            const std::size_t before = known_.size();
            unite(solve_all());
            if (known_.size() == before) break;
            add_starts_near(before);
        }
        return result();
    }

private:
    /// Two stable equilibria have a saddle between them; near a fold it is close to one of them,
    /// along the direction in which that one is slowest.
    void add_starts_near(std::size_t first_new) {
        for (std::size_t j = first_new; j < std::min(known_.size(), most_paired); ++j) {
            for (std::size_t i = 0; i < j; ++i)
                for (const double part : parts_between)
                    starts_.push_back((1.0 - part) * known_[i].state + part * known_[j].state);
            const Vector direction = slow_direction(known_[j].state);
            for (const double distance : distances_along)
                for (const double sign : {-1.0, 1.0})
                    starts_.push_back(known_[j].state + sign * distance * direction);
        }
    }

    /// Two steps of inverse iteration, as long as the box in its longest component.
    Vector slow_direction(const Vector& root) const {
        const auto solver = problem_.field->factorize(root, problem_.parameters, 0.0);
        Matrix v = width_;
        for (int k = 0; k < 2; ++k) {
            solver->solve(v);
            v /= v.cwiseQuotient(width_).cwiseAbs().maxCoeff();
        }
        return v.allFinite() ? Vector(v) : Vector::Zero(root.size());
    }

    std::vector<EquilibriumResult> solve_all() {
        std::vector<Vector> roots;
        for (const EquilibriumResult& root : known_) roots.push_back(root.state);
        const Deflation deflation{roots, width_.cwiseInverse()};
        std::vector<EquilibriumResult> solved(starts_.size());
        std::vector<std::exception_ptr> errors(starts_.size());
#pragma omp parallel for schedule(dynamic) num_threads(options_.context.threads)
        for (std::size_t k = 0; k < starts_.size(); ++k)
            errors[k] = caught([&] { solved[k] = solve(starts_[k], deflation); });
        for (const std::exception_ptr& error : errors)
            if (error) std::rethrow_exception(error);
        solves_ += static_cast<int>(starts_.size());
        return solved;
    }

    /// Deflated first, then, from there or from the start, without deflation, which leaves no trace
    /// in the root.
    EquilibriumResult solve(const Vector& start, const Deflation& deflation) const {
        EquilibriumProblem problem{problem_.field, problem_.parameters, start};
        const Vector floor = floor_fraction * width_;
        if (!deflation.roots.empty()) {
            NewtonOptions full_steps = options_.newton;
            full_steps.line_search = false;
            EquilibriumResult away = iterate_newton(problem, full_steps, floor, deflation);
            if (succeeded(away.status)) problem.guess = away.state;
        }
        return solve_equilibrium(problem, options_.newton, floor);
    }

    void unite(const std::vector<EquilibriumResult>& solved) {
        if (first_failure_.empty() && !succeeded(solved.front().status)) {
            failure_ = solved.front().status;
            first_failure_ = solved.front().message;
        }
        for (const EquilibriumResult& candidate : solved)
            if (succeeded(candidate.status) &&
                std::ranges::none_of(known_, [&](const EquilibriumResult& root) {
                    return distance(root.state, candidate.state) < options_.separation;
                }))
                known_.push_back(candidate);
    }

    double distance(const Vector& a, const Vector& b) const {
        return (a - b).cwiseAbs().cwiseQuotient(width_).maxCoeff();
    }

    bool in_box(const Vector& x) const {
        const Vector margin = options_.separation * width_;
        return (x.array() >= (problem_.low - margin).array()).all() &&
               (x.array() <= (problem_.high + margin).array()).all();
    }

    /// In units of the separation, so that the rounding of equal first states orders nothing.
    std::vector<double> order_key(const EquilibriumResult& root) const {
        const Vector key = root.state.cwiseQuotient(options_.separation * width_).array().round();
        return {key.begin(), key.end()};
    }

    SearchResult result() {
        SearchResult found;
        found.solves = solves_;
        for (EquilibriumResult& root : known_)
            if (in_box(root.state)) found.equilibria.push_back(std::move(root));
        std::ranges::sort(found.equilibria, {}, [&](const auto& root) { return order_key(root); });
        for (EquilibriumResult& root : found.equilibria)
            add_eigenvalues(*problem_.field, problem_.parameters, root);
        found.status = found.equilibria.empty() ? failure_ : Status::converged;
        found.message = message(found.equilibria.size());
        return found;
    }

    std::string message(std::size_t inside) const {
        std::string text = std::to_string(inside) + (inside == 1 ? " equilibrium" : " equilibria") +
                           " in the box and " + std::to_string(known_.size() - inside) +
                           " outside, from " + std::to_string(starts_.size()) + " starts";
        if (inside == 0 && !first_failure_.empty()) text += "; the first start: " + first_failure_;
        return text;
    }

    const SearchProblem& problem_;
    const SearchOptions& options_;
    const Vector width_;
    std::vector<Vector> starts_;
    std::vector<EquilibriumResult> known_;
    int solves_ = 0;
    Status failure_ = Status::iteration_limit;
    std::string first_failure_;
};

void validate(const SearchProblem& problem) {
    require_sizes(problem.field.get(), problem.parameters, problem.low, "find_all_equilibria, low");
    require_sizes(problem.field.get(), problem.parameters, problem.high,
                  "find_all_equilibria, high");
    for (const Vector& start : problem.starts)
        require_sizes(problem.field.get(), problem.parameters, start, "find_all_equilibria, start");
    for (Eigen::Index i = 0; i < problem.low.size(); ++i)
        require(std::isfinite(problem.low[i]) && std::isfinite(problem.high[i]) &&
                    problem.low[i] < problem.high[i],
                "find_all_equilibria: the box of " +
                    std::string(problem.field->states()[static_cast<std::size_t>(i)].name) + ", " +
                    std::to_string(problem.low[i]) + " to " + std::to_string(problem.high[i]) +
                    ", must be finite and not empty");
}

}  // namespace

void SearchOptions::validate() const {
    const auto at_least = [](std::string_view name, double value, double bound) {
        require(value >= bound, "search." + std::string(name) + " = " + std::to_string(value) +
                                    " must be at least " + std::to_string(bound));
    };
    at_least("starts", starts, 0);
    at_least("deflated_solves", deflated_solves, 0);
    at_least("context.threads", context.threads, 1);
    require(separation > 0.0 && separation < 1.0,
            "search.separation = " + std::to_string(separation) + " must be between 0 and 1");
    newton.validate();
}

SearchResult find_all_equilibria(const SearchProblem& problem, const SearchOptions& options) {
    options.validate();
    validate(problem);
    require(options.starts > 0 || !problem.starts.empty(),
            "find_all_equilibria: search.starts = 0 and no starts were given");
    return Search(problem, options).run();
}

}  // namespace cortifold
