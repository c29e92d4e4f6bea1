#include "closing.hpp"
#include "events.hpp"
#include "zero_finder.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <sstream>
#include <utility>

namespace cortifold {

namespace {

// Deuflhard, Fiedler & Kunkel 1987; den Heijer & Rheinboldt 1981: a step is as long as keeps these
// at their reference.
constexpr double reference_contraction = 0.05, reference_departure = 0.1;
constexpr double most_growth = 2.0, most_shrinking = 0.25;
constexpr double largest_departure = 0.5;  ///< of the corrected point from the predicted one
/// A step that departs, turns or iterates more may have jumped to another branch: then its middle
/// lies off the cubic between its ends by more than this part of it.
constexpr double suspicious_departure = 0.1, suspicious_angle = 0.25, off_the_cubic = 0.01;
constexpr int suspicious_iterations = 5;
/// Where a polynomial predicts better than the tangent: the cosine between the tangents of its
/// points, how far beyond the last of their steps it goes, and how many there are.
constexpr double flat_enough = 0.98, most_extrapolation = 1.6;
constexpr std::size_t most_known = 3, most_recent = 4;
constexpr int most_frames = 4;         ///< made for one point
constexpr double stands_still = 1e-6;  ///< of a unit tangent, scaled
constexpr double near_start = 0.1;     ///< scaled: what is farther was not meant
constexpr double on_bound = 1e-12;     ///< of the width of the bounds

}  // namespace

class Continuation::Run {
public:
    Run(std::shared_ptr<ZeroProblem> problem, const BranchPoint& start,
        const ContinuationOptions& options)
        : problem_(std::move(problem)),
          options_(options),
          curve_(*problem_, options_),
          step_(std::min(options.step.initial, options.step.largest)) {
        branch_.kind = problem_->kind();
        branch_.states = problem_->states();
        for (const Quantity& parameter : problem_->parameters())
            branch_.parameters.emplace_back(parameter.name);
        restart_metric(start.z);
        problem_->prepare(start);
        if (const std::string obstacle = problem_->obstacle(start); !obstacle.empty())
            end(Status::singular_jacobian, obstacle);
        else
            begin(start);
    }

    bool advance() {
        if (ended_) return false;
        if (branch_.points.size() > static_cast<std::size_t>(options_.max_points))
            return end(Status::point_limit, std::to_string(options_.max_points) + " points");
        for (int frames = 0;;) {
            auto next = try_step();
            if (next) return accept(std::move(*next));
            if (std::exchange(frame_changed_, false) && ++frames < most_frames) continue;
            step_ /= 2.0;
            if (step_ < options_.step.smallest) return end(failure_, failure_text());
        }
    }

    Branch branch_;

private:
    using Correction = CurveSolver::Correction;

    [[nodiscard]] const BranchPoint& last() const { return recent_.back(); }
    [[nodiscard]] Eigen::Index slot(std::size_t k) const { return problem_->parameter_slots()[k]; }

    bool end(Status status, std::string message) {
        ended_ = true;
        branch_.status = status;
        branch_.message = std::move(message);
        problem_->review(branch_);
        return false;
    }

    void restart_metric(const Vector& z) {
        scale_floor_ = problem_->scale_floor();
        curve_.metric.restart(z);
    }

    void begin(BranchPoint start) {
        auto first = correct_start(start);
        for (int frames = 0; frames < most_frames && succeeded(first.status) &&
                             problem_->fit(first.point) != ZeroProblem::Fit::good;
             ++frames) {
            first.point.frame = start.frame;
            problem_->change_frame(first.point);
            start.z = first.point.z;
            start = problem_->in_frame(std::move(start));
            restart_metric(start.z);
            first = correct_start(start);
        }
        if (!succeeded(first.status)) {
            end(first.status, "the start cannot be corrected: no point of the curve near it");
            return;
        }
        curve_.metric.follow(first.point.z);
        // Once more along the tangent as it will be gone: determinants take their sign from it.
        const Vector along = forward(first.point, start);
        first = curve_.correct(first.point.z, {curve_.metric.weighted(along), first.point.z});
        if (!succeeded(first.status)) {
            end(first.status, "the start cannot be corrected along its tangent");
            return;
        }
        problem_->adapt(first.point, first.at);
        const auto outside = crossed_bound(first.point);
        if (outside && !near_bound(first.point, *outside)) {
            end(Status::left_domain, "the start is outside the bounds of the parameters");
            return;
        }
        snap_to_bounds(first.point);
        curve_.complete(first);
        add(std::move(first.point));
        notify();
    }

    /// Near the start with the first parameter held; where that is singular, as at a fold, with
    /// another unknown held unless that parameter is meant to stay, or along the given tangent.
    [[nodiscard]] Correction correct_start(const BranchPoint& start) const {
        if (start.tangent.size() == start.z.size())
            return curve_.correct(start.z, {curve_.metric.weighted(start.tangent), start.z});
        Correction first = correct_holding(start.z, slot(0));
        const bool stays = options_.corrector.kind == CorrectorKind::natural;
        if (stays || moves_along(first, start.z, slot(0))) return first;
        for (Eigen::Index held = 0; held < start.z.size(); ++held) {
            Correction other = correct_holding(start.z, held);
            if (moves_along(other, start.z, held)) return other;
        }
        return first;
    }

    /// Along a curve on which an unknown stands still it cannot be held: then the way to the curve
    /// is rounding, and may be long.
    [[nodiscard]] bool moves_along(const Correction& at, const Vector& from,
                                   Eigen::Index held) const {
        return succeeded(at.status) && curve_.metric.norm(at.point.z - from) < near_start &&
               std::abs(at.point.tangent[held]) > stands_still * curve_.metric.scales()[held];
    }

    [[nodiscard]] Correction correct_holding(const Vector& z, Eigen::Index held) const {
        Vector row = Vector::Zero(z.size());
        row[held] = 1.0 / curve_.metric.scales()[held];
        return curve_.correct(z, {row, z});
    }

    [[nodiscard]] Vector forward(const BranchPoint& point, const BranchPoint& start) const {
        double way = point.tangent[slot(0)];
        if (options_.direction == Direction::decreasing) way = -way;
        if (options_.direction == Direction::along)
            way = curve_.metric.dot(point.tangent, start.tangent);
        return way < 0.0 ? Vector(-point.tangent) : point.tangent;
    }

    [[nodiscard]] Vector predict() const {
        const Vector row = curve_.metric.weighted(last().tangent);
        return extrapolate(std::span(recent_).last(count_smooth(row)), row, step_);
    }

    /// How many of the last points lie on a piece that is flat and not short for the step.
    [[nodiscard]] std::size_t count_smooth(const Vector& row) const {
        const auto& points = recent_;
        if (options_.step.predictor == Predictor::tangent) return 1;
        std::size_t count = 1;
        for (double least = step_ / most_extrapolation, so_far = 0.0;
             count < std::min(most_known, points.size()); ++count) {
            const BranchPoint& earlier = points[points.size() - 1 - count];
            const double distance = row.dot(last().z - earlier.z);
            if (distance - so_far < least || row.dot(earlier.tangent) < flat_enough) break;
            so_far = distance;
            least = 0.5 * step_ / most_extrapolation;
        }
        return count;
    }

    [[nodiscard]] CurveSolver::Constraint constraint(const Vector& predicted,
                                                     CorrectorKind kind) const {
        if (kind == CorrectorKind::natural) {
            Vector row = Vector::Zero(predicted.size());
            row[slot(0)] =
                std::copysign(1.0 / curve_.metric.scales()[slot(0)], last().tangent[slot(0)]);
            return {row, predicted};
        }
        return {curve_.metric.weighted(last().tangent), predicted,
                kind == CorrectorKind::moore_penrose};
    }

    struct Step {
        Correction to;
        Events events;
        double departure, angle;
    };

    /// A step of the present length, or nothing where it must be taken back.
    std::optional<Step> try_step() {
        const Vector predicted = predict();
        Step step{curve_.correct(predicted, constraint(predicted, options_.corrector.kind)),
                  {},
                  0.0,
                  0.0};
        if (!succeeded(step.to.status) &&
            options_.corrector.kind == CorrectorKind::pseudo_arclength)
            step.to =
                curve_.correct(predicted, constraint(predicted, CorrectorKind::moore_penrose));
        if (!succeeded(step.to.status)) return refuse(step.to.status);
        BranchPoint& point = step.to.point;
        const double cosine = curve_.metric.dot(point.tangent, last().tangent);
        step.angle = std::acos(std::clamp(cosine, -1.0, 1.0));
        step.departure = curve_.metric.norm(point.z - predicted) / step_;
        if (step.angle > options_.step.largest_angle || step.departure > largest_departure)
            return refuse(Status::step_too_small);
        point.arclength = last().arclength + curve_.metric.norm(point.z - last().z);
        if (may_have_jumped(step) && !is_smooth_to(point)) return refuse(Status::step_too_small);
        if (problem_->fit(point) == ZeroProblem::Fit::poor) {
            change_frame(point);
            return refuse(Status::step_too_small);
        }
        curve_.complete(step.to);
        if (!problem_->holds(point, step.to.at)) return refuse(Status::no_theory);
        if (const auto bound = crossed_bound(point);
            bound && !stop_at_bound(step, *bound) && !stop_at_event(step, *bound))
            return refuse(Status::step_too_small);
        if (step.events.points.empty()) step.events = find_events(curve_, last(), step.to.point);
        if (!succeeded(step.events.status)) return refuse(step.events.status);
        return step;
    }

    /// Onto a mesh for this point, with all that the next step is predicted from.
    void change_frame(const BranchPoint& point) {
        problem_->change_frame(point);
        for (BranchPoint& recent : recent_) recent = problem_->in_frame(std::move(recent));
        if (recent_.empty()) return;
        restart_metric(last().z);
        for (BranchPoint& recent : recent_) recent.tangent /= curve_.metric.norm(recent.tangent);
        frame_changed_ = true;
    }

    [[nodiscard]] static bool may_have_jumped(const Step& step) {
        return step.departure > suspicious_departure || step.angle > suspicious_angle ||
               step.to.point.newton_iterations >= suspicious_iterations;
    }

    [[nodiscard]] bool is_smooth_to(const BranchPoint& point) const {
        const double length = curve_.metric.norm(point.z - last().z);
        const Segment segment(curve_, last(), point);
        const auto middle = segment.meet(0.5);
        return succeeded(middle.status) &&
               curve_.metric.norm(middle.point.z - segment.expected(0.5)) <= off_the_cubic * length;
    }

    std::nullopt_t refuse(Status status) {
        failure_ = status;
        at_bound_ = false;
        return std::nullopt;
    }

    [[nodiscard]] std::string failure_text() const {
        std::ostringstream text;
        text << "no step from " << branch_.parameters.front() << " = " << last().z[slot(0)]
             << ", even of length " << step_ * 2.0 << " (" << to_string(failure_) << ")";
        return text.str();
    }

    struct Crossed {
        std::size_t parameter;
        double bound;
    };
    [[nodiscard]] std::optional<Crossed> crossed_bound(const BranchPoint& point) const {
        for (std::size_t k = 0; k < options_.bounds.size(); ++k) {
            const double value = point.z[slot(k)];
            if (value < options_.bounds[k].low) return Crossed{k, options_.bounds[k].low};
            if (value > options_.bounds[k].high) return Crossed{k, options_.bounds[k].high};
        }
        return std::nullopt;
    }

    [[nodiscard]] bool near_bound(const BranchPoint& point, const Crossed& crossed) const {
        return std::abs(point.z[slot(crossed.parameter)] - crossed.bound) <=
               on_bound * curve_.metric.scales()[slot(crossed.parameter)];
    }

    /// What rounding moved off a bound goes back onto it.
    void snap_to_bounds(BranchPoint& point) const {
        for (std::size_t k = 0; k < options_.bounds.size(); ++k)
            for (const double bound : {options_.bounds[k].low, options_.bounds[k].high})
                if (near_bound(point, {k, bound})) point.z[slot(k)] = bound;
    }

    /// Puts the end of a step that leaves the bounds onto the bound.
    bool stop_at_bound(Step& step, Crossed crossed) {
        const Eigen::Index at = slot(crossed.parameter);
        const double from = last().z[at], to = step.to.point.z[at];
        const double theta = std::clamp((crossed.bound - from) / (to - from), 0.0, 1.0);
        auto stopped = Segment(curve_, last(), step.to.point).where(at, crossed.bound, theta);
        if (!succeeded(stopped.status)) return false;
        stopped.point.z[at] = crossed.bound;
        step.to = std::move(stopped);
        at_bound_ = true;
        return !crossed_bound(step.to.point);
    }

    /// Where a branch point lies on the bound nothing can be held there: it ends the step itself.
    bool stop_at_event(Step& step, const Crossed& crossed) {
        Events events = find_events(curve_, last(), step.to.point);
        const auto on_it = std::ranges::find_if(events.points, [&](const SpecialPoint& event) {
            return near_bound(event.at, crossed);
        });
        if (on_it == events.points.end()) return false;
        BranchPoint& point = step.to.point;
        point.z = on_it->at.z;
        point.arclength = on_it->at.arclength;
        snap_to_bounds(point);
        step.to.at = problem_->linearize(point.z, curve_.metric.weighted(point.tangent),
                                         curve_.metric.scales());
        curve_.complete(step.to);
        point.n_unstable = on_it->at.n_unstable;
        events.points.erase(on_it + 1, events.points.end());
        step.events = std::move(events);
        at_bound_ = true;
        return !crossed_bound(point);
    }

    bool accept(Step step) {
        if (at_bound_ && curve_.metric.norm(step.to.point.z - last().z) < on_bound)
            return end(Status::reached_end, "at a bound of the parameters");
        const bool met = comes_back(curve_, branch_.points, last(), step.to.point);
        add(add_events(step));
        notify();
        if (ended_) return true;
        adjust_step(step);
        look_for_hidden_events();
        problem_->adapt(last(), step.to.at);
        if (problem_->fit(last()) != ZeroProblem::Fit::good) change_frame(last());
        frame_changed_ = false;
        if (met) close();
        if (!ended_) look_for_limit();
        if (at_bound_) end(Status::reached_end, "at a bound of the parameters");
        check_limits();
        return true;
    }

    void add(BranchPoint point) {
        if (recent_.size() == most_recent) recent_.erase(recent_.begin());
        recent_.push_back(std::move(point));
        curve_.metric.follow(last().z);
        recent_.back().tangent /= curve_.metric.norm(last().tangent);
        branch_.points.push_back(last());
    }

    void close() {
        auto& special = branch_.special;
        if (special.size() > 1 && is_same_event(curve_.metric, special.front(), special.back()))
            special.pop_back();  // where the run started
        end(Status::closed_branch, "the branch comes back to a point it has been at");
    }

    void adjust_step(const Step& step) {
        double factor = most_growth;
        if (step.to.contraction > 0.0)
            factor = std::min(factor, std::sqrt(reference_contraction / step.to.contraction));
        if (step.departure > 0.0)
            factor = std::min(factor, std::sqrt(reference_departure / step.departure));
        if (step.angle > 0.0) factor = std::min(factor, problem_->turn_per_step() / step.angle);
        step_ = std::clamp(step_ * std::max(factor, most_shrinking), options_.step.smallest,
                           options_.step.largest);
    }

    /// The point that ends the step: a special point where the curve ends there.
    BranchPoint add_events(Step& step) {
        for (SpecialPoint& event : step.events.points) {
            event.after = branch_.points.size() - 1;
            const auto status = problem_->ends_at(event);
            const BranchPoint at = status ? event.at : BranchPoint();
            const PointType type = event.type;
            branch_.special.push_back(std::move(event));
            if (status) {
                end(*status, "at a " + std::string(to_string(type)) + " point");
                return at;
            }
        }
        return std::move(step.to.point);
    }

    void look_for_limit() {
        auto limit = problem_->limit(branch_);
        if (!limit) return;
        const Status status = problem_->ends_at(*limit).value_or(Status::reached_end);
        const PointType type = limit->type;
        limit->after = branch_.points.size() - 2;
        branch_.special.push_back(std::move(*limit));
        end(status, "towards a " + std::string(to_string(type)) + " point");
    }

    void look_for_hidden_events() {
        if (recent_.size() < 3) return;
        const std::size_t first = branch_.points.size() - recent_.size();
        auto hidden = find_hidden_events(curve_, recent_);
        if (hidden.empty()) return;
        for (SpecialPoint& event : hidden) {
            event.after += first;
            if (std::ranges::none_of(branch_.special, [&](const SpecialPoint& known) {
                    return is_same_event(curve_.metric, known, event);
                }))
                branch_.special.push_back(std::move(event));
        }
        std::ranges::stable_sort(branch_.special, {},
                                 [](const SpecialPoint& s) { return s.at.arclength; });
    }

    void check_limits() {
        if (ended_) return;
        const auto n = problem_->states();
        if (last().z.head(n).cwiseQuotient(scale_floor_.head(n)).cwiseAbs().maxCoeff() >
            options_.state_limit)
            end(Status::left_domain, "a state is beyond its limit");
        if (branch_.special.size() >= static_cast<std::size_t>(options_.stop_after))
            end(Status::reached_end, std::to_string(options_.stop_after) + " special points");
    }

    void notify() {
        if (options_.observer && options_.observer(last()) == Flow::stop)
            end(Status::stopped_by_observer, "stopped by its observer");
    }

    std::shared_ptr<ZeroProblem> problem_;
    ContinuationOptions options_;
    CurveSolver curve_;
    Vector scale_floor_;
    double step_;
    std::vector<BranchPoint> recent_;  ///< the last points of the branch, in the present frame
    bool ended_ = false, at_bound_ = false, frame_changed_ = false;
    Status failure_ = Status::step_too_small;
};

Continuation::Continuation(std::shared_ptr<ZeroProblem> problem, const BranchPoint& start,
                           const ContinuationOptions& options) {
    options.validate();
    require(problem != nullptr, "Continuation: there is no problem");
    require(options.direction != Direction::along || start.tangent.size() == start.z.size(),
            "Continuation: to go along its tangent the start must have one");
    problem->restore_frame(start);
    require(start.z.size() == problem->unknowns(),
            "Continuation: the start has " + std::to_string(start.z.size()) +
                " unknowns, the curve " + std::to_string(problem->unknowns()));
    run_ = std::make_unique<Run>(std::move(problem), start, options);
}
Continuation::~Continuation() = default;
Continuation::Continuation(Continuation&&) noexcept = default;

bool Continuation::advance() {
    return run_->advance();
}

const Branch& Continuation::branch() const {
    return run_->branch_;
}

Branch Continuation::take() && {
    return std::move(run_->branch_);
}

}  // namespace cortifold
