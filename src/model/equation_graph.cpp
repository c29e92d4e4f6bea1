#include "equation_graph.hpp"

#include "graph_facts.hpp"
#include "operations.hpp"
#include "scope.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

using Definition = EquationDefinition;

SourceLine file_of(const Definition& definition) {
    return {definition.file};
}

std::vector<std::string> names(const auto& list) {
    std::vector<std::string> found;
    for (const auto& entry : list) found.push_back(entry.name);
    return found;
}

std::optional<std::size_t> place_of(std::span<const std::string> names, std::string_view name) {
    const auto found = std::ranges::find(names, folded(name), folded);
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<std::size_t>(found - names.begin()));
}

class Compiler {
public:
    Compiler(const Definition& definition, const EquationPorts& ports)
        : definition_(definition),
          parameters_(names(definition.parameters)),
          formulas_(made_.graph),
          plain_(made_.graph) {
        add_inputs(ports);
        define_names();
        for (const Definition::State& state : definition.states)
            made_.rhs.push_back(formulas_.compile(state.rhs));
        add_initial_values();
        for (const Definition::Formula& auxiliary : definition.auxiliaries)
            made_.auxiliary.push_back(formulas_.compile(auxiliary.expression));
        made_.events =
            compile_events(definition.events, formulas_, names(definition.states), parameters_);
        add_outputs(ports);
        settle_time();
        check_noises();
    }

    EquationGraph take() && { return std::move(made_); }

private:
    [[nodiscard]] std::size_t input_count() const { return made_.inputs.size(); }
    [[nodiscard]] ValueId argument(std::size_t place) { return made_.graph.input(place); }

    /// Parameters that are received, the definition's ports, noises, and the time.
    void add_inputs(const EquationPorts& ports) {
        for (const std::string& name : ports.receive) {
            const auto parameter = place_of(parameters_, name);
            if (!parameter)
                throw ConfigError(unknown_name("parameter to receive", name, parameters_),
                                  file_of(definition_));
            const Definition::Parameter& known = definition_.parameters[*parameter];
            made_.inputs.push_back({known.name, known.unit, known.meaning});
        }
        for (const Definition::Formula& port : definition_.inputs)
            if (!place_of(names(made_.inputs), port.name))
                made_.inputs.push_back({port.name, port.unit, port.meaning});
        for (const std::string& noise : definition_.noises) {
            made_.noises.push_back(input_count());
            made_.inputs.push_back({noise, "1", "white noise, dW/dt"});
        }
        made_.time = input_count();
        made_.inputs.push_back({"t", definition_.time_unit, "time"});
        made_.layout = {definition_.states.size(), input_count(), parameters_.size()};
    }

    void define_names() {
        define_both("t", argument(made_.layout.input(*made_.time)), {});
        for (std::size_t k = 0; k < definition_.states.size(); ++k)
            define_both(definition_.states[k].name, argument(made_.layout.state(k)),
                        definition_.states[k].rhs.where);
        define_parameters();
        define_ports();
        for (const Definition::Parameter& constant : definition_.constants)
            define_both(constant.name, made_.graph.constant(constant.value), constant.where);
        for (const Definition::Function& function : definition_.functions) {
            formulas_.define(function);
            plain_.define(function);
        }
        for (const Definition::Table& table : definition_.tables) define_table(table);
        define_quantities();
    }

    void define_both(const std::string& name, ValueId value, const SourceLine& where) {
        formulas_.define(name, value, where);
        plain_.define(name, value, where);
    }

    void define_parameters() {
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const Definition::Parameter& parameter = definition_.parameters[k];
            ValueId value = argument(made_.layout.parameter(k));
            if (const auto port = place_of(names(made_.inputs), parameter.name))
                value =
                    made_.graph.operation(*find_operation("+", 2),
                                          std::array{value, argument(made_.layout.input(*port))});
            formulas_.define(parameter.name, value, parameter.where);
            plain_.define(parameter.name, argument(made_.layout.parameter(k)), parameter.where);
        }
    }

    /// The ports that are no parameters: noises, and names of their own. The time has its name.
    void define_ports() {
        for (std::size_t k = 0; k < *made_.time; ++k)
            if (!place_of(parameters_, made_.inputs[k].name))
                define_both(made_.inputs[k].name, argument(made_.layout.input(k)),
                            file_of(definition_));
    }

    void define_quantities() {
        for (const Definition::Formula& quantity : definition_.quantities) {
            formulas_.announce(quantity.name, quantity.expression.where);
            plain_.announce(quantity.name, quantity.expression.where);
        }
        for (const Definition::Formula& quantity : definition_.quantities) {
            formulas_.define(quantity.name, formulas_.compile(quantity.expression), {});
            plain_.define(quantity.name, plain_.compile(quantity.expression), {});
        }
    }

    void define_table(const Definition::Table& table) {
        const auto values = table.formula.text.empty() ? table.values : sampled(table);
        if (values.size() < 2 || !(table.first < table.last))
            throw ConfigError("the table " + table.name +
                                  " needs at least two points on an interval of positive length",
                              table.formula.where);
        const std::size_t number = made_.graph.tables().size();
        made_.graph.add_table({table.first, table.last, values, table.interpolation});
        formulas_.define_table(table.name, number, table.formula.where);
        plain_.define_table(table.name, number, table.formula.where);
    }

    std::vector<double> sampled(const Definition::Table& table) {
        constexpr std::size_t most_points = 1'000'000;
        if (table.points < 2 || table.points > most_points)
            throw ConfigError("the table " + table.name + " needs 2 to " +
                                  std::to_string(most_points) + " points, found " +
                                  std::to_string(table.points),
                              table.formula.where);
        const ValueId value = plain_.compile(table.formula);
        const std::size_t t = made_.layout.input(*made_.time);
        for (const std::size_t input : inputs_of(made_.graph, std::array{value}))
            if (input != t)
                throw ConfigError(
                    "the table " + table.name + " reads " + argument_name(input) +
                        ", but is sampled once: a table follows from t and constants alone, and "
                        "what may change belongs into a function, or is a number",
                    table.formula.where);
        const Formulas formula(made_.graph, std::array{value}, made_.layout);
        std::vector<double> values;
        for (std::size_t k = 0; k < table.points; ++k) {
            const double part = static_cast<double>(k) / static_cast<double>(table.points - 1);
            const double at = table.first + part * (table.last - table.first);
            values.push_back(at_defaults(formula, at, 1)[0]);
        }
        return values;
    }

    /// Of a state, a port or a parameter.
    [[nodiscard]] std::string argument_name(std::size_t input) const {
        const ArgumentLayout& layout = made_.layout;
        if (input < layout.input(0)) return definition_.states[input].name;
        return input < layout.parameter(0) ? made_.inputs[input - layout.input(0)].name
                                           : parameters_[input - layout.parameter(0)];
    }

    ValueId initial_value(const Definition::State& state) {
        if (state.initial.text.empty()) return made_.graph.constant(0.0);
        const ValueId t0 = made_.graph.constant(definition_.run.t0.value_or(0.0));
        return plain_.compile(state.initial, {{"t", t0}});
    }

    /// All at once: each look at a value goes through the whole graph.
    void add_initial_values() {
        const std::vector<Definition::State>& states = definition_.states;
        for (const Definition::State& state : states) made_.initial.push_back(initial_value(state));
        const auto what = [](const Definition::State& state) {
            return "the initial value of " + state.name;
        };
        if (!inputs_besides_parameters(made_.initial).empty())
            for (std::size_t k = 0; k < states.size(); ++k)
                expect_of_parameters(made_.initial[k], made_.layout.size(), what(states[k]),
                                     states[k].initial.where);
        const Vector numbers =
            at_defaults(Formulas(made_.graph, made_.initial, made_.layout), 0.0, states.size());
        for (std::size_t k = 0; k < states.size(); ++k)
            if (!std::isfinite(numbers[static_cast<Eigen::Index>(k)]))
                throw ConfigError(what(states[k]) + " is not finite", states[k].initial.where);
    }

    [[nodiscard]] std::set<std::size_t> inputs_besides_parameters(
        std::span<const ValueId> values) const {
        std::set<std::size_t> inputs = inputs_of(made_.graph, values);
        inputs.erase(inputs.lower_bound(made_.layout.parameter(0)), inputs.end());
        return inputs;
    }

    void expect_of_parameters(ValueId value, std::size_t besides, const std::string& what,
                              const SourceLine& where) const {
        for (const std::size_t input : inputs_besides_parameters(std::array{value}))
            if (input != besides)
                throw ConfigError(what + " must follow from parameters and constants alone", where);
    }

    [[nodiscard]] Vector at_defaults(const Formulas& formulas, double t, std::size_t count) const {
        Vector x = Vector::Zero(static_cast<Eigen::Index>(made_.layout.states)),
               u = Vector::Zero(static_cast<Eigen::Index>(input_count())),
               p(static_cast<Eigen::Index>(parameters_.size())),
               values(static_cast<Eigen::Index>(count));
        std::ranges::transform(definition_.parameters, p.begin(), &Definition::Parameter::value);
        u[static_cast<Eigen::Index>(*made_.time)] = t;
        formulas.values({x, u, p}, values);
        return values;
    }

    void add_outputs(const EquationPorts& ports) {
        if (ports.send.empty())
            for (const Definition::Formula& port : definition_.outputs)
                add_output({port.name, port.unit, port.meaning}, formulas_.compile(port.expression),
                           port.expression.where);
        for (const std::string& name : ports.send) send(name);
    }

    /// A state, a quantity or an auxiliary.
    void send(const std::string& name) {
        std::vector<std::string> known;
        const auto offer = [&](const auto& list, auto&& value) {
            for (std::size_t k = 0; k < list.size(); ++k) {
                known.push_back(list[k].name);
                if (folded(list[k].name) == folded(name))
                    return add_output({list[k].name, list[k].unit, list[k].meaning}, value(k),
                                      file_of(definition_)),
                           true;
            }
            return false;
        };
        const auto defined = [&](const auto& list) {
            return [&](std::size_t k) { return *formulas_.find_value(list[k].name); };
        };
        if (!offer(definition_.states, defined(definition_.states)) &&
            !offer(definition_.quantities, defined(definition_.quantities)) &&
            !offer(definition_.auxiliaries, [&](std::size_t k) { return made_.auxiliary[k]; }))
            throw ConfigError(unknown_name("name to send", name, known), file_of(definition_));
    }

    void add_output(EquationGraph::Port port, ValueId value, const SourceLine& where) {
        for (const std::size_t input : inputs_of(made_.graph, std::array{value}))
            if (input >= made_.layout.input(0) && input < made_.layout.parameter(0))
                throw ConfigError("the output " + port.name + " reads the input " +
                                      made_.inputs[input - made_.layout.input(0)].name +
                                      "; an output is a function of states and parameters",
                                  where);
        made_.outputs.push_back(std::move(port));
        made_.output.push_back(value);
    }

    /// The last port, and none where nobody reads it.
    void settle_time() {
        std::vector<ValueId> all = made_.rhs;
        all.insert(all.end(), made_.auxiliary.begin(), made_.auxiliary.end());
        for (const EventGraph& event : made_.events) {
            all.push_back(event.condition);
            all.insert(all.end(), event.values.begin(), event.values.end());
        }
        if (inputs_of(made_.graph, all).contains(made_.layout.input(*made_.time))) return;
        made_.time.reset();
        made_.inputs.pop_back();
    }

    void check_noises() const {
        const auto affine = affine_values(made_.graph, [&](std::size_t input) {
            return std::ranges::any_of(made_.noises, [&](std::size_t noise) {
                return made_.layout.input(noise) == input;
            });
        });
        for (std::size_t k = 0; k < made_.rhs.size(); ++k)
            if (!affine[made_.rhs[k]])
                throw ConfigError("the right-hand side of " + definition_.states[k].name +
                                      " must be a sum of noises, each times a factor without noise",
                                  definition_.states[k].rhs.where);
    }

    const Definition& definition_;
    std::vector<std::string> parameters_;
    EquationGraph made_;
    Scope formulas_;
    Scope plain_;  ///< in which nothing arrives at a parameter: for initial values and tables
};

EventGraph::Target target_of(const EquationDefinition::Formula& assignment,
                             std::span<const std::string> states,
                             std::span<const std::string> parameters) {
    using Kind = EventGraph::Target::Kind;
    if (folded(assignment.name) == "arret") return {Kind::halt, 0};
    if (const auto state = place_of(states, assignment.name)) return {Kind::state, *state};
    if (const auto parameter = place_of(parameters, assignment.name))
        return {Kind::parameter, *parameter};
    std::vector<std::string> known(states.begin(), states.end());
    known.insert(known.end(), parameters.begin(), parameters.end());
    throw ConfigError(unknown_name("state or parameter", assignment.name, known),
                      assignment.expression.where);
}

}  // namespace

std::vector<EventGraph> compile_events(std::span<const EquationDefinition::Event> events,
                                       Scope& scope, std::span<const std::string> states,
                                       std::span<const std::string> parameters) {
    std::vector<EventGraph> compiled;
    for (const EquationDefinition::Event& event : events) {
        EventGraph made;
        made.jump = {event.name, event.crossing};
        made.then = event.then;
        made.condition = scope.compile(event.condition);
        for (const EquationDefinition::Formula& assignment : event.assignments) {
            made.targets.push_back(target_of(assignment, states, parameters));
            made.values.push_back(scope.compile(assignment.expression));
        }
        compiled.push_back(std::move(made));
    }
    return compiled;
}

EquationGraph compile_equations(const EquationDefinition& definition, const EquationPorts& ports) {
    return Compiler(definition, ports).take();
}

}  // namespace cortifold
