#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>

namespace cortifold {

namespace {

Column column_of(const std::string& heading) {
    const auto open = heading.rfind(" [");
    if (open == std::string::npos || heading.back() != ']') return {heading, ""};
    return {heading.substr(0, open), heading.substr(open + 2, heading.size() - open - 3)};
}

}  // namespace

std::vector<std::string> csv_fields(const std::string& line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back() += line[++i];
        } else if (line[i] == '"') {
            quoted = !quoted;
        } else if (line[i] == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += line[i];
        }
    }
    return fields;
}

std::vector<Column> csv_heading(const std::string& line) {
    std::vector<Column> columns;
    std::ranges::transform(csv_fields(line), std::back_inserter(columns), column_of);
    return columns;
}

bool CsvTable::has(std::string_view column) const {
    return std::ranges::find(columns, column, &Column::name) != columns.end();
}

std::vector<std::string> CsvTable::texts(std::string_view column) const {
    const auto found = std::ranges::find(columns, column, &Column::name);
    if (found == columns.end())
        throw ConfigError(name + " has no column \"" + std::string(column) + "\"");
    const auto place = static_cast<std::size_t>(found - columns.begin());
    std::vector<std::string> fields;
    for (const auto& row : rows) fields.push_back(row[place]);
    return fields;
}

Vector CsvTable::numbers(std::string_view column) const {
    const std::vector<std::string> fields = texts(column);
    Vector values(static_cast<Eigen::Index>(fields.size()));
    for (std::size_t k = 0; k < fields.size(); ++k) {
        const char* const end = fields[k].data() + fields[k].size();
        const auto parsed =
            std::from_chars(fields[k].data(), end, values[static_cast<Eigen::Index>(k)]);
        if (parsed.ec != std::errc() || parsed.ptr != end)
            throw ConfigError("\"" + fields[k] + "\" in the column " + std::string(column) +
                              " of " + name + " is no number");
    }
    return values;
}

CsvTable read_csv(const std::filesystem::path& path) {
    CsvTable table{path.string(), {}, {}};
    std::istringstream text(read_file(path));
    std::string line;
    if (!std::getline(text, line)) throw ConfigError("has no heading", {path.string()});
    table.columns = csv_heading(line);
    while (std::getline(text, line)) {
        table.rows.push_back(csv_fields(line));
        if (table.rows.back().size() != table.columns.size())
            throw ConfigError("a row of " + std::to_string(table.rows.back().size()) +
                                  " fields under a heading of " +
                                  std::to_string(table.columns.size()),
                              {path.string(), static_cast<int>(table.rows.size()) + 1});
    }
    return table;
}

}  // namespace cortifold
