#include "figures.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cortifold {
namespace {

// Rows of a table that a curve shows; more only make the file larger.
constexpr int curve_points = 5000;
/// The first column whose name starts so: of the first state.
std::string first_column(const PlotSource& source, std::string_view prefix) {
    for (const Column& column : source.columns()) {
        if (column.name.starts_with(prefix)) {
            return column.name;
        }
    }
    throw ConfigError(source.table() + " has no column " + std::string(prefix) + "*");
}

/// Sets `thin`, so that `every thin` leaves about `curve_points` rows.
std::string set_thin(const PlotSource& source) {
    return "stats " + source.rows() + " using 1 nooutput; thin = int(STATS_records/" +
           std::to_string(curve_points) + ") + 1";
}

/// Open circles are stable, full ones unstable; the uniform mode is a triangle.
std::vector<Series> mode_series(const PlotSource& table, const std::vector<Mode>& modes,
                                const std::string& value) {
    struct Kind {
        std::string condition, style, title;
        bool present;
    };
    const std::string index = table.at("index"), unstable = table.at("unstable");
    const auto any = [&](auto is) { return std::ranges::any_of(modes, is); };
    const std::array kinds{
        Kind{index + " > 1 && " + unstable + " == 0", "lt 1 pt 6 ps 0.7", "stable mode",
             any([](const Mode& m) { return m.index > 1 && !m.unstable; })},
        Kind{index + " > 1 && " + unstable + " == 1", "lt 2 pt 7 ps 0.7", "unstable mode",
             any([](const Mode& m) { return m.index > 1 && m.unstable; })},
        Kind{index + " == 1", "lt 3 pt 9 ps 1.2", "uniform mode",
             any([](const Mode& m) { return m.index == 1; })},
        Kind{index + " == 0", "lt 4 pt 5 ps 0.8", "further value asked for",
             any([](const Mode& m) { return m.index == 0; })}};
    std::vector<Series> series;
    for (const Kind& kind : kinds) {
        if (kind.present) {
            series.push_back({table.rows(),
                              columns({where(kind.condition, table.at("lambda_re")), value}),
                              "with points " + kind.style, kind.title});
        }
    }
    return series;
}

Panel dispersion_panel(const PlotSource& curve, const PlotSource& table,
                       const std::vector<Mode>& modes, const std::string& quantity, double factor) {
    const std::string scale = "*" + exact(factor);
    Panel panel;
    panel.series = {{curve.rows(), columns({curve.at("lambda"), curve.at(quantity) + scale}),
                     "with lines lt 7 lw 1.2", "any λ"}};
    std::ranges::copy(mode_series(table, modes, table.at(quantity) + scale),
                      std::back_inserter(panel.series));
    return panel;
}

}  // namespace

Figure connectome_figure(const StoredRun& run) {
    const PlotSource weights(run, "network/weights.csv");
    const auto nodes = static_cast<long>(number_at(*run.network, "nodes").value_or(0));
    const std::string n = std::to_string(nodes), end = n + "-0.5";
    const std::string entry = "W[int(" + weights.at("row") + ")*" + n + " + int(" +
                              weights.at("column") + ") + 1] = " + weights.at("weight");
    Panel panel{"", "from region", "onto region", {}, {}};
    panel.settings = {
        "array W[" + n + "**2]",
        "do for [k=1:" + n + "**2] { W[k] = NaN }",
        "stats " + weights.rows() + " using (" + entry + ") nooutput",
        "set datafile separator  # gnuplot passes arrays on separated by blanks",
        std::string(sequential_palette),
        "set logscale cb",
        "set format cb '%g'",
        "set cblabel 'weight'",
        "set xrange [-0.5:" + end + "]",
        "set yrange [" + end + ":-0.5]",  // as a matrix is written, the first row on top
        "set size ratio -1",
        "unset grid; unset xzeroaxis"};
    panel.series = {
        {"W", columns({"(int($1) - 1) % " + n, "(int($1) - 1) / " + n, "$2"}), "with image", ""}};
    return {"connectome",
            "Weights onto a region (row) from a region (column); zeros are blank.",
            {panel}};
}

Figure spectrum_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource values(run, step.name + "/eigenvalues.csv");
    const auto spectrum = complex_list(*step.summary, "eigenvalues");
    const bool real = std::ranges::all_of(spectrum, [](auto z) { return z.imag() == 0.0; });
    const std::string dots = "with points lt 1 pt 7 ps 0.5";
    const std::string caption = "Eigenvalues of the matrix " + text_at(*step.summary, "matrix");
    Figure figure{step.name + "_eigenvalues", "", {}};
    if (real) {
        const std::string by_index = columns({values.at("index"), values.at("re")});
        figure.caption = caption + " by index; all are real.";
        figure.panels = {{"",
                          "index",
                          "eigenvalue",
                          {},
                          {{values.rows(), by_index, "with impulses lt 6", ""},
                           {values.rows(), by_index, dots, ""}}}};
    } else {
        figure.caption = caption + " in the complex plane.";
        figure.panels = {
            {"",
             "real part",
             "imaginary part",
             {},
             {{values.rows(), columns({values.at("re"), values.at("im")}), dots, ""}}}};
    }
    return figure;
}

Figure equilibria_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource values(run, step.name + "/eigenvalues.csv");
    const std::string unit = values.column("re").unit;
    Panel panel{"", label({"real part", unit}), label({"imaginary part", unit}), {}, {}};
    panel.settings = {
        key_above,
        "set xrange [*<0:0<*]; set offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05",
        "set arrow from 0, graph 0 to 0, graph 1 nohead lt 7 lw 1"};
    const std::string label_of_row = values.text_at("label");
    for (const Record& equilibrium : list_at(*step.summary, "equilibria")) {
        const std::string name = text_at(equilibrium, "label");
        panel.series.push_back(
            {values.rows(),
             columns({where(label_of_row + " eq " + gnuplot_text(name), values.at("re")),
                      values.at("im")}),
             "with points pt 7 ps 0.8", name});
    }
    if (panel.series.empty()) {
        throw ConfigError(values.table() + " belongs to no equilibrium");
    }
    return {step.name + "_eigenvalues",
            "Eigenvalues at each equilibrium; right of the line perturbations grow.",
            {panel}};
}

Figure dispersion_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource curve(run, step.name + "/curve.csv"), table(run, step.name + "/modes.csv");
    const TimeUnit unit = time_unit_of(run, step);
    const auto modes = read_modes(*step.summary);
    Panel growth = dispersion_panel(curve, table, modes, "growth", 1.0);
    growth.y_label = table.axis("growth");
    growth.settings = {key_above, "set lmargin 12"};
    Panel frequency = dispersion_panel(curve, table, modes, "frequency", unit.frequency_factor());
    frequency.x_label = "coupling eigenvalue λ (real part)";
    frequency.y_label = label({"frequency", unit.frequency_unit()});
    frequency.settings = {"unset key"};
    return {step.name + "_curve",
            "Growth rate and frequency of a perturbation whose pattern is an eigenvector of the "
            "coupling with eigenvalue λ. Above the line it grows.",
            {growth, frequency},
            1,
            640};
}

Figure time_course_figure(const StoredRun& run, const StepRecord& step) {
    const auto has = [&](const char* name) {
        return std::filesystem::exists(run.path / step.name / name);
    };
    const bool ensemble = has("ensemble.csv"), spread = ensemble || has("mean.csv");
    const PlotSource table(run, step.name + (ensemble ? "/ensemble.csv"
                                             : spread ? "/mean.csv"
                                                      : "/trajectory.csv"));
    const std::string over = ensemble ? "over members and regions" : "over regions";
    const std::string time = table.at("t");
    const Column state =
        spread ? table.column(first_column(table, "mean_")) : table.columns().at(1);
    const std::string value = table.at(state.name), rows = table.rows() + " every thin";
    Panel panel{"", table.axis("t"), label(state), {set_thin(table), key_above}, {}};
    if (spread) {
        const std::string sd = table.at("sd_" + state.name.substr(5));
        panel.y_label = label({state.name.substr(5), state.unit});
        panel.series.push_back({rows, columns({time, value + " - " + sd, value + " + " + sd}),
                                "with filledcurves lc rgb '#A6CFE8'",
                                "standard deviation " + over});
    }
    panel.series.push_back(
        {rows, columns({time, value}), "with lines lt 1", spread ? "mean " + over : ""});
    return {step.name + "_time_course",
            spread ? "The first state over time: mean and spread " + over + "."
                   : "The first state over time.",
            {panel}};
}

Figure deviation_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/mean.csv");
    const std::string time = table.at("t"), deviation = table.at("deviation");
    Panel panel{"", table.axis("t"), "relative deviation of the regions", {}, {}};
    panel.settings = {set_thin(table), key_above, "set logscale y", "set format y '%.0e'"};
    panel.series = {{table.rows() + " every thin", columns({time, deviation}),
                     "with lines lt 6 lw 1", "simulation"}};
    const auto predicted = predicted_mode(run, step);
    const auto& window = list_at(*step.summary, "deviation.window");
    if (predicted && window.size() == 2 && window[0].is_number() && window[1].is_number()) {
        const std::string low = exact(window[0].number()), high = exact(window[1].number());
        const std::string slope = exact(predicted->growth);
        const std::string inside =
            time + " >= " + low + " && " + time + " <= " + high + " && " + deviation + " > 0";
        panel.settings.push_back(
            "stats " + table.rows() + " using " +
            columns({where(inside, "log(" + deviation + ") - " + slope + "*" + time)}) +
            " nooutput; offset = STATS_mean");
        panel.series.push_back({"[" + low + ":" + high + "] exp(offset + " + slope + "*x)", "",
                                "with lines lt 2 lw 2.5 dt 2",
                                "predicted by mode " + std::to_string(predicted->index)});
    }
    return {step.name + "_deviation",
            "How far the regions are from one another; a straight line is exponential growth.",
            {panel}};
}

Figure space_time_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/space_time.csv");
    const Column& state = table.columns().at(2);
    Panel panel{"", table.axis("t"), "region", {}, {}};
    panel.settings = {std::string(sequential_palette),
                      "set cblabel " + gnuplot_text(label(state)) + " noenhanced",
                      "unset grid; unset xzeroaxis", "set autoscale fix"};
    panel.series = {
        {table.rows(), columns({table.at("t"), table.at("region"), "$3"}), "with image", ""}};
    return {step.name + "_space_time",
            "The first state of every region over the last part of the run.",
            {panel}};
}

}  // namespace cortifold
