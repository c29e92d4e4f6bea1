#include "spike_report.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace cortifold {
namespace {

// Bins of rates are averaged to about so many over a whole run, and over the time of a raster.
constexpr int curve_points = 500, raster_points = 100;

struct Statistic {
    std::string_view key, heading;
};
constexpr std::array statistics{Statistic{"rate_hz", "Rate [1/s]"},
                                Statistic{"cv_isi", "CV of intervals"},
                                Statistic{"lvr", "LvR"},
                                Statistic{"fano", "Fano factor"},
                                Statistic{"synchrony", "Synchrony χ²"},
                                Statistic{"correlation", "Correlation"},
                                Statistic{"rhythm_hz", "Rhythm [1/s]"}};

std::string measured(const Record& population, std::string_view key) {
    const auto value = number_at(population, key),
               error = number_at(population, std::string(key) + "_error");
    return value && error && *error > 0.0 ? with_error_text(*value, *error) : number_text(value);
}

TextTable population_table(const Record::List& populations) {
    TextTable table{{"Population", "Neurons"}, {}};
    std::vector<Statistic> shown;
    for (const Statistic& statistic : statistics)
        if (std::ranges::any_of(populations, [&](const Record& population) {
                return number_at(population, statistic.key).has_value();
            }))
            shown.push_back(statistic);
    for (const Statistic& statistic : shown) table.headings.emplace_back(statistic.heading);
    table.headings.emplace_back("Silent neurons");
    for (const Record& population : populations) {
        std::vector<std::string> row{text_at(population, "name"),
                                     number_text(number_at(population, "size"))};
        for (const Statistic& statistic : shown) row.push_back(measured(population, statistic.key));
        const auto silent = number_at(population, "silent_fraction");
        row.push_back(silent ? number_text(100.0 * *silent) + " %" : "–");
        table.rows.push_back(std::move(row));
    }
    return table;
}

/// Seven line types and grey, then from the beginning.
std::string colour(std::size_t population) {
    constexpr std::size_t colours = 8;
    const std::size_t number = population % colours + 1;
    return number == colours ? "lc rgb '#999999'" : "lt " + std::to_string(number);
}

/// Each population's rows are named where they stand; the first is on top.
Panel raster_panel(const PlotSource& raster, const Record::List& populations, double end) {
    Panel panel{"", raster.axis("t"), "", {}, {}};
    std::string tics;
    double row = 0.0;
    for (std::size_t p = 0; p < populations.size(); ++p) {
        const double rows = number_at(populations[p], "raster_neurons").value_or(0.0);
        const std::string name = gnuplot_text(text_at(populations[p], "name"));
        if (rows > 0.0)
            tics += (tics.empty() ? "" : ", ") + name + " " + exact(row + 0.5 * (rows - 1.0));
        row += rows;
        panel.series.push_back(
            {raster.rows(),
             columns({where(raster.text_at("population") + " eq " + name, raster.at("t")),
                      raster.at("row")}),
             "with points pt 7 ps 0.22 " + colour(p), ""});
    }
    panel.settings = {"unset key",
                      "set xrange [0:" + exact(end) + "]",
                      "set yrange [" + exact(row - 0.5) + ":-0.5]",
                      "set ytics (" + tics + ") noenhanced scale 0",
                      "set lmargin 10",
                      "set grid noytics"};
    return panel;
}

/// The mean of the bins that fall into each `width`; the axis is to fit these, not the bins.
Panel rate_panel(const PlotSource& rates, const Record::List& populations, double end,
                 double width) {
    Panel panel{"",
                rates.axis("t"),
                "rate [1/s]",
                {key_above, "set xrange [0:" + exact(end) + "]", "set yrange [0:*]",
                 "set ytics auto scale 1", "set lmargin 10", "set grid ytics"},
                {}};
    const std::string t = rates.at("t"), w = exact(width);
    const std::string middle = "(floor(" + t + "/" + w + ") + 0.5)*" + w;
    for (std::size_t p = 0; p < populations.size(); ++p) {
        const std::string name = text_at(populations[p], "name"),
                          means = "$means" + std::to_string(p);
        panel.settings.insert(panel.settings.end(),
                              {"set table " + means,
                               "plot " + rates.rows() + " using " +
                                   columns({where(t + " <= " + exact(end), middle),
                                            where(t + " <= " + exact(end), rates.at(name))}) +
                                   " smooth unique",
                               "unset table"});
        panel.series.push_back({means, "1:2", "with lines lw 1 " + colour(p), name});
    }
    panel.settings.emplace_back("set datafile separator whitespace");  // as tables are set
    return panel;
}

Figure raster_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource raster(run, step.name + "/raster.csv"), rates(run, step.name + "/rates.csv");
    const auto& populations = list_at(*step.summary, "populations");
    const double end = std::min(number_at(*step.summary, "raster_duration").value_or(0.0),
                                number_at(*step.summary, "duration").value_or(0.0));
    if (!(end > 0.0)) throw ConfigError(raster.table() + " shows no time");
    return {step.name + "_raster",
            "Spikes of some neurons of each population, and the rates of the whole populations at "
            "the same time, in bins of " +
                number_text(end / raster_points) + " ms.",
            {raster_panel(raster, populations, end),
             rate_panel(rates, populations, end, end / raster_points)},
            1,
            760};
}

/// Populations of as many panels, a few neurons of each; a column is called `population[neuron]`.
Figure potential_figure(const StoredRun& run, const StepRecord& step) {
    constexpr std::size_t most_traces = 3;
    const PlotSource table(run, step.name + "/potentials.csv");
    Figure figure{step.name + "_potentials",
                  "Membrane potentials of some neurons; a spike is where one is reset.",
                  {},
                  1};
    std::string shown;
    for (const Column& column : std::span(table.columns()).subspan(1)) {
        const std::string name = column.name.substr(0, column.name.find('['));
        if (name != shown) {
            const bool is_bounded = !column.unit.empty();  // that of quadratic neurons is not
            figure.panels.push_back({"",
                                     table.axis("t"),
                                     name + (is_bounded ? " [" + column.unit + "]" : ""),
                                     {key_above, "set autoscale xfix", "set lmargin 10",
                                      is_bounded ? "set yrange [*:*]" : "set yrange [-20:20]"},
                                     {}});
        }
        shown = name;
        std::vector<Series>& traces = figure.panels.back().series;
        if (traces.size() < most_traces)
            traces.push_back({table.rows(), columns({table.at("t"), table.at(column.name)}),
                              "with lines lw 0.8 " + colour(traces.size()), column.name});
    }
    constexpr int height_of_panel = 220;
    figure.height = height_of_panel * static_cast<int>(figure.panels.size());
    return figure;
}

Figure course_figure(const StoredRun& run, const StepRecord& step, double duration) {
    const PlotSource rates(run, step.name + "/rates.csv");
    return {step.name + "_rates",
            "Rates of the populations over the whole run, in bins of " +
                number_text(duration / curve_points) + " ms.",
            {rate_panel(rates, list_at(*step.summary, "populations"), duration,
                        duration / curve_points)}};
}

Figure spectra_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/spectra.csv");
    const std::string f = table.at("frequency");
    Panel panel{"",
                "frequency [1/s]",
                "power density of rates [1/s]",
                {key_above, "set logscale y", "set format y '10^{%L}'", "set autoscale xfix"},
                {}};
    for (std::size_t p = 1; p < table.columns().size(); ++p) {
        const std::string density = table.at(table.columns()[p].name);
        panel.series.push_back({table.rows(),
                                columns({where(f + " > 0", f), where(density + " > 0", density)}),
                                "with lines lw 1.2 " + colour(p - 1), table.columns()[p].name});
    }
    return {step.name + "_spectra",
            "Power spectral densities of the populations' rates, one-sided: the integral is the "
            "variance of the rate in bins.",
            {panel},
            1,
            400};
}

/// With standard errors, where there are any.
Panel statistic_panel(const PlotSource& table, std::string_view value, const std::string& error,
                      const std::string& label, bool has_errors) {
    Panel panel{"",
                "",
                label,
                {"unset key", "set xtics rotate by -45", "set yrange [0:*]",
                 "set offsets 0.5, 0.5, graph 0.08, 0", "set style fill solid 0.35 noborder",
                 "set boxwidth 0.7"},
                {}};
    const std::string names = ":xtic(" + table.text_at("name") + ")";
    panel.series = {
        {table.rows(), columns({"$0", table.at(value)}) + names, "with boxes lt 1", ""}};
    if (has_errors)
        panel.series.push_back({table.rows(), columns({"$0", table.at(value), table.at(error)}),
                                "with yerrorbars lt 7 pt 7 ps 0.4", ""});
    return panel;
}

Figure statistics_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/populations.csv");
    const auto& populations = list_at(*step.summary, "populations");
    const auto any = [&](const char* key) {
        return std::ranges::any_of(populations, [&](const Record& population) {
            return number_at(population, key).has_value();
        });
    };
    Figure figure{
        step.name + "_populations",
        "Mean rate of each population",
        {statistic_panel(table, "rate", "rate_error", table.axis("rate"), any("rate_hz_error"))}};
    if (any("cv_isi")) {
        figure.caption += " and mean coefficient of variation of its neurons' intervals";
        figure.panels.push_back(statistic_panel(table, "cv_isi", "cv_isi_error", "CV of intervals",
                                                any("cv_isi_error")));
        figure.panels_in_row = 2;
    }
    figure.caption += any("rate_hz_error") ? ", with standard errors by blocks of time." : ".";
    figure.height = 400;
    return figure;
}

}  // namespace

void add_spikes(const StoredRun& run, const StepRecord& step, Section& section) {
    const Record& summary = *step.summary;
    const double duration = number_at(summary, "duration").value_or(0.0);
    section.paragraphs.push_back(
        number_text(number_at(summary, "neurons")) + " neurons, " +
        number_text(number_at(summary, "synapses")) + " synapses, " +
        number_text(number_at(summary, "spikes")) + " spikes in " + number_text(duration) +
        " ms; " + number_text(number_at(summary, "synaptic_events")) +
        " spikes arrived at a synapse, those of the transient among them.");
    section.tables.push_back(population_table(list_at(summary, "populations")));
    if (!(duration > 0.0)) return;
    const auto has = [&](const char* table) {
        return std::filesystem::exists(run.path / step.name / table);
    };
    if (has("potentials.csv"))
        add_figure(section, step.name, [&] { return potential_figure(run, step); });
    if (number_at(summary, "spikes") == 0.0) {
        section.paragraphs.emplace_back(
            "No neuron sent a spike: there are no figures of spikes and rates.");
        return;
    }
    add_figure(section, step.name, [&] { return raster_figure(run, step); });
    add_figure(section, step.name, [&] { return statistics_figure(run, step); });
    if (has("spectra.csv"))
        add_figure(section, step.name, [&] { return spectra_figure(run, step); });
    if (duration > number_at(summary, "raster_duration").value_or(duration))
        add_figure(section, step.name, [&] { return course_figure(run, step, duration); });
}

void spike_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    const auto& populations = list_at(*step.summary, "populations");
    if (populations.empty()) return;
    const auto rate = [](const Record& population) {
        return number_at(population, "rate_hz").value_or(0.0);
    };
    const auto [least, most] = std::ranges::minmax_element(populations, {}, rate);
    const auto say = [](const Record& population) {
        return measured(population, "rate_hz") + " spikes/s (" + text_at(population, "name") + ")";
    };
    std::string text = populations.size() == 1
                           ? "In " + step.name + " a neuron sends " + say(*least)
                           : "In " + step.name + " a neuron of a population sends from " +
                                 say(*least) + " to " + say(*most);
    std::vector<double> cvs;
    for (const Record& population : populations)
        if (const auto cv = number_at(population, "cv_isi")) cvs.push_back(*cv);
    if (!cvs.empty()) {
        const auto [low, high] = std::ranges::minmax(cvs);
        text += "; the CV of intervals is " + range_text(low, high);
    }
    sentences.push_back({text + "."});
}

}  // namespace cortifold
