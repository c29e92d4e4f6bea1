#include "ensemble_record.hpp"
#include "initial_state.hpp"
#include "simulation_record.hpp"
#include "step.hpp"
#include "stimulus.hpp"
#include "system.hpp"
#include "trajectory_arrays.hpp"
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/ode/ensemble.hpp>

#include <algorithm>
#include <atomic>
#include <map>

namespace cortifold {

namespace {

constexpr OdeMethod methods[] = {OdeMethod::dormand_prince, OdeMethod::cvode,
                                 OdeMethod::runge_kutta4,   OdeMethod::euler,
                                 OdeMethod::euler_maruyama, OdeMethod::stochastic_heun};
constexpr Export exports[] = {Export::none, Export::npy};
constexpr double outputs_by_default = 2000.0;

struct Window {
    double t0 = 0.0, transient = 0.0, duration = 0.0;
    [[nodiscard]] double start() const { return t0 + transient; }
    [[nodiscard]] double end() const { return t0 + transient + duration; }
};

/// Writes each jump of a run, or of the members of an ensemble, to events.csv as it comes.
class EventLog {
public:
    EventLog(const std::filesystem::path& folder, const VectorField& field, bool has_members)
        : field_(field), has_members_(has_members) {
        if (field.jumps().empty()) return;
        std::vector<Column> columns{{"t", std::string(field.time_unit())}, {"event", ""}};
        if (has_members) columns.insert(columns.begin(), {"member", ""});
        table_.emplace(folder / "events.csv", columns);
    }
    void add(const MemberJump& jump, std::uint32_t member = 0) {
        const std::string& name = field_.jumps()[jump.which].name;
        ++counts_[name];
        std::vector<Cell> row{jump.t, name};
        if (has_members_) row.insert(row.begin(), std::int64_t{member});
        table_->write_row(row);
    }
    void close(Record& summary) {
        if (!table_) return;
        table_->close();
        Record events = Record::List{};
        for (const Jump& jump : field_.jumps())
            events.push_back(Record::Table{{"name", jump.name}, {"count", counts_[jump.name]}});
        summary["events"] = events;
    }

private:
    const VectorField& field_;
    bool has_members_;
    std::optional<CsvWriter> table_;
    std::map<std::string, std::int64_t> counts_;
};

class Simulate final : public Step {
public:
    Simulate(System system, InitialState initial, Stimuli stimuli, OdeOptions options,
             Window window, std::uint32_t members, Export also)
        : system_(std::move(system)),
          initial_(std::move(initial)),
          stimuli_(std::move(stimuli)),
          options_(std::move(options)),
          window_(window),
          members_(members),
          also_(also) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const Start start = make_start(initial_, system_, at);
        if (!succeeded(start.status)) return {start.status, start.message, Record::Table{}};
        // Members run side by side, each on one thread.
        const auto field =
            threaded_field(system_, members_ > 1 ? Context{.seed = at.context.seed} : at.context);
        const OdeProblem problem{field,      system_.parameters, start.state,
                                 window_.t0, window_.end(),      make_drives(stimuli_, *field)};
        OdeOptions options = options_;
        options.noise.seed = at.context.seed;
        options.output_from = window_.start();
        at.progress.start("simulate");
        StepResult result =
            members_ > 1 ? run_ensemble(problem, options, at) : run_once(problem, options, at);
        at.progress.finish();
        if (start.mode) result.summary["mode"] = *start.mode;
        return result;
    }

private:
    static Status end_status(const OdeResult& end) {
        return end.status == Status::stopped_by_observer && interrupted() ? Status::interrupted
                                                                          : end.status;
    }

    [[nodiscard]] std::optional<TrajectoryArrays> make_arrays(const VectorField& field,
                                                              const StepContext& at) const {
        if (also_ == Export::none) return std::nullopt;
        return TrajectoryArrays(at.folder, field, system_.network.kinds.front()->states());
    }

    /// What moves the parameters but for chance: as auxiliary quantities see them.
    static Vector parameters_at(double t, const OdeProblem& problem) {
        Vector p = problem.parameters;
        if (const auto time = problem.field->time()) p[static_cast<Eigen::Index>(*time)] = t;
        for (const Drive& drive : problem.drives)
            if (!is_random(drive.wave))
                p[static_cast<Eigen::Index>(drive.parameter)] += wave_value(drive.wave, t);
        return p;
    }

    StepResult run_once(const OdeProblem& problem, OdeOptions options,
                        const StepContext& at) const {
        const VectorField& field = *problem.field;
        SimulationRecord record(at.folder, field, system_.network.kinds.front()->states(),
                                system_.regions(at.study));
        std::optional<TrajectoryArrays> arrays = make_arrays(field, at);
        EventLog events(at.folder, field, false);
        options.watch = [&](double t) {
            at.progress.update((t - window_.t0) / (window_.end() - window_.t0));
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        options.on_jump = [&](std::size_t which, double t, ConstVectorRef) {
            if (t >= window_.start()) events.add({which, t});
        };
        const OdeResult end = integrate(problem, options, [&](double t, ConstVectorRef x) {
            if (t < window_.start()) return Flow::proceed;
            Vector auxiliaries(static_cast<Eigen::Index>(field.auxiliaries().size()));
            field.auxiliary_values(x, parameters_at(t, problem), auxiliaries);
            record.add(t, x, auxiliaries);
            if (arrays) arrays->add(t, x, auxiliaries);
            return Flow::proceed;
        });
        StepResult result{end_status(end), end.message, Record::Table{}};
        result.summary["duration"] = std::max(0.0, end.t - window_.start());
        result.summary["final"] = state_record(field, end.state);
        record.close(result.summary);
        if (arrays) arrays->close(result.summary);
        events.close(result.summary);
        result.summary["steps"] = static_cast<std::int64_t>(end.steps);
        result.summary["evaluations"] = static_cast<std::int64_t>(end.evaluations);
        return result;
    }

    /// As many members at once as there are threads, then the next: what is held in memory stays
    /// bounded, and what is written is in the order of the members.
    StepResult run_ensemble(const OdeProblem& problem, OdeOptions options,
                            const StepContext& at) const {
        EnsembleRecord record(at.folder, *problem.field, system_.network.kinds.front()->states(),
                              system_.regions(at.study));
        std::optional<TrajectoryArrays> arrays = make_arrays(*problem.field, at);
        EventLog events(at.folder, *problem.field, true);
        StepResult result{Status::reached_end, "every member reached its end", Record::Table{}};
        std::int64_t steps = 0, evaluations = 0, done = 0;
        const auto threads = static_cast<std::uint32_t>(std::max(1, at.context.threads));
        for (std::uint32_t first = 0; first < members_ && succeeded(result.status);
             first += threads) {
            const std::uint32_t count = std::min(threads, members_ - first);
            std::vector<MemberRun> runs(count);
            options.noise.member = first;
            Ensemble ensemble{.members = count, .context = at.context};
            ensemble.on_jump = [&](std::uint32_t member, std::size_t which, double t) {
                if (t >= window_.start()) runs[member].jumps.push_back({which, t});
            };
            const std::vector<OdeResult> ends = integrate_ensemble(
                problem, options, ensemble, [&](std::uint32_t member, double t, ConstVectorRef x) {
                    runs[member].times.push_back(t);
                    runs[member].states.emplace_back(x);
                    return Flow::proceed;
                });
            for (std::uint32_t k = 0; k < count; ++k) {
                const Status end = end_status(ends[k]);
                runs[k].ended_by_event = end == Status::stopped_by_observer;
                if (end != Status::reached_end && !runs[k].ended_by_event) {
                    result.status = end;
                    result.message = "member " + std::to_string(first + k) + ": " + ends[k].message;
                    break;
                }
                record.add(first + k, runs[k]);
                if (arrays) arrays->add(first + k, runs[k]);
                for (const MemberJump& jump : runs[k].jumps) events.add(jump, first + k);
                steps += ends[k].steps;
                evaluations += ends[k].evaluations;
                ++done;
            }
            if (result.status != Status::reached_end) break;
            at.progress.update(static_cast<double>(first + count) / members_);
        }
        result.summary["duration"] = window_.duration;
        result.summary["members"] = done;
        if (done > 0) record.close(result.summary);
        if (arrays) arrays->close(result.summary);
        events.close(result.summary);
        result.summary["steps"] = steps;
        result.summary["evaluations"] = evaluations;
        return result;
    }

    System system_;
    InitialState initial_;
    Stimuli stimuli_;
    OdeOptions options_;
    Window window_;
    std::uint32_t members_;
    Export also_;
};

std::shared_ptr<const NodeEvents> read_node_events(ConfigReader& options, const Study& study) {
    const Record* list = options.any("event");
    if (list == nullptr) return nullptr;
    return make_node_events(read_events(*list, options.path("event")),
                            *study.network.kinds.front());
}

/// The model's own wishes are the defaults: of an .ode file `total`, `dt`, `t0`, `trans`.
Window read_window(ConfigReader& options, const Study& study, const System& system) {
    const auto& run = study.run;
    Window window;
    const auto time = system.field->time();
    window.t0 = system.at_given_time ? system.parameters[static_cast<Eigen::Index>(*time)]
                                     : options.number("t0", run.t0.value_or(0.0));
    window.transient = options.number("transient", run.transient.value_or(0.0), {0.0, 1e300});
    std::optional<double> duration = run.duration;
    if (duration) duration = *duration - run.transient.value_or(0.0);
    window.duration = options.number("duration", duration, positive);
    return window;
}

void read_method(ConfigReader& options, const EquationDefinition::Run& run, bool random,
                 OdeOptions& ode) {
    ode.method = options.choice<OdeMethod>(
        "method", random ? OdeMethod::stochastic_heun : ode.method, methods);
    if (random && !is_stochastic(ode.method))
        throw ConfigError("method = \"" + std::string(to_string(ode.method)) +
                              "\" knows no noise, which this simulation has; take "
                              "\"stochastic_heun\" or \"euler_maruyama\"",
                          options.where("method"));
    if (ode.method == OdeMethod::dormand_prince || ode.method == OdeMethod::cvode) {
        ode.relative_tolerance =
            options.number("relative_tolerance", ode.relative_tolerance, {1e-14, 1e-1});
        ode.absolute_tolerance =
            options.number("absolute_tolerance", ode.absolute_tolerance, positive);
    } else {
        ode.step = options.number("step", run.step, positive);
    }
}

}  // namespace

std::unique_ptr<Step> read_simulate(ConfigReader& options, const Study& study) {
    Stimuli stimuli = read_stimuli(options, study);
    System system = read_system(options, study, Manifold::full, Unequal::refuse,
                                {stimuli.injections, read_node_events(options, study)});
    InitialState initial = read_initial_state(options, study);
    if (initial.mode && system.manifold == Manifold::homogeneous)
        throw ConfigError("mode needs manifold = \"full\": a homogeneous state has no pattern",
                          options.where("mode"));
    const Window window = read_window(options, study, system);
    OdeOptions ode;
    ode.watch = [](double) { return interrupted() ? Flow::stop : Flow::proceed; };
    const bool random = stimuli.is_random() || !system.field->noises().empty();
    read_method(options, study.run, random, ode);
    const double own_step =
        study.run.step.value_or(0.0) * static_cast<double>(study.run.output_every.value_or(1));
    ode.output_step = options.number(
        "output_step", own_step > 0.0 ? own_step : window.duration / outputs_by_default, positive);
    const auto members = options.integer("members", 1, {1.0, 1e6});
    if (members > 1 && !random)
        throw ConfigError("members = " + std::to_string(members) +
                              " would all be the same: nothing in this simulation is random",
                          options.where("members"));
    const auto also = options.choice<Export>("export", Export::none, exports);
    return std::make_unique<Simulate>(std::move(system), std::move(initial), std::move(stimuli),
                                      ode, window, static_cast<std::uint32_t>(members), also);
}

}  // namespace cortifold
