#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/diagram.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/deflation.hpp>
#include <cortifold/ode/rest.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

/// Scaled arclength: a curve of branch points that is shorter has only been left by rounding.
constexpr double stands_still = 1e-3;
/// Of the box and the range: Newton's method finds no more digits of a branch point.
constexpr double same_point = 1e-4;

class Builder {
public:
    Builder(const DiagramProblem& problem, const DiagramOptions& options)
        : problem_(problem), options_(options) {}

    Diagram build() {
        diagram_.status = Status::converged;
        search_slices();
        for (std::size_t k = 0; k < diagram_.branches.size() && !stopped_; ++k) switch_at(k);
        for (const auto& [at, branch] : not_followed_)
            if (!is_branch_point(at.z))
                leave_out(branch.status, "an equilibrium in the box", branch.message);
        if (diagram_.branches.empty() && diagram_.notes.empty()) look_for_obstacle();
        if (options_.cycles) follow_cycles();
        if (problem_.second)
            for (std::size_t k = 0; k < diagram_.branches.size() && !stopped_; ++k) curves_at(k);
        conclude();
        return std::move(diagram_);
    }

private:
    [[nodiscard]] std::string name() const {
        return std::string(problem_.field->parameters()[problem_.parameter].name);
    }

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
            diagram_.slices.push_back({value, found.solves, found.equilibria.size()});
            if (why_none_.empty() && !succeeded(found.status)) {
                none_ = found.status;
                why_none_ = name() + " = " + std::to_string(value) + ": " + found.message;
            }
            for (const EquilibriumResult& equilibrium : found.equilibria)
                if (!stopped_)
                    (void)follow({problem, equilibrium_start(equilibrium.state, value)}, "");
        }
        std::ranges::sort(diagram_.slices, {}, &DiagramSlice::parameter);
    }

    /// Whether an equilibrium is at a point, by states and free parameters.
    [[nodiscard]] bool is_at(const BranchPoint& point, const Vector& state,
                             std::span<const double> parameters) const {
        const Vector size = problem_.high - problem_.low;
        const double width = problem_.range.high - problem_.range.low;
        return (point.z.head(size.size()) - state).cwiseQuotient(size).cwiseAbs().maxCoeff() <
                   same_point &&
               std::abs(point.parameters.front() - parameters.front()) < same_point * width &&
               (!problem_.second || parameters.size() < 2 ||
                std::abs(point.parameters[1] - parameters[1]) <
                    same_point * (problem_.second->range.high - problem_.second->range.low));
    }

    /// Where branches meet none can start, and those that pass tell of the point.
    [[nodiscard]] bool is_branch_point(const Vector& z) const {
        const Eigen::Index n = problem_.low.size();
        const auto is_here = [&](const SpecialPoint& point) {
            return point.type == PointType::branch_point && point.at.z.size() == n + 1 &&
                   is_at(point.at, z.head(n), {{z[n]}});
        };
        return std::ranges::any_of(diagram_.branches, [&](const Branch& branch) {
            return std::ranges::any_of(branch.special, is_here);
        });
    }

    /// Newton's method finds no equilibrium where none is isolated. Those that the field settles on
    /// tell why.
    void look_for_obstacle() {
        for (int k = 0; k < options_.slices && diagram_.notes.empty(); ++k)
            look_for_obstacle_at(slice(k));
    }

    void look_for_obstacle_at(double value) {
        const auto problem =
            equilibrium_curve(problem_.field, problem_.parameters, problem_.parameter);
        for (const Vector& start : problem_.starts) {
            const RestResult rest = find_rest({problem_.field, parameters_at(value), start});
            if (!succeeded(rest.equilibrium.status)) continue;
            const BranchPoint point = equilibrium_start(rest.equilibrium.state, value);
            problem->prepare(point);
            if (const std::string obstacle = problem->obstacle(point); !obstacle.empty())
                leave_out(Status::singular_jacobian, "a state at rest", obstacle);
        }
    }

    void leave_out(Status status, const std::string& from, const std::string& why) {
        const std::string note = "from " + from + " no curve was followed: " + why;
        if (std::ranges::find(diagram_.notes, note) != diagram_.notes.end()) return;
        diagram_.notes.push_back(note);
        if (succeeded(status) || !succeeded(diagram_.status)) return;
        diagram_.status = status;
        diagram_.message = note;
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

    [[nodiscard]] ContinuationOptions along(const CurveStart& start) const {
        const CurveKind kind = start.problem->kind();
        const bool branch = kind == CurveKind::equilibrium || kind == CurveKind::cycle;
        ContinuationOptions options = options_.continuation;
        options.bounds = {problem_.range};
        if (!branch) options.bounds.push_back(problem_.second->range);
        if (kind == CurveKind::homoclinic)
            options.bounds.push_back({0.0, period_limit(start)});
        else if (is_of_cycles(kind))
            options.bounds.push_back(
                {0.0, options_.cycles->max_period.value_or(period_limit(start))});
        // A curve of bifurcations also goes back to the point beside which it starts.
        options.direction = branch ? start.way : Direction::both;
        return options;
    }

    [[nodiscard]] std::optional<std::size_t> find_through(
        const CurveStart& start, const ContinuationOptions& options) const {
        std::vector<const Branch*> known;
        for (const Branch& branch : diagram_.branches) known.push_back(&branch);
        return is_of_cycles(start.problem->kind()) ? find_cycles_through(start, known, options)
                                                   : find_branch_through(start, known, options);
    }

    /// The number of the branch that passes through a start: a new one where none did. Nothing
    /// where there is no curve. `from` is the label of the point where it starts; empty: it has
    /// none.
    std::optional<std::size_t> follow(const CurveStart& start, const std::string& from) {
        const ContinuationOptions options = along(start);
        if (const auto number = find_through(start, options)) return number;
        if (std::ranges::count(diagram_.branches, start.problem->kind(), &Branch::kind) >=
            options_.max_branches) {
            full_ = true;
            return std::nullopt;
        }
        Branch branch = continue_branch(start.problem, start.point, options);
        if (const std::string unfolding = unfolding_of(branch); !unfolding.empty())
            leave_out(Status::converged, from, unfolding);
        else if (!branch.points.empty())
            return add(std::move(branch));
        else if (!succeeded(branch.status) && from.empty())
            not_followed_.emplace_back(start.point, std::move(branch));
        else if (!succeeded(branch.status))
            leave_out(branch.status, from, branch.message);
        return std::nullopt;
    }

    std::size_t add(Branch branch) {
        // By the state where it begins: how many unknowns a cycle has changes along it.
        branch.states = problem_.field->dimension();
        orient(branch);
        name(branch);
        diagram_.branches.push_back(std::move(branch));
        if (options_.observer && options_.observer(diagram_.branches.back()) == Flow::stop)
            stopped_ = true;
        return diagram_.branches.size() - 1;
    }

    void link(std::size_t from, const std::string& label, std::optional<std::size_t> to) {
        if (to && *to != from) diagram_.graph.push_back({from, label, *to});
    }

    /// The special point of equilibria where cycles shrink to nothing.
    [[nodiscard]] const SpecialPoint* find_equilibrium_at(const SpecialPoint& end) const {
        const auto n = static_cast<Eigen::Index>(problem_.field->dimension());
        for (const Branch& branch : diagram_.branches)
            for (const SpecialPoint& point : branch.special)
                if (!is_of_cycles(branch.kind) && point.type == end.type &&
                    is_at(end.at, point.at.z.head(n), point.at.parameters))
                    return &point;
        return nullptr;
    }

    /// The period doubling at which doubled cycles become the simple ones, twice.
    [[nodiscard]] const SpecialPoint* find_simple_cycle_at(const SpecialPoint& end) const {
        const double near = same_point * (problem_.range.high - problem_.range.low);
        for (const Branch& branch : diagram_.branches)
            for (const SpecialPoint& point : branch.special)
                if (branch.kind == CurveKind::cycle && point.type == PointType::period_doubling &&
                    std::abs(point.at.parameters[0] - end.at.parameters[0]) < near &&
                    std::abs(2.0 * point.at.period / end.at.period - 1.0) < same_point)
                    return &point;
        return nullptr;
    }

    /// The known Bogdanov-Takens point at which homoclinic orbits vanish.
    [[nodiscard]] const SpecialPoint* find_bogdanov_takens_at(const SpecialPoint& end) const {
        const double near_first = same_point * (problem_.range.high - problem_.range.low),
                     near_second =
                         same_point * (problem_.second->range.high - problem_.second->range.low);
        for (const Branch& branch : diagram_.branches)
            for (const SpecialPoint& point : branch.special)
                if (point.type == end.type &&
                    std::abs(point.at.parameters[0] - end.at.parameters[0]) < near_first &&
                    std::abs(point.at.parameters[1] - end.at.parameters[1]) < near_second)
                    return &point;
        return nullptr;
    }

    /// The known point at which a curve of cycles ends, which has its label already.
    [[nodiscard]] const SpecialPoint* find_end(CurveKind kind, const SpecialPoint& point) const {
        if (kind == CurveKind::homoclinic && point.type == PointType::bogdanov_takens)
            return find_bogdanov_takens_at(point);
        if (point.type == PointType::hopf || point.type == PointType::generalized_hopf)
            return is_of_cycles(kind) ? find_equilibrium_at(point) : nullptr;
        const bool doubles = point.type == PointType::period_doubling;
        return kind == CurveKind::cycle && doubles ? find_simple_cycle_at(point) : nullptr;
    }

    /// Ends keep the label that they have, and are not counted.
    void name(Branch& branch) {
        std::vector<SpecialPoint> all = std::move(branch.special);
        std::vector<std::size_t> counted;
        branch.special.clear();
        for (std::size_t k = 0; k < all.size(); ++k) {
            if (const SpecialPoint* end = find_end(branch.kind, all[k])) {
                all[k].label = end->label;
            } else {
                counted.push_back(k);
                branch.special.push_back(all[k]);
            }
        }
        labels_.name(branch);
        for (std::size_t k = 0; k < counted.size(); ++k)
            all[counted[k]].label = branch.special[k].label;
        branch.special = std::move(all);
    }

    /// Those of Hopf points first, then, branch by branch, those that leave them.
    void follow_cycles() {
        const std::size_t equilibria = diagram_.branches.size();
        for (std::size_t k = 0; k < equilibria && !stopped_; ++k) cycles_born_at(k);
        doublings_.assign(diagram_.branches.size(), 0);
        for (std::size_t k = equilibria; k < diagram_.branches.size() && !stopped_; ++k)
            cycles_leaving(k);
    }

    /// The first curve of a kind, from a number on, that holds a point of another branch.
    [[nodiscard]] std::optional<std::size_t> curve_with(CurveKind kind, const std::string& label,
                                                        std::size_t first = 0) const {
        for (std::size_t k = first; k < diagram_.branches.size(); ++k)
            if (diagram_.branches[k].kind == kind && passes(k, label)) return k;
        return std::nullopt;
    }

    [[nodiscard]] bool passes(std::size_t number, const std::string& label) const {
        const auto& special = diagram_.branches[number].special;
        return std::ranges::find(special, label, &SpecialPoint::label) != special.end();
    }

    /// Whether a branch ends at a point that a branch before it passes.
    [[nodiscard]] bool is_end(std::size_t number, const std::string& label) const {
        for (std::size_t k = 0; k < number; ++k)
            if (diagram_.branches[k].kind == CurveKind::cycle && passes(k, label)) return true;
        return false;
    }

    void cycles_born_at(std::size_t number) {
        const std::vector<SpecialPoint> special = diagram_.branches[number].special;
        for (const SpecialPoint& point : special) {
            if (point.type != PointType::hopf || stopped_) continue;
            auto family = curve_with(CurveKind::cycle, point.label, number + 1);
            if (!family)
                family =
                    follow(cycles_from_hopf(problem_.field, problem_.parameters, problem_.parameter,
                                            point, options_.cycles->options),
                           point.label);
            link(number, point.label, family);
        }
    }

    void cycles_leaving(std::size_t number) {
        const std::vector<SpecialPoint> special = diagram_.branches[number].special;
        for (const SpecialPoint& point : special) {
            const bool doubles = point.type == PointType::period_doubling;
            if (stopped_ || is_end(number, point.label) ||
                (doubles && doublings_[number] >= options_.cycles->doublings))
                continue;
            if (const auto family = curve_with(CurveKind::cycle, point.label, number + 1)) {
                link(number, point.label, family);
                continue;
            }
            if (point.type == PointType::branch_point_of_cycles &&
                options_.cycles->options.method != CycleMethod::collocation) {
                leave_out(Status::converged, point.label,
                          "where branches of cycles cross, collocation alone leaves one");
                continue;
            }
            for (const CurveStart& start :
                 cycles_at(problem_.field, problem_.parameters, problem_.parameter, point,
                           options_.cycles->options)) {
                link(number, point.label, follow(start, point.label));
                doublings_.resize(diagram_.branches.size(), doublings_[number] + (doubles ? 1 : 0));
            }
        }
    }

    // By number, and copies of the points: following a curve adds branches.
    void switch_at(std::size_t number) {
        const std::vector<SpecialPoint> special = diagram_.branches[number].special;
        for (const SpecialPoint& point : special) {
            if (point.type != PointType::branch_point || stopped_) continue;
            for (const CurveStart& start :
                 branches_at(problem_.field, problem_.parameters, problem_.parameter, point))
                link(number, point.label, follow(start, point.label));
        }
    }

    void curves_at(std::size_t number) {
        const Branch& branch = diagram_.branches[number];
        const std::vector<SpecialPoint> special = branch.special;
        const CurveKind kind = branch.kind;
        for (const SpecialPoint& point : special) {
            if (stopped_) return;
            if (options_.cycles && !is_end(number, point.label)) cycle_curves_at(number, point);
            if (is_of_cycles(kind)) continue;
            if (point.type == PointType::fold_hopf && is_of_branch_points(point.label)) {
                leave_out(Status::converged, point.label, "branches of equilibria meet there");
                continue;
            }
            for (const CurveStart& start :
                 curves_through(problem_.field, bifurcation(point, kind),
                                {problem_.parameter, problem_.second->parameter}))
                link(number, point.label, follow(start, point.label));
        }
    }

    void cycle_curves_at(std::size_t number, const SpecialPoint& point) {
        // A homoclinic curve that came from elsewhere may end there already.
        if (point.type == PointType::bogdanov_takens)
            if (const auto known = curve_with(CurveKind::homoclinic, point.label))
                return link(number, point.label, known);
        Vector parameters = problem_.parameters;
        const CurveKind kind = diagram_.branches[number].kind;
        if (kind != CurveKind::equilibrium && kind != CurveKind::cycle)
            parameters[static_cast<Eigen::Index>(problem_.second->parameter)] =
                point.at.parameters[1];
        for (const CurveStart& start : cycle_curves_through(
                 problem_.field, parameters, {problem_.parameter, problem_.second->parameter},
                 point, options_.cycles->options))
            link(number, point.label, follow(start, point.label));
    }

    /// Whether the zero eigenvalue is that of branch points instead of folds: no curve is regular
    /// where it crosses theirs.
    [[nodiscard]] bool is_of_branch_points(const std::string& label) const {
        return std::ranges::any_of(diagram_.branches, [&](const Branch& branch) {
            return branch.kind == CurveKind::branch_point &&
                   std::ranges::find(branch.special, label, &SpecialPoint::label) !=
                       branch.special.end();
        });
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
        } else if (!succeeded(diagram_.status)) {
            return;  // a start that leads nowhere has said so
        } else if (diagram_.branches.empty()) {
            diagram_.status = none_;
            diagram_.message =
                "no equilibrium was found in the box at any slice of the range; at " + why_none_;
        } else if (bad != diagram_.branches.end()) {
            diagram_.status = bad->status;
            diagram_.message = "branch " + std::to_string(bad - diagram_.branches.begin() + 1) +
                               ": " + bad->message;
        } else if (full_) {
            diagram_.status = Status::iteration_limit;
            diagram_.message = "there are more starts than max_branches = " +
                               std::to_string(options_.max_branches) + " allows";
        } else {
            diagram_.message = std::to_string(diagram_.branches.size()) + " branches";
        }
    }

    const DiagramProblem& problem_;
    const DiagramOptions& options_;
    Diagram diagram_;
    Labels labels_;
    std::vector<int> doublings_;  ///< of the period on the way to each branch
    std::vector<std::pair<BranchPoint, Branch>> not_followed_;  ///< starts without a label
    Status none_ = Status::iteration_limit;  ///< of the first slice without an equilibrium
    std::string why_none_;
    bool stopped_ = false, full_ = false;
};

}  // namespace

void DiagramOptions::validate() const {
    continuation.validate();
    require(slices > 0, "diagram.slices = " + std::to_string(slices) + " must be greater than 0");
    require(max_branches > 0,
            "diagram.max_branches = " + std::to_string(max_branches) + " must be greater than 0");
    if (!cycles) return;
    cycles->options.validate();
    require(cycles->doublings >= 0,
            "diagram.doublings = " + std::to_string(cycles->doublings) + " must not be negative");
    require(!cycles->max_period || *cycles->max_period > 0.0,
            "diagram.max_period must be greater than 0");
}

std::string unfolding_of(const Branch& curve) {
    if (curve.kind != CurveKind::branch_point || curve.status != Status::no_theory ||
        curve.points.empty() ||
        curve.points.back().arclength - curve.points.front().arclength > stands_still)
        return {};
    return "the branches that meet there come apart as soon as " + curve.parameters.back() +
           " changes";
}

Diagram complete_diagram(const DiagramProblem& problem, const DiagramOptions& options) {
    options.validate();
    require(problem.field != nullptr, "complete_diagram: there is no field");
    require(!problem.second || problem.second->parameter != problem.parameter,
            "complete_diagram: parameter = " + std::to_string(problem.parameter) +
                " and second.parameter must differ");
    return Builder(problem, options).build();
}

}  // namespace cortifold
