#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// One item of a plot command, in gnuplot's words: `source using columns style title 'title'`.
/// Source, columns and style are code and must never hold text from a file; titles and labels may.
struct Series {
    std::string source;   ///< as `csv_source` makes it, an array, or a function
    std::string columns;  ///< empty for a function
    std::string style;
    std::string title;  ///< empty: not in the key
};

struct Panel {
    std::string title, x_label, y_label;  ///< labels with their unit in brackets
    std::vector<std::string> settings;    ///< lines before the plot; they hold for later panels too
    std::vector<Series> series;
};

/// Panels in rows from the top left, in one SVG file.
struct Figure {
    std::string name;  ///< of its files
    std::string caption;
    std::vector<Panel> panels;
    int panels_in_row = 1;
    int height = 520;       ///< pixels; the width is the same for all
    std::string margins{};  ///< as gnuplot's multiplot takes them; empty: each panel its own
};

/// A string of gnuplot that nothing in it can leave: no command, macro or escape is run.
[[nodiscard]] std::string gnuplot_text(std::string_view text);

/// The rows of a CSV table under its heading; `path` is relative to the figure.
[[nodiscard]] std::string csv_source(std::string_view path);

/// A script that draws `<name>.svg` when gnuplot runs it in the folder where it stands.
[[nodiscard]] std::string figure_script(const Figure& figure);

/// Writes `<name>.gp` and lets gnuplot draw `<name>.svg`. Returns the SVG, empty where gnuplot is
/// missing or failed. Throws OutputError where the folder cannot be written.
[[nodiscard]] std::string draw_figure(const Figure& figure, const std::filesystem::path& folder);

}  // namespace cortifold
