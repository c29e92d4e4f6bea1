#include "meanfield_report.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>
#include <cmath>

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
                {key_above, "set logscale y", "set format y '10^{%L}'", "set autoscale xfix"},
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

Figure spectra_figure(const StoredRun& run, const StepRecord& step, const std::string& state) {
    const PlotSource spectra(run, step.name + "/spectra.csv"), loops(run, step.name + "/loops.csv");
    Figure figure{step.name + "_" + state,
                  "Power spectra of the populations' rates, two-sided, and the eigenvalues of the "
                  "effective connectivity M over frequency: near 1 they make peaks.",
                  {spectra_panel(spectra, state), loops_panel(loops, state)}};
    figure.panels_in_row = 2;
    figure.height = 440;
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

TextTable check_table(const Record::List& checks) {
    TextTable table{{"Quantity", "Predicted", "Observed", "z", "Difference", "Agrees"}, {}};
    for (const Record& check : checks) {
        const auto observed = number_at(check, "observed"),
                   error = number_at(check, "standard_error"), effect = number_at(check, "effect");
        table.rows.push_back({text_at(check, "name"), number_text(number_at(check, "predicted")),
                              observed && error && *error > 0.0 ? with_error_text(*observed, *error)
                                                                : number_text(observed),
                              number_text(number_at(check, "z")),
                              effect ? number_text(100.0 * *effect) + " %" : "–",
                              value_text(*check.find("agrees")) == "true" ? "yes" : "no"});
    }
    return table;
}

/// Predicted against observed, with the diagonal.
Panel agreement_panel(const PlotSource& table, const std::string& quantity,
                      const std::string& label) {
    const std::string here = table.text_at("quantity") + " eq " + gnuplot_text(quantity);
    Panel panel{"",
                "predicted " + label,
                "observed " + label,
                {"unset key", "set autoscale", "set xtics rotate by -45",
                 "set offsets graph 0.08, graph 0.12, graph 0.08, graph 0.08"},
                {}};
    const std::string x = where(here, table.at("predicted")), y = where(here, table.at("observed"));
    panel.series = {{table.rows(), columns({x, x}), "with lines lt 0 lw 1", ""},
                    {table.rows(), columns({x, y, table.at("standard_error")}),
                     "with yerrorbars lt 1 pt 7 ps 0.6", ""}};
    // Pairs of populations have their names above or below in turn, as neighbours may be close.
    for (const bool above : {false, true})
        panel.series.push_back({table.rows(),
                                columns({where(here + " && int($0/2) % 2 == " + (above ? "1" : "0"),
                                               table.at("predicted")),
                                         y, table.text_at("population")}),
                                above ? "with labels right offset -0.7,0.5 noenhanced"
                                      : "with labels left offset 0.7,-0.5 noenhanced",
                                ""});
    return panel;
}

Figure agreement_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/checks.csv");
    Figure figure{step.name + "_checks",
                  "Observed against predicted, with standard errors; on the dotted line both are "
                  "the same.",
                  {agreement_panel(table, "rate_hz", "rate [1/s]")}};
    const auto& checks = list_at(*step.summary, "checks");
    if (std::ranges::any_of(checks, [](const Record& check) {
            return text_at(check, "name").ends_with("cv_isi");
        })) {
        figure.panels.push_back(agreement_panel(table, "cv_isi", "CV of intervals"));
        figure.panels_in_row = 2;
    }
    figure.height = 440;
    return figure;
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
            add_figure(section, step.name, [&] { return spectra_figure(run, step, name); });
    }
    if (std::filesystem::exists(run.path / step.name / "courses.csv"))
        add_figure(section, step.name, [&] { return courses_figure(run, step); });
}

void meanfield_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    const auto& states = list_at(*step.summary, "states");
    if (states.empty()) return;
    std::string text = "The mean field of " + step.name + " has " +
                       count_text(states.size(), "self-consistent state");
    const auto stable = std::ranges::count_if(
        states, [](const Record& state) { return number_at(state, "unstable") == 0.0; });
    if (number_at(states.front(), "unstable"))
        text += ", of which " + std::to_string(stable) + (stable == 1 ? " is" : " are") + " stable";
    sentences.push_back({text + "."});
}

void add_comparison(const StoredRun& run, const StepRecord& step, Section& section) {
    const auto& checks = list_at(*step.summary, "checks");
    if (checks.empty()) return;
    section.paragraphs.push_back(
        "A quantity agrees where it is off by at most " +
        number_text(100.0 * number_at(*step.summary, "tolerance").value_or(0.0)) + " % plus " +
        number_text(number_at(*step.summary, "largest_z")) +
        " standard errors; z is the difference in standard errors.");
    section.tables.push_back(check_table(checks));
    for (const Record& check : checks)
        for (const Record& doubt : list_at(check, "validity")) {
            const std::string text =
                "Beyond the theory's assumptions: " + doubt.as<std::string>() + ".";
            if (std::ranges::find(section.paragraphs, text) == section.paragraphs.end())
                section.paragraphs.push_back(text);
        }
    add_figure(section, step.name, [&] { return agreement_figure(run, step); });
}

void comparison_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    const auto& checks = list_at(*step.summary, "checks");
    if (checks.empty()) return;
    const auto agree = number_at(*step.summary, "agree").value_or(0.0);
    const bool all = agree == static_cast<double>(checks.size());
    sentences.push_back(
        {(all ? "Theory and run agree in " + step.name + ": all "
              : "Theory and run differ in " + step.name + ": ") +
         (all ? count_text(checks.size(), "prediction")
              : number_text(agree) + " of " + std::to_string(checks.size()) +
                    " predictions agree") +
         ", the farthest off is the " + text_at(*step.summary, "worst") + ", by " +
         number_text(100.0 * number_at(*step.summary, "worst_effect").value_or(0.0)) + " %."});
}

}  // namespace cortifold
