#pragma once

#include "equation_graph.hpp"
#include <cortifold/model/node.hpp>

namespace cortifold {

/// Events as formulas: one tape for all conditions, one for what each assigns.
class EquationEvents final : public NodeEvents {
public:
    EquationEvents(const Graph& graph, std::span<const EventGraph> events,
                   const ArgumentLayout& layout);

    [[nodiscard]] std::span<const Jump> jumps() const override { return jumps_; }
    void values(const NodePoint& at, VectorRef values) const override;
    [[nodiscard]] Flow apply(std::size_t which, const NodePoint& at, VectorRef x,
                             VectorRef p) const override;
    [[nodiscard]] bool moves_parameters(std::size_t which) const override;

private:
    struct Effect {
        Formulas values;
        std::vector<EventGraph::Target> targets;
        Flow then = Flow::proceed;
    };
    std::vector<Jump> jumps_;
    Formulas conditions_;
    std::vector<Effect> effects_;
};

}  // namespace cortifold
