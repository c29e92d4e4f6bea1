#include "equation_events.hpp"

#include "expression.hpp"
#include "operations.hpp"
#include "scope.hpp"

#include <algorithm>
#include <array>

namespace cortifold {

namespace {

using Target = EventGraph::Target;

std::vector<ValueId> conditions_of(std::span<const EventGraph> events) {
    std::vector<ValueId> conditions;
    for (const EventGraph& event : events) conditions.push_back(event.condition);
    return conditions;
}

/// What arrives at a parameter is added to it, as in the equations.
void define_arguments(const Node& node, const ArgumentLayout& layout, Graph& graph, Scope& scope) {
    for (std::size_t k = 0; k < layout.states; ++k)
        scope.define_exactly(std::string(node.states()[k].name), graph.input(layout.state(k)));
    for (std::size_t k = 0; k < layout.inputs; ++k)
        if (const auto name = node.inputs()[k].name; !find_index(node.parameters(), name))
            scope.define_exactly(std::string(name), graph.input(layout.input(k)));
    for (std::size_t k = 0; k < layout.parameters; ++k) {
        const auto name = node.parameters()[k].name;
        ValueId value = graph.input(layout.parameter(k));
        if (const auto port = find_index(node.inputs(), name))
            value = graph.operation(*find_operation("+", 2),
                                    std::array{value, graph.input(layout.input(*port))});
        scope.define_exactly(std::string(name), value);
    }
}

void expect_no_time(std::span<const EquationDefinition::Event> events, const Node& node) {
    for (const auto table : {node.states(), node.inputs(), node.parameters()})
        if (find_index(table, "t") || find_index(table, "T")) return;
    const auto check = [](const EquationDefinition::Expression& expression) {
        for (const ParsedExpression::Step& step : parse_expression(expression).steps)
            if (step.kind == ParsedExpression::Kind::name && folded(step.text) == "t")
                throw ConfigError(
                    "the model does not read the time t, so no event can; a state of slope 1 "
                    "serves instead",
                    step.where);
    };
    for (const EquationDefinition::Event& event : events) {
        check(event.condition);
        for (const EquationDefinition::Formula& assignment : event.assignments)
            check(assignment.expression);
    }
}

}  // namespace

EquationEvents::EquationEvents(const Graph& graph, std::span<const EventGraph> events,
                               const ArgumentLayout& layout)
    : conditions_(graph, conditions_of(events), layout) {
    for (const EventGraph& event : events) {
        jumps_.push_back(event.jump);
        effects_.push_back({Formulas(graph, event.values, layout), event.targets, event.then});
    }
}

void EquationEvents::values(const NodePoint& at, VectorRef values) const {
    conditions_.values(at, values);
}

Flow EquationEvents::apply(std::size_t which, const NodePoint& at, VectorRef x, VectorRef p) const {
    const Effect& effect = effects_[which];
    Vector values(static_cast<Eigen::Index>(effect.targets.size()));
    effect.values.values(at, values);
    x = at.x;
    p = at.p;
    Flow then = effect.then;
    for (Eigen::Index k = 0; k < values.size(); ++k) {
        const Target& target = effect.targets[static_cast<std::size_t>(k)];
        const auto place = static_cast<Eigen::Index>(target.which);
        if (target.kind == Target::Kind::state) x[place] = values[k];
        if (target.kind == Target::Kind::parameter) p[place] = values[k];
        if (target.kind == Target::Kind::halt && values[k] > 0.0) then = Flow::stop;
    }
    return then;
}

bool EquationEvents::moves_parameters(std::size_t which) const {
    return std::ranges::any_of(effects_[which].targets, [](const Target& target) {
        return target.kind == Target::Kind::parameter;
    });
}

std::unique_ptr<const NodeEvents> make_node_events(
    std::span<const EquationDefinition::Event> events, const Node& node) {
    const ArgumentLayout layout{node.states().size(), node.inputs().size(),
                                node.parameters().size()};
    if (!node.time_input()) expect_no_time(events, node);
    Graph graph;
    Scope scope(graph);
    define_arguments(node, layout, graph, scope);
    const auto compiled =
        compile_events(events, scope, names_of(node.states()), names_of(node.parameters()));
    return std::make_unique<EquationEvents>(graph, compiled, layout);
}

}  // namespace cortifold
