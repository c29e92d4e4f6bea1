#pragma once

#include "activity_records.hpp"
#include "neuron_slice.hpp"
#include <cortifold/model/population_network.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cortifold {

/// What a state belongs to: it is of use to no other simulation.
struct SimulationIdentity {
    std::uint64_t seed = 0;
    double step_ms = 0.0;
    std::string network;  ///< and how spikes are counted, as of `describe`

    /// Throws ConfigError naming the first difference to the state's.
    void require_same(const SimulationIdentity& of_state) const;
};

/// Every number that a simulation depends on, a line each.
[[nodiscard]] std::string describe(const PopulationNetwork& network);
[[nodiscard]] std::string describe(const ActivityOptions& options);

/// What changes from step to step in one population.
struct PopulationState {
    std::string neurons;                        ///< bytes, one neuron after the other
    std::vector<std::uint64_t> squared_counts;  ///< as of SpikeTrains
};

/// All that a simulation needs to go on, whatever its blocks.
struct SimulationState {
    std::uint64_t step = 0, cleared = 0;
    std::uint64_t synaptic_events = 0;
    std::vector<PopulationState> populations;
    std::string records;          ///< bytes of ActivityRecords
    std::vector<Spike> recent;    ///< those that may be in flight
    std::vector<Spike> recorded;  ///< since the records were cleared
};

[[nodiscard]] std::string to_bytes(const SimulationIdentity& identity,
                                   const SimulationState& state);
/// Throws ConfigError where the bytes are damaged, of another version or of another simulation.
[[nodiscard]] SimulationState from_bytes(std::string_view bytes,
                                         const SimulationIdentity& identity);

[[nodiscard]] std::string to_bytes(const NeuronSlice& slice, const SpikeTrains& trains);
/// Puts populations together from slices of all ranks, in their order, of which each gave bytes.
[[nodiscard]] std::vector<PopulationState> join_slices(const PopulationNetwork& network,
                                                       std::string_view slices);

}  // namespace cortifold
