#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cortifold {

/// Where an input stands: a file, its line (0: the whole file) and column (0: the whole line).
struct SourceLine {
    std::string file;
    int line = 0;
    int column = 0;
};

/// A bad input file, key or value. The message says what was asked, what was found and what is
/// allowed.
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(const std::string& message, SourceLine where = {});
    [[nodiscard]] const SourceLine& where() const { return where_; }

private:
    SourceLine where_;
};

/// A call or a command line that cannot be meant.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A result that could not be written.
class OutputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// `unknown <what> "<name>"`, the nearest of the known names, and all of them.
[[nodiscard]] std::string unknown_name(std::string_view what, std::string_view name,
                                       std::span<const std::string> known);

/// Throws UsageError `<name> = <value> must be ...` unless the condition holds.
void require(bool condition, const std::string& message);

}  // namespace cortifold
