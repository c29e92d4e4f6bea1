#include "compared_curves.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

struct Observable {
    std::string_view key, unit;
};
/// Compared where both sides have them.
constexpr Observable observables[] = {{"rate_hz", "1/s"},
                                      {"cv_isi", ""},
                                      {"rhythm_hz", "1/s"},
                                      {"rate_amplitude_hz", "1/s"},
                                      {"rate_hz_sd", "1/s"}};
constexpr double few_intervals = 20.0;    ///< of a neuron: CVs of fewer are low by over a twentieth
constexpr double doubtful_chance = 0.01;  ///< of a fit
constexpr std::string_view limit = "N -> infinity";

struct CompareOptions {
    std::string theory;             ///< the name of a step
    std::vector<std::string> runs;  ///< likewise; several are taken to the limit of large networks
    AgreementRule rule;
    int bands = 24;
    double size_power = 1.0;  ///< corrections fall as N^-size_power
};

double duration_s(const EarlierStep& run) {
    return number_of(run.summary, "duration").value_or(0.0) * 1e-3;
}

double neurons(const EarlierStep& run) {
    return number_of(run.summary, "neurons").value_or(0.0);
}

/// What a run of the length shows of a prediction: the rates of neurons over it scatter by their
/// counts, too, whose variance is CV^2 rate duration.
std::optional<double> predicted_value(const Record& population, const Observable& observable,
                                      const EarlierStep& run) {
    const auto value = number_of(population, observable.key);
    if (!value || observable.key != "rate_hz_sd") return value;
    const auto rate = number_of(population, "rate_hz"), cv = number_of(population, "cv_isi");
    if (!rate || !cv || !(duration_s(run) > 0.0)) return std::nullopt;
    return std::sqrt(*value * *value + *cv * *cv * *rate / duration_s(run));
}

/// That of a standard deviation over neurons is of independent ones with a normal law.
std::optional<double> error_of(const Record& population, const Observable& observable) {
    auto error = number_of(population, std::string(observable.key) + "_error");
    const auto size = number_of(population, "size"), value = number_of(population, observable.key);
    if (!error && observable.key == "rate_hz_sd" && value && size && *size > 1.0)
        error = *value / std::sqrt(2.0 * (*size - 1.0));
    return error && *error > 0.0 ? error : std::nullopt;
}

/// None where one side does not have it.
std::optional<Comparison> compare_value(const Record& population, const EarlierStep& run,
                                        const Observable& observable) {
    const Record* other =
        find_named(*run.summary.find("populations"), population.find("name")->as<std::string>());
    if (other == nullptr) return std::nullopt;
    const auto predicted = predicted_value(population, observable, run),
               observed = number_of(*other, observable.key);
    if (!predicted || !observed) return std::nullopt;
    return Comparison{*predicted, *observed, error_of(*other, observable)};
}

/// Of several states, of those that are stable if any are, the one whose rates are nearest on a
/// logarithmic scale.
const Record& nearest_state(const Record& states, const Record& observed) {
    const auto is_unstable = [](const Record& state) {
        return number_of(state, "unstable").value_or(0.0) > 0.0;
    };
    const auto distance = [&](const Record& state) {
        double sum = 0.0;
        for (const Record& population : state.find("populations")->as<Record::List>()) {
            const Record* other = find_named(observed, population.find("name")->as<std::string>());
            const auto theory = number_of(population, "rate_hz");
            const auto found = other ? number_of(*other, "rate_hz") : std::nullopt;
            constexpr double least_hz = 1e-3;
            if (theory && found)
                sum += std::abs(std::log(std::max(*theory, least_hz)) -
                                std::log(std::max(*found, least_hz)));
        }
        return std::pair(is_unstable(state), sum);
    };
    return *std::ranges::min_element(states.as<Record::List>(), {}, distance);
}

Record or_null(const std::optional<double>& value) {
    return value ? Record(*value) : Record();
}

Cell or_empty(const std::optional<double>& value) {
    return value ? Cell(*value) : Cell(std::string());
}

bool all_agree(const Record& list) {
    return std::ranges::all_of(list.as<Record::List>(),
                               [](const Record& one) { return one.find("agrees")->as<bool>(); });
}

class CompareStep final : public Step {
public:
    explicit CompareStep(CompareOptions options) : options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const EarlierStep& theory = earlier(at, options_.theory);
        std::vector<const EarlierStep*> runs;
        for (const std::string& name : options_.runs) runs.push_back(&earlier(at, name));
        std::ranges::stable_sort(runs, {}, [](const EarlierStep* run) { return neurons(*run); });
        StepResult result{Status::converged, "", Record::Table{}};
        describe(runs, result.summary);
        const Record* states = theory.summary.find("states");
        if (states == nullptr || !states->is<Record::List>() || states->as<Record::List>().empty())
            return without(result, "state of the theory");
        for (const EarlierStep* run : runs)
            if (const Record* found = run->summary.find("populations");
                found == nullptr || !found->is<Record::List>() || found->as<Record::List>().empty())
                return without(result, "run");
        const EarlierStep& largest = *runs.back();
        const Record& state = nearest_state(*states, *largest.summary.find("populations"));
        result.summary["state"] = *state.find("label");
        compare(at, {theory, largest, state}, runs, result);
        return result;
    }

private:
    static const EarlierStep& earlier(const StepContext& at, const std::string& name) {
        return *std::ranges::find(at.earlier, name, &EarlierStep::name);
    }

    void describe(const std::vector<const EarlierStep*>& runs, Record& summary) const {
        summary["theory"] = options_.theory;
        summary["run"] = runs.back()->name;
        summary["runs"] = Record::List{};
        for (const EarlierStep* run : runs) summary["runs"].push_back(run->name);
        summary["tolerance"] = options_.rule.tolerance;
        summary["largest_z"] = options_.rule.largest_z;
    }

    static StepResult without(StepResult& result, const std::string& what) {
        result.status = Status::no_theory;
        result.message = "there is no " + what + " to compare";
        result.summary["checks"] = Record::List{};
        return std::move(result);
    }

    void compare(const StepContext& at, const ComparedRun& compared,
                 const std::vector<const EarlierStep*>& runs, StepResult& result) const {
        Record limits = Record::List{};
        std::vector<Check> checks = runs.size() > 1 ? check_limits(at, compared.state, runs, limits)
                                                    : check_values(compared);
        // In a cell of a scan there are no tables.
        const bool has_tables = at.cell == nullptr;
        const Record spectra =
            has_tables ? compare_spectra(compared, options_.rule, options_.bands, at.folder, checks)
                       : Record(Record::List{});
        const Record courses = has_tables ? compare_time_courses(compared, options_.rule, at.folder)
                                          : Record(Record::List{});
        if (runs.size() > 1 && limits.as<Record::List>().empty()) {
            result.status = Status::no_theory;
            result.message =
                "no limit of large networks: it needs runs of two sizes, with standard errors";
        } else if (checks.empty() && courses.as<Record::List>().empty()) {
            result.status = Status::no_theory;
            result.message = "theory and run have no population and quantity in common";
        }
        write(at, checks);
        Record list = Record::List{};
        for (const Check& check : checks) list.push_back(record(check));
        summarize(checks, result);
        tell("spectra", spectra, result.message);
        tell("time courses", courses, result.message);
        result.summary["agrees"] =
            succeeded(result.status) && all_agree(list) && all_agree(spectra) && all_agree(courses);
        result.summary["checks"] = std::move(list);
        result.summary["limits"] = std::move(limits);
        if (runs.size() > 1) result.summary["size_power"] = options_.size_power;
        result.summary["spectra"] = spectra;
        result.summary["courses"] = courses;
    }

    static std::vector<Check> check_values(const ComparedRun& compared) {
        std::vector<Check> checks;
        for (const Observable& observable : observables)
            for (const Record& population : compared.state.find("populations")->as<Record::List>())
                if (const auto values = compare_value(population, compared.run, observable)) {
                    const auto& name = population.find("name")->as<std::string>();
                    checks.push_back({name, std::string(observable.key),
                                      std::string(observable.unit), *values, true,
                                      doubts(compared.state, compared.run, name, observable)});
                }
        return checks;
    }

    /// Of all runs that have a value with an error; and each of them by itself.
    std::vector<Check> check_limits(const StepContext& at, const Record& state,
                                    const std::vector<const EarlierStep*>& runs,
                                    Record& limits) const {
        CsvWriter table(at.folder / "sizes.csv", {{"population", ""},
                                                  {"quantity", ""},
                                                  {"run", ""},
                                                  {"size", ""},
                                                  {"predicted", ""},
                                                  {"observed", ""},
                                                  {"standard_error", ""},
                                                  {"z", ""},
                                                  {"fit", ""}});
        std::vector<Check> checks;
        for (const Observable& observable : observables)
            for (const Record& population : state.find("populations")->as<Record::List>()) {
                std::vector<SizedValue> sized;
                std::vector<Comparison> each;
                for (const EarlierStep* run : runs)
                    if (const auto values = compare_value(population, *run, observable);
                        values && values->error && neurons(*run) > 0.0) {
                        sized.push_back({neurons(*run), values->observed, *values->error});
                        each.push_back(*values);
                    }
                const SizeLimit found = sized.size() == runs.size()
                                            ? extrapolate_in_size(sized, options_.size_power)
                                            : SizeLimit{};
                if (!succeeded(found.status)) continue;
                const auto& name = population.find("name")->as<std::string>();
                checks.push_back({name,
                                  std::string(observable.key),
                                  std::string(observable.unit),
                                  {each.back().predicted, found.limit, found.limit_error},
                                  true,
                                  doubts(state, *runs.back(), name, observable)});
                Check& check = checks.back();
                if (found.chance && *found.chance < doubtful_chance)
                    check.validity.push_back(name + ": " + check.quantity +
                                             " is not linear in N^-" + brief(options_.size_power) +
                                             ", by chance in " + brief(100.0 * *found.chance) +
                                             " % of such runs");
                limits.push_back(record(check, found, runs, each));
                for (std::size_t k = 0; k < runs.size(); ++k)
                    table.write_row(std::initializer_list<Cell>{
                        name, check.quantity, runs[k]->name, sized[k].size, each[k].predicted,
                        each[k].observed, *each[k].error, *each[k].z(),
                        found.limit + found.slope * std::pow(sized[k].size, -options_.size_power)});
            }
        table.close();
        return checks;
    }

    static Record record(const Check& check, const SizeLimit& found,
                         const std::vector<const EarlierStep*>& runs,
                         const std::vector<Comparison>& each) {
        Record list = Record::List{};
        for (std::size_t k = 0; k < runs.size(); ++k)
            list.push_back(Record::Table{{"run", runs[k]->name},
                                         {"neurons", neurons(*runs[k])},
                                         {"observed", each[k].observed},
                                         {"standard_error", or_null(each[k].error)},
                                         {"z", or_null(each[k].z())},
                                         {"effect", or_null(each[k].effect())}});
        return Record::Table{{"name", check.population + "." + check.quantity},
                             {"limit", found.limit},
                             {"limit_error", found.limit_error},
                             {"slope", found.slope},
                             {"slope_error", found.slope_error},
                             {"squares", found.squares},
                             {"degrees_of_freedom", found.degrees_of_freedom},
                             {"chance", or_null(found.chance)},
                             {"runs", list}};
    }

    /// Those of the theory, and that long intervals do not fit into a short run.
    static Record doubts(const Record& state, const EarlierStep& run, const std::string& population,
                         const Observable& observable) {
        Record list = doubts_about(state, population, false);
        const Record* found = find_named(*run.summary.find("populations"), population);
        const auto rate = found ? number_of(*found, "rate_hz") : std::nullopt;
        const double spikes = rate.value_or(0.0) * duration_s(run);
        if (observable.key == "cv_isi" && spikes < few_intervals)
            list.push_back(population + ": in a run of " + brief(spikes) +
                           " spikes of a neuron its long intervals have no room, and CVs are low");
        return list;
    }

    [[nodiscard]] bool agrees(const Check& check) const {
        return check.is_observed && judge(check.values, options_.rule).agrees;
    }

    /// How many agree, and which is the farthest off.
    void summarize(const std::vector<Check>& checks, StepResult& result) const {
        const auto agreeing =
            std::ranges::count_if(checks, [&](const Check& check) { return agrees(check); });
        result.summary["agree"] = std::int64_t{agreeing};
        if (checks.empty()) return;
        result.summary["agreeing_part"] =
            static_cast<double>(agreeing) / static_cast<double>(checks.size());
        result.message =
            std::to_string(agreeing) + " of " + std::to_string(checks.size()) + " quantities agree";
        const auto off = [](const Check& check) {
            return check.is_observed ? std::abs(check.values.effect().value_or(0.0)) : 0.0;
        };
        const Check& worst = *std::ranges::max_element(checks, {}, off);
        const std::string name = worst.quantity + " of " + worst.population;
        const double effect = worst.values.effect().value_or(0.0);
        result.summary["worst"] = name;
        result.summary["worst_effect"] = effect;
        result.message += ", the farthest off is " + name + " by " + brief(100.0 * effect) + " %";
        const auto missing = std::ranges::count(checks, false, &Check::is_observed);
        if (missing > 0)
            result.message +=
                ", and " + std::to_string(missing) + " predicted peaks are not in the spectra";
    }

    static void tell(const std::string& what, const Record& list, std::string& message) {
        const auto& items = list.as<Record::List>();
        if (items.empty()) return;
        const auto agree = std::ranges::count_if(
            items, [](const Record& one) { return one.find("agrees")->as<bool>(); });
        message += (message.empty() ? "" : "; ") + std::to_string(agree) + " of " +
                   std::to_string(items.size()) + " " + what + " agree";
    }

    void write(const StepContext& at, const std::vector<Check>& checks) const {
        CsvWriter table(at.folder / "checks.csv", {{"population", ""},
                                                   {"quantity", ""},
                                                   {"predicted", ""},
                                                   {"observed", ""},
                                                   {"standard_error", ""},
                                                   {"z", ""},
                                                   {"effect", ""},
                                                   {"least_effect", ""},
                                                   {"agrees", ""}});
        for (const Check& check : checks) {
            const auto seen = [&](const std::optional<double>& value) {
                return check.is_observed ? or_empty(value) : Cell(std::string());
            };
            table.write_row(std::initializer_list<Cell>{
                check.population, check.quantity, check.values.predicted,
                seen(check.values.observed), seen(check.values.error), seen(check.values.z()),
                seen(check.values.effect()), seen(judge(check.values, options_.rule).least_effect),
                std::string(agrees(check) ? "yes" : "no")});
        }
        table.close();
    }

    [[nodiscard]] Record record(const Check& check) const {
        const Agreement verdict = judge(check.values, options_.rule);
        const auto seen = [&](const std::optional<double>& value) {
            return check.is_observed ? or_null(value) : Record();
        };
        Record record =
            Record::Table{{"name", check.population + "." + check.quantity},
                          {"unit", check.unit},
                          {"predicted", check.values.predicted},
                          {"observed", seen(check.values.observed)},
                          {"standard_error", seen(check.values.error)},
                          {"z", seen(check.values.z())},
                          {"effect", seen(check.values.effect())},
                          {"least_effect", seen(verdict.least_effect)},
                          {"within_tolerance", check.is_observed && verdict.within_tolerance}};
        record["within_errors"] = verdict.within_errors ? Record(*verdict.within_errors) : Record();
        record["agrees"] = agrees(check);
        record["validity"] = check.validity;
        if (options_.runs.size() > 1 && !check.quantity.starts_with("peak")) record["of"] = limit;
        return record;
    }

    CompareOptions options_;
};

/// Names of earlier steps of a kind.
std::vector<std::string> steps_before(const ConfigReader& options, const Study& study,
                                      std::string_view kind) {
    std::vector<std::string> known;
    const auto& own = options.record().find("name")->as<std::string>();
    for (const Record& step : study.steps.as<Record::List>()) {
        const auto& name = step.find("name")->as<std::string>();
        if (name == own) break;
        if (step.find("do")->as<std::string>() == kind) known.push_back(name);
    }
    if (known.empty())
        throw ConfigError("a step compare needs a step " + std::string(kind) + " before it",
                          options.record().where);
    return known;
}

void require_known(const std::string& name, std::string_view kind,
                   const std::vector<std::string>& known, const SourceLine& where) {
    if (std::ranges::find(known, name) == known.end())
        throw ConfigError(unknown_name("earlier step " + std::string(kind), name, known), where);
}

/// The step that a key names, or the nearest.
std::string read_step_name(ConfigReader& options, const Study& study, std::string_view key,
                           std::string_view kind) {
    const std::vector<std::string> known = steps_before(options, study, kind);
    const std::string name = options.text(key, known.back());
    require_known(name, kind, known, options.where(key));
    return name;
}

/// `runs`, two or more, or `run`.
std::vector<std::string> read_runs(ConfigReader& options, const Study& study) {
    const Record* list = options.any("runs");
    if (list == nullptr) return {read_step_name(options, study, "run", "spike")};
    if (options.has("run"))
        throw ConfigError(options.path("run") + " is one run, and " + options.path("runs") +
                              " are several: only one of the two keys can be given",
                          options.where("run"));
    const std::vector<std::string> known = steps_before(options, study, "spike");
    std::vector<std::string> names;
    const Record::List items =
        list->is<Record::List>() ? list->as<Record::List>() : Record::List{*list};
    for (const Record& item : items) {
        if (!item.is<std::string>()) continue;
        require_known(item.as<std::string>(), "spike", known, item.where);
        if (std::ranges::find(names, item.as<std::string>()) == names.end())
            names.push_back(item.as<std::string>());
    }
    if (names.size() < 2 || names.size() != items.size())
        throw ConfigError(options.path("runs") +
                              " must list two or more different steps spike, of networks of "
                              "different sizes",
                          list->where);
    return names;
}

/// Whether parameters of neurons are at the quantiles of their law, whose mean over N converges as
/// N^(-1/2) only.
bool has_quantiles(const Record& tables) {
    if (tables.is<Record::List>())
        return std::ranges::any_of(tables.as<Record::List>(), has_quantiles);
    if (!tables.is<Record::Table>()) return false;
    return std::ranges::any_of(tables.as<Record::Table>(), [](const auto& entry) {
        const auto& [key, value] = entry;
        return key == "quantiles" ? value.template is<bool>() && value.template as<bool>()
                                  : has_quantiles(value);
    });
}

}  // namespace

std::unique_ptr<Step> read_compare(ConfigReader& options, const Study& study) {
    constexpr double most_bands = 1e4;
    CompareOptions compare;
    compare.theory = read_step_name(options, study, "theory", "meanfield");
    compare.runs = read_runs(options, study);
    compare.rule.largest_z = options.number("largest_z", compare.rule.largest_z, positive);
    compare.rule.tolerance = options.number("tolerance", compare.rule.tolerance, {0.0, 10.0});
    compare.size_power =
        options.number("size_power", has_quantiles(study.populations) ? 0.5 : 1.0, {0.1, 4.0});
    compare.bands = static_cast<int>(options.integer("bands", compare.bands, {1.0, most_bands}));
    return std::make_unique<CompareStep>(std::move(compare));
}

}  // namespace cortifold
