#pragma once

#include <cortifold/core/error.hpp>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cortifold {

/// A tree of named values in the order they were written: what a TOML file says, and what
/// summary.json and manifest.json hold.
class Record {
public:
    using List = std::vector<Record>;
    using Table = std::vector<std::pair<std::string, Record>>;

    Record() = default;                                             ///< null
    Record(bool value) : value_(value) {}                           // NOLINT: literals are records
    Record(double value) : value_(value) {}                         // NOLINT
    Record(std::int64_t value) : value_(value) {}                   // NOLINT
    Record(int value) : value_(std::int64_t{value}) {}              // NOLINT
    Record(std::string value) : value_(std::move(value)) {}         // NOLINT
    Record(std::string_view value) : value_(std::string(value)) {}  // NOLINT
    Record(const char* value) : value_(std::string(value)) {}       // NOLINT
    Record(List value) : value_(std::move(value)) {}                // NOLINT
    Record(Table value) : value_(std::move(value)) {}               // NOLINT

    template <class T>
    [[nodiscard]] bool is() const {
        return std::holds_alternative<T>(value_);
    }
    template <class T>
    [[nodiscard]] const T& as() const {
        return std::get<T>(value_);
    }
    template <class T>
    [[nodiscard]] T& as() {
        return std::get<T>(value_);
    }
    [[nodiscard]] bool is_null() const { return is<std::monostate>(); }
    [[nodiscard]] bool is_number() const { return is<double>() || is<std::int64_t>(); }
    [[nodiscard]] bool is_finite_number() const { return is_number() && std::isfinite(number()); }
    [[nodiscard]] double number() const {
        return is<double>() ? as<double>() : static_cast<double>(as<std::int64_t>());
    }
    /// "a number", "a table", ...: for messages.
    [[nodiscard]] std::string_view type_name() const;

    [[nodiscard]] const Record* find(
        std::string_view key) const;  ///< none where this is no table or has no such key
    [[nodiscard]] Record* find(std::string_view key);
    /// The value of a key of this table, made where it is missing; a null record becomes a table.
    Record& operator[](std::string_view key);
    void push_back(Record value);  ///< a null record becomes a list

    SourceLine where;  ///< of a record that was read from a file
    int column = 0;  ///< there; kept apart, since most messages are about a key, not a place in it

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Table> value_;
};

/// Throws ConfigError with file, line and column.
[[nodiscard]] Record read_toml(const std::string& path);
[[nodiscard]] Record parse_toml(std::string_view text, const std::string& name);
[[nodiscard]] Record read_json(const std::string& path);
[[nodiscard]] Record parse_json(std::string_view text, const std::string& name);
/// 17 digits; NaN and infinities as null.
[[nodiscard]] std::string to_json(const Record& record, int indent = 2);

}  // namespace cortifold
