#pragma once

#include <cortifold/model/node.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cortifold {

/// A scalar that records the formula it comes from: a model that runs on it is written down as
/// text.
class Symbol {
public:
    struct Term {
        std::string name;  ///< of a variable, an operator or a function; empty: a number
        double number = 0.0;
        std::vector<Symbol> operands;
    };

    Symbol(double number = 0.0);  // NOLINT: constants mix with variables in formulas
    explicit Symbol(Term term) : term_(std::make_shared<const Term>(std::move(term))) {}
    [[nodiscard]] const Term& term() const { return *term_; }

private:
    std::shared_ptr<const Term> term_;
};

[[nodiscard]] Symbol operator-(const Symbol& a);
[[nodiscard]] Symbol operator+(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol operator-(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol operator*(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol operator/(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol operator<(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol operator>(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol operator<=(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol operator>=(const Symbol& a, const Symbol& b);
[[nodiscard]] Symbol exp(const Symbol& a);
[[nodiscard]] Symbol log(const Symbol& a);
[[nodiscard]] Symbol sqrt(const Symbol& a);
[[nodiscard]] Symbol sin(const Symbol& a);
[[nodiscard]] Symbol cos(const Symbol& a);
[[nodiscard]] Symbol tanh(const Symbol& a);
[[nodiscard]] Symbol pow(const Symbol& a, double b);
[[nodiscard]] Symbol logistic(const Symbol& a);
[[nodiscard]] Symbol select(const Symbol& condition, const Symbol& a, const Symbol& b);

/// The equations of a node, from its formulas on symbols. What XPPAUT cannot tell apart or would
/// cut off gets a name of its own: upper from lower case, more than nine letters, reserved words.
/// An input is added to a parameter of its name, 0 by default.
class SymbolicModel {
public:
    explicit SymbolicModel(const Node& node);

    [[nodiscard]] Symbol state(Eigen::Index k) const;
    [[nodiscard]] Symbol parameter(Eigen::Index k) const;
    [[nodiscard]] Symbol input(Eigen::Index k) const;
    /// A right-hand side a state, a formula an output. What formulas share becomes a quantity.
    [[nodiscard]] EquationDefinition equations(std::span<const Symbol> rhs,
                                               std::span<const Symbol> outputs) &&;

private:
    [[nodiscard]] std::string free_name(const std::string& wanted);

    EquationDefinition result_;
    std::size_t own_parameters_ = 0;  // without those of inputs, which follow them
    std::vector<std::string> taken_;  // in lower case
};

}  // namespace cortifold
