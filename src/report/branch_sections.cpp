#include "branch_sections.hpp"

#include "brain_figure.hpp"
#include "branch_figures.hpp"
#include "cycle_figures.hpp"
#include "pattern_figure.hpp"
#include "stored_branches.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace cortifold {
namespace {

constexpr std::size_t states_listed = 2;
constexpr int digits = 10;
constexpr double rounding_error = 1e-12;  // of a range

/// What a coefficient says; the conventions are Kuznetsov's (normal_form.hpp).
struct Coefficient {
    PointType type;
    std::string_view name, meaning;
};
constexpr std::array coefficients{
    Coefficient{PointType::fold, "a",
                "a of a fold: the quadratic coefficient; zero at a cusp, where two folds meet."},
    Coefficient{PointType::hopf, "l1",
                "l1 of a Hopf point: the first Lyapunov coefficient; negative (supercritical): "
                "the cycle that arises is stable where no other direction is unstable."},
    Coefficient{PointType::cusp, "c",
                "c of a cusp: the cubic coefficient; negative: two stable equilibria and an "
                "unstable one between the folds, positive: two unstable ones and a stable one, "
                "within the center manifold."},
    Coefficient{PointType::bogdanov_takens, "a",
                "a and b of a Bogdanov-Takens point: a b < 0: the cycle and the homoclinic orbit "
                "that arise are stable, a b > 0: unstable."},
    Coefficient{PointType::generalized_hopf, "l2",
                "l2 of a generalized Hopf point: the second Lyapunov coefficient; a fold of "
                "cycles starts here, and the outer of its two cycles is stable where l2 < 0."},
    Coefficient{PointType::fold_hopf, "theta",
                "s and theta of a fold-Hopf point: where s theta < 0 an invariant torus arises."},
    Coefficient{PointType::hopf_hopf, "theta",
                "theta and delta of a Hopf-Hopf point say how two oscillations compete."},
    Coefficient{PointType::fold_of_cycles, "b",
                "b of a fold of cycles: the quadratic coefficient; zero at a cusp of cycles."},
    Coefficient{PointType::period_doubling, "c",
                "c of a period doubling: the cubic coefficient; negative: the doubled cycle is "
                "stable where the simple one is not, and no other direction is unstable."},
    Coefficient{PointType::torus, "d",
                "d of a torus bifurcation: the cubic coefficient; negative: the torus is stable "
                "where the cycle is not, and no other direction is unstable."}};

std::string type_text(const Record& point) {
    const PointKind* kind = point_kind(point);
    return kind == nullptr ? text_at(point, "type") : std::string(kind->noun);
}

std::string normal_form_text(const Record& point) {
    std::string text;
    for (const auto& [name, value] : table_at(point, "normal_form")) {
        text += (text.empty() ? "" : ", ") + name + " = " + value_text(value);
    }
    const std::string scenario = text_at(point, "scenario");
    const std::string between = text.empty() || scenario.empty() ? "" : ": ";
    return text.empty() && scenario.empty() ? "–" : text + between + scenario;
}

/// A state of special points, and its column of the table: of a large network that of its mean.
struct State {
    std::string name;
    Column column;
};

/// As many states of the first point as a row has room for.
std::vector<State> states_of(const TableHeading& table, const Record& point) {
    std::vector<State> states;
    for (const auto& [name, value] : table_at(point, "state")) {
        if (states.size() < states_listed) {
            const std::string column = column_of(table, name);
            const std::string unit = table.has(column) ? table.column(column).unit : "";
            states.push_back({name, {table.has(period_column) ? name : column, unit}});
        }
    }
    return states;
}

std::string measured(const Record& table, const std::string& name, double error) {
    const Record* value = table.find(name);
    return value != nullptr && value->is_number() ? measured_text(value->number(), error, digits)
                                                  : "–";
}

/// A free parameter, and what of it is rounding.
struct Parameter {
    Column column;
    double rounding;
};

std::vector<std::string> point_row(const Record& point, const std::vector<Parameter>& parameters,
                                   const std::vector<State>& states, const TimeUnit& unit,
                                   bool periods) {
    const double error = number_at(point, "error").value_or(0.0);
    std::vector<std::string> row{text_at(point, "label"), short_label(point), type_text(point)};
    const Record none, *at = point.find("parameters"), *values = point.find("state");
    for (const Parameter& parameter : parameters) {
        row.push_back(measured(at == nullptr ? none : *at, parameter.column.name,
                               std::max(error, parameter.rounding)));
    }
    for (const State& state : states) {
        row.push_back(measured(values == nullptr ? none : *values, state.name, 0.0));
    }
    if (periods) {
        const auto period = number_at(point, period_column);
        row.push_back(period ? measured_text(*period, 0.0, digits) : "–");
    }
    const double frequency = number_at(point, "frequency").value_or(0.0);
    row.push_back(frequency > 0.0 ? number_text(frequency * unit.frequency_factor()) : "–");
    row.insert(row.end(), {normal_form_text(point), number_text(number_at(point, "error")),
                           number_text(number_at(point, "residual"))});
    return row;
}

std::vector<Parameter> parameters_of(const StoredRun& run, const StepRecord& step) {
    const TableHeading table(run, branches_table(step));
    std::vector<Parameter> parameters;
    for (const std::string& name : free_parameters(step)) {
        const auto rows = read_branches(run, step, {name, name});
        parameters.push_back({table.column(name), rounding_of(rows, &BranchRow::x)});
    }
    return parameters;
}

TextTable point_table(const std::vector<const Record*>& points, const StoredRun& run,
                      const StepRecord& step) {
    const TimeUnit unit = time_unit_of(run, step);
    const auto parameters = parameters_of(run, step);
    const auto states = states_of(TableHeading(run, branches_table(step)), *points.front());
    TextTable table{{"Label", "In figures", "Type"}, {}};
    for (const Parameter& parameter : parameters) {
        table.headings.push_back(label(parameter.column));
    }
    for (const State& state : states) {
        table.headings.push_back(label(state.column));
    }
    const bool periods = std::ranges::any_of(
        points, [](const Record* point) { return point->find(period_column) != nullptr; });
    if (periods) {
        table.headings.push_back(
            label({"Period", TableHeading(run, branches_table(step)).column(period_column).unit}));
    }
    table.headings.insert(table.headings.end(), {label({"Frequency", unit.frequency_unit()}),
                                                 "Normal form", "Error", "Residual"});
    for (const Record* point : points) {
        table.rows.push_back(point_row(*point, parameters, states, unit, periods));
    }
    return table;
}

std::string coefficient_key(const std::vector<const Record*>& points) {
    std::string key;
    for (const Coefficient& coefficient : coefficients) {
        if (std::ranges::any_of(points, [&](const Record* point) {
                const Record* form = point->find("normal_form");
                return is_type(*point, coefficient.type) && form != nullptr &&
                       form->find(coefficient.name) != nullptr;
            })) {
            key += (key.empty() ? "" : " ") + std::string(coefficient.meaning);
        }
    }
    return key;
}

/// The ranges that the branches cover of a parameter, by their numbers in the table.
using Ranges = std::map<long, std::pair<double, double>>;

Ranges ranges_of(const StoredRun& run, const StepRecord& step, const std::string& parameter) {
    Ranges ranges;
    for (const BranchRow& row : read_branches(run, step, {parameter, parameter})) {
        auto& [low, high] = ranges.try_emplace(row.branch, row.x, row.x).first->second;
        low = std::min(low, row.x);
        high = std::max(high, row.x);
    }
    return ranges;
}

/// An end that is zero but for rounding is written so.
std::string range_text_of(std::pair<double, double> range) {
    const double rounding = rounding_error * (range.second - range.first);
    const auto rounded = [&](double end) { return std::abs(end) <= rounding ? 0.0 : end; };
    return range_text(rounded(range.first), rounded(range.second));
}

/// How a branch ended; of cycles that end at an equilibrium what becomes of them.
std::string end_text(const Record& branch) {
    const std::string status = text_at(branch, "status"), message = text_at(branch, "message");
    for (const auto& [end, words] :
         {std::pair{Status::ended_at_hopf, "the cycle shrinks to an equilibrium at a Hopf point"},
          {Status::ended_at_snic, "the period grows without bound towards a saddle-node on it"},
          {Status::ended_at_homoclinic, "the period grows without bound towards a saddle on it"}}) {
        if (status == to_string(end)) {
            return status + ": " + words;
        }
    }
    return status + (message.empty() ? "" : ": " + message);
}

/// What is known of Floquet exponents, branch by branch.
std::string trust_text(const StepRecord& step) {
    std::string text;
    for (const Record& branch : list_at(*step.summary, "branches")) {
        const auto error = number_at(branch, "exponent_error");
        const auto& intervals = list_at(branch, "intervals");
        if (!error || intervals.size() != 2) {
            continue;
        }
        text += " Branch " + number_text(number_at(branch, "branch")) + ": " + number_text(error) +
                ", on " + range_text(intervals[0].number(), intervals[1].number()) + " intervals.";
    }
    return text.empty() ? ""
                        : "Largest error of the two leading Floquet exponents times the period, "
                          "from the exponent of the phase, which is zero, and from the mean "
                          "divergence, which is the sum of all." +
                              text;
}

TextTable branch_table(const StoredRun& run, const StepRecord& step) {
    TextTable table{{"Branch", "Kind"}, {}};
    std::vector<Ranges> ranges;
    for (const std::string& parameter : free_parameters(step)) {
        table.headings.push_back(label(TableHeading(run, branches_table(step)).column(parameter)));
        ranges.push_back(ranges_of(run, step, parameter));
    }
    table.headings.insert(table.headings.end(), {"Points", "Special points", "Ended"});
    for (const Record& branch : list_at(*step.summary, "branches")) {
        const auto number = number_at(branch, "branch");
        std::vector<std::string> row{number_text(number), text_at(branch, "kind")};
        for (const Ranges& of : ranges) {
            const auto range = of.find(static_cast<long>(number.value_or(0.0)));
            row.push_back(range == of.end() ? number_text(std::nullopt)
                                            : range_text_of(range->second));
        }
        row.insert(row.end(),
                   {number_text(number_at(branch, "points")),
                    std::to_string(list_at(branch, "special").size()), end_text(branch)});
        table.rows.push_back(std::move(row));
    }
    return table;
}

TextTable graph_table(const Record::List& graph) {
    TextTable table{{"Point", "On branch", "Leads to branch"}, {}};
    for (const Record& link : graph) {
        table.rows.push_back({text_at(link, "label"), number_text(number_at(link, "from")),
                              number_text(number_at(link, "to"))});
    }
    return table;
}

/// Where a diagram looked for equilibria, so that it is plain what it may have missed.
std::string search_text(const Record& search, const std::string& parameter) {
    std::string box, values;
    for (const auto& [state, range] : table_at(search, "box")) {
        const auto& ends = list_at(search, "box." + state);
        box += (box.empty() ? "" : ", ") + state + " from " + value_text(ends.front()) + " to " +
               value_text(ends.back());
    }
    double fewest = std::numeric_limits<double>::infinity();
    for (const Record& slice : list_at(search, "slices")) {
        const Record* value = slice.find(parameter);
        values += (values.empty() ? "" : ", ") + (value == nullptr ? "–" : value_text(*value));
        fewest = std::min(fewest, number_at(slice, "solves").value_or(0.0));
    }
    return "Equilibria were searched for at " + parameter + " = " + values + ", with " + box +
           ", by at least " + number_text(fewest) +
           " solves of Newton's method at each of these values: no proof that there are no others.";
}

/// Of a step on transverse instabilities.
bool has_mode_patterns(const StoredRun& run, const StepRecord& step) {
    const std::string table = step.name + "/patterns.csv";
    return std::filesystem::exists(run.path / table) && !TableHeading(run, table).has("label");
}

}  // namespace

void add_branches(const StoredRun& run, const StepRecord& step, Section& section) {
    const auto points = distinct(special_points(step));
    if (const Record* search = step.summary->find("search");
        search != nullptr && !free_parameters(step).empty()) {
        section.paragraphs.push_back(search_text(*search, free_parameters(step).front()));
    }
    if (std::filesystem::exists(run.path / branches_table(step))) {
        if (!points.empty()) {
            section.tables.push_back(point_table(points, run, step));
            section.paragraphs.push_back(coefficient_key(points));
        }
        section.tables.push_back(branch_table(run, step));
        if (const std::string trust = trust_text(step); !trust.empty()) {
            section.paragraphs.push_back(trust);
        }
    }
    if (const auto& graph = list_at(*step.summary, "graph"); !graph.empty()) {
        section.tables.push_back(graph_table(graph));
    }
    if (has_branches(step)) {
        add_figure(section, step.name + "_branches", [&] { return branches_figure(run, step); });
    }
    if (has_cycles(step)) {
        add_figure(section, step.name + "_periods", [&] { return periods_figure(run, step); });
        add_figure(section, step.name + "_orbits", [&] { return orbits_figure(run, step); });
        add_figure(section, step.name + "_multipliers",
                   [&] { return multipliers_figure(run, step); });
    }
    if (has_curves(step)) {
        add_figure(section, step.name + "_curves",
                   [&] { return bifurcation_curves_figure(run, step); });
    }
    if (has_mode_patterns(run, step)) {
        add_figure(section, step.name + "_patterns", [&] { return patterns_figure(run, step); });
    }
    if (const auto patterns = uneven_patterns(run, step); !patterns.empty()) {
        add_figure(section, step.name + "_patterns",
                   [&] { return pattern_figure(run, step, patterns); });
    }
}

}  // namespace cortifold
