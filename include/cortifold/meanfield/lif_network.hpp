#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/vector_field.hpp>
#include <cortifold/meanfield/delay_law.hpp>
#include <cortifold/meanfield/siegert.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cortifold {

/// Potentials above rest that conductances of synapses draw to, and how these decay (ms).
struct LifReversals {
    double excitatory_mV = 60.0, inhibitory_mV = -20.0, tau_ex = 5.0, tau_in = 10.0;
};

/// Equal neurons, which are driven by a constant input and by what projections bring.
struct LifPopulation {
    std::string name;
    double size = 1.0;  ///< neurons
    LifNeuron neuron{};
    double input_mV = 0.0;   ///< constant, as tau_m I / C
    double spread_mV = 0.0;  ///< standard deviation of the constant input over the neurons
    double efficacy = 1.0;   ///< factor of all weights from it
    std::optional<LifReversals> reversals{};  ///< none: synapses onto it are currents
};

/// Poisson spikes with a given rate.
struct LifSource {
    std::string name;
    double rate_hz = 0.0;
};

/// Connections onto each neuron of a population, from another one or from a source.
struct LifProjection {
    std::size_t source = 0, target = 0;
    double indegree = 0.0;
    double weight_mV = 0.0;  ///< what a spike adds to the potential, w tau_s / C; of conductances
                             ///< in mV for each mV from the reversal potential of its sign
    double weight_sd_mV = 0.0;  ///< over the connections
    DelayLaw delay{};
    double indegree_variance = 0.0;  ///< over the neurons of the target
};

/// A parameter that moves others of a network along lines: each by its slope times the distance
/// from the value here.
struct LifTie {
    std::string name, unit = "1";
    double value = 0.0;
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    Vector slopes{};  ///< of each of the network's own parameters, in the order of `own_parameters`
};

/// Populations of LIF neurons; projections between the same two add up.
struct LifNetwork {
    std::vector<LifPopulation> populations{};
    std::vector<LifProjection> projections{};  ///< between populations
    std::vector<LifSource> sources{};
    std::vector<LifProjection> drives{};  ///< from sources
    std::vector<LifTie> ties{};           ///< if any, they are its parameters in place of its own
    void validate() const;                ///< throws UsageError
};

/// The input to every population at given rates of all:
///
///     mu_i = input_i + tau_m sum_j K_ij J_ij nu_j,   sigma_i^2 = tau_m sum_j K_ij <J_ij^2> nu_j
///
/// over populations and sources (Brunel 2000, equations 4 and 5). Onto conductances weights are
/// J_ij = u_ij (E_ij - mu_i) and the membrane is faster, in place of tau_m (the effective time
/// constant: Richardson 2004, Phys. Rev. E 69:051918; Kumar, Schrader, Aertsen & Rotter 2008,
/// Neural Comput. 20:1)
///
///     1 / tau_i = 1 / tau_m + sum_j K_ij |u_ij| nu_j,
///     mu_i = tau_i (input_i / tau_m + sum_j K_ij |u_ij| E_ij nu_j),
///
/// which leaves out that fluctuations multiply the distance from E. Throws UsageError where sizes
/// do not fit. A variance may come out as 0 or, of negative rates, below.
[[nodiscard]] std::vector<LifInput> input_statistics(const LifNetwork& network,
                                                     ConstVectorRef rates_hz);
/// What neurons are there: with conductances tau_m is the effective one, and the root of tau_s the
/// mean of those of both signs, weighted by their variances.
[[nodiscard]] std::vector<LifNeuron> effective_neurons(const LifNetwork& network,
                                                       ConstVectorRef rates_hz);

/// Self-consistent rates as the zeros of Phi(mu(nu), sigma(nu)) - nu, a fixed_point_map: its
/// equilibria are those of the network, but of their stability it says nothing. States are
/// `rate.<population>` in Hz. Parameters are `population.<name>.tau_m`, `.tau_ref`, `.tau_s`,
/// `.threshold`, `.reset`, `.input`, `.spread` and `.efficacy`, `source.<name>.rate`,
/// `projection.<source>.<target>.indegree`, `.weight` and `.weight_sd`, and the same of `drive`;
/// or ties. Several projections between the same two are told apart by `.2`, `.3`, ... behind the
/// target.
/// Where an input has no variance the rates are not a number. Throws UsageError for bad networks.
[[nodiscard]] std::shared_ptr<const VectorField> make_mean_field(const LifNetwork& network,
                                                                 SynapseTheory theory);

/// The network with the values of its field's parameters, in the order of its table.
[[nodiscard]] LifNetwork with_parameters(LifNetwork network, ConstVectorRef parameters);

/// The parameters that a network's field has without ties.
[[nodiscard]] Vector own_parameters(const LifNetwork& network);

}  // namespace cortifold
