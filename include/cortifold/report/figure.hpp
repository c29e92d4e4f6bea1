#pragma once

#include <cortifold/core/matrix.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

enum class Mark { line, dashed, points, open_points, impulses };

/// One curve or set of points of a figure: columns of a CSV table, counted from 1, or a gnuplot
/// expression of them.
struct Series {
    std::string table;  ///< path relative to the figure's folder
    std::string x, y;
    std::string title;  ///< in the key; empty: not shown there
    Mark mark = Mark::line;
    std::optional<int> color;  ///< index into the palette; none: in turn
};

struct Axis {
    std::string label;  ///< with its unit in brackets
    std::optional<double> low, high;
};

}  // namespace cortifold
