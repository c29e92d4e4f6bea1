#pragma once

#include <cortifold/core/error.hpp>
#include <cortifold/core/quantity.hpp>
#include <cortifold/core/vector_field.hpp>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

/// A model as text: what an .ode or TOML file says, with arrays written out and names as they were
/// first spelled. Names ignore case. An expression is in XPP's syntax and may use states,
/// parameters, constants, quantities above it, functions, tables, noises and the time `t`.
struct EquationDefinition {
    static constexpr double unlimited = std::numeric_limits<double>::infinity();

    struct Expression {
        std::string text;
        SourceLine where;  ///< of its first character
    };
    /// A named expression.
    struct Formula {
        std::string name;
        Expression expression;
        std::string unit = "1", meaning;
    };
    struct State {
        std::string name;
        Expression rhs;      ///< d name / dt
        Expression initial;  ///< of parameters and constants; empty: 0
        std::string unit = "1", meaning;
        double low = -unlimited, high = unlimited;
    };
    struct Parameter {
        std::string name;
        double value = 0.0, low = -unlimited, high = unlimited;
        std::string unit = "1", meaning;
        SourceLine where;
    };
    struct Function {
        std::string name;
        std::vector<std::string> arguments;
        Expression body;
    };
    /// name(x), between equally spaced points on [first, last]; beyond them the line goes on.
    struct Table {
        enum class Interpolation { linear, cubic_spline, piecewise_constant };
        std::string name;
        double first = 0.0, last = 1.0;
        std::vector<double> values;
        Interpolation interpolation = Interpolation::linear;
        Expression formula;      ///< of t, in place of values; sampled once, without parameters
        std::size_t points = 0;  ///< of the formula
    };
    /// Where the condition crosses zero, each target (a state or a parameter) takes its value; all
    /// values are of the state before.
    struct Event {
        std::string name;
        Crossing crossing = Crossing::either;
        Expression condition;
        std::vector<Formula> assignments;
        Flow then = Flow::proceed;
    };
    /// What the file asks of a simulation.
    struct Run {
        std::optional<double> duration, step, t0, transient, bound;
        std::optional<std::string> method;        ///< as the file spells it
        std::optional<std::size_t> output_every;  ///< steps
    };
    /// A line that was understood and has no meaning here.
    struct Note {
        SourceLine where;
        std::string text;
    };

    std::string name, about, time_unit = "1";
    std::string file;  ///< empty: exported from a built-in model
    std::vector<State> states;
    std::vector<Parameter> parameters;
    std::vector<Parameter> constants;  ///< as parameters that nobody may set
    std::vector<Formula> quantities;   ///< evaluated in this order before the right-hand sides
    std::vector<Formula> auxiliaries;
    std::vector<Function> functions;
    std::vector<Table> tables;
    std::vector<std::string> noises;  ///< each a white noise dW/dt of its own
    std::vector<Event> events;
    std::vector<Formula> inputs, outputs;  ///< ports: an input is added to the parameter of its
                                           ///< name, or is a name of its own; an output is an
                                           ///< expression
    Run run;
    std::vector<Note> ignored;
};

}  // namespace cortifold
