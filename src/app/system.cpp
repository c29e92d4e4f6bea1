#include "system.hpp"

#include <algorithm>

namespace cortifold {

System read_system(ConfigReader& options, const Study& study, Manifold preferred, Unequal unequal,
                   const NetworkAdditions& additions) {
    static constexpr Manifold manifolds[] = {Manifold::homogeneous, Manifold::full};
    System system;
    system.network = study.network;
    system.network.injections = additions.injections;
    if (additions.events != nullptr) system.network.events = {additions.events};
    const bool asked = options.has("manifold");
    system.manifold = options.choice<Manifold>("manifold", preferred, manifolds);
    if (system.network.connectomes.empty()) {
        if (asked && system.manifold == Manifold::full && study.has_network)
            throw ConfigError("manifold = \"full\" needs network.connectome",
                              options.where("manifold"));
        system.manifold = Manifold::homogeneous;
    } else if (system.manifold == Manifold::homogeneous && unequal == Unequal::take_full &&
               !asked) {
        if (const auto obstacle = obstacle_to_homogeneity(system.network)) {
            system.manifold = Manifold::full;
            system.note = "on the full network, since " + *obstacle;
        }
    }
    if (system.manifold == Manifold::homogeneous)
        system.field = system.homogeneous = make_homogeneous_field(system.network);
    else
        system.field = make_field(system.network);
    std::vector<ParameterSetting> settings = study.parameters;
    for (ParameterSetting& setting : read_parameters(options, "parameters"))
        settings.push_back(std::move(setting));
    system.parameters = parameter_values(study, *system.field, settings);
    system.at_given_time = std::ranges::any_of(settings, [&](const ParameterSetting& setting) {
        return system.field->time() &&
               setting.name == system.field->parameters()[*system.field->time()].name;
    });
    return system;
}

std::shared_ptr<const VectorField> threaded_field(const System& system, const Context& context) {
    return system.manifold == Manifold::full ? make_field(system.network, context) : system.field;
}

void require_autonomous(const System& system, const ConfigReader& options) {
    if (!system.field->time() || system.at_given_time) return;
    throw ConfigError(
        "the model depends on the time t, so its states are never at rest; give parameters = { t = "
        "0.0 } for the field as it is at that time",
        options.where("parameters"));
}

std::string rate_unit(const VectorField& field) {
    return field.time_unit() == "1" ? "1" : "1/" + std::string(field.time_unit());
}

Record state_record(const VectorField& field, ConstVectorRef state) {
    Record record = Record::Table{};
    for (Eigen::Index k = 0; k < state.size(); ++k)
        record.as<Record::Table>().emplace_back(field.states()[static_cast<std::size_t>(k)].name,
                                                state[k]);
    return record;
}

Record complex_record(std::complex<double> value) {
    return Record::List{value.real(), value.imag()};
}

Record complex_list(const ComplexVector& values) {
    Record list = Record::List{};
    for (const std::complex<double> value : values) list.push_back(complex_record(value));
    return list;
}

Vector spread(const System& system, const Study& study, ConstVectorRef node_state) {
    const Eigen::Index regions = system.regions(study);
    return node_state.transpose().replicate(regions, 1).reshaped();
}

namespace {

/// The state of that label in a step's summary; none where it has no such label.
std::optional<Vector> find_state(const Record& summary, const std::string& label,
                                 std::vector<std::string>& known) {
    const Record* list = summary.find("equilibria");
    if (list == nullptr) return std::nullopt;
    for (const Record& equilibrium : list->as<Record::List>()) {
        known.push_back(equilibrium.find("label")->as<std::string>());
        if (known.back() != label) continue;
        const auto& table = equilibrium.find("state")->as<Record::Table>();
        Vector state(static_cast<Eigen::Index>(table.size()));
        for (std::size_t k = 0; k < table.size(); ++k)
            state[static_cast<Eigen::Index>(k)] = table[k].second.number();
        return state;
    }
    return std::nullopt;
}

}  // namespace

Vector labelled_state(const StepContext& at, const System& system, const std::string& label,
                      const SourceLine& where) {
    const auto dot = label.find('.');
    const std::string step = dot == std::string::npos ? "" : label.substr(0, dot),
                      name = dot == std::string::npos ? label : label.substr(dot + 1);
    std::vector<std::string> known;
    for (auto earlier = at.earlier.rbegin(); earlier != at.earlier.rend(); ++earlier) {
        if (!step.empty() && earlier->name != step) continue;
        const auto state = find_state(earlier->summary, name, known);
        if (!state) continue;
        if (state->size() == system.field->dimension()) return *state;
        if (state->size() * system.regions(at.study) == system.field->dimension())
            return spread(system, at.study, *state);
        throw ConfigError(
            "\"" + label +
                "\" is a state of the full network and has no place on the homogeneous manifold",
            where);
    }
    throw ConfigError(unknown_name("label of an earlier step", label, known), where);
}

}  // namespace cortifold
