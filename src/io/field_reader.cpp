#include "field_reader.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <array>

namespace cortifold {

namespace {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}
constexpr bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// A line with more is refused: bounds the memory it takes to split it.
constexpr std::size_t most_fields = 200001;
/// Characters of a file that a message repeats.
constexpr std::size_t shown_at_most = 40;

}  // namespace

std::string shown(std::string_view text) {
    std::string safe(text.substr(0, shown_at_most));
    std::ranges::replace_if(
        safe, [](char c) { return c < ' ' || c > '~'; }, '?');
    return '"' + safe + (text.size() > shown_at_most ? "...\"" : "\"");
}

std::string_view trimmed(std::string_view text) {
    const auto* const first = std::ranges::find_if_not(text, is_blank);
    const auto* last = text.end();
    while (last != first && is_blank(last[-1])) --last;
    return {first, last};
}

std::string unquoted(std::string_view field) {
    if (field.size() < 2 || field.front() != '"' || field.back() != '"') return std::string(field);
    std::string label;
    for (std::size_t k = 1; k + 1 < field.size(); ++k) {
        label += field[k];
        if (field[k] == '"' && field[k + 1] == '"') ++k;
    }
    return label;
}

void append_number(std::string& text, double value) {
    std::array<char, 32> digits;
    text.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto byte = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
    const auto tail = [&](int shift) { byte(0x80U | ((code >> shift) & 0x3FU)); };
    if (code < 0x80U) return byte(code);
    if (code < 0x800U) {
        byte(0xC0U | (code >> 6));
    } else if (code < 0x10000U) {
        byte(0xE0U | (code >> 12));
        tail(6);
    } else {
        byte(0xF0U | ((code >> 18) & 0x07U));
        tail(12);
        tail(6);
    }
    tail(0);
}

FieldReader::FieldReader(std::string name, std::string text, Separator separator, char comment)
    : name_(std::move(name)),
      text_(std::move(text)),
      rest_(text_),
      separator_(separator),
      comment_(comment) {
    if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
}

bool FieldReader::next() {
    while (!rest_.empty()) {
        const auto end =
            static_cast<std::size_t>(std::ranges::find_if(rest_, is_line_end) - rest_.begin());
        line_text_ = trimmed(rest_.substr(0, end));
        const bool two = rest_.substr(end).starts_with("\r\n");
        rest_.remove_prefix(std::min(end + (two ? 2 : 1), rest_.size()));
        ++line_;
        if (line_text_.empty() || line_text_.starts_with(comment_)) continue;
        split();
        return true;
    }
    return false;
}

void FieldReader::fail_at(int line, const std::string& message) const {
    throw ConfigError(message, {name_, line});
}

void FieldReader::expect_fields(std::size_t count, const std::string& what) const {
    if (fields_.size() != count)
        fail("expected " + what + ", found " + std::to_string(fields_.size()) + " values");
}

void FieldReader::split() {
    fields_.clear();
    if (separator_ == Separator::tabs && line_text_.find('\t') != std::string_view::npos)
        return split_at('\t');
    if (line_text_.find(',') != std::string_view::npos) return split_at(',');
    for (const auto* at = line_text_.begin(); at != line_text_.end();) {
        const auto* const end = std::find_if(at, line_text_.end(), is_blank);
        add_field({at, end});
        at = std::find_if_not(end, line_text_.end(), is_blank);
    }
}

void FieldReader::split_at(char separator) {
    bool in_quotes = false;
    std::size_t begin = 0;
    for (std::size_t k = 0; k < line_text_.size(); ++k) {
        if (line_text_[k] == '"') in_quotes = !in_quotes;
        if (line_text_[k] != separator || in_quotes) continue;
        add_field(trimmed(line_text_.substr(begin, k - begin)));
        begin = k + 1;
    }
    add_field(trimmed(line_text_.substr(begin)));
}

void FieldReader::add_field(std::string_view field) {
    if (fields_.size() == most_fields)
        fail("more than " + std::to_string(most_fields) + " values in one line");
    fields_.push_back(field);
}

}  // namespace cortifold
