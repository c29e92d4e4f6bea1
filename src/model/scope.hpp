#pragma once

#include "expression.hpp"
#include "graph.hpp"

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace cortifold {

/// The names that expressions may use and what they stand for in a graph. Names ignore case; where
/// two differ in case alone (of a built-in model, no text can), the spelling decides.
class Scope {
public:
    using Names = std::map<std::string, ValueId>;  ///< folded

    explicit Scope(Graph& graph);

    /// Throws ConfigError where the name has a meaning already.
    void define(const std::string& name, ValueId value, const SourceLine& where);
    void define_table(const std::string& name, std::size_t table, const SourceLine& where);
    void define(const EquationDefinition::Function& function);
    /// A quantity that may not be used yet; `define` gives it its value.
    void announce(const std::string& name, const SourceLine& where);
    /// Of a built-in model.
    void define_exactly(const std::string& name, ValueId value);

    /// The value of an expression, in which `arguments` hide other names.
    [[nodiscard]] ValueId compile(const EquationDefinition::Expression& expression,
                                  const Names& arguments = {});
    [[nodiscard]] std::optional<ValueId> find_value(const std::string& name) const;

private:
    struct Function {
        ParsedExpression body;
        std::vector<std::string> arguments;  ///< folded
    };
    struct Announced {};
    struct TableNumber {
        std::size_t number = 0;
    };
    struct Name {
        std::string spelled;
        std::variant<ValueId, Function, TableNumber, Announced> meaning;
    };
    /// What a step may see besides the names of the scope.
    struct Frame {
        const Names& arguments;
        std::optional<ValueId> index;  ///< of the innermost sum
    };
    using Steps = std::span<const ParsedExpression::Step>;
    using Step = ParsedExpression::Step;

    void insert(Name name, const SourceLine& where);
    [[nodiscard]] const Name* find(const std::string& text) const;
    [[nodiscard]] ValueId run(Steps steps, const Frame& frame);
    [[nodiscard]] ValueId named(const Step& step, const Frame& frame) const;
    [[nodiscard]] ValueId called(const Step& step, std::span<const ValueId> operands);
    [[nodiscard]] ValueId inlined(const Function& function, const Step& step,
                                  std::span<const ValueId> operands);
    [[nodiscard]] ValueId summed(const Step& begin, Steps summand, const Frame& frame,
                                 std::span<const ValueId> bounds);
    [[nodiscard]] long whole_bound(const Step& begin, ValueId bound) const;
    [[noreturn]] void unknown(const Step& step, const Frame& frame) const;
    [[noreturn]] void unknown_function(const Step& step) const;

    Graph& graph_;
    std::multimap<std::string, Name> names_;  ///< by folded name
    std::vector<const Function*> active_;     ///< functions being inlined
    long work_ = 0;
};

}  // namespace cortifold
