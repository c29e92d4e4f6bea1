#include "step.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/table.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

struct Observable {
    std::string_view key, unit;
};
constexpr double negligible = 1e-6;  ///< of rates and CVs
constexpr Observable observables[] = {{"rate_hz", "1/s"}, {"cv_isi", ""}};

struct CompareOptions {
    std::string theory, run;  ///< names of steps
    double largest_z = 3.0, tolerance = 0.05;
};

const Record* find_by(const Record& list, std::string_view key, const std::string& value) {
    const auto& items = list.as<Record::List>();
    const auto found = std::ranges::find_if(items, [&](const Record& item) {
        const Record* name = item.find(key);
        return name != nullptr && name->is<std::string>() && name->as<std::string>() == value;
    });
    return found == items.end() ? nullptr : &*found;
}

/// A number of a table, if it is one.
std::optional<double> number_of(const Record& table, std::string_view key) {
    const Record* found = table.find(key);
    if (found == nullptr || !found->is_finite_number()) return std::nullopt;
    return found->number();
}

class CompareStep final : public Step {
public:
    explicit CompareStep(CompareOptions options) : options_(std::move(options)) {}

    [[nodiscard]] StepResult run(const StepContext& at) const override {
        const EarlierStep& theory = earlier(at, options_.theory);
        const EarlierStep& run = earlier(at, options_.run);
        StepResult result{Status::converged, "", Record::Table{}};
        result.summary["theory"] = options_.theory;
        result.summary["run"] = options_.run;
        result.summary["tolerance"] = options_.tolerance;
        result.summary["largest_z"] = options_.largest_z;
        const Record* states = theory.summary.find("states");
        const Record* observed = run.summary.find("populations");
        if (states == nullptr || !states->is<Record::List>() ||
            states->as<Record::List>().empty() || observed == nullptr ||
            !observed->is<Record::List>()) {
            result.status = Status::no_theory;
            result.message = "there is no " +
                             std::string(observed == nullptr ? "run" : "state of the theory") +
                             " to compare";
            result.summary["checks"] = Record::List{};
            return result;
        }
        const Record& state = nearest(*states, *observed);
        result.summary["state"] = *state.find("label");
        compare(at, state, *observed, result);
        return result;
    }

private:
    static const EarlierStep& earlier(const StepContext& at, const std::string& name) {
        return *std::ranges::find(at.earlier, name, &EarlierStep::name);
    }

    /// Of several states the one whose rates are nearest on a logarithmic scale.
    static const Record& nearest(const Record& states, const Record& observed) {
        const auto distance = [&](const Record& state) {
            double sum = 0.0;
            for (const Record& population : state.find("populations")->as<Record::List>()) {
                const Record* other =
                    find_by(observed, "name", population.find("name")->as<std::string>());
                const auto theory = number_of(population, "rate_hz");
                const auto found = other ? number_of(*other, "rate_hz") : std::nullopt;
                constexpr double least_hz = 1e-3;
                if (theory && found)
                    sum += std::abs(std::log(std::max(*theory, least_hz)) -
                                    std::log(std::max(*found, least_hz)));
            }
            return sum;
        };
        return *std::ranges::min_element(states.as<Record::List>(), {}, distance);
    }

    /// One quantity of one population.
    struct Check {
        std::string population;
        Observable observable;
        double predicted = 0.0, observed = 0.0;
        std::optional<double> error{};  ///< of the observed one, if it is known

        [[nodiscard]] double difference() const { return observed - predicted; }
        /// In parts of the prediction; none of what is predicted not to be there.
        [[nodiscard]] std::optional<double> effect() const {
            if (std::abs(predicted) < negligible) return std::nullopt;
            return difference() / std::abs(predicted);
        }
        [[nodiscard]] std::optional<double> z() const {
            if (!error) return std::nullopt;
            return difference() / *error;
        }
    };

    /// None where one side does not have it.
    static std::optional<Check> check(const Record& population, const Record& observed,
                                      const Observable& observable) {
        const auto& name = population.find("name")->as<std::string>();
        const Record* other = find_by(observed, "name", name);
        if (other == nullptr) return std::nullopt;
        const auto predicted = number_of(population, observable.key),
                   found = number_of(*other, observable.key);
        if (!predicted || !found) return std::nullopt;
        auto error = number_of(*other, std::string(observable.key) + "_error");
        if (error && !(*error > 0.0)) error.reset();
        return Check{name, observable, *predicted, *found, error};
    }

    [[nodiscard]] bool agrees(const Check& check) const {
        return std::abs(check.difference()) <= options_.tolerance * std::abs(check.predicted) +
                                                   options_.largest_z * check.error.value_or(0.0);
    }

    void compare(const StepContext& at, const Record& state, const Record& observed,
                 StepResult& result) const {
        std::vector<Check> checks;
        for (const Observable& observable : observables)
            for (const Record& population : state.find("populations")->as<Record::List>())
                if (const auto found = check(population, observed, observable))
                    checks.push_back(*found);
        write(at, checks);
        Record list = Record::List{};
        for (const Check& check : checks) list.push_back(record(check, state.find("validity")));
        const auto agreeing =
            std::ranges::count_if(checks, [&](const Check& check) { return agrees(check); });
        result.summary["agree"] = std::int64_t{agreeing};
        result.message =
            std::to_string(agreeing) + " of " + std::to_string(checks.size()) + " quantities agree";
        if (!checks.empty()) {
            const Check& worst = *std::ranges::max_element(checks, {}, [](const Check& check) {
                return std::abs(check.effect().value_or(0.0));
            });
            const std::string name = std::string(worst.observable.key) + " of " + worst.population;
            result.summary["worst"] = name;
            result.summary["worst_effect"] = worst.effect().value_or(0.0);
            result.message += ", the farthest off is " + name + " by " +
                              brief(100.0 * worst.effect().value_or(0.0)) + " %";
        }
        result.summary["checks"] = std::move(list);
    }

    void write(const StepContext& at, const std::vector<Check>& checks) const {
        CsvWriter table(at.folder / "checks.csv", {{"population", ""},
                                                   {"quantity", ""},
                                                   {"predicted", ""},
                                                   {"observed", ""},
                                                   {"standard_error", ""},
                                                   {"z", ""},
                                                   {"effect", ""},
                                                   {"agrees", ""}});
        const auto cell = [](const std::optional<double>& value) {
            return value ? Cell(*value) : Cell(std::string());
        };
        for (const Check& check : checks)
            table.write_row(std::initializer_list<Cell>{
                check.population, std::string(check.observable.key), check.predicted,
                check.observed, cell(check.error), cell(check.z()), cell(check.effect()),
                std::string(agrees(check) ? "yes" : "no")});
        table.close();
    }

    [[nodiscard]] Record record(const Check& check, const Record* doubts) const {
        const auto or_null = [](const std::optional<double>& value) {
            return value ? Record(*value) : Record();
        };
        return Record::Table{{"name", check.population + "." + std::string(check.observable.key)},
                             {"unit", check.observable.unit},
                             {"predicted", check.predicted},
                             {"observed", check.observed},
                             {"standard_error", or_null(check.error)},
                             {"z", or_null(check.z())},
                             {"effect", or_null(check.effect())},
                             {"agrees", agrees(check)},
                             {"validity", doubts_about(doubts, check.population)}};
    }

    /// What the theory says of its own validity there.
    static Record doubts_about(const Record* doubts, const std::string& population) {
        Record list = Record::List{};
        if (doubts != nullptr && doubts->is<Record::List>())
            for (const Record& doubt : doubts->as<Record::List>())
                if (doubt.as<std::string>().starts_with(population + ":")) list.push_back(doubt);
        return list;
    }

    CompareOptions options_;
};

/// The earlier step of a kind that the key names, or the nearest before this one.
std::string read_step_name(ConfigReader& options, const Study& study, std::string_view key,
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
    const std::string name = options.text(key, known.back());
    if (std::ranges::find(known, name) == known.end())
        throw ConfigError(unknown_name("earlier step " + std::string(kind), name, known),
                          options.where(key));
    return name;
}

}  // namespace

std::unique_ptr<Step> read_compare(ConfigReader& options, const Study& study) {
    CompareOptions compare;
    compare.theory = read_step_name(options, study, "theory", "meanfield");
    compare.run = read_step_name(options, study, "run", "spike");
    compare.largest_z = options.number("largest_z", compare.largest_z, positive);
    compare.tolerance = options.number("tolerance", compare.tolerance, {0.0, 10.0});
    return std::make_unique<CompareStep>(std::move(compare));
}

}  // namespace cortifold
