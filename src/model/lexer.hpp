#pragma once

#include <cortifold/model/equation_definition.hpp>

#include <string>

namespace cortifold {

/// A word of an expression.
struct Token {
    enum class Kind { number, name, sign, end };
    Kind kind = Kind::end;
    std::string text;  ///< as it was spelled
    double number = 0.0;
    SourceLine where;
    [[nodiscard]] std::string shown() const;  ///< in messages
};

/// Cuts an expression into tokens. Throws ConfigError at a character that begins none.
class Lexer {
public:
    explicit Lexer(EquationDefinition::Expression source) : source_(std::move(source)) {}
    Token next();

private:
    Token take(Token::Kind kind, std::size_t length);
    Token number();
    [[nodiscard]] std::size_t name_length() const;
    [[nodiscard]] std::string_view rest() const;

    EquationDefinition::Expression source_;
    std::size_t position_ = 0;
};

}  // namespace cortifold
