#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cortifold {

/// Text of a file as a message may repeat it: its beginning, without control characters, in quotes.
[[nodiscard]] std::string shown(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// A label as written: without the quotes around it, two quotes within standing for one (RFC 4180).
[[nodiscard]] std::string unquoted(std::string_view field);
/// The shortest digits that read back to the same double.
void append_number(std::string& text, double value);
/// A Unicode code point as UTF-8.
void append_utf8(std::string& text, std::uint32_t code);

/// A whole field as a number; infinity and NaN are numbers here, an overflow is none.
template <class T>
[[nodiscard]] std::optional<T> parse_number(std::string_view field) {
    if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc{} || end != field.data() + field.size()) return std::nullopt;
    return value;
}

/// A text file as lines of fields; empty lines and comments are passed over. Lines end in LF, CR LF
/// or CR. Fields are separated by commas where the line has one, else by white space; where the
/// file may have labels of several words, by tabs in lines that have some.
class FieldReader {
public:
    enum class Separator { white_space, tabs };
    FieldReader(std::string name, std::string text, Separator separator = Separator::white_space,
                char comment = '#');
    FieldReader(const FieldReader&) = delete;
    FieldReader& operator=(const FieldReader&) = delete;

    /// Goes to the next line that holds something.
    bool next();
    [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }
    [[nodiscard]] std::string_view line_text() const { return line_text_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] int line() const { return line_; }

    [[noreturn]] void fail(const std::string& message) const { fail_at(line_, message); }
    [[noreturn]] void fail_at(int line, const std::string& message) const;
    void expect_fields(std::size_t count, const std::string& what) const;
    /// Field k, counted from 0, as a finite number or a whole one.
    template <class T>
    [[nodiscard]] T number(std::size_t k) const {
        const std::optional<T> value = parse_number<T>(fields_[k]);
        if (value && std::isfinite(static_cast<double>(*value))) return *value;
        fail(std::string("expected a ") + (std::is_integral_v<T> ? "whole" : "finite") +
             " number in column " + std::to_string(k + 1) + ", found " + shown(fields_[k]));
    }

private:
    void split();
    void split_at(char separator);
    void add_field(std::string_view field);

    std::string name_, text_;
    std::string_view rest_, line_text_;
    Separator separator_;
    char comment_;
    int line_ = 0;
    std::vector<std::string_view> fields_;
};

}  // namespace cortifold
