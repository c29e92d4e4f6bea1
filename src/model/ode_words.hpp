#pragma once

#include "ode_source.hpp"

#include <functional>

namespace cortifold {

/// XPPAUT knows no longer names: it cuts a definition and then misreads the use.
inline constexpr std::size_t max_ode_name = 9;

/// Letters, digits and underscores, beginning with no digit.
[[nodiscard]] bool is_ode_name(std::string_view name);
/// A name that XPPAUT's own functions, constants or grammar have taken, in any case.
[[nodiscard]] bool is_taken_by_xpp(std::string_view name);
/// The name itself where XPPAUT can have it besides those taken (in lower case), else a short one
/// like it with a number.
[[nodiscard]] std::string free_ode_name(const std::string& wanted,
                                        const std::vector<std::string>& taken);
/// The shortest text that reads back as the same number.
[[nodiscard]] std::string show_ode_number(double number);
/// A finite number, whole text; throws ConfigError saying what it is for.
[[nodiscard]] double read_ode_number(const OdeText& text, const std::string& meaning);

/// The definition of something. Read once here, so that what XPPAUT has and this has not is refused
/// where it stands. Throws ConfigError.
[[nodiscard]] EquationDefinition::Expression ode_expression(const OdeText& text,
                                                            const std::string& of);

/// The expression with each name that `renamed` gives another text for, in place of it.
[[nodiscard]] std::string substitute_names(
    const std::string& expression, const std::function<std::string(const std::string&)>& renamed);

/// Every expression of a model.
[[nodiscard]] std::vector<EquationDefinition::Expression*> expressions_of(
    EquationDefinition& model);

/// The samples of a table file: their number, first and last argument, then a value a line.
[[nodiscard]] EquationDefinition::Table read_ode_table(const std::string& name,
                                                       std::string_view text,
                                                       const std::string& file);

}  // namespace cortifold
