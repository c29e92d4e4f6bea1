#include <cortifold/core/error.hpp>
#include <cortifold/io/config.hpp>
#include <cortifold/io/nnmt_reader.hpp>

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {

namespace {

struct Unit {
    std::string_view name, of;  ///< the unit that all else of its kind is converted to
    double factor;
};
constexpr std::array units{Unit{"s", "ms", 1e3},   Unit{"ms", "ms", 1.0},    Unit{"us", "ms", 1e-3},
                           Unit{"V", "mV", 1e3},   Unit{"mV", "mV", 1.0},    Unit{"uV", "mV", 1e-3},
                           Unit{"F", "pF", 1e12},  Unit{"nF", "pF", 1e3},    Unit{"pF", "pF", 1.0},
                           Unit{"A", "pA", 1e12},  Unit{"nA", "pA", 1e3},    Unit{"pA", "pA", 1.0},
                           Unit{"Hz", "Hz", 1.0},  Unit{"hertz", "Hz", 1.0}, Unit{"kHz", "Hz", 1e3},
                           Unit{"1/s", "Hz", 1.0}, Unit{"1/ms", "Hz", 1e3}};
constexpr double largest_count = 4e9, largest_synapses = 1e15;

class NnmtFile {
public:
    explicit NnmtFile(const std::filesystem::path& file) : file_(file.string()) {
        try {
            root_ = YAML::LoadFile(file_);
        } catch (const YAML::Exception& error) {
            throw ConfigError(error.msg, place(error.mark));
        }
        if (!root_.IsMap()) throw ConfigError("must be a map of parameters", {file_, 1});
    }

    [[nodiscard]] SourceLine place(const YAML::Mark& mark) const {
        return {file_, mark.is_null() ? 0 : mark.line + 1};
    }
    [[nodiscard]] bool has(const std::string& key) {
        known_.push_back(key);
        return static_cast<bool>(find(key));
    }
    [[nodiscard]] SourceLine where(const std::string& key) const {
        const YAML::Node node = find(key);
        return node ? place(node.Mark()) : SourceLine{file_, 1};
    }

    [[nodiscard]] std::string text(const std::string& key, const std::string& fallback) {
        if (!has(key)) return fallback;
        if (!find(key).IsScalar()) refuse(key, find(key), "a word");
        return find(key).Scalar();
    }

    [[nodiscard]] std::vector<std::string> names(const std::string& key) {
        const YAML::Node list = required(key, "a list of names");
        if (!list.IsSequence() || list.size() == 0) refuse(key, list, "a list of names");
        std::vector<std::string> names;
        for (const YAML::Node& name : list) {
            if (!name.IsScalar()) refuse(key, name, "a list of names");
            names.push_back(name.Scalar());
        }
        return names;
    }

    /// One a population in the unit, given for each or once for all.
    [[nodiscard]] std::vector<double> values(const std::string& key, std::string_view unit,
                                             std::size_t count) {
        const auto [value, factor] = quantity(key, unit);
        if (value.IsScalar()) return std::vector<double>(count, factor * number(key, value));
        return row(key, value, count, factor);
    }
    [[nodiscard]] double value(const std::string& key, std::string_view unit) {
        const auto [value, factor] = quantity(key, unit);
        return factor * number(key, value);
    }
    [[nodiscard]] double value_or(const std::string& key, std::string_view unit, double fallback) {
        return has(key) ? value(key, unit) : fallback;
    }
    /// Row: target.
    [[nodiscard]] std::vector<std::vector<double>> matrix(const std::string& key,
                                                          std::size_t count) {
        const YAML::Node list = quantity(key, "1").first;
        const std::string expected =
            "a matrix with a row of " + std::to_string(count) + " numbers for each population";
        if (!list.IsSequence() || list.size() != count) refuse(key, list, expected);
        std::vector<std::vector<double>> rows;
        for (const YAML::Node& one : list) rows.push_back(row(key, one, count, 1.0));
        return rows;
    }

    /// Refuses keys that nobody asked for.
    void finish() const {
        for (const auto& entry : root_) {
            const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
            if (std::ranges::find(known_, key) == known_.end())
                throw ConfigError(unknown_name("parameter", key, known_),
                                  place(entry.first.Mark()));
        }
    }

private:
    [[noreturn]] void refuse(const std::string& key, const YAML::Node& found,
                             const std::string& expected) const {
        throw ConfigError(key + " must be " + expected, found ? place(found.Mark()) : where(key));
    }
    [[nodiscard]] YAML::Node find(const std::string& key) const { return root_[key]; }
    [[nodiscard]] YAML::Node required(const std::string& key, const std::string& expected) {
        if (!has(key)) throw ConfigError(key + " is missing: " + expected, {file_, 1});
        return find(key);
    }

    /// A value, and the factor to the unit; a number alone has the unit 1.
    [[nodiscard]] std::pair<YAML::Node, double> quantity(const std::string& key,
                                                         std::string_view unit) {
        const std::string expected =
            unit == "1" ? "a number" : "{ val: .., unit: " + std::string(unit) + " }";
        const YAML::Node node = required(key, expected);
        if (!node.IsMap()) {
            if (unit != "1") refuse(key, node, expected);
            return {node, 1.0};
        }
        const YAML::Node value = node["val"], given = node["unit"];
        if (unit == "1" || node.size() != 2 || !value || !given || !given.IsScalar())
            refuse(key, node, expected);
        const auto found = std::ranges::find(units, std::string_view(given.Scalar()), &Unit::name);
        if (found == units.end() || found->of != unit) {
            std::string allowed;
            for (const Unit& one : units)
                if (one.of == unit)
                    allowed += (allowed.empty() ? "" : ", ") + std::string(one.name);
            throw ConfigError(
                key + " has the unit \"" + given.Scalar() + "\" and must have one of " + allowed,
                place(given.Mark()));
        }
        return {value, found->factor};
    }

    [[nodiscard]] double number(const std::string& key, const YAML::Node& node) const {
        double value = 0.0;
        if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) ||
            !std::isfinite(value))
            refuse(key, node, "a finite number");
        return value;
    }
    [[nodiscard]] std::vector<double> row(const std::string& key, const YAML::Node& list,
                                          std::size_t count, double factor) const {
        if (!list.IsSequence() || list.size() != count)
            refuse(key, list, std::to_string(count) + " numbers, one a population");
        std::vector<double> values;
        for (const YAML::Node& value : list) values.push_back(factor * number(key, value));
        return values;
    }

    std::string file_;
    YAML::Node root_;
    std::vector<std::string> known_;
};

/// Excitatory and inhibitory by turns, as everything about them is.
bool inhibits(std::size_t population) {
    return population % 2 == 1;
}

Record delay_record(const std::string& law, double mean, double sd, const SourceLine& where) {
    if (law == "none") return mean;
    Record record =
        Record::Table{{law == "lognormal" ? "lognormal" : "normal", Record::List{mean, sd}}};
    if (law == "truncated_gaussian") record["redraw_below"] = 0.0;
    if (law == "gaussian" || law == "truncated_gaussian" || law == "lognormal") return record;
    const std::vector<std::string> known{"none", "gaussian", "truncated_gaussian", "lognormal"};
    throw ConfigError(unknown_name("law of delays", law, known), where);
}

Record read_populations_of(NnmtFile& file, const std::vector<std::string>& names) {
    const std::size_t n = names.size();
    const auto each = [&](const char* key, const char* unit) { return file.values(key, unit, n); };
    const auto sizes = each("N", "1"), C = each("C", "pF"), tau_m = each("tau_m", "ms"),
               t_ref = each("tau_r", "ms"), reset = each("V_0_abs", "mV"),
               threshold = each("V_th_abs", "mV"), tau_s = each("tau_s", "ms"),
               indegree = each("K_ext", "1"), rate = each("nu_ext", "Hz"),
               weight = each("w_ext", "pA");
    for (const std::string key : {"nu_e_ext", "nu_i_ext"}) {
        if (!file.has(key)) continue;
        for (const double further : file.values(key, "Hz", n))
            if (further != 0.0)
                throw ConfigError(key + " must be 0: further input has no indegree and weight here",
                                  file.where(key));
    }
    Record list = Record::List{};
    for (std::size_t i = 0; i < n; ++i) {
        if (!(sizes[i] >= 1.0 && sizes[i] <= largest_count) || sizes[i] != std::floor(sizes[i]))
            throw ConfigError("N must be whole numbers of neurons, at least 1", file.where("N"));
        list.push_back(Record::Table{
            {"name", names[i]},
            {"size", static_cast<std::int64_t>(sizes[i])},
            {"model", "lif_exp"},
            {"parameters", Record::Table{{"C", C[i]},
                                         {"tau_m", tau_m[i]},
                                         {"tau_s", tau_s[i]},
                                         {"t_ref", t_ref[i]},
                                         {"E_L", reset[i]},
                                         {"V_th", threshold[i]},
                                         {"V_reset", reset[i]}}},
            {"drive", Record::Table{{"poisson", Record::Table{{"indegree", indegree[i]},
                                                              {"rate_hz", rate[i]},
                                                              {"weight", weight[i]}}}}}});
    }
    return list;
}

Record read_projections_of(NnmtFile& file, const std::vector<std::string>& names,
                           const Record& populations) {
    const double weight = file.value("w", "pA"), g = std::abs(file.value("g", "1"));
    const std::string law = file.text("delay_dist", "none");
    Record delays[2];
    for (const bool inhibitory : {false, true}) {
        const std::string key = inhibitory ? "d_i" : "d_e";
        const double mean = file.value(key, "ms"), sd = law == "none"
                                                            ? file.value_or(key + "_sd", "ms", 0.0)
                                                            : file.value(key + "_sd", "ms");
        delays[inhibitory ? 1 : 0] = delay_record(law, mean, sd, file.where("delay_dist"));
    }
    const bool microcircuit = file.text("label", "") == "microcircuit";
    const auto K = file.matrix("K", names.size());
    Record list = Record::List{};
    for (std::size_t i = 0; i < names.size(); ++i)
        for (std::size_t j = 0; j < names.size(); ++j) {
            const double size = populations.as<Record::List>()[i].find("size")->number(),
                         synapses = std::round(K[i][j] * size);
            if (!(synapses >= 0.0 && synapses <= largest_synapses))
                throw ConfigError("K must be indegrees, not negative", file.where("K"));
            if (synapses == 0.0) continue;
            const double factor = microcircuit && i == 0 && j == 2 ? 2.0 : 1.0;
            list.push_back(Record::Table{
                {"source", names[j]},
                {"target", names[i]},
                {"rule", Record::Table{{"total_number", static_cast<std::int64_t>(synapses)}}},
                {"weight", factor * (inhibits(j) ? -g : 1.0) * weight},
                {"delay", delays[inhibits(j) ? 1 : 0]}});
        }
    return list;
}

void set_places(Record& record, const SourceLine& where) {
    record.where = where;
    if (record.is<Record::List>())
        for (Record& item : record.as<Record::List>()) set_places(item, where);
    if (record.is<Record::Table>())
        for (auto& [key, item] : record.as<Record::Table>()) set_places(item, where);
}

}  // namespace

const Record* nnmt_file(const Record& configuration) {
    const Record* model = configuration.find("model");
    const Record* file = model == nullptr ? nullptr : model->find("file");
    if (file == nullptr || !file->is<std::string>()) return nullptr;
    const auto& name = file->as<std::string>();
    return name.ends_with(".yaml") || name.ends_with(".yml") ? file : nullptr;
}

Record read_nnmt_network(const std::filesystem::path& file) {
    NnmtFile parameters(file);
    const std::vector<std::string> names = parameters.names("populations");
    Record populations = read_populations_of(parameters, names);
    Record projections = read_projections_of(parameters, names, populations);
    for (const char* unused : {"tau_m_ext", "tau_s_ext"}) (void)parameters.has(unused);
    parameters.finish();
    set_places(populations, parameters.where("populations"));
    set_places(projections, parameters.where("K"));
    return Record::Table{{"population", std::move(populations)},
                         {"projection", std::move(projections)}};
}

}  // namespace cortifold
