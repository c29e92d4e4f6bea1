#include "ode_parser.hpp"

#include "expression.hpp"
#include "ode_words.hpp"

#include <algorithm>
#include <array>

namespace cortifold {

namespace {

constexpr std::string_view blanks = " ";

/// What follows '=', which must come first.
OdeText after_equals(const OdeText& text, const std::string& of) {
    const OdeText trimmed = text.trimmed();
    if (!trimmed.text().starts_with('='))
        trimmed.fail(0, "expected '=' in the definition of " + of);
    return trimmed.part(1);
}

struct NameAndValue {
    OdeText name, value;  // an empty value: none was given
};

/// name = value, name, ... : separated by blanks or commas.
std::vector<NameAndValue> split_list(const OdeText& list) {
    constexpr std::string_view separators = " ,";
    const std::string& text = list.text();
    std::vector<NameAndValue> items;
    for (std::size_t at = text.find_first_not_of(separators); at < text.size();
         at = text.find_first_not_of(separators, at)) {
        const std::size_t end = std::min(text.find_first_of(" ,=", at), text.size());
        items.push_back({list.part(at, end - at), {}});
        at = std::min(text.find_first_not_of(blanks, end), text.size());
        if (at == text.size() || text[at] != '=') continue;
        const std::size_t value = text.find_first_not_of(blanks, at + 1);
        if (value >= text.size()) list.fail(at, "a number is missing after '='");
        at = std::min(text.find_first_of(separators, value), text.size());
        items.back().value = list.part(value, at - value);
    }
    return items;
}

/// The text between a pair of braces that opens at `from`; sets `from` behind it.
OdeText in_braces(const OdeText& text, std::size_t& from, const std::string& what) {
    from = text.text().find_first_not_of(blanks, from);
    if (from == std::string::npos || text.text()[from] != '{')
        text.fail(std::min(from, text.text().size()), "expected '{' before " + what);
    const std::size_t close = text.text().find('}', from);
    if (close == std::string::npos) text.fail(from, "the brace before " + what + " is not closed");
    const OdeText inside = text.part(from + 1, close - from - 1);
    from = close + 1;
    return inside;
}

Crossing crossing_of(const OdeText& sign) {
    if (sign.text() == "1" || sign.text() == "+1") return Crossing::rising;
    if (sign.text() == "-1") return Crossing::falling;
    if (sign.text() == "0") return Crossing::either;
    sign.fail(0, "the sign of a global is -1, 0 or 1, found \"" + sign.text() + "\"");
}

/// Plots, options, boundary conditions and sets of values. Whole words, since what begins alike may
/// be anything misspelled.
bool is_noted(std::string_view word) {
    static constexpr std::array<std::string_view, 9> words{
        "b", "bdry", "bndry", "boundary", "o", "option", "options", "only", "set"};
    return std::ranges::find(words, word) != words.end();
}

}  // namespace

void OdeParser::read(const OdeText& statement) {
    switch (statement.text().front()) {
        case '#':
        case '"': return comment(statement);
        case '@': return options(statement.part(1));
        case '!': return derived(statement.part(1));
        default: break;
    }
    const std::size_t end =
        std::min(statement.text().find_first_of(" =/'("), statement.text().size());
    equation(statement.part(0, end), statement.part(end).trimmed());
}

void OdeParser::equation(const OdeText& word, const OdeText& rest) {
    switch (rest.text().empty() ? ' ' : rest.text().front()) {
        case '=':
            if (word.text() == "0")
                word.fail(0,
                          "algebraic equations (0 = ...) are not supported: write the solution "
                          "or a fast differential equation");
            result_.quantities.push_back(
                {declare(word), ode_expression(rest.part(1), word.text()), "1", ""});
            return;
        case '\'': return state(word, rest.part(1));
        case '/': {
            const OdeText below = rest.part(1).trimmed();
            if (folded(word.text()).starts_with('d') && folded(below.text()).starts_with("dt"))
                return state(word.part(1), below.part(2));
            word.fail(0, "expected a differential equation, as in dx/dt = ...");
        }
        case '(': return call(word, rest);
        default: return command(word, rest);
    }
}

void OdeParser::state(const OdeText& name, const OdeText& after_name) {
    const std::string declared = declare(name);
    EquationDefinition::State& made = result_.states.emplace_back();
    made.name = declared;
    made.rhs = ode_expression(after_equals(after_name, declared), declared);
}

/// name(0) = initial value, name(x, y) = function.
void OdeParser::call(const OdeText& name, const OdeText& rest) {
    const std::size_t close = rest.text().find(')');
    if (close == std::string::npos) rest.fail(0, "this bracket is not closed");
    const OdeText arguments = rest.part(1, close - 1).trimmed();
    const OdeText body = after_equals(rest.part(close + 1), name.text());
    std::string plain = folded(arguments.text());
    std::erase(plain, ' ');
    if (plain == "t+1") name.fail(0, "maps (" + name.text() + "(t+1) = ...) are not supported");
    if (plain == "0")
        initials_.push_back({name, ode_expression(body, name.text() + "(0)")});
    else
        function(name, arguments, body);
}

void OdeParser::function(const OdeText& name, const OdeText& arguments, const OdeText& body) {
    EquationDefinition::Function made{declare(name), {}, ode_expression(body, name.text())};
    for (std::size_t at = 0; at <= arguments.text().size();) {
        const std::size_t end = std::min(arguments.text().find(',', at), arguments.text().size());
        const OdeText argument = arguments.part(at, end - at).trimmed();
        if (!is_ode_name(argument.text())) arguments.fail(at, "expected the name of an argument");
        if (std::ranges::find(made.arguments, folded(argument.text()), folded) !=
            made.arguments.end())
            argument.fail(0, "the argument \"" + argument.text() + "\" stands twice");
        made.arguments.push_back(argument.text());
        at = end + 1;
    }
    result_.functions.push_back(std::move(made));
}

/// A derived parameter depends on parameters alone: a quantity before all others.
void OdeParser::derived(const OdeText& rest) {
    const std::size_t end = rest.text().find('=');
    if (end == std::string::npos) rest.fail(0, "expected a derived parameter, as in !b = 2*a");
    const OdeText name = rest.part(0, end).trimmed();
    result_.quantities.insert(
        result_.quantities.begin() + static_cast<std::ptrdiff_t>(derived_++),
        Formula{declare(name), ode_expression(rest.part(end + 1), name.text()), "1", ""});
}

/// XPPAUT knows a statement by its first letters, so that `p`, `par` and `params` are one.
void OdeParser::command(const OdeText& word, const OdeText& rest) {
    struct Command {
        std::string_view letters;
        void (OdeParser::*handle)(const OdeText&);
    };
    static constexpr std::array<Command, 7> commands{{{"au", &OdeParser::auxiliary},
                                                      {"ta", &OdeParser::table},
                                                      {"p", &OdeParser::parameters},
                                                      {"n", &OdeParser::constants},
                                                      {"i", &OdeParser::initials},
                                                      {"w", &OdeParser::noises},
                                                      {"g", &OdeParser::global}}};
    struct Other {
        std::string_view letters;
        void (OdeParser::*handle)(const OdeText&, const OdeText&);
    };
    static constexpr std::array<Other, 6> others{{{"ma", &OdeParser::unsupported},
                                                  {"so", &OdeParser::unsupported},
                                                  {"sp", &OdeParser::unsupported},
                                                  {"ex", &OdeParser::unsupported},
                                                  {"gr", &OdeParser::unsupported},
                                                  {"v", &OdeParser::unsupported}}};
    const std::string first = folded(word.text());
    const auto begins = [&](const auto& known) { return first.starts_with(known.letters); };
    if (is_noted(first)) return note(word, rest);
    if (const auto* other = std::ranges::find_if(others, begins); other != others.end())
        return (this->*other->handle)(word, rest);
    if (const auto* known = std::ranges::find_if(commands, begins); known != commands.end())
        return (this->*known->handle)(rest);
    word.fail(0, "unknown statement \"" + word.text() +
                     "\"; expected an equation (x' = ...), a quantity (x = ...), a function, or "
                     "par, number, init, aux, wiener, global, table, @ option, done");
}

void OdeParser::unsupported(const OdeText& word, const OdeText&) {
    word.fail(0, "XPPAUT's \"" + word.text() + "\" is not supported");
}

void OdeParser::note(const OdeText& word, const OdeText& rest) {
    result_.ignored.push_back({word.where(0), word.text() + " " + rest.text()});
}

EquationDefinition::Parameter OdeParser::number(const OdeText& name, const OdeText& value) {
    EquationDefinition::Parameter made;
    made.name = declare(name);
    made.where = name.where(0);
    if (!value.text().empty()) made.value = read_ode_number(value, made.name);
    return made;
}

void OdeParser::parameters(const OdeText& rest) {
    for (const auto& [name, value] : split_list(rest))
        result_.parameters.push_back(number(name, value));
}

void OdeParser::constants(const OdeText& rest) {
    for (const auto& [name, value] : split_list(rest))
        result_.constants.push_back(number(name, value));
}

void OdeParser::initials(const OdeText& rest) {
    for (const auto& [name, value] : split_list(rest)) {
        if (!value.text().empty()) (void)read_ode_number(value, name.text());
        initials_.push_back({name, value.text().empty()
                                       ? Expression{"0", name.where(0)}
                                       : Expression{value.text(), value.where(0)}});
    }
}

void OdeParser::noises(const OdeText& rest) {
    for (const auto& [name, value] : split_list(rest)) result_.noises.push_back(declare(name));
}

/// The name may hold any character: it stands in no formula.
void OdeParser::auxiliary(const OdeText& rest) {
    const std::size_t end = rest.text().find('=');
    const OdeText name = rest.part(0, end).trimmed();
    if (end == std::string::npos || name.text().empty())
        rest.fail(0, "expected an auxiliary quantity, as in aux name = ...");
    const auto same = [&](const Formula& other) {
        return folded(other.name) == folded(name.text());
    };
    if (const auto before = std::ranges::find_if(result_.auxiliaries, same);
        before != result_.auxiliaries.end())
        name.fail(0, "auxiliary \"" + name.text() + "\" is defined twice, first in line " +
                         std::to_string(before->expression.where.line));
    result_.auxiliaries.push_back(
        {name.text(), ode_expression(rest.part(end + 1), name.text()), "1", ""});
}

/// sign {condition} {name = value; ...}, the condition also without braces.
void OdeParser::global(const OdeText& rest) {
    const std::size_t sign_end = std::min(rest.text().find_first_of(" {"), rest.text().size());
    std::size_t at = rest.text().find_first_not_of(blanks, sign_end);
    if (at == std::string::npos) rest.fail(0, "expected global sign {condition} {name = value}");
    OdeText condition;
    if (rest.text()[at] == '{') {
        condition = in_braces(rest, at, "the condition");
    } else {
        const std::size_t end = std::min(rest.text().find('{', at), rest.text().size());
        condition = rest.part(at, end - at);
        at = end;
    }
    Global made;
    made.event.name = "global" + std::to_string(globals_.size() + 1);
    made.event.crossing = crossing_of(rest.part(0, sign_end));
    made.event.condition = ode_expression(condition, "this condition");
    const OdeText list = in_braces(rest, at, "what happens");
    for (std::size_t from = 0; from < list.text().size();) {
        const std::size_t end = std::min(list.text().find(';', from), list.text().size());
        const OdeText item = list.part(from, end - from).trimmed();
        from = end + 1;
        if (item.text().empty()) continue;
        const std::size_t equals = item.text().find('=');
        if (equals == std::string::npos) item.fail(0, "expected name = value");
        const OdeText name = item.part(0, equals).trimmed();
        made.assignments.push_back({name, ode_expression(item.part(equals + 1), name.text())});
    }
    if (made.assignments.empty()) list.fail(0, "nothing happens at this event: name = value");
    globals_.push_back(std::move(made));
}

/// name file, or name % points first last formula(t)
void OdeParser::table(const OdeText& rest) {
    const std::string& text = rest.text();
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string name = declare(rest.part(0, end));
    const OdeText source = rest.part(end).trimmed();
    if (source.text().empty())
        rest.fail(end,
                  "expected the file of table \"" + name + "\", or % points first last formula");
    if (source.text().starts_with('@'))
        source.fail(0, "XPPAUT's tables of two arguments are not supported");
    if (!source.text().starts_with('%')) {
        const std::string content = load_(source.text(), source.where(0));
        result_.tables.push_back(read_ode_table(name, content, source.text()));
        return;
    }
    std::size_t at = 1;
    const auto next_number = [&](const std::string& meaning) {
        at = std::min(source.text().find_first_not_of(blanks, at), source.text().size());
        const std::size_t stop = std::min(source.text().find(' ', at), source.text().size());
        const double value = read_ode_number(source.part(at, stop - at), meaning);
        at = stop;
        return value;
    };
    constexpr double max_points = 1e6;
    EquationDefinition::Table made;
    made.name = name;
    const double points = next_number("the number of points");
    made.first = next_number("the first argument");
    made.last = next_number("the last argument");
    if (!(points >= 2.0 && points <= max_points && made.first < made.last))
        source.fail(0, "a table has from 2 to a million points, the first below the last");
    made.points = static_cast<std::size_t>(points);
    made.formula = ode_expression(source.part(at), "table \"" + name + "\"");
    result_.tables.push_back(std::move(made));
}

std::string OdeParser::declare(const OdeText& name) {
    const std::string& text = name.text();
    if (!is_ode_name(text))
        name.fail(0, "expected a name of letters, digits and '_', found \"" + text + "\"");
    if (is_taken_by_xpp(text)) name.fail(0, "\"" + text + "\" is a word of XPPAUT, no free name");
    const auto [other, is_new] = names_.emplace(folded(text), name.where(0));
    if (!is_new)
        name.fail(
            0, "\"" + text + "\" is defined twice, first in line " +
                   std::to_string(other->second.line) +
                   (other->second.file == name.where(0).file ? "" : " of " + other->second.file));
    return text;
}

}  // namespace cortifold
