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

}  // namespace

std::vector<std::string> classes_of(const ScanResult& found, std::size_t value) {
    std::set<std::string> classes;
    for (const auto& [place, cell] : found.cells)
        if (cell.values[value].is<std::string>())
            classes.insert(cell.values[value].as<std::string>());
    return {classes.begin(), classes.end()};
}

StepResult summarize_scan(const ScanGrid& grid, const CellWork& work, const ScanResult& found) {
    StepResult result{found.status, "", Record::Table{}};
    Record axes = Record::List{}, record = Record::List{}, classes = Record::Table{},
           statuses = Record::Table{};
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
        Record names = Record::List{};
        for (const std::string& name : classes_of(found, k)) names.push_back(name);
        if (!names.as<Record::List>().empty()) classes[work.record[k].path] = names;
        const bool anywhere = std::ranges::any_of(
            found.cells, [k](const Row& row) { return !row.second.values[k].is_null(); });
        if (!anywhere) result.message += "no cell has a value " + work.record[k].path + "; ";
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
    result.summary["classes"] = classes;
    return result;
}

void write_scan(const std::filesystem::path& folder, const ScanGrid& grid, const CellWork& work,
                const ScanResult& found) {
    std::vector<Column> columns;
    for (const ScanAxis& axis : grid.axes()) columns.push_back({axis.name, axis.unit});
    columns.push_back({"level", ""});
    std::vector<std::vector<std::string>> classes;
    for (std::size_t k = 0; k < work.record.size(); ++k) {
        columns.push_back({work.record[k].path, ""});
        classes.push_back(classes_of(found, k));
    }
    columns.push_back({"status", ""});
    Hdf5Writer data(folder / "data.h5.part", "cells", columns);
    columns.push_back({"message", ""});
    CsvWriter table(folder / "cells.csv", columns);
    for (const Row* row : rows_of(grid, found)) {
        const auto& [place, cell] = *row;
        std::vector<Cell> cells;
        std::vector<double> numbers = grid.values(place);
        for (const double value : numbers) cells.emplace_back(value);
        cells.emplace_back(std::int64_t{grid.level(place)});
        numbers.push_back(grid.level(place));
        for (std::size_t k = 0; k < cell.values.size(); ++k) {
            cells.push_back(cell_of(cell.values[k]));
            numbers.push_back(number_of(cell.values[k], classes[k]));
        }
        cells.emplace_back(std::string(to_string(cell.status)));
        numbers.push_back(static_cast<double>(cell.status));
        cells.emplace_back(succeeded(cell.status) ? "" : cell.message);
        table.write_row(cells);
        data.write_row(numbers);
    }
    table.close();
    data.close();
    std::filesystem::rename(folder / "data.h5.part", folder / "data.h5");
}

}  // namespace cortifold
