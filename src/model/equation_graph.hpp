#pragma once

#include "graph.hpp"
#include <cortifold/core/vector_field.hpp>
#include <cortifold/model/equation_model.hpp>

namespace cortifold {

/// Where a node's arguments stand among the inputs of a graph: states, input ports, parameters.
struct ArgumentLayout {
    std::size_t states = 0, inputs = 0, parameters = 0;
    [[nodiscard]] std::size_t state(std::size_t k) const { return k; }
    [[nodiscard]] std::size_t input(std::size_t k) const { return states + k; }
    [[nodiscard]] std::size_t parameter(std::size_t k) const { return states + inputs + k; }
    [[nodiscard]] std::size_t size() const { return states + inputs + parameters; }
    [[nodiscard]] double argument(const NodePoint& at, std::size_t place) const;
};

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
    std::vector<ValueId> rhs, output, auxiliary;
    std::vector<double> initial;
    std::vector<EventGraph> events;
};

[[nodiscard]] EquationGraph compile_equations(const EquationDefinition& definition,
                                              const EquationPorts& ports);

class Scope;
[[nodiscard]] std::vector<EventGraph> compile_events(
    std::span<const EquationDefinition::Event> events, Scope& scope,
    std::span<const std::string> states, std::span<const std::string> parameters);

}  // namespace cortifold
