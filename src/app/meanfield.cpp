#include "meanfield_system.hpp"
#include "populations.hpp"
#include "qif_meanfield.hpp"
#include "response_record.hpp"
#include "step.hpp"
#include "system.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/meanfield/delay_roots.hpp>
#include <cortifold/meanfield/linear_response.hpp>
#include <cortifold/meanfield/qif_mean_field.hpp>
#include <cortifold/meanfield/quenched.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

enum class States { all, one };
constexpr States wanted_states[] = {States::all, States::one};
std::string_view to_string(States states) {
    return states == States::all ? "all" : "one";
}

/// Where the theory's first order in sqrt(tau_s / tau_m) and its Poisson statistics are stretched.
constexpr double slow_synapse = 0.32, low_cv = 0.5, high_cv = 1.5;
/// From here on conductances are no currents of an effective size.
constexpr double noisy_force = 0.2;
constexpr double per_ms = 2e-3 * std::numbers::pi;  ///< of 1 Hz
constexpr double per_second = 1e3;                  ///< of 1/ms

struct MeanFieldOptions {
    TransferOptions transfer{};
    States states = States::all;
    bool quenched = false;    ///< neurons differ in their indegrees and rates
    Vector frequencies_hz{};  ///< of spectra; empty: none
    Vector sensitivity_hz{};  ///< where connections are weighed; empty: nowhere
    bool roots = true;
    RootRegion region{};
};

bool has_reversals(const LifPopulation& population) {
    return population.reversals.has_value();
}

class MeanFieldStep final : public Step {
public:
    MeanFieldStep(LifNetwork network, MeanFieldOptions options)
        : network_(std::move(network)), options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        at.progress.start("meanfield");
        const WorkingPoints found = options_.quenched ? quenched(find_states()) : find_states();
        StepResult result{found.status, found.message, Record::Table{}};
        result.summary["theory"] = to_string(options_.transfer.theory);
        Tables tables(at.folder, network_, options_.frequencies_hz.size() > 0);
        if (options_.sensitivity_hz.size() > 0)
            tables.sensitivity.emplace(at.folder, options_.sensitivity_hz);
        Record states = Record::List{};
        for (std::size_t k = 0; k < found.points.size() && !interrupted(); ++k) {
            at.progress.update(static_cast<double>(k) / static_cast<double>(found.points.size()));
            states.push_back(describe(found.points[k], label(k), tables));
        }
        tables.close();
        at.progress.finish();
        if (interrupted()) result.status = Status::interrupted;
        result.summary["states"] = std::move(states);
        return result;
    }

private:
    struct Tables {
        Tables(const std::filesystem::path& folder, const LifNetwork& network, bool with_spectra)
            : populations(folder / "populations.csv", {{"state", ""},
                                                       {"name", ""},
                                                       {"rate", "1/s"},
                                                       {"mean", "mV"},
                                                       {"sd", "mV"},
                                                       {"cv_isi", ""},
                                                       {"rate_sd", "1/s"},
                                                       {"spread", "mV"}}) {
            if (!with_spectra) return;
            std::vector<Column> powers{{"state", ""}, {"frequency", "1/s"}}, loops = powers;
            for (std::size_t i = 0; i < network.populations.size(); ++i) {
                powers.push_back({network.populations[i].name, "1/s"});
                const std::string number = "[" + std::to_string(i + 1) + "]";
                loops.push_back({"loop_re" + number, ""});
                loops.push_back({"loop_im" + number, ""});
            }
            spectra.emplace(folder / "spectra.csv", powers);
            trajectories.emplace(folder / "loops.csv", loops);
        }
        void close() {
            populations.close();
            if (spectra) spectra->close();
            if (trajectories) trajectories->close();
            if (sensitivity) sensitivity->close();
        }
        CsvWriter populations;
        std::optional<CsvWriter> spectra{}, trajectories{};
        std::optional<SensitivityRecord> sensitivity{};
    };

    static std::string label(std::size_t k) { return "state" + std::to_string(k + 1); }

    /// A search for all that finds none says less of the reason than one for a single state.
    [[nodiscard]] WorkingPoints find_states() const {
        if (options_.states == States::all) {
            WorkingPoints all = find_all_working_points(network_, options_.transfer.theory);
            if (succeeded(all.status)) return all;
        }
        WorkingPoint one = find_working_point(network_, options_.transfer.theory);
        WorkingPoints found{one.status, one.message, {}};
        if (succeeded(one.status)) found.points.push_back(std::move(one));
        return found;
    }

    /// From each state of equal neurons, where they differ; what does not settle is left out.
    [[nodiscard]] WorkingPoints quenched(const WorkingPoints& equal) const {
        WorkingPoints found{equal.status, equal.message, {}};
        for (const WorkingPoint& start : equal.points) {
            WorkingPoint point =
                find_quenched_point(network_, options_.transfer.theory, start.rates_hz);
            if (succeeded(point.status)) {
                found.points.push_back(std::move(point));
            } else {
                found.status = point.status;
                found.message = point.message;
            }
        }
        return found;
    }

    [[nodiscard]] Record describe(const WorkingPoint& point, const std::string& name,
                                  Tables& tables) const {
        Record populations = Record::List{};
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            const auto k = static_cast<Eigen::Index>(i);
            const double sd = std::sqrt(point.inputs[i].variance_mV2);
            populations.push_back(Record::Table{{"name", network_.populations[i].name},
                                                {"rate_hz", point.rates_hz[k]},
                                                {"mean_mv", point.inputs[i].mean_mV},
                                                {"sd_mv", sd},
                                                {"cv_isi", point.cvs[k]}});
            if (options_.quenched) {  // else nothing is said of how neurons differ
                Record& last = populations.as<Record::List>().back();
                last["rate_hz_sd"] = point.rate_sds_hz[k];
                last["spread_mv"] = point.inputs[i].spread_mV;
            }
            tables.populations.write_row(std::initializer_list<Cell>{
                name, network_.populations[i].name, point.rates_hz[k], point.inputs[i].mean_mV, sd,
                point.cvs[k], point.rate_sds_hz[k], point.inputs[i].spread_mV});
        }
        Record state = Record::Table{{"label", name},
                                     {"state", rates_by_name(point)},
                                     {"populations", populations},
                                     {"residual_hz", point.residual_hz},
                                     {"validity", doubts(point)}};
        if (options_.roots) add_roots(point, state);
        if (options_.frequencies_hz.size() > 0) add_spectra(point, name, state, tables);
        if (tables.sensitivity)
            state["sensitivity"] =
                tables.sensitivity->add(network_, point, name, options_.transfer);
        return state;
    }

    /// As branches of self-consistent rates have them.
    [[nodiscard]] Record rates_by_name(const WorkingPoint& point) const {
        return state_record(*make_mean_field(network_, options_.transfer.theory), point.rates_hz);
    }

    /// What the theory takes for granted and this state does not have.
    [[nodiscard]] Record doubts(const WorkingPoint& point) const {
        Record list = Record::List{};
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            const LifPopulation& population = network_.populations[i];
            const double cv = point.cvs[static_cast<Eigen::Index>(i)];
            const double k = std::sqrt(point.neurons[i].tau_s / point.neurons[i].tau_m);
            if (options_.transfer.theory != SynapseTheory::delta && k > slow_synapse)
                list.push_back(population.name + ": sqrt(tau_s / tau_m) = " + brief(k) +
                               " is no small number");
            if (const double part = distance_lost(population, point.inputs[i]); part > noisy_force)
                list.push_back(population.name + ": potentials fluctuate by " + brief(part) +
                               " of the distance to a reversal potential, which is taken for "
                               "constant");
            if (cv < low_cv || cv > high_cv)
                list.push_back(population.name + ": intervals with a CV of " + brief(cv) +
                               " are far from those of a Poisson process, which spectra assume");
        }
        return list;
    }

    /// Of conductances: the standard deviation of the potential in parts of its distance to the
    /// nearer reversal potential; 0 of currents.
    static double distance_lost(const LifPopulation& population, const LifInput& input) {
        if (!population.reversals) return 0.0;
        const double distance = std::min(population.reversals->excitatory_mV - input.mean_mV,
                                         input.mean_mV - population.reversals->inhibitory_mV);
        return std::sqrt(0.5 * input.variance_mV2) / distance;
    }

    void add_roots(const WorkingPoint& point, Record& state) const {
        if (std::ranges::any_of(network_.populations, has_reversals)) {
            state["unstable_status"] = to_string(Status::no_theory);
            state["unstable_message"] = "of conductances the theory has stationary states alone";
            return;
        }
        const LinearFeedback feedback = feedback_of(network_, point, options_.transfer);
        const UnstableRoots unstable = count_unstable_roots(feedback);
        state["unstable_status"] = to_string(unstable.status);
        state["unstable_message"] = unstable.message;
        if (succeeded(unstable.status))
            state["unstable"] = static_cast<std::int64_t>(unstable.count);
        if (!succeeded(unstable.status) || unstable.count == 0) return;
        const CharacteristicRoots found = find_characteristic_roots(feedback, options_.region);
        Record list = Record::List{};
        for (const CharacteristicRoot& root : found.roots)
            list.push_back(Record::Table{{"growth", root.lambda_per_ms.real() * per_second},
                                         {"frequency", root.lambda_per_ms.imag() / per_ms},
                                         {"error", root.error * per_second},
                                         {"residual", root.residual}});
        state["eigenvalues"] = list;
        state["validity"].push_back(
            "fluctuations grow about this state: spectra of small ones are those of no run");
    }

    void add_spectra(const WorkingPoint& point, const std::string& name, Record& state,
                     Tables& tables) const {
        const Eigen::Index n = std::ssize(network_.populations);
        const Vector& frequencies = options_.frequencies_hz;
        const auto connectivity =
            effective_connectivity(network_, point, oscillations(frequencies), options_.transfer);
        const Vector noise = finite_size_noise(network_, point);
        const EigenvalueTrajectories loops = follow_eigenvalues(connectivity);
        constexpr double none = std::numeric_limits<double>::quiet_NaN();
        Matrix powers = Matrix::Constant(frequencies.size(), n, none);
        for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
            if (const auto spectra =
                    cross_spectra(connectivity[static_cast<std::size_t>(k)], noise))
                powers.row(k) = spectra->diagonal().real();
            std::vector<Cell> power_row{name, frequencies[k]}, loop_row = power_row;
            for (Eigen::Index i = 0; i < n; ++i) {
                power_row.push_back(std::isfinite(powers(k, i)) ? Cell(powers(k, i)) : Cell(""));
                loop_row.emplace_back(loops.values(k, i).real());
                loop_row.emplace_back(loops.values(k, i).imag());
            }
            tables.spectra->write_row(power_row);
            tables.trajectories->write_row(loop_row);
        }
        Record peaks = Record::List{};
        for (Eigen::Index i = 0; i < n; ++i) {
            Record list = Record::List{};
            for (Eigen::Index k = 1; k + 1 < frequencies.size(); ++k)
                if (powers(k, i) > powers(k - 1, i) && powers(k, i) >= powers(k + 1, i))
                    list.push_back(peak(frequencies, powers.col(i), k));
            peaks.push_back(Record::Table{
                {"name", network_.populations[static_cast<std::size_t>(i)].name}, {"peaks", list}});
        }
        state["spectra"] = peaks;
        state["loops"] = nearest_approaches(frequencies, loops);
    }

    /// The top of the parabola through the logarithms of three powers.
    static Record peak(const Vector& frequencies, ConstVectorRef powers, Eigen::Index k) {
        const double left = std::log(powers[k - 1]), middle = std::log(powers[k]),
                     right = std::log(powers[k + 1]);
        const double bend = left - 2.0 * middle + right;
        const double shift = bend < 0.0 ? 0.5 * (left - right) / bend : 0.0;
        return Record::Table{
            {"frequency", frequencies[k] + shift * (frequencies[k + 1] - frequencies[k])},
            {"power", std::exp(middle - 0.25 * (left - right) * shift)}};
    }

    LifNetwork network_;
    MeanFieldOptions options_;
};

Vector read_frequencies(ConfigReader& options) {
    constexpr double most_frequencies = 1e5;
    ConfigReader table = options.table("spectra");
    if (!options.has("spectra")) return {};
    const auto range = table.range("frequencies").value_or(std::pair(1.0, 400.0));
    if (range.first < 0.0)
        throw ConfigError(
            table.path("frequencies") + " must not be negative, begins at " + show(range.first),
            table.where("frequencies"));
    const auto points = table.integer("points", 400, {3.0, most_frequencies});
    table.finish();
    return Vector::LinSpaced(points, range.first, range.second);
}

void refuse_conductances(const PopulationNetwork& network, const ConfigReader& options) {
    for (const Population& population : network.populations)
        if (std::holds_alternative<LifConductance>(population.neuron))
            throw ConfigError("spectra: population." + population.name +
                                  " has conductances, of which the theory has stationary states "
                                  "alone",
                              options.where("spectra"));
}

/// `{ frequency = 63.0 }`, or a list of frequencies.
Vector read_sensitivity(ConfigReader& options) {
    ConfigReader table = options.table("sensitivity");
    if (!options.has("sensitivity")) return {};
    const Record* given = table.any("frequency");
    const Record::List list = given == nullptr            ? Record::List{}
                              : given->is<Record::List>() ? given->as<Record::List>()
                                                          : Record::List{*given};
    Vector frequencies(std::ssize(list));
    for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
        const Record& item = list[static_cast<std::size_t>(k)];
        if (item.is_finite_number() && item.number() >= 0.0)
            frequencies[k] = item.number();
        else
            throw ConfigError(table.path("frequency") + " must be 0 or more, in Hz", item.where);
    }
    if (list.empty())
        throw ConfigError(table.path("frequency") + " is missing: in Hz, a number or a list",
                          table.where("frequency"));
    table.finish();
    return frequencies;
}

std::unique_ptr<Step> read_lif_meanfield(ConfigReader& options, const PopulationStudy& study) {
    MeanFieldOptions theory;
    theory.transfer = read_transfer(options);
    theory.states = options.choice<States>("states", theory.states, wanted_states);
    theory.quenched = options.flag("quenched", theory.quenched);
    theory.frequencies_hz = read_frequencies(options);
    theory.sensitivity_hz = read_sensitivity(options);
    theory.roots = options.flag("roots", true);
    if (theory.frequencies_hz.size() + theory.sensitivity_hz.size() > 0)
        refuse_conductances(study.network, options);
    theory.region.high = options.number("fastest_growth", 200.0, positive) / per_second;
    theory.region.frequency = options.number("highest_frequency", 500.0, positive) * per_ms;
    return std::make_unique<MeanFieldStep>(
        mean_field_network(study.network, options.record().where), std::move(theory));
}

}  // namespace

std::unique_ptr<Step> read_meanfield(ConfigReader& options, const Study& study) {
    const PopulationStudy read = read_study_populations(options, study);
    try {
        return has_qif_neurons(read.network) ? read_qif_meanfield(options, read)
                                             : read_lif_meanfield(options, read);
    } catch (const UsageError& error) {
        throw ConfigError(std::string("there is no mean field of this network: ") + error.what(),
                          options.record().where);
    }
}

}  // namespace cortifold
