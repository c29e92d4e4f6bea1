#include "orbit_stability.hpp"

#include "initial_state.hpp"
#include "lyapunov_options.hpp"
#include <cortifold/io/table.hpp>
#include <cortifold/synchrony/transverse_exponents.hpp>

#include <algorithm>

namespace cortifold {

namespace {

class OrbitStability final : public Step {
public:
    OrbitStability(ModeStep step, LambdaChoice choice, InitialState initial, Averaging averaging,
                   LyapunovOptions options)
        : step_(std::move(step)),
          choice_(std::move(choice)),
          initial_(std::move(initial)),
          averaging_(averaging),
          options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const Start start = make_start(initial_, step_.system, at);
        if (!succeeded(start.status)) return {start.status, start.message, Record::Table{}};
        const Network& network = at.study.network;
        CouplingModes coupling;
        if (!network.connectomes.empty() && !network.links.empty()) {
            coupling = at.modes.of(at.study);
            if (!succeeded(coupling.status))
                return {coupling.status, "the coupling matrix has no spectrum", Record::Table{}};
        }
        const auto [low, high] = lambda_range(choice_.range, coupling.values);
        const Vector line = Vector::LinSpaced(points(at), low, high);
        const ComplexVector region = at.cell == nullptr ? choice_.region : ComplexVector();
        ComplexVector lambdas(coupling.values.size() + choice_.further.size() + line.size() +
                              region.size());
        lambdas << coupling.values, choice_.further, line.cast<std::complex<double>>(), region;
        const TransverseResult found =
            transverse_exponents({step_.system.homogeneous, start.parameters, start.state, lambdas,
                                  averaging_.transient, averaging_.duration},
                                 options_at(at));
        at.progress.finish();
        return summarize(at, found, coupling);
    }

private:
    using Exponents = std::vector<TransverseExponent>;

    /// On the line, where that is of use.
    [[nodiscard]] Eigen::Index points(const StepContext& at) const {
        return at.wants("boundaries") ? choice_.points : 0;
    }

    [[nodiscard]] LyapunovOptions options_at(const StepContext& at) const {
        LyapunovOptions options = options_;
        options.context = at.context;
        at.progress.start("msf");
        options.watch = [this, &at](double t) {
            at.progress.update(t / (averaging_.transient + averaging_.duration));
            return interrupted() ? Flow::stop : Flow::proceed;
        };
        return options;
    }

    /// Modes, further ones, the line and the region, as they were asked for.
    [[nodiscard]] StepResult summarize(const StepContext& at, const TransverseResult& found,
                                       const CouplingModes& coupling) const {
        const LyapunovResult& node = found.uniform;
        StepResult result{
            node.status == Status::stopped_by_observer && interrupted() ? Status::interrupted
                                                                        : node.status,
            std::string(to_string(node.attractor)) + ", " + node.message, Record::Table{}};
        const auto list = [](const Vector& values) {
            return Record(Record::List(values.begin(), values.end()));
        };
        result.summary["attractor"] = to_string(node.attractor);
        result.summary["evidence"] = node.evidence;
        result.summary["exponents"] = list(node.exponents);
        result.summary["standard_errors"] = list(node.standard_errors);
        if (node.exponents.size() > 0 && node.attractor != Attractor::equilibrium)
            result.summary["trivial_exponent"] = node.exponents.cwiseAbs().minCoeff();
        result.summary["resolution"] = node.resolution;
        result.summary["duration"] = node.duration;
        result.summary["steps"] = static_cast<std::int64_t>(node.steps);
        if (!coupling.note.empty()) result.summary["note"] = coupling.note;
        if (found.modes.empty()) return result;
        const auto modes = static_cast<std::ptrdiff_t>(coupling.values.size()),
                   listed = modes + choice_.further.size(), to_line = listed + points(at);
        const auto from = [&](std::ptrdiff_t k) { return found.modes.begin() + k; };
        add_modes(at, Exponents(from(0), from(listed)), coupling, result);
        if (to_line > listed) add_line(at, Exponents(from(listed), from(to_line)), result);
        if (std::ssize(found.modes) > to_line)
            write(at, "region.csv", Exponents(from(to_line), found.modes.end()));
        return result;
    }

    void add_modes(const StepContext& at, const Exponents& exponents, const CouplingModes& coupling,
                   StepResult& result) const {
        const std::string rate = rate_unit(*step_.system.field);
        CsvWriter table(at.folder / "modes.csv", {{"index", ""},
                                                  {"lambda_re", ""},
                                                  {"lambda_im", ""},
                                                  {"growth", rate},
                                                  {"standard_error", rate},
                                                  {"unstable", ""},
                                                  {"fate", ""}});
        Record list = Record::List{};
        std::vector<Mode> modes;
        int unstable = 0, undecided = 0;
        for (const TransverseExponent& exponent : exponents) {
            const auto place = static_cast<Eigen::Index>(modes.size());
            const int index = place < coupling.values.size() ? static_cast<int>(place) + 1 : 0;
            const bool grows = exponent.fate == Fate::grows;
            unstable += index > 1 && grows ? 1 : 0;
            undecided += index > 1 && exponent.fate == Fate::undecided ? 1 : 0;
            modes.push_back({index, exponent.lambda, exponent.growth});
            list.push_back(Record::Table{{"index", index},
                                         {"lambda", complex_record(exponent.lambda)},
                                         {"growth", exponent.growth},
                                         {"standard_error", exponent.standard_error},
                                         {"unstable", grows},
                                         {"fate", to_string(exponent.fate)}});
            table.write_row(std::initializer_list<Cell>{
                std::int64_t{index}, exponent.lambda.real(), exponent.lambda.imag(),
                exponent.growth, exponent.standard_error, std::int64_t{grows ? 1 : 0},
                std::string(to_string(exponent.fate))});
        }
        table.close();
        write_patterns(at, modes, coupling);
        result.summary["unstable_modes"] = unstable;
        result.summary["undecided_modes"] = undecided;
        result.summary["modes"] = list;
        if (coupling.values.size() > 1)
            result.message = std::to_string(unstable) + " of " +
                             std::to_string(coupling.values.size() - 1) +
                             " transverse modes grow, of " + std::to_string(undecided) +
                             " the errors do not tell; " + result.message;
    }

    void add_line(const StepContext& at, const Exponents& line, StepResult& result) const {
        write(at, "curve.csv", line);
        Record boundaries = Record::List{};
        for (const ExponentZero& zero : zeros_of(line))
            boundaries.push_back(Record::Table{{"lambda", zero.lambda},
                                               {"error", zero.standard_error},
                                               {"low", zero.low},
                                               {"high", zero.high}});
        result.summary["boundaries"] = boundaries;
    }

    void write(const StepContext& at, const char* file, const Exponents& exponents) const {
        const std::string rate = rate_unit(*step_.system.field);
        CsvWriter table(at.folder / file, {{"lambda_re", ""},
                                           {"lambda_im", ""},
                                           {"growth", rate},
                                           {"standard_error", rate},
                                           {"first_half", rate},
                                           {"second_half", rate}});
        for (const TransverseExponent& at_lambda : exponents)
            table.write_row(std::initializer_list<double>{
                at_lambda.lambda.real(), at_lambda.lambda.imag(), at_lambda.growth,
                at_lambda.standard_error, at_lambda.first_half, at_lambda.second_half});
        table.close();
    }

    ModeStep step_;
    LambdaChoice choice_;
    InitialState initial_;
    Averaging averaging_;
    LyapunovOptions options_;
};

}  // namespace

std::unique_ptr<Step> read_orbit_stability(ConfigReader& options, const Study& study, ModeStep step,
                                           LambdaChoice choice) {
    InitialState initial = read_initial_state(options, study);
    if (initial.mode)
        throw ConfigError("mode needs manifold = \"full\": a homogeneous state has no pattern",
                          options.where("mode"));
    if (!step.system.field->jumps().empty())
        throw ConfigError("the model jumps (" + step.system.field->jumps().front().name +
                              "), and what a jump does to perturbations is not followed here",
                          options.where("at"));
    constexpr Eigen::Index most_lambdas = 100'000;  // each keeps what it grows by in every part
    const Eigen::Index lambdas =
        study.network.size() + choice.further.size() + choice.points + choice.region.size();
    if (lambdas > most_lambdas)
        throw ConfigError("at = \"orbit\" follows all lambdas together, at most " +
                              std::to_string(most_lambdas) + "; modes, lambda, points and region " +
                              "are " + std::to_string(lambdas),
                          options.where("at"));
    const Averaging averaging = read_averaging(options);
    return std::make_unique<OrbitStability>(std::move(step), std::move(choice), std::move(initial),
                                            averaging, read_lyapunov_options(options, study));
}

}  // namespace cortifold
