#include <cortifold/core/error.hpp>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace cortifold {

namespace {

std::string located(const std::string& message, const SourceLine& where) {
    if (where.file.empty()) return message;
    if (where.line == 0) return message + " (" + where.file + ")";
    const std::string column = where.column == 0 ? "" : ":" + std::to_string(where.column);
    return message + " (" + where.file + ":" + std::to_string(where.line) + column + ")";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

ConfigError::ConfigError(const std::string& message, SourceLine where)
    : std::runtime_error(located(message, where)), where_(std::move(where)) {}

std::string unknown_name(std::string_view what, std::string_view name,
                         std::span<const std::string> known) {
    std::string text = "unknown " + std::string(what) + " \"" + std::string(name) + "\"";
    if (known.empty()) return text + "; there is none";
    const auto nearest = std::ranges::min_element(
        known, {}, [&](const std::string& candidate) { return edit_distance(name, candidate); });
    if (edit_distance(name, *nearest) <= std::max<std::size_t>(2, name.size() / 3))
        text += "; did you mean \"" + *nearest + "\"? Allowed: ";
    else
        text += "; allowed: ";
    for (std::size_t k = 0; k < known.size(); ++k) text += (k == 0 ? "" : ", ") + known[k];
    return text;
}

void require(bool condition, const std::string& message) {
    if (!condition) throw UsageError(message);
}

}  // namespace cortifold
