#pragma once

#include <cortifold/model/exponential_integrate_and_fire.hpp>
#include <cortifold/model/extended_glif.hpp>
#include <cortifold/model/integrate_and_fire.hpp>
#include <cortifold/model/izhikevich.hpp>
#include <cortifold/model/poisson_source.hpp>
#include <cortifold/model/quadratic_integrate_and_fire.hpp>
#include <cortifold/model/spike_times.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cortifold {

/// What becomes of a draw beyond the limits of its law.
enum class Outside {
    redrawn,  ///< drawn again: the law within the limits, normalized
    clipped   ///< moved to the limit
};

enum class Law {
    normal,
    log_normal,           ///< `mean`, of any sign, and `sd` are of the number, not its logarithm
    lorentzian,           ///< `mean` is the centre, `sd` the half-width at half height
    lorentzian_quantiles  ///< neuron j = 1, ..., N has the quantile j / (N + 1); limits clip
};

/// A number drawn for each neuron or synapse; the constant `mean` where sd = 0.
struct Distribution {
    double mean = 0.0, sd = 0.0;
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    Outside outside = Outside::redrawn;
    Law law = Law::normal;
};

/// For each neuron independent Poisson spikes, `indegree` sources of `rate_hz` each.
struct PoissonDrive {
    double indegree = 0.0, rate_hz = 0.0;
    Distribution weight{};  ///< in the neuron's weight_unit; drawn once for each neuron
};

// Currents into each neuron of a population, in the unit of its current.

/// Constant from start to stop.
struct CurrentStep {
    double start_ms = 0.0, stop_ms = 0.0, amplitude = 0.0;
};
/// Goes from one value at the start to another at the stop, along a line.
struct CurrentRamp {
    double start_ms = 0.0, stop_ms = 0.0, first = 0.0, last = 0.0;
};
/// amplitude sin(2 pi frequency t + phase)
struct CurrentSinusoid {
    double amplitude = 0.0, frequency_hz = 0.0, phase = 0.0;
};
using CurrentWaveform = std::variant<CurrentStep, CurrentRamp, CurrentSinusoid>;

/// White noise, for each neuron its own, as in the diffusion limit of many weak inputs: over a time
/// T its integral has the mean `mean` T and the standard deviation `density` sqrt(T).
struct GaussianCurrent {
    double mean = 0.0;
    double density = 0.0;  ///< in the unit of the current times sqrt(ms)
};

using NeuronModel =
    std::variant<LifExp, LifDelta, QifDelta, QifExp, LifAlpha, LifConductance, EifExp, AdexExp,
                 Izhikevich, ExtendedGlif, PoissonSource, SpikeTimes>;

/// Which of a neuron's inputs a synapse reaches.
enum class Receptor {
    by_sign,  ///< the excitatory one where its weight is positive, else the inhibitory one
    third     ///< of neurons that have it; no weight is negative there
};

[[nodiscard]] std::string_view to_string(Receptor receptor);
[[nodiscard]] bool has_third_receptor(const NeuronModel& neuron);

/// One of each kind, with the defaults of its table.
[[nodiscard]] std::vector<NeuronModel> neuron_models();

/// Throws ConfigError that names a parameter of `of` outside its table's limits, or a reset that is
/// not below the threshold.
void validate(const NeuronModel& neuron, const std::string& of);

/// Whether it has one: sources of given or random spikes have none.
[[nodiscard]] bool has_potential(const NeuronModel& neuron);
/// mV; empty where V has no unit.
[[nodiscard]] std::string_view potential_unit(const NeuronModel& neuron);

/// A parameter that is drawn for each neuron. Limits of the parameter's table bound the law, too.
struct VariedParameter {
    std::string name;
    Distribution law;
};

/// Neurons of one kind with the same parameters but for those in `varied`.
struct Population {
    std::string name;
    std::uint32_t size = 0;
    NeuronModel neuron{};
    Distribution initial_mv{};  ///< potential at time 0, absolute as V_th is; of QIF without unit
    double current_pa = 0.0;    ///< constant, into each neuron; of QIF without unit, as eta is
    std::optional<PoissonDrive> poisson{};
    std::vector<VariedParameter> varied{};
    std::vector<CurrentWaveform> currents{};  ///< besides the constant one; their sum
    std::optional<GaussianCurrent> gaussian{};
};

/// Each synapse joins a source and a target drawn uniformly; pairs repeat only with `multapses`.
struct TotalNumber {
    std::uint64_t synapses = 0;
    bool multapses = true;
};
/// Each target has so many sources, drawn uniformly; they repeat only with `multapses`.
struct Indegree {
    std::uint32_t sources = 0;
    bool multapses = true;
};
/// Each source has so many targets, drawn uniformly; they repeat only with `multapses`.
struct Outdegree {
    std::uint32_t targets = 0;
    bool multapses = true;
};
/// Each pair is joined or not, independently.
struct ConnectionProbability {
    double probability = 0.0;
};
/// Each pair is joined once.
struct AllToAll {};
/// The k-th source is joined to the k-th target.
struct OneToOne {};
/// Source and target by their numbers in their populations.
struct ListedSynapse {
    std::uint32_t source = 0, target = 0;
    double weight = 0.0;  ///< in the weight_unit of the target
    double delay_ms = 0.0;
};
/// These synapses in any order, and no others; the projection has no weight and delay besides.
struct SynapseList {
    std::shared_ptr<const std::vector<ListedSynapse>> synapses{};
};
using ConnectionRule = std::variant<TotalNumber, Indegree, Outdegree, ConnectionProbability,
                                    AllToAll, OneToOne, SynapseList>;

/// Synapses from one population onto one population.
struct Projection {
    std::string source, target;
    ConnectionRule rule;
    Distribution weight;    ///< in the weight_unit of the target's neurons
    Distribution delay_ms;  ///< rounded to a multiple of the step of a simulation
    bool autapses = true;   ///< whether a neuron may be joined to itself
    Receptor receptor = Receptor::by_sign;
};

/// Populations and projections as data, for simulation and theory.
struct PopulationNetwork {
    std::vector<Population> populations;
    std::vector<Projection> projections;

    /// Throws ConfigError that names population or projection, value and what is allowed.
    void validate() const;
    /// Throws ConfigError with the nearest known names.
    [[nodiscard]] std::size_t index_of(std::string_view population) const;
    [[nodiscard]] std::uint64_t neurons() const;
    /// Of a projection; for a ConnectionProbability the mean.
    [[nodiscard]] double expected_synapses(const Projection& projection) const;
};

}  // namespace cortifold
