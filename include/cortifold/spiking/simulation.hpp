#pragma once

#include <cortifold/core/context.hpp>
#include <cortifold/core/status.hpp>
#include <cortifold/model/population_network.hpp>
#include <cortifold/spiking/activity.hpp>
#include <cortifold/spiking/instruction_set.hpp>
#include <cortifold/spiking/recording.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

enum class SynapseStorage {
    stored,     ///< 4 bytes a synapse, 2 where all of a projection have one weight
    procedural  ///< none: rows are drawn again for each spike. In-degrees and lists stay stored
};

struct SpikingOptions {
    double step_ms = 0.1;
    bool record_spikes = true;  ///< statistics are kept in any case
    RecordingOptions recording{};
    ActivityOptions activity{};
    SynapseStorage synapses = SynapseStorage::stored;  ///< the network and its spikes are the same
    /// Without, the widest that the processor has; each gives the same spikes.
    std::optional<InstructionSet> instructions{};
    /// How long it is to run: counts in bins grow with it, which the estimate of memory knows then.
    double duration_ms = 0.0;
    /// What a simulation may take; without, as much as it needs. An estimate beyond it may leave
    /// out what is small.
    std::optional<std::uint64_t> memory_limit_bytes{};
    /// Throws UsageError naming the field.
    void validate() const;
};

/// Throws ConfigError naming the population or projection, or UsageError naming the option, where
/// no simulation of the network can be built however much memory there is: of delays that round to
/// no step, weights that do not go together in 16 bits, more spikes in a step than can be drawn.
void validate(const PopulationNetwork& network, const SpikingOptions& options);

/// What a simulation takes when it is built, in bytes, on one rank.
struct MemoryEstimate {
    double synapses = 0.0;  ///< how many on all ranks; a mean where pairs are joined by chance
    double synapse_bytes = 0.0;
    double neuron_bytes = 0.0;
    [[nodiscard]] double total() const { return synapse_bytes + neuron_bytes; }
};

[[nodiscard]] MemoryEstimate estimate_memory(const PopulationNetwork& network,
                                             const SpikingOptions& options, const Context& context);

struct Spike {
    std::uint64_t step = 0;    ///< sent at its end: at time (step + 1) step_ms
    std::uint32_t neuron = 0;  ///< in the network, populations in their order
    bool operator==(const Spike&) const = default;
};

/// What was built, and what it has delivered.
struct SpikingFacts {
    std::uint64_t neurons = 0, synapses = 0;
    std::uint64_t synapse_bytes = 0;    ///< what stored ones take, with what says where they are
    std::uint64_t synaptic_events = 0;  ///< spikes delivered to a synapse so far
    double least_delay_ms = 0.0;        ///< blocks of neurons run so long between exchanges
    /// Of constant weights, relative: weights are integers of 16 bits times a unit for each target.
    double worst_weight_error = 0.0;
    InstructionSet instructions = InstructionSet::scalar;  ///< on this rank
};

/// A network of spiking neurons in steps of equal length: neurons by exact propagators, inputs as
/// integers, all draws from counters. Spikes are the same, bit for bit, for every number of
/// threads and of ranks. All ranks call all functions but `time_ms`, with the same arguments apart
/// from observers; MPI is begun and ended by the caller. In one step, a neuron first moves by the
/// currents at its beginning, then gets the spikes that arrive, sent k steps ago by a synapse with
/// a delay of k steps.
class SpikingSimulation {
public:
    /// Builds all synapses. Throws ConfigError where the network is not valid, and UsageError where
    /// it does not fit into the memory that is allowed.
    explicit SpikingSimulation(const PopulationNetwork& network, const SpikingOptions& options = {},
                               const Context& context = {});
    ~SpikingSimulation();
    SpikingSimulation(SpikingSimulation&&) noexcept;
    SpikingSimulation& operator=(SpikingSimulation&&) noexcept;

    /// Called now and then with the time reached; it stops all ranks.
    using Observer = std::function<Flow(double time_ms)>;
    /// Goes on by this time, rounded to steps: `reached_end` or `stopped_by_observer`. What an
    /// observer throws, all ranks throw.
    Status run(double duration_ms, const Observer& observer = {});
    [[nodiscard]] double time_ms() const;

    /// Forgets spikes and statistics, not the state: after a transient.
    void clear_records();
    /// In order of step, then neuron; on rank 0, elsewhere none.
    [[nodiscard]] std::vector<Spike> spikes() const;
    /// The same, which are forgotten then, but not in statistics: for who writes them as they come.
    [[nodiscard]] std::vector<Spike> take_spikes();
    /// Those recorded since the last call, or since records were cleared; on rank 0. What is not
    /// taken is no part of a saved state.
    [[nodiscard]] PotentialSamples take_potentials();
    /// CV and LvR of intervals over neurons with at least this many spikes (3 or more); on rank 0.
    [[nodiscard]] std::vector<PopulationActivity> activity(std::uint64_t least_spikes = 4) const;
    /// On rank 0.
    [[nodiscard]] PopulationRates rates() const;
    /// V of a neuron of the network, at the present time.
    [[nodiscard]] double potential_mv(std::uint32_t neuron) const;
    [[nodiscard]] SpikingFacts facts() const;

    /// The whole state at the present time, with spikes in flight and records, as bytes; on rank 0.
    [[nodiscard]] std::string save() const;
    /// Called on rank 0; what it throws, all ranks throw.
    using StateSource = std::function<std::string()>;
    /// Goes on where another simulation was saved, on any number of threads and ranks, with the
    /// same spikes. Throws ConfigError where network, step or seed were others, or bytes are
    /// damaged; the state is then as it was.
    void restore(const StateSource& source);

private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace cortifold
