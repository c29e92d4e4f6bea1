#include "equation_events.hpp"

#include "scope.hpp"

#include <algorithm>

namespace cortifold {

namespace {

using Target = EventGraph::Target;

std::vector<ValueId> conditions_of(std::span<const EventGraph> events) {
    std::vector<ValueId> conditions;
    for (const EventGraph& event : events) conditions.push_back(event.condition);
    return conditions;
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
    Graph graph;
    Scope scope(graph);
    std::size_t place = 0;
    for (const auto table : {node.states(), node.inputs(), node.parameters()})
        for (const Quantity& quantity : table)
            scope.define_exactly(std::string(quantity.name), graph.input(place++));
    const auto compiled =
        compile_events(events, scope, names_of(node.states()), names_of(node.parameters()));
    return std::make_unique<EquationEvents>(graph, compiled, layout);
}

}  // namespace cortifold
