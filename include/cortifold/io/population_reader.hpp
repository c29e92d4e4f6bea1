#pragma once

#include <cortifold/io/config.hpp>
#include <cortifold/model/population_network.hpp>
#include <cortifold/spiking/instruction_set.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cortifold {

/// Where the table of a population or projection stands, and what messages call it.
struct TablePlace {
    std::string path;
    SourceLine where;
};

/// What the tables [[population]], [[projection]] and [spiking] of a study say.
struct PopulationStudy {
    PopulationNetwork network;  ///< scaled as [spiking] asks
    double step_ms = 0.1;       ///< of a simulation
    std::optional<InstructionSet> instructions{};
    std::vector<TablePlace> places{};
    /// Does what may find fault with the network, which knows names and no places: a ConfigError
    /// gets the place of its table.
    void at_places(const std::function<void()>& work) const;
};

/// Whether a name is that of a quantity of populations, of projections or of [spiking].
[[nodiscard]] bool is_spiking_quantity(std::string_view name);
/// Puts the values of a table of such quantities, whose names may be tables within one another,
/// into the tables of a network. Throws ConfigError.
void set_quantities(const Record& values, Record& tables);

/// Puts the tables of the built-in network that `model.name` names, if it names one, with the
/// quantities that `model.parameters` changes, before those that the configuration has. Throws
/// ConfigError.
void expand_named_network(Record& configuration);
/// Puts tables of a network before those that the configuration has. Throws ConfigError.
void add_network(Record& configuration, Record tables);
/// Whether `model.name` of a configuration is that of a built-in network.
[[nodiscard]] bool names_network(const Record& configuration);

/// The tables of populations and projections alone, as they are written; null where there is none.
[[nodiscard]] Record take_population_tables(ConfigReader& root);

/// Reads and checks such tables; what keys resolve to is noted as `population.NAME.key`,
/// `projection.SOURCE.TARGET.key` and `spiking.key`. Throws ConfigError with file and line.
[[nodiscard]] PopulationStudy read_populations(const Record& tables,
                                               std::vector<ResolvedKey>& resolved);

/// The tables that read as this network, with the rates that scaling it needs, one a population.
[[nodiscard]] Record population_tables(const PopulationNetwork& network,
                                       std::span<const double> rates_hz);

}  // namespace cortifold
