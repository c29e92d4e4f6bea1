#include "branch_options.hpp"

#include <algorithm>
#include <limits>

namespace cortifold {

namespace {

constexpr CorrectorKind correctors[] = {CorrectorKind::pseudo_arclength,
                                        CorrectorKind::moore_penrose, CorrectorKind::natural};
/// Radians. A step that turns more says nothing of where the curve goes.
constexpr Bounds angles{positive.low, 1.4};
constexpr Predictor predictors[] = {Predictor::hermite, Predictor::tangent};

/// What a key holds: several of it in a list, or one.
Record::List items_of(ConfigReader& options, std::string_view key, bool (*is_one)(const Record&),
                      std::string_view expected) {
    const Record* given = options.any(key);
    if (given == nullptr) return {};
    Record::List items;
    if (is_one(*given))
        items = {*given};
    else if (given->is<Record::List>())
        items = given->as<Record::List>();
    if (items.empty() || !std::ranges::all_of(items, is_one))
        throw ConfigError(options.path(key) + " must be " + std::string(expected), given->where);
    return items;
}

bool is_text(const Record& record) {
    return record.is<std::string>();
}

bool is_range(const Record& record) {
    return record.is<Record::List>() && record.as<Record::List>().size() == 2 &&
           std::ranges::all_of(record.as<Record::List>(), &Record::is_finite_number);
}

std::string show_range(double low, double high) {
    return "[" + show(low) + ", " + show(high) + "]";
}

}  // namespace

ContinuationOptions::Bound read_bound(const Record& range, const Quantity& parameter) {
    const double low = range.as<Record::List>()[0].number(),
                 high = range.as<Record::List>()[1].number();
    if (!(low < high))
        throw ConfigError("the range " + show_range(low, high) + " of " +
                              std::string(parameter.name) + " must ascend",
                          range.where);
    if (low < parameter.low || high > parameter.high)
        throw ConfigError("the range " + show_range(low, high) + " of " +
                              std::string(parameter.name) + " must lie in its limits " +
                              show_range(parameter.low, parameter.high),
                          range.where);
    return {low, high};
}

namespace {

/// Of `parameter` and `parameters2`, of which the latter may name the former again.
template <class Same>
Record::List joined(Record::List first, const Record::List& further, Same same) {
    const bool repeats = !first.empty() && further.size() == 2 && same(first[0], further[0]);
    first.insert(first.end(), further.begin() + (repeats ? 1 : 0), further.end());
    return first;
}

}  // namespace

AskedParameters read_asked_parameters(ConfigReader& options) {
    const auto same = [](const Record& a, const Record& b) { return to_json(a) == to_json(b); };
    AskedParameters asked;
    asked.names = joined(items_of(options, "parameter", is_text, "the name of a parameter"),
                         items_of(options, "parameters2", is_text, "a list of two names"), same);
    asked.ranges =
        joined(items_of(options, "range", is_range, "a list of two finite numbers"),
               items_of(options, "ranges", is_range, "a list of two ranges [low, high]"), same);
    const char* needed =
        "a branch needs parameter = \"P\" and range = [low, high]; a curve in two "
        "parameters parameters2 = [\"P\", \"Q\"] and ranges = [[..], [..]]";
    const std::size_t names = asked.names.size();
    if (names == 0 || names > 2 || names != asked.ranges.size())
        throw ConfigError(std::string(needed) + "; found " + std::to_string(names) + " names and " +
                              std::to_string(asked.ranges.size()) + " ranges",
                          options.record().where);
    return asked;
}

std::vector<FreeParameter> free_parameters(const AskedParameters& asked, const Study& study,
                                           const VectorField& field) {
    const auto& [names, ranges] = asked;
    std::vector<FreeParameter> free;
    for (std::size_t k = 0; k < names.size(); ++k) {
        const std::size_t number =
            parameter_index(study, field, names[k].as<std::string>(), names[k].where);
        free.push_back(
            {number, short_name(field, number), read_bound(ranges[k], field.parameters()[number])});
    }
    if (free.size() == 2 && free[0].number == free[1].number)
        throw ConfigError("both parameters of the curve are " + free[0].name, names[1].where);
    return free;
}

void check_inside(const FreeParameter& parameter, const Vector& parameters,
                  const SourceLine& where) {
    const double value = parameters[static_cast<Eigen::Index>(parameter.number)];
    if (value >= parameter.range.low && value <= parameter.range.high) return;
    throw ConfigError("the branch starts at " + parameter.name + " = " + show(value) +
                          ", outside its range [" + show(parameter.range.low) + ", " +
                          show(parameter.range.high) + "]; parameters = { " + parameter.name +
                          " = ... } starts it elsewhere",
                      where);
}

std::optional<PointType> find_point_type(std::string_view name) {
    for (int k = 0; k <= static_cast<int>(PointType::unresolved); ++k)
        if (to_string(static_cast<PointType>(k)) == name) return static_cast<PointType>(k);
    return std::nullopt;
}

ContinuationOptions read_continuation_options(ConfigReader& options) {
    ContinuationOptions run;
    const Bounds in_steps{1.0, 1e6}, fraction{1e-15, 1e-1};
    run.max_points = static_cast<int>(options.integer("max_points", run.max_points, in_steps));
    run.stop_after = static_cast<int>(
        options.integer("stop_after", run.stop_after, {1.0, std::numeric_limits<int>::max()}));
    run.state_limit = options.number("state_limit", run.state_limit, positive);
    run.step.largest = options.number("max_step", run.step.largest, positive);
    run.step.initial =
        options.number("initial_step", std::min(run.step.initial, run.step.largest), positive);
    const double first = std::min(run.step.initial, run.step.largest);
    run.step.smallest = options.number("min_step", std::min(run.step.smallest, first), positive);
    if (run.step.smallest > first)
        throw ConfigError(options.path("min_step") + " = " + show(run.step.smallest) +
                              " must not exceed initial_step = " + show(run.step.initial) +
                              " and max_step = " + show(run.step.largest),
                          options.where("min_step"));
    run.step.largest_angle = options.number("max_angle", run.step.largest_angle, angles);
    run.step.predictor = options.choice<Predictor>("predictor", run.step.predictor, predictors);
    run.corrector.kind = options.choice<CorrectorKind>("corrector", run.corrector.kind, correctors);
    run.corrector.step_tolerance =
        options.number("step_tolerance", run.corrector.step_tolerance, fraction);
    run.corrector.residual_tolerance =
        options.number("residual_tolerance", run.corrector.residual_tolerance, fraction);
    run.validate();
    return run;
}

}  // namespace cortifold
