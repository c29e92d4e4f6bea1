#pragma once

#include "lookup_table.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cortifold {

/// A value of a graph.
using ValueId = std::uint32_t;

using Tables = std::vector<std::shared_ptr<const LookupTable>>;

/// The formulas of a model as values computed from values: equal ones are one, constants are
/// folded, whole powers are products, and what stands for a logistic or Bernoulli's function is
/// one.
class Graph {
public:
    struct Value {
        enum class Kind { constant, input, operation, lookup };
        Kind kind = Kind::constant;
        std::uint32_t which = 0;  ///< input, operation or table
        std::uint32_t operands = 0;
        std::array<ValueId, 3> operand{};
        std::uint64_t bits = 0;  ///< of the constant
        auto operator<=>(const Value&) const = default;
        [[nodiscard]] double number() const;
    };

    [[nodiscard]] ValueId constant(double number);
    [[nodiscard]] ValueId input(std::size_t which);
    [[nodiscard]] ValueId operation(std::size_t which, std::span<const ValueId> operands);
    [[nodiscard]] ValueId lookup(std::size_t table, ValueId at);
    void add_table(LookupTable table) {
        tables_.push_back(std::make_shared<const LookupTable>(std::move(table)));
    }

    /// Operands stand before what is computed from them.
    [[nodiscard]] const std::vector<Value>& values() const { return values_; }
    [[nodiscard]] const Tables& tables() const { return tables_; }
    /// The number, where the value is a constant.
    [[nodiscard]] std::optional<double> number(ValueId value) const;

private:
    [[nodiscard]] ValueId insert(Value value);
    [[nodiscard]] ValueId call(std::size_t which, std::initializer_list<ValueId> operands);
    [[nodiscard]] std::optional<ValueId> simplified(std::size_t which,
                                                    std::span<const ValueId> operands);
    [[nodiscard]] std::optional<double> folded(const Value& value) const;
    [[nodiscard]] std::optional<ValueId> power(ValueId base, ValueId exponent);
    [[nodiscard]] std::optional<ValueId> logistic(ValueId above, ValueId below);
    [[nodiscard]] std::optional<ValueId> bernoulli(ValueId above, ValueId below);
    /// A constant and a value that is no multiple: their product.
    [[nodiscard]] std::pair<double, ValueId> multiple(ValueId value) const;
    [[nodiscard]] bool is(ValueId value, std::size_t operation) const;

    std::vector<Value> values_;
    std::map<Value, ValueId> known_;
    Tables tables_;
};

}  // namespace cortifold
