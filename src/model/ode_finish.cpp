#include "expression.hpp"
#include "ode_parser.hpp"
#include "ode_words.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

namespace cortifold {

namespace {

constexpr std::size_t max_assignment = 100'000;  // characters

std::vector<std::string> names_in(const auto& list) {
    std::vector<std::string> names;
    for (const auto& item : list) names.push_back(item.name);
    return names;
}

/// The name of a file without folder and ending.
std::string stem_of(const std::string& file) {
    const std::string name = file.substr(file.find_last_of('/') + 1);
    return name.substr(0, name.find_last_of('.'));
}

double read_limit(const OdeText& text) {
    constexpr double unlimited = EquationDefinition::unlimited;
    if (text.text() == "inf") return unlimited;
    return text.text() == "-inf" ? -unlimited : read_ode_number(text, "a limit");
}

auto find_name(auto& list, const std::string& name) {
    return std::ranges::find_if(
        list, [&](const auto& item) { return folded(item.name) == folded(name); });
}

/// The names of values and functions in an expression, in lower case.
std::set<std::string> names_read(const EquationDefinition::Expression& expression) {
    using Kind = ParsedExpression::Kind;
    std::set<std::string> names;
    for (const ParsedExpression::Step& step : parse_expression(expression).steps)
        if (step.kind == Kind::name || step.kind == Kind::call) names.insert(folded(step.text));
    return names;
}

/// Of what a value reads, that which was set before it, in brackets.
std::string substituted(const EquationDefinition::Expression& value,
                        const std::map<std::string, std::string>& set) {
    std::size_t length = value.text.size();
    return substitute_names(value.text, [&](const std::string& word) {
        const auto found = set.find(folded(word));
        if (found == set.end()) return word;
        if ((length += found->second.size()) > max_assignment)
            throw ConfigError(
                "with the assignments before it written out, this one has more than " +
                    std::to_string(max_assignment) + " characters",
                value.where);
        return found->second;
    });
}

}  // namespace

void OdeParser::comment(const OdeText& line) {
    comments_.push_back(line.part(1).trimmed());
}

void OdeParser::resolve_initials() {
    std::map<std::string, EquationDefinition::State*> states;
    for (auto& state : result_.states) states.emplace(folded(state.name), &state);
    for (const Initial& initial : initials_) {
        const auto found = states.find(folded(initial.name.text()));
        if (found == states.end())
            initial.name.fail(0, "an initial value: " + unknown_name("state", initial.name.text(),
                                                                     names_in(result_.states)));
        found->second->initial = initial.value;
    }
}

/// XPPAUT evaluates the values of an event one after the other, each with the states that those
/// before it have set; ours are all of the state before, so what was set is put in.
void OdeParser::resolve_events() {
    std::vector<std::string> known = names_in(result_.states);
    std::ranges::copy(names_in(result_.parameters), std::back_inserter(known));
    for (Global& global : globals_) {
        std::map<std::string, std::string> set;
        for (auto& [name, value] : global.assignments) {
            const std::string target = folded(name.text());
            if (target == "arret") {
                global.event.then = Flow::stop;
                continue;
            } else if (target == "out_put" || target == "no_interp") {
                result_.ignored.push_back({name.where(0), name.text() + " = " + value.text});
                continue;
            }
            if (std::ranges::find(known, target, folded) == known.end())
                name.fail(0, unknown_name("state or parameter", name.text(), known));
            value.text = substituted(value, set);
            if (find_name(result_.states, name.text()) != result_.states.end())
                set[target] = "(" + value.text + ")";
            std::erase_if(global.event.assignments,
                          [&](const Formula& earlier) { return folded(earlier.name) == target; });
            global.event.assignments.push_back({name.text(), value, "1", ""});
        }
        result_.events.push_back(std::move(global.event));
    }
}

/// Comments of the form `# NAME [UNIT] in [LOW, HIGH]: MEANING` describe a state or parameter,
/// `# time [UNIT]` the unit of time; `# input NAME [UNIT]: MEANING` and `# output NAME [UNIT] =
/// EXPRESSION: MEANING` make ports.
void OdeParser::describe_quantities() {
    static const std::regex form(
        R"(^(input |output )?(\w+) \[([^\]]*)\](?: in \[(\S+), (\S+)\])?(?: = ([^:]*))?(?:: (.*))?$)");
    constexpr std::size_t longest = 2000;  // a comment beyond is no description
    for (const OdeText& line : comments_) {
        std::smatch part;
        const std::string text = line.text().substr(0, longest);
        if (!std::regex_match(text, part, form)) {
            if (result_.about.empty()) result_.about = line.text();
            continue;
        }
        const std::string name = part[2], unit = part[3], meaning = part[7];
        const auto group = [&](std::size_t k) {
            return line.part(static_cast<std::size_t>(part.position(k)), part[k].str().size());
        };
        const auto describe = [&](auto& item) {
            item.unit = unit;
            item.meaning = meaning;
            if (!part[4].matched) return;
            item.low = read_limit(group(4));
            item.high = read_limit(group(5));
        };
        if (part[1] == "output ") {
            result_.outputs.push_back({name, ode_expression(group(6), name), unit, meaning});
        } else if (part[1] == "input ") {
            result_.inputs.push_back({name, {"", line.where(0)}, unit, meaning});
        } else if (name == "time") {
            result_.time_unit = unit;
        } else if (const auto state = find_name(result_.states, name);
                   state != result_.states.end()) {
            describe(*state);
        } else if (const auto p = find_name(result_.parameters, name);
                   p != result_.parameters.end()) {
            describe(*p);
        }
    }
}

/// In lower case, what changes in a run: the time, states, noises, quantities, and functions that
/// read any of them.
std::set<std::string> OdeParser::moving_names() const {
    std::multimap<std::string, std::string> readers;
    for (const EquationDefinition::Function& function : result_.functions)
        for (const std::string& name : names_read(function.body))
            if (std::ranges::find(function.arguments, name, folded) == function.arguments.end())
                readers.emplace(name, folded(function.name));
    std::vector<std::string> found{"t"};
    for (const auto& state : result_.states) found.push_back(folded(state.name));
    for (const std::string& noise : result_.noises) found.push_back(folded(noise));
    for (std::size_t k = derived_; k < result_.quantities.size(); ++k)
        found.push_back(folded(result_.quantities[k].name));
    std::set<std::string> moving;
    while (!found.empty()) {
        const std::string name = std::move(found.back());
        found.pop_back();
        if (!moving.insert(name).second) continue;
        const auto [first, last] = readers.equal_range(name);
        for (auto reader = first; reader != last; ++reader) found.push_back(reader->second);
    }
    return moving;
}

void OdeParser::check_derived() const {
    if (derived_ == 0) return;
    const std::set<std::string> moving = moving_names();
    for (const Formula& derived : std::span(result_.quantities).first(derived_))
        for (const std::string& name : names_read(derived.expression))
            if (moving.contains(name))
                throw ConfigError("the derived parameter " + derived.name + " reads " + name +
                                      ", which is no parameter; without its '!' it is a quantity "
                                      "that follows the state",
                                  derived.expression.where);
}

EquationDefinition OdeParser::finish(const std::string& file) {
    result_.name = stem_of(file);
    result_.file = file;
    resolve_initials();
    resolve_events();
    check_derived();
    describe_quantities();
    if (result_.states.empty())
        throw ConfigError("no differential equation, as in x' = ..., was found", {file});
    return std::move(result_);
}

EquationDefinition parse_ode(std::string_view text, const std::string& file,
                             const FileLoader& load) {
    OdeParser parser(load);
    const std::vector<OdeText> statements = read_ode_statements(text, file, load);
    // In XPPAUT's first format the first line is the number of equations, then `v x=1`, `o ...`.
    if (!statements.empty() && !statements.front().text().empty() &&
        statements.front().text().find_first_not_of("0123456789 ") == std::string::npos)
        statements.front().fail(0,
                                "XPPAUT's old format is not supported; `xppaut -convert` turns "
                                "it into the new one");
    for (const OdeText& statement : statements) parser.read(statement);
    return parser.finish(file);
}

}  // namespace cortifold
