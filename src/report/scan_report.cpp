#include "scan_report.hpp"

#include "plot_source.hpp"
#include "stored_branches.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {
namespace {

constexpr std::size_t most_slices = 6;
constexpr double overlap = 0.51;  ///< of a step, to either side: no seams show between boxes
/// Pale where there are few, then those of Okabe & Ito 2008.
constexpr std::array class_colours{"#9ECAE1", "#FDD0A2", "#555555", "#009E73",
                                   "#CC79A7", "#E69F00", "#0072B2"};

struct ScanRecord {
    Record::List axes;
    const StepRecord& step;

    [[nodiscard]] std::string name(std::size_t axis) const { return text_at(axes[axis], "name"); }
    [[nodiscard]] double number(std::size_t axis, const char* key) const {
        return number_at(axes[axis], key).value_or(0.0);
    }
    /// Between the cells of the axes, in digits for a script.
    [[nodiscard]] double distance(std::size_t axis) const {
        return (number(axis, "high") - number(axis, "low")) / (number(axis, "points") - 1.0);
    }
    /// What edges a map has: just beyond the boxes of the first and the last cell, since the range
    /// of colours is that of boxes which lie inside.
    [[nodiscard]] std::string range(std::size_t axis) const {
        const double half = 1.01 * overlap * distance(axis);
        return "[" + exact(number(axis, "low") - half) + ":" + exact(number(axis, "high") + half) +
               "]";
    }
    /// Whether a list of the summary has it.
    [[nodiscard]] bool is_among(const char* key, const std::string& value) const {
        return std::ranges::any_of(list_at(*step.summary, key), [&](const Record& one) {
            return one.is<std::string>() && one.as<std::string>() == value;
        });
    }
    [[nodiscard]] std::vector<std::string> classes(const std::string& value) const {
        std::vector<std::string> names;
        const Record* all = record_at(*step.summary, "classes");
        const Record* own = all == nullptr ? nullptr : all->find(value);
        if (own != nullptr && own->is<Record::List>())
            for (const Record& name : own->as<Record::List>())
                if (name.is<std::string>()) names.push_back(name.as<std::string>());
        return names;
    }
};

std::string colour_of(std::size_t number) {
    return class_colours[number % class_colours.size()];
}

/// Cells as boxes, the finer over the coarser. `shown` is a condition that all must meet.
std::vector<Series> boxes(const ScanRecord& scan, const PlotSource& cells, const std::string& value,
                          const std::string& shown) {
    const std::string level = cells.at("level");
    const auto half = [&](std::size_t axis) {
        return exact(overlap * scan.distance(axis)) + "/2**" + level;
    };
    const auto series = [&](const std::string& condition, const std::string& colour,
                            const std::string& style, const std::string& title) {
        return Series{cells.rows(),
                      columns({where(shown + " && " + condition, cells.at(scan.name(0))),
                               cells.at(scan.name(1)), half(0), half(1)}) +
                          (colour.empty() ? "" : ":(" + colour + ")"),
                      "with boxxyerror fs solid noborder " + style, title};
    };
    const std::vector<std::string> classes = scan.classes(value);
    const std::string text = cells.text_at(value);
    if (classes.empty())
        return {series("strlen(" + text + ") > 0", cells.at(value), "fc palette", "")};
    std::vector<Series> all;
    for (std::size_t k = 0; k < classes.size(); ++k)
        all.push_back(series(text + " eq " + gnuplot_text(classes[k]), "",
                             "fc rgb '" + colour_of(k) + "'", classes[k]));
    return all;
}

/// Branches of the two parameters of the axes, each kind with one entry in the key.
void add_curves(const StoredRun& run, const ScanRecord& scan, std::vector<Series>& series) {
    std::vector<std::string> titled;
    for (const Record& name : list_at(*scan.step.summary, "curves")) {
        const auto step = std::ranges::find(
            run.steps, name.is<std::string>() ? name.as<std::string>() : "", &StepRecord::name);
        if (step == run.steps.end() || !step->summary) continue;
        const PlotSource rows(run, branches_table(*step));
        if (!rows.has(scan.name(0)) || !rows.has(scan.name(1))) continue;
        double number = 0.0;
        for (const Record& branch : list_at(*step->summary, "branches")) {
            number += 1.0;
            const std::string kind = text_at(branch, "kind");
            if (!is_curve(kind)) continue;
            auto at = std::ranges::find(titled, kind);
            const bool is_new = at == titled.end();
            if (is_new) at = titled.insert(at, kind);
            std::string words = kind;
            std::ranges::replace(words, '_', ' ');
            series.push_back(
                {rows.rows(),
                 columns({where(rows.at("branch") + " == " + number_text(number),
                                rows.at(scan.name(0))),
                          rows.at(scan.name(1))}),
                 "with lines lw 2 dt " + std::to_string(at - titled.begin() + 1) + " lc 'black'",
                 is_new ? words : ""});
        }
    }
}

Panel map_panel(const StoredRun& run, const ScanRecord& scan, const std::string& value,
                const std::string& shown) {
    const PlotSource cells(run, scan.step.name + "/cells.csv");
    Panel panel{"", cells.axis(scan.name(0)), cells.axis(scan.name(1)), {}, {}};
    panel.settings = {std::string(sequential_palette),
                      "set xrange " + scan.range(0),
                      "set yrange " + scan.range(1),
                      "unset grid; unset xzeroaxis",
                      "set key outside top center horizontal noenhanced",
                      "set cblabel " + gnuplot_text(value) + " noenhanced"};
    panel.series = boxes(scan, cells, value, shown);
    add_curves(run, scan, panel.series);
    return panel;
}

Panel line_panel(const StoredRun& run, const ScanRecord& scan, const std::string& value) {
    const PlotSource cells(run, scan.step.name + "/cells.csv");
    Panel panel{"", cells.axis(scan.name(0)), value, {}, {}};
    const std::vector<std::string> classes = scan.classes(value);
    std::string y = cells.at(value), tics;
    if (!classes.empty()) {
        y = "1/0";
        for (std::size_t k = 0; k < classes.size(); ++k) {
            y = "(" + cells.text_at(value) + " eq " + gnuplot_text(classes[k]) + " ? " +
                std::to_string(k) + " : " + y + ")";
            tics += (k == 0 ? "" : ", ") + gnuplot_text(classes[k]) + " " + std::to_string(k);
        }
        panel.settings.push_back("set ytics (" + tics + ") noenhanced");
    } else {
        y = where("strlen(" + cells.text_at(value) + ") > 0", y);
    }
    panel.settings.emplace_back("set offsets 0, 0, graph 0.05, graph 0.05");
    panel.series = {
        {cells.rows(), columns({cells.at(scan.name(0)), y}), "with points lt 1 pt 7 ps 0.4", ""}};
    return panel;
}

/// Every item of every list over its cell, as a dash no longer than it is thick: of the thousands
/// that a cascade has, points would make a file four times as large.
Panel cascade_panel(const StoredRun& run, const ScanRecord& scan, const std::string& value) {
    const PlotSource items(run, scan.step.name + "/lists.csv");
    constexpr double plot_pixels = 780.0, cover = 150.0;  // of all dashes side by side
    const double pixels =
        std::clamp(cover / number_at(*scan.step.summary, "cells").value_or(cover), 1.5, 4.0);
    const double length = pixels / plot_pixels * (scan.number(0, "high") - scan.number(0, "low"));
    return {
        "",
        items.axis(scan.name(0)),
        value,
        {"unset key", "set xrange " + scan.range(0), "set offsets 0, 0, graph 0.05, graph 0.05"},
        {{items.rows(),
          columns({items.at(scan.name(0)) + " - " + exact(0.5 * length),
                   where("strlen(" + items.text_at(value) + ") > 0", items.at(value)),
                   exact(length), "0"}),
          "with vectors nohead lt 1 lw " + exact(pixels), ""}}};
}

/// Some values of the third axis, both ends among them.
std::vector<double> slices_of(const ScanRecord& scan) {
    const auto points = static_cast<std::size_t>(scan.number(2, "points"));
    const std::size_t count = std::min(points, most_slices);
    std::vector<double> slices;
    for (std::size_t k = 0; k < count; ++k) {
        const auto number =
            std::round(static_cast<double>(k * (points - 1)) / static_cast<double>(count - 1));
        slices.push_back(std::lerp(scan.number(2, "low"), scan.number(2, "high"),
                                   number / static_cast<double>(points - 1)));
    }
    return slices;
}

Figure value_figure(const StoredRun& run, const ScanRecord& scan, std::size_t number) {
    const std::string value = list_at(*scan.step.summary, "record")[number].as<std::string>();
    Figure figure{scan.step.name + "_" + std::to_string(number + 1), value, {}};
    if (scan.axes.size() == 1) {
        const bool is_list = scan.is_among("lists", value);
        figure.caption += " against " + scan.name(0) + (is_list ? ", a point an item." : ".");
        figure.panels = {is_list ? cascade_panel(run, scan, value) : line_panel(run, scan, value)};
        return figure;
    }
    figure.caption += " over " + scan.name(0) + " and " + scan.name(1) +
                      ". Cells that failed, or have no such value, are left white.";
    figure.height = 620;
    if (scan.axes.size() == 2) {
        figure.panels = {map_panel(run, scan, value, "1")};
        return figure;
    }
    const PlotSource cells(run, scan.step.name + "/cells.csv");
    for (const double slice : slices_of(scan)) {
        const std::string near = "abs(" + cells.at(scan.name(2)) + " - " + exact(slice) + ") < " +
                                 exact(1e-6 * scan.distance(2));
        figure.panels.push_back(map_panel(run, scan, value, near));
        figure.panels.back().title = cells.axis(scan.name(2)) + " = " + number_text(slice);
    }
    figure.panels_in_row = 2;
    figure.height = 420 * static_cast<int>((figure.panels.size() + 1) / 2);
    return figure;
}

}  // namespace

void add_scan(const StoredRun& run, const StepRecord& step, Section& section) {
    const ScanRecord scan{list_at(*step.summary, "axes"), step};
    if (scan.axes.empty()) return;
    TextTable axes{{"Axis", "from", "to", "values"}, {}};
    for (const Record& axis : scan.axes)
        axes.rows.push_back({label({text_at(axis, "name"), text_at(axis, "unit")}),
                             number_text(number_at(axis, "low")),
                             number_text(number_at(axis, "high")),
                             number_text(number_at(axis, "points"))});
    section.tables.push_back(std::move(axes));
    const Record::List values = list_at(*step.summary, "record");
    for (std::size_t k = 0; k < values.size(); ++k) {
        const std::string& value = values[k].as<std::string>();
        if (scan.is_among("missing", value))
            section.paragraphs.push_back("No cell has a value " + value + ".");
        else if (scan.axes.size() > 1 && scan.is_among("lists", value))
            section.paragraphs.push_back("Lists are drawn over one axis only: " + value +
                                         " is in lists.csv.");
        else
            add_figure(section, step.name, [&] { return value_figure(run, scan, k); });
    }
}

void scan_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    std::string axes;
    for (const Record& axis : list_at(*step.summary, "axes"))
        axes += (axes.empty() ? "" : ", ") + text_at(axis, "name");
    const double failed = number_at(*step.summary, "failed").value_or(0.0);
    sentences.push_back({"The scan " + step.name + " over " + axes + " has " +
                             number_text(number_at(*step.summary, "cells")) + " cells" +
                             (failed > 0.0 ? ", of which " + number_text(failed) + " failed" : "") +
                             ".",
                         failed > 0.0});
}

}  // namespace cortifold
