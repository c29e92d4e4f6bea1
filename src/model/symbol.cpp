#include "expression.hpp"
#include "ode_words.hpp"
#include <cortifold/model/symbol.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <tuple>

namespace cortifold {

namespace {

Symbol combined(std::string name, std::vector<Symbol> operands) {
    return Symbol(Symbol::Term{std::move(name), 0.0, std::move(operands)});
}

// How tightly a written formula holds together in XPPAUT, where a comparison binds like a power. A
// sign stands only where an expression begins.
enum class Binding { additive, sign, multiplicative, power, atom };

Binding binding_of(const std::string& name, std::size_t operands) {
    if (operands == 1) return name == "-" ? Binding::sign : Binding::atom;
    if (operands != 2) return Binding::atom;
    if (name == "+" || name == "-") return Binding::additive;
    return name == "*" || name == "/" ? Binding::multiplicative : Binding::power;
}

/// Formulas with what they share found.
class Formulas {
public:
    struct Written {
        std::string text;
        Binding binding = Binding::atom;
    };

    std::size_t add(const Symbol& formula) {
        const std::size_t value = intern(formula);
        ++values_[value].uses;
        return value;
    }

    /// One text a value; `make_quantity` names a text that stands in several formulas.
    std::vector<Written> write(
        const std::function<std::string(const std::string&)>& make_quantity) const {
        constexpr std::size_t longest = 400;  // XPPAUT reads lines of 1023
        std::vector<Written> written;
        for (const Value& value : values_) {
            Written text = write(value, written);
            const bool is_shared = value.uses > 1 || text.text.size() > longest;
            if (is_shared && !value.operands.empty()) text = {make_quantity(text.text)};
            written.push_back(std::move(text));
        }
        return written;
    }

private:
    struct Value {
        std::string name;
        double number = 0.0;
        std::vector<std::size_t> operands;
        std::size_t uses = 0;
    };
    using Key = std::tuple<std::string, std::uint64_t, std::vector<std::size_t>>;

    std::size_t intern(const Symbol& symbol) {
        const Symbol::Term& term = symbol.term();
        if (const auto seen = seen_.find(&term); seen != seen_.end()) return seen->second;
        Value value{term.name, term.number, {}, 0};
        for (const Symbol& operand : term.operands) value.operands.push_back(intern(operand));
        const Key key{value.name, std::bit_cast<std::uint64_t>(value.number), value.operands};
        const auto [known, is_new] = known_.emplace(key, values_.size());
        if (is_new) {
            for (const std::size_t operand : value.operands) ++values_[operand].uses;
            values_.push_back(std::move(value));
        }
        return seen_[&term] = known->second;
    }

    static Written write(const Value& value, const std::vector<Written>& written) {
        if (value.name.empty())
            return {show_ode_number(value.number),
                    value.number < 0.0 ? Binding::sign : Binding::atom};
        if (value.operands.empty()) return {value.name};
        const auto operand = [&](std::size_t k, Binding least) {
            const Written& text = written[value.operands[k]];
            return text.binding < least ? "(" + text.text + ")" : text.text;
        };
        const Binding binding = binding_of(value.name, value.operands.size());
        if (value.name == "if")
            return {"if(" + operand(0, Binding::additive) + ")then(" +
                    operand(1, Binding::additive) + ")else(" + operand(2, Binding::additive) + ")"};
        switch (binding) {
            case Binding::atom: return {value.name + "(" + operand(0, Binding::additive) + ")"};
            case Binding::sign: return {"-" + operand(0, Binding::power), binding};
            case Binding::additive:
                return {operand(0, Binding::additive) + value.name +
                            operand(1, Binding::multiplicative),
                        binding};
            case Binding::multiplicative:
                return {
                    operand(0, Binding::multiplicative) + value.name + operand(1, Binding::power),
                    binding};
            default:
                return {operand(0, Binding::atom) + value.name + operand(1, Binding::atom),
                        binding};
        }
    }

    std::vector<Value> values_;  // operands before what is made of them
    std::map<Key, std::size_t> known_;
    std::map<const Symbol::Term*, std::size_t> seen_;
};

Symbol variable(const std::string& name) {
    return combined(name, {});
}

}  // namespace

Symbol::Symbol(double number) : Symbol(Term{"", number, {}}) {}

Symbol operator-(const Symbol& a) {
    return combined("-", {a});
}
Symbol operator+(const Symbol& a, const Symbol& b) {
    return combined("+", {a, b});
}
Symbol operator-(const Symbol& a, const Symbol& b) {
    return combined("-", {a, b});
}
Symbol operator*(const Symbol& a, const Symbol& b) {
    return combined("*", {a, b});
}
Symbol operator/(const Symbol& a, const Symbol& b) {
    return combined("/", {a, b});
}
Symbol operator<(const Symbol& a, const Symbol& b) {
    return combined("<", {a, b});
}
Symbol operator>(const Symbol& a, const Symbol& b) {
    return combined(">", {a, b});
}
Symbol operator<=(const Symbol& a, const Symbol& b) {
    return combined("<=", {a, b});
}
Symbol operator>=(const Symbol& a, const Symbol& b) {
    return combined(">=", {a, b});
}
Symbol exp(const Symbol& a) {
    return combined("exp", {a});
}
Symbol log(const Symbol& a) {
    return combined("ln", {a});
}
Symbol sqrt(const Symbol& a) {
    return combined("sqrt", {a});
}
Symbol sin(const Symbol& a) {
    return combined("sin", {a});
}
Symbol cos(const Symbol& a) {
    return combined("cos", {a});
}
Symbol tanh(const Symbol& a) {
    return combined("tanh", {a});
}
Symbol pow(const Symbol& a, double b) {
    return combined("^", {a, b});
}
Symbol logistic(const Symbol& a) {
    return 1.0 / (1.0 + exp(-a));
}
Symbol select(const Symbol& condition, const Symbol& a, const Symbol& b) {
    return combined("if", {condition, a, b});
}

SymbolicModel::SymbolicModel(const Node& node) {
    result_.name = node.name();
    result_.time_unit = node.time_unit();
    for (const Quantity& x : node.states())
        result_.states.push_back({free_name(std::string(x.name)),
                                  {},
                                  {show_ode_number(x.value), {}},
                                  std::string(x.unit),
                                  std::string(x.meaning),
                                  x.low,
                                  x.high});
    const auto add_parameter = [&](const Quantity& p) {
        result_.parameters.push_back({free_name(std::string(p.name)),
                                      p.value,
                                      p.low,
                                      p.high,
                                      std::string(p.unit),
                                      std::string(p.meaning),
                                      {}});
    };
    std::ranges::for_each(node.parameters(), add_parameter);
    own_parameters_ = result_.parameters.size();
    for (const Quantity& u : node.inputs()) {
        add_parameter(u);
        result_.inputs.push_back(
            {result_.parameters.back().name, {}, std::string(u.unit), std::string(u.meaning)});
    }
    for (const Quantity& h : node.outputs())
        result_.outputs.push_back(
            {std::string(h.name), {}, std::string(h.unit), std::string(h.meaning)});
}

Symbol SymbolicModel::state(Eigen::Index k) const {
    return variable(result_.states[static_cast<std::size_t>(k)].name);
}

Symbol SymbolicModel::parameter(Eigen::Index k) const {
    return variable(result_.parameters[static_cast<std::size_t>(k)].name);
}

Symbol SymbolicModel::input(Eigen::Index k) const {
    return parameter(k + static_cast<Eigen::Index>(own_parameters_));
}

EquationDefinition SymbolicModel::equations(std::span<const Symbol> rhs,
                                            std::span<const Symbol> outputs) && {
    Formulas formulas;
    std::vector<std::size_t> values;
    for (const auto list : {rhs, outputs})
        for (const Symbol& formula : list) values.push_back(formulas.add(formula));
    const auto written = formulas.write([&](const std::string& text) {
        result_.quantities.push_back({free_name("q1"), {text, {}}, "1", ""});
        return result_.quantities.back().name;
    });
    for (std::size_t k = 0; k < rhs.size(); ++k)
        result_.states[k].rhs.text = written[values[k]].text;
    for (std::size_t k = 0; k < outputs.size(); ++k)
        result_.outputs[k].expression.text = written[values[rhs.size() + k]].text;
    return std::move(result_);
}

std::string SymbolicModel::free_name(const std::string& wanted) {
    const std::string name = free_ode_name(wanted, taken_);
    taken_.push_back(folded(name));
    return name;
}

}  // namespace cortifold
