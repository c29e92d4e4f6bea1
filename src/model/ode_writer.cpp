#include "expression.hpp"
#include "lexer.hpp"
#include "ode_words.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace cortifold {

namespace {

using Definition = EquationDefinition;

/// Of one line, whatever was in it.
std::string comment(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return "# " + text + "\n";
}

std::string description(const std::string& name, const std::string& unit, const std::string& detail,
                        const std::string& meaning) {
    if (unit.find_first_of("]\r\n") != std::string::npos)
        throw ConfigError("the unit of " + name + ", \"" + unit +
                          "\", holds a bracket or a line break, which a unit in a comment cannot");
    return comment(name + " [" + unit + "]" + detail + (meaning.empty() ? "" : ": " + meaning));
}

std::string described(const auto& item) {
    const bool is_bounded = std::isfinite(item.low) || std::isfinite(item.high);
    if (item.unit == "1" && item.meaning.empty() && !is_bounded) return "";
    const std::string limits =
        is_bounded ? " in [" + show_ode_number(item.low) + ", " + show_ode_number(item.high) + "]"
                   : "";
    return description(item.name, item.unit, limits, item.meaning);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

std::string header(const Definition& model) {
    std::string text = model.about.empty() ? "" : comment(model.about);
    if (model.time_unit != "1") text += description("time", model.time_unit, "", "");
    for (const auto& input : model.inputs)
        text += description("input " + input.name, input.unit, "", input.meaning);
    for (const auto& output : model.outputs)
        text += description("output " + output.name, output.unit, " = " + output.expression.text,
                            output.meaning);
    return text;
}

std::string parameters(const Definition& model) {
    std::string text;
    for (const auto& p : model.parameters)
        text += described(p) + "par " + p.name + "=" + show_ode_number(p.value) + "\n";
    for (const auto& p : model.constants)
        text += "number " + p.name + "=" + show_ode_number(p.value) + "\n";
    for (const auto& input : model.inputs)  // XPPAUT has no ports: they are parameters there
        if (std::ranges::find(model.parameters, input.name, &Definition::Parameter::name) ==
            model.parameters.end())
            text += "par " + input.name + "=0\n";
    return text;
}

std::string file_name(const Definition::Table& table) {
    return table.name + ".tab";
}

std::string file_text(const Definition::Table& table) {
    using Interpolation = Definition::Table::Interpolation;
    std::string text = table.interpolation == Interpolation::linear         ? ""
                       : table.interpolation == Interpolation::cubic_spline ? "s"
                                                                            : "i";
    text += std::to_string(table.values.size()) + "\n" + show_ode_number(table.first) + "\n" +
            show_ode_number(table.last) + "\n";
    for (const double value : table.values) text += show_ode_number(value) + "\n";
    return text;
}

std::string tables(const Definition& model) {
    std::string text;
    for (const auto& table : model.tables)
        text += "table " + table.name + " " +
                (table.values.empty()
                     ? "% " + std::to_string(table.points) + " " + show_ode_number(table.first) +
                           " " + show_ode_number(table.last) + " " + table.formula.text
                     : file_name(table)) +
                "\n";
    return text;
}

std::string equations(const Definition& model) {
    std::string text;
    for (const auto& f : model.functions)
        text += f.name + "(" + joined(f.arguments) + ")=" + f.body.text + "\n";
    if (!model.noises.empty()) text += "wiener " + joined(model.noises) + "\n";
    for (const auto& q : model.quantities) text += q.name + "=" + q.expression.text + "\n";
    for (const auto& x : model.states)
        text += described(x) + x.name + "'=" + x.rhs.text + "\n" +
                (x.initial.text.empty() ? "" : x.name + "(0)=" + x.initial.text + "\n");
    for (const auto& a : model.auxiliaries)
        text += "aux " + a.name + "=" + a.expression.text + "\n";
    return text;
}

bool reads(const std::string& expression, const std::string& name) {
    bool found = false;
    (void)substitute_names(expression, [&](const std::string& word) {
        found = found || folded(word) == folded(name);
        return word;
    });
    return found;
}

/// XPPAUT sets one state after the other, so each must be set after all that read it.
std::vector<Definition::Formula> in_order(const Definition::Event& event) {
    std::vector<Definition::Formula> left = event.assignments, ordered;
    while (!left.empty()) {
        const auto next = std::ranges::find_if(left, [&](const Definition::Formula& candidate) {
            return std::ranges::none_of(left, [&](const Definition::Formula& other) {
                return &other != &candidate && reads(other.expression.text, candidate.name);
            });
        });
        if (next == left.end())
            throw ConfigError(
                "event \"" + event.name + "\" exchanges states, which XPPAUT's global cannot say",
                event.condition.where);
        ordered.push_back(*next);
        left.erase(next);
    }
    return ordered;
}

std::string events(const Definition& model) {
    std::string text;
    for (const auto& event : model.events) {
        const int sign = event.crossing == Crossing::rising    ? 1
                         : event.crossing == Crossing::falling ? -1
                                                               : 0;
        text += "global " + std::to_string(sign) + " {" + event.condition.text + "} {";
        for (const auto& assignment : in_order(event))
            text += assignment.name + "=" + assignment.expression.text + ";";
        text += (event.then == Flow::stop ? "arret=1;}\n" : "}\n");
    }
    return text;
}

std::string options(const Definition::Run& run) {
    std::string text;
    const auto add = [&](const std::string& name, const std::optional<double>& value) {
        if (value) text += "@ " + name + "=" + show_ode_number(*value) + "\n";
    };
    add("total", run.duration);
    add("dt", run.step);
    add("t0", run.t0);
    add("trans", run.transient);
    add("bound", run.bound);
    if (run.method) text += "@ meth=" + *run.method + "\n";
    if (run.output_every) text += "@ nout=" + std::to_string(*run.output_every) + "\n";
    return text;
}

/// Names that XPPAUT can have, in every formula too; a comment says what became of the others.
std::string shorten_names(Definition& model) {
    std::map<std::string, std::string> renamed;
    std::vector<std::string> taken;
    std::string text;
    const auto rename = [&](std::string& name) {
        const std::string before = name;
        name = free_ode_name(name, taken);
        taken.push_back(folded(name));
        renamed[folded(before)] = name;
        if (name != before) text += comment(name + " stands for " + before);
    };
    for (auto& item : model.parameters) rename(item.name);
    for (auto& item : model.constants) rename(item.name);
    for (auto& item : model.functions) rename(item.name);
    for (auto& item : model.tables) rename(item.name);
    for (auto& item : model.noises) rename(item);
    for (auto& item : model.quantities) rename(item.name);
    for (auto& item : model.states) rename(item.name);
    const auto now = [&](const std::string& word) {
        const auto found = renamed.find(folded(word));
        return found == renamed.end() ? word : found->second;
    };
    for (auto& item : model.inputs)
        if (renamed.contains(folded(item.name)))
            item.name = now(item.name);
        else
            rename(item.name);
    for (auto& event : model.events)
        for (auto& assignment : event.assignments) assignment.name = now(assignment.name);
    for (auto* expression : expressions_of(model))
        expression->text = substitute_names(expression->text, now);
    return text;
}

}  // namespace

std::string write_ode(const EquationDefinition& definition) {
    EquationDefinition model = definition;
    const std::string names = shorten_names(model);
    return header(model) + names + parameters(model) + tables(model) + equations(model) +
           events(model) + options(model.run) + "done\n";
}

std::vector<OdeTableFile> write_ode_tables(const EquationDefinition& definition) {
    EquationDefinition model = definition;
    (void)shorten_names(model);
    std::vector<OdeTableFile> files;
    for (const auto& table : model.tables)
        if (!table.values.empty()) files.push_back({file_name(table), file_text(table)});
    return files;
}

}  // namespace cortifold
