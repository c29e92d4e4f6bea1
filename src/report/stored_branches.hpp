#pragma once

#include "stored_run.hpp"
#include <cortifold/continuation/branch.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// How a type of special point is called and drawn.
struct PointKind {
    PointType type;
    std::string_view abbreviation;  ///< as AUTO and MatCont have it
    std::string_view noun;
    std::string_view style;  ///< of gnuplot, the symbol and its colour
};
/// In the order of keys: codimension 1, codimension 2, the rest.
[[nodiscard]] std::span<const PointKind> point_kinds();
/// None for a type that is not known here.
[[nodiscard]] const PointKind* point_kind(const Record& special);
[[nodiscard]] bool is_type(const Record& special, PointType type);

/// The abbreviation with the number of the label: LP1 of fold1. A user's function keeps its name.
[[nodiscard]] std::string short_label(const Record& special);

/// The value of a parameter at a point; its name may hold dots.
[[nodiscard]] std::optional<double> parameter_at(const Record& special, std::string_view name);

/// All special points of a step, in the order of its branches.
[[nodiscard]] std::vector<const Record*> special_points(const StepRecord& step);

/// Without those that another branch through the same point holds as well.
[[nodiscard]] std::vector<const Record*> distinct(const std::vector<const Record*>& points);

/// Names of the free parameters of all branches of a step, each once.
[[nodiscard]] std::vector<std::string> free_parameters(const StepRecord& step);

/// Of a table with cycles: their period, behind the parameters; then the least and the largest
/// value of each state.
inline constexpr std::string_view period_column = "period";

/// Curves of bifurcations, in two parameters.
[[nodiscard]] bool is_curve(std::string_view kind);
[[nodiscard]] std::string branches_table(const StepRecord& step);

/// The first column of `branches.csv` that holds a state: the default of a figure's axis.
[[nodiscard]] std::string first_state(const TableHeading& table, const StepRecord& step);
/// The column of a state or function: of a network its mean over regions, or the first region.
[[nodiscard]] std::string column_of(const TableHeading& table, const std::string& name);

enum class Stability { stable, unstable, unknown };

/// A row of `branches.csv`, with two of its columns.
struct BranchRow {
    long branch = 0;
    std::string kind;
    std::string label;  ///< empty unless special
    Stability stability = Stability::unknown;
    double x = 0.0, y = 0.0;  ///< NaN where a function has no value
    double low = 0.0;         ///< y, or over a cycle the least value of what y is the largest of
};
struct Axes {
    std::string x, y;   ///< names of columns
    std::string low{};  ///< empty: y
};
/// The column of the least values over a cycle beside one of the largest; empty: there is none.
[[nodiscard]] std::string least_of(const TableHeading& table, const std::string& largest);
/// Throws ConfigError where the table or a column is missing, or an entry is no number.
[[nodiscard]] std::vector<BranchRow> read_branches(const StoredRun& run, const StepRecord& step,
                                                   const Axes& axes);

/// Of a coordinate over all rows: a value below it is zero but for rounding.
[[nodiscard]] double rounding_of(const std::vector<BranchRow>& rows, double BranchRow::*coordinate);

/// Rows first to last of one branch along which stability does not change. Neighbours share a row:
/// the special point between them.
struct Stretch {
    std::size_t first = 0, last = 0;
    Stability stability = Stability::unknown;
};
[[nodiscard]] std::vector<Stretch> stretches_of(const std::vector<BranchRow>& rows);

/// Ends of a range, the low one first.
using Range = std::pair<double, double>;

/// The ranges of x of a stretch between its turns: a stable branch turns where it leaves a
/// pitchfork to both sides.
[[nodiscard]] std::vector<Range> pieces_of(const std::vector<BranchRow>& rows,
                                           const Stretch& stretch);

/// A range of x, the first parameter, throughout which so many stable equilibria are known.
struct StableRange {
    double low = 0.0, high = 0.0;
    int equilibria = 0;
};
/// From the lowest x to the highest, each with another number than the one before; y is not used.
[[nodiscard]] std::vector<StableRange> stable_ranges(const std::vector<BranchRow>& rows);

}  // namespace cortifold
