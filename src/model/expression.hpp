#pragma once

#include <cortifold/model/equation_definition.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// An expression in XPP's syntax as steps of a stack machine: each takes its operands from the
/// stack and leaves its value there. Flat, so that no length of text exhausts the call stack.
struct ParsedExpression {
    enum class Kind {
        number,  ///< leaves `number`
        name,    ///< leaves the value of `text`
        call,    ///< `text` applied to `operands` values; an operator is its sign
        sum      ///< takes both bounds; the steps of the summand follow
    };
    struct Step {
        Kind kind = Kind::number;
        std::string text;  ///< as it was spelled
        double number = 0.0;
        std::size_t operands = 0;
        std::size_t size = 0;  ///< of a sum: how many steps its summand has
        SourceLine where;
    };
    std::vector<Step> steps;
};

/// Throws ConfigError with file, line and column, saying what was found and what was expected, or
/// which function of XPP is not supported.
[[nodiscard]] ParsedExpression parse_expression(const EquationDefinition::Expression& expression);

/// Lower case: names ignore it.
[[nodiscard]] std::string folded(std::string_view name);

}  // namespace cortifold
