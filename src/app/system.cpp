#include "system.hpp"

#include "branch_options.hpp"
#include "cycle_record.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

constexpr double equal_states = 1e-9;  // relative: regions that differ by less are alike

}  // namespace

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
        if (asked && system.manifold == Manifold::full)
            throw ConfigError(
                "manifold = \"full\" needs network.connectome: the model is no network",
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
    for (ParameterSetting& setting : read_parameters(options, "parameters")) {
        system.own.push_back(parameter_index(study, *system.field, setting.name, setting.where));
        settings.push_back(std::move(setting));
    }
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

Record parameter_record(const VectorField& field, ConstVectorRef parameters) {
    Record record = Record::Table{};
    for (std::size_t k = 0; k < field.parameters().size(); ++k)
        record.as<Record::Table>().emplace_back(short_name(field, k),
                                                parameters[static_cast<Eigen::Index>(k)]);
    return record;
}

StateBox read_state_box(ConfigReader& options, const System& system, const Study& study) {
    const Eigen::Index regions = system.regions(study);
    StateBox box{Vector(system.field->dimension()), Vector(system.field->dimension())};
    ConfigReader table = options.table("box");
    Eigen::Index first = 0;
    for (const Quantity& state : system.network.kinds.front()->states()) {
        const auto [low, high] = table.range(state.name).value_or(std::pair{state.low, state.high});
        if (!std::isfinite(low) || !std::isfinite(high))
            throw ConfigError(
                "equilibria are looked for in a box, and the model sets no limits to "
                "its states; give box = { " +
                    std::string(state.name) + " = [low, high], ... }",
                options.where("box"));
        table.assume(state.name, Record::List{low, high});
        box.low.segment(first, regions).setConstant(low);
        box.high.segment(first, regions).setConstant(high);
        first += regions;
    }
    table.finish();
    return box;
}

namespace {

/// A labelled point in the summary of a step: an equilibrium, a state of a mean field, or a special
/// point of a branch.
struct Place {
    const Record* point;
    const Record* branch = nullptr;
};

std::optional<Place> find_place(const Record& summary, const std::string& label,
                                std::vector<std::string>& known) {
    const auto is_meant = [&](const Record& point) {
        const auto& name = point.find("label")->as<std::string>();
        if (std::ranges::find(known, name) == known.end()) known.push_back(name);
        return name == label;
    };
    if (const Record* equilibria = summary.find("equilibria"))
        for (const Record& point : equilibria->as<Record::List>())
            if (is_meant(point)) return Place{&point};
    if (const Record* states = summary.find("states"))
        for (const Record& point : states->as<Record::List>())
            if (point.find("state") != nullptr && is_meant(point)) return Place{&point};
    if (const Record* branches = summary.find("branches"))
        for (const Record& branch : branches->as<Record::List>())
            for (const Record& point : branch.find("special")->as<Record::List>())
                if (is_meant(point)) return Place{&point, &branch};
    return std::nullopt;
}

/// The numbers of a table, in their order.
Vector values_of(const Record& named) {
    const auto& table = named.as<Record::Table>();
    Vector values(static_cast<Eigen::Index>(table.size()));
    std::ranges::transform(table, values.begin(),
                           [](const auto& entry) { return entry.second.number(); });
    return values;
}

/// Takes the values of a table for the parameters that the step does not set itself.
void take_parameters(const Record* values, const System& system, Vector& parameters) {
    if (values == nullptr) return;
    for (std::size_t k = 0; k < system.field->parameters().size(); ++k)
        if (const Record* value = values->find(short_name(*system.field, k));
            value != nullptr && std::ranges::find(system.own, k) == system.own.end())
            parameters[static_cast<Eigen::Index>(k)] = value->number();
}

/// Every unknown of a special point and its tangent, which the summary of a network leaves out.
BranchPoint read_unknowns(const std::filesystem::path& file, const Place& place) {
    const std::string dataset =
        "branch" + std::to_string(place.branch->find("branch")->as<std::int64_t>());
    const Eigen::Index number = place.point->find("point")->as<std::int64_t>() - 1;
    if (place.point->find("period") != nullptr) return read_cycle(file, dataset, number);
    const Vector row = read_hdf5(file, dataset).values.row(number);
    const auto unknowns = place.branch->find("unknowns")->as<std::int64_t>();
    BranchPoint point;
    point.z = row.head(unknowns);
    point.tangent = row.segment(unknowns, unknowns);
    const Vector parameters = values_of(*place.point->find("parameters"));
    point.parameters.assign(parameters.begin(), parameters.end());
    return point;
}

SpecialPoint read_special(const std::filesystem::path& file, const Place& place) {
    const auto number = [&](const char* key) {
        const Record* value = place.point->find(key);
        return value == nullptr ? 0.0 : value->number();
    };
    SpecialPoint special;
    special.at = read_unknowns(file, place);
    const std::string& type = place.point->find("type")->as<std::string>();
    special.type = find_point_type(type).value_or(PointType::user);
    special.label = place.point->find("label")->as<std::string>();
    special.frequency = number("frequency");
    special.second_frequency = number("second_frequency");
    special.multiplicity = static_cast<int>(number("multiplicity"));
    for (const auto& [name, value] : place.point->find("normal_form")->as<Record::Table>())
        special.normal_form[name] = value.number();
    return special;
}

LabelledPoint read_point(const System& system, const EarlierStep& step, const Place& place) {
    LabelledPoint point{{}, system.parameters, *place.point, {}};
    if (place.branch != nullptr) {
        point.special = read_special(step.folder / "data.h5", place);
        point.state = point.special.at.z.head(place.branch->find("states")->as<std::int64_t>());
    } else {
        point.state = values_of(*place.point->find("state"));
    }
    take_parameters(
        place.branch != nullptr ? place.branch->find("fixed") : step.summary.find("parameters"),
        system, point.parameters);
    take_parameters(place.point->find("parameters"), system, point.parameters);
    return point;
}

/// The state that all regions share; empty where they differ.
Vector common_state(const Vector& full, Eigen::Index regions) {
    const auto by_region = full.reshaped(regions, full.size() / regions);
    const Vector mean = by_region.colwise().mean();
    const double departure = (by_region.rowwise() - mean.transpose()).cwiseAbs().maxCoeff();
    return departure <= equal_states * mean.cwiseAbs().maxCoeff() ? mean : Vector();
}

}  // namespace

LabelledPoint labelled_point(const StepContext& at, const System& system, const std::string& label,
                             const SourceLine& where) {
    const auto dot = label.find('.');
    const std::string step = dot == std::string::npos ? "" : label.substr(0, dot),
                      name = dot == std::string::npos ? label : label.substr(dot + 1);
    std::vector<std::string> steps, known;
    for (const EarlierStep& earlier : at.earlier) steps.push_back(earlier.name);
    if (!step.empty() && std::ranges::find(steps, step) == steps.end())
        throw ConfigError(unknown_name("earlier step", step, steps), where);
    for (auto earlier = at.earlier.rbegin(); earlier != at.earlier.rend(); ++earlier) {
        if (!step.empty() && earlier->name != step) continue;
        const auto place = find_place(earlier->summary, name, known);
        if (!place) continue;
        LabelledPoint point = read_point(system, *earlier, *place);
        if (point.state.size() == system.field->dimension()) return point;
        point.special = {};
        if (point.state.size() * system.regions(at.study) == system.field->dimension()) {
            point.state = spread(system, at.study, point.state);
        } else {
            point.state = common_state(point.state, at.study.network.size());
            if (point.state.size() == 0)
                throw ConfigError("the regions differ at \"" + label +
                                      "\", which has no place on the homogeneous manifold",
                                  where);
        }
        return point;
    }
    throw ConfigError(unknown_name("label of an earlier step", label, known), where);
}

}  // namespace cortifold
