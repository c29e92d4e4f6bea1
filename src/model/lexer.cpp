#include "lexer.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace cortifold {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr std::array<std::string_view, 17> signs{"**", "==", "!=", ">=", "<=", "+", "-", "*", "/",
                                                 "^",  "&",  "|",  ">",  "<",  "(", ")", ","};

}  // namespace

std::string Token::shown() const {
    return kind == Kind::end ? "the end" : "'" + text + "'";
}

std::string_view Lexer::rest() const {
    return std::string_view(source_.text).substr(position_);
}

Token Lexer::next() {
    while (!rest().empty() && is_space(rest().front())) ++position_;
    if (rest().empty()) return take(Token::Kind::end, 0);
    const char c = rest().front();
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return take(Token::Kind::name, name_length());
    for (const std::string_view sign : signs)
        if (rest().starts_with(sign)) return take(Token::Kind::sign, sign.size());
    throw ConfigError("expected a number, a name or an operator, found '" + std::string(1, c) + "'",
                      take(Token::Kind::sign, 1).where);
}

Token Lexer::take(Token::Kind kind, std::size_t length) {
    Token token{kind, std::string(rest().substr(0, length)), 0.0, source_.where};
    if (token.where.column != 0) token.where.column += static_cast<int>(position_);
    position_ += length;
    return token;
}

/// Digits with a point and an exponent, as in .5, 1. and 1.e-3.
Token Lexer::number() {
    double value = 0.0;
    const std::string_view text = rest();
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<std::size_t>(stop - text.data());
    Token token = take(Token::Kind::number, std::max<std::size_t>(length, 1));
    if (error != std::errc())
        throw ConfigError("expected a number that a double holds, found " + token.shown(),
                          token.where);
    token.number = value;
    return token;
}

/// Letters, digits and '_'; the index of a sum is i'.
std::size_t Lexer::name_length() const {
    std::size_t length = 1;
    while (length < rest().size() && (is_letter(rest()[length]) || is_digit(rest()[length])))
        ++length;
    const bool index =
        length == 1 && (rest()[0] | ' ') == 'i' && rest().substr(1).starts_with('\'');
    return index ? 2 : length;
}

}  // namespace cortifold
