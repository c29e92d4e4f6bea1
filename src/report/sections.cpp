#include "sections.hpp"

#include "brain_figure.hpp"
#include "branch_sections.hpp"
#include "compare_report.hpp"
#include "figures.hpp"
#include "hubs_report.hpp"
#include "lyapunov_report.hpp"
#include "meanfield_report.hpp"
#include "msf_report.hpp"
#include "orbit_report.hpp"
#include "scan_report.hpp"
#include "signal_report.hpp"
#include "spatial_report.hpp"
#include "spectrum_report.hpp"
#include "spike_report.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>

namespace cortifold {
namespace {

constexpr std::size_t modes_listed = 12, states_listed = 8;

Section connectome_section(const StoredRun& run) {
    const Record& network = *run.network;
    Section section{"Connectome", {}, {}, {}, {}};
    section.paragraphs.push_back("Source: " + text_at(network, "source"));
    if (const std::string about = text_at(network, "about"); !about.empty())
        section.paragraphs.push_back(about);
    section.tables.push_back(
        {{"Regions", "Edges", "Density", "Row sums", "Mean row sum", "max |W - Wᵀ|", "Components"},
         {{number_text(number_at(network, "nodes")), number_text(number_at(network, "edges")),
           number_text(number_at(network, "density")),
           range_text(number_at(network, "smallest_row_sum"),
                      number_at(network, "largest_row_sum")),
           number_text(number_at(network, "mean_row_sum")),
           number_text(number_at(network, "asymmetry")),
           number_text(number_at(network, "components"))}}});
    for (const Record& finding : list_at(network, "findings")) {
        const bool error = text_at(finding, "severity") == "error";
        section.paragraphs.push_back((error ? "Error: " : "Warning: ") +
                                     text_at(finding, "message"));
    }
    if (std::filesystem::exists(run.path / "network" / "weights.csv")) {
        add_figure(section, "connectome", [&] { return connectome_figure(run); });
    } else {
        section.paragraphs.push_back("The run kept no table of the weights, so none are drawn.");
    }
    return section;
}

void add_spectrum(const StoredRun& run, const StepRecord& step, Section& section) {
    const auto values = complex_list(*step.summary, "eigenvalues");
    double residual = 0.0;
    for (const Record& value : list_at(*step.summary, "residuals")) {
        residual = std::max(residual, value.is_number() ? value.number() : 0.0);
    }
    if (!values.empty()) {
        const auto by_real_part = [](auto a, auto b) { return a.real() < b.real(); };
        const auto [low, high] = std::ranges::minmax(values, by_real_part);
        section.paragraphs.push_back("Eigenvalues of " + text_at(*step.summary, "matrix") +
                                     " (normalize: " + text_at(*step.summary, "normalize") +
                                     ") from " + number_text(low) + " to " + number_text(high) +
                                     "; the largest residual is " + number_text(residual) + ".");
    }
    add_figure(section, step.name, [&] { return spectrum_figure(run, step); });
    add_modes_and_diffusion(run, step, section);
}

// Column headings of equilibria.csv carry the units of states.
std::string state_heading(const StoredRun& run, const StepRecord& step, const std::string& state) {
    const std::string table = step.name + "/equilibria.csv";
    if (!std::filesystem::exists(run.path / table)) {
        return state;
    }
    const TableHeading heading(run, table);
    return heading.has(state) ? label(heading.column(state)) : state;
}

void add_equilibria(const StoredRun& run, const StepRecord& step, Section& section) {
    const TimeUnit unit = time_unit_of(run, step);
    TextTable table{{"Label"}, {}};
    for (const Record& equilibrium : list_at(*step.summary, "equilibria")) {
        const auto& states = table_at(equilibrium, "state");
        const std::size_t shown = std::min(states.size(), states_listed);
        std::vector<std::string> row{text_at(equilibrium, "label")};
        for (std::size_t i = 0; i < shown; ++i) {
            if (table.rows.empty()) {
                table.headings.push_back(state_heading(run, step, states[i].first));
            }
            row.push_back(value_text(states[i].second));
        }
        const auto eigenvalues = complex_list(equilibrium, "eigenvalues");
        row.push_back(eigenvalues.empty() ? "–" : number_text(eigenvalues.front()));
        row.push_back(number_text(number_at(equilibrium, "unstable")));
        row.push_back(number_text(number_at(equilibrium, "residual")));
        table.rows.push_back(std::move(row));
    }
    table.headings.insert(table.headings.end(), {label({"Leading eigenvalue", unit.rate_unit()}),
                                                 "Unstable directions", "Residual"});
    if (!table.rows.empty()) {
        section.tables.push_back(std::move(table));
    }
    add_figure(section, step.name, [&] { return equilibria_figure(run, step); });
}

void add_dispersion(const StoredRun& run, const StepRecord& step, Section& section) {
    const TimeUnit unit = time_unit_of(run, step);
    auto modes = read_modes(*step.summary);
    std::ranges::stable_sort(modes, std::greater{}, &Mode::growth);
    TextTable table{{"Mode", "λ", label({"Growth", unit.rate_unit()}),
                     label({"Frequency", unit.frequency_unit()}), "Kind"},
                    {}};
    const std::size_t shown = std::min(modes.size(), modes_listed);
    for (std::size_t i = 0; i < shown; ++i) {
        const Mode& mode = modes[i];
        const std::string name = mode.index == 0   ? "asked for"
                                 : mode.index == 1 ? "1 (uniform)"
                                                   : std::to_string(mode.index);
        table.rows.push_back({name, number_text(mode.lambda), number_text(mode.growth),
                              number_text(mode.frequency * unit.frequency_factor()),
                              std::string(mode.frequency == 0.0 ? "stationary" : "oscillatory") +
                                  (mode.unstable ? ", unstable" : ", stable")});
    }
    const auto left = std::ranges::count(modes.begin() + static_cast<std::ptrdiff_t>(shown),
                                         modes.end(), true, &Mode::unstable);
    section.tables.push_back(std::move(table));
    section.paragraphs.push_back(
        "The modes by growth; " +
        (left == 0 ? "no further one is unstable." : std::to_string(left) + " more are unstable."));
    add_figure(section, step.name, [&] { return dispersion_figure(run, step); });
    if (std::ranges::any_of(modes, [](const Mode& mode) { return mode.index > 1; })) {
        add_figure(section, step.name, [&] { return patterns_figure(run, step); });
    }
}

void add_msf(const StoredRun& run, const StepRecord& step, Section& section) {
    if (is_along_orbit(step)) {
        add_orbit_stability(run, step, section);
        return;
    }
    add_dispersion(run, step, section);
    add_stability_ranges(run, step, section);
}

/// Range of each state, over all regions: r_e of r_e[0], r_e[1], ...
TextTable range_table(const Record::List& states) {
    struct Range {
        std::string name;
        double low, high;
    };
    std::vector<Range> ranges;
    for (const Record& state : states) {
        const auto low = number_at(state, "minimum"), high = number_at(state, "maximum");
        const std::string full = text_at(state, "name"), name = full.substr(0, full.find('['));
        if (!low || !high) {
            continue;
        }
        if (ranges.empty() || ranges.back().name != name) {
            ranges.push_back({name, *low, *high});
        }
        ranges.back().low = std::min(ranges.back().low, *low);
        ranges.back().high = std::max(ranges.back().high, *high);
    }
    TextTable table{{"State", "Minimum", "Maximum"}, {}};
    for (const Range& range : ranges) {
        table.rows.push_back({range.name, number_text(range.low), number_text(range.high)});
    }
    return table;
}

TextTable event_table(const Record::List& events, double trials) {
    TextTable table{{"Event", "Times it happened"}, {}};
    if (trials > 1.0) table.headings.emplace_back("Mean of a member");
    for (const Record& event : events) {
        const double count = number_at(event, "count").value_or(0.0);
        table.rows.push_back({text_at(event, "name"), number_text(count)});
        if (trials > 1.0) table.rows.back().push_back(number_text(count / trials));
    }
    return table;
}

void add_simulation(const StoredRun& run, const StepRecord& step, Section& section) {
    const Record& summary = *step.summary;
    const TimeUnit unit = time_unit_of(run, step);
    const auto members = number_at(summary, "members");
    section.paragraphs.push_back(
        "Duration " + unit.duration(number_at(summary, "duration").value_or(0)) + ", " +
        (members ? number_text(members) + " members, " : "") +
        number_text(number_at(summary, "evaluations")) + " evaluations of the right-hand side.");
    section.tables.push_back(range_table(list_at(summary, "states")));
    const auto& events = list_at(summary, "events");
    if (!events.empty()) section.tables.push_back(event_table(events, members.value_or(1.0)));
    add_figure(section, step.name, [&] { return time_course_figure(run, step); });
    const auto deviation = number_at(summary, "deviation.final");
    if (deviation && *deviation > 0) {  // of a network whose regions are not all equal
        add_figure(section, step.name, [&] { return deviation_figure(run, step); });
    }
    if (deviation) {
        add_figure(section, step.name, [&] { return space_time_figure(run, step); });
    }
}

using AddEvidence = void (*)(const StoredRun&, const StepRecord&, Section&);
struct Evidence {
    std::string_view kind, heading;
    AddEvidence add;
};
constexpr std::array evidence{
    Evidence{"spectrum", "Spectrum of the connectome", add_spectrum},
    Evidence{"equilibria", "Equilibria and their stability", add_equilibria},
    Evidence{"continue", "Branches and their bifurcations", add_branches},
    Evidence{"diagram", "Bifurcation diagram", add_branches},
    Evidence{"compare", "Theory against run", add_comparison},
    Evidence{"dispersion", "Dispersion relation", add_dispersion},
    Evidence{"hubs", "What the instability rests on", add_hubs},
    Evidence{"lyapunov", "Lyapunov exponents", add_lyapunov},
    Evidence{"meanfield", "Mean field", add_meanfield},
    Evidence{"msf", "Master stability function", add_msf},
    Evidence{"signal", "Signals", add_signal},
    Evidence{"scan", "Scan", add_scan},
    Evidence{"simulate", "Simulation", add_simulation},
    Evidence{"spatial", "In space", add_spatial},
    Evidence{"spike", "Spiking network", add_spikes}};

Section step_section(const StoredRun& run, const StepRecord& step) {
    const auto known = std::ranges::find(evidence, step.kind, &Evidence::kind);
    const std::string heading = known == evidence.end() ? step.kind : std::string(known->heading);
    Section section{step.name == step.kind ? heading : heading + ": " + step.name, {}, {}, {}, {}};
    if (!step.succeeded) {
        section.missing.push_back(failure_text(step));
    } else if (!step.message.empty()) {
        section.paragraphs.push_back(step.message);
    }
    if (!step.summary) {
        section.missing.push_back(step.name + "/summary.json is missing: the step left no result.");
    } else if (known != evidence.end()) {
        known->add(run, step, section);
    }
    return section;
}

// Resolved values of the study, a row each: what a step was asked for is in its own table row.
Section study_section(const StoredRun& run) {
    Section section{"Study", {}, {}, {}, {}};
    TextTable table{{"Key", "Value"}, {}};
    for (const std::string prefix : {"model", "model.parameters", "network", "network.coupling"}) {
        for (const auto& [key, value] : table_at(run.manifest, "study." + prefix)) {
            if (!value.is<Record::Table>()) {
                table.rows.push_back({prefix + "." + key, value_text(value)});
            }
        }
    }
    section.tables.push_back(std::move(table));
    return section;
}

TextTable step_table(const StoredRun& run) {
    TextTable table{{"Step", "Kind", "Status"}, {}};
    for (const StepRecord& step : run.steps) {
        table.rows.push_back({step.name, step.kind, step.status});
    }
    return table;
}

TextTable file_table(const StoredRun& run) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(run.path)) {
        if (entry.path().extension() == ".csv") {
            files.push_back(entry.path().lexically_relative(run.path).generic_string());
        }
    }
    std::ranges::sort(files);
    TextTable table{{"Table", "Columns"}, {}};
    for (const std::string& file : files) {
        const TableHeading heading(run, file);
        std::string columns;
        for (const Column& column : heading.columns()) {
            columns += (columns.empty() ? "" : ", ") + label(column);
        }
        table.rows.push_back({file, columns});
    }
    return table;
}

Section reproduction_section(const StoredRun& run) {
    Section section{"Reproduce", {}, {}, {}, {}};
    section.paragraphs = {
        "cortifold run STUDY makes this folder again, and cortifold report FOLDER its figures and "
        "this page from the tables. Every figure stands in figures/ beside the gnuplot script that "
        "draws it from the tables: cd figures, then gnuplot NAME.gp."};
    TextTable facts{{"Key", "Value"}, {}};
    for (const std::string key : {"version", "commit", "hash", "seed", "compiler"}) {
        if (const Record* value = run.manifest.find(key)) {
            facts.rows.push_back({key, value_text(*value)});
        }
    }
    section.tables = {std::move(facts), step_table(run), file_table(run)};
    return section;
}

}  // namespace

void add_figure(Section& section, const std::string& name, const std::function<Figure()>& make) {
    try {
        section.figures.push_back(make());
    } catch (const ConfigError& error) {
        section.missing.push_back("Figure " + name + ": " + error.what());
    }
}

std::vector<Section> make_sections(const StoredRun& run) {
    std::vector<Section> sections;
    if (run.network) {
        sections.push_back(connectome_section(run));
    }
    for (const StepRecord& step : run.steps) {
        sections.push_back(step_section(run, step));
    }
    sections.push_back(study_section(run));
    sections.push_back(reproduction_section(run));
    return sections;
}

}  // namespace cortifold
