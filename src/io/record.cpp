#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <nlohmann/json.hpp>
#define TOML_ASSERT(expr) static_assert(true)  // "[=" must be an error, not an abort
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace cortifold {

namespace {

/// Tables and lists within one another; as deep as toml++ reads brackets.
constexpr int deepest = 256;

Record from_toml(const toml::node& node, const std::string& name) {
    Record record;
    if (const auto* table = node.as_table()) {
        record = Record::Table{};
        std::vector<std::pair<toml::source_position, std::pair<std::string, Record>>> entries;
        for (const auto& [key, value] : *table)
            entries.push_back(
                {key.source().begin, {std::string(key.str()), from_toml(value, name)}});
        std::ranges::stable_sort(
            entries, [](const auto& a, const auto& b) { return a.first < b.first; });  // as written
        for (auto& entry : entries) record.as<Record::Table>().push_back(std::move(entry.second));
    } else if (const auto* list = node.as_array()) {
        record = Record::List{};
        for (const auto& value : *list) record.push_back(from_toml(value, name));
    } else if (const auto* text = node.as_string()) {
        record = text->get();
    } else if (const auto* integer = node.as_integer()) {
        record = std::int64_t{integer->get()};
    } else if (const auto* real = node.as_floating_point()) {
        record = real->get();
    } else if (const auto* truth = node.as_boolean()) {
        record = truth->get();
    } else {
        throw ConfigError("dates and times have no meaning here",
                          {name, static_cast<int>(node.source().begin.line)});
    }
    record.where = {name, static_cast<int>(node.source().begin.line)};
    record.column = static_cast<int>(node.source().begin.column);
    return record;
}

/// Past the string that begins at `at`, of one or three quotes of either kind.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    const bool escapes = text[at] == '"';
    const std::string three(3, text[at]);
    const std::string_view quote = text.substr(at, text.substr(at).starts_with(three) ? 3 : 1);
    for (at += quote.size(); at < text.size(); ++at) {
        if (text.substr(at).starts_with(quote)) return at + quote.size();
        if (text[at] == '\n' && quote.size() == 1) break;
        if (text[at] == '\\' && escapes) ++at;
    }
    return std::min(at, text.size());
}

/// toml++ bounds how deep brackets stand within one another but not dotted keys, which end its
/// stack: refused before it sees them.
void refuse_long_keys(std::string_view text, const std::string& name) {
    int dots = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"' || c == '\'') {
            at = end_of_string(text, at);
            continue;
        }
        if (c == '#') at = std::min(text.find('\n', at), text.size() - 1);
        const bool of_key = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                            std::string_view("_-. \t").find(c) != std::string_view::npos;
        dots = of_key ? dots + (c == '.' ? 1 : 0) : 0;
        if (dots >= deepest)
            throw ConfigError(
                "a key of more than " + std::to_string(deepest) + " parts",
                {name, static_cast<int>(1 + std::ranges::count(text.substr(0, at), '\n'))});
        ++at;
    }
}

Record from_json(const nlohmann::ordered_json& json) {
    if (json.is_object()) {
        Record record = Record::Table{};
        for (const auto& [key, value] : json.items()) record[key] = from_json(value);
        return record;
    }
    if (json.is_array()) {
        Record record = Record::List{};
        for (const auto& value : json) record.push_back(from_json(value));
        return record;
    }
    if (json.is_string()) return json.get<std::string>();
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (json.is_number()) return json.get<double>();
    return {};
}

nlohmann::ordered_json to_nlohmann(const Record& record) {
    if (record.is<Record::Table>()) {
        auto json = nlohmann::ordered_json::object();
        for (const auto& [key, value] : record.as<Record::Table>()) json[key] = to_nlohmann(value);
        return json;
    }
    if (record.is<Record::List>()) {
        auto json = nlohmann::ordered_json::array();
        for (const Record& value : record.as<Record::List>()) json.push_back(to_nlohmann(value));
        return json;
    }
    if (record.is<std::string>()) return record.as<std::string>();
    if (record.is<bool>()) return record.as<bool>();
    if (record.is<std::int64_t>()) return record.as<std::int64_t>();
    if (record.is<double>() && std::isfinite(record.as<double>())) return record.as<double>();
    return nullptr;
}

}  // namespace

std::string_view Record::type_name() const {
    static constexpr std::string_view names[] = {
        "nothing", "a truth value", "a whole number", "a number", "a text", "a list", "a table"};
    return names[value_.index()];
}

const Record* Record::find(std::string_view key) const {
    if (!is<Table>()) return nullptr;
    const Table& table = as<Table>();
    const auto found = std::ranges::find(table, key, &Table::value_type::first);
    return found == table.end() ? nullptr : &found->second;
}

Record* Record::find(std::string_view key) {
    return const_cast<Record*>(std::as_const(*this).find(key));
}

Record& Record::operator[](std::string_view key) {
    if (is_null()) value_ = Table{};
    if (Record* found = find(key)) return *found;
    as<Table>().emplace_back(std::string(key), Record{});
    return as<Table>().back().second;
}

void Record::push_back(Record value) {
    if (is_null()) value_ = List{};
    as<List>().push_back(std::move(value));
}

Record parse_toml(std::string_view text, const std::string& name) {
    refuse_long_keys(text, name);
    try {
        return from_toml(toml::parse(text, name), name);
    } catch (const toml::parse_error& error) {
        const auto& where = error.source().begin;
        throw ConfigError("not valid TOML at column " + std::to_string(where.column) + ": " +
                              std::string(error.description()),
                          {name, static_cast<int>(where.line)});
    }
}

Record read_toml(const std::string& path) {
    return parse_toml(read_file(path), path);
}

Record parse_json(std::string_view text, const std::string& name) {
    using Json = nlohmann::ordered_json;
    const auto bounded = [&](int depth, Json::parse_event_t, const Json&) {
        if (depth > deepest)
            throw ConfigError(
                "more than " + std::to_string(deepest) + " tables and lists within one another",
                {name});
        return true;
    };
    try {
        return from_json(Json::parse(text, bounded));
    } catch (const nlohmann::json::exception& error) {
        throw ConfigError(std::string("not valid JSON: ") + error.what(), {name});
    }
}

Record read_json(const std::string& path) {
    return parse_json(read_file(path), path);
}

std::string to_json(const Record& record, int indent) {
    constexpr bool only_ascii = false;
    return to_nlohmann(record).dump(indent, ' ', only_ascii,
                                    nlohmann::ordered_json::error_handler_t::replace) +
           "\n";
}

}  // namespace cortifold
