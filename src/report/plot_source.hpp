#pragma once

#include "stored_run.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace cortifold {

/// viridis of matplotlib, dark to light.
inline constexpr std::string_view sequential_palette =
    "set palette defined (0 '#440154', 1 '#3B528B', 2 '#21918C', 3 '#5EC962', 4 '#FDE725')";

/// Where it covers no point.
inline const std::string key_above = "set key outside top center horizontal samplen 2";

/// A CSV table of the run as a script in figures/ sees it.
class PlotSource : public TableHeading {
public:
    using TableHeading::TableHeading;
    [[nodiscard]] std::string rows() const;
    /// A column's value in an expression, as "$3".
    [[nodiscard]] std::string at(std::string_view name) const;
    /// A column's text in an expression.
    [[nodiscard]] std::string text_at(std::string_view name) const;
    [[nodiscard]] std::string axis(std::string_view name) const { return label(column(name)); }
};

/// What follows `using`: expressions of columns such as "$2*1000".
[[nodiscard]] std::string columns(std::initializer_list<std::string> expressions);
/// The expression where the condition holds, else nothing.
[[nodiscard]] std::string where(const std::string& condition, const std::string& expression);
/// All 17 digits.
[[nodiscard]] std::string exact(double value);

}  // namespace cortifold
