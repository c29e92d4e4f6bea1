#include "scope.hpp"

#include "ode_words.hpp"
#include "operations.hpp"

#include <algorithm>
#include <numbers>

namespace cortifold {

namespace {

using Kind = ParsedExpression::Kind;

/// Steps of all expressions with their functions inlined and their sums written out.
constexpr long largest_model = 2'000'000;
constexpr std::size_t deepest_call = 200;

std::string_view operation_name(std::string_view folded_text) {
    if (folded_text == "**") return "^";
    return folded_text == "log" ? "ln" : folded_text;
}

/// How many values the operation takes; subtraction is found before negation.
std::optional<std::size_t> operands_of(std::string_view name) {
    for (const std::size_t operands : {std::size_t{3}, std::size_t{2}, std::size_t{1}})
        if (find_operation(operation_name(name), operands)) return operands;
    return std::nullopt;
}

void expect_operands(const ParsedExpression::Step& step, std::size_t wanted) {
    if (step.operands != wanted)
        throw ConfigError(step.text + " takes " + std::to_string(wanted) +
                              (wanted == 1 ? " value" : " values") + ", found " +
                              std::to_string(step.operands),
                          step.where);
}

}  // namespace

Scope::Scope(Graph& graph) : graph_(graph) {
    insert({"pi", graph_.constant(std::numbers::pi)}, {});
}

void Scope::insert(Name name, const SourceLine& where) {
    const std::string key = folded(name.spelled);
    if (!is_ode_name(key))
        throw ConfigError(
            "expected a name of letters, digits and '_', found \"" + name.spelled + "\"", where);
    if (operands_of(key) || names_.contains(key))
        throw ConfigError("the name \"" + name.spelled + "\" is taken (names ignore case)", where);
    names_.emplace(key, std::move(name));
}

void Scope::define(const std::string& name, ValueId value, const SourceLine& where) {
    const auto known = names_.find(folded(name));
    if (known != names_.end() && std::holds_alternative<Announced>(known->second.meaning))
        known->second.meaning = value;
    else
        insert({name, value}, where);
}
void Scope::define_table(const std::string& name, std::size_t table, const SourceLine& where) {
    insert({name, TableNumber{table}}, where);
}
void Scope::define(const EquationDefinition::Function& function) {
    Function made{parse_expression(function.body), {}};
    for (const std::string& argument : function.arguments) {
        const std::string key = folded(argument);
        if (!is_ode_name(key) || std::ranges::find(made.arguments, key) != made.arguments.end())
            throw ConfigError("the arguments of " + function.name +
                                  " must be names that differ, found \"" + argument + "\"",
                              function.body.where);
        made.arguments.push_back(key);
    }
    insert({function.name, std::move(made)}, function.body.where);
}
void Scope::announce(const std::string& name, const SourceLine& where) {
    insert({name, Announced{}}, where);
}
void Scope::define_exactly(const std::string& name, ValueId value) {
    names_.emplace(folded(name), Name{name, value});
}

const Scope::Name* Scope::find(const std::string& text) const {
    const auto [first, last] = names_.equal_range(folded(text));
    if (first == last) return nullptr;
    if (std::next(first) == last) return &first->second;
    const auto exact =
        std::find_if(first, last, [&](const auto& entry) { return entry.second.spelled == text; });
    return exact == last ? nullptr : &exact->second;
}

std::optional<ValueId> Scope::find_value(const std::string& name) const {
    const Name* const found = find(name);
    const auto* value = found == nullptr ? nullptr : std::get_if<ValueId>(&found->meaning);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

ValueId Scope::compile(const EquationDefinition::Expression& expression, const Names& arguments) {
    active_.clear();
    const ParsedExpression parsed = parse_expression(expression);
    return run(parsed.steps, {arguments, std::nullopt});
}

ValueId Scope::run(Steps steps, const Frame& frame) {
    std::vector<ValueId> stack;
    const auto popped = [&](std::size_t count) {
        const std::vector<ValueId> top(stack.end() - static_cast<std::ptrdiff_t>(count),
                                       stack.end());
        stack.resize(stack.size() - count);
        return top;
    };
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const Step& step = steps[k];
        if (++work_ > largest_model)
            throw ConfigError(
                "with functions and sums written out, the expressions up to here "
                "have more than " +
                    std::to_string(largest_model) + " terms",
                step.where);
        switch (step.kind) {
            case Kind::number: stack.push_back(graph_.constant(step.number)); break;
            case Kind::name: stack.push_back(named(step, frame)); break;
            case Kind::call: stack.push_back(called(step, popped(step.operands))); break;
            case Kind::sum: {
                const Steps summand = steps.subspan(k + 1, step.size);
                stack.push_back(summed(step, summand, frame, popped(step.operands)));
                k += step.size;
            }
        }
    }
    return stack.back();
}

ValueId Scope::named(const Step& step, const Frame& frame) const {
    const std::string key = folded(step.text);
    if (key == "i'" && frame.index) return *frame.index;
    if (const auto argument = frame.arguments.find(key); argument != frame.arguments.end())
        return argument->second;
    const Name* const name = find(step.text);
    if (name == nullptr) unknown(step, frame);
    if (const auto* value = std::get_if<ValueId>(&name->meaning)) return *value;
    if (std::holds_alternative<Announced>(name->meaning))
        throw ConfigError(step.text + " is used above its definition: move that up", step.where);
    throw ConfigError(step.text + " is a function: write " + step.text + "(...)", step.where);
}

ValueId Scope::called(const Step& step, std::span<const ValueId> operands) {
    const std::string key = folded(step.text);
    if (const auto found = find_operation(operation_name(key), operands.size()))
        return graph_.operation(*found, operands);
    if (const auto wanted = operands_of(key)) expect_operands(step, *wanted);
    const Name* const name = find(step.text);
    if (name == nullptr) unknown_function(step);
    if (const auto* function = std::get_if<Function>(&name->meaning))
        return inlined(*function, step, operands);
    const auto* table = std::get_if<TableNumber>(&name->meaning);
    if (table == nullptr)
        throw ConfigError(step.text + " is no function; a product needs its '*'", step.where);
    expect_operands(step, 1);
    return graph_.lookup(table->number, operands[0]);
}

ValueId Scope::inlined(const Function& function, const Step& step,
                       std::span<const ValueId> operands) {
    expect_operands(step, function.arguments.size());
    if (active_.size() == deepest_call)
        throw ConfigError(
            "more than " + std::to_string(deepest_call) + " functions call one another",
            step.where);
    if (std::ranges::find(active_, &function) != active_.end())
        throw ConfigError("the function " + step.text + " calls itself", step.where);
    Names arguments;
    for (std::size_t k = 0; k < operands.size(); ++k)
        arguments[function.arguments[k]] = operands[k];
    active_.push_back(&function);
    const ValueId value = run(function.body.steps, {arguments, std::nullopt});
    active_.pop_back();
    return value;
}

ValueId Scope::summed(const Step& begin, Steps summand, const Frame& frame,
                      std::span<const ValueId> bounds) {
    const long first = whole_bound(begin, bounds[0]), last = whole_bound(begin, bounds[1]);
    const std::size_t add = *find_operation("+", 2);
    ValueId sum = graph_.constant(0.0);
    for (long k = first; k <= last; ++k) {
        const ValueId index = graph_.constant(static_cast<double>(k));
        const ValueId term = run(summand, {frame.arguments, index});
        sum = k == first ? term : graph_.operation(add, std::array{sum, term});
    }
    return sum;
}

/// XPPAUT cuts the bounds to whole numbers.
long Scope::whole_bound(const Step& begin, ValueId bound) const {
    const auto number = graph_.number(bound);
    if (!number || !(std::abs(*number) <= static_cast<double>(largest_model)))
        throw ConfigError(
            "the bounds of a sum must be constants of at most " + std::to_string(largest_model),
            begin.where);
    return static_cast<long>(*number);
}

void Scope::unknown(const Step& step, const Frame& frame) const {
    if (folded(step.text) == "i'")
        throw ConfigError("i' has a meaning only inside of sum(...)of(...)", step.where);
    std::vector<std::string> known;
    for (const auto& [key, unused] : frame.arguments) known.push_back(key);
    for (const auto& [key, name] : names_)
        if (std::holds_alternative<ValueId>(name.meaning)) known.push_back(name.spelled);
    throw ConfigError(unknown_name("name", step.text, known), step.where);
}

void Scope::unknown_function(const Step& step) const {
    std::vector<std::string> known;
    std::apply([&](const auto&... operation) { (known.emplace_back(operation.name), ...); },
               operations);
    known.emplace_back("log");
    std::erase_if(known, [](const std::string& name) {
        return name[0] < 'a' || name[0] > 'z' || name == "if";
    });
    for (const auto& [key, name] : names_)
        if (!std::holds_alternative<ValueId>(name.meaning)) known.push_back(name.spelled);
    std::ranges::sort(known);
    throw ConfigError(unknown_name("function", step.text, known), step.where);
}

}  // namespace cortifold
