#pragma once

#include <cortifold/io/record.hpp>

#include <string>
#include <string_view>

namespace cortifold {

/// Equidistant values, both ends included.
struct Axis {
    double low = 0.0, high = 0.0;
    std::int64_t points = 0;
};
/// `key = [low, high, points]` of a table that is called `path` in messages. Throws ConfigError.
[[nodiscard]] Axis read_axis(const Record& table, std::string_view key, const std::string& path);

}  // namespace cortifold
