#include "spectrum_report.hpp"

#include "brain_figure.hpp"
#include "wording.hpp"

#include <algorithm>

namespace cortifold {
namespace {

constexpr std::size_t kernels_shown = 3;
constexpr int kernel_height = 380, margin = 60;  // pixels
constexpr double darkest = 1e-4;                 // of the largest entry, on a logarithmic scale

TextTable gap_table(const Record& summary) {
    TextTable table{
        {"Gap", "Largest", "Largest / gap"},
        {{number_text(number_at(summary, "gap")), number_text(number_at(summary, "largest")),
          number_text(number_at(summary, "eigenratio"))}}};
    const double imaginary = number_at(summary, "largest_imaginary").value_or(0.0);
    if (imaginary > 0.0) {
        table.headings.emplace_back("Largest imaginary part");
        table.rows[0].push_back(number_text(imaginary));
    }
    if (const auto connectivity = number_at(summary, "algebraic_connectivity")) {
        table.headings.emplace_back("Algebraic connectivity");
        table.rows[0].push_back(number_text(connectivity));
    }
    return table;
}

/// "0.2 to 0.9", or "0.2 to at least 0.9".
std::string strengths_text(const Record& range) {
    const Record* reaches_end = record_at(range, "reaches_end");
    const bool open = reaches_end != nullptr && reaches_end->is<bool>() && reaches_end->as<bool>();
    return number_text(number_at(range, "low")) + (open ? " to at least " : " to ") +
           number_text(number_at(range, "high"));
}

TextTable kernel_table(const Record::List& kernels) {
    TextTable table{{"t", "Row sums are 1 to", "Trace is that of the eigenvalues to",
                     "Smallest entry", "Largest diffusion distance"},
                    {}};
    for (const Record& kernel : kernels)
        table.rows.push_back({number_text(number_at(kernel, "t")),
                              number_text(number_at(kernel, "row_sum_error")),
                              number_text(number_at(kernel, "trace_error")),
                              number_text(number_at(kernel, "smallest")),
                              number_text(number_at(kernel, "largest_distance"))});
    return table;
}

Panel matrix_panel(const PlotSource& table, const std::string& rows, const std::string& value,
                   const std::string& title) {
    Panel panel{title, "region", "region", {}, {}};
    panel.settings = {std::string(sequential_palette),
                      "set autoscale fix; set yrange [*:*] reverse", "set size ratio -1",
                      "unset grid; unset xzeroaxis"};
    panel.series = {
        {rows, columns({table.at("column"), table.at("row"), value}), "with image", ""}};
    return panel;
}

Figure diffusion_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource table(run, step.name + "/diffusion.csv");
    const auto& kernels = list_at(*step.summary, "heat_kernels");
    const auto nodes = static_cast<long>(number_at(*step.summary, "nodes").value_or(0.0));
    const std::size_t shown = std::min(kernels.size(), kernels_shown);
    Figure figure{step.name + "_diffusion",
                  "Heat kernels exp(-t L), a row the walk from a region, and diffusion distances.",
                  {},
                  2,
                  static_cast<int>(shown) * kernel_height + margin};
    for (std::size_t k = 0; k < shown; ++k) {
        const auto block = static_cast<long>(k);
        const std::string rows = table.rows() +
                                 " every ::" + std::to_string(block * nodes * nodes) +
                                 "::" + std::to_string((block + 1) * nodes * nodes - 1);
        const std::string at = "t = " + number_text(number_at(kernels[k], "t"));
        const std::string kernel = table.at("heat_kernel"), floor = exact(darkest) + "*largest";
        Panel left =
            matrix_panel(table, rows, kernel + " > " + floor + " ? " + kernel + " : " + floor,
                         "heat kernel, " + at);
        left.settings.push_back("stats " + rows + " using " + columns({kernel}) +
                                " nooutput; largest = STATS_max");
        left.settings.emplace_back("set logscale cb; set cbrange [" + floor +
                                   ":largest]; set format cb '%g'");
        figure.panels.push_back(std::move(left));
        if (!number_at(kernels[k], "largest_distance")) {
            figure.panels_in_row = 1;
            continue;
        }
        Panel right = matrix_panel(table, rows, table.at("distance"), "diffusion distance, " + at);
        right.settings.emplace_back("unset logscale cb; set cbrange [0:*]");
        figure.panels.push_back(std::move(right));
    }
    return figure;
}

}  // namespace

void add_modes_and_diffusion(const StoredRun& run, const StepRecord& step, Section& section) {
    const Record& summary = *step.summary;
    if (number_at(summary, "gap")) section.tables.push_back(gap_table(summary));
    const auto has = [&](const char* name) {
        return std::filesystem::exists(run.path / step.name / name);
    };
    if (has("patterns.csv")) {
        if (!has_positions(run))
            section.paragraphs.emplace_back(
                "The connectome says nothing of positions: modes are drawn over the numbers of "
                "regions.");
        add_figure(section, step.name, [&] { return patterns_figure(run, step); });
    }
    const auto& kernels = list_at(summary, "heat_kernels");
    if (kernels.empty()) return;
    section.tables.push_back(kernel_table(kernels));
    if (has("diffusion.csv"))
        add_figure(section, step.name, [&] { return diffusion_figure(run, step); });
    else
        section.paragraphs.emplace_back(
            "Heat kernels of so many regions are in heat_kernel.h5 and not drawn.");
}

void gap_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    const Record& summary = *step.summary;
    const auto gap = number_at(summary, "gap"), ratio = number_at(summary, "eigenratio");
    if (!gap) return;
    const std::string matrix = text_at(summary, "matrix");
    if (!ratio) {
        sentences.push_back({"The " + matrix +
                             " has no spectral gap: diffusion does not reach "
                             "every region from one, and no diffusive coupling synchronizes all."});
        return;
    }
    std::string text = "The spectral gap of the " + matrix + " is " + number_text(gap) +
                       ", its largest eigenvalue " + number_text(ratio) + " times that";
    if (record_at(summary, "stable_strengths") != nullptr) {
        std::string ranges;
        for (const Record& range : list_at(summary, "stable_strengths"))
            ranges += (ranges.empty() ? "" : ", ") + strengths_text(range);
        text += ranges.empty()
                    ? "; no strength keeps all its modes in the stable range of the step "
                    : "; all its modes are in the stable range of the step ";
        text += text_at(summary, "msf") + (ranges.empty() ? "" : " for strengths from " + ranges);
    }
    sentences.push_back({text + "."});
}

}  // namespace cortifold
