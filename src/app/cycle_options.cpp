#include "cycle_options.hpp"

#include <cortifold/continuation/diagram.hpp>

namespace cortifold {

namespace {

constexpr CycleMethod methods[] = {CycleMethod::collocation};
constexpr Bounds degrees{2.0, 7.0}, intervals{4.0, 1e5}, fraction{1e-14, 1e-2};

}  // namespace

CycleSetting read_cycle_setting(ConfigReader& options) {
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
    if (table.has("max_period")) setting.max_period = table.number("max_period", {}, positive);
    table.finish();
    return setting;
}

ContinuationOptions::Bound period_bound(const CycleSetting& setting, double first) {
    return {0.0, setting.max_period.value_or(longest_period * first)};
}

}  // namespace cortifold
