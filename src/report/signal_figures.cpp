#include "signal_figures.hpp"

#include "plot_source.hpp"

namespace cortifold {
namespace {

constexpr int curve_points = 5000;  // more of a smooth curve only make the file larger

/// A density against the frequency, both logarithmic; zeros have no place there, and what lies
/// twelve decades below the largest is rounding.
Panel spectrum_panel(const PlotSource& table, const TimeUnit& unit) {
    Panel panel{"",
                label({"frequency", unit.frequency_unit()}),
                label({"power density", table.column("density").unit}),
                {"stats " + table.rows() + " using " + columns({table.at("density")}) +
                     " nooutput; set yrange [1e-12*STATS_max:*]",
                 "set logscale xy", "set format y '10^{%L}'", "set autoscale xfix", key_above},
                {}};
    return panel;
}

Series density_series(const PlotSource& table, const TimeUnit& unit, const std::string& column,
                      const std::string& look, const std::string& title) {
    const std::string f = table.at("frequency") + "*" + exact(unit.frequency_factor());
    return {table.rows(),
            columns({where(table.at("frequency") + " > 0", f),
                     where(table.at(column) + " > 0", table.at(column))}),
            "with lines " + look, title};
}

Panel phase_panel(const PlotSource& phases) {
    const std::string degrees = phases.at("phase") + "*180/pi";
    return {"",
            "phase [degrees]",
            "mean amplitude, scaled to the sum 1",
            {"unset key", "set xrange [-180:180]", "set xtics 90", "set yrange [0:*]",
             "set style fill solid 0.6 noborder", "set boxwidth 0.9 relative"},
            {{phases.rows(), columns({degrees, phases.at("amplitude")}), "with boxes lt 1", ""}}};
}

Panel index_panel(const PlotSource& regions) {
    return {"",
            "region",
            "modulation index",
            {key_above, "set xrange [-1:*]", "set xtics auto", "set autoscale x",
             "set offsets 0.5, 0.5, 0, 0"},
            {{regions.rows(),
              columns({where(regions.at("p") + " > 0.05", regions.at("region")),
                       regions.at("modulation_index")}),
              "with points lt 7 pt 6 ps 0.8", "p > 0.05"},
             {regions.rows(),
              columns({where(regions.at("p") + " <= 0.05", regions.at("region")),
                       regions.at("modulation_index")}),
              "with points lt 2 pt 7 ps 0.8", "p ≤ 0.05"}}};
}

}  // namespace

Figure psd_figure(const StoredRun& run, const StepRecord& step, const TimeUnit& unit) {
    const PlotSource table(run, step.name + "/psd.csv");
    Panel panel = spectrum_panel(table, unit);
    const bool several = table.has("spatial_mean");
    panel.series.push_back(
        density_series(table, unit, "density", "lt 1", several ? "mean over regions" : "signal"));
    if (several)
        panel.series.push_back(
            density_series(table, unit, "spatial_mean", "lt 2", "of the mean over regions"));
    return {step.name + "_psd",
            "Power spectral density, one-sided: its integral is the variance.",
            {panel}};
}

Figure am_figure(const StoredRun& run, const StepRecord& step, const TimeUnit& unit) {
    const PlotSource table(run, step.name + "/am_spectrum.csv");
    Panel panel = spectrum_panel(table, unit);
    panel.settings.emplace_back("unset key");
    panel.series = {density_series(table, unit, "density", "lt 1", "")};
    return {step.name + "_am",
            "Power spectral density of the envelopes in the band, mean over regions: where it "
            "peaks the amplitude is modulated.",
            {panel}};
}

Figure pac_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource phases(run, step.name + "/pac_phases.csv"),
        regions(run, step.name + "/pac.csv");
    return {step.name + "_pac",
            "The amplitude over the phase, mean over regions, and how far it is from even in each "
            "region (modulation index), with its probability by circular shifts.",
            {phase_panel(phases), index_panel(regions)},
            2,
            400};
}

Figure maxima_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/maxima.csv");
    const Column& value = table.columns().back();
    const std::string v = table.at(value.name), first = table.at("region") + " == 0";
    Panel course{"",
                 table.axis("t"),
                 label({"maxima of " + value.name, value.unit}),
                 {"unset key"},
                 {{table.rows(), columns({where(first, table.at("t")), v}),
                   "with points lt 1 pt 7 ps 0.3", ""}}};
    const std::string before = "(before = previous, previous = " + v + ", before)";
    Panel map{
        "",
        label({"a maximum of " + value.name, value.unit}),
        label({"the next one", value.unit}),
        {"previous = NaN"},
        {{table.rows(), columns({where(first, before), v}), "with points lt 2 pt 7 ps 0.3", ""}}};
    return {step.name + "_maxima",
            "Maxima in the first region over time, and each over the one before it: a curve tells "
            "of a one-dimensional map, a few points of a cycle.",
            {course, map},
            1,
            640};
}

Figure kuramoto_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/kuramoto.csv");
    const int every =
        1 + static_cast<int>(number_at(*step.summary, "samples").value_or(0.0)) / curve_points;
    Panel panel{
        "",
        table.axis("t"),
        "order parameter",
        {"unset key", "set yrange [0:1.02]"},
        {{table.rows() + " every " + std::to_string(every),
          columns({table.at("t"), table.at("order_parameter")}), "with lines lt 1 lw 1", ""}}};
    return {step.name + "_kuramoto",
            "Kuramoto order parameter: 1 where the phases of all regions are equal.",
            {panel}};
}

Figure fc_figure(const StoredRun& run, const StepRecord& step, long regions) {
    const PlotSource table(run, step.name + "/fc.csv");
    const std::string row = table.at("row"), column = table.at("column");
    const std::string correlation = table.at("correlation"), weight = table.at("weight");
    const std::string end = std::to_string(regions) + "-0.5";
    Panel matrix{"",
                 "region",
                 "region",
                 {"set palette defined (-1 '#2166AC', -0.5 '#92C5DE', 0 '#F7F7F7', 0.5 '#F4A582', "
                  "1 '#B2182B')",
                  "set cbrange [-1:1]", "set cblabel 'correlation'", "unset key",
                  "set xrange [-0.5:" + end + "]", "set yrange [" + end + ":-0.5]",
                  "set size ratio -1", "unset grid; unset xzeroaxis"},
                 {{table.rows(), columns({column, row, correlation}), "with image", ""}}};
    const std::string pair = column + " > " + row;
    Panel scatter{
        "",
        "weight, mean of both directions",
        "correlation",
        {"set autoscale x", "set yrange [*:*] noreverse", "set size noratio",
         "set grid; set xzeroaxis", "set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03"},
        {{table.rows(), columns({where(pair, weight), correlation}), "with points lt 1 pt 7 ps 0.3",
          ""}}};
    return {step.name + "_fc",
            "Correlations between regions, and those of each pair over its weight.",
            {matrix, scatter},
            2,
            420};
}

Figure mode_content_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/mode_content.csv");
    const std::string lambda = table.at("lambda_re"), share = table.at("share");
    const std::string first = table.at("index") + " == 1", other = table.at("index") + " > 1";
    Panel panel{"",
                "coupling eigenvalue λ (real part)",
                "share of the content",
                {"set logscale y", "set format y '10^{%L}'", key_above,
                 "set offsets graph 0.03, graph 0.03, 0, 0"},
                {}};
    const std::string positive = where(share + " > 0", share);
    panel.series = {{table.rows(), columns({where(other, lambda), positive}),
                     "with points lt 1 pt 7 ps 0.7", "mode"},
                    {table.rows(), columns({where(first, lambda), positive}),
                     "with points lt 3 pt 9 ps 1.2", "uniform mode"}};
    return {step.name + "_modes",
            "Content of the pattern in each eigenvector of the coupling, mean square over time.",
            {panel}};
}

}  // namespace cortifold
