#include "msf_report.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>

namespace cortifold {
namespace {

constexpr int most_digits = 12;

/// What the summary says of a zero of the growth.
std::string how(const Record& boundary) {
    const std::string transition = text_at(boundary, "transition");
    return transition == "phase" ? "phase of the uniform mode (no instability)" : transition;
}

std::string end_text(const Record& range, const std::string& end) {
    const double value = number_at(range, end).value_or(0.0);
    const auto error = number_at(range, end + "_error");
    return error ? measured_text(value, *error, most_digits)
                 : number_text(value) + " (end of the search)";
}

std::string mode_at_end(const Record& range, const std::string& end) {
    const auto mode = number_at(range, end + "_mode");
    return mode ? "mode " + number_text(*mode) : "";
}

Figure region_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource region(run, step.name + "/region.csv"), modes(run, step.name + "/modes.csv");
    const std::string growth = region.at("growth");
    Panel panel{"", "Re λ", "Im λ", {}, {}};
    panel.settings = {
        "stats " + region.rows() + " using " + columns({growth}) +
            " nooutput; largest = abs(STATS_min) > STATS_max ? abs(STATS_min) : STATS_max",
        "set palette defined (-1 '#2166AC', -0.001 '#F7F7F7', 0.001 '#FDDBC7', 1 '#B2182B')",
        "set cbrange [-largest:largest]",
        "set cblabel " + gnuplot_text(region.axis("growth")) + " noenhanced",
        "unset grid; set autoscale fix",
        key_above};
    panel.series = {
        {region.rows(), columns({region.at("lambda_re"), region.at("lambda_im"), growth}),
         "with image", ""},
        {modes.rows(),
         columns(
             {where(modes.at("unstable") + " == 0", modes.at("lambda_re")), modes.at("lambda_im")}),
         "with points lc 'black' pt 6 ps 0.7",
         record_at(*step.summary, "undecided_modes") == nullptr ? "stable mode"
                                                                : "stable or undecided mode"},
        {modes.rows(),
         columns(
             {where(modes.at("unstable") + " == 1", modes.at("lambda_re")), modes.at("lambda_im")}),
         "with points lc 'black' pt 7 ps 0.7", "unstable mode"}};
    return {step.name + "_region",
            "Master stability function: growth rate over the complex plane of the coupling "
            "eigenvalue λ. Blue decays, red grows.",
            {panel},
            1,
            560};
}

}  // namespace

void add_stability_ranges(const StoredRun& run, const StepRecord& step, Section& section) {
    const auto& boundaries = list_at(*step.summary, "boundaries");
    if (!boundaries.empty()) {
        TextTable table{{"Growth is zero at λ", "Error", "What begins there"}, {}};
        for (const Record& boundary : boundaries) {
            const double error = number_at(boundary, "error").value_or(0.0);
            table.rows.push_back(
                {measured_text(number_at(boundary, "lambda").value_or(0.0), error, most_digits),
                 number_text(error), how(boundary)});
        }
        section.tables.push_back(std::move(table));
    }
    const auto& ranges = list_at(*step.summary, "stable_strengths");
    if (!ranges.empty()) {
        TextTable table{{"Stable from a strength of", "Below it grows", "to", "Above it grows"},
                        {}};
        for (const Record& range : ranges)
            table.rows.push_back({end_text(range, "low"), mode_at_end(range, "low"),
                                  end_text(range, "high"), mode_at_end(range, "high")});
        section.tables.push_back(std::move(table));
    }
    add_region_figure(run, step, section);
}

void add_region_figure(const StoredRun& run, const StepRecord& step, Section& section) {
    if (std::filesystem::exists(run.path / step.name / "region.csv"))
        add_figure(section, step.name, [&] { return region_figure(run, step); });
}

void stability_range_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    std::string zeros;
    for (const Record& boundary : list_at(*step.summary, "boundaries"))
        if (text_at(boundary, "transition") != "phase")
            zeros += (zeros.empty() ? "" : ", ") + number_text(number_at(boundary, "lambda"));
    if (!zeros.empty())
        sentences.push_back({"On the real line its growth is zero at λ = " + zeros + "."});
    if (record_at(*step.summary, "stable_strengths") == nullptr) return;
    std::string ranges;
    for (const Record& range : list_at(*step.summary, "stable_strengths"))
        ranges += (ranges.empty() ? "" : ", ") +
                  range_text(number_at(range, "low"), number_at(range, "high"));
    sentences.push_back({ranges.empty()
                             ? "Synchrony is stable at no strength of the range searched."
                             : "Synchrony is stable for coupling strengths " + ranges + "."});
}

}  // namespace cortifold
