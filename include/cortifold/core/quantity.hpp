#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// A named number with a unit: a state, a parameter, an input or an output.
/// Its owner (a model, a Node, a VectorField) outlives every view of it.
struct Quantity {
    std::string_view name, unit;
    double value = 0.0, low = 0.0, high = 0.0;  ///< default and hard limits, in `unit`
    std::string_view meaning;
};

[[nodiscard]] std::optional<std::size_t> find_index(std::span<const Quantity> table,
                                                    std::string_view name);
/// Throws UsageError naming `what` and the nearest known names.
[[nodiscard]] std::size_t index_of(std::span<const Quantity> table, std::string_view name,
                                   std::string_view what = "name");
[[nodiscard]] std::vector<std::string> names_of(std::span<const Quantity> table);

}  // namespace cortifold
