#include "ode_words.hpp"

#include "expression.hpp"
#include "lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

namespace cortifold {

namespace {

constexpr std::size_t max_table_points = 10'000'000;

// "Reserved words" of XPPAUT's manual, and what its program reserves besides.
constexpr std::array<std::string_view, 50> taken{
    "abs",  "acos",    "asin",     "atan",     "atan2",    "besseli", "besselj", "bessely", "ceil",
    "cos",  "cosh",    "del_shft", "delay",    "else",     "erf",     "erfc",    "exp",     "flr",
    "heav", "hom_bcs", "if",       "int",      "ishift",   "lgamma",  "ln",      "log",     "log10",
    "max",  "min",     "mod",      "mouse_vx", "mouse_vy", "mouse_x", "mouse_y", "normal",  "not",
    "of",   "pi",      "poisson",  "ran",      "set",      "shift",   "sign",    "sin",     "sinh",
    "sqrt", "sum",     "t",        "tan",      "tanh"};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class TableReader {
public:
    TableReader(std::string_view text, const std::string& file)
        : lines_(std::string(text)), file_(file) {}

    OdeText next(const std::string& meaning) {
        std::string line;
        ++line_;
        if (!std::getline(lines_, line))
            throw ConfigError("the table ends before " + meaning, {file_, line_});
        return OdeText(line, {file_, line_, 1}).trimmed();
    }
    double number(const std::string& meaning) { return read_ode_number(next(meaning), meaning); }

private:
    std::istringstream lines_;
    const std::string& file_;
    int line_ = 0;
};

}  // namespace

bool is_ode_name(std::string_view name) {
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::ranges::all_of(name, is_word);
}

bool is_taken_by_xpp(std::string_view name) {
    const std::string word = folded(name);
    const bool argument = word.starts_with("arg") && word.size() > 3 &&
                          word.find_first_not_of("0123456789", 3) == std::string::npos;
    return argument || word == "then" || std::ranges::find(taken, word) != taken.end();
}

std::string free_ode_name(const std::string& wanted, const std::vector<std::string>& taken) {
    const auto is_free = [&](const std::string& name) {
        return name.size() <= max_ode_name && !is_taken_by_xpp(name) &&
               std::ranges::find(taken, folded(name)) == taken.end();
    };
    if (is_free(wanted)) return wanted;
    const std::string stem = wanted.substr(0, wanted.find_last_not_of("0123456789") + 1);
    for (int k = 2;; ++k) {
        const std::string number = std::to_string(k);
        const std::string name = stem.substr(0, max_ode_name - number.size()) + number;
        if (is_free(name)) return name;
    }
}

std::string show_ode_number(double number) {
    std::array<char, 32> digits{};
    return {digits.begin(), std::to_chars(digits.begin(), digits.end(), number).ptr};
}

double read_ode_number(const OdeText& text, const std::string& meaning) {
    const std::string& digits = text.text();
    const char* const begin = digits.data() + (digits.starts_with('+') ? 1 : 0);
    const char* const end = digits.data() + digits.size();
    double value = 0.0;
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value))
        text.fail(0, meaning + " must be a finite number, found \"" + digits + "\"");
    return value;
}

EquationDefinition::Expression ode_expression(const OdeText& text, const std::string& of) {
    const OdeText trimmed = text.trimmed();
    if (trimmed.text().empty()) text.fail(0, "the expression of " + of + " is missing");
    const EquationDefinition::Expression expression{trimmed.text(), trimmed.where(0)};
    (void)parse_expression(expression);
    return expression;
}

std::string substitute_names(const std::string& expression,
                             const std::function<std::string(const std::string&)>& renamed) {
    Lexer lexer({expression, {"", 1, 1}});
    std::string result;
    std::size_t done = 0;
    for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
        const auto at = static_cast<std::size_t>(token.where.column - 1);
        result += expression.substr(done, at - done);
        result += token.kind == Token::Kind::name ? renamed(token.text) : token.text;
        done = at + token.text.size();
    }
    return result + expression.substr(done);
}

std::vector<EquationDefinition::Expression*> expressions_of(EquationDefinition& model) {
    std::vector<EquationDefinition::Expression*> all;
    for (auto& table : model.tables) all.push_back(&table.formula);
    for (auto& function : model.functions) all.push_back(&function.body);
    for (auto& quantity : model.quantities) all.push_back(&quantity.expression);
    for (auto& state : model.states) all.insert(all.end(), {&state.rhs, &state.initial});
    for (auto* list : {&model.auxiliaries, &model.outputs})
        for (auto& formula : *list) all.push_back(&formula.expression);
    for (auto& event : model.events) {
        all.push_back(&event.condition);
        for (auto& assignment : event.assignments) all.push_back(&assignment.expression);
    }
    return all;
}

EquationDefinition::Table read_ode_table(const std::string& name, std::string_view text,
                                         const std::string& file) {
    using Interpolation = EquationDefinition::Table::Interpolation;
    EquationDefinition::Table table{name, 0.0, 1.0, {}, Interpolation::linear, {}, 0};
    TableReader lines(text, file);
    OdeText count = lines.next("its number of points");
    if (folded(count.text()) == "xyvals")
        count.fail(0, "XPPAUT's tables of unequal spacing (xyvals) are not supported");
    if (count.text().starts_with('i') || count.text().starts_with('s')) {
        table.interpolation = count.text()[0] == 'i' ? Interpolation::piecewise_constant
                                                     : Interpolation::cubic_spline;
        count = count.part(1).trimmed();
    }
    const double points = read_ode_number(count, "the number of points");
    if (!(points >= 2.0 && points <= static_cast<double>(max_table_points)) ||
        points != std::floor(points))
        count.fail(0, "a table has from 2 to " + std::to_string(max_table_points) + " points");
    table.first = lines.number("the first argument");
    table.last = lines.number("the last argument");
    if (!(table.first < table.last))
        throw ConfigError("the first argument of a table must be below the last", {file, 3});
    for (std::size_t k = 0; k < static_cast<std::size_t>(points); ++k)
        table.values.push_back(lines.number("value " + std::to_string(k + 1)));
    return table;
}

}  // namespace cortifold
