#include "scan_record.hpp"

#include <cortifold/io/table.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

namespace cortifold {

namespace {

using Row = CellResults::value_type;

std::vector<const Row*> rows_of(const ScanGrid& grid, const ScanResult& found) {
    std::vector<const Row*> rows;
    for (const Row& row : found.cells) rows.push_back(&row);
    std::ranges::stable_sort(rows, [&](const Row* a, const Row* b) {
        const int level_a = grid.level(a->first), level_b = grid.level(b->first);
        const GridPlace last_first_a(a->first.rbegin(), a->first.rend()),
            last_first_b(b->first.rbegin(), b->first.rend());
        return std::tie(level_a, last_first_a) < std::tie(level_b, last_first_b);
    });
    return rows;
}

Cell cell_of(const Record& value) {
    if (value.is<bool>()) return std::int64_t{value.as<bool>() ? 1 : 0};
    if (value.is<std::int64_t>()) return value.as<std::int64_t>();
    if (value.is<double>()) return value.as<double>();
    return value.is<std::string>() ? value.as<std::string>() : std::string();
}

double number_of(const Record& value, const std::vector<std::string>& classes) {
    if (value.is<bool>()) return value.as<bool>() ? 1.0 : 0.0;
    if (value.is_number()) return value.number();
    if (!value.is<std::string>()) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(std::ranges::find(classes, value.as<std::string>()) -
                               classes.begin());
}

/// The texts that a value came to in any cell, in the order of the alphabet: data.h5 has their
/// numbers, counted from 0.
std::vector<std::string> classes_of(const ScanResult& found, std::size_t value) {
    std::set<std::string> classes;
    for (const auto& [place, cell] : found.cells)
        if (cell.values[value].is<std::string>())
            classes.insert(cell.values[value].as<std::string>());
    return {classes.begin(), classes.end()};
}

/// Whether a value came to a list in any cell.
bool has_lists(const ScanResult& found, std::size_t value) {
    return std::ranges::any_of(found.cells, [value](const Row& row) {
        return row.second.values[value].is<Record::List>();
    });
}

/// Of what is no list the value itself, of what is missing none.
Record::List items_of(const Record& value) {
    if (value.is<Record::List>()) return value.as<Record::List>();
    return value.is_null() ? Record::List{} : Record::List{value};
}

/// All that was recorded, a value by its number.
class ScanTables {
public:
    ScanTables(const ScanGrid& grid, const CellWork& work, const ScanResult& found)
        : grid_(grid), work_(work), rows_(rows_of(grid, found)) {
        for (std::size_t k = 0; k < work.record.size(); ++k) {
            classes_.push_back(classes_of(found, k));
            (has_lists(found, k) ? lists_ : single_).push_back(k);
        }
    }

    void write(const std::filesystem::path& folder) const {
        Hdf5Writer data(folder / "data.h5.part", "cells", columns("level", single_, {"status"}));
        CsvWriter cells(folder / "cells.csv", columns("level", single_, {"status", "message"}));
        for (const Row* row : rows_) write_cell(*row, cells, data);
        cells.close();
        if (!lists_.empty()) {
            data.begin("lists", columns("index", lists_, {}));
            CsvWriter lists(folder / "lists.csv", columns("index", lists_, {}));
            for (const Row* row : rows_) write_items(*row, lists, data);
            lists.close();
        }
        data.close();
        std::filesystem::rename(folder / "data.h5.part", folder / "data.h5");
    }

private:
    [[nodiscard]] std::vector<Column> columns(const char* count,
                                              const std::vector<std::size_t>& values,
                                              std::initializer_list<const char*> more) const {
        std::vector<Column> columns;
        for (const ScanAxis& axis : grid_.axes()) columns.push_back({axis.name, axis.unit});
        columns.push_back({count, ""});
        for (const std::size_t k : values) columns.push_back({work_.record[k].path, ""});
        for (const char* name : more) columns.push_back({name, ""});
        return columns;
    }

    /// The axes and then a count, in both tables.
    struct Line {
        std::vector<Cell> cells;
        std::vector<double> numbers;
    };
    [[nodiscard]] Line begin_line(const GridPlace& place, std::int64_t count) const {
        Line line{{}, grid_.values(place)};
        line.cells.assign(line.numbers.begin(), line.numbers.end());
        line.cells.emplace_back(count);
        line.numbers.push_back(static_cast<double>(count));
        return line;
    }
    void add_value(const Record& value, std::size_t k, Line& line) const {
        line.cells.push_back(cell_of(value));
        line.numbers.push_back(number_of(value, classes_[k]));
    }

    void write_cell(const Row& row, CsvWriter& table, Hdf5Writer& data) const {
        const auto& [place, cell] = row;
        Line line = begin_line(place, grid_.level(place));
        for (const std::size_t k : single_) add_value(cell.values[k], k, line);
        line.cells.emplace_back(std::string(to_string(cell.status)));
        line.numbers.push_back(static_cast<double>(cell.status));
        line.cells.emplace_back(succeeded(cell.status) ? "" : cell.message);
        table.write_row(line.cells);
        data.write_row(line.numbers);
    }

    void write_items(const Row& row, CsvWriter& table, Hdf5Writer& data) const {
        const auto& [place, cell] = row;
        std::vector<Record::List> lists;
        std::size_t longest = 0;
        for (const std::size_t k : lists_) {
            lists.push_back(items_of(cell.values[k]));
            longest = std::max(longest, lists.back().size());
        }
        for (std::size_t item = 0; item < longest; ++item) {
            Line line = begin_line(place, static_cast<std::int64_t>(item));
            for (std::size_t j = 0; j < lists.size(); ++j)
                add_value(item < lists[j].size() ? lists[j][item] : Record(), lists_[j], line);
            table.write_row(line.cells);
            data.write_row(line.numbers);
        }
    }

    const ScanGrid& grid_;
    const CellWork& work_;
    std::vector<const Row*> rows_;
    std::vector<std::vector<std::string>> classes_{};
    std::vector<std::size_t> single_{}, lists_{};
};

}  // namespace

StepResult summarize_scan(const ScanGrid& grid, const CellWork& work, const ScanResult& found) {
    StepResult result{found.status, "", Record::Table{}};
    Record axes = Record::List{}, record = Record::List{}, lists = Record::List{},
           missing = Record::List{}, classes = Record::Table{}, statuses = Record::Table{};
    for (const ScanAxis& axis : grid.axes())
        axes.push_back(Record::Table{{"name", axis.name},
                                     {"unit", axis.unit},
                                     {"low", axis.low},
                                     {"high", axis.high},
                                     {"points", axis.points}});
    std::int64_t failed = 0;
    std::string why;
    for (const auto& [place, cell] : found.cells) {
        if (succeeded(cell.status)) continue;
        if (failed++ == 0) why = cell.message;
        if (found.status == Status::converged) result.status = cell.status;
        Record& count = statuses[to_string(cell.status)];
        count = (count.is_null() ? 0 : count.as<std::int64_t>()) + 1;
    }
    for (std::size_t k = 0; k < work.record.size(); ++k) {
        record.push_back(work.record[k].path);
        if (has_lists(found, k)) lists.push_back(work.record[k].path);
        Record names = Record::List{};
        for (const std::string& name : classes_of(found, k)) names.push_back(name);
        if (!names.as<Record::List>().empty()) classes[work.record[k].path] = names;
        const bool anywhere = std::ranges::any_of(
            found.cells, [k](const Row& row) { return !row.second.values[k].is_null(); });
        if (anywhere) continue;
        missing.push_back(work.record[k].path);
        result.message += "no cell has a value " + work.record[k].path + "; ";
    }
    const auto cells = static_cast<std::int64_t>(found.cells.size());
    result.message +=
        std::to_string(cells) + " cells" +
        (failed == 0 ? ""
                     : ", of which " + std::to_string(failed) + " failed, the first with: " + why);
    result.summary["axes"] = axes;
    result.summary["cells"] = cells;
    result.summary["failed"] = failed;
    result.summary["failures"] = statuses;
    result.summary["record"] = record;
    result.summary["lists"] = lists;
    result.summary["missing"] = missing;
    result.summary["classes"] = classes;
    return result;
}

void write_scan(const std::filesystem::path& folder, const ScanGrid& grid, const CellWork& work,
                const ScanResult& found) {
    ScanTables(grid, work, found).write(folder);
}

}  // namespace cortifold
