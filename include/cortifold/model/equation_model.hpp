#pragma once

#include <cortifold/model/node.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// The text of a file that a model names (a table, an include), relative to the model's own; throws
/// ConfigError. Reading is the caller's, since no layer below io touches files.
using FileLoader = std::function<std::string(const std::string& name, const SourceLine& where)>;

/// Reads XPPAUT's .ode syntax. `file` names the text in errors. Throws ConfigError with line and
/// column for what cannot be meant, and for what XPPAUT has and this has not.
[[nodiscard]] EquationDefinition parse_ode(std::string_view text, const std::string& file,
                                           const FileLoader& load);

/// Writes .ode that XPPAUT and `parse_ode` read alike, units and limits in comments that the latter
/// reads. A name that XPPAUT cannot have is shortened, and a comment says so. A table of values is
/// left to a file NAME.tab beside it. Throws ConfigError where an event exchanges states, and for a
/// unit that its comment cannot hold.
[[nodiscard]] std::string write_ode(const EquationDefinition& model);

/// The files NAME.tab that an .ode file so written names.
struct OdeTableFile {
    std::string name, text;
};
[[nodiscard]] std::vector<OdeTableFile> write_ode_tables(const EquationDefinition& model);

/// The ports that a network or a stimulus gives an equation model, besides its own.
struct EquationPorts {
    std::vector<std::string> send;     ///< states, quantities or auxiliaries: outputs
    std::vector<std::string> receive;  ///< parameters that inputs add to
};

/// A node whose formulas are parsed once to a tape that evaluates on every scalar type, so its
/// derivatives are exact. Throws ConfigError with file, line and column: an unknown name with the
/// nearest known ones, a wrong number of arguments, a quantity used above its definition, a noise
/// that the right-hand side is not affine in.
[[nodiscard]] std::shared_ptr<const Node> make_equation_node(EquationDefinition definition,
                                                             const EquationPorts& ports = {});

/// Whether the right-hand side of a node is, by its formulas, a sum of white noises, each times a
/// factor without noise, when such noises enter all these inputs and parameters, besides the
/// model's own. What a model sends may come back to it. Throws UsageError for an unknown name.
[[nodiscard]] bool is_affine_in(const Node& node, std::span<const std::string> names);

/// Events in a node's states, parameters and inputs, whatever kind of model it is.
[[nodiscard]] std::unique_ptr<const NodeEvents> make_node_events(
    std::span<const EquationDefinition::Event> events, const Node& node);

}  // namespace cortifold
