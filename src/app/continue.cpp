#include "branch_record.hpp"
#include "cycle_starts.hpp"
#include "meanfield_system.hpp"
#include "oscillation_onsets.hpp"
#include "step.hpp"
#include "transverse.hpp"
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/diagram.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <algorithm>
#include <numbers>

namespace cortifold {

namespace {

/// What a curve of bifurcations of cycles starts from.
std::string origins(CurveKind kind) {
    switch (kind) {
        case CurveKind::homoclinic: return "a homoclinic or a Bogdanov-Takens point";
        case CurveKind::fold_of_cycles: return "a fold of cycles or a generalized Hopf point";
        default: return "a point of that type";
    }
}

constexpr double offset = 1e-3;  ///< of the range: how far from a branch point a branch starts

constexpr CurveKind kinds[] = {CurveKind::equilibrium,
                               CurveKind::cycle,
                               CurveKind::fold,
                               CurveKind::hopf,
                               CurveKind::branch_point,
                               CurveKind::fold_of_cycles,
                               CurveKind::period_doubling,
                               CurveKind::torus,
                               CurveKind::homoclinic,
                               CurveKind::transverse};
/// Of pseudo-time no cycle is claimed; onsets of oscillations are those of the network's delays.
constexpr CurveKind mean_field_kinds[] = {CurveKind::equilibrium, CurveKind::fold, CurveKind::hopf,
                                          CurveKind::branch_point};
constexpr Direction directions[] = {Direction::both, Direction::increasing, Direction::decreasing};

/// How a branch starts; where there is no curve a status says why.
struct BranchStarts {
    std::vector<CurveStart> curves;
    Vector parameters;  ///< of the field
    Status status = Status::converged;
    std::string message;
};

PointType point_type(const Record& point) {
    const Record* name = point.find("type");
    const auto type = name != nullptr ? find_point_type(name->as<std::string>()) : std::nullopt;
    return type.value_or(PointType::unresolved);
}

/// In radians.
double omega(const Record& point, std::string_view key) {
    const Record* frequency = point.find(key);
    return frequency == nullptr ? 0.0 : 2.0 * std::numbers::pi * frequency->number();
}

class Continue final : public Step {
public:
    struct Request {
        CurveKind kind = CurveKind::equilibrium;
        std::vector<InitialState> from;
        bool switches = false;                ///< to the other branches at a branch point
        SourceLine direction;                 ///< where the study has the key
        std::optional<CycleSetting> cycle{};  ///< of cycles and their bifurcations
    };
    Continue(BranchSetting setting, Request request, ContinuationOptions options)
        : setting_(std::move(setting)),
          request_(std::move(request)),
          options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        BranchRecord record(at, setting_);
        at.progress.start("continue");
        Labels labels;
        std::vector<Skipped> skipped;
        for (const InitialState& from : request_.from) {
            const BranchStarts starts = find_starts(from, at);
            if (starts.curves.empty())
                record.add({no_branch(request_.kind, starts.status, starts.message, setting_),
                            starts.parameters, name_of(from)});
            const std::size_t before = record.branches().size();
            for (const CurveStart& start : starts.curves) {
                if (interrupted()) break;
                if (const auto known = branch_through(start, starts.parameters, record)) {
                    const Skipped one{name_of(from), *known};
                    if (*known < before && std::ranges::find(skipped, one) == skipped.end())
                        skipped.push_back(one);
                    continue;
                }
                Branch branch = follow(start, starts.parameters, record);
                // By the state where it begins: how many unknowns a cycle has changes along it.
                branch.states = setting_.system.field->dimension();
                orient(branch);
                labels.name(branch);
                record.add({std::move(branch), starts.parameters, name_of(from)});
            }
        }
        at.progress.finish();
        return conclude(record, skipped);
    }

private:
    /// A start on a branch that is followed already.
    struct Skipped {
        std::string from;
        std::size_t branch;
        bool operator==(const Skipped&) const = default;
    };

    [[nodiscard]] std::size_t first() const { return setting_.free.front().number; }

    /// The system's field with the threads of the run.
    [[nodiscard]] BranchStarts find_starts(const InitialState& from, const StepContext& at) const {
        const auto field = threaded_field(setting_.system, at.context);
        if (is_label(from)) return starts_at_label(from, field, at);
        if (request_.kind == CurveKind::cycle) return cycles(from, field, at);
        const BranchStarts starts = starts_of(setting_.system, from, field, at);
        if (succeeded(starts.status)) return starts;
        System moved = setting_.system;
        moved.parameters = beside(moved.parameters);
        const BranchStarts others = starts_of(moved, from, field, at);
        return succeeded(others.status) ? others : starts;
    }

    [[nodiscard]] BranchStarts starts_of(const System& system, const InitialState& from,
                                         const std::shared_ptr<const VectorField>& field,
                                         const StepContext& at) const {
        Start start = make_start(from, system, at);
        BranchStarts starts{{}, system.parameters, start.status, start.message};
        if (!succeeded(start.status)) return starts;
        if (from.from != "rest") {
            const EquilibriumResult found =
                find_equilibrium({field, starts.parameters, start.state});
            starts.status = found.status;
            starts.message = "no equilibrium near the start: " + found.message;
            start.state = found.state;
        }
        if (succeeded(starts.status))
            starts.curves = {equilibrium_at(field, starts.parameters, start.state)};
        return starts;
    }

    [[nodiscard]] CurveStart equilibrium_at(const std::shared_ptr<const VectorField>& field,
                                            const Vector& parameters, const Vector& state) const {
        return {equilibrium_curve(field, parameters, first()),
                equilibrium_start(state, parameters[static_cast<Eigen::Index>(first())])};
    }

    [[nodiscard]] BranchStarts starts_at_label(const InitialState& from,
                                               const std::shared_ptr<const VectorField>& field,
                                               const StepContext& at) const {
        const LabelledPoint point = labelled_point(at, setting_.system, from.from, from.where);
        for (const FreeParameter& parameter : setting_.free)
            check_inside(parameter, point.parameters, from.where);
        BranchStarts starts{{}, point.parameters, Status::no_theory, ""};
        const PointType type = point_type(point.record);
        if (request_.cycle) {
            starts.curves = cycles_at_label(point, from, field, at);
            starts.message = "no curve was found to leave " + from.from;
        } else if (is_cycle(point.special.at) && type != PointType::hopf) {
            throw ConfigError(
                "\"" + from.from + "\" is a cycle; kind = \"cycle\" follows the branch through it",
                from.where);
        } else if (request_.switches) {
            starts.curves = switched(point, from, field);
            starts.message = "no other branch was found to leave " + from.from;
        } else if (request_.kind != CurveKind::equilibrium) {
            starts.curves = curves(point, from, field);
        } else if (type == PointType::branch_point) {
            throw ConfigError("two branches meet at \"" + from.from +
                                  "\"; switch = true follows the one that is not known yet",
                              from.where);
        } else {
            starts.curves = {equilibrium_at(field, point.parameters, point.state)};
        }
        check_direction(starts.curves, from);
        return starts;
    }

    /// Curves that begin at a point go one way only.
    void check_direction(const std::vector<CurveStart>& curves, const InitialState& from) const {
        if (options_.direction != Direction::both &&
            std::ranges::find(curves, Direction::along, &CurveStart::way) != curves.end())
            throw ConfigError("direction = \"" + std::string(to_string(options_.direction)) +
                                  "\" cannot be had at \"" + from.from +
                                  "\", where the branch begins; leave it out",
                              request_.direction);
    }

    [[nodiscard]] std::vector<CurveStart> switched(
        const LabelledPoint& point, const InitialState& from,
        const std::shared_ptr<const VectorField>& field) const {
        if (point_type(point.record) != PointType::branch_point ||
            point.special.at.tangent.size() == 0)
            throw ConfigError(
                "switch = true needs a branch point of a branch on the same manifold, "
                "and \"" +
                    from.from + "\" is none",
                from.where);
        return branches_at(field, point.parameters, first(), point.special);
    }

    [[nodiscard]] std::vector<CurveStart> curves(
        const LabelledPoint& point, const InitialState& from,
        const std::shared_ptr<const VectorField>& field) const {
        const PointType type = point_type(point.record);
        std::vector<CurveStart> starts =
            curves_through(field,
                           {type, point.state, point.parameters, omega(point.record, "frequency"),
                            omega(point.record, "second_frequency")},
                           {setting_.free[0].number, setting_.free[1].number});
        std::erase_if(starts, [&](const CurveStart& start) {
            return start.problem->kind() != request_.kind;
        });
        if (starts.empty())
            throw ConfigError("kind = \"" + std::string(to_string(request_.kind)) +
                                  "\" cannot start at \"" + from.from + "\", which is " +
                                  described(point),
                              from.where);
        return starts;
    }

    /// Cycles that a simulation settles on, or that a file holds.
    [[nodiscard]] BranchStarts cycles(const InitialState& from,
                                      const std::shared_ptr<const VectorField>& field,
                                      const StepContext& at) const {
        const System& system = setting_.system;
        const CycleOrigin origin{system, field, first()};
        const CycleOptions options = cycle_options(at);
        CycleStarts found;
        if (from.orbit.empty()) {
            InitialState initial = from;
            initial.from = "default";
            found = cycles_of_simulation(origin, make_start(initial, system, at).state, options);
        } else {
            found = cycles_of_orbit(origin, read_orbit(from.orbit, *field), options);
        }
        return {found.curves, system.parameters, found.status, found.message};
    }

    [[nodiscard]] std::vector<CurveStart> cycles_at_label(
        const LabelledPoint& point, const InitialState& from,
        const std::shared_ptr<const VectorField>& field, const StepContext& at) const {
        const CycleOrigin origin{setting_.system, field, first()};
        const CycleOptions options = cycle_options(at);
        const PointType type = point_type(point.record);
        const auto refuse = [&](const std::string& needed) {
            throw ConfigError(needed + ", and \"" + from.from + "\" is " + described(point),
                              from.where);
        };
        if (request_.kind != CurveKind::cycle) {
            auto starts = cycle_curves_of_label(origin, setting_.free[1].number, point, options);
            std::erase_if(starts, [&](const CurveStart& start) {
                return start.problem->kind() != request_.kind;
            });
            if (starts.empty())
                refuse("kind = \"" + std::string(to_string(request_.kind)) + "\" starts at " +
                       origins(request_.kind));
            return starts;
        }
        if (request_.switches && type != PointType::period_doubling &&
            type != PointType::branch_point_of_cycles)
            refuse("switch = true needs a period doubling or a branch point of cycles");
        if (request_.switches && type == PointType::branch_point_of_cycles &&
            point.special.at.tangent.size() == 0)
            throw ConfigError("switch = true at \"" + from.from +
                                  "\" needs the tangent of its branch, which is known where "
                                  "cycle.method = \"collocation\" has followed it",
                              from.where);
        if (!request_.switches && type == PointType::branch_point_of_cycles)
            refuse("without switch = true a branch is not known where two meet");
        auto starts = cycles_of_label(origin, point, request_.switches, options);
        if (starts.empty() && !request_.switches)
            refuse("kind = \"cycle\" starts at a Hopf point or at a cycle");
        return starts;
    }

    [[nodiscard]] static std::string described(const LabelledPoint& point) {
        return point.record.find("type") == nullptr
                   ? "an equilibrium"
                   : "of type " + point.record.find("type")->as<std::string>();
    }

    [[nodiscard]] CycleOptions cycle_options(const StepContext& at) const {
        CycleOptions options = request_.cycle->options;
        options.threads = at.context.threads;
        return options;
    }

    [[nodiscard]] ContinuationOptions bounded(const CurveStart& start) const {
        ContinuationOptions options = options_;
        for (const FreeParameter& parameter : setting_.free)
            options.bounds.push_back(parameter.range);
        if (request_.cycle) options.bounds.push_back(period_bound(*request_.cycle, start));
        return options;
    }

    /// The number of a branch with the same fixed parameters that passes through the start.
    [[nodiscard]] std::optional<std::size_t> branch_through(const CurveStart& start,
                                                            const Vector& parameters,
                                                            const BranchRecord& record) const {
        const auto fixed = [&](Vector p) {
            for (const FreeParameter& parameter : setting_.free)
                p[static_cast<Eigen::Index>(parameter.number)] = 0.0;
            return p;
        };
        std::vector<const Branch*> same;
        std::vector<std::size_t> numbers;
        for (std::size_t k = 0; k < record.branches().size(); ++k) {
            const KnownBranch& known = record.branches()[k];
            if (fixed(known.parameters) != fixed(parameters)) continue;
            same.push_back(&known.branch);
            numbers.push_back(k);
        }
        const auto found = request_.cycle ? find_cycles_through(start, same, bounded(start))
                                          : find_branch_through(start, same, bounded(start));
        return found ? std::optional(numbers[*found]) : std::nullopt;
    }

    /// Of a start that has one.
    [[nodiscard]] Direction direction_of(const CurveStart& start) const {
        const bool branch =
            request_.kind == CurveKind::equilibrium || request_.kind == CurveKind::cycle;
        return branch ? start.way : Direction::both;
    }

    [[nodiscard]] Branch follow(const CurveStart& start, const Vector& parameters,
                                BranchRecord& record) const {
        ContinuationOptions options = bounded(start);
        // A curve of bifurcations also goes back to the point beside which it starts.
        if (start.way != Direction::both) options.direction = direction_of(start);
        options.tests = setting_.functions.tests(parameters, setting_.free);
        options.observer = [&](const BranchPoint& point) { return record.grow(point); };
        Branch branch = continue_branch(start.problem, start.point, options);
        if (branch.points.empty())
            if (const auto point = point_beside(start, parameters))
                branch = continue_branch(start.problem, *point, options);
        if (branch.status == Status::stopped_by_observer) branch.status = Status::interrupted;
        if (const std::string unfolding = unfolding_of(branch); !unfolding.empty()) {
            branch.message = unfolding;
            branch.points.clear();
        }
        return branch;
    }

    /// Parameters a little farther inside the range: at a branch point itself Newton's method
    /// hardly converges and no branch can start, but one beside it passes through.
    [[nodiscard]] Vector beside(Vector parameters) const {
        const auto [low, high] = setting_.free.front().range;
        double& value = parameters[static_cast<Eigen::Index>(first())];
        value += (value < (low + high) / 2.0 ? offset : -offset) * (high - low);
        return parameters;
    }

    [[nodiscard]] std::optional<BranchPoint> point_beside(const CurveStart& start,
                                                          const Vector& parameters) const {
        if (request_.kind != CurveKind::equilibrium) return std::nullopt;
        const Vector moved = beside(parameters);
        const auto& field = setting_.system.field;
        const EquilibriumResult found =
            find_equilibrium({field, moved, start.point.z.head(field->dimension())});
        if (!succeeded(found.status)) return std::nullopt;
        return equilibrium_start(found.state, moved[static_cast<Eigen::Index>(first())]);
    }

    [[nodiscard]] StepResult conclude(BranchRecord& record,
                                      const std::vector<Skipped>& skipped) const {
        StepResult result = cortifold::conclude(record.branches());
        Record list = Record::List{};
        for (const Skipped& start : skipped) {
            const auto number = static_cast<std::int64_t>(start.branch) + 1;
            result.message +=
                "; " + start.from + " lies on branch " + std::to_string(number) + " already";
            list.push_back(Record::Table{{"from", start.from}, {"branch", number}});
        }
        result.summary["skipped"] = list;
        if (!setting_.system.note.empty()) result.message += "; " + setting_.system.note;
        record.close(result.summary);
        return result;
    }

    BranchSetting setting_;
    Request request_;
    ContinuationOptions options_;
};

/// Throws ConfigError where what is known by now cannot be meant.
void check_request(const Continue::Request& request, const BranchSetting& setting,
                   const ConfigReader& options) {
    const bool branches =
        request.kind == CurveKind::equilibrium || request.kind == CurveKind::cycle;
    if (setting.free.size() != (branches ? 1 : 2))
        throw ConfigError("kind = \"" + std::string(to_string(request.kind)) +
                              "\" is followed in " +
                              (branches ? "one parameter: give parameter and range"
                                        : "two parameters: give parameters2 and ranges"),
                          options.where(branches ? "parameters2" : "kind"));
    if (request.cycle && !branches && request.cycle->options.method != CycleMethod::collocation)
        throw ConfigError("kind = \"" + std::string(to_string(request.kind)) +
                              "\" is followed by cycle.method = \"collocation\", also from a point "
                              "that another method has found",
                          options.where("cycle"));
    if (request.switches && !branches)
        throw ConfigError(
            "switch = true starts a branch of kind = \"equilibrium\" or kind = \"cycle\"",
            options.where("switch"));
    for (const InitialState& from : request.from) {
        if (is_label(from)) continue;
        if (!branches || request.switches)
            throw ConfigError(
                "a curve of bifurcations, as switch = true, starts at a special point: give from = "
                "\"hopf1\" or another label",
                options.where(branches ? "switch" : "kind"));
        check_inside(setting.free.front(), setting.system.parameters, options.where("range"));
    }
}

struct FreedSystem {
    System system;
    std::vector<FreeParameter> free;
};
FreedSystem mean_field_curve(ConfigReader& options, const Study& study) {
    MeanFieldSystem read = read_meanfield_system(options, study);
    return {std::move(read.system), std::move(read.free)};
}
FreedSystem model_curve(ConfigReader& options, const Study& study, CurveKind kind) {
    FreedSystem read;
    read.system = read_system(options, study, Manifold::homogeneous, Unequal::take_full);
    read.free = free_parameters(read_asked_parameters(options), study, *read.system.field);
    if (!is_of_cycles(kind)) require_autonomous(read.system, options);
    return read;
}

}  // namespace

std::unique_ptr<Step> read_continue(ConfigReader& options, const Study& study) {
    const bool of_mean_field = study.network.kinds.empty();
    const auto kind =
        of_mean_field ? options.choice<CurveKind>("kind", CurveKind::equilibrium, mean_field_kinds)
                      : options.choice<CurveKind>("kind", CurveKind::equilibrium, kinds);
    if (kind == CurveKind::transverse) return read_transverse(options, study);
    if (of_mean_field && kind == CurveKind::hopf) return read_oscillation_onsets(options, study);
    auto [system, free] =
        of_mean_field ? mean_field_curve(options, study) : model_curve(options, study, kind);
    Continue::Request request{kind, read_starts(options, system, study, kind == CurveKind::cycle),
                              options.flag("switch", false), options.where("direction")};
    BranchSetting setting = read_branch_setting(options, study, std::move(system), std::move(free));
    if ((setting.cycles = is_of_cycles(kind)))
        request.cycle = read_cycle_setting(options, study, setting.system);
    check_request(request, setting, options);
    ContinuationOptions run = read_continuation_options(options);
    run.direction = options.choice<Direction>("direction", run.direction, directions);
    return std::make_unique<Continue>(std::move(setting), request, std::move(run));
}

}  // namespace cortifold
