#include "stored_branches.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>

namespace cortifold {
namespace {

// Colours of bifurcations: folds blue, Hopf points red, branch points green, of cycles lighter
// ones; codimension 2 black.
constexpr std::array kinds{
    PointKind{PointType::fold, "LP", "fold", "lt 1 pt 5"},
    PointKind{PointType::hopf, "HB", "Hopf point", "lt 2 pt 7"},
    PointKind{PointType::branch_point, "BP", "branch point", "lt 3 pt 9"},
    PointKind{PointType::fold_of_cycles, "LPC", "fold of cycles", "lt 6 pt 5"},
    PointKind{PointType::period_doubling, "PD", "period doubling", "lt 4 pt 11"},
    PointKind{PointType::torus, "NS", "torus bifurcation", "lt 5 pt 13"},
    PointKind{PointType::branch_point_of_cycles, "BPC", "branch point of cycles", "lt 3 pt 8 lw 2"},
    PointKind{PointType::snic, "SNIC", "saddle-node on a cycle", "lt 1 pt 15"},
    PointKind{PointType::homoclinic, "HOM", "homoclinic orbit", "lt 7 pt 15"},
    PointKind{PointType::cusp, "CP", "cusp", "lt 7 pt 9"},
    PointKind{PointType::bogdanov_takens, "BT", "Bogdanov-Takens point", "lt 7 pt 5"},
    PointKind{PointType::generalized_hopf, "GH", "generalized Hopf point", "lt 7 pt 7"},
    PointKind{PointType::fold_hopf, "ZH", "fold-Hopf point", "lt 7 pt 13"},
    PointKind{PointType::hopf_hopf, "HH", "Hopf-Hopf point", "lt 7 pt 11"},
    PointKind{PointType::cusp_of_cycles, "CPC", "cusp of cycles", "lt 7 pt 8"},
    PointKind{PointType::generalized_period_doubling, "GPD", "generalized period doubling",
              "lt 7 pt 10"},
    PointKind{PointType::chenciner, "CH", "Chenciner point", "lt 7 pt 6"},
    PointKind{PointType::resonance_1_1, "R1", "1:1 resonance", "lt 7 pt 4"},
    PointKind{PointType::resonance_1_2, "R2", "1:2 resonance", "lt 7 pt 12"},
    PointKind{PointType::resonance_1_3, "R3", "1:3 resonance", "lt 7 pt 14"},
    PointKind{PointType::resonance_1_4, "R4", "1:4 resonance", "lt 7 pt 1"},
    PointKind{PointType::fold_flip, "LPPD", "fold-flip point", "lt 7 pt 3"},
    PointKind{PointType::fold_torus, "LPNS", "fold-torus point", "lt 7 pt 3"},
    PointKind{PointType::flip_torus, "PDNS", "flip-torus point", "lt 7 pt 3"},
    PointKind{PointType::double_torus, "NSNS", "double torus point", "lt 7 pt 3"},
    PointKind{PointType::neutral_saddle, "NE", "neutral saddle", "lt 6 pt 12"},
    PointKind{PointType::transverse, "T", "transverse instability", "lc rgb '#7A3E9D' pt 7"},
    PointKind{PointType::user, "", "zero of a function", "lt 7 pt 2"},
    PointKind{PointType::unresolved, "?", "unresolved point", "lt 4 pt 3"}};

// A cell without a value is empty.
double to_number(const std::string& text, const std::string& column, const std::string& table) {
    if (text.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    double value = 0.0;
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, value).ptr != end) {
        throw ConfigError(table + ": \"" + text + "\" in column " + column + " is no number");
    }
    return value;
}

// Closer than this part of the range, or of their size, two values are one.
constexpr double same_place = 1e-6;
constexpr double rounding_error = 1e-12;  // of a range

Stability stability(double unstable) {
    if (std::isnan(unstable)) {
        return Stability::unknown;
    }
    return unstable == 0.0 ? Stability::stable : Stability::unstable;
}

/// All numbers of two tables agree.
bool near(const Record::Table& a, const Record::Table& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
        if (x.first != y.first || !x.second.is_number() || !y.second.is_number()) {
            return false;
        }
        const double u = x.second.number(), v = y.second.number();
        return std::abs(u - v) <= same_place * std::max({std::abs(u), std::abs(v), 1.0});
    });
}

bool same_point(const Record& a, const Record& b) {
    const std::string label = text_at(a, "label");
    if (!label.empty() && label == text_at(b, "label")) return true;
    return text_at(a, "type") == text_at(b, "type") &&
           near(table_at(a, "parameters"), table_at(b, "parameters")) &&
           near(table_at(a, "state"), table_at(b, "state"));
}

}  // namespace

std::vector<Range> pieces_of(const std::vector<BranchRow>& rows, const Stretch& stretch) {
    std::vector<Range> pieces;
    std::size_t first = stretch.first;
    for (std::size_t i = stretch.first + 1; i <= stretch.last; ++i) {
        const bool turns =
            i < stretch.last && (rows[i].x - rows[i - 1].x) * (rows[i + 1].x - rows[i].x) < 0.0;
        if (turns || i == stretch.last) {
            pieces.push_back(std::minmax(rows[first].x, rows[i].x));
            first = i;
        }
    }
    return pieces;
}

namespace {

double width_of(const std::vector<BranchRow>& rows, double BranchRow::*coordinate) {
    if (rows.empty()) {
        return 0.0;
    }
    const auto [low, high] = std::ranges::minmax(rows, {}, coordinate);
    return high.*coordinate - low.*coordinate;
}

}  // namespace

std::span<const PointKind> point_kinds() {
    return kinds;
}

bool is_type(const Record& special, PointType type) {
    return text_at(special, "type") == to_string(type);
}

const PointKind* point_kind(const Record& special) {
    const auto found = std::ranges::find_if(
        kinds, [&](const PointKind& kind) { return is_type(special, kind.type); });
    return found == kinds.end() ? nullptr : &*found;
}

std::string short_label(const Record& special) {
    const std::string label = text_at(special, "label"), type = text_at(special, "type");
    const PointKind* kind = point_kind(special);
    if (kind == nullptr || kind->abbreviation.empty() || !label.starts_with(type)) {
        return label;
    }
    return std::string(kind->abbreviation) + label.substr(type.size());
}

std::optional<double> parameter_at(const Record& special, std::string_view name) {
    const Record* parameters = special.find("parameters");
    const Record* value = parameters == nullptr ? nullptr : parameters->find(name);
    return value != nullptr && value->is_number() ? std::optional(value->number()) : std::nullopt;
}

std::vector<const Record*> distinct(const std::vector<const Record*>& points) {
    std::vector<const Record*> kept;
    for (const Record* point : points) {
        if (std::ranges::none_of(kept, [&](const Record* k) { return same_point(*k, *point); })) {
            kept.push_back(point);
        }
    }
    return kept;
}

std::vector<const Record*> special_points(const StepRecord& step) {
    std::vector<const Record*> points;
    for (const Record& branch : list_at(*step.summary, "branches")) {
        for (const Record& special : list_at(branch, "special")) {
            points.push_back(&special);
        }
    }
    return points;
}

std::vector<std::string> free_parameters(const StepRecord& step) {
    std::vector<std::string> names;
    for (const Record& branch : list_at(*step.summary, "branches")) {
        for (const Record& name : list_at(branch, "parameters")) {
            if (name.is<std::string>() && !std::ranges::count(names, name.as<std::string>())) {
                names.push_back(name.as<std::string>());
            }
        }
    }
    return names;
}

bool is_curve(std::string_view kind) {
    return kind != to_string(CurveKind::equilibrium) && kind != to_string(CurveKind::cycle);
}

std::string branches_table(const StepRecord& step) {
    return step.name + "/branches.csv";
}

std::string first_state(const TableHeading& table, const StepRecord& step) {
    const auto parameters = free_parameters(step);
    const auto& columns = table.columns();
    for (std::size_t i = table.place("label"); i < columns.size(); ++i) {
        if (!std::ranges::count(parameters, columns[i].name) && columns[i].name != period_column &&
            !columns[i].name.starts_with("minimum ")) {
            return columns[i].name;
        }
    }
    throw ConfigError(table.table() + " has no column of a state");
}

std::string column_of(const TableHeading& table, const std::string& name) {
    for (const std::string& column : {name, "mean " + name, name + "[0]", "maximum " + name,
                                      "maximum mean " + name, "maximum " + name + "[0]"}) {
        if (table.has(column)) {
            return column;
        }
    }
    return name;
}

std::string least_of(const TableHeading& table, const std::string& largest) {
    constexpr std::string_view prefix = "maximum ";
    const std::string least =
        largest.starts_with(prefix) ? "minimum " + largest.substr(prefix.size()) : "";
    return table.has(period_column) && table.has(least) ? least : "";
}

std::vector<BranchRow> read_branches(const StoredRun& run, const StepRecord& step,
                                     const Axes& axes) {
    const TableHeading heading(run, branches_table(step));
    std::ifstream file(run.path / heading.table());
    std::string line;
    std::getline(file, line);
    std::vector<BranchRow> rows;
    std::vector<std::string> fields;
    const auto text = [&](const std::string& name) { return fields[heading.place(name) - 1]; };
    const auto number = [&](const std::string& name) {
        return to_number(text(name), name, heading.table());
    };
    while (std::getline(file, line)) {
        fields = csv_fields(line);
        if (fields.size() != heading.columns().size()) {
            throw ConfigError(heading.table() + ": a row has " + std::to_string(fields.size()) +
                              " fields, the heading " + std::to_string(heading.columns().size()));
        }
        rows.push_back({static_cast<long>(number("branch")), text("kind"), text("label"),
                        stability(number("unstable")), number(axes.x), number(axes.y),
                        number(axes.low.empty() ? axes.y : axes.low)});
    }
    return rows;
}

double rounding_of(const std::vector<BranchRow>& rows, double BranchRow::*coordinate) {
    return rounding_error * width_of(rows, coordinate);
}

std::vector<Stretch> stretches_of(const std::vector<BranchRow>& rows) {
    std::vector<Stability> known(rows.size());
    for (std::size_t i = rows.size(); i-- > 0;) {
        const bool special =
            !rows[i].label.empty() && i + 1 < rows.size() && rows[i + 1].branch == rows[i].branch;
        known[i] = special ? known[i + 1] : rows[i].stability;  // that of what comes after it
    }
    std::vector<Stretch> stretches;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool first = i == 0 || rows[i - 1].branch != rows[i].branch;
        if (!first) {
            stretches.back().last = i;
        }
        if (first || stretches.back().stability != known[i]) {
            stretches.push_back({i, i, known[i]});
        }
    }
    return stretches;
}

std::vector<StableRange> stable_ranges(const std::vector<BranchRow>& rows) {
    std::map<double, int> changes;  // in the number of stable equilibria
    const double apart = same_place * width_of(rows, &BranchRow::x);
    const auto change_at = [&](double x) -> int& {
        const auto near = changes.lower_bound(x - apart);
        return near != changes.end() && near->first <= x + apart ? near->second : changes[x];
    };
    for (const Stretch& stretch : stretches_of(rows)) {
        if (rows[stretch.first].kind == to_string(CurveKind::equilibrium)) {
            const int stable = stretch.stability == Stability::stable ? 1 : 0;
            for (const auto& [low, high] : pieces_of(rows, stretch)) {
                change_at(low) += stable;
                change_at(high) -= stable;
            }
        }
    }
    std::vector<StableRange> ranges;
    for (const auto& [x, change] : changes) {
        if (!ranges.empty()) {
            ranges.back().high = x;
        }
        if (ranges.empty() || change != 0) {
            ranges.push_back({x, x, (ranges.empty() ? 0 : ranges.back().equilibria) + change});
        }
    }
    std::erase_if(ranges, [](const StableRange& range) { return range.low == range.high; });
    return ranges;
}

}  // namespace cortifold
