#pragma once

#include "support/at_value.hpp"
#include "support/reference_case.hpp"
#include <cortifold/continuation/cycle.hpp>
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/equilibrium/newton.hpp>
#include <cortifold/io/equation_reader.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <string>
#include <utility>

namespace cortifold {

inline constexpr double digits = 1e-7;  ///< relative, of parameters, periods and exponents

inline void expect_near(double found, double expected) {
    EXPECT_NEAR(found, expected, digits * std::abs(expected));
}

/// A model by its equations in the words of XPPAUT.
inline std::shared_ptr<const VectorField> field_of_equations(const std::string& text) {
    Network network;
    network.kinds = {make_equation_node(parse_ode(text, "test.ode", {}))};
    return make_homogeneous_field(network);
}

inline std::vector<SpecialPoint> of_type(const Branch& branch, PointType type) {
    std::vector<SpecialPoint> found;
    std::ranges::copy_if(branch.special, std::back_inserter(found),
                         [&](const SpecialPoint& point) { return point.type == type; });
    return found;
}

/// The cycles of a field along one parameter.
struct Family {
    std::shared_ptr<const VectorField> field;
    Vector parameters;
    std::size_t free;
    ContinuationOptions::Bound range;

    Family(std::shared_ptr<const VectorField> of, const std::string& parameter,
           ContinuationOptions::Bound over)
        : field(std::move(of)),
          parameters(default_values(field->parameters())),
          free(index_of(field->parameters(), parameter)),
          range(over) {}
    Family(const std::string& model, const std::string& parameter, ContinuationOptions::Bound over)
        : Family(field_of(model), parameter, over) {}

    void set(const std::string& name, double value) {
        parameters[static_cast<Eigen::Index>(index_of(field->parameters(), name))] = value;
    }

    /// At the Hopf point with this number.
    [[nodiscard]] CurveStart start(std::size_t number, const CycleOptions& options = {}) {
        parameters[static_cast<Eigen::Index>(free)] = range.low;
        const auto found = find_equilibrium({field, parameters, default_values(field->states())});
        const Branch equilibria =
            continue_branch(equilibrium_curve(field, parameters, free),
                            equilibrium_start(found.state, range.low), {.bounds = {range}});
        for (const SpecialPoint& point : equilibria.special)
            if (point.type == PointType::hopf && number-- == 0)
                return cycles_from_hopf(field, parameters, free, point, options);
        return {};
    }

    /// From values u(t), t from 0 to the period.
    template <class U>
    [[nodiscard]] CurveStart start_from(const U& u, double period,
                                        const CycleOptions& options = {}) const {
        constexpr Eigen::Index count = 101;
        Orbit orbit{Vector::LinSpaced(count, 0.0, period), Matrix(field->dimension(), count)};
        for (Eigen::Index k = 0; k < count; ++k) orbit.states.col(k) = u(orbit.times[k]);
        return cycles_from_orbit(field, parameters, free, orbit, options);
    }

    /// Up to a longest period; zeros of AtValue at the values.
    [[nodiscard]] Branch follow(const CurveStart& from, double longest = 1e9,
                                const std::vector<double>& values = {}) const {
        if (from.problem == nullptr) return {};
        ContinuationOptions along{.bounds = {range, {0.0, longest}}, .direction = from.way};
        for (const double value : values) along.tests.push_back(std::make_shared<AtValue>(value));
        return continue_branch(from.problem, from.point, along);
    }
    [[nodiscard]] Branch cycles(std::size_t number, double longest = 1e9,
                                const std::vector<double>& values = {},
                                const CycleOptions& options = {}) {
        return follow(start(number, options), longest, values);
    }
};

}  // namespace cortifold
