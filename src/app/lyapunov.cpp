#include "initial_state.hpp"
#include "lyapunov_options.hpp"
#include "step.hpp"
#include "system.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/synchrony/lyapunov.hpp>

#include <algorithm>

namespace cortifold {

namespace {

constexpr OdeMethod methods[] = {OdeMethod::dormand_prince, OdeMethod::runge_kutta4};
constexpr Eigen::Index most_by_default = 10;  ///< exponents of a network
constexpr double transient_by_default = 0.1;  ///< of the duration
/// Regions whose states differ by less, relative to their size, are in one state.
constexpr double synchronous = 1e-9;

struct Question {
    Eigen::Index count = 0;
    double t0 = 0.0;
    Averaging averaging{};
};

/// The columns of the running exponents.
std::vector<Column> convergence_columns(const VectorField& field, Eigen::Index count) {
    std::vector<Column> columns{{"duration", std::string(field.time_unit())}};
    for (Eigen::Index j = 1; j <= count; ++j)
        columns.push_back({"exponent" + std::to_string(j), rate_unit(field)});
    return columns;
}

class Lyapunov final : public Step {
public:
    Lyapunov(System system, InitialState initial, LyapunovOptions options, Question question)
        : system_(std::move(system)),
          initial_(std::move(initial)),
          options_(std::move(options)),
          question_(question) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const Start start = make_start(initial_, system_, at);
        if (!succeeded(start.status)) return {start.status, start.message, Record::Table{}};
        const VectorField& field = *system_.field;
        CsvWriter convergence(at.folder / "convergence.csv",
                              convergence_columns(field, question_.count));
        const LyapunovResult found =
            lyapunov_spectrum({.field = threaded_field(system_, at.context),
                               .parameters = start.parameters,
                               .initial = start.state,
                               .count = question_.count,
                               .transient = question_.averaging.transient,
                               .duration = question_.averaging.duration,
                               .t0 = question_.t0,
                               .clock = system_.at_given_time ? Clock::frozen : Clock::running},
                              make_options(at, convergence));
        at.progress.finish();
        convergence.close();
        write_exponents(at, found);
        if (at.cell != nullptr) at.cell->memory = found.state;
        return summarize(at, found, start);
    }

private:
    [[nodiscard]] LyapunovOptions make_options(const StepContext& at,
                                               CsvWriter& convergence) const {
        LyapunovOptions options = options_;
        options.context = at.context;
        at.progress.start("lyapunov");
        options.watch = [this, &at](double t) {
            at.progress.update(t / (question_.averaging.transient + question_.averaging.duration));
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        options.observer = [&convergence](double averaged, ConstVectorRef exponents) {
            std::vector<double> row{averaged};
            row.insert(row.end(), exponents.begin(), exponents.end());
            convergence.write_row(row);
            convergence.flush();
            return Flow::proceed;
        };
        return options;
    }

    void write_exponents(const StepContext& at, const LyapunovResult& found) const {
        if (found.standard_errors.size() == 0) return;
        const std::string rate = rate_unit(*system_.field);
        CsvWriter table(at.folder / "exponents.csv", {{"index", ""},
                                                      {"exponent", rate},
                                                      {"standard_error", rate},
                                                      {"first_half", rate},
                                                      {"second_half", rate}});
        for (Eigen::Index j = 0; j < found.exponents.size(); ++j)
            table.write_row(std::initializer_list<Cell>{std::int64_t{j + 1}, found.exponents[j],
                                                        found.standard_errors[j],
                                                        found.first_half[j], found.second_half[j]});
        table.close();
    }

    [[nodiscard]] StepResult summarize(const StepContext& at, const LyapunovResult& found,
                                       const Start& start) const {
        const bool is_interrupted = found.status == Status::stopped_by_observer && interrupted();
        StepResult result{is_interrupted ? Status::interrupted : found.status,
                          std::string(to_string(found.attractor)) + ", " + found.message + note(),
                          Record::Table{}};
        const auto list = [](const Vector& values) {
            return Record(Record::List(values.begin(), values.end()));
        };
        result.summary["exponents"] = list(found.exponents);
        result.summary["standard_errors"] = list(found.standard_errors);
        const auto& dimension = found.kaplan_yorke_dimension;
        result.summary["kaplan_yorke_dimension"] = dimension ? Record(*dimension) : Record();
        result.summary["attractor"] = to_string(found.attractor);
        result.summary["evidence"] = found.evidence;
        result.summary["resolution"] = found.resolution;
        if (found.divergence) result.summary["divergence"] = *found.divergence;
        result.summary["duration"] = found.duration;
        result.summary["dimension"] = static_cast<std::int64_t>(found.state.size());
        if (system_.manifold == Manifold::full)
            result.summary["synchronous"] = is_synchronous(found.state, system_.regions(at.study));
        if (start.mode) result.summary["mode"] = *start.mode;
        result.summary["orthogonalizations"] = static_cast<std::int64_t>(found.orthogonalizations);
        result.summary["steps"] = static_cast<std::int64_t>(found.steps);
        return result;
    }

    [[nodiscard]] std::string note() const {
        return system_.field->noises().empty() ? "" : ", without its noise";
    }

    /// Whether all regions are in one state.
    static bool is_synchronous(const Vector& state, Eigen::Index regions) {
        const auto by_region = state.reshaped(regions, state.size() / regions);
        const Eigen::RowVectorXd mean = by_region.colwise().mean();
        return (by_region.rowwise() - mean).norm() <= synchronous * state.norm();
    }

    System system_;
    InitialState initial_;
    LyapunovOptions options_;
    Question question_;
};

Question read_question(ConfigReader& options, const Study& study, const System& system) {
    Question question;
    const auto time = system.field->time();
    question.t0 = system.at_given_time ? system.parameters[static_cast<Eigen::Index>(*time)]
                  : time               ? options.number("t0", study.run.t0.value_or(0.0))
                                       : 0.0;
    question.averaging = read_averaging(options);
    const Eigen::Index states = system.field->dimension();
    const bool is_network = system.manifold == Manifold::full;
    question.count =
        options.integer("count", is_network ? std::min(states, most_by_default) : states,
                        {1.0, static_cast<double>(states)});
    return question;
}

/// The state that the exponents are asked of: the key `at` in place of `initial`.
InitialState read_lyapunov_start(ConfigReader& options, const Study& study) {
    if (!options.has("at")) return read_initial_state(options, study);
    if (options.has("initial"))
        throw ConfigError("at and initial are two names of one thing: give one of them",
                          options.where("initial"));
    InitialState initial = read_initial_state(options, study);
    initial.from = options.text("at", "");
    initial.where = options.where("at");
    if (initial.from == "equilibrium") initial.from = "rest";
    return initial;
}

}  // namespace

Averaging read_averaging(ConfigReader& options) {
    const double duration = options.number("duration", {}, positive);
    return {options.number("transient", transient_by_default * duration, {0.0, 1e300}), duration};
}

LyapunovOptions read_lyapunov_options(ConfigReader& options, const Study& study) {
    LyapunovOptions steps;
    const bool is_fixed = options.has("step");
    steps.method = options.choice<OdeMethod>(
        "method", is_fixed ? OdeMethod::runge_kutta4 : OdeMethod::dormand_prince, methods);
    if (steps.method == OdeMethod::runge_kutta4) {
        steps.step = options.number("step", study.run.step, positive);
    } else {
        steps.relative_tolerance =
            options.number("relative_tolerance", steps.relative_tolerance, {1e-14, 1e-1});
        steps.absolute_tolerance =
            options.number("absolute_tolerance", steps.absolute_tolerance, positive);
        steps.step = options.number("step", steps.step, {0.0, positive.high});
    }
    return steps;
}

std::unique_ptr<Step> read_lyapunov(ConfigReader& options, const Study& study) {
    System system = read_system(options, study, Manifold::full, Unequal::refuse);
    if (!system.field->jumps().empty())
        throw ConfigError("the model jumps (" + system.field->jumps().front().name +
                              "), and what a jump does to perturbations is not followed here",
                          options.record().where);
    InitialState initial = read_lyapunov_start(options, study);
    if (initial.mode && system.manifold == Manifold::homogeneous)
        throw ConfigError("mode needs manifold = \"full\": a homogeneous state has no pattern",
                          options.where("mode"));
    const Question question = read_question(options, study, system);
    LyapunovOptions steps = read_lyapunov_options(options, study);
    steps.longest_interval =
        options.number("longest_interval", steps.longest_interval, {0.0, positive.high});
    return std::make_unique<Lyapunov>(std::move(system), std::move(initial), std::move(steps),
                                      question);
}

}  // namespace cortifold
