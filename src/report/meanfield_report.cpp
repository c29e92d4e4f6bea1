#include "meanfield_report.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace cortifold {
namespace {

TextTable state_table(const Record& state) {
    constexpr std::pair<const char*, const char*> columns[] = {
        {"rate_hz", "Rate [1/s]"},
        {"mean_mv", "Input [mV]"},
        {"sd_mv", "Its sd [mV]"},
        {"cv_isi", "CV of intervals"},
        {"potential", "Mean potential"},
        {"rhythm_hz", "Rhythm [1/s]"},
        {"rate_amplitude_hz", "Half of top minus bottom [1/s]"}};
    TextTable table{{"Population"}, {}};
    const auto& populations = list_at(state, "populations");
    for (const auto& [key, heading] : columns)
        if (populations.front().find(key) != nullptr) table.headings.emplace_back(heading);
    for (const Record& population : populations) {
        std::vector<std::string> row{text_at(population, "name")};
        for (const auto& [key, heading] : columns)
            if (population.find(key) != nullptr)
                row.push_back(number_text(number_at(population, key)));
        table.rows.push_back(std::move(row));
    }
    return table;
}

/// Of an exact mean field, a system of ordinary differential equations.
std::string exact_stability_text(const Record& state) {
    const auto unstable = number_at(state, "unstable");
    if (!unstable) return "the mean over the courses.";
    return *unstable == 0.0 ? "Stable." : "Unstable, in " + number_text(unstable) + " directions.";
}

std::string stability_text(const Record& state) {
    const auto unstable = number_at(state, "unstable");
    if (!unstable) {
        const std::string why = text_at(state, "unstable_message");
        return why.empty() ? "" : "Stability: " + why + ".";
    }
    if (*unstable == 0.0)
        return "Stable: of the linearized network, delays included, no root lies on the right of "
               "the imaginary axis.";
    std::string text = "Unstable: " + number_text(unstable) +
                       " roots of the linearized network lie on the right of the imaginary axis";
    const auto& roots = list_at(state, "eigenvalues");
    if (!roots.empty())
        text += "; the fastest grows with " + number_text(number_at(roots.front(), "growth")) +
                "/s at " + number_text(number_at(roots.front(), "frequency")) + " Hz";
    return text + ".";
}

Panel spectra_panel(const PlotSource& table, const std::string& state) {
    Panel panel{"",
                "frequency [1/s]",
                "power density of rates [1/s]",
                {key_above, "set logscale y", "set format y '10^{%L}'", "set autoscale xfix",
                 "set xtics rotate by -45"},
                {}};
    const std::string here = table.text_at("state") + " eq " + gnuplot_text(state);
    for (std::size_t p = 2; p < table.columns().size(); ++p) {
        const std::string& name = table.columns()[p].name;
        panel.series.push_back({table.rows(),
                                columns({where(here, table.at("frequency")), table.at(name)}),
                                "with lines lw 1.2 lt " + std::to_string(p - 1), name});
    }
    return panel;
}

Panel loops_panel(const PlotSource& table, const std::string& state) {
    Panel panel{"",
                "real part of eigenvalues of M",
                "imaginary part",
                {"unset key", "unset logscale y", "set format y '%g'",
                 "set label 1 '1' at 1,0 point pt 1 ps 1.2 offset 0.6,0.6"},
                {}};
    const std::string here = table.text_at("state") + " eq " + gnuplot_text(state);
    for (std::size_t p = 2; p + 1 < table.columns().size(); p += 2)
        panel.series.push_back({table.rows(),
                                columns({where(here, table.at(table.columns()[p].name)),
                                         table.at(table.columns()[p + 1].name)}),
                                "with lines lw 1.2 lt " + std::to_string(p / 2), ""});
    return panel;
}

/// Where trajectories come nearest to 1, with their frequencies.
Panel nearest_panel(const PlotSource& table, const Record& state) {
    Panel panel = loops_panel(table, text_at(state, "label"));
    panel.x_label = "real part, near 1";
    panel.settings.insert(panel.settings.end(), {"set xrange [0.4:1.6]", "set yrange [-0.6:0.6]"});
    int number = 0;
    for (const Record& loop : list_at(state, "loops")) {
        const auto re = number_at(loop, "re"), im = number_at(loop, "im"),
                   distance = number_at(loop, "distance");
        constexpr double near = 0.5;
        if (!re || !im || !distance || *distance > near) continue;
        panel.settings.push_back("set label " + std::to_string(10 + number++) + " " +
                                 gnuplot_text(number_text(number_at(loop, "frequency")) + " Hz") +
                                 " at " + exact(*re) + "," + exact(*im) +
                                 " point pt 7 ps 0.6 offset 0.6,0.4");
    }
    return panel;
}

/// A map of connections, rows the targets, red where more of them raises the quantity.
Panel sensitivity_panel(const PlotSource& table, const Record& state, double frequency,
                        const std::string& column, const std::string& title) {
    std::string tics;
    const auto& populations = list_at(state, "populations");
    for (std::size_t k = 0; k < populations.size(); ++k)
        tics += (k == 0 ? "" : ", ") + gnuplot_text(text_at(populations[k], "name")) + " " +
                std::to_string(k);
    const std::string here = table.text_at("state") + " eq " +
                             gnuplot_text(text_at(state, "label")) + " && abs(" +
                             table.at("frequency") + " - " + exact(frequency) + ") < 1e-6";
    Panel panel{title,
                "from",
                "onto",
                {"unset key", "unset logscale", "set autoscale", "unset label",
                 "set xtics rotate by -45 (" + tics + ")", "set ytics (" + tics + ")",
                 "set yrange [*:*] reverse", "set cbrange [-1:1]", "set size ratio 1",
                 "set palette defined (0 '#0072B2', 0.5 'white', 1 '#D55E00')"},
                {{table.rows(),
                  columns({where(here, table.at("column")), table.at("row"), "0.5", "0.5",
                           table.at(column)}),
                  "with boxxyerror fillstyle solid noborder lc palette", ""}}};
    return panel;
}

Figure sensitivity_figure(const StoredRun& run, const StepRecord& step, const Record& state,
                          double frequency) {
    const PlotSource table(run, step.name + "/sensitivity.csv");
    Figure figure{
        step.name + "_" + text_at(state, "label") + "_sensitivity_" +
            std::to_string(std::llround(frequency)) + "hz",
        "What the eigenvalue nearest to 1 at " + number_text(frequency) +
            " Hz rests on (Bos et al. 2016): how a relative change of each connection "
            "moves it towards 1, which raises the peak of the spectrum, and across, which "
            "moves its frequency.",
        {sensitivity_panel(table, state, frequency, "amplitude", "towards 1"),
         sensitivity_panel(table, state, frequency, "shift", "across")}};
    figure.panels_in_row = 2;
    figure.height = 480;
    return figure;
}

Figure spectra_figure(const StoredRun& run, const StepRecord& step, const Record& described) {
    const std::string state = text_at(described, "label");
    const PlotSource spectra(run, step.name + "/spectra.csv"), loops(run, step.name + "/loops.csv");
    Figure figure{step.name + "_" + state,
                  "Power spectra of the populations' rates, two-sided, and the eigenvalues of the "
                  "effective connectivity M over frequency: near 1 they make peaks.",
                  {spectra_panel(spectra, state), loops_panel(loops, state),
                   nearest_panel(loops, described)}};
    figure.panels_in_row = 3;
    figure.height = 400;
    return figure;
}

Figure courses_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/courses.csv");
    Panel panel{
        "", "t [ms]", "rate [1/s]", {key_above, "set autoscale xfix", "set yrange [0:*]"}, {}};
    for (std::size_t p = 1; p < table.columns().size(); ++p)
        panel.series.push_back(
            {table.rows(), columns({table.at("t"), table.at(table.columns()[p].name)}),
             "with lines lw 1.2 lt " + std::to_string(p), table.columns()[p].name});
    return {step.name + "_courses", "Rates from the initial law on, in bins.", {panel}};
}

}  // namespace

void add_meanfield(const StoredRun& run, const StepRecord& step, Section& section) {
    for (const Record& state : list_at(*step.summary, "states")) {
        const std::string name = text_at(state, "label");
        const bool is_exact = text_at(*step.summary, "theory") == "exact";
        const std::string text = is_exact ? exact_stability_text(state) : stability_text(state);
        if (!text.empty()) section.paragraphs.push_back(name + ": " + text);
        for (const Record& doubt : list_at(state, "validity"))
            section.paragraphs.push_back("Beyond its assumptions: " + doubt.as<std::string>() +
                                         ".");
        section.tables.push_back(state_table(state));
        if (std::filesystem::exists(run.path / step.name / "spectra.csv"))
            add_figure(section, step.name, [&] { return spectra_figure(run, step, state); });
        for (const Record& one : list_at(state, "sensitivity"))
            add_figure(section, step.name, [&] {
                return sensitivity_figure(run, step, state,
                                          number_at(one, "frequency").value_or(0.0));
            });
    }
    if (std::filesystem::exists(run.path / step.name / "courses.csv"))
        add_figure(section, step.name, [&] { return courses_figure(run, step); });
}

void meanfield_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    Record::List states;  // without cycles and courses
    std::ranges::copy_if(
        list_at(*step.summary, "states"), std::back_inserter(states),
        [](const Record& state) { return text_at(state, "label").starts_with("state"); });
    if (states.empty()) return;
    std::string text = "The mean field of " + step.name + " has " +
                       count_text(states.size(), "self-consistent state");
    const auto stable = std::ranges::count_if(
        states, [](const Record& state) { return number_at(state, "unstable") == 0.0; });
    if (number_at(states.front(), "unstable"))
        text += ", of which " + std::to_string(stable) + (stable == 1 ? " is" : " are") + " stable";
    sentences.push_back({text + "."});
}

}  // namespace cortifold
