#include "initial_state.hpp"
#include "simulation_record.hpp"
#include "step.hpp"
#include "system.hpp"
#include <cortifold/ode/integrate.hpp>

namespace cortifold {

namespace {

constexpr OdeMethod methods[] = {OdeMethod::dormand_prince, OdeMethod::cvode,
                                 OdeMethod::runge_kutta4};
constexpr double outputs_by_default = 2000.0;

class Simulate final : public Step {
public:
    Simulate(System system, InitialState initial, OdeOptions options, double transient,
             double duration)
        : system_(std::move(system)),
          initial_(std::move(initial)),
          options_(options),
          transient_(transient),
          duration_(duration) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const auto field = threaded_field(system_, at);
        const Start start = make_start(initial_, system_, at);
        if (!succeeded(start.status)) return {start.status, start.message, Record::Table{}};
        at.progress.start("simulate");
        const OdeResult settled = settle(field, start.state, at);
        if (settled.status != Status::reached_end)
            return {end_status(settled), "in the transient: " + settled.message, Record::Table{}};

        SimulationRecord record(at.folder, *field, at.study.network.kinds.front()->states(),
                                system_.regions(at.study));
        const OdeResult end = integrate(
            {field, system_.parameters, settled.state, transient_, transient_ + duration_},
            options_, [&](double t, ConstVectorRef state) {
                record.add(t, state);
                return show_progress(t, at);
            });
        at.progress.finish();
        StepResult result{end_status(end), end.message, Record::Table{}};
        result.summary["duration"] = end.t - transient_;
        if (start.mode) result.summary["mode"] = *start.mode;
        result.summary["final"] = state_record(*field, end.state);
        record.close(result.summary);
        result.summary["steps"] = static_cast<std::int64_t>(settled.steps + end.steps);
        result.summary["evaluations"] =
            static_cast<std::int64_t>(settled.evaluations + end.evaluations);
        return result;
    }

private:
    static Status end_status(const OdeResult& end) {
        return end.status == Status::stopped_by_observer ? Status::interrupted : end.status;
    }

    Flow show_progress(double t, const StepContext& at) const {
        at.progress.update(t / (transient_ + duration_));
        return Flow::proceed;
    }

    [[nodiscard]] OdeResult settle(const std::shared_ptr<const VectorField>& field, const Vector& x,
                                   const StepContext& at) const {
        if (transient_ == 0.0) return {Status::reached_end, {}, 0.0, x, 0, 0, 0};
        OdeOptions options = options_;
        options.output_step = 0.0;
        return integrate({field, system_.parameters, x, 0.0, transient_}, options,
                         [&](double t, ConstVectorRef) { return show_progress(t, at); });
    }

    System system_;
    InitialState initial_;
    OdeOptions options_;
    double transient_, duration_;
};

}  // namespace

std::unique_ptr<Step> read_simulate(ConfigReader& options, const Study& study) {
    System system = read_system(options, study, Manifold::full, Unequal::refuse);
    InitialState initial = read_initial_state(options, study);
    if (initial.mode && system.manifold == Manifold::homogeneous)
        throw ConfigError("mode needs manifold = \"full\": a homogeneous state has no pattern",
                          options.where("mode"));
    const double duration = options.number("duration", {}, positive);
    const double transient = options.number("transient", 0.0, {0.0, 1e300});
    OdeOptions ode;
    ode.watch = [](double) { return interrupted() ? Flow::stop : Flow::proceed; };
    ode.method = options.choice<OdeMethod>("method", ode.method, methods);
    if (ode.method == OdeMethod::runge_kutta4) {
        ode.step = options.number("step", {}, positive);
    } else {
        ode.relative_tolerance =
            options.number("relative_tolerance", ode.relative_tolerance, {1e-14, 1e-1});
        ode.absolute_tolerance =
            options.number("absolute_tolerance", ode.absolute_tolerance, positive);
    }
    ode.output_step = options.number("output_step", duration / outputs_by_default, positive);
    return std::make_unique<Simulate>(std::move(system), std::move(initial), ode, transient,
                                      duration);
}

}  // namespace cortifold
