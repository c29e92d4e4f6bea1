#include <cortifold/core/error.hpp>
#include <cortifold/core/quantity.hpp>

#include <algorithm>

namespace cortifold {

std::optional<std::size_t> find_index(std::span<const Quantity> table, std::string_view name) {
    const auto found = std::ranges::find(table, name, &Quantity::name);
    if (found == table.end()) return std::nullopt;
    return static_cast<std::size_t>(found - table.begin());
}

std::size_t index_of(std::span<const Quantity> table, std::string_view name,
                     std::string_view what) {
    const auto index = find_index(table, name);
    if (!index) throw UsageError(unknown_name(what, name, names_of(table)));
    return *index;
}

std::vector<std::string> names_of(std::span<const Quantity> table) {
    std::vector<std::string> names;
    for (const Quantity& quantity : table) names.emplace_back(quantity.name);
    return names;
}

}  // namespace cortifold
