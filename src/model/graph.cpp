#include "graph.hpp"

#include "operations.hpp"
#include "tape.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cortifold {

namespace {

consteval std::size_t known_operation(std::string_view name, std::size_t operands) {
    return find_operation(name, operands).value();
}
constexpr std::size_t add = known_operation("+", 2), subtract = known_operation("-", 2),
                      multiply = known_operation("*", 2), divide = known_operation("/", 2),
                      negate = known_operation("-", 1), raise = known_operation("^", 2),
                      choose = known_operation("if", 3), root = known_operation("sqrt", 1),
                      exponential = known_operation("exp", 1),
                      logistic_of = known_operation("1/(1+exp(-x))", 1),
                      bernoulli_of = known_operation("x/(exp(x)-1)", 1);

}  // namespace

double Graph::Value::number() const {
    return std::bit_cast<double>(bits);
}

std::optional<double> Graph::number(ValueId value) const {
    const Value& found = values_[value];
    return found.kind == Value::Kind::constant ? std::optional(found.number()) : std::nullopt;
}

bool Graph::is(ValueId value, std::size_t operation) const {
    return values_[value].kind == Value::Kind::operation && values_[value].which == operation;
}

ValueId Graph::insert(Value value) {
    const auto [place, is_new] = known_.try_emplace(value, static_cast<ValueId>(values_.size()));
    if (is_new) values_.push_back(value);
    return place->second;
}

ValueId Graph::constant(double number) {
    return insert({.kind = Value::Kind::constant, .bits = std::bit_cast<std::uint64_t>(number)});
}

ValueId Graph::input(std::size_t which) {
    return insert({.kind = Value::Kind::input, .which = static_cast<std::uint32_t>(which)});
}

ValueId Graph::lookup(std::size_t table, ValueId at) {
    if (const auto x = number(at)) return constant((*tables_[table])(*x));
    return insert({.kind = Value::Kind::lookup,
                   .which = static_cast<std::uint32_t>(table),
                   .operands = 1,
                   .operand = {at}});
}

ValueId Graph::call(std::size_t which, std::initializer_list<ValueId> operands) {
    return operation(which, std::span(operands.begin(), operands.size()));
}

ValueId Graph::operation(std::size_t which, std::span<const ValueId> operands) {
    if (const auto simple = simplified(which, operands)) return *simple;
    Value value{.kind = Value::Kind::operation,
                .which = static_cast<std::uint32_t>(which),
                .operands = static_cast<std::uint32_t>(operands.size())};
    std::ranges::copy(operands, value.operand.begin());
    if (which == add || which == multiply)  // a + b is b + a to the last bit
        std::ranges::sort(value.operand.begin(), value.operand.begin() + 2);
    const auto number = folded(value);
    return number ? constant(*number) : insert(value);
}

std::optional<double> Graph::folded(const Value& value) const {
    std::array<double, 4> registers{};
    for (std::size_t k = 0; k < value.operands; ++k) {
        const auto known = number(value.operand[k]);
        if (!known) return std::nullopt;
        registers[k + 1] = *known;
    }
    evaluate(value.which, registers);
    return registers[0];
}

/// Only what leaves every bit of the value, except for the last of a logistic or Bernoulli's
/// function.
std::optional<ValueId> Graph::simplified(std::size_t which, std::span<const ValueId> operands) {
    if (which == negate && is(operands[0], negate)) return values_[operands[0]].operand[0];
    if (which == raise) return power(operands[0], operands[1]);
    if (which == divide) {
        const auto found = logistic(operands[0], operands[1]);
        return found ? found : bernoulli(operands[0], operands[1]);
    }
    if (which == choose)
        if (const auto condition = number(operands[0])) return operands[*condition != 0.0 ? 1 : 2];
    return std::nullopt;
}

std::optional<ValueId> Graph::power(ValueId base, ValueId exponent) {
    constexpr double half = 0.5;
    const auto e = number(exponent);
    if (!e || number(base)) return std::nullopt;
    if (*e == half) return call(root, {base});
    if (!is_whole_power(*e)) return std::nullopt;
    std::optional<ValueId> product;
    for (int n = static_cast<int>(std::abs(*e)); n > 0; n /= 2) {
        if (n % 2 != 0) product = product ? call(multiply, {*product, base}) : base;
        if (n > 1) base = call(multiply, {base, base});
    }
    const ValueId one = constant(1.0);
    if (!product) return one;
    return *e < 0.0 ? call(divide, {one, *product}) : *product;
}

/// c / (1 + exp(a)) is c logistic(-a), and exp(a) / (1 + exp(a)) is logistic(a): as quotients they
/// would be infinity over infinity, in value or slope, where the exponential overflows.
std::optional<ValueId> Graph::logistic(ValueId above, ValueId below) {
    if (!is(below, add)) return std::nullopt;
    const ValueId one = constant(1.0);
    const auto [a, b, unused] = values_[below].operand;
    const ValueId power = a == one ? b : a;
    if ((a != one && b != one) || !is(power, exponential)) return std::nullopt;
    const ValueId argument = values_[power].operand[0];
    if (above == power) return call(logistic_of, {argument});
    const ValueId part = call(logistic_of, {call(negate, {argument})});
    return above == one ? part : call(multiply, {above, part});
}

/// a s / (exp(b s) - 1) is a/b times Bernoulli's function of b s, and a s / (1 - exp(b s)) its
/// negative: as quotients they would be nothing over nothing at s = 0.
std::optional<ValueId> Graph::bernoulli(ValueId above, ValueId below) {
    if (!is(below, subtract)) return std::nullopt;
    const auto [minuend, subtrahend, unused] = values_[below].operand;
    const ValueId one = constant(1.0);
    const bool is_flipped = minuend == one;
    const ValueId power = is_flipped ? subtrahend : minuend;
    if ((!is_flipped && subtrahend != one) || !is(power, exponential)) return std::nullopt;
    const ValueId argument = values_[power].operand[0];
    const auto [a, s] = multiple(above);
    const auto [b, same] = multiple(argument);
    const double factor = (is_flipped ? -a : a) / b;
    if (s != same || !std::isfinite(factor)) return std::nullopt;
    const ValueId part = call(bernoulli_of, {argument});
    return factor == 1.0 ? part : call(multiply, {constant(factor), part});
}

std::pair<double, ValueId> Graph::multiple(ValueId value) const {
    double factor = 1.0;
    for (;;) {
        const auto [left, right, unused] = values_[value].operand;
        if (is(value, negate)) {
            factor = -factor;
            value = left;
        } else if (is(value, divide) && number(right)) {
            factor /= *number(right);
            value = left;
        } else if (is(value, multiply) && (number(left) || number(right))) {
            factor *= number(left) ? *number(left) : *number(right);
            value = number(left) ? right : left;
        } else {
            return {factor, value};
        }
    }
}

}  // namespace cortifold
