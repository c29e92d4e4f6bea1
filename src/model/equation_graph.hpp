#pragma once

#include "formulas.hpp"
#include <cortifold/core/vector_field.hpp>
#include <cortifold/model/equation_model.hpp>

namespace cortifold {

/// An event compiled: where it lies, and what it assigns.
struct EventGraph {
    struct Target {
        enum class Kind { state, parameter, halt };  ///< halt: the run ends where the value is > 0
        Kind kind = Kind::state;
        std::size_t which = 0;
    };
    Jump jump;
    Flow then = Flow::proceed;
    ValueId condition = 0;
    std::vector<Target> targets;
    std::vector<ValueId> values;  ///< one a target
};

/// A definition compiled: its formulas as values of one graph.
struct EquationGraph {
    struct Port {
        std::string name, unit, meaning;
    };
    Graph graph;
    ArgumentLayout layout;
    std::vector<Port> inputs, outputs;
    std::vector<std::size_t> noises;  ///< among the inputs
    std::optional<std::size_t> time;  ///< among the inputs
    std::vector<ValueId> rhs, output, auxiliary, initial;
    std::vector<EventGraph> events;
};

[[nodiscard]] EquationGraph compile_equations(const EquationDefinition& definition,
                                              const EquationPorts& ports);

class Scope;
[[nodiscard]] std::vector<EventGraph> compile_events(
    std::span<const EquationDefinition::Event> events, Scope& scope,
    std::span<const std::string> states, std::span<const std::string> parameters);

}  // namespace cortifold
