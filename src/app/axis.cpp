#include "axis.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {

Axis read_axis(const Record& table, std::string_view key, const std::string& path) {
    constexpr std::size_t parts_of_axis = 3;
    constexpr double most_points = 1e4;
    const Record* list = table.find(key);
    const auto refuse = [&] {
        std::string found = list == nullptr ? "missing " : to_json(*list, -1);
        found.pop_back();
        throw ConfigError(path + "." + std::string(key) +
                              " must be [low, high, points]: two ascending numbers and how many "
                              "values, 2 to 10000; is " +
                              found,
                          list == nullptr ? table.where : list->where);
    };
    if (list == nullptr || !list->is<Record::List>() ||
        list->as<Record::List>().size() != parts_of_axis)
        refuse();
    const auto& parts = list->as<Record::List>();
    if (!std::ranges::all_of(parts, [](const Record& part) { return part.is_finite_number(); }))
        refuse();
    const double low = parts[0].number(), high = parts[1].number(), points = parts[2].number();
    if (!(low < high && points >= 2.0 && points <= most_points && points == std::floor(points)))
        refuse();
    return {low, high, static_cast<std::int64_t>(points)};
}

}  // namespace cortifold
