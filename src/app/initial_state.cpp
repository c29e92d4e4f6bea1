#include "initial_state.hpp"

#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/core/rng.hpp>
#include <cortifold/ode/rest.hpp>
#include <cortifold/synchrony/dispersion.hpp>

#include <algorithm>

namespace cortifold {

namespace {

InitialValue read_initial_value(const std::string& name, const Record& value) {
    if (value.is_finite_number()) return {InitialValue::Kind::constant, value.number(), 0.0};
    for (const auto& [kind, key] : {std::pair{InitialValue::Kind::normal, "normal"},
                                    std::pair{InitialValue::Kind::uniform, "uniform"}}) {
        const Record* pair = value.find(key);
        if (pair == nullptr || !pair->is<Record::List>() || pair->as<Record::List>().size() != 2 ||
            value.as<Record::Table>().size() != 1)
            continue;
        const auto& numbers = pair->as<Record::List>();
        if (numbers[0].is_finite_number() && numbers[1].is_finite_number())
            return {kind, numbers[0].number(), numbers[1].number()};
    }
    throw ConfigError(
        "initial." + name +
            " must be a finite number, { normal = [mean, sd] } or { uniform = [low, high] }",
        value.where);
}

/// A mode's index, or "first" for the one that grows fastest.
void read_mode(ConfigReader& options, const Study& study, InitialState& initial) {
    const Record* mode = options.any("mode");
    if (mode == nullptr) return;
    const bool first = mode->is<std::string>() && mode->as<std::string>() == "first";
    const bool index = mode->is<std::int64_t>() && mode->as<std::int64_t>() >= 1 &&
                       mode->as<std::int64_t>() <= study.network.size();
    if (!first && !index)
        throw ConfigError(
            "mode must be \"first\" or an index from 1 to " + std::to_string(study.network.size()),
            mode->where);
    if (study.network.connectomes.empty() || study.network.links.empty())
        throw ConfigError("mode needs a coupled network", mode->where);
    if (first && study.network.size() == 1)
        throw ConfigError("mode = \"first\" needs a transverse mode: there is one region only",
                          mode->where);
    if (first && obstacle_to_homogeneity(study.network))
        throw ConfigError("mode = \"first\" needs a homogeneous state: " +
                              *obstacle_to_homogeneity(study.network),
                          mode->where);
    initial.mode = first ? 0 : static_cast<int>(mode->as<std::int64_t>());
    initial.amplitude = options.number("amplitude", 1e-6, positive);
}

/// Rest is looked for on the homogeneous manifold where there is one: there it is a state of one
/// node.
System rest_system(const System& system, const Study& study) {
    if (system.manifold == Manifold::homogeneous || obstacle_to_homogeneity(study.network))
        return system;
    const auto node = make_homogeneous_field(study.network);
    const auto shared =
        static_cast<Eigen::Index>(node->parameters().size());  // without the noises of each region
    return {.manifold = Manifold::homogeneous,
            .field = node,
            .homogeneous = node,
            .network = study.network,
            .parameters = system.parameters.head(shared),
            .own = system.own,
            .note = {}};
}

double draw(const InitialValue& value, const CounterRng& rng, std::uint64_t number) {
    switch (value.kind) {
        case InitialValue::Kind::normal: return value.a + value.b * rng.normal(number);
        case InitialValue::Kind::uniform:
            return value.a + (value.b - value.a) * rng.uniform(number);
        case InitialValue::Kind::constant: break;
    }
    return value.a;
}

CounterRng random_of(const StepContext& at, Eigen::Index region) {
    return CounterRng(
        {at.context.seed, StreamPurpose::initial_state, static_cast<std::uint64_t>(region)});
}

void draw_states(const InitialState& initial, const StepContext& at, Eigen::Index regions,
                 Vector& x) {
    for (Eigen::Index region = 0; region < regions; ++region)
        for (const auto& [state, value] : initial.values)
            x[static_cast<Eigen::Index>(state) * regions + region] =
                draw(value, random_of(at, region), state);
}

void add_noise(const InitialState& initial, const StepContext& at, Eigen::Index regions,
               Vector& x) {
    if (initial.noise == 0.0) return;
    const InitialValue noise{InitialValue::Kind::uniform, -initial.noise, initial.noise};
    const Eigen::Index states = x.size() / regions;
    for (Eigen::Index region = 0; region < regions; ++region)
        for (Eigen::Index state = 0; state < states; ++state)  // draws of their own
            x[state * regions + region] +=
                draw(noise, random_of(at, region), static_cast<std::uint64_t>(states + state));
}

int fastest_mode(const System& system, const StepContext& at, const Vector& x,
                 const ComplexVector& lambdas) {
    const System node = rest_system(system, at.study);
    const Eigen::Index regions = system.regions(at.study);
    const Vector state = x.reshaped(regions, x.size() / regions).colwise().mean();
    const auto modes =
        dispersion_relation(*stability_of_equilibrium(node.homogeneous, system.parameters, state),
                            lambdas)
            .modes;
    return std::max_element(modes.begin() + 1, modes.end(),
                            [](const Mode& a, const Mode& b) { return a.growth < b.growth; })
        ->index;
}

/// Adds amplitude x v_i to every state x of region i, v the real part of the mode's eigenvector;
/// where x is small, its floor stands for it, since otherwise nothing would be excited at zero.
void excite_mode(const InitialState& initial, const System& system, const StepContext& at,
                 Start& start) {
    const CouplingModes& modes = at.modes.of(at.study);
    start.status = modes.status;
    start.message = "the coupling matrix has no spectrum";
    if (!succeeded(modes.status)) return;
    Vector& x = start.state;
    start.mode = *initial.mode > 0 ? *initial.mode : fastest_mode(system, at, x, modes.values);
    Vector pattern = modes.vectors.col(*start.mode - 1).real();
    pattern *= initial.amplitude / pattern.cwiseAbs().maxCoeff();
    const Vector floor = scale_floor(system.field->states());
    const Vector scale = (x.array().abs() > floor.array()).select(x, floor);
    x += scale.cwiseProduct(pattern.replicate(x.size() / pattern.size(), 1));
}

/// What the key `initial` or `from` says; `expected` is what it may.
void read_origin(const Record& given, std::span<const Quantity> states, std::string_view expected,
                 InitialState& initial) {
    if (given.is<std::string>()) {
        initial.from = given.as<std::string>();
        return;
    }
    if (!given.is<Record::Table>())
        throw ConfigError(std::string(expected) + ", a label or a table of states", given.where);
    for (const auto& [name, value] : given.as<Record::Table>()) {
        const auto state = find_index(states, name);
        if (!state) throw ConfigError(unknown_name("state", name, names_of(states)), value.where);
        initial.values.emplace_back(*state, read_initial_value(name, value));
    }
}

constexpr std::string_view by_default = "default";

}  // namespace

InitialState read_initial_state(ConfigReader& options, const Study& study) {
    InitialState initial{std::string(by_default), options.where("initial"), {}, 0.0, {}, 0.0};
    initial.noise = options.number("noise", 0.0, {0.0, 1e300});
    read_mode(options, study, initial);
    if (const Record* given = options.any("initial"))
        read_origin(*given, study.network.kinds.front()->states(),
                    "initial must be \"default\", \"rest\"", initial);
    return initial;
}

InitialState read_start(const Record& given, const System& system, const Study& study,
                        bool of_cycles) {
    InitialState initial{std::string(by_default), given.where, {}, 0.0, {}, 0.0};
    if (!of_cycles) {
        read_origin(given, system.node_states(), "from must be \"rest\", \"initial\"", initial);
        if (initial.from == "initial") initial.from = by_default;
        return initial;
    }
    if (const Record* file = given.find("file"); file != nullptr && file->is<std::string>()) {
        if (given.as<Record::Table>().size() > 1)
            throw ConfigError("beside from.file there is no other key", given.where);
        initial.orbit = resolve_path(study, file->as<std::string>(), file->where);
        return initial;
    }
    read_origin(given, system.node_states(), "from must be \"cycle\", { file = \"orbit.csv\" }",
                initial);
    if (initial.from == "rest" || initial.from == "initial")
        throw ConfigError("from = \"" + initial.from +
                              "\" is an equilibrium; cycles start at \"cycle\", a label, a table "
                              "of states or { file = \"orbit.csv\" }",
                          given.where);
    return initial;
}

std::vector<InitialState> read_starts(ConfigReader& options, const System& system,
                                      const Study& study, bool of_cycles) {
    const Record* given = options.any("from");
    const Record fallback(of_cycles ? "cycle" : "rest");
    options.assume("from", fallback);
    if (given == nullptr) given = &fallback;
    std::vector<InitialState> starts;
    if (given->is<Record::List>())
        for (const Record& item : given->as<Record::List>())
            starts.push_back(read_start(item, system, study, of_cycles));
    else
        starts.push_back(read_start(*given, system, study, of_cycles));
    if (starts.empty()) throw ConfigError("from must name a start", given->where);
    return starts;
}

bool is_label(const InitialState& initial) {
    return initial.from != by_default && initial.from != "rest" && initial.from != "cycle" &&
           initial.orbit.empty();
}

std::string name_of(const InitialState& from) {
    if (!from.orbit.empty()) return from.orbit.filename().string();
    if (is_label(from) || from.from == "rest" || from.from == "cycle") return from.from;
    return from.values.empty() ? "initial" : "the given state";
}

Start make_start(const InitialState& initial, const System& given, const StepContext& at) {
    System system = given;
    Start start{Status::converged, {}, system.field->initial(system.parameters), {}, {}};
    const bool follows = at.cell != nullptr && at.cell->memory.size() == start.state.size();
    if (is_label(initial)) {
        LabelledPoint point = labelled_point(at, system, initial.from, initial.where);
        start.state = std::move(point.state);
        system.parameters = std::move(point.parameters);
    } else if (!follows && initial.from == "rest") {
        const System node = rest_system(system, at.study);
        const RestResult rest =
            find_rest({node.field, node.parameters, node.field->initial(node.parameters)});
        if (!succeeded(rest.equilibrium.status))
            return {rest.equilibrium.status, "no rest to start from: " + rest.message, {}, {}, {}};
        const Vector& state = rest.equilibrium.state;
        start.state = node.manifold == system.manifold ? state : spread(system, at.study, state);
    } else if (!follows && initial.from == "cycle") {
        const System node = rest_system(system, at.study);
        const AttractingCycle cycle = find_attracting_cycle(
            {node.field, node.parameters, node.field->initial(node.parameters)});
        if (!succeeded(cycle.status))
            return {cycle.status, "no cycle to start from: " + cycle.message, {}, {}, {}};
        const Vector state = cycle.orbit.states.col(0);
        start.state = node.manifold == system.manifold ? state : spread(system, at.study, state);
    }
    start.parameters = system.parameters;
    if (follows)
        start.state = at.cell->memory;
    else
        draw_states(initial, at, system.regions(at.study), start.state);
    if (initial.mode) excite_mode(initial, system, at, start);
    add_noise(initial, at, system.regions(at.study), start.state);
    return start;
}

}  // namespace cortifold
