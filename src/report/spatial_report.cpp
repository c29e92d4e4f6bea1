#include "spatial_report.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>

namespace cortifold {
namespace {

TextTable population_table(const Record::List& populations) {
    TextTable table{{"Population", "Rate [1/s]", "Gain [1/s/mV]", "Low pass [ms]", "Error of fit"},
                    {}};
    for (const Record& population : populations) {
        std::vector<std::string> row{text_at(population, "name")};
        for (const char* key : {"rate_hz", "gain_hz_per_mv", "tau_ms", "fit_error"})
            row.push_back(number_text(number_at(population, key)));
        table.rows.push_back(std::move(row));
    }
    return table;
}

Figure relation_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/dispersion.csv");
    const auto panel = [&](const std::string& y, const std::string& label, const char* line) {
        return Panel{"",
                     "wave number [1/mm]",
                     label,
                     {"unset key", "set autoscale xfix"},
                     {{table.rows(), columns({table.at("wavenumber"), table.at(y)}),
                       std::string("with lines lw 1.8 ") + line, ""}}};
    };
    Figure figure{
        step.name + "_dispersion",
        "The fastest perturbation of each wave number: how it grows, and its frequency.",
        {panel("growth", "growth [1/s]", "lt 1"), panel("frequency", "frequency [1/s]", "lt 2")}};
    if (const auto k = number_at(*step.summary, "leading.wavenumber"))
        for (Panel& one : figure.panels)
            one.settings.push_back("set arrow 1 from " + exact(*k) + ", graph 0 to " + exact(*k) +
                                   ", graph 1 nohead lt 0");
    figure.panels_in_row = 2;
    figure.height = 400;
    return figure;
}

Figure plane_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/curves.csv");
    const std::string x = table.columns()[2].name, y = table.columns()[3].name;
    Panel panel{
        "",
        x,
        y,
        {key_above, "unset arrow 1", "set offsets graph 0.03, graph 0.03, graph 0.05, graph 0.05"},
        {}};
    const auto& curves = list_at(*step.summary, "curves");
    std::vector<std::string> kinds;
    for (const Record& curve : curves) {
        const std::string kind = text_at(curve, "kind");
        const auto known = std::ranges::find(kinds, kind);
        const auto line = static_cast<std::size_t>(known - kinds.begin()) + 1;
        const bool is_new = known == kinds.end();
        if (is_new) kinds.push_back(kind);
        const std::string here =
            table.text_at("curve") + " eq " + gnuplot_text(text_at(curve, "label"));
        panel.series.push_back({table.rows(), columns({where(here, table.at(x)), table.at(y)}),
                                "with lines lw 1.8 lt " + std::to_string(line),
                                is_new ? kind : ""});
    }
    return {step.name + "_plane",
            "Where the fastest perturbation of all wave numbers neither grows nor decays.",
            {std::move(panel)}};
}

}  // namespace

void add_spatial(const StoredRun& run, const StepRecord& step, Section& section) {
    const Record& summary = *step.summary;
    if (const auto& populations = list_at(summary, "populations"); !populations.empty())
        section.tables.push_back(population_table(populations));
    if (!summary.find("leading")) return;
    add_figure(section, step.name, [&] { return relation_figure(run, step); });
    const auto& curves = list_at(summary, "curves");
    if (curves.empty()) return;
    TextTable table{{"Curve", "Kind", "Points", "Wave number [1/mm]", "Frequency [1/s]", "End"},
                    {}};
    for (const Record& curve : curves)
        table.rows.push_back(
            {text_at(curve, "label"), text_at(curve, "kind"),
             number_text(number_at(curve, "points")), number_text(number_at(curve, "wavenumber")),
             number_text(number_at(curve, "frequency")), text_at(curve, "message")});
    section.tables.push_back(std::move(table));
    add_figure(section, step.name, [&] { return plane_figure(run, step); });
}

void spatial_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    const Record& summary = *step.summary;
    const std::string instability = text_at(summary, "instability");
    if (instability.empty() || !summary.find("leading")) return;
    const std::string mode = number_text(number_at(summary, "leading.wavenumber")) + "/mm and " +
                             number_text(number_at(summary, "leading.frequency")) + " Hz";
    sentences.push_back({instability == "none"
                             ? "The uniform state of " + step.name +
                                   " is stable in space: the slowest mode to "
                                   "decay has " +
                                   mode + "."
                             : "The uniform state of " + step.name + " loses to a " + instability +
                                   " instability: the leading mode has " + mode + "."});
}

}  // namespace cortifold
