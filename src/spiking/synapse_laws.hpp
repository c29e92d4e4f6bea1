#pragma once

#include "integer_law.hpp"
#include "projection_rows.hpp"
#include "weight_unit.hpp"
#include <cortifold/model/population_network.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cortifold {

/// Of a delay, in steps: what the header of a segment can hold.
inline constexpr std::int64_t longest_delay = 4095;

/// The synapses of a list in order of their source, as integers: nothing is drawn for them.
struct ListedRows {
    std::vector<std::uint64_t> begins;  ///< of each source's row, and the end of the last
    std::vector<std::uint32_t> targets;
    std::vector<std::uint16_t> delays;  ///< in steps
    std::vector<std::int16_t> weights;  ///< in units of the target population
};

/// What is drawn for the synapses of a projection: integers.
struct SynapseLaw {
    ProjectionIndex index;
    ConnectionRule rule;
    std::shared_ptr<const IntegerSampler> delay{};   ///< in steps
    std::shared_ptr<const IntegerSampler> weight{};  ///< in units of the target population
    std::shared_ptr<const ListedRows> listed{};      ///< of a SynapseList, in place of laws
    bool is_procedural = false;                      ///< not stored, drawn for each spike
    std::int64_t delays = 1;  ///< between the least and the longest, in steps
    double expected_synapses = 0.0;
    /// Where all have one weight and are many enough in a segment to be stored without it.
    [[nodiscard]] std::optional<std::int32_t> one_weight(std::size_t blocks) const;
};

/// The laws of all synapses on a grid of time and weight.
struct SynapseLaws {
    std::vector<SynapseLaw> projections;
    std::vector<WeightUnit> units;        ///< of each population, as target
    std::vector<std::uint32_t> first_of;  ///< number in the network of a population's first
    std::int64_t least_delay = 0, most_delay = 0;  ///< in steps; 0 without projections
    double expected_synapses = 0.0;
};

/// Throws ConfigError for delays that are below one step or too long, and weights that overflow.
[[nodiscard]] SynapseLaws synapse_laws(const PopulationNetwork& network,
                                       const SpikingOptions& options);

}  // namespace cortifold
