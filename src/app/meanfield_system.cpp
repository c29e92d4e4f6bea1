#include "meanfield_system.hpp"

#include "populations.hpp"
#include <cortifold/meanfield/from_populations.hpp>

#include <algorithm>
#include <cctype>
#include <limits>

namespace cortifold {

namespace {

constexpr SynapseTheory theories[] = {SynapseTheory::shift, SynapseTheory::taylor,
                                      SynapseTheory::delta};
constexpr Modulation modulations[] = {Modulation::mean, Modulation::mean_and_variance};
/// By how much a number of the theory may leave its line, in parts of the largest on it.
constexpr double straight = 1e-9;

/// A quantity of the study, or several that are factors times one parameter.
struct MovedQuantity {
    std::string name;
    SourceLine where;
    double value = 0.0;
    std::vector<std::pair<std::string, double>> factors{};  ///< by key
};

/// The keys and factors of nested tables.
void add_factors(const Record& table, const std::string& prefix, MovedQuantity& combined) {
    for (const auto& [name, factor] : table.as<Record::Table>()) {
        if (factor.is<Record::Table>())
            add_factors(factor, prefix + name + ".", combined);
        else if (factor.is_finite_number() && is_spiking_quantity(prefix + name))
            combined.factors.emplace_back(prefix + name, factor.number());
        else
            throw ConfigError("combine." + combined.name +
                                  " must be a table of quantities, each with the factor that makes "
                                  "it of " +
                                  combined.name + ", as in { projection.I.E.weight = -0.1 }",
                              factor.where);
    }
}

std::vector<MovedQuantity> read_combined(ConfigReader& options) {
    std::vector<MovedQuantity> read;
    (void)options.any("combine");
    options.assume("combine", Record::Table{});
    const ConfigReader table = options.table("combine");
    for (const auto& [name, factors] : table.record().as<Record::Table>()) {
        const bool is_word = std::ranges::all_of(
            name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
        if (name.empty() || !is_word || !factors.is<Record::Table>())
            throw ConfigError(
                "combine." + name +
                    " must be a name of letters, digits and _, and a table of factors",
                factors.where);
        read.push_back({name, factors.where});
        add_factors(factors, "", read.back());
    }
    return read;
}

void set_factors(const MovedQuantity& moved, double value, Record& tables) {
    for (const auto& [key, factor] : moved.factors) {
        Record number = factor * value;
        number.where = moved.where;
        set_key(tables, key, std::move(number));
    }
}

/// What `parameters` has for combined parameters is taken, and put in the tables as all else is;
/// the names of the former.
std::vector<std::string> read_values(ConfigReader& options, std::vector<MovedQuantity>& combined,
                                     Record& tables) {
    const Record* given = options.any("parameters");
    Record quantities = Record::Table{};
    std::vector<std::string> own;
    ConfigReader values = options.table("parameters");
    if (given != nullptr)
        for (const auto& [name, value] : given->as<Record::Table>()) {
            const auto found = std::ranges::find(combined, name, &MovedQuantity::name);
            if (found == combined.end()) {
                quantities[name] = value;
                continue;
            }
            found->value = values.number(name);
            set_factors(*found, found->value, tables);
            own.push_back(name);
        }
    set_quantities(quantities, tables);
    return own;
}

/// With the number that the tables have, or that is its default.
MovedQuantity stored_quantity(const std::string& name, const SourceLine& where,
                              const std::vector<ResolvedKey>& known) {
    const auto found = std::ranges::find(known, name, &ResolvedKey::path);
    if (found == known.end()) {
        std::vector<std::string> names;
        for (const ResolvedKey& key : known)
            if (key.value.is_finite_number()) names.push_back(key.path);
        throw ConfigError(unknown_name("quantity", name, names), where);
    }
    if (!found->value.is_finite_number())
        throw ConfigError(name + " is " + std::string(found->value.type_name()) + ", not a number",
                          where);
    return {name, where, found->value.number(), {{name, 1.0}}};
}

class TiedNetwork {
public:
    TiedNetwork(Record tables, std::vector<MovedQuantity> moved, SourceLine where)
        : tables_(std::move(tables)), moved_(std::move(moved)), where_(std::move(where)) {}

    [[nodiscard]] PopulationNetwork populations_at(const Vector& values) const {
        Record tables = tables_;
        for (std::size_t k = 0; k < moved_.size(); ++k)
            set_factors(moved_[k], values[static_cast<Eigen::Index>(k)], tables);
        std::vector<ResolvedKey> noted;  // by the study
        return read_populations(tables, noted).network;
    }

    [[nodiscard]] Vector own_at(const Vector& values) const {
        return own_parameters(mean_field_network(populations_at(values), where_));
    }

    /// Each a parameter of the network between the ends of its range.
    [[nodiscard]] LifNetwork tied(const std::vector<ContinuationOptions::Bound>& ranges) const {
        Vector values(std::ssize(moved_)), high = values;
        for (std::size_t k = 0; k < moved_.size(); ++k) {
            values[static_cast<Eigen::Index>(k)] = moved_[k].value;
            high[static_cast<Eigen::Index>(k)] = ranges[k].high;
        }
        const PopulationNetwork populations = populations_at(values);
        LifNetwork network = mean_field_network(populations, where_);
        const Vector base = own_parameters(network);
        Vector size = base.cwiseAbs();
        for (std::size_t k = 0; k < moved_.size(); ++k) {
            const auto slot = static_cast<Eigen::Index>(k);
            const auto at = [&](double value) {
                Vector moved = values;
                moved[slot] = value;
                return own_at(moved);
            };
            const auto [low, top] = ranges[k];
            const Vector first = at(low), last = at(top);
            size = size.cwiseMax(first.cwiseAbs()).cwiseMax(last.cwiseAbs());
            LifTie tie{.name = moved_[k].name, .unit = unit_of(moved_[k], populations)};
            tie.value = moved_[k].value;
            tie.slopes = (last - first) / (top - low);
            if (tie.slopes.isZero(0.0))
                throw ConfigError("the self-consistent rates do not depend on " + tie.name,
                                  moved_[k].where);
            check_line(at(0.5 * (low + top)), 0.5 * (first + last), size, moved_[k]);
            network.ties.push_back(std::move(tie));
        }
        Vector expected = base;
        for (std::size_t k = 0; k < moved_.size(); ++k)
            expected += network.ties[k].slopes * (ranges[k].high - moved_[k].value);
        check_line(own_at(high), expected, size, moved_.back());
        return network;
    }

private:
    static void check_line(const Vector& found, const Vector& expected, const Vector& size,
                           const MovedQuantity& moved) {
        if (((found - expected).array().abs() <= straight * size.array()).all()) return;
        throw ConfigError("the numbers of the theory do not change along lines with " + moved.name +
                              ": such a parameter cannot be followed",
                          moved.where);
    }

    [[nodiscard]] static std::string unit_of(const MovedQuantity& moved,
                                             const PopulationNetwork& network) {
        const std::string& key = moved.name;
        if (!is_spiking_quantity(key)) return "1";
        if (key.ends_with(".rate_hz")) return "1/s";
        if (key.ends_with(".drive.constant")) return "pA";
        const std::string last = key.substr(key.rfind('.') + 1);
        std::string unit = "1";
        for (const Population& population : network.populations) {
            const bool onto = key.starts_with("population." + population.name + ".") ||
                              key.ends_with("." + population.name + ".weight");
            if (!onto) continue;
            std::visit(
                [&](auto neuron) {
                    if (last == "weight") unit = neuron.weight_unit;
                    if constexpr (requires { neuron.parameters(neuron, [](auto&&...) {}); })
                        neuron.parameters(neuron, [&](double, const Quantity& quantity) {
                            if (quantity.name == last) unit = quantity.unit;
                        });
                },
                population.neuron);
        }
        return unit;
    }

    Record tables_;
    std::vector<MovedQuantity> moved_;
    SourceLine where_;
};

}  // namespace

TransferOptions read_transfer(ConfigReader& options) {
    TransferOptions read;
    read.theory = options.choice<SynapseTheory>("theory", read.theory, theories);
    read.modulation = options.choice<Modulation>("modulation", read.modulation, modulations);
    if (read.theory == SynapseTheory::taylor && read.modulation != Modulation::mean)
        throw ConfigError(options.path("modulation") +
                              " = \"mean_and_variance\" needs theory = \"shift\" or \"delta\"",
                          options.where("modulation"));
    return read;
}

LifNetwork mean_field_network(const PopulationNetwork& network, const SourceLine& where) {
    try {
        LifNetwork made = lif_network_of(network);
        made.validate();
        return made;
    } catch (const UsageError& error) {
        throw ConfigError(std::string("there is no mean field of this network: ") + error.what(),
                          where);
    }
}

MeanFieldSystem read_meanfield_system(ConfigReader& options, const Study& study) {
    const AskedParameters asked = read_asked_parameters(options);
    MeanFieldSystem made;
    made.transfer = read_transfer(options);
    Record tables = study.populations;
    std::vector<MovedQuantity> combined = read_combined(options), moved;
    const std::vector<std::string> own = read_values(options, combined, tables);
    std::vector<ResolvedKey> known;
    (void)read_populations(tables, known);
    std::vector<ContinuationOptions::Bound> ranges;
    constexpr double anything = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < asked.names.size(); ++k) {
        const auto& name = asked.names[k].as<std::string>();
        ranges.push_back(read_bound(asked.ranges[k], {name, "", 0.0, -anything, anything, ""}));
        const auto found = std::ranges::find(combined, name, &MovedQuantity::name);
        if (found == combined.end()) {
            if (!is_spiking_quantity(name))
                throw ConfigError("unknown parameter \"" + name +
                                      "\": a mean field has quantities as population.NAME.key and "
                                      "projection.SOURCE.TARGET.key, and what combine names",
                                  asked.names[k].where);
            moved.push_back(stored_quantity(name, asked.names[k].where, known));
            continue;
        }
        moved.push_back(*found);
        if (std::ranges::find(own, name) == own.end())
            moved.back().value = 0.5 * (ranges.back().low + ranges.back().high);
    }
    const auto is_known = [&](const std::string& name) {
        return std::ranges::find(own, name) != own.end() ||
               std::ranges::find(moved, name, &MovedQuantity::name) != moved.end();
    };
    for (const MovedQuantity& one : combined)
        if (!is_known(one.name))
            throw ConfigError("parameters." + one.name + " is missing: the value of what combine." +
                                  one.name + " makes",
                              one.where);
    made.network = TiedNetwork(tables, moved, options.record().where).tied(ranges);
    System& system = made.system;
    system.field = make_mean_field(made.network, made.transfer.theory);
    system.parameters = default_values(system.field->parameters());
    for (std::size_t k = 0; k < moved.size(); ++k)
        if (std::ranges::find(own, moved[k].name) != own.end()) system.own.push_back(k);
    made.free = free_parameters(asked, study, *system.field);
    return made;
}

}  // namespace cortifold
