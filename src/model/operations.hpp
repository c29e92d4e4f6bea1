#pragma once

#include <cortifold/core/elementary.hpp>
#include <cortifold/core/special.hpp>

#include <optional>
#include <string_view>
#include <tuple>

namespace cortifold {

/// One of XPP's operators and functions: how it is written, and its formula on every scalar type.
template <std::size_t N, class F>
struct Operation {
    static constexpr std::size_t operands = N;
    std::string_view name;
    F of;
};
template <class F>
constexpr Operation<1, F> unary(std::string_view name, F of) {
    return {name, of};
}
template <class F>
constexpr Operation<2, F> binary(std::string_view name, F of) {
    return {name, of};
}
template <class F>
constexpr Operation<3, F> ternary(std::string_view name, F of) {
    return {name, of};
}
/// One of elementary.hpp or special.hpp.
template <class F>
constexpr auto elementary(std::string_view name, F f) {
    return unary(name, [f](const auto& x) { return apply(f, x); });
}
/// F{n} of x; n is cut to a whole number, and has no slope. Beyond the largest order, which takes
/// time in proportion, there is no value.
template <class F>
constexpr auto bessel(std::string_view name) {
    return binary(name, []<class T>(const T& n, const T& x) {
        constexpr auto known = [](double order) { return std::abs(order) <= largest_order; };
        constexpr double none = std::numeric_limits<double>::quiet_NaN();
        if constexpr (std::same_as<T, Pack>)
            return T(n.binaryExpr(x, [known](double order, double lane) {
                return known(order) ? F{static_cast<int>(order)}.value(lane) : none;
            }));
        else
            return known(primal(n)) ? apply(F{static_cast<int>(primal(n))}, x) : T(none);
    });
}

/// 1 where a comparison of plain numbers holds, else 0.
template <class T>
T truth(const auto& holds) {
    if constexpr (std::same_as<T, Pack>)
        return holds.template cast<double>();
    else
        return T(holds ? 1.0 : 0.0);
}

/// A comparison or a logical connection of plain numbers; it has no slope.
template <class F>
constexpr auto relation(std::string_view name, F holds) {
    return binary(name, [holds]<class T>(const T& a, const T& b) {
        return truth<T>(holds(primal(a), primal(b)));
    });
}

/// Where a function jumps or bends, its slope is that of the side its value belongs to. Of `if`,
/// `min` and `max` nothing of the other branch reaches value or slope, not even a NaN.
inline constexpr std::tuple operations{
    binary("+", [](const auto& a, const auto& b) { return a + b; }),
    binary("-", [](const auto& a, const auto& b) { return a - b; }),
    binary("*", [](const auto& a, const auto& b) { return a * b; }),
    binary("/", [](const auto& a, const auto& b) { return a / b; }),
    unary("-", [](const auto& a) { return -a; }),
    binary("^",
           [](const auto& a, const auto& b) {
               using cortifold::pow, std::pow;
               return pow(a, b);
           }),
    relation(">", [](const auto& a, const auto& b) { return a > b; }),
    relation("<", [](const auto& a, const auto& b) { return a < b; }),
    relation(">=", [](const auto& a, const auto& b) { return a >= b; }),
    relation("<=", [](const auto& a, const auto& b) { return a <= b; }),
    relation("==", [](const auto& a, const auto& b) { return a == b; }),
    relation("!=", [](const auto& a, const auto& b) { return a != b; }),
    relation("&", [](const auto& a, const auto& b) { return a != 0.0 && b != 0.0; }),
    relation("|", [](const auto& a, const auto& b) { return a != 0.0 || b != 0.0; }),
    unary("not", []<class T>(const T& a) { return truth<T>(primal(a) == 0.0); }),
    ternary("if", [](const auto& condition, const auto& a,
                     const auto& b) { return select(primal(condition) != 0.0, a, b); }),
    unary("heav", []<class T>(const T& a) { return truth<T>(primal(a) >= 0.0); }),
    unary("sign",
          []<class T>(const T& a) {
              return T(truth<T>(primal(a) > 0.0) - truth<T>(primal(a) < 0.0));
          }),
    unary("abs", []<class T>(const T& a) { return select(primal(a) < 0.0, T(-a), a); }),
    unary("flr",
          []<class T>(const T& a) {
              using std::floor;
              return T(floor(primal(a)));
          }),
    binary("min", [](const auto& a, const auto& b) { return select(primal(a) < primal(b), a, b); }),
    binary("max", [](const auto& a, const auto& b) { return select(primal(a) > primal(b), a, b); }),
    binary("mod", [](const auto& a, const auto& b) { return modulo(a, b); }),
    unary("exp",
          [](const auto& a) {
              using std::exp;
              return exp(a);
          }),
    unary("ln",
          [](const auto& a) {
              using std::log;
              return log(a);
          }),
    unary("sqrt",
          [](const auto& a) {
              using std::sqrt;
              return sqrt(a);
          }),
    unary("sin",
          [](const auto& a) {
              using std::sin;
              return sin(a);
          }),
    unary("cos",
          [](const auto& a) {
              using std::cos;
              return cos(a);
          }),
    unary("tanh",
          [](const auto& a) {
              using std::tanh;
              return tanh(a);
          }),
    binary("atan2",
           [](const auto& y, const auto& x) {
               using cortifold::atan2, std::atan2;
               return atan2(y, x);
           }),
    elementary("tan", Tan{}),
    elementary("asin", Asin{}),
    elementary("acos", Acos{}),
    elementary("atan", Atan{}),
    elementary("sinh", Sinh{}),
    elementary("cosh", Cosh{}),
    elementary("log10", Log10{}),
    elementary("erf", Erf{}),
    elementary("erfc", Erfc{}),
    elementary("lgamma", LogGamma{}),
    bessel<BesselJ>("besselj"),
    bessel<BesselY>("bessely"),
    bessel<BesselI>("besseli"),
    // No names that one can write:
    unary("1/(1+exp(-x))", [](const auto& a) { return logistic(a); }),
    unary("x/(exp(x)-1)", [](const auto& a) { return bernoulli(a); }),
};

inline constexpr std::size_t operation_count = std::tuple_size_v<decltype(operations)>;

/// What is called so with so many operands: its place in `operations`.
constexpr std::optional<std::size_t> find_operation(std::string_view name, std::size_t operands) {
    return std::apply(
        [&](const auto&... operation) {
            std::optional<std::size_t> found;
            std::size_t place = 0;
            ((operation.name == name && operation.operands == operands ? void(found = place)
                                                                       : void(),
              ++place),
             ...);
            return found;
        },
        operations);
}

}  // namespace cortifold
