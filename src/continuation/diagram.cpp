#include <cortifold/continuation/diagram.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/deflation.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

class Builder {
public:
    Builder(const DiagramProblem& problem, const DiagramOptions& options)
        : problem_(problem), options_(options) {}

    Diagram build() {
        search_slices();
        for (std::size_t k = 0; k < diagram_.branches.size() && !stopped_; ++k) switch_at(k);
        if (problem_.second)
            for (std::size_t k = 0; k < diagram_.branches.size() && !stopped_; ++k) curves_at(k);
        conclude();
        return std::move(diagram_);
    }

private:
    [[nodiscard]] Vector parameters_at(double value) const {
        Vector p = problem_.parameters;
        p[static_cast<Eigen::Index>(problem_.parameter)] = value;
        return p;
    }

    void search_slices() {
        const auto problem =
            equilibrium_curve(problem_.field, problem_.parameters, problem_.parameter);
        for (int k = 0; k < options_.slices && !stopped_; ++k) {
            const double value = slice(k);
            const SearchResult found =
                find_all_equilibria({problem_.field, parameters_at(value), problem_.low,
                                     problem_.high, starts_at(value)},
                                    {.context = options_.context});
            for (const EquilibriumResult& equilibrium : found.equilibria)
                if (!stopped_) (void)follow({problem, equilibrium_start(equilibrium.state, value)});
        }
    }

    /// Both ends, then between them where no symmetry of the model is likely to be: golden section.
    [[nodiscard]] double slice(int k) const {
        const auto [low, high] = problem_.range;
        if (k < 2) return k == 0 ? low : high;
        return low + (high - low) * std::fmod((k - 1) / std::numbers::phi, 1.0);
    }

    /// What is known here already, so that the search spends nothing on it.
    [[nodiscard]] std::vector<Vector> starts_at(double value) const {
        std::vector<Vector> starts = problem_.starts;
        for (const Branch& branch : diagram_.branches)
            for (std::size_t k = 0; k + 1 < branch.points.size(); ++k) {
                const BranchPoint &a = branch.points[k], &b = branch.points[k + 1];
                const double theta =
                    (value - a.parameters[0]) / (b.parameters[0] - a.parameters[0]);
                if (theta >= 0.0 && theta < 1.0)
                    starts.push_back((a.z + theta * (b.z - a.z)).head(branch.states));
            }
        return starts;
    }

    /// The number of the branch that passes through a start: a new one where none did. Nothing
    /// where there is no curve.
    std::optional<std::size_t> follow(const CurveStart& start) {
        ContinuationOptions options = options_.continuation;
        options.bounds = {problem_.range};
        if (start.problem->kind() != CurveKind::equilibrium)
            options.bounds.push_back(problem_.second->range);
        options.direction = start.way;
        std::vector<const Branch*> known;
        for (const Branch& branch : diagram_.branches) known.push_back(&branch);
        if (const auto number = find_branch_through(start, known, options)) return number;
        Branch branch = continue_branch(start.problem, start.point, options);
        if (branch.points.empty()) return std::nullopt;
        return add(std::move(branch));
    }

    std::optional<std::size_t> add(Branch branch) {
        const auto same_kind = std::ranges::count(diagram_.branches, branch.kind, &Branch::kind);
        if (same_kind >= options_.max_branches) {
            full_ = true;
            return std::nullopt;
        }
        orient(branch);
        labels_.name(branch);
        diagram_.branches.push_back(std::move(branch));
        if (options_.observer && options_.observer(diagram_.branches.back()) == Flow::stop)
            stopped_ = true;
        return diagram_.branches.size() - 1;
    }

    void link(std::size_t from, const std::string& label, std::optional<std::size_t> to) {
        if (to && *to != from) diagram_.graph.push_back({from, label, *to});
    }

    // By number, and copies of the points: following a curve adds branches.
    void switch_at(std::size_t number) {
        const std::vector<SpecialPoint> special = diagram_.branches[number].special;
        for (const SpecialPoint& point : special) {
            if (point.type != PointType::branch_point || stopped_) continue;
            for (const CurveStart& start :
                 branches_at(problem_.field, problem_.parameters, problem_.parameter, point))
                link(number, point.label, follow(start));
        }
    }

    void curves_at(std::size_t number) {
        const Branch& branch = diagram_.branches[number];
        const std::vector<SpecialPoint> special = branch.special;
        const CurveKind kind = branch.kind;
        for (const SpecialPoint& point : special) {
            if (stopped_) return;
            for (const CurveStart& start :
                 curves_through(problem_.field, bifurcation(point, kind),
                                {problem_.parameter, problem_.second->parameter}))
                link(number, point.label, follow(start));
        }
    }

    [[nodiscard]] Bifurcation bifurcation(const SpecialPoint& point, CurveKind kind) const {
        Bifurcation at{point.type, point.at.z.head(problem_.field->dimension()),
                       parameters_at(point.at.parameters.front()),
                       2.0 * std::numbers::pi * point.frequency,
                       2.0 * std::numbers::pi * point.second_frequency};
        if (kind != CurveKind::equilibrium)
            at.parameters[static_cast<Eigen::Index>(problem_.second->parameter)] =
                point.at.parameters.back();
        return at;
    }

    void conclude() {
        const auto bad = std::ranges::find_if(
            diagram_.branches, [](const Branch& branch) { return !succeeded(branch.status); });
        if (stopped_) {
            diagram_.status = Status::stopped_by_observer;
            diagram_.message = "stopped by its observer";
        } else if (diagram_.branches.empty()) {
            diagram_.status = Status::iteration_limit;
            diagram_.message = "no equilibrium was found in the box at any slice of the range";
        } else if (bad != diagram_.branches.end()) {
            diagram_.status = bad->status;
            diagram_.message = "branch " + std::to_string(bad - diagram_.branches.begin() + 1) +
                               ": " + bad->message;
        } else if (full_) {
            diagram_.status = Status::iteration_limit;
            diagram_.message =
                "there are more than max_branches = " + std::to_string(options_.max_branches);
        } else {
            diagram_.status = Status::converged;
            diagram_.message = std::to_string(diagram_.branches.size()) + " branches";
        }
    }

    const DiagramProblem& problem_;
    const DiagramOptions& options_;
    Diagram diagram_;
    Labels labels_;
    bool stopped_ = false, full_ = false;
};

}  // namespace

void DiagramOptions::validate() const {
    continuation.validate();
    require(slices > 0, "diagram.slices = " + std::to_string(slices) + " must be greater than 0");
    require(max_branches > 0,
            "diagram.max_branches = " + std::to_string(max_branches) + " must be greater than 0");
}

Diagram complete_diagram(const DiagramProblem& problem, const DiagramOptions& options) {
    options.validate();
    require(problem.field != nullptr, "complete_diagram: there is no field");
    return Builder(problem, options).build();
}

}  // namespace cortifold
