#include "stepper.hpp"
#include <cortifold/core/error.hpp>

#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

/// Of an output step, by how much t0 + k output_step may miss the end and still be it.
constexpr double end_tolerance = 1e-9;

/// What the observer sees: every step, or t0 + k output_step and the end.
class Output {
public:
    Output(const OdeProblem& problem, double step, const OdeObserver& observer)
        : t0_(problem.t0), t1_(problem.t1), step_(step), observer_(observer) {}

    Flow after_step(Stepper& stepper) {
        if (!observer_) return Flow::proceed;
        for (double t; step_ > 0.0 && (t = next()) < t1_ && t <= stepper.t(); ++count_) {
            x_ = stepper.state();
            if (t < stepper.t()) stepper.interpolate(t, x_);
            if (see(t, x_) == Flow::stop) return Flow::stop;
        }
        const bool every_step = step_ == 0.0;
        return every_step || stepper.t() == t1_ ? see(stepper.t(), stepper.state()) : Flow::proceed;
    }

    /// At the start and wherever `after_step` finds a time.
    Flow see(double t, const Vector& x) {
        if (!observer_ || observer_(t, x) == Flow::proceed) return Flow::proceed;
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
        const double t = t0_ + static_cast<double>(count_) * step_;
        return t > t1_ - end_tolerance * step_ ? t1_ : t;
    }

    const double t0_, t1_, step_;
    const OdeObserver& observer_;
    long count_ = 1;
    double stopped_at_ = 0.0;
    Vector x_;
};

std::unique_ptr<Stepper> make_stepper(const OdeProblem& problem, const OdeOptions& options) {
    switch (options.method) {
        case OdeMethod::cvode: return make_cvode(problem, options);
        case OdeMethod::dormand_prince: return make_dormand_prince(problem, options);
        case OdeMethod::runge_kutta4: return make_runge_kutta4(problem, options);
        default: break;
    }
    throw UsageError("integrate: unknown method");
}

Status drive(Stepper& stepper, Output& output, double t1, const OdeOptions& options, long& steps) {
    if (output.see(stepper.t(), stepper.state()) == Flow::stop) return Status::stopped_by_observer;
    while (steps < options.max_steps) {
        if (const Status status = stepper.advance(); !succeeded(status)) return status;
        ++steps;
        if (output.after_step(stepper) == Flow::stop) return Status::stopped_by_observer;
        if (stepper.t() >= t1) return Status::reached_end;
        if (options.watch && options.watch(stepper.t()) == Flow::stop) {
            output.stop_at(stepper.t(), stepper.state());
            return Status::stopped_by_observer;
        }
    }
    return Status::iteration_limit;
}

std::string_view reason(Status status) {
    switch (status) {
        case Status::reached_end: return "reached the end";
        case Status::stopped_by_observer: return "stopped";
        case Status::iteration_limit: return "max_steps is used up";
        case Status::step_too_small: return "the step became too small, the state may blow up,";
        case Status::singular_jacobian: return "the implicit equations are singular";
        default: return "the state or its derivative is not finite beyond here,";
    }
}

std::string message(const OdeResult& result, const std::string& detail) {
    std::ostringstream text;
    text << reason(result.status) << " at t = " << result.t << " after " << result.steps
         << " steps";
    if (!succeeded(result.status) && !detail.empty()) text << " (" << detail << ")";
    return text.str();
}

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

}  // namespace

std::string_view to_string(OdeMethod method) {
    switch (method) {
        case OdeMethod::cvode: return "cvode";
        case OdeMethod::dormand_prince: return "dormand_prince";
        case OdeMethod::runge_kutta4: return "runge_kutta4";
        default: break;
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
    check(method != OdeMethod::runge_kutta4 || step > 0.0, "step", step,
          "greater than 0 for runge_kutta4");
    check(not_negative(output_step), "output_step", output_step, "at least 0");
    check(max_steps > 0, "max_steps", static_cast<double>(max_steps), "greater than 0");
}

OdeResult integrate(const OdeProblem& problem, const OdeOptions& options,
                    const OdeObserver& observer) {
    options.validate();
    validate(problem);
    const auto stepper = make_stepper(problem, options);
    Output output(problem, options.output_step, observer);
    OdeResult result;
    result.status = drive(*stepper, output, problem.t1, options, result.steps);
    const bool stopped = result.status == Status::stopped_by_observer;
    result.t = stopped ? output.stopped_at() : stepper->t();
    result.state = stopped ? output.stopped_state() : stepper->state();
    result.evaluations = stepper->evaluations();
    result.factorizations = stepper->factorizations();
    result.message = message(result, stepper->message());
    return result;
}

}  // namespace cortifold
