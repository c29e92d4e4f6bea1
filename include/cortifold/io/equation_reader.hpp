#pragma once

#include <cortifold/io/record.hpp>
#include <cortifold/model/equation_model.hpp>

#include <filesystem>

namespace cortifold {

/// Reads a model from text: XPPAUT's .ode, or the same in .toml (models/README.md shows both).
/// Files it names are looked for beside it. Throws ConfigError with file, line and column. What was
/// read, the file and those it names, adds its checksums to `contents`, where it is given.
[[nodiscard]] EquationDefinition read_equation_model(const std::filesystem::path& file,
                                                     std::string* contents = nullptr);

/// Reads a list of tables `name`, `when` (an expression whose zero is the event), `crossing`
/// (rising, falling, either), `set` (new values of states and parameters) and `then` (proceed,
/// stop). `path` names the list in errors.
[[nodiscard]] std::vector<EquationDefinition::Event> read_events(const Record& list,
                                                                 const std::string& path);

}  // namespace cortifold
