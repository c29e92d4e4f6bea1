#pragma once

#include <cortifold/io/config.hpp>
#include <cortifold/network/network.hpp>

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

/// Parameter values by name, as the file gave them.
struct ParameterSetting {
    std::string name;
    double value = 0.0;
    SourceLine where;
};

/// What a study file asks for: a model, perhaps a network of it, and steps.
struct Study {
    std::string name;  ///< of its folder or file
    std::filesystem::path file;
    std::string title;
    std::uint64_t seed = 0;
    EquationDefinition::Run run;  ///< what the file of an equation model asks of a simulation
    std::string model_checksum;   ///< of that file and those it names; empty for a built-in model
    Network network;              ///< of one node where there is no [network]
    bool has_network = false;
    Normalization normalization = Normalization::none;
    Connectome connectome;  ///< as read, before normalization; empty where there is none
    std::vector<ParameterSetting>
        parameters;      ///< of [network], the preset and [model]: the later over the earlier
    Record populations;  ///< tables of a network of spiking neurons, as written; null: none
    Record steps;        ///< the list of step tables, each with `name` and `do`
    std::vector<ResolvedKey> resolved;
};

/// As large as a whole number of a TOML file gets.
inline constexpr std::uint64_t largest_seed = std::numeric_limits<std::int64_t>::max();

/// A file, or a folder with analysis.toml, with the settings of a command line applied. Paths
/// inside a file are relative to it, those of a setting to the working directory. Where there is no
/// step of the kind `needed_step`, one with default options is added. Throws ConfigError.
[[nodiscard]] Study read_study(const std::filesystem::path& path,
                               std::span<const std::string> settings,
                               std::optional<std::uint64_t> seed,
                               std::string_view needed_step = {});

/// A path of a study: relative to its file, or of a setting to the working directory.
[[nodiscard]] std::filesystem::path resolve_path(const Study& study, const std::string& text,
                                                 const SourceLine& where);

/// Reads a `parameters` table of numbers.
[[nodiscard]] std::vector<ParameterSetting> read_parameters(ConfigReader& table,
                                                            std::string_view key);

/// Where a parameter that a study may name stands among those of a field; `eps` is another name of
/// `coupling.strength` unless the model has a parameter of that name; without [network] there is
/// none of either. The time `t` of a field that reads it is one of them. Throws ConfigError for an
/// unknown name.
[[nodiscard]] std::size_t parameter_index(const Study& study, const VectorField& field,
                                          const std::string& name, const SourceLine& where);

/// Defaults of a field with settings applied. Throws ConfigError for an unknown name or a value
/// outside its limits.
[[nodiscard]] Vector parameter_values(const Study& study, const VectorField& field,
                                      std::span<const ParameterSetting> settings);

/// How a parameter is called in tables and summaries.
[[nodiscard]] std::string short_name(const VectorField& field, std::size_t parameter);

}  // namespace cortifold
