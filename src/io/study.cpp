#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/io/nnmt_reader.hpp>
#include <cortifold/io/population_reader.hpp>
#include <cortifold/io/study.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/model/registry.hpp>

#include <algorithm>

namespace cortifold {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t schema = 1;
constexpr std::string_view strength_name = "coupling.strength", strength_alias = "eps";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

fs::path study_file(const fs::path& path) {
    if (!fs::exists(path)) throw ConfigError("study \"" + path.string() + "\" does not exist");
    if (!fs::is_directory(path)) return path;
    const fs::path file = path / "analysis.toml";
    if (!fs::exists(file))
        throw ConfigError("folder \"" + path.string() + "\" holds no analysis.toml");
    return file;
}

std::string study_name(const fs::path& file) {
    const fs::path full = fs::absolute(file).lexically_normal();
    return full.filename() == "analysis.toml" ? full.parent_path().filename().string()
                                              : full.stem().string();
}

void read_preset(const ModelEntry& model, ConfigReader& table, Study& study) {
    const std::string name = table.text("preset");
    const Record presets =
        parse_toml(model.presets, "models/" + std::string(model.name) + "/presets.toml");
    std::vector<std::string> known;
    for (const auto& [key, value] : presets.as<Record::Table>()) known.push_back(key);
    const Record* preset = presets.find(name);
    if (preset == nullptr)
        throw ConfigError(unknown_name("preset of " + std::string(model.name), name, known),
                          table.where("preset"));
    if (const Record* values = preset->find("parameters"))
        for (const auto& [parameter, value] : values->as<Record::Table>())
            study.parameters.push_back({parameter, value.number(), table.where("preset")});
}

/// A text, or a list of them; empty where the key is missing.
std::vector<std::string> read_names(ConfigReader& table, std::string_view key) {
    const Record* given = table.any(key);
    if (given == nullptr) return {};
    const auto refuse = [&](const Record& found) {
        throw ConfigError(table.path(key) + " must be a name or a list of names, is " +
                              std::string(found.type_name()),
                          found.where);
    };
    std::vector<std::string> names;
    const Record::List list =
        given->is<Record::List>() ? given->as<Record::List>() : Record::List{*given};
    for (const Record& name : list) {
        if (!name.is<std::string>()) refuse(name);
        if (std::ranges::find(names, name.as<std::string>()) != names.end())
            throw ConfigError(table.path(key) + " names " + name.as<std::string>() + " twice",
                              name.where);
        names.push_back(name.as<std::string>());
    }
    return names;
}

void take_equations(EquationDefinition model, ConfigReader& table, EquationPorts ports,
                    Study& study) {
    for (std::string& input : read_names(table, "inputs"))
        ports.receive.push_back(std::move(input));
    study.run = model.run;
    study.network.kinds = {make_equation_node(std::move(model), ports)};
}

void read_built_in(ConfigReader& table, const EquationPorts& ports, Study& study) {
    const std::string name = table.text("name");
    try {
        expect_model(name);
    } catch (const UsageError& error) {
        throw ConfigError(error.what(), table.where("name"));
    }
    if (const ShippedModel* shipped = find_shipped_model(name)) {
        study.model_checksum = checksum(shipped->text);
        take_equations(read_equation_model(*shipped), table, ports, study);
        return;
    }
    const ModelEntry& model = find_model(name);
    study.network.kinds = {model.make()};
    if (table.has("preset")) read_preset(model, table, study);
}

void read_equations(ConfigReader& table, const EquationPorts& ports, Study& study) {
    const fs::path file = resolve_path(study, table.text("file"), table.where("file"));
    std::error_code absent;
    if (!fs::is_regular_file(file, absent))
        throw ConfigError("model.file: there is no file " + file.string(), table.where("file"));
    if (table.has("name"))
        throw ConfigError("model.name and model.file are given, one of them is meant",
                          table.where("name"));
    take_equations(read_equation_model(file, &study.model_checksum), table, ports, study);
}

void read_model(ConfigReader table, const EquationPorts& ports, Study& study) {
    if (table.has("file"))
        read_equations(table, ports, study);
    else
        read_built_in(table, ports, study);
    for (ParameterSetting& setting : read_parameters(table, "parameters"))
        study.parameters.push_back(std::move(setting));
    table.finish();
}

constexpr CouplingKind coupling_kinds[] = {CouplingKind::additive, CouplingKind::diffusive};
constexpr Normalization normalizations[] = {Normalization::none, Normalization::rows,
                                            Normalization::spectral_radius, Normalization::maximum,
                                            Normalization::mean_strength};

/// The name as the table spells it, or as it is given where the table has none that it can mean.
std::string spelled_in(std::span<const Quantity> table, const std::string& name) {
    if (find_index(table, name)) return name;
    const auto same = [&](const Quantity& known) {
        return std::ranges::equal(known.name, name, {}, lower, lower);
    };
    return std::ranges::count_if(table, same) == 1
               ? std::string(std::ranges::find_if(table, same)->name)
               : name;
}

/// From each output that is sent to each input that receives.
std::vector<Link> links_between(const EquationPorts& ports, const Node& node, CouplingKind kind) {
    std::vector<Link> links;
    for (const std::string& output : ports.send)
        for (const std::string& input : ports.receive)
            links.push_back({.output = spelled_in(node.outputs(), output),
                             .input = spelled_in(node.inputs(), input),
                             .kind = kind,
                             .from_kind = {},
                             .to_kind = {}});
    return links;
}

/// As many of either are linked one to one; else there is one of either, linked to all.
std::vector<EquationPorts> pairs_of(const EquationPorts& ports, const SourceLine& where) {
    const std::size_t sent = ports.send.size(), received = ports.receive.size();
    if (sent == 1 || received == 1) return {ports};
    if (sent != received)
        throw ConfigError("network.send has " + std::to_string(sent) + " names, network.receive " +
                              std::to_string(received) +
                              ": as many, linked one to one, or one of either, linked to all",
                          where);
    std::vector<EquationPorts> pairs;
    for (std::size_t k = 0; k < sent; ++k) pairs.push_back({{ports.send[k]}, {ports.receive[k]}});
    return pairs;
}

std::vector<Link> read_links(ConfigReader& table, const EquationPorts& ports, const Node& node,
                             CouplingKind kind) {
    const Record* list = table.any("links");
    if (ports.send.empty() != ports.receive.empty())
        throw ConfigError("network.send and network.receive need one another",
                          table.where(ports.send.empty() ? "receive" : "send"));
    if (list == nullptr && !ports.send.empty()) {
        std::vector<Link> links;
        for (const EquationPorts& pair : pairs_of(ports, table.where("receive")))
            for (Link& link : links_between(pair, node, kind)) links.push_back(std::move(link));
        return links;
    }
    if (list == nullptr && node.outputs().empty())
        throw ConfigError("model " + std::string(node.name()) +
                              " has no outputs: name what it sends and receives, as in "
                              "network.send = \"v\", network.receive = \"I\"",
                          table.where("send"));
    if (list == nullptr) return default_links(node, kind);
    if (!ports.send.empty())
        throw ConfigError("network.links stands beside network.send: one of them is meant",
                          list->where);
    if (!list->is<Record::List>())
        throw ConfigError(
            "network.links must be a list of tables, is " + std::string(list->type_name()),
            list->where);
    std::vector<Link> links;
    std::vector<ResolvedKey> unused;  // `links` as a whole is noted already
    for (const Record& item : list->as<Record::List>()) {
        ConfigReader link(item, "network.links", unused);
        links.push_back({.output = link.text("output"),
                         .input = link.text("input"),
                         .kind = kind,
                         .gain = link.number("gain", 1.0),
                         .from_kind = {},
                         .to_kind = {}});
        link.finish();
    }
    return links;
}

constexpr Orientation orientations[] = {Orientation::onto_row, Orientation::from_row};

/// FILE or FILE:NAME.
fs::path array_path(ConfigReader& table, std::string_view key, const Study& study) {
    const fs::path path = resolve_path(study, table.text(key), table.where(key));
    std::error_code absent;
    if (!fs::exists(split_array_path(path).file, absent))
        throw ConfigError(
            "network." + std::string(key) + ": there is no file or folder " + path.string(),
            table.where(key));
    return path;
}

Connectome read_network_connectome(ConfigReader& table, const Study& study) {
    ConnectomeOptions options;
    const fs::path path = array_path(table, "connectome", study);
    if (table.has("lengths")) options.lengths = array_path(table, "lengths", study);
    options.orientation =
        table.choice<Orientation>("orientation", Orientation::onto_row, orientations);
    return read_connectome(path, options);
}

void read_network(ConfigReader table, const EquationPorts& ports, Study& study) {
    if (!study.has_network) return;
    ConfigReader coupling = table.table("coupling");
    const auto kind = coupling.choice<CouplingKind>("kind", CouplingKind::additive, coupling_kinds);
    study.normalization =
        coupling.choice<Normalization>("normalize", Normalization::none, normalizations);
    study.network.strength = coupling.number("strength", 0.0);
    if (coupling.has("strength")) {  // first, so that [model] and the steps come after it; but the
                                     // command line after [model]
        const SourceLine given = coupling.where("strength");
        study.parameters.insert(
            given.file == command_line ? study.parameters.end() : study.parameters.begin(),
            {std::string(strength_name), study.network.strength, given});
    }
    coupling.finish();
    SourceLine where = coupling.where("normalize");
    try {
        if (table.has("connectome")) {
            study.connectome = read_network_connectome(table, study);
            study.network.connectomes = {normalized(study.connectome, study.normalization)};
        }
        where = table.where("links");
        if (study.network.kinds.empty()) return table.finish();
        study.network.links = read_links(table, ports, *study.network.kinds.front(), kind);
        if (study.network.connectomes.empty())
            (void)make_homogeneous_field(study.network);  // refuses links that fit no connectome
        else
            validate_network(study.network);
    } catch (const UsageError& error) {
        throw ConfigError(error.what(), where);
    }
    table.finish();
}

void check_step_name(const std::string& name, const Record& step) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const SourceLine where = step.find("name") != nullptr ? step.find("name")->where : step.where;
    if (name.empty() || name.find_first_not_of(allowed) != std::string::npos)
        throw ConfigError(
            "the step name \"" + name +
                "\", which is also a folder, must be made of letters, digits, _ and -",
            where);
    if (name == "figures" || name == "network")
        throw ConfigError("the step name \"" + name + "\" is that of a folder of every run", where);
}

void read_steps(ConfigReader& root, Study& study) {
    study.steps = Record::List{};
    if (const Record* steps = root.record().find("step")) study.steps = *steps;
    const std::vector<std::string> names = step_names(study.steps);
    for (auto name = names.begin(); name != names.end(); ++name) {
        Record& step =
            study.steps.as<Record::List>()[static_cast<std::size_t>(name - names.begin())];
        check_step_name(*name, step);
        if (std::find(names.begin(), name, *name) != name)
            throw ConfigError("two steps are called \"" + *name + "\": names must differ",
                              step.where);
        step["name"] = *name;
    }
}

/// Refuses what no step may ever look at.
void check_parameters(const Study& study) {
    Network node = study.network;
    node.connectomes.clear();
    (void)parameter_values(study, *make_homogeneous_field(node), study.parameters);
}

/// Whether the model of this configuration has a parameter of that name.
bool has_parameter(const Record& configuration, const Study& study, std::string_view name) {
    const Record* model = configuration.find("model");
    const auto text = [&](std::string_view key) -> const Record* {
        const Record* found = model == nullptr ? nullptr : model->find(key);
        return found != nullptr && found->is<std::string>() ? found : nullptr;
    };
    const auto in = [&](const EquationDefinition& equations) {
        return std::ranges::any_of(equations.parameters,
                                   [&](const auto& parameter) { return parameter.name == name; });
    };
    if (const Record* file = text("file")) {
        const fs::path path = resolve_path(study, file->as<std::string>(), file->where);
        std::error_code absent;
        return fs::is_regular_file(path, absent) && in(read_equation_model(path));
    }
    const Record* built_in = text("name");
    if (built_in != nullptr)
        if (const ShippedModel* shipped = find_shipped_model(built_in->as<std::string>()))
            return in(read_equation_model(*shipped));
    return built_in != nullptr &&
           std::ranges::any_of(registered_models(), [&](const ModelEntry& entry) {
               return entry.name == built_in->as<std::string>() &&
                      find_index(entry.make()->parameters(), name);
           });
}

/// `eps=1` as what it means for the model of this configuration.
std::string without_alias(const std::string& setting, const Record& configuration,
                          const Study& study) {
    if (!setting.starts_with(std::string(strength_alias) + "=")) return setting;
    return has_parameter(configuration, study, strength_alias)
               ? "model.parameters." + setting
               : std::string(strength_name) + setting.substr(strength_alias.size());
}

/// A table stands for a dotted name, as the command line makes of coupling.gain.s_e.drive_e=2.
void add_parameters(ConfigReader& table, const std::string& prefix,
                    std::vector<ParameterSetting>& settings) {
    for (const auto& [name, value] : table.record().as<Record::Table>()) {
        const bool dotted = value.is<Record::Table>() && (name == "coupling" || !prefix.empty());
        if (dotted) {
            ConfigReader inner = table.table(name);
            add_parameters(inner, prefix + name + ".", settings);
        } else {
            settings.push_back({prefix + name, table.number(name), value.where});
        }
    }
}

void add_missing_step(Record& configuration, std::string_view action) {
    Record& steps = configuration["step"];
    if (!steps.is_null() && !steps.is<Record::List>()) return;  // refused where steps are read
    if (!steps.is_null())
        for (const Record& step : steps.as<Record::List>()) {
            const Record* own = step.find("do");
            if (own != nullptr && own->is<std::string>() && own->as<std::string>() == action)
                return;
        }
    Record step = Record::Table{{"do", action}};
    step.where = configuration.where;
    steps.push_back(std::move(step));
}

/// Whether nothing is wanted but spectra of the network and runs of neurons, which need no model.
bool needs_no_model(const Record& configuration) {
    const Record* steps = configuration.find("step");
    return steps != nullptr && steps->is<Record::List>() && !steps->as<Record::List>().empty() &&
           std::ranges::all_of(steps->as<Record::List>(), [](const Record& step) {
               const Record* action = step.find("do");
               return action != nullptr && action->is<std::string>() &&
                      (action->as<std::string>() == "spectrum" ||
                       action->as<std::string>() == "spike");
           });
}

/// Those of the model first: they may name a network, whose tables others then change.
void apply_settings(Record& configuration, std::span<const std::string> settings,
                    const Study& study) {
    const auto is_of_model = [](const std::string& setting) {
        return setting.starts_with("model.");
    };
    for (const std::string& setting : settings)
        if (is_of_model(setting)) apply_setting(configuration, setting);
    expand_named_network(configuration);
    if (const Record* file = nnmt_file(configuration))
        add_network(configuration,
                    read_nnmt_network(resolve_path(study, file->as<std::string>(), file->where)));
    for (const std::string& setting : settings)
        if (!is_of_model(setting))
            apply_setting(configuration, without_alias(setting, configuration, study));
}

/// A model of one region, or the name of a network of neurons. Whether it is the former.
bool read_any_model(ConfigReader& root, const EquationPorts& ports, Study& study) {
    const Record& configuration = root.record();
    const bool in_file = nnmt_file(configuration) != nullptr;
    if (in_file || names_network(configuration)) {
        ConfigReader model = root.table("model");
        (void)model.text(in_file ? "file" : "name");
        (void)model.any("parameters");
        model.finish();
        return false;
    }
    if (!root.has("model") && (!study.populations.is_null() || needs_no_model(configuration)))
        return false;
    read_model(root.table("model"), ports, study);
    return true;
}

}  // namespace

fs::path resolve_path(const Study& study, const std::string& text, const SourceLine& where) {
    const bool from_command_line = where.file == command_line;
    const fs::path path(text);
    return path.is_absolute() || from_command_line
               ? path
               : (study.file.parent_path() / path).lexically_normal();
}

std::vector<ParameterSetting> read_parameters(ConfigReader& table, std::string_view key) {
    std::vector<ParameterSetting> settings;
    ConfigReader values = table.table(key);
    add_parameters(values, "", settings);
    return settings;
}

std::size_t parameter_index(const Study& study, const VectorField& field, const std::string& name,
                            const SourceLine& where) {
    const auto table = field.parameters();
    const auto& kinds = study.network.kinds;
    const auto own = kinds.empty() ? table : table.first(kinds.front()->parameters().size());
    std::vector<Quantity> known;  // neither what only drives move, nor noises
    for (std::size_t k = 0; k < table.size(); ++k)
        if (k < own.size() || field.time() == k || table[k].name.starts_with("coupling."))
            known.push_back(table[k]);
    const bool ignores_case = !study.model_checksum.empty() && name != strength_alias;
    auto index = find_index(known, ignores_case ? spelled_in(own, name) : name);
    if (!index && name == strength_alias) index = find_index(known, strength_name);
    if (!index) throw ConfigError(unknown_name("parameter", name, names_of(known)), where);
    return index_of(table, known[*index].name);
}

Vector parameter_values(const Study& study, const VectorField& field,
                        std::span<const ParameterSetting> settings) {
    Vector values = default_values(field.parameters());
    for (const ParameterSetting& setting : settings) {
        const std::size_t index = parameter_index(study, field, setting.name, setting.where);
        const Quantity& parameter = field.parameters()[index];
        if (!(setting.value >= parameter.low && setting.value <= parameter.high))
            throw ConfigError("parameter " + setting.name + " = " + show(setting.value) +
                                  " must be in [" + show(parameter.low) + ", " +
                                  show(parameter.high) + "]" +
                                  (parameter.unit == "1" ? "" : " " + std::string(parameter.unit)),
                              setting.where);
        values[static_cast<Eigen::Index>(index)] = setting.value;
    }
    return values;
}

std::string short_name(const VectorField& field, std::size_t parameter) {
    const std::string_view name = field.parameters()[parameter].name;
    const bool taken = find_index(field.parameters(), strength_alias).has_value();
    return std::string(name == strength_name && !taken ? strength_alias : name);
}

Study read_study(const fs::path& path, std::span<const std::string> settings,
                 std::optional<std::uint64_t> seed, std::string_view needed_step) {
    Study study;
    study.file = study_file(path);
    study.name = study_name(study.file);
    Record configuration = read_toml(study.file.string());
    if (!needed_step.empty()) add_missing_step(configuration, needed_step);
    apply_settings(configuration, settings, study);
    ConfigReader root(configuration, "", study.resolved);
    if (const auto found = root.integer("schema"); found != schema)
        throw ConfigError(
            "schema = " + std::to_string(found) + " must be " + std::to_string(schema),
            root.where("schema"));
    study.title = root.text("title", study.name);
    const std::int64_t own_seed = root.integer("seed", 0, {0.0, static_cast<double>(largest_seed)});
    study.seed = seed.value_or(static_cast<std::uint64_t>(own_seed));
    study.has_network = root.has("network");
    ConfigReader network = root.table("network");
    const EquationPorts ports{read_names(network, "send"), read_names(network, "receive")};
    study.populations = take_population_tables(root);
    const bool has_model = read_any_model(root, ports, study);
    if (!study.populations.is_null()) (void)read_populations(study.populations, study.resolved);
    read_network(std::move(network), ports, study);
    if (has_model) check_parameters(study);
    read_steps(root, study);
    (void)root.any("step");
    root.finish();
    std::erase_if(study.resolved, [](const ResolvedKey& key) {
        return key.path == "step";
    });  // each step notes its own
    if (seed)
        *std::ranges::find(study.resolved, "seed", &ResolvedKey::path) = {
            "seed", static_cast<std::int64_t>(*seed), false};
    return study;
}

}  // namespace cortifold
