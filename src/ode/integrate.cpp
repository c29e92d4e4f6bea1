#include "jump_watch.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

/// Of an output step, by how much t0 + k output_step may miss the end and still be it.
constexpr double end_tolerance = 1e-9;
/// A step after a jump is at most this many times what was used of the step before it: jumps that
/// come ever faster are not stepped over.
constexpr double growth_after_jump = 8.0;

/// What the observer sees: every step, or from + k output_step and the end.
class Output {
public:
    Output(DrivenField& field, const OdeProblem& problem, const OdeOptions& options,
           const OdeObserver& observer)
        : field_(field),
          from_(options.output_from.value_or(problem.t0)),
          t1_(problem.t1),
          step_(options.output_step),
          observer_(observer),
          count_(from_ > problem.t0 ? 0 : 1),
          x_(problem.initial.size()) {}

    /// The times within the last step before t.
    Flow until(double t, Stepper& stepper) {
        if (!observer_ || step_ == 0.0) return Flow::proceed;
        for (double at; (at = next()) < t; ++count_) {
            stepper.interpolate(at, x_);
            if (see(at, x_) == Flow::stop) return Flow::stop;
        }
        return Flow::proceed;
    }

    /// The end of a step, if that is a time to show.
    Flow at(double t, const Vector& x) {
        const bool asked_for = step_ > 0.0 && next() == t;
        if (asked_for) ++count_;
        return asked_for || step_ == 0.0 || t == t1_ ? see(t, x) : Flow::proceed;
    }

    /// Also where no time was asked for: at the start and where a jump ends the run.
    Flow see(double t, const Vector& x) {
        if (!observer_ || t < from_) return Flow::proceed;
        field_.move_to(t);
        if (observer_(t, x, field_.parameters()) == Flow::proceed) return Flow::proceed;
        stop_at(t, x);
        return Flow::stop;
    }
    void stop_at(double t, const Vector& x) {
        stopped_at_ = t;
        x_ = x;
    }

    [[nodiscard]] double stopped_at() const { return stopped_at_; }
    [[nodiscard]] const Vector& stopped_state() const { return x_; }

private:
    /// Never accumulated, so the k-th time is exact; t1 where the last one meets it.
    [[nodiscard]] double next() const {
        const double t = from_ + static_cast<double>(count_) * step_;
        return t > t1_ - end_tolerance * step_ ? t1_ : t;
    }

    DrivenField& field_;
    const double from_, t1_, step_;
    const OdeObserver& observer_;
    long count_;
    double stopped_at_ = 0.0;
    Vector x_;
};

std::unique_ptr<Stepper> make_stepper(DrivenField& field, const OdeProblem& problem,
                                      const OdeOptions& options) {
    if (options.method == OdeMethod::cvode) return make_cvode(field, problem, options);
    if (options.method == OdeMethod::dormand_prince)
        return make_dormand_prince(field, problem, options);
    return make_fixed_step(field, problem, options);
}

/// Goes from step to step, and anew from each discontinuity.
class Run {
public:
    Run(const OdeProblem& problem, const OdeOptions& options, const OdeObserver& observer)
        : t0_(problem.t0),
          t1_(problem.t1),
          options_(options),
          field_(problem, options.noise),
          stepper_(make_stepper(field_, problem, options)),
          watch_(field_),
          output_(field_, problem, options, observer),
          x_(problem.initial.size()) {}

    OdeResult go() {
        OdeResult result;
        result.status = start();
        while (result.status == Status::converged) {
            if (steps_ == options_.max_steps)
                result.status = Status::iteration_limit;
            else
                result.status = step();
        }
        const bool stopped = result.status == Status::stopped_by_observer;
        result.t = stopped ? output_.stopped_at() : stepper_->t();
        result.state = stopped ? output_.stopped_state() : stepper_->state();
        result.parameters = field_.resting_parameters();
        result.steps = steps_;
        result.evaluations = field_.evaluations();
        result.factorizations = stepper_->factorizations();
        result.jumps = watch_.made();
        result.message = message(result);
        return result;
    }

private:
    Status start() {
        smooth_until_ = field_.enter(t0_, t1_);
        watch_.start(t0_, stepper_->state());
        return output_.see(t0_, stepper_->state()) == Flow::stop ? Status::stopped_by_observer
                                                                 : Status::converged;
    }

    [[nodiscard]] double longest_from(double t) const {
        const bool bounded = options_.max_step > 0.0 && !has_fixed_step(options_.method);
        return bounded ? t + options_.max_step : infinity;
    }

    /// `converged`: there is more to do.
    Status step() {
        const double stop = std::min({smooth_until_, short_until_, longest_from(stepper_->t())});
        if (const Status status = stepper_->advance(stop); !succeeded(status)) return status;
        ++steps_;
        const std::optional<double> jump = watch_.find(*stepper_);
        double t = jump.value_or(stepper_->t());
        if (t1_ - t <= time_resolution(t1_)) t = t1_;
        if (output_.until(t, *stepper_) == Flow::stop) return Status::stopped_by_observer;
        short_until_ = infinity;
        if (jump || (t >= smooth_until_ && t < t1_))
            if (const Status status = turn(t, jump.has_value()); status != Status::converged)
                return status;
        if (output_.at(t, stepper_->state()) == Flow::stop) return Status::stopped_by_observer;
        if (t >= t1_) return Status::reached_end;
        return options_.watch && options_.watch(t) == Flow::stop ? stop_here() : Status::converged;
    }

    /// From the last step into the next one where a drive breaks or the field jumps.
    Status turn(double t, bool jumps) {
        const double used = std::max(t - stepper_->t_old(), time_resolution(t));
        if (t < stepper_->t())
            stepper_->interpolate(t, x_);
        else
            x_ = stepper_->state();
        if (t >= smooth_until_) smooth_until_ = field_.enter(t, t1_);
        stepper_->restart(t, x_);
        if (!jumps && !watch_.crosses_by_break(t, x_)) return Status::converged;
        const Vector last_good = field_.resting_parameters();
        const Flow flow = watch_.apply(t, x_, options_);
        if (!x_.allFinite() || !field_.resting_parameters().allFinite()) {
            field_.rest_at(last_good);
            return Status::non_finite;
        }
        stepper_->restart(t, x_);
        short_until_ = t + growth_after_jump * used;
        if (flow == Flow::stop) return end_by_jump();
        return watch_.piled_up() ? Status::step_too_small : Status::converged;
    }

    Status end_by_jump() {
        (void)output_.see(stepper_->t(), stepper_->state());
        return stop_here();
    }
    Status stop_here() {
        output_.stop_at(stepper_->t(), stepper_->state());
        return Status::stopped_by_observer;
    }

    [[nodiscard]] std::string_view reason(Status status) const {
        switch (status) {
            case Status::reached_end: return "reached the end";
            case Status::stopped_by_observer: return "stopped";
            case Status::iteration_limit: return "max_steps is used up";
            case Status::step_too_small:
                return watch_.piled_up() ? "jumps pile up"
                                         : "the step became too small, the state may blow up,";
            case Status::singular_jacobian: return "the implicit equations are singular";
            default: return "the state or its derivative is not finite beyond here,";
        }
    }

    [[nodiscard]] std::string message(const OdeResult& result) const {
        std::ostringstream text;
        text << reason(result.status) << " at t = " << result.t << " after " << result.steps
             << " steps";
        if (!succeeded(result.status) && !stepper_->message().empty())
            text << " (" << stepper_->message() << ")";
        return text.str();
    }

    const double t0_, t1_;
    const OdeOptions& options_;
    DrivenField field_;
    std::unique_ptr<Stepper> stepper_;
    JumpWatch watch_;
    Output output_;
    Vector x_;
    double smooth_until_ = 0.0, short_until_ = infinity;
    long steps_ = 0;
};

void validate(const OdeProblem& problem) {
    const auto fits = [](std::string_view what, Eigen::Index found, Eigen::Index asked) {
        require(found == asked, "integrate: " + std::to_string(found) + " " + std::string(what) +
                                    " were given, the field has " + std::to_string(asked));
    };
    require(problem.field != nullptr, "integrate: there is no field");
    fits("parameters", problem.parameters.size(),
         static_cast<Eigen::Index>(problem.field->parameters().size()));
    fits("states", problem.initial.size(), problem.field->dimension());
    require(problem.initial.allFinite(), "integrate: the initial state must be finite");
    require(std::isfinite(problem.t0) && std::isfinite(problem.t1) && problem.t0 < problem.t1,
            "integrate: t1 = " + std::to_string(problem.t1) +
                " must be greater than t0 = " + std::to_string(problem.t0) + ", both finite");
}

void require_method_for_noise(const OdeProblem& problem, OdeMethod method) {
    if (is_stochastic(method)) return;
    const std::string can =
        ", " + std::string(to_string(method)) +
        " cannot follow it: euler_maruyama and stochastic_heun can (ode.method)";
    require(problem.clock == Clock::frozen || problem.field->noises().empty(),
            "integrate: the field has noise" + can);
    for (const Drive& drive : problem.drives)
        require(!is_random(drive.wave), "integrate: a drive is random" + can);
}

}  // namespace

bool is_stochastic(OdeMethod method) {
    return method == OdeMethod::euler_maruyama || method == OdeMethod::stochastic_heun;
}

bool has_fixed_step(OdeMethod method) {
    return method != OdeMethod::cvode && method != OdeMethod::dormand_prince;
}

std::string_view to_string(OdeMethod method) {
    switch (method) {
        case OdeMethod::cvode: return "cvode";
        case OdeMethod::dormand_prince: return "dormand_prince";
        case OdeMethod::runge_kutta4: return "runge_kutta4";
        case OdeMethod::euler: return "euler";
        case OdeMethod::euler_maruyama: return "euler_maruyama";
        case OdeMethod::stochastic_heun: return "stochastic_heun";
    }
    return "unknown";
}

void OdeOptions::validate() const {
    const auto check = [](bool holds, std::string_view name, double value, std::string_view bound) {
        std::ostringstream text;
        text << "ode." << name << " = " << value << " must be " << bound;
        require(holds, text.str());
    };
    const auto not_negative = [](double x) { return x >= 0.0 && std::isfinite(x); };
    check(relative_tolerance > 0.0 && relative_tolerance < 1.0, "relative_tolerance",
          relative_tolerance, "between 0 and 1");
    check(absolute_tolerance > 0.0, "absolute_tolerance", absolute_tolerance, "greater than 0");
    check(not_negative(step), "step", step, "at least 0");
    check(!has_fixed_step(method) || step > 0.0, "step", step,
          "greater than 0 for " + std::string(to_string(method)));
    check(noise.refinement > 0, "noise.refinement", noise.refinement, "greater than 0");
    check(not_negative(max_step), "max_step", max_step, "at least 0");
    check(not_negative(output_step), "output_step", output_step, "at least 0");
    check(max_steps > 0, "max_steps", static_cast<double>(max_steps), "greater than 0");
}

OdeResult integrate(const OdeProblem& problem, const OdeOptions& options,
                    const OdeObserver& observer) {
    options.validate();
    validate(problem);
    require_method_for_noise(problem, options.method);
    return Run(problem, options, observer).go();
}

}  // namespace cortifold
