#include <cortifold/io/config.hpp>
#include <cortifold/io/equation_reader.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/model/registry.hpp>

#include <algorithm>

namespace cortifold {

namespace {

namespace fs = std::filesystem;
using Definition = EquationDefinition;

/// What XPPAUT takes where a file has no `dt` or `total`: xppopt.html of its manual.
constexpr double xppaut_step = 0.05, xppaut_duration = 20.0;

/// The TOML form of an equation model, table by table.
class TomlModel {
public:
    TomlModel(const Record& file, Definition& model) : root_(file, "", unused_), model_(model) {}

    void read() {
        model_.name = root_.text("name", model_.name);
        model_.about = root_.text("about", "");
        model_.time_unit = root_.text("time_unit", "1");
        each("states", [&](const std::string& name, const Record& value) {
            model_.states.push_back(state(name, value));
        });
        each("parameters", [&](const std::string& name, const Record& value) {
            model_.parameters.push_back(parameter("parameters." + name, name, value));
        });
        each("constants", [&](const std::string& name, const Record& value) {
            model_.constants.push_back(parameter("constants." + name, name, value));
        });
        formulas("quantities", model_.quantities);
        formulas("auxiliaries", model_.auxiliaries);
        formulas("outputs", model_.outputs);
        inputs();
        functions();
        tables();
        noises();
        events();
        run();
        root_.finish();
    }

private:
    void each(std::string_view key, auto&& read) {
        const ConfigReader table = root_.table(key);
        for (const auto& [name, value] : table.record().as<Record::Table>()) read(name, value);
    }

    /// A text, or a number where one is an expression.
    static Definition::Expression expression(const std::string& path, const Record& value) {
        SourceLine where = value.where;
        if (value.is_finite_number()) return {show(value.number()), where};
        if (!value.is<std::string>())
            throw ConfigError(
                path + " must be an expression in quotes, is " + std::string(value.type_name()),
                where);
        where.column = value.column + 1;  // after the quote
        return {value.as<std::string>(), where};
    }
    static Definition::Expression expression(ConfigReader& table, std::string_view key) {
        const Record* value = table.any(key);
        if (value == nullptr)
            throw ConfigError(table.path(key) + " is missing: an expression is needed here",
                              table.where(key));
        return expression(table.path(key), *value);
    }

    /// Limits by the key `range`.
    static void limits(ConfigReader& table, auto& quantity) {
        if (const auto range = table.range("range")) std::tie(quantity.low, quantity.high) = *range;
        quantity.unit = table.text("unit", "1");
        quantity.meaning = table.text("meaning", "");
    }

    Definition::State state(const std::string& name, const Record& value) {
        ConfigReader table(value, "states." + name, unused_);
        Definition::State state;
        state.name = name;
        state.rhs = expression(table, "rhs");
        if (table.has("initial")) state.initial = expression(table, "initial");
        limits(table, state);
        table.finish();
        return state;
    }

    /// A number, or a table with `value`.
    Definition::Parameter parameter(const std::string& path, const std::string& name,
                                    const Record& value) {
        Definition::Parameter parameter;
        parameter.name = name;
        parameter.where = value.where;
        if (value.is_finite_number()) {
            parameter.value = value.number();
            return parameter;
        }
        ConfigReader table(value, path, unused_);
        parameter.value = table.number("value");
        limits(table, parameter);
        table.finish();
        return parameter;
    }

    /// An expression, or a table with `expression`.
    Definition::Formula formula(const std::string& path, const std::string& name,
                                const Record& value) {
        if (!value.is<Record::Table>()) return {name, expression(path, value), "1", {}};
        ConfigReader table(value, path, unused_);
        Definition::Formula formula{name, expression(table, "expression"), "1", {}};
        formula.unit = table.text("unit", "1");
        formula.meaning = table.text("meaning", "");
        table.finish();
        return formula;
    }
    void formulas(const std::string& key, std::vector<Definition::Formula>& list) {
        each(key, [&](const std::string& name, const Record& value) {
            list.push_back(formula(key + "." + name, name, value));
        });
    }

    void inputs() {
        each("inputs", [&](const std::string& name, const Record& value) {
            ConfigReader table(value, "inputs." + name, unused_);
            Definition::Formula input{name, {}, "1", {}};
            input.unit = table.text("unit", "1");
            input.meaning = table.text("meaning", "");
            table.finish();
            model_.inputs.push_back(std::move(input));
        });
    }

    /// `"f(a, b)" = "a + b"`.
    void functions() {
        each("functions", [&](const std::string& head, const Record& value) {
            const auto open = head.find('(');
            if (open == std::string::npos || head.back() != ')')
                throw ConfigError(
                    "functions: \"" + head + "\" must be written \"name(argument, ...)\"",
                    value.where);
            Definition::Function function{
                head.substr(0, open), {}, expression("functions." + head, value)};
            std::string argument;
            for (const char letter : head.substr(open + 1)) {
                if (letter != ',' && letter != ')') {
                    if (letter != ' ') argument += letter;
                    continue;
                }
                function.arguments.push_back(std::exchange(argument, {}));
            }
            model_.functions.push_back(std::move(function));
        });
    }

    void tables() {
        each("tables", [&](const std::string& name, const Record& value) {
            ConfigReader table(value, "tables." + name, unused_);
            Definition::Table sampled;
            sampled.name = name;
            std::tie(sampled.first, sampled.last) =
                table.range("range").value_or(std::pair{0.0, 1.0});
            const Record* values = table.any("values");
            if (values == nullptr || !values->is<Record::List>() ||
                values->as<Record::List>().size() < 2)
                throw ConfigError(table.path("values") + " must be a list of at least two numbers",
                                  table.where("values"));
            for (const Record& number : values->as<Record::List>()) {
                if (!number.is_finite_number())
                    throw ConfigError(table.path("values") + " must be finite numbers",
                                      number.where);
                sampled.values.push_back(number.number());
            }
            table.finish();
            model_.tables.push_back(std::move(sampled));
        });
    }

    void noises() {
        const Record* list = root_.any("noises");
        if (list == nullptr) return;
        if (!list->is<Record::List>())
            throw ConfigError("noises must be a list of names", list->where);
        for (const Record& name : list->as<Record::List>()) {
            if (!name.is<std::string>())
                throw ConfigError("noises must be a list of names", name.where);
            model_.noises.push_back(name.as<std::string>());
        }
    }

    void events() {
        const Record* list = root_.any("event");
        if (list == nullptr) return;
        model_.events = read_events(*list, "event");
    }

    void run() {
        ConfigReader table = root_.table("run");
        const auto number = [&](std::string_view key, std::optional<double>& value, Bounds bounds) {
            if (table.has(key)) value = table.number(key, {}, bounds);
        };
        number("duration", model_.run.duration, positive);
        number("step", model_.run.step, positive);
        number("t0", model_.run.t0, {});
        number("transient", model_.run.transient, {0.0, positive.high});
        table.finish();
    }

    std::vector<ResolvedKey> unused_;
    ConfigReader root_;
    Definition& model_;
};

std::string read_noted(const fs::path& file, std::string* contents) {
    std::string text = read_file(file);
    if (contents != nullptr) *contents += checksum(text);
    return text;
}

/// What the model names, read from beside it.
FileLoader loader_beside(const fs::path& file, std::string* contents) {
    return
        [folder = file.parent_path(), contents](const std::string& name, const SourceLine& where) {
            const fs::path path = folder / name;
            std::error_code absent;
            if (!fs::is_regular_file(path, absent))
                throw ConfigError("there is no file " + path.string(), where);
            return read_noted(path, contents);
        };
}

EquationDefinition read_ode(const std::string& text, const fs::path& file, std::string* contents) {
    EquationDefinition model = parse_ode(text, file.string(), loader_beside(file, contents));
    if (model.name.empty()) model.name = file.stem().string();
    model.run.step = model.run.step.value_or(xppaut_step);
    model.run.duration = model.run.duration.value_or(xppaut_duration);
    return model;
}

}  // namespace

std::vector<EquationDefinition::Event> read_events(const Record& list, const std::string& path) {
    if (!list.is<Record::List>())
        throw ConfigError(path + " must be a list of tables, is " + std::string(list.type_name()),
                          list.where);
    static constexpr Crossing crossings[] = {Crossing::rising, Crossing::falling, Crossing::either};
    static constexpr Flow flows[] = {Flow::proceed, Flow::stop};
    std::vector<EquationDefinition::Event> events;
    std::vector<ResolvedKey> unused;
    for (const Record& item : list.as<Record::List>()) {
        ConfigReader table(item, path, unused);
        EquationDefinition::Event event;
        event.name = table.text("name", "event" + std::to_string(events.size() + 1));
        const std::string when = table.text("when");
        event.condition = {when, table.where("when")};
        event.condition.where.column = item.find("when")->column + 1;
        event.crossing = table.choice<Crossing>("crossing", Crossing::rising, crossings);
        event.then = table.choice<Flow>("then", Flow::proceed, flows);
        const ConfigReader set = table.table("set");
        for (const auto& [target, value] : set.record().as<Record::Table>()) {
            if (!value.is<std::string>() && !value.is_finite_number())
                throw ConfigError(
                    path + ".set." + target + " must be a number or an expression in quotes",
                    value.where);
            const std::string text =
                value.is<std::string>() ? value.as<std::string>() : show(value.number());
            event.assignments.push_back({target, {text, value.where}, "1", {}});
        }
        table.finish();
        events.push_back(std::move(event));
    }
    return events;
}

const ShippedModel* find_shipped_model(std::string_view name) {
    const auto models = shipped_models();
    const auto found = std::ranges::find(models, name, &ShippedModel::name);
    return found == models.end() ? nullptr : &*found;
}

EquationDefinition read_equation_model(const ShippedModel& model) {
    const fs::path file = fs::path("models") / model.name / (std::string(model.name) + ".ode");
    return read_ode(std::string(model.text), file, nullptr);
}

void expect_model(std::string_view name) {
    std::vector<std::string> known;
    for (const ModelEntry& model : registered_models()) known.emplace_back(model.name);
    for (const ShippedModel& model : shipped_models()) known.emplace_back(model.name);
    if (std::ranges::find(known, name) == known.end())
        throw UsageError(unknown_name("model", name, known));
}

EquationDefinition read_equation_model(const fs::path& file, std::string* contents) {
    const std::string extension = file.extension().string();
    if (extension == ".ode") return read_ode(read_noted(file, contents), file, contents);
    if (extension != ".toml")
        throw ConfigError("an equation model ends in .ode or .toml, not in \"" + extension + "\"",
                          {file.string()});
    EquationDefinition model;
    model.name = file.stem().string();
    model.file = file.string();
    const Record text = parse_toml(read_noted(file, contents), file.string());
    TomlModel(text, model).read();
    return model;
}

}  // namespace cortifold
