#include "lyapunov_report.hpp"

#include "plot_source.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>

namespace cortifold {
namespace {

constexpr std::size_t exponents_listed = 12, curves_shown = 10;

std::string measured(const Record& value, const Record& error) {
    return value.is_number() && error.is_number() ? with_error_text(value.number(), error.number())
                                                  : "–";
}

std::string with_article(const std::string& attractor) {
    if (attractor == "equilibrium") return "an " + attractor;
    return attractor == "cycle" || attractor == "torus" ? "a " + attractor : attractor;
}

TextTable exponent_table(const StepRecord& step, const TimeUnit& unit) {
    TextTable table{{"Number", label({"Exponent ± standard error", unit.rate_unit()})}, {}};
    const auto& exponents = list_at(*step.summary, "exponents");
    const auto& errors = list_at(*step.summary, "standard_errors");
    const std::size_t shown = std::min({exponents.size(), errors.size(), exponents_listed});
    for (std::size_t k = 0; k < shown; ++k)
        table.rows.push_back({std::to_string(k + 1), measured(exponents[k], errors[k])});
    return table;
}

Panel convergence_panel(const PlotSource& running) {
    Panel panel{"",
                label({"averaged over", running.column("duration").unit}),
                label({"running exponents", running.column("exponent1").unit}),
                {"unset key"},
                {}};
    const std::size_t count = running.columns().size() - 1;
    for (std::size_t k = 1; k <= std::min(count, curves_shown); ++k)
        panel.series.push_back(
            {running.rows(),
             columns({running.at("duration"), running.at("exponent" + std::to_string(k))}),
             "with lines lw 1.2 lt " + std::to_string(k), ""});
    return panel;
}

Panel spectrum_panel(const PlotSource& table, std::size_t count) {
    Panel panel{"", "number", label({"exponent", table.column("exponent").unit}), {}, {}};
    panel.settings = {key_above, "set offsets 0.5, 0.5, graph 0.05, graph 0.05"};
    if (count <= curves_shown) panel.settings.emplace_back("set xtics 1");
    const std::string index = table.at("index");
    panel.series = {
        {table.rows(), columns({index, table.at("exponent"), table.at("standard_error")}),
         "with yerrorbars lt 1 pt 7 ps 0.5", "exponent ± standard error"},
        {table.rows(), columns({index, table.at("first_half")}), "with points lt 2 pt 8 ps 0.7",
         "first half of the run"},
        {table.rows(), columns({index, table.at("second_half")}), "with points lt 3 pt 10 ps 0.7",
         "second half"}};
    return panel;
}

Figure lyapunov_figure(const StoredRun& run, const StepRecord& step) {
    const PlotSource running(run, step.name + "/convergence.csv"),
        table(run, step.name + "/exponents.csv");
    return {step.name + "_exponents",
            "Lyapunov exponents: on top the averages as they settle (at most ten), below the "
            "spectrum.",
            {convergence_panel(running),
             spectrum_panel(table, list_at(*step.summary, "exponents").size())},
            1,
            640};
}

bool is_synchronous(const StepRecord& step) {
    const Record* synchronous = step.summary->find("synchronous");
    return synchronous != nullptr && synchronous->is<bool>() && synchronous->as<bool>();
}

/// What an attractor is told from another by.
std::string kind_of(const StepRecord& step) {
    return with_article(text_at(*step.summary, "attractor")) +
           (is_synchronous(step) ? " of synchrony" : "");
}

/// Two steps before which nothing differs but where they start.
bool ask_the_same(const StoredRun& run, const StepRecord& a, const StepRecord& b) {
    return std::ranges::all_of(std::array{".parameters", ".manifold"}, [&](const std::string& key) {
        const auto option = [&](const StepRecord& step) {
            const Record* value = record_at(run.manifest, "study.step." + step.name + key);
            return value == nullptr ? std::string() : to_json(*value);
        };
        return option(a) == option(b);
    });
}

/// That this step has found another attractor than one before it.
void coexistence_verdict(const StoredRun& run, const StepRecord& step,
                         std::vector<Sentence>& sentences) {
    const auto is_decided = [](const StepRecord& other) {
        return other.kind == "lyapunov" && other.succeeded && other.summary &&
               text_at(*other.summary, "attractor") != "undecided";
    };
    if (!is_decided(step)) return;
    for (const StepRecord& other : run.steps) {
        if (&other == &step) return;
        if (!is_decided(other) || !ask_the_same(run, other, step)) continue;
        if (kind_of(other) == kind_of(step)) continue;
        sentences.push_back({"Two attractors coexist: " + kind_of(other) + " (" + other.name +
                             ") and " + kind_of(step) + " (" + step.name +
                             "). Which one is found depends on where a run starts."});
        return;
    }
}

}  // namespace

void add_lyapunov(const StoredRun& run, const StepRecord& step, Section& section) {
    const Record& summary = *step.summary;
    const TimeUnit unit = time_unit_of(run, step);
    section.paragraphs.push_back(
        "Averaged over " + unit.duration(number_at(summary, "duration").value_or(0.0)) +
        ", orthogonalized " + number_text(number_at(summary, "orthogonalizations")) + " times in " +
        number_text(number_at(summary, "steps")) + " steps.");
    if (const std::string evidence = text_at(summary, "evidence"); !evidence.empty())
        section.paragraphs.push_back("Evidence: " + evidence + ".");
    if (const auto divergence = number_at(summary, "divergence"))
        section.paragraphs.push_back(
            "The mean divergence along the run, which all exponents sum "
            "to, is " +
            unit.rate(*divergence) + ".");
    TextTable table = exponent_table(step, unit);
    if (!table.rows.empty()) section.tables.push_back(std::move(table));
    add_figure(section, step.name, [&] { return lyapunov_figure(run, step); });
}

void lyapunov_verdict(const StoredRun& run, const StepRecord& step,
                      std::vector<Sentence>& sentences) {
    const Record& summary = *step.summary;
    const auto& exponents = list_at(summary, "exponents");
    const auto& errors = list_at(summary, "standard_errors");
    if (exponents.empty() || errors.empty()) return;
    const TimeUnit unit = time_unit_of(run, step);
    const std::string attractor = text_at(summary, "attractor");
    std::string text =
        attractor == "undecided"
            ? "The Lyapunov exponents of " + step.name +
                  " do not decide what the attractor is: " + text_at(summary, "evidence") +
                  "; the largest exponent is "
            : "By its Lyapunov exponents the attractor of " + step.name + " is " +
                  with_article(attractor) + ": the largest is ";
    text += measured(exponents.front(), errors.front());
    if (!unit.rate_unit().empty() && unit.rate_unit() != "1") text += " " + unit.rate_unit();
    const auto dimension = number_at(summary, "kaplan_yorke_dimension");
    text += dimension ? ", the Kaplan-Yorke dimension " + number_text(dimension) + " of " +
                            number_text(number_at(summary, "dimension"))
                      : ", and for the Kaplan-Yorke dimension more of them are needed";
    if (is_synchronous(step))
        text += ". All regions end in one state: these are exponents of synchrony";
    sentences.push_back({text + "."});
    coexistence_verdict(run, step, sentences);
}

}  // namespace cortifold
