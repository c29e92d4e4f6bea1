#include "signal_report.hpp"

#include "plot_source.hpp"
#include "signal_figures.hpp"
#include "wording.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

constexpr std::size_t peaks_listed = 6;

TimeUnit unit_of(const StepRecord& step) {
    return TimeUnit(text_at(*step.summary, "time_unit"));
}

std::string percent(std::optional<double> share) {
    return share ? number_text(100.0 * *share) + " %" : "–";
}

std::string band_text(const Record& quantity, std::string_view key, const TimeUnit& unit) {
    const auto& band = list_at(quantity, key);
    if (band.size() != 2 || !band[0].is_number() || !band[1].is_number()) return "–";
    const double factor = unit.frequency_factor();
    return range_text(band[0].number() * factor, band[1].number() * factor) + " " +
           unit.frequency_unit();
}

std::string degrees(std::optional<double> phase) {
    constexpr double half_turn = 180.0;
    return phase ? number_text(std::round(*phase * half_turn / std::numbers::pi)) + "°" : "–";
}

/// "12.3 Hz, 24.6 Hz" of the largest, to what the spectrum resolves.
std::string peaks_text(const Record& spectrum, double resolution, const TimeUnit& unit) {
    constexpr double of_resolution = 0.02;  // the error of a line's frequency
    constexpr int most_digits = 6;
    const double factor = unit.frequency_factor();
    std::string text;
    std::size_t shown = 0;
    for (const Record& peak : list_at(spectrum, "peaks")) {
        if (shown++ == peaks_listed) break;
        text += (text.empty() ? "" : ", ") +
                measured_text(number_at(peak, "frequency").value_or(0.0) * factor,
                              of_resolution * resolution * factor, most_digits);
    }
    if (text.empty()) return "none";
    return unit.frequency_unit().empty() ? text : text + " " + unit.frequency_unit();
}

void add_psd(const StoredRun& run, const StepRecord& step, const Record& psd, Section& section) {
    if (number_at(psd, "variance") == 0.0) return;  // a constant signal has no spectrum
    const TimeUnit unit = unit_of(step);
    const double resolution = number_at(psd, "resolution").value_or(0.0);
    section.paragraphs.push_back(
        "Power spectrum by Welch's method: " + number_text(number_at(psd, "segments")) +
        " segments of " + unit.duration(number_at(psd, "segment").value_or(0.0)) +
        "; of noise a density holds within the factors " +
        range_text(number_at(psd, "confidence.low"), number_at(psd, "confidence.high")) + " at " +
        percent(number_at(psd, "confidence.level")) + ", by " +
        number_text(number_at(psd, "degrees_of_freedom")) + " degrees of freedom.");
    TextTable table{{"Spectrum", "Variance", "Peaks, the largest first"}, {}};
    const auto add = [&](const std::string& name, const Record& of) {
        table.rows.push_back(
            {name, number_text(number_at(of, "variance")), peaks_text(of, resolution, unit)});
    };
    const Record* mean = psd.find("spatial_mean");
    add(mean == nullptr ? "of the signal" : "mean over regions", psd);
    if (mean != nullptr) add("of the mean over regions", *mean);
    section.tables.push_back(std::move(table));
    TextTable bands{{"Band", "Frequencies", "Power", "Of all"}, {}};
    for (const Record& band : list_at(psd, "bands"))
        bands.rows.push_back({text_at(band, "name"), band_text(band, "band", unit),
                              number_text(number_at(band, "power")),
                              percent(number_at(band, "share"))});
    if (!bands.rows.empty()) section.tables.push_back(std::move(bands));
    add_figure(section, step.name + "_psd", [&] { return psd_figure(run, step, unit); });
}

void add_am(const StoredRun& run, const StepRecord& step, const Record& am, Section& section) {
    const TimeUnit unit = unit_of(step);
    section.paragraphs.push_back(
        "Amplitude modulation of " + band_text(am, "band", unit) + ": mean depth " +
        number_text(number_at(am, "depth")) + " (" +
        range_text(number_at(am, "least_depth"), number_at(am, "largest_depth")) +
        "); peaks of the envelope's spectrum: " +
        peaks_text(am, number_at(am, "resolution").value_or(0.0), unit) + ".");
    add_figure(section, step.name + "_am", [&] { return am_figure(run, step, unit); });
}

void add_pac(const StoredRun& run, const StepRecord& step, const Record& pac, Section& section) {
    const TimeUnit unit = unit_of(step);
    section.tables.push_back(
        {{"Phase", "Amplitude", "Modulation index", "Mean vector length", "Preferred phase",
          "Significant regions", "Smallest p", "Surrogates", "Regularity of the phase"},
         {{band_text(pac, "phase", unit), band_text(pac, "amplitude", unit),
           number_text(number_at(pac, "modulation_index")),
           number_text(number_at(pac, "mean_vector_length")),
           degrees(number_at(pac, "preferred_phase")), number_text(number_at(pac, "significant")),
           number_text(number_at(pac, "least_p")), number_text(number_at(pac, "surrogates")),
           number_text(number_at(pac, "regularity"))}}});
    add_figure(section, step.name + "_pac", [&] { return pac_figure(run, step); });
}

void add_maxima(const StoredRun& run, const StepRecord& step, const Record& maxima,
                Section& section) {
    const TimeUnit unit = unit_of(step);
    const auto interval = number_at(maxima, "mean_interval");
    section.paragraphs.push_back(number_text(number_at(maxima, "count")) + " maxima, " +
                                 (interval ? unit.duration(*interval) + " apart, " : "") +
                                 "at most " + number_text(number_at(maxima, "levels")) +
                                 " different levels in a region.");
    if (number_at(maxima, "count").value_or(0.0) > 0.0)
        add_figure(section, step.name + "_maxima", [&] { return maxima_figure(run, step); });
}

void add_kuramoto(const StoredRun& run, const StepRecord& step, const Record& kuramoto,
                  Section& section) {
    section.paragraphs.push_back(
        "Order parameter of the phases in " + band_text(kuramoto, "band", unit_of(step)) +
        ": mean " + number_text(number_at(kuramoto, "mean")) + ", standard deviation " +
        number_text(number_at(kuramoto, "sd")) + " (metastability), from " +
        range_text(number_at(kuramoto, "minimum"), number_at(kuramoto, "maximum")) + ".");
    add_figure(section, step.name + "_kuramoto", [&] { return kuramoto_figure(run, step); });
}

void add_fc(const StoredRun& run, const StepRecord& step, const Record& fc, Section& section) {
    section.tables.push_back(
        {{"Pairs", "Mean correlation", "Least", "Largest", "With the weights (Pearson)",
          "With the weights (Spearman)"},
         {{number_text(number_at(fc, "pairs")), number_text(number_at(fc, "mean")),
           number_text(number_at(fc, "minimum")), number_text(number_at(fc, "maximum")),
           number_text(number_at(fc, "connectome_pearson")),
           number_text(number_at(fc, "connectome_spearman"))}}});
    const std::size_t constant = list_at(fc, "constant_regions").size();
    if (constant > 0)
        section.paragraphs.push_back(
            "Left out, as they do not change in time: " + count_text(constant, "region") + ".");
    const auto regions = static_cast<long>(number_at(*step.summary, "regions").value_or(0.0));
    add_figure(section, step.name + "_fc", [&] { return fc_figure(run, step, regions); });
}

void add_modes(const StoredRun& run, const StepRecord& step, const Record& modes,
               Section& section) {
    TextTable table{{"Mode", "λ", "Share of the content", "Changing in time"}, {}};
    for (const Record& mode : list_at(modes, "leading")) {
        const Record* lambda = mode.find("lambda");
        const auto value = lambda == nullptr ? std::nullopt : complex_of(*lambda);
        const auto square = number_at(mode, "mean_square"), variance = number_at(mode, "variance");
        table.rows.push_back(
            {number_text(number_at(mode, "index")) +
                 (number_at(mode, "index") == 1.0 ? " (uniform)" : ""),
             value ? number_text(*value) : "–", percent(number_at(mode, "share")),
             square && variance && *square > 0.0 ? percent(*variance / *square) : "–"});
    }
    section.tables.push_back(std::move(table));
    const auto& leading = list_at(modes, "leading");
    if (leading.empty() || number_at(leading.front(), "mean_square") == 0.0) return;  // nothing
    add_figure(section, step.name + "_modes", [&] { return mode_content_figure(run, step); });
}

std::string psd_sentence(const StepRecord& step, const Record& psd) {
    const auto& peaks = list_at(psd, "peaks");
    if (number_at(psd, "variance") == 0.0) return "is constant";
    if (peaks.empty()) return "has no peak in its spectrum";
    const TimeUnit unit = unit_of(step);
    return "is strongest at " + unit.frequency(number_at(peaks.front(), "frequency").value_or(0.0));
}

std::string am_sentence(const StepRecord& step, const Record& am) {
    const auto& peaks = list_at(am, "peaks");
    const TimeUnit unit = unit_of(step);
    return "has an envelope in " + band_text(am, "band", unit) + " that is modulated by " +
           number_text(number_at(am, "depth")) +
           (peaks.empty()
                ? ", at no one frequency"
                : ", most at " +
                      unit.frequency(number_at(peaks.front(), "frequency").value_or(0.0)));
}

std::string pac_sentence(const StepRecord& step, const Record& pac) {
    const TimeUnit unit = unit_of(step);
    return "has amplitudes in " + band_text(pac, "amplitude", unit) + " that follow the phase in " +
           band_text(pac, "phase", unit) + " in " + number_text(number_at(pac, "significant")) +
           " of " + number_text(number_at(*step.summary, "regions")) + " regions";
}

std::string maxima_sentence(const StepRecord&, const Record& maxima) {
    if (number_at(maxima, "count").value_or(0.0) == 0.0) return "has no maxima";
    return "has maxima at up to " + number_text(number_at(maxima, "levels")) + " levels";
}

std::string kuramoto_sentence(const StepRecord&, const Record& kuramoto) {
    return "has phases of order " + number_text(number_at(kuramoto, "mean")) + " ± " +
           number_text(number_at(kuramoto, "sd"));
}

std::string fc_sentence(const StepRecord&, const Record& fc) {
    const auto compared = number_at(fc, "connectome_pearson");
    return "is correlated between regions by " + number_text(number_at(fc, "mean")) +
           " on average" +
           (compared ? ", and these correlations with the weights by " + number_text(compared)
                     : "");
}

std::string modes_sentence(const StepRecord&, const Record& modes) {
    const auto& leading = list_at(modes, "leading");
    if (leading.empty()) return "has no content in modes";
    return "has " + percent(number_at(leading.front(), "share")) + " of its content in mode " +
           number_text(number_at(leading.front(), "index"));
}

struct QuantityReport {
    std::string_view name;
    void (*add)(const StoredRun&, const StepRecord&, const Record&, Section&);
    std::string (*say)(const StepRecord&, const Record&);
};
constexpr std::array quantities{QuantityReport{"psd", add_psd, psd_sentence},
                                QuantityReport{"am", add_am, am_sentence},
                                QuantityReport{"pac", add_pac, pac_sentence},
                                QuantityReport{"maxima", add_maxima, maxima_sentence},
                                QuantityReport{"kuramoto", add_kuramoto, kuramoto_sentence},
                                QuantityReport{"fc", add_fc, fc_sentence},
                                QuantityReport{"modes", add_modes, modes_sentence}};

/// Of a quantity that was measured.
const Record* measured(const StepRecord& step, std::string_view name) {
    const Record* found = step.summary->find(name);
    return found != nullptr && text_at(*found, "status") == to_string(Status::converged) ? found
                                                                                         : nullptr;
}

}  // namespace

void add_signal(const StoredRun& run, const StepRecord& step, Section& section) {
    section.paragraphs.push_back(
        text_at(*step.summary, "signal") + " of " + text_at(*step.summary, "of") + ", " +
        number_text(number_at(*step.summary, "samples")) + " samples of " +
        count_text(static_cast<std::size_t>(number_at(*step.summary, "regions").value_or(0.0)),
                   "region") +
        ".");
    for (const QuantityReport& quantity : quantities) {
        const Record* found = measured(step, quantity.name);
        if (found == nullptr) continue;
        quantity.add(run, step, *found, section);
        if (const std::string note = text_at(*found, "note"); !note.empty())
            section.paragraphs.push_back("Note: " + note + ".");
    }
}

void signal_verdict(const StepRecord& step, std::vector<Sentence>& sentences) {
    std::string text;
    for (const QuantityReport& quantity : quantities)
        if (const Record* found = measured(step, quantity.name))
            text += (text.empty() ? "" : "; it ") + quantity.say(step, *found);
    if (!text.empty())
        sentences.push_back({"In " + text_at(*step.summary, "of") + ", " +
                             text_at(*step.summary, "signal") + " " + text + "."});
}

}  // namespace cortifold
