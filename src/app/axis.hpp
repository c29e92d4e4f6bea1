#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/io/record.hpp>

#include <string>
#include <string_view>

namespace cortifold {

/// Equidistant values, both ends included.
struct Axis {
    double low = 0.0, high = 0.0;
    std::int64_t points = 0;
    [[nodiscard]] Vector values() const { return Vector::LinSpaced(points, low, high); }
};
/// `key = [low, high, points]` of a table that is called `path` in messages. Throws ConfigError.
[[nodiscard]] Axis read_axis(const Record& table, std::string_view key, const std::string& path);

}  // namespace cortifold
