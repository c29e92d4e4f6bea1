#pragma once

#include <cortifold/model/equation_model.hpp>

#include <gtest/gtest.h>

#include <string>

namespace cortifold {

inline EquationDefinition::Expression text(const std::string& formula) {
    return {formula, {"model.ode", 3, 1}};
}

/// A model of one state x, with parameters a = 3, b = 0 and n = 3, whose right-hand side is given.
inline EquationDefinition formula_model(const std::string& rhs) {
    EquationDefinition model;
    model.name = "formula";
    model.file = "model.ode";
    EquationDefinition::State x;
    x.name = "x";
    x.rhs = text(rhs);
    x.initial = text("2");
    model.states = {x};
    for (const auto& [name, value] : {std::pair{"a", 3.0}, {"b", 0.0}, {"n", 3.0}}) {
        EquationDefinition::Parameter parameter;
        parameter.name = name;
        parameter.value = value;
        model.parameters.push_back(parameter);
    }
    return model;
}

/// Value, slope and slope of the slope of the right-hand side of a model of one state.
struct Derivatives {
    double value = 0.0, slope = 0.0, second = 0.0;
};

inline Derivatives derivatives_at(const EquationDefinition& model, double x) {
    const auto node = make_equation_node(model);
    const Vector at{{x}}, along{{1.0}}, p = default_values(node->parameters()),
                                        still = Vector::Zero(p.size()),
                                        u = default_values(node->inputs());
    Linearization linear, moved;
    node->linearize({at, u, p}, {}, linear);
    node->directional({at, u, p}, {along, u, still}, {}, moved);
    EXPECT_EQ(moved.f[0], linear.f_x(0, 0));
    return {linear.f[0], linear.f_x(0, 0), moved.f_x(0, 0)};
}

/// The value of a formula at x = 2.
inline double value_of(const std::string& formula) {
    return derivatives_at(formula_model(formula), 2.0).value;
}

/// What a model is refused with; fails where it is not.
inline std::string refusal(const EquationDefinition& model, const EquationPorts& ports = {}) {
    try {
        static_cast<void>(make_equation_node(model, ports));
    } catch (const ConfigError& error) {
        return error.what();
    }
    ADD_FAILURE() << "the model was accepted";
    return "";
}

}  // namespace cortifold
