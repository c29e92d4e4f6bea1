#include "branch_functions.hpp"

#include <cortifold/continuation/cycle_profile.hpp>
#include <cortifold/model/equation_model.hpp>

#include <algorithm>
#include <cctype>
#include <limits>

namespace cortifold {

namespace {

/// The name becomes a column and, numbered, a label.
void check_name(const std::string& name, const Node& node, const SourceLine& where) {
    const bool is_word = std::ranges::all_of(
        name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
    if (name.empty() || !is_word || find_point_type(name) || find_index(node.states(), name) ||
        find_index(node.parameters(), name))
        throw ConfigError(
            "the function name \"" + name +
                "\" must be made of letters, digits and _, and be no state, parameter "
                "or type of point",
            where);
}

/// The one number of a table with one of these keys.
std::pair<std::string, double> read_level(const std::string& path, const Record& given) {
    if (given.is<Record::Table>() && given.as<Record::Table>().size() == 1) {
        const auto& [of, value] = given.as<Record::Table>().front();
        if ((of == "growth" || of == "period") && value.is_finite_number())
            return {of, value.number()};
    }
    throw ConfigError(
        path + " must be an expression in quotes, { growth = VALUE } or { period = VALUE }",
        given.where);
}

}  // namespace

/// Of one of the functions.
class BranchFunctions::Zero final : public TestFunction {
public:
    Zero(const BranchFunctions& all, std::size_t number, Vector parameters,
         std::vector<FreeParameter> free)
        : all_(all), number_(number), parameters_(std::move(parameters)), free_(std::move(free)) {}

    [[nodiscard]] std::string_view name() const override { return all_.names_[number_]; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        const std::size_t expressions = all_.expressions_.size();
        const double level =
            number_ < expressions ? 0.0 : all_.levels_[number_ - expressions].value;
        return all_.value(number_, point, parameters_at(point, parameters_, free_)) - level;
    }

private:
    const BranchFunctions& all_;
    std::size_t number_;
    Vector parameters_;
    std::vector<FreeParameter> free_;
};

BranchFunctions::BranchFunctions(ConfigReader& options, const System& system, const Study& study)
    : node_(system.network.kinds.empty() ? nullptr : system.network.kinds.front()),
      field_(system.field),
      regions_(system.regions(study)) {
    (void)options.any("functions");
    options.assume("functions", Record::Table{});
    const ConfigReader table = options.table("functions");
    if (node_ == nullptr && !table.record().as<Record::Table>().empty())
        throw ConfigError(options.path("functions") + " are of a [model] of one region",
                          options.where("functions"));
    std::vector<std::string> level_names;
    for (const auto& [name, given] : table.record().as<Record::Table>()) {
        check_name(name, *node_, given.where);
        if (given.is<std::string>()) {
            EquationDefinition::Expression expression{given.as<std::string>(), given.where};
            expression.where.column = given.column + 1;
            EquationDefinition::Event event;
            event.name = name;
            event.condition = std::move(expression);
            expressions_.push_back(make_node_events({&event, 1}, *node_));
            names_.push_back(name);
        } else {
            const auto [of, value] = read_level(table.path(name), given);
            levels_.push_back({of == "growth" ? Level::Of::growth : Level::Of::period, value});
            level_names.push_back(name);
        }
    }
    names_.insert(names_.end(), level_names.begin(), level_names.end());
}

Vector BranchFunctions::values(const BranchPoint& point, const Vector& parameters) const {
    Vector values(static_cast<Eigen::Index>(names_.size()));
    for (std::size_t k = 0; k < names_.size(); ++k)
        values[static_cast<Eigen::Index>(k)] = value(k, point, parameters);
    return values;
}

double BranchFunctions::value(std::size_t number, const BranchPoint& point,
                              const Vector& parameters) const {
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    if (number >= expressions_.size()) {
        if (levels_[number - expressions_.size()].of == Level::Of::period)
            return is_cycle(point) ? point.period : undefined;
        return point.spectrum.size() > 0 ? point.spectrum[0].real() : undefined;
    }
    const auto states = static_cast<Eigen::Index>(node_->states().size());
    const Vector all = mean_over_period(point, states * regions_);
    const Vector x = all.reshaped(regions_, states).colwise().mean();
    Vector u = Vector::Zero(static_cast<Eigen::Index>(node_->inputs().size()));
    if (const auto time = node_->time_input())
        u[static_cast<Eigen::Index>(*time)] =
            parameters[static_cast<Eigen::Index>(*field_->time())];
    const Vector p = parameters.head(static_cast<Eigen::Index>(node_->parameters().size()));
    Vector value(1);
    expressions_[number]->values({x, u, p}, value);
    return value[0];
}

std::vector<std::shared_ptr<const TestFunction>> BranchFunctions::tests(
    const Vector& parameters, const std::vector<FreeParameter>& free) const {
    std::vector<std::shared_ptr<const TestFunction>> tests;
    for (std::size_t k = 0; k < names_.size(); ++k)
        tests.push_back(std::make_shared<Zero>(*this, k, parameters, free));
    return tests;
}

Vector parameters_at(const BranchPoint& point, Vector parameters,
                     std::span<const FreeParameter> free) {
    const std::size_t count = point.parameters.size() - (is_cycle(point) ? 1 : 0);
    for (std::size_t k = 0; k < count; ++k)
        parameters[static_cast<Eigen::Index>(free[k].number)] = point.parameters[k];
    return parameters;
}

}  // namespace cortifold
