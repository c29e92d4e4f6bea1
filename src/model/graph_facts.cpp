#include "graph_facts.hpp"

#include "operations.hpp"

#include <algorithm>

namespace cortifold {

namespace {

using Kind = Graph::Value::Kind;

/// The degree of a polynomial; `curved`: 2 or more, or no polynomial.
constexpr int constant = 0, curved = 2;

int degree_of(const Graph::Value& value, std::span<const int> degrees) {
    constexpr auto which = [](std::string_view name, std::size_t operands) {
        return *find_operation(name, operands);
    };
    const auto at = [&](std::size_t k) { return degrees[value.operand[k]]; };
    const auto operands = std::span(value.operand).first(value.operands);
    const auto is_constant = [&](ValueId k) { return degrees[k] == constant; };
    if (std::ranges::all_of(operands, is_constant)) return constant;
    if (value.kind == Kind::lookup) return curved;
    if (value.which == which("+", 2) || value.which == which("-", 2)) return std::max(at(0), at(1));
    if (value.which == which("-", 1)) return at(0);
    if (value.which == which("*", 2)) return std::min(at(0) + at(1), curved);
    if (value.which == which("/", 2) && at(1) == constant) return at(0);
    if (value.which == which("if", 3) && at(0) == constant) return std::max(at(1), at(2));
    return curved;
}

}  // namespace

std::set<std::size_t> inputs_of(const Graph& graph, std::span<const ValueId> values) {
    std::vector<bool> needed(graph.values().size());
    for (const ValueId id : values) needed[id] = true;
    std::set<std::size_t> inputs;
    for (std::size_t id = needed.size(); id-- > 0;) {
        if (!needed[id]) continue;
        const Graph::Value& value = graph.values()[id];
        if (value.kind == Kind::input) inputs.insert(value.which);
        for (const ValueId operand : std::span(value.operand).first(value.operands))
            needed[operand] = true;
    }
    return inputs;
}

std::vector<bool> affine_values(const Graph& graph,
                                const std::function<bool(std::size_t)>& is_free) {
    std::vector<int> degrees;
    degrees.reserve(graph.values().size());
    for (const Graph::Value& value : graph.values())
        degrees.push_back(value.kind == Kind::input ? (is_free(value.which) ? 1 : constant)
                                                    : degree_of(value, degrees));
    std::vector<bool> affine;
    for (const int degree : degrees) affine.push_back(degree < curved);
    return affine;
}

}  // namespace cortifold
