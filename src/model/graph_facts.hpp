#pragma once

#include "graph.hpp"

#include <functional>
#include <set>

namespace cortifold {

/// The inputs that the values read.
[[nodiscard]] std::set<std::size_t> inputs_of(const Graph& graph, std::span<const ValueId> values);

/// Of every value, whether it is an affine function of the inputs that `is_free` holds for, by its
/// formula: products of them, and functions and conditions that read them, are not.
[[nodiscard]] std::vector<bool> affine_values(const Graph& graph,
                                              const std::function<bool(std::size_t)>& is_free);

}  // namespace cortifold
