#include "brain_figure.hpp"

#include "wording.hpp"

#include <algorithm>
#include <array>

namespace cortifold {
namespace {

constexpr std::size_t leading_patterns_shown = 3;
constexpr int row_height = 255, gap = 80, edge = 45;  // pixels
constexpr int tics_mm = 50;                           // between the tics of a brain
constexpr int crowded = 300;                          // regions; more are drawn as smaller dots

/// What is seen from where; `side` is -1 in the left hemisphere, 1 in the right, 0 unknown.
struct View {
    std::string title, x, y, x_range, seen;
};
const std::array<View, 3> views{
    {{"left hemisphere (y, z in mm)", "Y", "Z", "[Y_high:Y_low]", "side[k] <= 0"},
     {"from above (x, y in mm)", "X", "Y", "[X_low:X_high]", "1"},
     {"right hemisphere (y, z in mm)", "Y", "Z", "[Y_low:Y_high]", "side[k] >= 0"}}};

/// The range of a coordinate and room for a dot.
std::string set_range(const PlotSource& regions, const std::string& axis,
                      const std::string& column) {
    return "stats " + regions.rows() + " using " + columns({regions.at(column)}) +
           " nooutput; room = 1 + 0.08*(STATS_max - STATS_min); " + axis +
           "_low = STATS_min - room; " + axis + "_high = STATS_max + room";
}

std::vector<std::string> brain_settings(const PlotSource& regions) {
    const std::string side = regions.text_at("hemisphere");
    return {"stats " + regions.rows() + " using 1 nooutput; N = int(STATS_records)",
            "array X[N]; array Y[N]; array Z[N]; array side[N]",
            "stats " + regions.rows() + " using (k = int($0) + 1, X[k] = " + regions.at("x") +
                ", Y[k] = " + regions.at("y") + ", Z[k] = " + regions.at("z") + ", side[k] = (" +
                side + " eq 'right') - (" + side + " eq 'left')) nooutput",
            set_range(regions, "X", "x"),
            set_range(regions, "Y", "y"),
            set_range(regions, "Z", "z"),
            "dot = N > " + std::to_string(crowded) + " ? 0.7 : 1.3",
            "size(part) = dot*(0.25 + 0.75*abs(part))",
            "set palette defined (-1 '#2166AC', -0.5 '#92C5DE', 0 '#F7F7F7', 0.5 '#F4A582', 1 "
            "'#B2182B')",  // RdBu of ColorBrewer, blue to red
            "set cbrange [-1:1]",
            "set colorbox user origin 0.895, 0.2 size 0.015, 0.6",
            "set cblabel 'in parts of the largest of each map'",
            "set size ratio -1",
            "set xtics " + std::to_string(tics_mm) + "; set ytics " + std::to_string(tics_mm),
            "unset xzeroaxis"};
}

std::vector<Panel> brain_panels(const PlotSource& table, const RegionMap& map) {
    const std::string of_row = "k = int(" + table.at("region") + ") + 1, ";
    std::vector<Panel> panels;
    for (const View& view : views) {
        const std::string x = of_row + where(view.seen, view.x + "[k]"), y = view.y + "[k]",
                          part = "(" + map.value + ")/largest";
        panels.push_back(
            {view.title,
             "",
             &view == views.data() ? map.title : "",
             {"set xrange " + view.x_range + "; set yrange [" + view.y + "_low:" + view.y +
                  "_high]",
              "stats " + table.rows() + " using " + columns({"abs(" + map.value + ")"}) +
                  " nooutput; largest = STATS_max > 0 ? STATS_max : 1"},
             {{table.rows(), columns({x, y, "size(" + part + ")", part}),
               "with points pt 7 ps variable lc palette", ""},
              {table.rows(), columns({x, y, "size(" + part + ")"}),
               "with points pt 6 ps variable lw 0.4 lc rgb '#777777'", ""}}});
    }
    return panels;
}

Panel bar_panel(const PlotSource& table, const RegionMap& map) {
    return {map.title,
            "region",
            map.axis,
            {},
            {{table.rows(), columns({table.at("region"), map.value}), "with impulses lt 1", ""}}};
}

/// Of a column mode<index>_re.
std::string index_of_mode(const std::string& column) {
    return column.substr(4, column.find("_re") - 4);
}

std::string mode_title(const StepRecord& step, const std::string& column) {
    const std::string index = index_of_mode(column), name = "mode " + index;
    const auto modes = read_modes(*step.summary);
    const auto mode = std::ranges::find_if(
        modes, [&](const Mode& m) { return std::to_string(m.index) == index; });
    if (mode != modes.end()) return name + " (λ = " + number_text(mode->lambda) + ")";
    const auto eigenvalues = complex_list(*step.summary, "eigenvalues");
    for (std::size_t k = 0; k < eigenvalues.size(); ++k)
        if (std::to_string(k + 1) == index) return name + " (" + number_text(eigenvalues[k]) + ")";
    return name;
}

}  // namespace

bool has_positions(const StoredRun& run) {
    const std::string table = "network/regions.csv";
    if (!std::filesystem::exists(run.path / table)) return false;
    const TableHeading regions(run, table);
    return regions.has("x") && regions.has("y") && regions.has("z");
}

Figure region_maps(const StoredRun& run, const PlotSource& table,
                   const std::vector<RegionMap>& maps) {
    Figure figure{"", "", {}};
    figure.height = row_height * static_cast<int>(maps.size()) + edge;
    const auto height = static_cast<double>(figure.height);
    const bool on_brain = has_positions(run);
    for (const RegionMap& map : maps) {
        if (on_brain)
            std::ranges::copy(brain_panels(table, map), std::back_inserter(figure.panels));
        else
            figure.panels.push_back(bar_panel(table, map));
    }
    if (on_brain) {
        auto& first = figure.panels.front().settings;
        const PlotSource regions(run, "network/regions.csv");
        const auto settings = brain_settings(regions);
        first.insert(first.begin(), settings.begin(), settings.end());
        figure.panels.at(1).settings.emplace_back("unset colorbox");  // one serves all panels
        figure.panels_in_row = static_cast<int>(views.size());
        figure.margins = "margins 0.09, 0.87, " + exact(edge / height) + ", " +
                         exact(1.0 - edge / height) + " spacing 0.05, " + exact(gap / height);
    }
    return figure;
}

Figure patterns_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource patterns(run, step.name + "/patterns.csv");
    const bool of_spectrum = step.kind == "spectrum";
    std::vector<RegionMap> maps;
    for (const Column& column : patterns.columns())
        if (column.name.ends_with("_re") && (of_spectrum || maps.size() < leading_patterns_shown))
            maps.push_back({patterns.at(column.name), mode_title(step, column.name), "real part"});
    if (maps.empty()) throw ConfigError(patterns.table() + " holds no mode");
    Figure figure = region_maps(run, patterns, maps);
    figure.name = step.name + "_patterns";
    figure.caption =
        of_spectrum ? "Eigenvectors of the matrix " + text_at(*step.summary, "matrix") +
                          " (real part), with their eigenvalues."
                    : "Eigenvectors of the coupling of the leading transverse modes (real part).";
    return figure;
}

}  // namespace cortifold
