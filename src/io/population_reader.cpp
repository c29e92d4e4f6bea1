#include "spiking_lists.hpp"
#include <cortifold/io/population_reader.hpp>
#include <cortifold/model/network_scale.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace cortifold {

namespace {

constexpr double largest_count = 1e15;
constexpr double largest_population = std::numeric_limits<std::uint32_t>::max();
constexpr Bounds not_negative{0.0, positive.high};

struct NamedLaw {
    std::string_view key;
    Law law;
    std::string_view numbers;
};
constexpr std::array laws{NamedLaw{"normal", Law::normal, "[mean, standard deviation]"},
                          NamedLaw{"lognormal", Law::log_normal, "[mean, standard deviation]"},
                          NamedLaw{"lorentzian", Law::lorentzian, "[centre, half-width]"}};

/// The law, with its two numbers.
Distribution read_kind(ConfigReader& table) {
    const NamedLaw* kind = nullptr;
    for (const NamedLaw& known : laws) {
        if (!table.has(known.key)) continue;
        if (kind != nullptr)
            throw ConfigError(table.path(kind->key) + " and " + std::string(known.key) +
                                  " are given, one of them is meant",
                              table.where(known.key));
        kind = &known;
    }
    if (kind == nullptr) table.finish();  // names the key that stands in its place
    if (kind == nullptr)
        throw ConfigError(table.path("normal") + " is missing: [mean, standard deviation]",
                          table.record().where);
    const Record& found = *table.any(kind->key);
    const bool is_pair = found.is<Record::List>() && found.as<Record::List>().size() == 2 &&
                         std::ranges::all_of(found.as<Record::List>(), &Record::is_finite_number) &&
                         found.as<Record::List>()[1].number() >= 0.0;
    if (!is_pair)
        throw ConfigError(table.path(kind->key) + " must be " + std::string(kind->numbers) +
                              ", the latter 0 or more",
                          found.where);
    Distribution read{.mean = found.as<Record::List>()[0].number(),
                      .sd = found.as<Record::List>()[1].number()};
    read.law = kind->law;
    if (kind->law == Law::lorentzian && table.flag("quantiles", false))
        read.law = Law::lorentzian_quantiles;
    return read;
}

/// A number, the limit on the far side of zero or of the mean, or both limits.
void read_clip(ConfigReader& law, Distribution& read) {
    read.outside = Outside::clipped;
    const Record* given = law.record().find("clip");
    if (given->is<Record::List>()) {
        std::tie(read.low, read.high) = *law.range("clip");
        return;
    }
    const double limit = law.number("clip");
    (limit <= read.mean ? read.low : read.high) = limit;
}

/// `clip`, or `redraw_below` and `redraw_above`; there are no further keys.
void read_limits(ConfigReader& law, Distribution& read) {
    const bool clips = law.has("clip");
    const bool redraws_below = law.has("redraw_below"), redraws_above = law.has("redraw_above");
    if (read.law == Law::lorentzian_quantiles) read.outside = Outside::clipped;
    if (clips && (redraws_below || redraws_above))
        throw ConfigError(law.path("clip") + " and redraw_" + (redraws_below ? "below" : "above") +
                              " are given, one of them is meant",
                          law.where("clip"));
    if (clips) read_clip(law, read);
    if (redraws_below) read.low = law.number("redraw_below");
    if (redraws_above) read.high = law.number("redraw_above");
    law.finish();
}

/// A number, or a law as { normal = [mean, sd] } with limits.
Distribution read_law(ConfigReader& table, std::string_view key,
                      std::optional<double> fallback = {}) {
    const Record* found = table.record().find(key);
    if (found == nullptr) return {.mean = table.number(key, fallback)};
    if (!found->is_number() && !found->is<Record::Table>())
        throw ConfigError(table.path(key) + " must be a number or { normal = [mean, sd] }, is " +
                              std::string(found->type_name()),
                          found->where);
    if (found->is_number()) return {.mean = table.number(key)};
    ConfigReader law = table.table(key);
    (void)std::array{law.has("clip"), law.has("redraw_below"), law.has("redraw_above")};
    Distribution read = read_kind(law);
    read_limits(law, read);
    return read;
}

/// Also a normal law whose mean grows with a distance.
Distribution read_delay(ConfigReader& projection) {
    const Record* given = projection.record().find("delay");
    if (given == nullptr || given->find("distance_mm") == nullptr)
        return read_law(projection, "delay");
    ConfigReader law = projection.table("delay");
    const double distance_mm = law.number("distance_mm", {}, not_negative);
    const double speed_m_s = law.number("speed_m_s", {}, positive);  // also mm/ms
    const double mean = law.number("offset_ms", 0.0, not_negative) + distance_mm / speed_m_s;
    Distribution read{.mean = mean, .sd = mean * law.number("relative_sd", 0.0, not_negative)};
    read_limits(law, read);
    return read;
}

/// Relative to the file that names it, or from the command line to the working directory.
std::filesystem::path path_of(const std::string& text, const SourceLine& where) {
    const std::filesystem::path path(text);
    return path.is_absolute() || where.file == command_line
               ? path
               : (std::filesystem::path(where.file).parent_path() / path).lexically_normal();
}

/// `{ file = ".." }`, or a list of times for each neuron.
SpikeTimes read_spikes(ConfigReader& population) {
    const Record* given = population.any("spikes");
    if (given != nullptr && given->is<Record::Table>()) {
        ConfigReader table = population.table("spikes");
        const std::filesystem::path file = path_of(table.text("file"), table.where("file"));
        table.finish();
        return {read_spike_trains(file)};
    }
    if (given == nullptr || !given->is<Record::List>())
        throw ConfigError(population.path("spikes") +
                              " must be { file = \"trains.csv\" }, or a list of times for each "
                              "neuron, as [[5.0, 12.5], [7.0]]",
                          population.where("spikes"));
    auto spikes = std::make_shared<std::vector<TimedSpike>>();
    std::uint32_t neuron = 0;
    for (const Record& train : given->as<Record::List>()) {
        const bool is_train = train.is<Record::List>() &&
                              std::ranges::all_of(train.as<Record::List>(), [](const Record& time) {
                                  return time.is_finite_number() && time.number() > 0.0;
                              });
        if (!is_train)
            throw ConfigError(
                population.path("spikes") + " must have a list of positive times for each neuron",
                train.where);
        for (const Record& time : train.as<Record::List>())
            spikes->push_back({neuron, time.number()});
        ++neuron;
    }
    return {std::move(spikes)};
}

/// `tau_s` stands for the decay of excitatory and of inhibitory currents. Of parameters that are
/// drawn for each neuron `varied` has the laws.
NeuronModel read_neuron(ConfigReader& population, std::vector<VariedParameter>& varied) {
    const std::string name = population.text("model");
    const std::vector<NeuronModel> known = neuron_models();
    std::vector<std::string> names;
    for (const NeuronModel& neuron : known)
        names.emplace_back(std::visit([](const auto& one) { return one.name; }, neuron));
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        throw ConfigError(
            population.path("model") + ": " + unknown_name("model of a neuron", name, names),
            population.where("model"));
    NeuronModel read = known[static_cast<std::size_t>(found - names.begin())];
    if (std::holds_alternative<SpikeTimes>(read)) return read_spikes(population);
    ConfigReader parameters = population.table("parameters");
    std::visit(
        [&](auto& neuron) {
            constexpr bool has_two = requires {
                neuron.tau_ex;
                neuron.tau_in;
            };
            std::optional<double> both;
            if (has_two && parameters.has("tau_s")) both = parameters.number("tau_s", {}, positive);
            neuron.parameters(neuron, [&](double& value, const Quantity& quantity) {
                const bool is_decay = quantity.name == "tau_ex" || quantity.name == "tau_in";
                if (both && is_decay && parameters.has(quantity.name))
                    throw ConfigError(parameters.path("tau_s") + " and " +
                                          std::string(quantity.name) +
                                          " are given, one of them is meant",
                                      parameters.where("tau_s"));
                const Record* given = parameters.record().find(quantity.name);
                if (given != nullptr && given->is<Record::Table>()) {
                    varied.push_back(
                        {std::string(quantity.name), read_law(parameters, quantity.name)});
                    return;
                }
                value = parameters.number(quantity.name, both && is_decay ? *both : quantity.value,
                                          {quantity.low, quantity.high});
            });
        },
        read);
    parameters.finish();
    return read;
}

/// Reads the table under a key of a drive, where it is given.
void read_current(ConfigReader& drive, std::string_view key, auto&& read) {
    if (!drive.has(key)) return;
    ConfigReader table = drive.table(key);
    read(table);
    table.finish();
}

void read_currents(ConfigReader& drive, Population& population) {
    read_current(drive, "gaussian", [&](ConfigReader& table) {
        population.gaussian =
            GaussianCurrent{table.number("mean", 0.0), table.number("density", {}, not_negative)};
    });
    read_current(drive, "step", [&](ConfigReader& table) {
        population.currents.emplace_back(CurrentStep{
            table.number("start", 0.0), table.number("stop"), table.number("amplitude")});
    });
    read_current(drive, "ramp", [&](ConfigReader& table) {
        population.currents.emplace_back(
            CurrentRamp{table.number("start", 0.0), table.number("stop"),
                        table.number("first", 0.0), table.number("last")});
    });
    read_current(drive, "sinusoid", [&](ConfigReader& table) {
        population.currents.emplace_back(CurrentSinusoid{
            table.number("amplitude"), table.number("frequency_hz"), table.number("phase", 0.0)});
    });
}

void read_drive(ConfigReader drive, Population& population) {
    population.current_pa = drive.number("constant", 0.0);
    read_currents(drive, population);
    if (drive.has("poisson")) {
        ConfigReader poisson = drive.table("poisson");
        population.poisson =
            PoissonDrive{poisson.number("indegree", {}, not_negative),
                         poisson.number("rate_hz", {}, not_negative), read_law(poisson, "weight")};
        // A stationary process has no beginning that a delay could move.
        (void)poisson.number("delay", 0.0, not_negative);
        poisson.finish();
    }
    drive.finish();
}

std::string read_name(ConfigReader& population) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const std::string name = population.text("name");
    if (name.empty() || name.find_first_not_of(allowed) != std::string::npos)
        throw ConfigError(
            "the name \"" + name + "\" of a population must be made of letters, digits, _ and -",
            population.where("name"));
    return name;
}

/// Also the rate that scaling needs; NaN where there is none.
std::pair<Population, double> read_population(ConfigReader& table) {
    Population population;
    population.name = read_name(table);
    population.size =
        static_cast<std::uint32_t>(table.integer("size", {}, {1.0, largest_population}));
    population.neuron = read_neuron(table, population.varied);
    const double rest = std::visit(
        [](const auto& neuron) {
            if constexpr (requires { neuron.E_L; })
                return neuron.E_L;
            else
                return 0.0;
        },
        population.neuron);
    ConfigReader initial = table.table("initial");
    population.initial_mv = read_law(initial, "V", rest);
    initial.finish();
    read_drive(table.table("drive"), population);
    const double rate = table.has("rate_hz") ? table.number("rate_hz", {}, not_negative)
                                             : std::numeric_limits<double>::quiet_NaN();
    table.finish();
    return {std::move(population), rate};
}

/// Of rules in which each pair has one synapse or none.
void refuse_multapses(ConfigReader& projection, const std::string& rule) {
    if (projection.flag("multapses", false))
        throw ConfigError(projection.path("multapses") + " = true does not go with rule = " + rule +
                              ", where a pair has one synapse or none",
                          projection.where("multapses"));
}

ConnectionRule read_whole_rule(ConfigReader& projection) {
    const std::string name = projection.text("rule");
    const std::vector<std::string> known{"all_to_all", "one_to_one"};
    if (std::ranges::find(known, name) == known.end())
        throw ConfigError(projection.path("rule") + ": " + unknown_name("rule", name, known) +
                              ", or one with a number, as { indegree = 100 }",
                          projection.where("rule"));
    refuse_multapses(projection, name);
    if (name == "all_to_all") return AllToAll{};
    return OneToOne{};
}

/// A number that the projection has for all synapses of a list; none: the list has them.
std::optional<double> read_constant(ConfigReader& projection, std::string_view key, Bounds bounds) {
    return projection.has(key) ? std::optional(projection.number(key, {}, bounds)) : std::nullopt;
}

/// `rule = { file = ".." }`.
SynapseList read_list(ConfigReader& projection, const NeuronModel& target) {
    (void)projection.any("rule");  // the file's contents count
    ConfigReader rule = projection.table("rule");
    const std::filesystem::path file = path_of(rule.text("file"), rule.where("file"));
    rule.finish();
    const ListedDefaults defaults{
        read_constant(projection, "weight", {}), read_constant(projection, "delay", positive),
        std::visit([](const auto& neuron) { return neuron.weight_unit; }, target)};
    return {read_synapses(file, defaults)};
}

ConnectionRule read_rule(ConfigReader& projection, const NeuronModel& target) {
    constexpr std::array<std::string_view, 4> kinds{"total_number", "indegree", "outdegree",
                                                    "probability"};
    const SourceLine where = projection.where("rule");
    const Record* found = projection.record().find("rule");
    if (found != nullptr && found->is<std::string>()) return read_whole_rule(projection);
    if (found != nullptr && found->find("file") != nullptr) return read_list(projection, target);
    ConfigReader rule = projection.table("rule");
    std::vector<std::string_view> given;
    for (const std::string_view kind : kinds)
        if (rule.has(kind)) given.push_back(kind);
    rule.finish();
    if (given.size() != 1)
        throw ConfigError(projection.path("rule") +
                              " must be one of { total_number = .. }, { indegree = .. }, "
                              "{ outdegree = .. }, { probability = .. }, { file = .. }, "
                              "\"all_to_all\" and \"one_to_one\"; has " +
                              std::to_string(given.size()) + " of them",
                          where);
    if (given.front() == "probability") {
        refuse_multapses(projection, "{ probability = .. }");
        return ConnectionProbability{rule.number("probability", {}, {0.0, 1.0})};
    }
    if (given.front() == "total_number") {
        const auto synapses =
            static_cast<std::uint64_t>(rule.integer("total_number", {}, {0.0, largest_count}));
        return TotalNumber{synapses, projection.flag("multapses", true)};
    }
    const auto degree =
        static_cast<std::uint32_t>(rule.integer(given.front(), {}, {0.0, largest_population}));
    const bool multapses = projection.flag("multapses", true);
    if (given.front() == "indegree") return Indegree{degree, multapses};
    return Outdegree{degree, multapses};
}

Projection read_projection(ConfigReader& table, const PopulationNetwork& network) {
    Projection projection;
    for (const auto& [key, name] :
         {std::pair{"source", &projection.source}, std::pair{"target", &projection.target}}) {
        *name = table.text(key);
        try {
            (void)network.index_of(*name);
        } catch (const ConfigError& error) {
            throw ConfigError("projection." + std::string(key) + ": " + error.what(),
                              table.where(key));
        }
    }
    projection.rule =
        read_rule(table, network.populations[network.index_of(projection.target)].neuron);
    if (!std::holds_alternative<SynapseList>(projection.rule)) {
        projection.weight = read_law(table, "weight");
        projection.delay_ms = read_delay(table);
    }
    projection.autapses = table.flag("autapses", true);
    static constexpr Receptor receptors[] = {Receptor::by_sign, Receptor::third};
    projection.receptor = table.choice<Receptor>("receptor", Receptor::by_sign, receptors);
    table.finish();
    return projection;
}

/// The tables of a list; none where it is not given.
Record::List tables_of(const Record& tables, std::string_view key) {
    const Record* list = tables.find(key);
    if (list == nullptr) return {};
    const bool of_tables =
        list->is<Record::List>() &&
        std::ranges::all_of(list->as<Record::List>(), &Record::is<Record::Table>);
    if (!of_tables)
        throw ConfigError(std::string(key) + " must be a list of tables: they are written as [[" +
                              std::string(key) + "]]",
                          list->where);
    return list->as<Record::List>();
}

/// What a table is called in keys: by its texts, or where it lacks one by its number from 0.
std::string path_of(const Record& table, const std::string& list, std::size_t number,
                    std::initializer_list<std::string_view> keys) {
    std::string path = list;
    for (const std::string_view key : keys) {
        const Record* name = table.find(key);
        if (name == nullptr || !name->is<std::string>() || name->as<std::string>().empty())
            return list + "[" + std::to_string(number) + "]";
        path += "." + name->as<std::string>();
    }
    return path;
}

void read_spiking(ConfigReader& spiking, PopulationStudy& study, NetworkScale& scale,
                  bool& constant_drive) {
    static constexpr KeptInput kept[] = {KeptInput::mean_and_variance, KeptInput::nothing};
    study.step_ms = spiking.number("step", study.step_ms, positive);
    const std::string drive = spiking.text("drive", "poisson");
    const std::vector<std::string> drives{"poisson", "constant"};
    if (std::ranges::find(drives, drive) == drives.end())
        throw ConfigError(spiking.path("drive") + ": " + unknown_name("choice", drive, drives),
                          spiking.where("drive"));
    constant_drive = drive == "constant";
    if (spiking.has("instructions"))
        study.instructions = spiking.choice<InstructionSet>("instructions", InstructionSet::scalar,
                                                            supported_instructions());
    ConfigReader part = spiking.table("scale");
    scale.neurons = part.number("neurons", scale.neurons, {positive.low, 1.0});
    scale.synapses = part.number("synapses", scale.synapses, {positive.low, 1.0});
    scale.keep = part.choice<KeptInput>("keep", scale.keep, kept);
    part.finish();
    spiking.finish();
}

}  // namespace

void PopulationStudy::at_places(const std::function<void()>& work) const {
    try {
        work();
    } catch (const ConfigError& error) {
        const std::string_view message = error.what();
        for (const TablePlace& place : places)
            if (message.starts_with(place.path) &&
                message.substr(place.path.size()).find_first_of(".: ") == 0)
                throw ConfigError(error.what(), place.where);
        throw ConfigError(error.what(), places.front().where);
    }
}

Record take_population_tables(ConfigReader& root) {
    Record tables;
    for (const std::string_view key : {"population", "projection", "spiking"})
        if (root.has(key)) tables[key] = *root.record().find(key);
    if (!tables.is_null() && tables.find("population") == nullptr) {
        const auto& [key, table] = tables.as<Record::Table>().front();
        throw ConfigError(key + " needs [[population]] tables, or model.name that of a network",
                          table.where);
    }
    return tables;
}

PopulationStudy read_populations(const Record& tables, std::vector<ResolvedKey>& resolved) {
    PopulationStudy study;
    std::vector<double> rates_hz;
    std::vector<TablePlace>& places = study.places;
    for (const Record& table : tables_of(tables, "population")) {
        places.push_back({path_of(table, "population", study.network.populations.size(), {"name"}),
                          table.where});
        ConfigReader reader(table, places.back().path, resolved);
        auto [population, rate] = read_population(reader);
        for (const Population& other : study.network.populations)
            if (other.name == population.name)
                throw ConfigError("two populations are called \"" + population.name + "\"",
                                  table.where);
        study.network.populations.push_back(std::move(population));
        rates_hz.push_back(rate);
    }
    for (const Record& table : tables_of(tables, "projection")) {
        places.push_back(
            {path_of(table, "projection", study.network.projections.size(), {"source", "target"}),
             table.where});
        ConfigReader reader(table, places.back().path, resolved);
        study.network.projections.push_back(read_projection(reader, study.network));
    }
    const Record* given = tables.find("spiking");
    const Record nothing = Record::Table{};
    ConfigReader spiking(given == nullptr ? nothing : *given, "spiking", resolved);
    NetworkScale scale;
    bool constant_drive = false;
    read_spiking(spiking, study, scale, constant_drive);
    places.push_back({"scale", given == nullptr ? SourceLine{} : given->where});
    study.at_places([&] {
        study.network.validate();
        if (constant_drive) study.network = with_constant_drives(std::move(study.network));
        study.network = scaled(std::move(study.network), scale, rates_hz);
        study.network.validate();
    });
    return study;
}

}  // namespace cortifold
