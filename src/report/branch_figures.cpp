#include "branch_figures.hpp"

#include "label_places.hpp"
#include "plot_source.hpp"
#include "stored_branches.hpp"
#include "wording.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace cortifold {
namespace {

// The plot in its figure, in pixels: fixed, so that labels can be placed. On the left there is room
// for numbers as -1.25e-05 and the axis' name.
constexpr double figure_width = 900.0, left = 135.0, right = 27.0, below = 68.0;
constexpr PlotArea area{figure_width - left - right, 364.0};
// Of the key above it: its columns are as wide as the longest entry.
constexpr double key_line = 21.0, key_margin = 26.0, key_sample = 61.0, key_letter = 10.2;
constexpr double few_decades = 2.0;   // of a logarithmic axis
constexpr double border = 0.04;       // of the range, left free on all sides
constexpr double line_sample = 4.0;   // pixels between points that labels keep off
constexpr double one_place = 6.0;     // pixels: closer points of one type share a label
constexpr double leader_from = 14.0;  // pixels: farther labels have a line to their point

const std::string symbol_size = " ps 1.1";

struct Window {
    double low = 0.0, high = 1.0;
    bool logarithmic = false;  ///< low and high are decimal logarithms
    [[nodiscard]] double fraction(double value) const {
        return ((logarithmic ? std::log10(value) : value) - low) / (high - low);
    }
    [[nodiscard]] std::string range() const {
        const auto end = [&](double at) { return exact(logarithmic ? std::pow(10.0, at) : at); };
        return "[" + end(low) + ":" + end(high) + "]";
    }
};

/// Which of the branches of a step a figure shows.
using Shown = bool (*)(std::string_view kind);
bool is_branch(std::string_view kind) {
    return !is_curve(kind);
}
bool is_branch_of_equilibria(std::string_view kind) {
    return kind == to_string(CurveKind::equilibrium);
}
bool is_branch_of_cycles(std::string_view kind) {
    return kind == to_string(CurveKind::cycle);
}

/// What a figure shows: the branches of a step, or its curves of bifurcations.
struct Drawing {
    PlotSource table;
    Axes axes;
    std::vector<BranchRow> rows;
    std::vector<Stretch> stretches{};
    std::vector<const Record*> special{};  ///< those on the stretches
    std::vector<Pixel> places{};           ///< of each of them
    Record::List marks{};                  ///< points that the study names
    Window x{}, y{};

    [[nodiscard]] Pixel pixel(const BranchRow& row) const {
        return {area.width * x.fraction(row.x), area.height * y.fraction(row.y)};
    }
    [[nodiscard]] std::string point(const std::string& height) const {
        return columns({table.at(axes.x), table.at(height)});
    }
};

/// From the least value of one coordinate to the largest of another.
Window window_of(const Drawing& drawing, double BranchRow::*least, double BranchRow::*largest) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Stretch& stretch : drawing.stretches) {
        for (std::size_t i = stretch.first; i <= stretch.last; ++i) {
            low = std::min(low, drawing.rows[i].*least);
            high = std::max(high, drawing.rows[i].*largest);
        }
    }
    const double width = high > low ? high - low : std::max(std::abs(low), 1.0);
    return {low - border * width, high + border * width};
}

/// Where values span more than a decade.
Window logarithmic_where_wide(const Drawing& drawing) {
    Drawing exponents = drawing;
    for (BranchRow& row : exponents.rows) row.y = std::log10(row.y);
    Window window = window_of(exponents, &BranchRow::y, &BranchRow::y);
    if (window.high - window.low <= 1.0) return drawing.y;
    window.logarithmic = true;
    return window;
}

/// 1, 2 and 5 of each decade: powers of ten alone may leave an axis with a single number.
std::string tics_of_decades(const Window& window) {
    std::string tics;
    for (double decade = std::floor(window.low); decade < window.high; ++decade) {
        for (const double tic : {1.0, 2.0, 5.0}) {
            tics += (tics.empty() ? "" : ", ") + exact(tic * std::pow(10.0, decade));
        }
    }
    return tics;
}

/// Widens both windows to the points that the study names.
void show_marks(Drawing& drawing) {
    const auto include = [](Window& window, double value) {
        const double space = border * (window.high - window.low);
        window.low = std::min(window.low, value - space);
        window.high = std::max(window.high, value + space);
    };
    for (const Record& mark : drawing.marks) {
        include(drawing.x, number_at(mark, "x").value_or(drawing.x.low));
        include(drawing.y, number_at(mark, "y").value_or(drawing.y.low));
    }
}

Drawing make_drawing(const StoredRun& run, const StepRecord& step, const Axes& axes, Shown shown) {
    Drawing drawing{PlotSource(run, branches_table(step)), axes, read_branches(run, step, axes)};
    for (const Stretch& stretch : stretches_of(drawing.rows)) {
        if (shown(drawing.rows[stretch.first].kind)) {
            drawing.stretches.push_back(stretch);
        }
    }
    if (drawing.stretches.empty()) {
        throw ConfigError(drawing.table.table() + " holds no point");
    }
    drawing.x = window_of(drawing, &BranchRow::x, &BranchRow::x);
    drawing.y = window_of(drawing, &BranchRow::low, &BranchRow::y);
    if (shown == is_curve) {
        drawing.marks = list_at(*step.summary, "marks");
        show_marks(drawing);
    }
    if (axes.y == period_column) {
        drawing.y = logarithmic_where_wide(drawing);
    }
    for (const Record* special : distinct(special_points(step))) {
        const auto row = std::ranges::find_if(drawing.rows, [&](const BranchRow& candidate) {
            return candidate.label == text_at(*special, "label") && shown(candidate.kind);
        });
        if (row != drawing.rows.end()) {
            drawing.special.push_back(special);
            drawing.places.push_back(drawing.pixel(*row));
        }
    }
    return drawing;
}

struct LineStyle {
    std::string line, title;
};

LineStyle line_style(const BranchRow& row, Stability stability) {
    const bool unstable = stability == Stability::unstable;
    const std::string of = unstable ? ", unstable" : "";
    const std::string line = unstable ? " lw 1.4 dt (9,6)" : " lw 3";
    if (row.kind == to_string(CurveKind::homoclinic)) return {"lt 7 lw 3", "homoclinic orbits"};
    if (row.kind.starts_with(to_string(CurveKind::transverse)))
        return {"lc rgb '#7A3E9D' lw 3", "transverse instabilities"};
    if (stability == Stability::unknown && !is_curve(row.kind))
        return {"lc rgb '#888888' lw 1.4", "stability not known"};
    if (row.kind == to_string(CurveKind::fold)) return {"lt 1" + line, "folds" + of};
    if (row.kind == to_string(CurveKind::hopf)) return {"lt 2" + line, "Hopf points" + of};
    if (row.kind == to_string(CurveKind::branch_point))
        return {"lt 3" + line, "branch points" + of};
    if (row.kind == to_string(CurveKind::cycle)) return {"lt 3" + line, "cycles" + of};
    if (row.kind == to_string(CurveKind::fold_of_cycles))
        return {"lt 6" + line, "folds of cycles" + of};
    if (row.kind == to_string(CurveKind::period_doubling))
        return {"lt 4" + line, "period doublings" + of};
    if (row.kind == to_string(CurveKind::torus)) return {"lt 5" + line, "torus points" + of};
    return {"lt 7" + line, unstable ? "unstable" : "stable"};
}

bool has_minima(const Drawing& drawing, const Stretch& stretch) {
    return !drawing.axes.low.empty() && is_branch_of_cycles(drawing.rows[stretch.first].kind);
}

/// The same rows of the table that the drawing was made of, each kind of line once in the key, the
/// solid ones first.
std::vector<Series> lines(const Drawing& drawing) {
    std::vector<Series> series;
    std::set<std::string> titles;
    std::vector<Stretch> stretches = drawing.stretches;
    std::ranges::stable_sort(stretches, {}, &Stretch::stability);
    for (const Stretch& stretch : stretches) {
        const LineStyle style = line_style(drawing.rows[stretch.first], stretch.stability);
        const bool first = titles.insert(style.title).second;
        const std::string rows = drawing.table.rows() +
                                 " every ::" + std::to_string(stretch.first) +
                                 "::" + std::to_string(stretch.last);
        series.push_back({rows, drawing.point(drawing.axes.y), "with lines " + style.line,
                          first ? style.title : ""});
        if (has_minima(drawing, stretch)) {
            series.push_back(
                {rows, drawing.point(drawing.axes.low), "with lines " + style.line, ""});
        }
    }
    return series;
}

/// The points whose labels are in a list.
Series symbols(const Drawing& drawing, const std::vector<const Record*>& points,
               const std::string& style, const std::string& title) {
    std::string list = "|";
    for (const Record* point : points) {
        list += text_at(*point, "label") + "|";
    }
    const std::string listed =
        "strstrt(" + gnuplot_text(list) + ", '|'." + drawing.table.text_at("label") + ".'|') > 0";
    return {drawing.table.rows(),
            columns({where(listed, drawing.table.at(drawing.axes.x)),
                     drawing.table.at(drawing.axes.y)}),
            "with points " + style + symbol_size, title};
}

template <class Condition>
std::vector<const Record*> points_where(const Drawing& drawing, Condition condition) {
    std::vector<const Record*> points;
    std::ranges::copy_if(drawing.special, std::back_inserter(points),
                         [&](const Record* point) { return condition(*point); });
    return points;
}

/// Hopf points: filled where the cycle that is born is stable on the center manifold.
void add_hopf_points(const Drawing& drawing, const PointKind& kind, std::vector<Series>& series) {
    const auto of = [&](std::string_view scenario) {
        return points_where(drawing, [&](const Record& point) {
            return is_type(point, kind.type) && text_at(point, "scenario") == scenario;
        });
    };
    if (const auto points = of("supercritical"); !points.empty()) {
        series.push_back(symbols(drawing, points, "lt 2 pt 7", "HB supercritical Hopf"));
    }
    if (const auto points = of("subcritical"); !points.empty()) {
        series.push_back(symbols(drawing, points, "pt 7 lc rgb 'white'", ""));
        series.push_back(symbols(drawing, points, "lt 2 pt 6 lw 2", "HB subcritical Hopf"));
    }
    if (const auto points = of("degenerate"); !points.empty()) {
        series.push_back(symbols(drawing, points, "lt 2 pt 1 lw 2", "HB degenerate Hopf"));
    }
    if (const auto points = of(""); !points.empty()) {
        series.push_back(
            symbols(drawing, points, "pt 7 lc rgb '#888888'", "HB Hopf, criticality not known"));
    }
}

std::vector<Series> all_symbols(const Drawing& drawing) {
    std::vector<Series> series;
    for (const PointKind& kind : point_kinds()) {
        const auto points =
            points_where(drawing, [&](const Record& point) { return is_type(point, kind.type); });
        if (points.empty()) {
            continue;
        }
        if (kind.type == PointType::hopf) {
            add_hopf_points(drawing, kind, series);
        } else {
            const std::string abbreviation(kind.abbreviation);
            series.push_back(
                symbols(drawing, points, std::string(kind.style),
                        abbreviation + (abbreviation.empty() ? "" : " ") + std::string(kind.noun)));
        }
    }
    return series;
}

/// One label for points of one type at one place, as "BP33 +5": the first, and how many more.
std::vector<PointLabel> label_texts(const Drawing& drawing) {
    struct Place {
        const PointKind* kind;
        int more = 0;
    };
    std::vector<PointLabel> labels;
    std::vector<Place> places;
    for (std::size_t i = 0; i < drawing.special.size(); ++i) {
        const Pixel at = drawing.places[i];
        const PointKind* kind = point_kind(*drawing.special[i]);
        std::size_t same = 0;
        while (same < labels.size() &&
               !(places[same].kind == kind &&
                 std::hypot(labels[same].at.x - at.x, labels[same].at.y - at.y) < one_place)) {
            ++same;
        }
        if (same < labels.size()) {
            ++places[same].more;
        } else {
            labels.push_back({at, short_label(*drawing.special[i])});
            places.push_back({kind});
        }
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (places[i].more > 0) {
            labels[i].text += " +" + std::to_string(places[i].more);
        }
    }
    return labels;
}

void add_line(const Pixel& a, const Pixel& b, std::vector<Pixel>& pixels) {
    if (!std::isfinite(a.y + b.y + a.x + b.x)) {
        return;
    }
    const int parts =
        static_cast<int>(std::ceil(std::hypot(b.x - a.x, b.y - a.y) / line_sample)) + 1;
    for (int k = 0; k < parts; ++k) {
        const double t = static_cast<double>(k) / parts;
        pixels.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
    }
}

std::vector<Pixel> line_pixels(const Drawing& drawing) {
    std::vector<Pixel> pixels;
    for (const Stretch& stretch : drawing.stretches) {
        for (std::size_t i = stretch.first; i < stretch.last; ++i) {
            BranchRow from = drawing.rows[i], to = drawing.rows[i + 1];
            add_line(drawing.pixel(from), drawing.pixel(to), pixels);
            if (has_minima(drawing, stretch)) {
                from.y = from.low;
                to.y = to.low;
                add_line(drawing.pixel(from), drawing.pixel(to), pixels);
            }
        }
    }
    return pixels;
}

std::vector<std::string> label_settings(const Drawing& drawing) {
    const auto labels = label_texts(drawing);
    const auto places = place_labels(labels, line_pixels(drawing), area);
    const auto graph = [](const Pixel& p) {
        return "graph " + exact(p.x / area.width) + "," + exact(p.y / area.height);
    };
    std::vector<std::string> settings;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (places[i].crowded) {
            continue;
        }
        settings.push_back("set label " + gnuplot_text(labels[i].text) + " at " +
                           graph(places[i].middle) + " center noenhanced front font ',12'");
        if (places[i].distance > leader_from) {
            settings.push_back("set arrow from " + graph(labels[i].at) + " to " +
                               graph(places[i].end) + " nohead back lw 0.6 lc rgb '#888888'");
        }
    }
    return settings;
}

Panel diagram_panel(const Drawing& drawing) {
    const Column y = drawing.table.column(drawing.axes.y);
    const std::string state =
        drawing.axes.low.empty() ? y.name : y.name.substr(std::string_view("maximum ").size());
    Panel panel{"", drawing.table.axis(drawing.axes.x), label({state, y.unit}), {}, {}};
    panel.settings = {"set key outside top center horizontal Left reverse samplen 2.5",
                      "set xrange " + drawing.x.range(), "set yrange " + drawing.y.range(),
                      "unset xzeroaxis"};
    if (drawing.y.logarithmic) {
        panel.settings.emplace_back("set logscale y");
        if (drawing.y.high - drawing.y.low < few_decades) {
            panel.settings.push_back("set ytics (" + tics_of_decades(drawing.y) + ")");
        }
    }
    std::ranges::copy(label_settings(drawing), std::back_inserter(panel.settings));
    for (const Record& mark : drawing.marks)
        panel.settings.push_back("set label " + gnuplot_text(text_at(mark, "name")) + " at " +
                                 exact(number_at(mark, "x").value_or(0.0)) + ", " +
                                 exact(number_at(mark, "y").value_or(0.0)) +
                                 " point pt 7 ps 1.3 offset 0.9, 0.0 front");
    panel.series = lines(drawing);
    std::ranges::copy(all_symbols(drawing), std::back_inserter(panel.series));
    return panel;
}

/// Of the key, from the number and the length of its entries.
double key_height(const std::vector<Series>& series) {
    double entries = 0.0;
    std::size_t longest = 0;
    for (const Series& item : series) {
        entries += item.title.empty() ? 0.0 : 1.0;
        longest = std::max(longest, item.title.size());
    }
    const double width = key_sample + key_letter * static_cast<double>(longest);
    const double columns = std::max(1.0, std::floor(area.width / width));
    return key_margin + key_line * std::ceil(entries / columns);
}

Figure diagram_figure(const std::string& name, const std::string& caption, const Drawing& drawing) {
    const Panel panel = diagram_panel(drawing);
    const double height = below + area.height + key_height(panel.series);
    const std::string margins = "margins " + number_text(left / figure_width) + ", " +
                                number_text(1.0 - right / figure_width) + ", " +
                                number_text(below / height) + ", " +
                                number_text((below + area.height) / height) + " spacing 0";
    return {name, caption, {panel}, 1, static_cast<int>(height), margins};
}

const Record* branch_where(const StepRecord& step, Shown shown) {
    const auto& branches = list_at(*step.summary, "branches");
    const auto found = std::ranges::find_if(branches, [&](const Record& branch) {
        return shown(text_at(branch, "kind")) && number_at(branch, "points").value_or(0.0) > 0.0;
    });
    return found == branches.end() ? nullptr : &*found;
}

std::string name_at(const Record::List& names, std::size_t index, const std::string& otherwise) {
    return index < names.size() && names[index].is<std::string>() ? names[index].as<std::string>()
                                                                  : otherwise;
}

}  // namespace

bool has_branches(const StepRecord& step) {
    return branch_where(step, is_branch) != nullptr;
}

bool has_cycles(const StepRecord& step) {
    return branch_where(step, is_branch_of_cycles) != nullptr;
}

bool has_curves(const StepRecord& step) {
    return branch_where(step, is_curve) != nullptr;
}

Figure branches_figure(const StoredRun& run, const StepRecord& step) {
    const auto& plot = list_at(*step.summary, "plot");
    const auto& parameters = list_at(*branch_where(step, is_branch), "parameters");
    const TableHeading table(run, branches_table(step));
    const std::string y = column_of(table, name_at(plot, 0, first_state(table, step)));
    const Axes axes{column_of(table, name_at(plot, 1, name_at(parameters, 0, ""))), y,
                    least_of(table, y)};
    const Drawing drawing = make_drawing(run, step, axes, is_branch);
    const bool hopf = !points_where(drawing, [](const Record& point) {
                           return is_type(point, PointType::hopf);
                       }).empty();
    const bool equilibria = branch_where(step, is_branch_of_equilibria) != nullptr;
    const std::string what = !has_cycles(step) ? "Equilibria"
                             : equilibria
                                 ? "Equilibria, and the largest and the least value of each cycle,"
                                 : "The largest and the least value of each cycle";
    return diagram_figure(
        step.name + "_branches",
        what + " against " + axes.x + ": solid where stable, dashed where unstable." +
            (hopf ? " Of Hopf points the filled are supercritical, the open subcritical." : ""),
        drawing);
}

Figure periods_figure(const StoredRun& run, const StepRecord& step) {
    const auto& parameters = list_at(*branch_where(step, is_branch_of_cycles), "parameters");
    const Axes axes{name_at(parameters, 0, ""), std::string(period_column)};
    return diagram_figure(
        step.name + "_periods",
        "Periods of cycles against " + axes.x + ": solid where stable, dashed where unstable.",
        make_drawing(run, step, axes, is_branch_of_cycles));
}

Figure bifurcation_curves_figure(const StoredRun& run, const StepRecord& step) {
    const auto& parameters = list_at(*branch_where(step, is_curve), "parameters");
    const Axes axes{name_at(parameters, 0, ""), name_at(parameters, 1, "")};
    return diagram_figure(
        step.name + "_curves",
        "Bifurcations in two parameters. Solid: stability changes across the line; dashed: what "
        "bifurcates is unstable on both sides.",
        make_drawing(run, step, axes, is_curve));
}

}  // namespace cortifold
