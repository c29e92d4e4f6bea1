#include "compare_report.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {
namespace {

bool agrees(const Record& item) {
    const Record& agrees = *item.find("agrees");
    return agrees.is<bool>() && agrees.as<bool>();
}

std::string percent(std::optional<double> part) {
    return part ? number_text(100.0 * *part) + " %" : "–";
}

std::string chance_text(const Record& item) {
    const auto chance = number_at(item, "chance");
    constexpr double least = 1e-4;
    return chance && *chance < least ? "< 0.01 %" : percent(chance);
}

TextTable check_table(const Record::List& checks) {
    TextTable table{
        {"Quantity", "Predicted", "Observed", "z", "Difference", "Would be seen from", "Agrees"},
        {}};
    for (const Record& check : checks) {
        const auto observed = number_at(check, "observed"),
                   error = number_at(check, "standard_error");
        const std::string of = text_at(check, "of");
        table.rows.push_back(
            {text_at(check, "name") + (of.empty() ? "" : " (" + of + ")"),
             number_text(number_at(check, "predicted")),
             observed && error && *error > 0.0 ? with_error_text(*observed, *error)
                                               : number_text(observed),
             number_text(number_at(check, "z")), percent(number_at(check, "effect")),
             percent(number_at(check, "least_effect")), agrees(check) ? "yes" : "no"});
    }
    return table;
}

TextTable spectrum_table(const Record::List& spectra) {
    TextTable table{{"Spectrum", "Bands that agree", "Chi square", "By chance", "Largest z",
                     "In the band [1/s]"},
                    {}};
    for (const Record& spectrum : spectra) {
        const auto& band = list_at(spectrum, "largest_z_at");
        table.rows.push_back(
            {text_at(spectrum, "name"),
             number_text(number_at(spectrum, "agree")) + " of " +
                 number_text(number_at(spectrum, "bands")),
             number_text(number_at(spectrum, "squares")), chance_text(spectrum),
             number_text(number_at(spectrum, "largest_z")),
             band.size() == 2 ? range_text(band[0].number(), band[1].number()) : "–"});
    }
    return table;
}

TextTable course_table(const Record::List& courses) {
    TextTable table{{"Time course", "Deviation [1/s]", "Scatter of counts [1/s]", "Level [1/s]",
                     "Chi square", "Bins", "Largest z", "At [ms]", "Agrees"},
                    {}};
    for (const Record& course : courses) {
        std::vector<std::string> row{text_at(course, "name")};
        for (const char* key : {"deviation_hz", "scatter_hz", "level_hz", "squares", "bins",
                                "largest_z", "largest_z_at"})
            row.push_back(number_text(number_at(course, key)));
        row.emplace_back(agrees(course) ? "yes" : "no");
        table.rows.push_back(std::move(row));
    }
    return table;
}

TextTable limit_table(const Record::List& limits) {
    TextTable table{{"Quantity", "Limit", "Slope", "Chi square", "By chance"}, {}};
    for (const Record& limit : limits)
        table.rows.push_back({text_at(limit, "name"),
                              with_error_text(number_at(limit, "limit").value_or(0.0),
                                              number_at(limit, "limit_error").value_or(0.0)),
                              with_error_text(number_at(limit, "slope").value_or(0.0),
                                              number_at(limit, "slope_error").value_or(0.0)),
                              number_text(number_at(limit, "squares")), chance_text(limit)});
    return table;
}

/// Quantities that share a panel of the figure of agreement.
struct QuantityGroup {
    std::string_view start;  ///< of their names
    std::string_view label;
};
constexpr QuantityGroup groups[] = {{"rate_hz", "rate [1/s]"},
                                    {"cv_isi", "CV of intervals"},
                                    {"peak", "frequency of peaks [1/s]"},
                                    {"rhythm_hz", "frequency of rhythm [1/s]"},
                                    {"rate_amplitude_hz", "amplitude of rate [1/s]"},
                                    {"rate_hz_sd", "standard deviation of rates [1/s]"}};

/// The name without the population, which may hold dots itself.
std::string quantity_of(const Record& check) {
    const std::string name = text_at(check, "name");
    return name.substr(name.rfind('.') + 1);
}

bool belongs(const std::string& quantity, const QuantityGroup& group) {
    return group.start == "peak" ? quantity.starts_with("peak") : quantity == group.start;
}

/// Predicted against observed, with the diagonal.
Panel agreement_panel(const PlotSource& table, const QuantityGroup& group,
                      std::ptrdiff_t populations) {
    const std::string quantity = table.text_at("quantity");
    const std::string here = (group.start == "peak" ? "substr(" + quantity + ", 1, 4)" : quantity) +
                             " eq " + gnuplot_text(group.start);
    const std::string label(group.label);
    Panel panel{"",
                "predicted " + label,
                "observed " + label,
                {"unset key", "set autoscale", "set xtics rotate by -45",
                 "set offsets graph 0.08, graph 0.12, graph 0.08, graph 0.08"},
                {}};
    const std::string x = where(here, table.at("predicted")), y = where(here, table.at("observed"));
    panel.series = {{"x", "", "with lines lt 0 lw 1", ""},
                    {table.rows(), columns({x, y, table.at("standard_error")}),
                     "with yerrorbars lt 1 pt 7 ps 0.6", ""}};
    // Pairs of populations have their names above or below in turn, as neighbours may be close;
    // gnuplot ends at labels of nobody.
    for (const bool above : {false, true}) {
        if (above && populations <= 2) break;
        panel.series.push_back({table.rows(),
                                columns({where(here + " && int($0/2) % 2 == " + (above ? "1" : "0"),
                                               table.at("predicted")),
                                         y, table.text_at("population")}),
                                above ? "with labels right offset -0.7,0.5 noenhanced"
                                      : "with labels left offset 0.7,-0.5 noenhanced",
                                ""});
    }
    return panel;
}

Figure agreement_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/checks.csv");
    Figure figure{step.name + "_checks",
                  "Observed against predicted, with standard errors; on the dotted line both are "
                  "the same.",
                  {}};
    const auto& checks = list_at(*step.summary, "checks");
    for (const QuantityGroup& group : groups) {
        const auto shown = std::ranges::count_if(checks, [&](const Record& check) {
            return belongs(quantity_of(check), group) && number_at(check, "observed");
        });
        if (shown > 0) figure.panels.push_back(agreement_panel(table, group, shown));
    }
    const auto panels = static_cast<int>(figure.panels.size());
    figure.panels_in_row = std::min(panels, 2);
    figure.height = 440 * ((panels + 1) / 2);
    return figure;
}

void arrange(Figure& figure, int row_height) {
    constexpr int wide = 3;
    const auto panels = static_cast<int>(figure.panels.size());
    figure.panels_in_row = panels <= 2 ? panels : panels == 4 ? 2 : wide;
    figure.height = row_height * ((panels + figure.panels_in_row - 1) / figure.panels_in_row);
}

/// Both sides over frequency or time, a panel a population.
Figure curves_figure(const StoredRun& run, const StepRecord& step, const std::string& table_name,
                     const Figure& empty, const Panel& like) {
    const PlotSource table(run, step.name + "/" + table_name + ".csv");
    const std::string x = table.columns()[1].name;
    Figure figure = empty;
    figure.name = step.name + "_" + table_name;
    for (const Record& item : list_at(*step.summary, table_name)) {
        const std::string name = text_at(item, "name");
        const std::string here = table.text_at("population") + " eq " + gnuplot_text(name);
        Panel panel = like;
        panel.title = name;
        panel.series = {{table.rows(), columns({where(here, table.at(x)), table.at("observed")}),
                         "with lines lc rgb '#999999' lw 1", ""},
                        {table.rows(), columns({where(here, table.at(x)), table.at("predicted")}),
                         "with lines lt 2 lw 1.8", ""}};
        figure.panels.push_back(std::move(panel));
    }
    arrange(figure, 280);
    return figure;
}

std::string label_of(const std::string& quantity) {
    const auto group = std::ranges::find_if(
        groups, [&](const QuantityGroup& known) { return belongs(quantity, known); });
    return group == std::end(groups) ? quantity : std::string(group->label);
}

/// As a formula.
std::string prediction_of(const Record& summary, const std::string& name) {
    for (const Record& check : list_at(summary, "checks"))
        if (text_at(check, "name") == name)
            return exact(number_at(check, "predicted").value_or(0.0));
    return "1/0";
}

/// Values over 1 / N, or the power of it that corrections follow, with the line to the limit.
Figure sizes_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/sizes.csv");
    Figure figure{step.name + "_sizes",
                  "What networks of different sizes show, the line fitted with their errors as "
                  "weights, its limit (open circle) and the prediction (dashed).",
                  {}};
    const double power = number_at(*step.summary, "size_power").value_or(1.0);
    const std::string power_text = number_text(power);
    for (const Record& limit : list_at(*step.summary, "limits")) {
        const std::string quantity = quantity_of(limit), name = text_at(limit, "name");
        const std::string population = name.substr(0, name.size() - quantity.size() - 1);
        const std::string here = table.text_at("population") + " eq " + gnuplot_text(population) +
                                 " && " + table.text_at("quantity") + " eq " +
                                 gnuplot_text(quantity);
        const std::string x = where(here, "(1000/" + table.at("size") + ")**" + exact(power));
        const auto value = number_at(limit, "limit").value_or(0.0),
                   error = number_at(limit, "limit_error").value_or(0.0),
                   slope = number_at(limit, "slope").value_or(0.0);
        const std::string line =
            exact(value) + "+" + exact(std::pow(1000.0, -power) * slope) + "*x";
        const auto predicted = prediction_of(*step.summary, name);
        Panel panel{population,
                    power == 1.0 ? "1000 / N" : "(1000 / N)^" + power_text,
                    label_of(quantity),
                    {"unset key", "set autoscale", "set xrange [0:*]", "set yrange [*:*]",
                     "set offsets graph 0, graph 0.08, graph 0.1, graph 0.1"},
                    {{line, "", "with lines lt 1 lw 1", ""},
                     {predicted, "", "with lines lt 2 dt 2", ""},
                     {table.rows(),
                      columns({x, where(here, table.at("observed")), table.at("standard_error")}),
                      "with yerrorbars lt 1 pt 7 ps 0.6", ""},
                     {table.rows() + " every ::0::0", columns({"0", exact(value), exact(error)}),
                      "with yerrorbars lt 1 pt 6 ps 0.9", ""}}};
        figure.panels.push_back(std::move(panel));
    }
    arrange(figure, 280);
    return figure;
}

void add_doubts(const Record::List& items, Section& section) {
    for (const Record& item : items)
        for (const Record& doubt : list_at(item, "validity")) {
            const std::string text = "To be doubted: " + doubt.as<std::string>() + ".";
            if (std::ranges::find(section.paragraphs, text) == section.paragraphs.end())
                section.paragraphs.push_back(text);
        }
}

}  // namespace

void add_comparison(const StoredRun& run, const StepRecord& step, Section& section) {
    const Record& summary = *step.summary;
    const auto &checks = list_at(summary, "checks"), &spectra = list_at(summary, "spectra"),
               &courses = list_at(summary, "courses"), &limits = list_at(summary, "limits");
    if (checks.empty() && courses.empty()) return;
    section.paragraphs.push_back(
        "A quantity agrees where it is off by at most " + percent(number_at(summary, "tolerance")) +
        " of the prediction plus " + number_text(number_at(summary, "largest_z")) +
        " standard errors; z is the difference in standard errors, and a true deviation would be "
        "seen in 19 of 20 such runs from the size on that the table says.");
    for (const auto* items : {&checks, &spectra, &courses}) add_doubts(*items, section);
    if (!checks.empty()) {
        section.tables.push_back(check_table(checks));
        add_figure(section, step.name, [&] { return agreement_figure(run, step); });
    }
    if (!limits.empty()) {
        section.tables.push_back(limit_table(limits));
        add_figure(section, step.name, [&] { return sizes_figure(run, step); });
    }
    if (!spectra.empty()) {
        section.tables.push_back(spectrum_table(spectra));
        add_figure(section, step.name, [&] {
            return curves_figure(
                run, step, "spectra",
                {"",
                 "Power spectra of the populations' rates, one-sided: of the run (grey), and as "
                 "theory shows in its bins and windows (orange).",
                 {}},
                {"",
                 "frequency [1/s]",
                 "power density [1/s]",
                 {"unset key", "set logscale xy", "set format y '10^{%L}'", "set autoscale xfix"},
                 {}});
        });
    }
    if (!courses.empty()) {
        section.tables.push_back(course_table(courses));
        add_figure(section, step.name, [&] {
            return curves_figure(
                run, step, "courses",
                {"", "Rates over time: of the run in bins (grey), and predicted (orange).", {}},
                {"",
                 "time [ms]",
                 "rate [1/s]",
                 {"unset key", "unset logscale", "set format y '%g'", "set autoscale xfix"},
                 {}});
        });
    }
}

void comparison_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    const Record& summary = *step.summary;
    const auto& checks = list_at(summary, "checks");
    if (!checks.empty()) {
        const auto agree = number_at(summary, "agree").value_or(0.0);
        const bool all = agree == static_cast<double>(checks.size());
        sentences.push_back({(all ? "Theory and run agree in " + step.name + ": all "
                                  : "Theory and run differ in " + step.name + ": ") +
                             (all ? count_text(checks.size(), "prediction")
                                  : number_text(agree) + " of " + std::to_string(checks.size()) +
                                        " predictions agree") +
                             ", the farthest off is the " + text_at(summary, "worst") + ", by " +
                             percent(number_at(summary, "worst_effect")) + "."});
    }
    for (const auto& [key, noun] : {std::pair("spectra", "spectra"), {"courses", "time courses"}}) {
        const auto& items = list_at(summary, key);
        if (items.empty()) continue;
        sentences.push_back({"Of " + std::to_string(items.size()) + " " + noun + " " +
                             std::to_string(std::ranges::count_if(items, agrees)) + " agree in " +
                             step.name + "."});
    }
}

}  // namespace cortifold
