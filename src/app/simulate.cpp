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
#include <cctype>
#include <set>

namespace cortifold {

namespace {

constexpr OdeMethod methods[] = {OdeMethod::dormand_prince, OdeMethod::cvode,
                                 OdeMethod::runge_kutta4,   OdeMethod::euler,
                                 OdeMethod::euler_maruyama, OdeMethod::stochastic_heun};
constexpr Export exports[] = {Export::none, Export::npy};
constexpr double outputs_by_default = 2000.0;

struct Window {
    double t0 = 0.0, transient = 0.0, duration = 0.0;
    std::optional<double> bound;  ///< of the magnitude of states
    [[nodiscard]] double start() const { return t0 + transient; }
    [[nodiscard]] double end() const { return t0 + transient + duration; }
    [[nodiscard]] bool keeps(ConstVectorRef x) const {
        return !bound || x.cwiseAbs().maxCoeff() <= *bound;
    }
};

/// Writes each jump of a run, or of the members of an ensemble, to events.csv as it comes.
class EventLog {
public:
    EventLog(const std::filesystem::path& folder, const VectorField& field, bool has_members)
        : field_(field), has_members_(has_members), counts_(field.jumps().size()) {
        if (field.jumps().empty()) return;
        std::vector<Column> columns{{"t", std::string(field.time_unit())}, {"event", ""}};
        if (has_members) columns.insert(columns.begin(), {"member", ""});
        table_.emplace(folder / "events.csv", columns);
    }
    void add(const MemberJump& jump, std::uint32_t member = 0) {
        ++counts_[jump.which];
        last_ = jump.which;
        std::vector<Cell> row{jump.t, field_.jumps()[jump.which].name};
        if (has_members_) row.insert(row.begin(), std::int64_t{member});
        table_->write_row(row);
    }
    /// The name of the event that came last.
    [[nodiscard]] std::string last() const {
        return last_ ? field_.jumps()[*last_].name : "nothing";
    }
    void close(Record& summary) {
        if (!table_) return;
        table_->close();
        Record events = Record::List{};
        for (std::size_t k = 0; k < counts_.size(); ++k)
            events.push_back(
                Record::Table{{"name", field_.jumps()[k].name}, {"count", counts_[k]}});
        summary["events"] = events;
    }

private:
    const VectorField& field_;
    bool has_members_;
    std::optional<CsvWriter> table_;
    std::vector<std::int64_t> counts_;
    std::optional<std::size_t> last_;
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
        const OdeProblem problem{field,      start.parameters, start.state,
                                 window_.t0, window_.end(),    make_drives(stimuli_, *field)};
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

    /// Of a run that something ended: what did.
    [[nodiscard]] std::string message(const OdeResult& end, const EventLog& events) const {
        if (end_status(end) != Status::stopped_by_observer) return end.message;
        return (window_.keeps(end.state) ? "ended by " + events.last()
                                         : "a state passed its bound") +
               ", " + end.message;
    }

    [[nodiscard]] std::optional<TrajectoryArrays> make_arrays(const VectorField& field,
                                                              const StepContext& at) const {
        if (also_ == Export::none) return std::nullopt;
        return TrajectoryArrays(at.folder, field, system_.network.kinds.front()->states());
    }

    StepResult run_once(const OdeProblem& problem, OdeOptions options,
                        const StepContext& at) const {
        const VectorField& field = *problem.field;
        SimulationRecord record(at.folder, field, system_.network.kinds.front()->states(),
                                system_.regions(at.study));
        if (at.cell != nullptr && at.cell->is_read) record.keep_samples();
        std::optional<TrajectoryArrays> arrays = make_arrays(field, at);
        EventLog events(at.folder, field, false);
        options.watch = [&](double t) {
            at.progress.update((t - window_.t0) / (window_.end() - window_.t0));
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        options.on_jump = [&](std::size_t which, double t, ConstVectorRef) {
            if (t >= window_.start()) events.add({which, t});
        };
        const auto observe = [&](double t, ConstVectorRef x, ConstVectorRef p) {
            Vector auxiliaries(static_cast<Eigen::Index>(field.auxiliaries().size()));
            field.auxiliary_values(x, p, auxiliaries);
            record.add(t, x, auxiliaries);
            if (arrays) arrays->add(t, x, auxiliaries);
            return window_.keeps(x) ? Flow::proceed : Flow::stop;
        };
        const OdeResult end = integrate(problem, options, observe);
        StepResult result{end_status(end), message(end, events), Record::Table{}};
        result.summary["duration"] = std::max(0.0, end.t - window_.start());
        result.summary["final"] = state_record(field, end.state);
        record.close(result.summary);
        if (arrays) arrays->close(result.summary);
        events.close(result.summary);
        result.summary["steps"] = static_cast<std::int64_t>(end.steps);
        result.summary["evaluations"] = static_cast<std::int64_t>(end.evaluations);
        if (at.cell != nullptr) {
            at.cell->memory = window_.keeps(end.state) ? end.state : Vector();
            at.cell->samples = record.samples();
        }
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
                    return window_.keeps(x) ? Flow::proceed : Flow::stop;
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
    // XPPAUT's `total` counts from t0, its `trans` is the time from which it shows.
    const double shown_from = std::max(0.0, run.transient.value_or(0.0) - run.t0.value_or(0.0));
    window.transient = options.number("transient", shown_from, {0.0, 1e300});
    std::optional<double> duration = run.duration;
    if (duration) duration = *duration - shown_from;
    if (duration && *duration <= 0.0 && !options.has("duration"))
        throw ConfigError("the model file ends after total = " + show(*run.duration) +
                              ", before its trans = " + show(*run.transient) +
                              ", from which it would show something; give a duration",
                          options.record().where);
    window.duration = options.number("duration", duration, positive);
    if (options.has("bound") || run.bound)
        window.bound = options.number("bound", run.bound, positive);
    return window;
}

/// The method of a file by the first letter that XPPAUT knows it by: the same or one more exact at
/// that step. Its stiff methods are CVODE here.
OdeMethod usual_method(const EquationDefinition::Run& run, bool random) {
    const char letter = run.method ? static_cast<char>(std::tolower(run.method->front())) : '\0';
    const auto is_one_of = [&](std::string_view letters) {
        return letters.find(letter) != std::string_view::npos;
    };
    if (random) return is_one_of("e") ? OdeMethod::euler_maruyama : OdeMethod::stochastic_heun;
    if (is_one_of("e")) return OdeMethod::euler;
    if (is_one_of("cgsb2")) return OdeMethod::cvode;         // cvode, gear, stiff, backeul, 2rb
    if (is_one_of("q58")) return OdeMethod::dormand_prince;  // qualrk, 5dp, 83dp
    return run.step ? OdeMethod::runge_kutta4 : OdeMethod::dormand_prince;
}

void read_method(ConfigReader& options, const EquationDefinition::Run& run, bool random,
                 bool may_miss, OdeOptions& ode) {
    ode.method = options.choice<OdeMethod>("method", usual_method(run, random), methods);
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
        ode.max_step = options.number(
            "max_step", run.step.value_or(may_miss ? ode.output_step : 0.0), {0.0, positive.high});
    } else {
        ode.step = options.number("step", run.step, positive);
    }
}

/// Different ones, as the counts in the summary go by them.
void require_names(std::span<const Jump> jumps, ConfigReader& options) {
    std::set<std::string> names;
    for (const Jump& jump : jumps)
        if (!names.insert(jump.name).second)
            throw ConfigError("two events are called \"" + jump.name + "\"",
                              options.record().where);
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
    const double own_step =
        study.run.step.value_or(0.0) * static_cast<double>(study.run.output_every.value_or(1));
    ode.output_step = options.number(
        "output_step", own_step > 0.0 ? own_step : window.duration / outputs_by_default, positive);
    const bool random = stimuli.is_random() || !system.field->noises().empty();
    // Between two steps an event, or a pulse in the equations, may come and go.
    const bool may_miss = !system.field->jumps().empty() || system.field->time().has_value();
    read_method(options, study.run, random, may_miss, ode);
    require_names(system.field->jumps(), options);
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
