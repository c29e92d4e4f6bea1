#include "cycle_options.hpp"

#include <cortifold/continuation/diagram.hpp>
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numbers>

namespace cortifold {

namespace {

constexpr CycleMethod methods[] = {CycleMethod::collocation, CycleMethod::shooting,
                                   CycleMethod::newton_picard, CycleMethod::fourier};
constexpr Bounds degrees{2.0, 7.0}, intervals{4.0, 1e5}, fraction{1e-14, 1e-2},
    sections{1.0, 1000.0}, harmonics{1.0, 250.0};
/// How much a driven field may differ from itself a period later, in parts of its largest values.
constexpr double repeated = 1e-8;
constexpr int looks = 7;  ///< at the field during a period

/// A key of one or two methods alone.
void read_own(ConfigReader& table, std::string_view key, Bounds bounds,
              std::initializer_list<CycleMethod> of, CycleOptions& cycle, int& value) {
    if (std::ranges::find(of, cycle.method) != of.end()) {
        value = static_cast<int>(table.integer(key, value, bounds));
        return;
    }
    if (!table.has(key)) return;
    std::string names;
    for (const CycleMethod method : of)
        names += (names.empty() ? "\"" : " or \"") + std::string(to_string(method)) + "\"";
    throw ConfigError(table.path(key) + " is for method = " + names + ", not \"" +
                          std::string(to_string(cycle.method)) + "\"",
                      table.where(key));
}

/// What users call the rate of a drive.
struct DriveWord {
    std::string_view key;
    double factor;
    int power;
};
constexpr DriveWord drive_words[] = {
    {"period", 1.0, 1}, {"frequency", 1.0, -1}, {"angular_frequency", 2.0 * std::numbers::pi, -1}};

/// A number, or the parameter that has it.
Forcing read_drive(ConfigReader& table, const DriveWord& word, const Study& study,
                   const System& system) {
    const Record& given = *table.any(word.key);
    if (given.is_finite_number() && given.number() > 0.0)
        return {word.factor * std::pow(given.number(), word.power), std::nullopt, 1};
    if (!given.is<std::string>())
        throw ConfigError(
            table.path(word.key) + " must be the name of a parameter or a number above 0",
            given.where);
    const std::size_t number =
        parameter_index(study, *system.field, given.as<std::string>(), given.where);
    const double value = system.parameters[static_cast<Eigen::Index>(number)];
    if (!(value > 0.0))
        throw ConfigError(table.path(word.key) + " is " + given.as<std::string>() + " = " +
                              show(value) + ", which must be above 0",
                          given.where);
    return {word.factor, number, word.power};
}

/// Throws ConfigError where the field is another one a period later.
void check_repeats(const VectorField& field, Vector p, double period, const SourceLine& where) {
    const Vector x = field.initial(p);
    const auto time = static_cast<Eigen::Index>(*field.time());
    const auto at = [&](double t) {
        p[time] = t;
        Vector f(x.size());
        field.rhs(x, p, f);
        return f;
    };
    double largest = 0.0, difference = 0.0;
    for (int k = 0; k < looks; ++k) {
        const double t = period * k / looks;
        const Vector now = at(t), later = at(t + period);
        largest = std::max(largest, now.cwiseAbs().maxCoeff());
        difference = std::max(difference, (later - now).cwiseAbs().maxCoeff());
    }
    if (difference > repeated * largest)
        throw ConfigError("after " + show(period) +
                              " the model is not what it was: that is no period of what drives it",
                          where);
}

std::optional<Forcing> read_forcing(ConfigReader& table, const Study& study, const System& system) {
    std::optional<Forcing> forcing;
    SourceLine where;
    for (const DriveWord& word : drive_words) {
        if (!table.has(word.key)) continue;
        where = table.where(word.key);
        if (forcing)
            throw ConfigError(table.path(word.key) + ": the period of the drive is given twice",
                              where);
        if (!system.field->time())
            throw ConfigError(
                table.path(word.key) + " is of a drive: the model does not depend on the time t",
                where);
        forcing = read_drive(table, word, study, system);
    }
    if (!system.field->time()) return {};
    if (system.at_given_time)
        throw ConfigError("in a cycle time runs: leave out the parameter t", table.where("period"));
    if (!forcing)
        throw ConfigError(
            "the model depends on the time t, so cycles need the period of what drives it: cycle = "
            "{ period = \"P\" }, { frequency = \"f\" } or { angular_frequency = \"omega\" }, "
            "each the name of a parameter or a number",
            table.where("period"));
    check_repeats(*system.field, system.parameters, drive_period(*forcing, system.parameters),
                  where);
    return forcing;
}

}  // namespace

CycleSetting read_cycle_setting(ConfigReader& options, const Study& study, const System& system) {
    ConfigReader table = options.table("cycle");
    CycleSetting setting;
    CycleOptions& cycle = setting.options;
    cycle.method = table.choice<CycleMethod>("method", cycle.method, methods);
    cycle.degree = static_cast<int>(table.integer("degree", cycle.degree, degrees));
    cycle.tolerance = table.number("tolerance", cycle.tolerance, fraction);
    cycle.min_intervals =
        static_cast<int>(table.integer("min_intervals", cycle.min_intervals, intervals));
    cycle.max_intervals =
        static_cast<int>(table.integer("max_intervals", cycle.max_intervals, intervals));
    if (cycle.max_intervals < cycle.min_intervals)
        throw ConfigError(
            table.path("max_intervals") + " = " + std::to_string(cycle.max_intervals) +
                " must be at least min_intervals = " + std::to_string(cycle.min_intervals),
            table.where(table.has("max_intervals") ? "max_intervals" : "min_intervals"));
    read_own(table, "sections", sections, {CycleMethod::shooting, CycleMethod::fourier}, cycle,
             cycle.sections);
    read_own(table, "harmonics", harmonics, {CycleMethod::fourier}, cycle, cycle.harmonics);
    if (table.has("max_period")) setting.max_period = table.number("max_period", {}, positive);
    cycle.forcing = read_forcing(table, study, system);
    if (cycle.forcing && cycle.method != CycleMethod::collocation)
        throw ConfigError(
            "cycles of a model that depends on time are followed by method = "
            "\"collocation\", not \"" +
                std::string(to_string(cycle.method)) + "\"",
            table.where("method"));
    table.finish();
    return setting;
}

ContinuationOptions::Bound period_bound(const CycleSetting& setting, const CurveStart& start) {
    // Driven cycles go on without an end of their own: their period is that of the drive.
    const double longest =
        setting.options.forcing ? std::numeric_limits<double>::infinity() : period_limit(start);
    return {0.0, setting.max_period.value_or(longest)};
}

}  // namespace cortifold
