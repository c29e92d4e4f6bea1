#include "transverse.hpp"

#include "branch_record.hpp"
#include "cycle_starts.hpp"
#include "synchronous_state.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/synchrony/transverse.hpp>

#include <algorithm>
#include <set>

namespace cortifold {

namespace {

/// Modes by index, all transverse ones where there is none, or a lambda of no network.
struct ModeChoice {
    std::optional<int> index;
    std::optional<std::complex<double>> lambda;
};

class Transverse final : public Step {
public:
    struct Request {
        ModeChoice modes;
        std::vector<InitialState> from;
        std::optional<CycleSetting> cycle{};  ///< none: equilibria
    };
    Transverse(BranchSetting setting, Request request, ContinuationOptions options)
        : setting_(std::move(setting)),
          request_(std::move(request)),
          options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        CouplingModes coupling;
        if (!request_.modes.lambda) {
            coupling = at.modes.of(at.study);
            if (!succeeded(coupling.status))
                return {coupling.status, "the coupling matrix has no spectrum", Record::Table{}};
        }
        Run run{at, choose(coupling), BranchRecord(at, setting_), {}, {}, {}};
        at.progress.start("continue");
        for (const InitialState& from : request_.from)
            if (!interrupted()) follow(from, run);
        at.progress.finish();
        if (!run.indices.empty())
            write_patterns(at, std::vector(run.indices.begin(), run.indices.end()),
                           coupling.vectors);
        StepResult result = conclude(run.record.branches());
        run.record.close(result.summary);
        if (!coupling.note.empty()) result.summary["note"] = coupling.note;
        return result;
    }

private:
    struct Run {
        const StepContext& at;
        ModeSet modes;
        BranchRecord record;
        Labels labels;
        std::set<Eigen::Index> indices;  ///< of the modes that were met
        std::vector<TransverseCurve> curves;
    };
    /// A synchronous state, or a branch of them through one; where there is none a status says why.
    struct Origin {
        std::vector<CurveStart> curves;
        Vector parameters;
        Status status = Status::converged;
        std::string message;
        std::optional<BranchPoint> critical;  ///< a point where a mode is critical already
    };

    [[nodiscard]] std::size_t first() const { return setting_.free.front().number; }

    [[nodiscard]] ModeSet choose(const CouplingModes& coupling) const {
        ModeSet modes{setting_.system.homogeneous, setting_.system.network, {}, 0};
        if (request_.modes.lambda) {
            modes.lambdas = ComplexVector::Constant(1, *request_.modes.lambda);
        } else if (request_.modes.index) {
            modes.first_index = *request_.modes.index;
            modes.lambdas = coupling.values.segment(modes.first_index - 1, 1);
        } else {
            modes.first_index = 2;
            modes.lambdas = coupling.values.tail(coupling.values.size() - 1);
        }
        return modes;
    }

    void follow(const InitialState& from, Run& run) const {
        const Origin origin = find_origin(from, run.at);
        if (origin.critical) return follow_curve(from, origin.parameters, *origin.critical, run);
        if (!succeeded(origin.status)) return add_none(origin, from, run);
        for (const CurveStart& start : origin.curves) {
            ContinuationOptions options = bounded(start, 1);
            options.tests = setting_.functions.tests(origin.parameters, setting_.free);
            options.tests.push_back(transverse_test(run.modes, origin.parameters, first()));
            options.observer = [&](const BranchPoint& point) { return run.record.grow(point); };
            Branch branch = continue_branch(start.problem, start.point, options);
            if (setting_.free.size() == 1)
                add(from, origin.parameters, std::move(branch), Record::Table{}, run);
            else
                follow_curves(from, origin, branch, run);
        }
    }

    /// From every point of a branch at which a mode is critical.
    void follow_curves(const InitialState& from, const Origin& origin, const Branch& branch,
                       Run& run) const {
        bool found = false;
        for (const SpecialPoint& special : branch.special) {
            if (special.type != PointType::transverse) continue;
            found = true;
            Vector parameters = origin.parameters;
            parameters[static_cast<Eigen::Index>(first())] = special.at.parameters.front();
            follow_curve(from, parameters, special.at, run);
        }
        if (found) return;
        const FreeParameter& parameter = setting_.free.front();
        const std::string why = succeeded(branch.status) ? "" : "; " + branch.message;
        add_none({{},
                  origin.parameters,
                  Status::no_theory,
                  "no mode begins or ceases to grow for " + parameter.name + " in [" +
                      show(parameter.range.low) + ", " + show(parameter.range.high) + "]" + why,
                  {}},
                 from, run);
    }

    void follow_curve(const InitialState& from, const Vector& parameters, const BranchPoint& start,
                      Run& run) const {
        const TransverseCurveProblem problem{run.modes,
                                             parameters,
                                             {first(), setting_.free[1].number},
                                             start,
                                             cycle_options(run.at)};
        CurveStart beside{nullptr, start};
        if (request_.cycle)
            beside =
                cycles_from_point(setting_.system.field, parameters, first(), start, problem.cycle);
        ContinuationOptions options = bounded(beside, 2);
        if (passes_through(problem, run.curves, options)) return;
        options.observer = [&](const BranchPoint& point) { return run.record.grow(point); };
        const auto curves = follow_transverse(problem, options);
        if (curves.empty())
            return add_none({{}, parameters, Status::no_theory, "no mode is critical there", {}},
                            from, run);
        for (const TransverseCurve& curve : curves)
            add(from, parameters, curve.branch, about(curve, run), run);
        std::ranges::copy(curves, std::back_inserter(run.curves));
    }

    /// What the summary says of a piece besides what it says of every branch.
    [[nodiscard]] Record about(const TransverseCurve& curve, Run& run) const {
        const auto place = curve.critical.place;
        Record record = Record::Table{};
        if (run.modes.first_index > 0)
            record["mode"] = run.modes.first_index + static_cast<std::int64_t>(place);
        record["lambda"] = complex_record(run.modes.lambdas[place]);
        record["transition"] = to_string(curve.critical.transition);
        Record pattern = Record::Table{};
        const auto states = setting_.system.field->states();
        for (std::size_t k = 0; k < states.size(); ++k)
            pattern[std::string(states[k].name)] =
                complex_record(curve.pattern[static_cast<Eigen::Index>(k)]);
        record["pattern"] = pattern;
        if (run.modes.first_index > 0) run.indices.insert(run.modes.first_index + place);
        return record;
    }

    void add(const InitialState& from, const Vector& parameters, Branch branch, Record about,
             Run& run) const {
        if (branch.status == Status::stopped_by_observer) branch.status = Status::interrupted;
        branch.states = setting_.system.field->dimension();
        orient(branch);
        run.labels.name(branch);
        for (const SpecialPoint& special : branch.special)
            if (const auto mode = special.normal_form.find("mode");
                mode != special.normal_form.end())
                run.indices.insert(static_cast<Eigen::Index>(mode->second));
        run.record.add({std::move(branch), parameters, name_of(from), std::move(about)});
    }

    void add_none(const Origin& origin, const InitialState& from, Run& run) const {
        const CurveKind kind =
            request_.cycle ? CurveKind::transverse_of_cycles : CurveKind::transverse;
        add(from, origin.parameters, no_branch(kind, origin.status, origin.message, setting_),
            Record::Table{}, run);
    }

    [[nodiscard]] Origin find_origin(const InitialState& from, const StepContext& at) const {
        if (is_label(from)) {
            const LabelledPoint point = labelled_point(at, setting_.system, from.from, from.where);
            for (const FreeParameter& parameter : setting_.free)
                check_inside(parameter, point.parameters, from.where);
            if (request_.cycle.has_value() == is_cycle(point.special.at) &&
                setting_.free.size() == 2 && point.special.type == PointType::transverse) {
                BranchPoint start = point.special.at;
                if (request_.cycle)
                    start = with_degree(std::move(start), setting_.system.field->dimension(),
                                        request_.cycle->options.degree);
                else
                    start.z = point.state;
                return {{}, point.parameters, Status::converged, "", start};
            }
        }
        return request_.cycle ? cycles(from, at) : equilibria(from, at);
    }

    [[nodiscard]] Origin equilibria(const InitialState& from, const StepContext& at) const {
        const auto& field = setting_.system.field;
        const Start start = make_start(from, setting_.system, at);
        Origin origin{{}, start.parameters, start.status, start.message, {}};
        if (!succeeded(start.status)) return origin;
        const EquilibriumResult found = find_equilibrium({field, start.parameters, start.state});
        origin.status = found.status;
        origin.message = "no equilibrium near the start: " + found.message;
        if (succeeded(found.status))
            origin.curves = {
                {equilibrium_curve(field, start.parameters, first()),
                 equilibrium_start(found.state,
                                   start.parameters[static_cast<Eigen::Index>(first())])}};
        return origin;
    }

    [[nodiscard]] Origin cycles(const InitialState& from, const StepContext& at) const {
        const System& system = setting_.system;
        const CycleOrigin origin{system, system.field, first()};
        const CycleOptions options = cycle_options(at);
        if (is_label(from)) {
            const LabelledPoint point = labelled_point(at, system, from.from, from.where);
            auto curves = cycles_of_label(origin, point, false, options);
            if (curves.empty())
                throw ConfigError("of = \"cycle\" starts at a Hopf point or at a cycle, and \"" +
                                      from.from + "\" is none",
                                  from.where);
            return {std::move(curves), point.parameters, Status::converged, "", {}};
        }
        InitialState initial = from;
        initial.from = "default";
        CycleStarts found =
            from.orbit.empty()
                ? cycles_of_simulation(origin, make_start(initial, system, at).state, options)
                : cycles_of_orbit(origin, read_orbit(from.orbit, *system.field), options);
        return {std::move(found.curves), system.parameters, found.status, found.message, {}};
    }

    [[nodiscard]] CycleOptions cycle_options(const StepContext& at) const {
        CycleOptions options = request_.cycle ? request_.cycle->options : CycleOptions{};
        options.threads = at.context.threads;
        return options;
    }

    [[nodiscard]] ContinuationOptions bounded(const CurveStart& start, std::size_t free) const {
        ContinuationOptions options = options_;
        for (std::size_t k = 0; k < free; ++k) options.bounds.push_back(setting_.free[k].range);
        if (request_.cycle) options.bounds.push_back(period_bound(*request_.cycle, start));
        return options;
    }

    BranchSetting setting_;
    Request request_;
    ContinuationOptions options_;
};

const std::string modes_expected =
    "mode must be \"first\", of all transverse modes, or the index of one, from 2 to the number of "
    "regions";

ModeChoice read_modes(ConfigReader& options, const Study& study) {
    const Record* mode = options.any("mode");
    const ComplexVector lambda = read_lambda(options);
    if (lambda.size() > 0 && mode != nullptr)
        throw ConfigError(
            "mode and lambda exclude each other: give the index of a mode of the "
            "network or a coupling eigenvalue",
            options.where("lambda"));
    if (lambda.size() > 0) return {{}, lambda[0]};
    options.assume("mode", Record("first"));
    if (study.network.connectomes.empty())
        throw ConfigError("modes are those of a connectome, and [network] has none: give lambda",
                          options.where(mode == nullptr ? "kind" : "mode"));
    if (study.network.size() < 2)
        throw ConfigError("transverse modes need a connectome of two regions or more",
                          options.where(mode == nullptr ? "kind" : "mode"));
    if (mode == nullptr || (mode->is<std::string>() && mode->as<std::string>() == "first"))
        return {};
    if (!mode->is<std::int64_t>()) throw ConfigError(modes_expected, mode->where);
    const auto index = mode->as<std::int64_t>();
    if (index == 1)
        throw ConfigError(
            "mode 1 is the uniform one, whose instabilities are those of the "
            "synchronous state itself: kind = \"hopf\" and others follow them",
            mode->where);
    if (index < 2 || index > study.network.size()) throw ConfigError(modes_expected, mode->where);
    return {static_cast<int>(index), {}};
}

}  // namespace

std::unique_ptr<Step> read_transverse(ConfigReader& options, const Study& study) {
    if (!study.has_network)
        throw ConfigError(
            "kind = \"transverse\" is about modes of a network, and there is no "
            "[network]",
            options.where("kind"));
    System system = read_system(options, study, Manifold::homogeneous, Unequal::refuse);
    require_autonomous(system, options);
    if (system.manifold != Manifold::homogeneous)
        throw ConfigError("kind = \"transverse\" lives on the homogeneous manifold",
                          options.where("manifold"));
    auto free = free_parameters(read_asked_parameters(options), study, *system.field);
    constexpr CurveKind states[] = {CurveKind::equilibrium, CurveKind::cycle};
    const bool cycles =
        options.choice<CurveKind>("of", CurveKind::equilibrium, states) == CurveKind::cycle;
    Transverse::Request request{read_modes(options, study),
                                read_starts(options, system, study, cycles)};
    BranchSetting setting = read_branch_setting(options, study, std::move(system), std::move(free));
    if ((setting.cycles = cycles)) {
        request.cycle = read_cycle_setting(options, study, setting.system);
        if (request.cycle->options.method != CycleMethod::collocation)
            throw ConfigError(
                "kind = \"transverse\" is followed by cycle.method = "
                "\"collocation\"",
                options.where("cycle"));
    }
    for (const InitialState& from : request.from)
        if (!is_label(from))
            check_inside(setting.free.front(), setting.system.parameters, options.where("range"));
    return std::make_unique<Transverse>(std::move(setting), std::move(request),
                                        read_continuation_options(options));
}

}  // namespace cortifold
