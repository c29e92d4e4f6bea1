#pragma once

#include <cortifold/io/record.hpp>

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cortifold {

/// A key of a configuration with the value it took, given or default.
struct ResolvedKey {
    std::string path;  ///< as in `step.dispersion.points`
    Record value;
    bool is_default = false;
};

struct Bounds {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
};
inline constexpr Bounds positive{std::numeric_limits<double>::min(),
                                 std::numeric_limits<double>::max()};

/// One table of a configuration. Asking for a key makes it known and notes what it resolved to;
/// `finish` refuses the keys that nobody asked for. Every error is a ConfigError with file, line,
/// key and what is allowed.
class ConfigReader {
public:
    ConfigReader(const Record& table, std::string path, std::vector<ResolvedKey>& resolved);

    [[nodiscard]] bool has(std::string_view key) { return take(key) != nullptr; }
    [[nodiscard]] double number(std::string_view key, std::optional<double> fallback = {},
                                Bounds bounds = {});
    [[nodiscard]] std::int64_t integer(std::string_view key,
                                       std::optional<std::int64_t> fallback = {},
                                       Bounds bounds = {});
    [[nodiscard]] bool flag(std::string_view key, bool fallback);
    [[nodiscard]] std::string text(std::string_view key, std::optional<std::string> fallback = {});
    /// A list of exactly two ascending numbers.
    [[nodiscard]] std::optional<std::pair<double, double>> range(std::string_view key);
    /// The raw value for keys of several types; none if not given.
    [[nodiscard]] const Record* any(std::string_view key);
    /// Notes what it means that such a key is not given; nothing where it is.
    void assume(std::string_view key, Record value);
    /// One of the values of an enum, by name; E has a to_string.
    template <class E>
    [[nodiscard]] E choice(std::string_view key, E fallback, std::span<const E> allowed) {
        std::vector<std::string> names;
        for (const E value : allowed) names.emplace_back(to_string(value));
        return allowed[one_of(key, std::string(to_string(fallback)), names)];
    }
    /// A sub-table; an empty one where it is not given.
    [[nodiscard]] ConfigReader table(std::string_view key);
    /// Another table, read as if it stood under that key of this one.
    [[nodiscard]] ConfigReader within(const Record& table, std::string_view key) const;
    void finish() const;

    [[nodiscard]] SourceLine where(std::string_view key) const;
    [[nodiscard]] std::string path(std::string_view key) const;
    [[nodiscard]] const Record& record() const { return table_; }

private:
    [[nodiscard]] const Record* take(std::string_view key);
    [[nodiscard]] const Record& required(std::string_view key, std::string_view expected);
    [[noreturn]] void wrong_type(std::string_view key, const Record& found,
                                 std::string_view expected) const;
    [[nodiscard]] std::size_t one_of(std::string_view key, const std::string& fallback,
                                     std::span<const std::string> names);
    void note(std::string_view key, Record value, bool is_default);

    const Record& table_;
    SourceLine where_;  ///< of the table; where it is not given, of the one around it
    std::string path_;
    std::vector<ResolvedKey>& resolved_;
    std::vector<std::string> known_;
};

/// What the steps are called: by their `name`, else by what they do, numbered when repeated. Throws
/// ConfigError where this is no list of tables with a text `do`.
[[nodiscard]] std::vector<std::string> step_names(const Record& steps);

/// The shortest digits that read back to the same number: for messages.
[[nodiscard]] std::string show(double value);

/// The file name that settings of the command line carry in errors.
inline constexpr std::string_view command_line = "--set";

/// Applies `KEY=VALUE` to a configuration: KEY as in `model.parameters.P`, `step.NAME.key`,
/// `population.NAME.key`, `projection.SOURCE.TARGET.key` or `coupling.strength`. Throws
/// ConfigError.
void apply_setting(Record& configuration, std::string_view setting);

/// Puts a value under a KEY, also of a population or projection, as in
/// `population.4E.drive.poisson.rate_hz` or `projection.4E.23E.weight`; `*` in place of a name
/// stands for all: `projection.4E.*.delay`. Throws ConfigError at the value's place where there is
/// no such step, population or projection.
void set_key(Record& configuration, const std::string& key, Record value);

/// Nested tables from dotted paths, for the manifest.
[[nodiscard]] Record nested(std::span<const ResolvedKey> keys);

}  // namespace cortifold
