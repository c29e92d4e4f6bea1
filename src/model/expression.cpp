#include "expression.hpp"

#include "lexer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace cortifold {

namespace {

using Kind = ParsedExpression::Kind;

/// Brackets and functions within one another; XPPAUT's own stacks hold less.
constexpr int maximum_depth = 200;

// XPPAUT's order, from loose to tight; all operators group to the left. A comparison binds as
// tightly as a power: `a + b > c` is a + (b > c).
constexpr int loosest = 0, additive = 4, multiplicative = 6, tightest = 7;

std::optional<int> priority(std::string_view sign) {
    static constexpr std::array<std::pair<std::string_view, int>, 14> priorities{
        {{"+", additive},
         {"-", additive},
         {"|", additive},
         {"*", multiplicative},
         {"/", multiplicative},
         {"&", multiplicative},
         {"^", tightest},
         {"**", tightest},
         {">", tightest},
         {"<", tightest},
         {"==", tightest},
         {"!=", tightest},
         {">=", tightest},
         {"<=", tightest}}};
    const auto* found =
        std::ranges::find(priorities, sign, &std::pair<std::string_view, int>::first);
    return found == priorities.end() ? std::nullopt : std::optional(found->second);
}

struct Refusal {
    std::string_view name, reason;
};
constexpr std::array<Refusal, 10> refusals{{
    {"delay", "delays are not supported"},
    {"del_shft", "delays are not supported"},
    {"shift", "write the variable's name"},
    {"ishift", "write the variable's name"},
    {"hom_bcs", "boundary value problems are not supported"},
    {"set", "assignments inside expressions are not supported"},
    {"ran", "random numbers come from a noise (`wiener`)"},
    {"normal", "random numbers come from a noise (`wiener`)"},
    {"poisson", "random numbers come from a noise (`wiener`)"},
    {"int", "integral equations are not supported"},
}};

class Parser {
public:
    explicit Parser(const EquationDefinition::Expression& source)
        : tokens_(source), token_(tokens_.next()) {}

    ParsedExpression parse() {
        operation(loosest);
        if (token_.kind != Token::Kind::end) fail("an operator or the end");
        return std::move(result_);
    }

private:
    [[noreturn]] void fail(const std::string& expected) const {
        const std::string after = previous_.empty() ? "" : " after " + previous_;
        throw ConfigError("expected " + expected + after + ", found " + token_.shown(),
                          token_.where);
    }

    Token advance() {
        Token taken = std::exchange(token_, tokens_.next());
        previous_ = taken.shown();
        return taken;
    }
    [[nodiscard]] bool at(std::string_view text) const {
        return token_.kind != Token::Kind::number && folded(token_.text) == text;
    }
    void expect(std::string_view text) {
        if (!at(text)) fail("'" + std::string(text) + "'");
        advance();
    }
    ParsedExpression::Step& append(Kind kind, const Token& token, std::size_t operands = 0) {
        return result_.steps.emplace_back(
            ParsedExpression::Step{kind, token.text, token.number, operands, 0, token.where});
    }

    /// An operand and the operators after it that bind tighter than `outer`.
    void operation(int outer) {
        if (++depth_ > maximum_depth)
            throw ConfigError("more than " + std::to_string(maximum_depth) +
                                  " brackets, signs and functions inside one another",
                              token_.where);
        operand(outer);
        for (auto inner = priority(token_.text); inner && *inner > outer;
             inner = priority(token_.text)) {
            const Token sign = advance();
            if (at("-") || at("+")) fail("a number, a name or '(' (a sign needs brackets)");
            operation(*inner);
            append(Kind::call, sign, 2);
        }
        --depth_;
    }

    void operand(int outer) {
        if (at("-") && outer == loosest) return negative();
        if (at("not")) return negation(outer);
        if (at("(")) return bracketed();
        if (token_.kind == Token::Kind::number) {
            append(Kind::number, advance());
        } else if (token_.kind != Token::Kind::name || at("then") || at("else") || at("of"))
            fail("a number, a name or '('");
        else
            named();
    }

    /// XPPAUT's minus binds like a product: -x^2 is -(x^2), and -a*b is (-a)*b.
    void negative() {
        const Token sign = advance();
        if (at("-") || at("+")) fail("a number, a name or '(' (a sign needs brackets)");
        operation(multiplicative);
        append(Kind::call, sign, 1);
    }
    void negation(int outer) {
        if (outer >= multiplicative) fail("a bracket around `not`, which XPPAUT misreads here,");
        const Token sign = advance();
        operation(multiplicative);
        append(Kind::call, sign, 1);
    }
    void bracketed() {
        expect("(");
        operation(loosest);
        expect(")");
    }

    void named() {
        const auto* refusal = std::ranges::find(refusals, folded(token_.text), &Refusal::name);
        if (refusal != refusals.end())
            throw ConfigError("XPPAUT's " + std::string(refusal->name) +
                                  " is not supported: " + std::string(refusal->reason),
                              token_.where);
        const Token name = advance();
        if (folded(name.text) == "if") return conditional(name);
        if (folded(name.text) == "sum") return sum(name);
        if (!at("(")) {
            append(Kind::name, name);
            return;
        }
        append(Kind::call, name, arguments());
    }

    std::size_t arguments() {
        std::size_t count = 1;
        expect("(");
        for (operation(loosest); at(","); ++count) {
            advance();
            operation(loosest);
        }
        if (!at(")")) fail("an operator, ',' or ')'");
        advance();
        return count;
    }

    void conditional(const Token& name) {
        bracketed();
        expect("then");
        bracketed();
        expect("else");
        bracketed();
        append(Kind::call, name, 3);
    }

    void sum(const Token& name) {
        expect("(");
        operation(loosest);
        expect(",");
        operation(loosest);
        expect(")");
        expect("of");
        const std::size_t begin = result_.steps.size();
        append(Kind::sum, name, 2);
        bracketed();
        result_.steps[begin].size = result_.steps.size() - begin - 1;
    }

    Lexer tokens_;
    Token token_;
    std::string previous_;  ///< how the token before is shown
    int depth_ = 0;
    ParsedExpression result_;
};

}  // namespace

std::string folded(std::string_view name) {
    std::string lower(name);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

ParsedExpression parse_expression(const EquationDefinition::Expression& expression) {
    return Parser(expression).parse();
}

}  // namespace cortifold
