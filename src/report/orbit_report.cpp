#include "orbit_report.hpp"

#include "msf_report.hpp"
#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>

namespace cortifold {
namespace {

constexpr std::size_t modes_listed = 12;

std::string measured(const Record& of, const std::string& value, const std::string& error) {
    return with_error_text(number_at(of, value).value_or(0.0), number_at(of, error).value_or(0.0));
}

std::string lambda_text(const Record& mode) {
    const Record* lambda = mode.find("lambda");
    const auto value = lambda == nullptr ? std::nullopt : complex_of(*lambda);
    return value ? number_text(*value) : "–";
}

TextTable mode_table(const StepRecord& step, const TimeUnit& unit) {
    TextTable table{
        {"Mode", "λ", label({"Growth ± standard error", unit.rate_unit()}), "What becomes of it"},
        {}};
    Record::List modes = list_at(*step.summary, "modes");
    std::ranges::stable_sort(modes, std::greater{}, [](const Record& mode) {
        return number_at(mode, "growth").value_or(0.0);
    });
    for (std::size_t k = 0; k < std::min(modes.size(), modes_listed); ++k) {
        const double index = number_at(modes[k], "index").value_or(0.0);
        table.rows.push_back({index == 0.0   ? "asked for"
                              : index == 1.0 ? "1 (uniform)"
                                             : number_text(index),
                              lambda_text(modes[k]), measured(modes[k], "growth", "standard_error"),
                              text_at(modes[k], "fate")});
    }
    return table;
}

TextTable zero_table(const StepRecord& step) {
    TextTable table{{"Growth is zero at λ", "Told apart from zero outside"}, {}};
    for (const Record& zero : list_at(*step.summary, "boundaries"))
        table.rows.push_back({measured(zero, "lambda", "error"),
                              range_text(number_at(zero, "low"), number_at(zero, "high"))});
    return table;
}

Figure orbit_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource curve(run, step.name + "/curve.csv"), modes(run, step.name + "/modes.csv");
    const std::string lambda = curve.at("lambda_re"), growth = curve.at("growth"),
                      error = curve.at("standard_error");
    Panel panel{"", "coupling eigenvalue λ (real part)", curve.axis("growth"), {}, {}};
    panel.settings = {key_above, "set xzeroaxis lt 7 lw 1"};
    panel.series = {
        {curve.rows(), columns({lambda, growth + " - 3 * " + error, growth + " + 3 * " + error}),
         "with filledcurves lc rgb '#A6CFE8'", "three standard errors"},
        {curve.rows(), columns({lambda, growth}), "with lines lt 1", "real λ"},
        {modes.rows(),
         columns({modes.at("lambda_re"), modes.at("growth"), modes.at("standard_error")}),
         "with yerrorbars lc 'black' pt 6 ps 0.5", "modes of the network"}};
    return {step.name + "_curve",
            "Master stability function: the largest Lyapunov exponent of a perturbation whose "
            "pattern is an eigenvector of the coupling with eigenvalue λ, along an orbit of the "
            "synchronous state. Above the line it grows.",
            {panel}};
}

}  // namespace

bool is_along_orbit(const StepRecord& step) {
    return step.summary && record_at(*step.summary, "evidence") != nullptr;
}

void add_orbit_stability(const StoredRun& run, const StepRecord& step, Section& section) {
    const Record& summary = *step.summary;
    const TimeUnit unit = time_unit_of(run, step);
    section.paragraphs.push_back("Averaged along one orbit of the synchronous state over " +
                                 unit.duration(number_at(summary, "duration").value_or(0.0)) +
                                 ", all λ together.");
    section.paragraphs.push_back("Evidence for its attractor: " + text_at(summary, "evidence") +
                                 ".");
    if (const auto trivial = number_at(summary, "trivial_exponent"))
        section.paragraphs.push_back("The exponent along the orbit, which is 0, came out as " +
                                     unit.rate(*trivial) + ".");
    if (const std::string note = text_at(summary, "note"); !note.empty())
        section.paragraphs.push_back("Note: " + note + ".");
    section.tables.push_back(mode_table(step, unit));
    if (!list_at(summary, "boundaries").empty()) section.tables.push_back(zero_table(step));
    add_figure(section, step.name, [&] { return orbit_figure(run, step); });
    add_region_figure(run, step, section);
}

void orbit_stability_verdict(const StoredRun& run, const StepRecord& step,
                             std::vector<Sentence>& sentences) {
    const Record& summary = *step.summary;
    const TimeUnit unit = time_unit_of(run, step);
    const auto& modes = list_at(summary, "modes");
    const auto transverse = static_cast<std::size_t>(std::ranges::count_if(
        modes, [](const Record& mode) { return number_at(mode, "index").value_or(0.0) > 1.0; }));
    const auto& exponents = list_at(summary, "exponents");
    std::string text = "By the Lyapunov exponents of " + step.name +
                       " the synchronous orbit is on an attractor of the kind " +
                       text_at(summary, "attractor");
    if (!exponents.empty() && exponents.front().is_number())
        text += " (largest exponent " + unit.rate(exponents.front().number()) + ")";
    if (transverse > 0) {
        const double grow = number_at(summary, "unstable_modes").value_or(0.0),
                     open = number_at(summary, "undecided_modes").value_or(0.0);
        text += "; of " + count_text(transverse, "transverse mode") + " " + number_text(grow) +
                " let perturbations grow along it";
        if (open > 0.0) text += ", and of " + number_text(open) + " the errors do not tell";
    }
    sentences.push_back({text + "."});
    std::string zeros;
    for (const Record& zero : list_at(summary, "boundaries"))
        zeros += (zeros.empty() ? "" : ", ") + measured(zero, "lambda", "error");
    if (!zeros.empty())
        sentences.push_back({"On the real line its growth is zero at λ = " + zeros + "."});
}

}  // namespace cortifold
