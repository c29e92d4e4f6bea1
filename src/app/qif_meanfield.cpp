#include "qif_meanfield.hpp"

#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/continuation/simple_attractor.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/meanfield/qif_mean_field.hpp>
#include <cortifold/spiking/activity.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

constexpr double per_second = 1e3;  ///< of 1/ms

/// A cycle is corrected again with a tolerance that is so much smaller: what moves is its error.
constexpr double finer = 1e-2;

/// A number of each population in a state, as summary and populations.csv have it.
struct StateQuantity {
    std::string_view key;
    Column column;
};
const std::array quantities{StateQuantity{"rate_hz", {"rate", "1/s"}},
                            StateQuantity{"potential", {"potential", ""}},
                            StateQuantity{"rhythm_hz", {"rhythm", "1/s"}},
                            StateQuantity{"rate_amplitude_hz", {"rate_amplitude", "1/s"}}};

using Values = std::vector<std::pair<std::string, Vector>>;  ///< of a key, one a population
using Sentences = std::vector<std::string>;

class QifMeanFieldStep final : public Step {
public:
    QifMeanFieldStep(QifMeanField theory, const std::vector<std::string>& doubts,
                     const CourseBins& bins)
        : theory_(std::move(theory)), bins_(bins) {
        for (const std::string& doubt : doubts) doubts_.push_back(doubt);
    }

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        at.progress.start("meanfield");
        const SearchResult found = find_equilibria(theory_, at.context);
        StepResult result{found.status, found.message, Record::Table{}, Record::Table{}};
        Record states = Record::List{};
        for (std::size_t k = 0; k < found.equilibria.size(); ++k)
            states.push_back(equilibrium(label(k), found.equilibria[k]));
        result.summary["theory"] = "exact";
        add_attractor(found, states, result.summary);
        if (bins_.count > 0) add_courses(at.folder, states, result);
        write_populations(at.folder, states);
        result.summary["states"] = std::move(states);
        at.progress.finish();
        return result;
    }

private:
    static std::string label(std::size_t k) { return "state" + std::to_string(k + 1); }

    [[nodiscard]] Record state(const std::string& name, const Values& values,
                               const Sentences& own_doubts) const {
        Record populations = Record::List{};
        for (std::size_t k = 0; k < theory_.populations.size(); ++k) {
            Record population = Record::Table{{"name", theory_.populations[k]}};
            for (const auto& [key, value] : values)
                population[key] = value[static_cast<Eigen::Index>(k)];
            populations.push_back(std::move(population));
        }
        Record doubts = doubts_;
        for (const std::string& doubt : own_doubts) doubts.push_back(doubt);
        return Record::Table{{"label", name}, {"populations", populations}, {"validity", doubts}};
    }

    /// Eigenvalues, or the exponents of a cycle, in 1/ms.
    static void add_stability(const ComplexVector& spectrum, int unstable, Record& state) {
        state["unstable"] = std::int64_t{unstable};
        state["eigenvalues"] = Record::List{};
        for (const std::complex<double>& lambda : spectrum)
            state["eigenvalues"].push_back(Record::Table{
                {"growth", per_second * lambda.real()},
                {"frequency", per_second * lambda.imag() / (2.0 * std::numbers::pi)}});
    }

    [[nodiscard]] Vector seen_rates(const Vector& state, Sentences& doubts) const {
        return seen_rates_hz(theory_, state(theory_.rates).transpose(), doubts).transpose();
    }

    [[nodiscard]] Record equilibrium(const std::string& name, const EquilibriumResult& at) const {
        Sentences doubts;
        Record record = state(name,
                              {{"rate_hz", seen_rates(at.state, doubts)},
                               {"potential", at.state(theory_.potentials)}},
                              doubts);
        add_stability(at.eigenvalues, at.n_unstable, record);
        record["residual"] = at.residual;
        return record;
    }

    /// What the initial state settles on; a cycle joins the states.
    void add_attractor(const SearchResult& found, Record& states, Record& summary) const {
        const SimpleAttractor attractor =
            find_simple_attractor({theory_.field, theory_.parameters, theory_.initial});
        summary["attractor"] = Record();
        summary["attractor_message"] = attractor.message;
        if (attractor.kind == SimpleAttractorKind::cycle) {
            states.push_back(cycle("cycle1", attractor.cycle));
            summary["attractor"] = "cycle1";
        } else if (attractor.kind == SimpleAttractorKind::equilibrium) {
            const auto nearest = std::ranges::min_element(
                found.equilibria, {}, [&](const EquilibriumResult& equilibrium) {
                    return (equilibrium.state - attractor.state).norm();
                });
            if (nearest != found.equilibria.end())
                summary["attractor"] =
                    label(static_cast<std::size_t>(nearest - found.equilibria.begin()));
        }
    }

    [[nodiscard]] Values values_of(const BranchPoint& cycle, Sentences& doubts) const {
        const Vector mean = CycleProfile(cycle, theory_.field->dimension()).mean(),
                     amplitude = 0.5 * (cycle.maximum - cycle.minimum);
        return {
            {"rate_hz", seen_rates(mean, doubts)},
            {"potential", mean(theory_.potentials)},
            {"rhythm_hz", Vector::Constant(std::ssize(theory_.rates), per_second / cycle.period)},
            {"rate_amplitude_hz", per_second * amplitude(theory_.rates)}};
    }

    [[nodiscard]] Record cycle(const std::string& name, const BranchPoint& found) const {
        const CycleOptions defaults;
        const CycleResult again = follow_cycle(theory_.field, theory_.parameters, found,
                                               {.tolerance = finer * defaults.tolerance});
        const BranchPoint& best = succeeded(again.status) ? again.cycle : found;
        Sentences doubts, repeated;
        Values values = values_of(best, doubts);
        if (succeeded(again.status)) {
            const Values first = values_of(found, repeated);
            for (std::size_t k = 0; k < first.size(); ++k)
                values.emplace_back(first[k].first + "_error",
                                    (values[k].second - first[k].second).cwiseAbs());
        }
        Record record = state(name, values, doubts);
        add_stability(best.spectrum, best.n_unstable.value_or(0), record);
        record["residual"] = best.residual;
        return record;
    }

    static void write_populations(const std::filesystem::path& folder, const Record& states) {
        std::vector<Column> columns{{"state", ""}, {"name", ""}};
        for (const StateQuantity& quantity : quantities) columns.push_back(quantity.column);
        CsvWriter table(folder / "populations.csv", columns);
        for (const Record& state : states.as<Record::List>())
            for (const Record& population : state.find("populations")->as<Record::List>()) {
                std::vector<Cell> row{state.find("label")->as<std::string>(),
                                      population.find("name")->as<std::string>()};
                for (const StateQuantity& quantity : quantities)
                    if (const Record* value = population.find(quantity.key))
                        row.emplace_back(value->number());
                    else
                        row.emplace_back(std::string());
                table.write_row(row);
            }
        table.close();
    }

    /// Where currents change in time, the mean over it joins the states: a run has no other.
    void add_courses(const std::filesystem::path& folder, Record& states,
                     StepResult& result) const {
        const RateCourses courses = find_courses(theory_, bins_);
        std::vector<Column> columns{{"t", "ms"}};
        for (const std::string& name : theory_.populations) columns.push_back({name, "1/s"});
        CsvWriter table(folder / "courses.csv", columns);
        for (Eigen::Index bin = 0; bin < courses.rates_hz.rows(); ++bin) {
            std::vector<double> row{(static_cast<double>(bin) + 0.5) * bins_.bin_ms};
            for (const double rate : courses.rates_hz.row(bin)) row.push_back(rate);
            table.write_row(row);
        }
        table.close();
        result.summary["courses"] = Record::Table{{"transient", bins_.start_ms},
                                                  {"rate_bin", bins_.bin_ms},
                                                  {"bins", courses.rates_hz.rows()},
                                                  {"validity", Record::List{}}};
        for (const std::string& doubt : courses.doubts)
            result.summary["courses"]["validity"].push_back(doubt);
        if (succeeded(courses.status)) {
            if (!theory_.drives.empty())
                states.push_back(state("course",
                                       {{"rate_hz", courses.rates_hz.colwise().mean().transpose()}},
                                       courses.doubts));
            return;
        }
        result.status = courses.status;
        result.message = "courses: " + courses.message;
    }

    QifMeanField theory_;
    CourseBins bins_;
    Record doubts_ = Record::List{};
};

/// As of a step `spike`: whole bins, as wide as a multiple of the step of the simulation.
CourseBins read_bins(ConfigReader& options, double step_ms) {
    constexpr double longest_ms = 1e9, most_bins = 1e8;
    if (!options.has("duration")) return {};
    const double duration = options.number("duration", {}, {step_ms, longest_ms});
    const double width =
        step_ms * std::round(options.number("rate_bin", ActivityOptions{}.rate_bin_ms,
                                            {step_ms, longest_ms}) /
                             step_ms);
    const double start = options.number("transient", 0.0, {0.0, longest_ms});
    const double count = std::floor(duration / width + 1e-9);
    if (count < 1.0 || count > most_bins)
        throw ConfigError(options.path("duration") + " = " + show(duration) + " ms makes " +
                              show(count) + " bins of " + show(width) + " ms; allowed are 1 to " +
                              show(most_bins),
                          options.where("duration"));
    return {start, width, static_cast<Eigen::Index>(count)};
}

}  // namespace

std::unique_ptr<Step> read_qif_meanfield(ConfigReader& options, const PopulationStudy& study) {
    const CourseBins bins = read_bins(options, study.step_ms);
    const PopulationLimit limit =
        options.flag("finite_size", false) ? PopulationLimit::quantiles : PopulationLimit::infinite;
    return std::make_unique<QifMeanFieldStep>(
        qif_mean_field_of(study.network, limit),
        doubts_of_qif_mean_field(study.network, study.step_ms, limit), bins);
}

}  // namespace cortifold
