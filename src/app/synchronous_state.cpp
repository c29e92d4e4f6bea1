#include "synchronous_state.hpp"

#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/ode/rest.hpp>

#include <algorithm>

namespace cortifold {

namespace {

constexpr std::size_t pattern_count = 6;
constexpr double margin = 0.1;  // of the lambda range beyond the modes

std::complex<double> read_lambda(const Record& item) {
    if (item.is_finite_number()) return item.number();
    if (item.is<Record::List>() && item.as<Record::List>().size() == 2) {
        const auto& parts = item.as<Record::List>();
        if (parts[0].is_finite_number() && parts[1].is_finite_number())
            return {parts[0].number(), parts[1].number()};
    }
    throw ConfigError("lambda is a list of finite numbers and pairs [re, im]", item.where);
}

/// The memory of a cell: the kind, the state, and of a cycle its mesh and what it is on that mesh.
Vector remember(const SimpleAttractor& found) {
    const BranchPoint cycle =
        found.kind == SimpleAttractorKind::cycle ? as_profile(found.cycle) : BranchPoint{};
    const Eigen::Index states = found.state.size(), mesh = cycle.frame.size();
    Vector memory(2 + states + mesh + cycle.z.size());
    memory << static_cast<double>(found.kind), static_cast<double>(mesh), found.state, cycle.frame,
        cycle.z;
    return memory;
}

SimpleAttractor recall(const Vector& memory, Eigen::Index states) {
    SimpleAttractor near{.kind = static_cast<SimpleAttractorKind>(memory[0]),
                         .state = memory.segment(2, states)};
    const auto mesh = static_cast<Eigen::Index>(memory[1]);
    if (near.kind != SimpleAttractorKind::cycle) return near;
    near.cycle.frame = memory.segment(2 + states, mesh);
    near.cycle.z = memory.tail(memory.size() - 2 - states - mesh);
    near.cycle.period = near.cycle.z[near.cycle.z.size() - 2];
    return near;
}

SynchronousState attractor(const ModeStep& step, const StepContext& at) {
    const System& system = step.system;
    const EquilibriumProblem problem{system.field, system.parameters,
                                     system.field->initial(system.parameters)};
    const SimpleAttractorOptions options{.cycle = step.choice.cycle};
    const bool follows = at.cell != nullptr && at.cell->memory.size() > 0;
    const SimpleAttractor found =
        follows ? follow_simple_attractor(
                      problem, recall(at.cell->memory, system.field->dimension()), options)
                : find_simple_attractor(problem, options);
    if (at.cell != nullptr) at.cell->memory = succeeded(found.status) ? remember(found) : Vector();
    const bool rests = found.kind == SimpleAttractorKind::equilibrium;
    return {found.status,
            "attractor: " + found.message,
            rests ? found.state : Vector(),
            system.parameters,
            found.kind == SimpleAttractorKind::cycle ? found.cycle : BranchPoint{},
            found.kind};
}

SynchronousState attracting_cycle(const ModeStep& step, const StepContext& at) {
    const System& system = step.system;
    if (at.cell != nullptr && at.cell->memory.size() > 0) {
        SynchronousState followed = attractor(step, at);
        followed.attractor.reset();
        if (is_cycle(followed.cycle)) return followed;
    }
    const AttractingCycle near = find_attracting_cycle(
        {system.field, system.parameters, system.field->initial(system.parameters)});
    if (!succeeded(near.status)) return {near.status, "no cycle: " + near.message, {}, {}};
    CycleResult found =
        correct_cycle(system.field, system.parameters, near.orbit, step.choice.cycle);
    if (at.cell != nullptr && succeeded(found.status))
        at.cell->memory = remember({.kind = SimpleAttractorKind::cycle,
                                    .state = found.cycle.z.head(system.field->dimension()),
                                    .cycle = found.cycle});
    return {found.status, "cycle: " + found.message, {}, system.parameters, std::move(found.cycle)};
}

SynchronousState rest(const System& system) {
    const RestResult rest =
        find_rest({system.field, system.parameters, system.field->initial(system.parameters)});
    return {rest.equilibrium.status, "equilibrium: " + rest.message, rest.equilibrium.state,
            system.parameters};
}

SynchronousState find_state(const ModeStep& step, const StepContext& at) {
    const System& system = step.system;
    const std::string& from = step.choice.at;
    if (from == "cycle") return attracting_cycle(step, at);
    if (from == "attractor") return attractor(step, at);
    if (from == "equilibrium" || from == "rest") return rest(system);
    const LabelledPoint point = labelled_point(at, system, from, step.choice.where);
    if (is_cycle(point.special.at))
        return {Status::converged, from + ": a cycle", {}, point.parameters, point.special.at};
    const EquilibriumResult found =
        cortifold::find_equilibrium({system.field, point.parameters, point.state});
    return {found.status, from + ": " + found.message, found.state, point.parameters};
}

std::unique_ptr<const MasterStability> stability_of(const ModeStep& step,
                                                    const SynchronousState& state,
                                                    const Vector& parameters) {
    const auto& field = step.system.homogeneous;
    if (is_cycle(state.cycle)) return stability_of_cycle(field, parameters, state.cycle);
    return stability_of_equilibrium(field, parameters, state.state);
}

}  // namespace

ModeStep read_mode_step(ConfigReader& options, const Study& study) {
    const std::string what = "a step on the modes of a synchronous state";
    if (!study.has_network) throw ConfigError(what + " needs a [network]", options.record().where);
    ModeStep step{read_system(options, study, Manifold::homogeneous, Unequal::refuse), {}};
    require_autonomous(step.system, options);
    if (step.system.manifold != Manifold::homogeneous)
        throw ConfigError(what + " lives on the homogeneous manifold", options.where("manifold"));
    step.choice = {options.text("at", "equilibrium"), options.where("at"), {}};
    if (step.choice.at == "cycle" || step.choice.at == "attractor")
        step.choice.cycle = read_cycle_setting(options, study, step.system).options;
    return step;
}

SynchronousState find_synchronous_state(const ModeStep& step, const StepContext& at) {
    SynchronousState found = find_state(step, at);
    if (!succeeded(found.status)) {
        found.message = "no synchronous state to linearize at: " + found.message;
        return found;
    }
    if (found.attractor == SimpleAttractorKind::none) return found;
    found.stability = stability_of(step, found, found.parameters);
    const Network& network = at.study.network;
    if (network.connectomes.empty() || network.links.empty()) return found;
    found.coupling = at.modes.of(at.study);
    if (!succeeded(found.coupling.status)) {
        found.status = found.coupling.status;
        found.message = "the coupling matrix has no spectrum";
    }
    return found;
}

StepResult without_modes(const SynchronousState& found) {
    StepResult result{found.status, found.message, Record::Table{}};
    if (succeeded(found.status)) result.summary["attractor"] = to_string(*found.attractor);
    return result;
}

std::unique_ptr<const MasterStability> at_unit_strength(const ModeStep& step,
                                                        const SynchronousState& state) {
    Vector parameters = state.parameters;
    parameters[static_cast<Eigen::Index>(
        index_of(step.system.field->parameters(), "coupling.strength"))] = 1.0;
    return stability_of(step, state, parameters);
}

std::pair<double, double> lambda_range(const std::optional<std::pair<double, double>>& asked,
                                       const ComplexVector& lambdas) {
    if (asked) return *asked;
    double low = -1.0, high = 1.0;
    if (lambdas.size() > 0) {
        low = lambdas.real().minCoeff();
        high = lambdas.real().maxCoeff();
    }
    const double width = high > low ? high - low : 1.0;
    return {low - margin * width, high + margin * width};
}

bool is_diffusive(const Network& network) {
    return !network.links.empty() && std::ranges::all_of(network.links, [](const Link& link) {
        return link.kind == CouplingKind::diffusive;
    });
}

ComplexVector read_lambda(ConfigReader& options) {
    const Record* given = options.any("lambda");
    return given == nullptr ? ComplexVector() : ComplexVector::Constant(1, read_lambda(*given));
}

ComplexVector read_lambdas(ConfigReader& options) {
    const Record* list = options.any("lambda");
    if (list == nullptr) return {};
    if (!list->is<Record::List>())
        throw ConfigError("lambda is a list of finite numbers and pairs [re, im]", list->where);
    ComplexVector lambdas(static_cast<Eigen::Index>(list->as<Record::List>().size()));
    std::ranges::transform(list->as<Record::List>(), lambdas.begin(),
                           [](const Record& item) { return read_lambda(item); });
    return lambdas;
}

void write_curve(const StepContext& at, const VectorField& field, const std::vector<Mode>& curve) {
    const std::string rate = rate_unit(field);
    CsvWriter table(at.folder / "curve.csv",
                    {{"lambda", ""}, {"growth", rate}, {"frequency", rate}});
    for (const Mode& mode : curve)
        table.write_row(
            std::initializer_list<double>{mode.lambda.real(), mode.growth, mode.frequency});
    table.close();
}

void tell_gaps(const std::string& file, const DispersionResult& found, StepResult& step) {
    if (!succeeded(found.status)) step.message += "; " + file + " has gaps: " + found.message;
}

void write_modes(const StepContext& at, const VectorField& field, const std::vector<Mode>& modes) {
    const std::string rate = rate_unit(field);
    CsvWriter table(at.folder / "modes.csv", {{"index", ""},
                                              {"lambda_re", ""},
                                              {"lambda_im", ""},
                                              {"growth", rate},
                                              {"frequency", rate},
                                              {"unstable", ""}});
    for (const Mode& mode : modes)
        table.write_row(std::initializer_list<Cell>{std::int64_t{mode.index}, mode.lambda.real(),
                                                    mode.lambda.imag(), mode.growth, mode.frequency,
                                                    std::int64_t{mode.unstable ? 1 : 0}});
    table.close();
}

void write_patterns(const StepContext& at, const std::vector<Mode>& modes,
                    const CouplingModes& coupling) {
    if (coupling.values.size() < 2) return;
    std::vector<Mode> leading;
    std::ranges::copy_if(modes, std::back_inserter(leading),
                         [](const Mode& mode) { return mode.index > 1; });
    std::ranges::stable_sort(leading, std::greater{}, &Mode::growth);
    if (leading.size() > pattern_count) leading.resize(pattern_count);
    std::vector<Eigen::Index> indices;
    for (const Mode& mode : leading) indices.push_back(mode.index);
    write_patterns(at, indices, coupling.vectors);
}

void write_patterns(const StepContext& at, const std::vector<Eigen::Index>& indices,
                    const ComplexMatrix& vectors) {
    if (indices.empty()) return;
    std::vector<Column> columns{{"region", ""}};
    for (const Eigen::Index index : indices)
        for (const char* part : {"_re", "_im"})
            columns.push_back({"mode" + std::to_string(index) + part, ""});
    CsvWriter table(at.folder / "patterns.csv", columns);
    for (Eigen::Index region = 0; region < vectors.rows(); ++region) {
        std::vector<Cell> row{std::int64_t{region}};
        for (const Eigen::Index index : indices) {
            const std::complex<double> component = vectors(region, index - 1);
            row.emplace_back(component.real());
            row.emplace_back(component.imag());
        }
        table.write_row(row);
    }
    table.close();
}

StepResult summarize_modes(const ModeStep& step, const SynchronousState& state,
                           const DispersionResult& found, const std::string& note) {
    const auto transverse =
        std::ranges::count_if(found.modes, [](const Mode& mode) { return mode.index > 1; });
    StepResult result{found.status,
                      std::to_string(found.unstable_modes) + " of " + std::to_string(transverse) +
                          " transverse modes grow; " + state.message,
                      Record::Table{}};
    if (!succeeded(found.status)) result.message += "; " + found.message;
    if (state.attractor) result.summary["attractor"] = to_string(*state.attractor);
    result.summary["unstable_modes"] = found.unstable_modes;
    if (is_cycle(state.cycle)) {
        result.summary["period"] = state.cycle.period;
        result.summary["trivial_exponent"] = state.stability->trivial_exponent();
    } else {
        result.summary["state"] = state_record(*step.system.field, state.state);
    }
    if (!note.empty()) result.summary["note"] = note;
    Record modes = Record::List{};
    for (const Mode& mode : found.modes)
        modes.push_back(Record::Table{{"index", mode.index},
                                      {"lambda", complex_record(mode.lambda)},
                                      {"growth", mode.growth},
                                      {"frequency", mode.frequency},
                                      {"unstable", mode.unstable}});
    result.summary["modes"] = modes;
    return result;
}

}  // namespace cortifold
