#include <cortifold/io/config.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace cortifold {

namespace {

const Record empty_table{Record::Table{}};

std::string describe(Bounds bounds) {
    if (bounds.low == positive.low && bounds.high == positive.high) return "positive";
    if (bounds.low == positive.low) return "positive and at most " + show(bounds.high);
    if (!std::isfinite(bounds.high)) return "at least " + show(bounds.low);
    if (!std::isfinite(bounds.low)) return "at most " + show(bounds.high);
    return "in [" + show(bounds.low) + ", " + show(bounds.high) + "]";
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> parts(1);
    for (const char c : path) {
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

/// The step of that name.
Record& find_step(Record& configuration, const std::string& name) {
    Record* steps = configuration.find("step");
    const std::vector<std::string> names =
        steps == nullptr ? std::vector<std::string>() : step_names(*steps);
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        throw ConfigError(unknown_name("step", name, names), {std::string(command_line)});
    return steps->as<Record::List>()[static_cast<std::size_t>(found - names.begin())];
}

/// The table in a list of tables that has these texts under these keys.
Record& find_item(Record& configuration, const std::string& list, std::string_view what,
                  std::initializer_list<std::string_view> keys, const std::string& wanted,
                  const SourceLine& where) {
    std::vector<std::string> names;
    std::vector<Record*> matches;
    Record* items = configuration.find(list);
    if (items != nullptr && items->is<Record::List>())
        for (Record& item : items->as<Record::List>()) {
            std::string name;
            for (const std::string_view key : keys) {
                const Record* part = item.find(key);
                if (part != nullptr && part->is<std::string>())
                    name += (name.empty() ? "" : ".") + part->as<std::string>();
            }
            if (name == wanted) matches.push_back(&item);
            names.push_back(std::move(name));
        }
    if (matches.empty()) throw ConfigError(unknown_name(what, wanted, names), where);
    if (matches.size() > 1)
        throw ConfigError(std::to_string(matches.size()) + " tables are called \"" + list + "." +
                              wanted + "\": which one is meant is not known",
                          where);
    return *matches.front();
}

/// The table that the first parts of a key name, of which they are taken: a step, a population or a
/// projection.
Record& named_table(Record& configuration, std::vector<std::string>& parts,
                    const SourceLine& where) {
    const auto take = [&](std::ptrdiff_t count) {
        parts.erase(parts.begin(), parts.begin() + count);
    };
    Record* table = &configuration;
    if (parts.front() == "step" && parts.size() > 2) {
        table = &find_step(configuration, parts[1]);
        take(2);
    } else if (parts.front() == "population" && parts.size() > 2) {
        table = &find_item(configuration, "population", "population", {"name"}, parts[1], where);
        take(2);
    } else if (parts.front() == "projection" && parts.size() > 3) {
        table = &find_item(configuration, "projection", "projection", {"source", "target"},
                           parts[1] + "." + parts[2], where);
        take(3);
    }
    return *table;
}

Record parse_value(const std::string& text) {
    Record value;
    try {
        value = *parse_toml("value = " + text, std::string(command_line)).find("value");
    } catch (const ConfigError&) {
        value = text;  // a bare word is a text
    }
    return value;
}

/// Everything that came from the command line says so in errors.
void mark_as_command_line(Record& record) {
    record.where = {std::string(command_line), 0};
    if (record.is<Record::List>())
        for (Record& item : record.as<Record::List>()) mark_as_command_line(item);
    if (record.is<Record::Table>())
        for (auto& [key, item] : record.as<Record::Table>()) mark_as_command_line(item);
}

}  // namespace

std::string show(double value) {
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr};
}

std::vector<std::string> step_names(const Record& steps) {
    std::vector<std::string> actions, names;
    if (!steps.is<Record::List>()) throw ConfigError("steps are written as [[step]]", steps.where);
    for (const Record& step : steps.as<Record::List>()) {
        const Record* action = step.find("do");
        if (action == nullptr || !action->is<std::string>())
            throw ConfigError("a step needs a text `do`", step.where);
        actions.push_back(action->as<std::string>());
        const auto number = std::ranges::count(actions, actions.back());
        const Record* name = step.find("name");
        if (name != nullptr && !name->is<std::string>())
            throw ConfigError(
                "the name of a step must be a text, is " + std::string(name->type_name()),
                name->where);
        names.push_back(name != nullptr ? name->as<std::string>()
                        : number == 1   ? actions.back()
                                        : actions.back() + std::to_string(number));
    }
    return names;
}

ConfigReader::ConfigReader(const Record& table, std::string path,
                           std::vector<ResolvedKey>& resolved)
    : table_(table), where_(table.where), path_(std::move(path)), resolved_(resolved) {
    if (!table.is<Record::Table>())
        throw ConfigError((path_.empty() ? "the configuration" : path_) + " must be a table, is " +
                              std::string(table.type_name()),
                          table.where);
}

std::string ConfigReader::path(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

SourceLine ConfigReader::where(std::string_view key) const {
    const Record* found = table_.find(key);
    return found == nullptr ? where_ : found->where;
}

const Record* ConfigReader::take(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
    return table_.find(key);
}

void ConfigReader::note(std::string_view key, Record value, bool is_default) {
    resolved_.push_back({path(key), std::move(value), is_default});
}

void ConfigReader::wrong_type(std::string_view key, const Record& found,
                              std::string_view expected) const {
    throw ConfigError(
        path(key) + " must be " + std::string(expected) + ", is " + std::string(found.type_name()),
        where(key));
}

const Record& ConfigReader::required(std::string_view key, std::string_view expected) {
    const Record* found = table_.find(key);
    if (found == nullptr)
        throw ConfigError(path(key) + " is missing: " + std::string(expected) + " is needed here",
                          where_);
    return *found;
}

double ConfigReader::number(std::string_view key, std::optional<double> fallback, Bounds bounds) {
    const Record* found = take(key);
    if (found == nullptr && fallback) {
        if (!(*fallback >= bounds.low && *fallback <= bounds.high))
            throw ConfigError(path(key) + " = " + show(*fallback) +
                                  ", as the model has it, must be " + describe(bounds),
                              where_);
        note(key, *fallback, true);
        return *fallback;
    }
    const Record& given = required(key, "a number");
    if (!given.is_number()) wrong_type(key, given, "a number");
    const double value = given.number();
    if (!std::isfinite(value))
        throw ConfigError(path(key) + " = " + show(value) + " must be finite", given.where);
    if (!(value >= bounds.low && value <= bounds.high))
        throw ConfigError(path(key) + " = " + show(value) + " must be " + describe(bounds),
                          given.where);
    note(key, value, false);
    return value;
}

std::int64_t ConfigReader::integer(std::string_view key, std::optional<std::int64_t> fallback,
                                   Bounds bounds) {
    const Record* found = take(key);
    if (found == nullptr && fallback) {
        note(key, *fallback, true);
        return *fallback;
    }
    const Record& given = required(key, "a whole number");
    if (!given.is<std::int64_t>()) wrong_type(key, given, "a whole number");
    const auto value = given.as<std::int64_t>();
    if (!(static_cast<double>(value) >= bounds.low && static_cast<double>(value) <= bounds.high))
        throw ConfigError(
            path(key) + " = " + std::to_string(value) + " must be " + describe(bounds),
            given.where);
    note(key, value, false);
    return value;
}

bool ConfigReader::flag(std::string_view key, bool fallback) {
    const Record* found = take(key);
    if (found != nullptr && !found->is<bool>()) wrong_type(key, *found, "true or false");
    note(key, found == nullptr ? fallback : found->as<bool>(), found == nullptr);
    return found == nullptr ? fallback : found->as<bool>();
}

std::string ConfigReader::text(std::string_view key, std::optional<std::string> fallback) {
    const Record* found = take(key);
    if (found == nullptr && fallback) {
        note(key, *fallback, true);
        return *fallback;
    }
    const Record& given = required(key, "a text");
    if (!given.is<std::string>()) wrong_type(key, given, "a text");
    note(key, given, false);
    return given.as<std::string>();
}

std::size_t ConfigReader::one_of(std::string_view key, const std::string& fallback,
                                 std::span<const std::string> names) {
    const std::string chosen = text(key, fallback);
    const auto found = std::ranges::find(names, chosen);
    if (found == names.end())
        throw ConfigError(path(key) + ": " + unknown_name("choice", chosen, names), where(key));
    return static_cast<std::size_t>(found - names.begin());
}

std::optional<std::pair<double, double>> ConfigReader::range(std::string_view key) {
    const Record* found = any(key);
    if (found == nullptr) return std::nullopt;
    const bool two = found->is<Record::List>() && found->as<Record::List>().size() == 2;
    if (!two || !found->as<Record::List>()[0].is_number() ||
        !found->as<Record::List>()[1].is_number())
        wrong_type(key, *found, "a list of two numbers");
    const double low = found->as<Record::List>()[0].number(),
                 high = found->as<Record::List>()[1].number();
    if (!(low < high) || !std::isfinite(low) || !std::isfinite(high))
        throw ConfigError(
            path(key) + " = [" + show(low) + ", " + show(high) + "] must ascend and be finite",
            found->where);
    return std::pair{low, high};
}

const Record* ConfigReader::any(std::string_view key) {
    const Record* found = take(key);
    if (found != nullptr) note(key, *found, false);
    return found;
}

void ConfigReader::assume(std::string_view key, Record value) {
    if (take(key) == nullptr) note(key, std::move(value), true);
}

ConfigReader ConfigReader::table(std::string_view key) {
    const Record* found = take(key);
    if (found != nullptr && !found->is<Record::Table>()) wrong_type(key, *found, "a table");
    ConfigReader reader(found == nullptr ? empty_table : *found, path(key), resolved_);
    reader.where_ = where(key);
    return reader;
}

ConfigReader ConfigReader::within(const Record& table, std::string_view key) const {
    return {table, path(key), resolved_};
}

void ConfigReader::finish() const {
    for (const auto& [key, value] : table_.as<Record::Table>())
        if (std::ranges::find(known_, key) == known_.end())
            throw ConfigError(unknown_name(path_.empty() ? "key" : "key of " + path_, key, known_),
                              value.where);
}

void apply_setting(Record& configuration, std::string_view setting) {
    const SourceLine where{std::string(command_line), 0};
    const auto equals = setting.find('=');
    if (equals == std::string_view::npos || equals == 0)
        throw ConfigError("\"" + std::string(setting) +
                              "\" must have the form KEY=VALUE, as in model.parameters.P=1.5",
                          where);
    std::string key(setting.substr(0, equals));
    if (key == "coupling.strength") key = "network.coupling.strength";
    Record value = parse_value(std::string(setting.substr(equals + 1)));
    mark_as_command_line(value);
    set_key(configuration, key, std::move(value));
}

namespace {

constexpr std::string_view any_name = "*";

/// The same key of every population or projection that a `*` stands for; empty: there is no `*`.
std::vector<std::string> keys_of_all(const Record& configuration, const std::string& key) {
    std::vector<std::string> names = split(key);
    const bool of_projection = names.front() == "projection";
    const std::size_t last = of_projection ? 2 : names.front() == "population" ? 1 : 0;
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(last, names.size() - 1));
    if (std::find(names.begin() + 1, end + 1, any_name) == end + 1) return {};
    std::vector<std::string> keys;
    const Record* tables = configuration.find(names.front());
    if (tables == nullptr || !tables->is<Record::List>()) return {};
    const std::vector<std::string_view> own =
        of_projection ? std::vector<std::string_view>{"source", "target"}
                      : std::vector<std::string_view>{"name"};
    for (const Record& table : tables->as<Record::List>()) {
        std::vector<std::string> here = names;
        bool matches = names.size() > own.size();
        for (std::size_t k = 0; k < own.size() && matches; ++k) {
            const Record* name = table.find(own[k]);
            matches = name != nullptr && name->is<std::string>() &&
                      (names[k + 1] == any_name || names[k + 1] == name->as<std::string>());
            if (matches) here[k + 1] = name->as<std::string>();
        }
        if (!matches) continue;
        std::string joined = here.front();
        for (std::size_t k = 1; k < here.size(); ++k) joined += "." + here[k];
        keys.push_back(std::move(joined));
    }
    return keys;
}

}  // namespace

void set_key(Record& configuration, const std::string& key, Record value) {
    if (const auto all = keys_of_all(configuration, key); !all.empty()) {
        for (const std::string& one : all) set_key(configuration, one, value);
        return;
    }
    const SourceLine where = value.where;
    std::vector<std::string> parts = split(key);
    Record* target = &named_table(configuration, parts, where);
    for (const std::string& part : parts) {
        if (part.empty()) throw ConfigError("\"" + key + "\" has an empty part", where);
        if (!target->is_null() && !target->is<Record::Table>())
            throw ConfigError("\"" + key + "\": there is " + std::string(target->type_name()) +
                                  " before \"" + part + "\", not a table",
                              where);
        target = &(*target)[part];
        if (target->is_null()) target->where = where;
    }
    *target = std::move(value);
}

Record nested(std::span<const ResolvedKey> keys) {
    Record root = Record::Table{};
    for (const ResolvedKey& key : keys) {
        Record* target = &root;
        for (const std::string& part : split(key.path)) {
            if (!target->is_null() && !target->is<Record::Table>()) *target = Record::Table{};
            target = &(*target)[part];
        }
        *target = key.value;
    }
    return root;
}

}  // namespace cortifold
