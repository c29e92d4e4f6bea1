#include <cortifold/io/population_reader.hpp>
#include <cortifold/model/registry.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

Record law_record(const Distribution& law) {
    if (law.sd == 0.0) return law.mean;
    const char* key = law.law == Law::normal       ? "normal"
                      : law.law == Law::log_normal ? "lognormal"
                                                   : "lorentzian";
    Record record = Record::Table{{key, Record::List{law.mean, law.sd}}};
    if (law.law == Law::lorentzian_quantiles) record["quantiles"] = true;
    const bool has_low = std::isfinite(law.low), has_high = std::isfinite(law.high);
    if (law.outside == Outside::redrawn) {
        if (has_low) record["redraw_below"] = law.low;
        if (has_high) record["redraw_above"] = law.high;
    } else if (has_low && has_high) {
        record["clip"] = Record::List{law.low, law.high};
    } else if (has_low || has_high) {
        record["clip"] = has_low ? law.low : law.high;
    }
    return record;
}

void add_current(const CurrentStep& current, Record& drive) {
    drive["step"] = Record::Table{
        {"start", current.start_ms}, {"stop", current.stop_ms}, {"amplitude", current.amplitude}};
}
void add_current(const CurrentRamp& current, Record& drive) {
    drive["ramp"] = Record::Table{{"start", current.start_ms},
                                  {"stop", current.stop_ms},
                                  {"first", current.first},
                                  {"last", current.last}};
}
void add_current(const CurrentSinusoid& current, Record& drive) {
    drive["sinusoid"] = Record::Table{{"amplitude", current.amplitude},
                                      {"frequency_hz", current.frequency_hz},
                                      {"phase", current.phase}};
}

Record population_record(const Population& population, double rate_hz) {
    Record record =
        Record::Table{{"name", population.name}, {"size", std::int64_t{population.size}}};
    std::visit(
        [&](auto neuron) {
            record["model"] = neuron.name;
            Record parameters = Record::Table{};
            neuron.parameters(neuron, [&](double value, const Quantity& quantity) {
                parameters[quantity.name] = value;
            });
            for (const VariedParameter& one : population.varied)
                parameters[one.name] = law_record(one.law);
            record["parameters"] = parameters;
        },
        population.neuron);
    record["initial"] = Record::Table{{"V", law_record(population.initial_mv)}};
    Record drive = Record::Table{};
    if (population.poisson)
        drive["poisson"] = Record::Table{{"indegree", population.poisson->indegree},
                                         {"rate_hz", population.poisson->rate_hz},
                                         {"weight", law_record(population.poisson->weight)}};
    if (population.current_pa != 0.0) drive["constant"] = population.current_pa;
    if (population.gaussian)
        drive["gaussian"] = Record::Table{{"mean", population.gaussian->mean},
                                          {"density", population.gaussian->density}};
    for (const CurrentWaveform& current : population.currents)
        std::visit([&](const auto& one) { add_current(one, drive); }, current);
    record["drive"] = drive;
    if (std::isfinite(rate_hz)) record["rate_hz"] = rate_hz;
    return record;
}

struct RuleRecord {
    Record operator()(const TotalNumber& rule) const {
        return Record::Table{{"total_number", static_cast<std::int64_t>(rule.synapses)}};
    }
    Record operator()(const Indegree& rule) const {
        return Record::Table{{"indegree", std::int64_t{rule.sources}}};
    }
    Record operator()(const Outdegree& rule) const {
        return Record::Table{{"outdegree", std::int64_t{rule.targets}}};
    }
    Record operator()(const ConnectionProbability& rule) const {
        return Record::Table{{"probability", rule.probability}};
    }
    Record operator()(const AllToAll&) const { return "all_to_all"; }
    Record operator()(const OneToOne&) const { return "one_to_one"; }
    Record operator()(const SynapseList&) const {
        throw UsageError("a list of synapses is in a file of its own, not in a table");
    }
};

Record projection_record(const Projection& projection) {
    Record record = Record::Table{{"source", projection.source},
                                  {"target", projection.target},
                                  {"rule", std::visit(RuleRecord{}, projection.rule)},
                                  {"weight", law_record(projection.weight)},
                                  {"delay", law_record(projection.delay_ms)},
                                  {"autapses", projection.autapses}};
    if (projection.receptor != Receptor::by_sign)
        record["receptor"] = std::string(to_string(projection.receptor));
    std::visit(
        [&](const auto& rule) {
            if constexpr (requires { rule.multapses; }) record["multapses"] = rule.multapses;
        },
        projection.rule);
    return record;
}

void set_place(Record& record, const SourceLine& where) {
    record.where = where;
    if (record.is<Record::List>())
        for (Record& item : record.as<Record::List>()) set_place(item, where);
    if (record.is<Record::Table>())
        for (auto& [key, item] : record.as<Record::Table>()) set_place(item, where);
}

const NetworkEntry* named_network(const Record& configuration) {
    const Record* model = configuration.find("model");
    const Record* name = model == nullptr ? nullptr : model->find("name");
    if (name == nullptr || !name->is<std::string>()) return nullptr;
    const auto networks = registered_networks();
    const auto found = std::ranges::find(networks, name->as<std::string>(), &NetworkEntry::name);
    return found == networks.end() ? nullptr : &*found;
}

/// Takes `thalamus` out of [spiking].
std::optional<ThalamicPulse> take_pulse(Record& configuration) {
    Record* spiking = configuration.find("spiking");
    const Record* given = spiking == nullptr ? nullptr : spiking->find("thalamus");
    if (given == nullptr) return std::nullopt;
    std::vector<ResolvedKey> unused;  // the population's keys are noted
    ConfigReader table(*given, "spiking.thalamus", unused);
    ThalamicPulse pulse;
    pulse.start_ms = table.number("start", pulse.start_ms, {0.0, positive.high});
    pulse.duration_ms = table.number("duration", pulse.duration_ms, positive);
    pulse.rate_hz = table.number("rate_hz", pulse.rate_hz, {0.0, positive.high});
    table.finish();
    std::erase_if(spiking->as<Record::Table>(),
                  [](const auto& entry) { return entry.first == "thalamus"; });
    return pulse;
}

/// Every number in tables within one another under the key that the path to it makes.
void set_quantities_below(const Record& values, const std::string& prefix, Record& tables) {
    for (const auto& [name, value] : values.as<Record::Table>()) {
        const std::string key = prefix + name;
        if (value.is<Record::Table>()) {
            set_quantities_below(value, key + ".", tables);
            continue;
        }
        if (!is_spiking_quantity(key))
            throw ConfigError("unknown quantity \"" + key +
                                  "\" of a spiking network; they are called population.NAME.key, "
                                  "projection.SOURCE.TARGET.key and spiking.key",
                              value.where);
        set_key(tables, key, value);
    }
}

}  // namespace

bool is_spiking_quantity(std::string_view name) {
    return name.starts_with("population.") || name.starts_with("projection.") ||
           name.starts_with("spiking.");
}

void set_quantities(const Record& values, Record& tables) {
    if (!values.is<Record::Table>())
        throw ConfigError("parameters must be a table, is " + std::string(values.type_name()),
                          values.where);
    set_quantities_below(values, "", tables);
}

Record population_tables(const PopulationNetwork& network, std::span<const double> rates_hz) {
    Record populations = Record::List{}, projections = Record::List{};
    for (std::size_t p = 0; p < network.populations.size(); ++p)
        populations.push_back(population_record(network.populations[p], rates_hz[p]));
    for (const Projection& projection : network.projections)
        projections.push_back(projection_record(projection));
    return Record::Table{{"population", populations}, {"projection", projections}};
}

bool names_network(const Record& configuration) {
    return named_network(configuration) != nullptr;
}

void expand_named_network(Record& configuration) {
    const NetworkEntry* entry = named_network(configuration);
    if (entry == nullptr) return;
    const PopulationNetwork network = entry->make(take_pulse(configuration));
    std::vector<double> rates_hz(entry->rates_hz.begin(), entry->rates_hz.end());
    rates_hz.resize(network.populations.size());  // a pulse is none on average
    Record tables = population_tables(network, rates_hz);
    set_place(tables, configuration.find("model")->find("name")->where);
    add_network(configuration, std::move(tables));
}

void add_network(Record& configuration, Record tables) {
    for (auto& [key, list] : tables.as<Record::Table>()) {
        Record& own = configuration[key];
        if (!own.is_null() && !own.is<Record::List>())
            throw ConfigError(key + " must be a list of tables, is " +
                                  std::string(own.type_name()) + ": they are written as [[" + key +
                                  "]]",
                              own.where);
        if (!own.is_null())
            for (Record& item : own.as<Record::List>()) list.push_back(std::move(item));
        own = std::move(list);
    }
    const Record* changed = configuration.find("model")->find("parameters");
    if (changed != nullptr) set_quantities(Record(*changed), configuration);
}

}  // namespace cortifold
