#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/meanfield/siegert.hpp>

#include <string_view>

namespace cortifold {

/// Whether the response accounts for the refractory time, in which a neuron that has fired is not
/// yet at its reset.
enum class Refractoriness {
    exact,    ///< the response at frequency 0 is the derivative of the rate
    left_out  ///< as in Schuecker, Diesmann & Helias 2015: there it is that over 1 - rate tau_ref
};
/// Whether the synapse filters what it passes on, by 1 / (1 + lambda tau_s).
enum class SynapticFilter { included, left_out };
[[nodiscard]] std::string_view to_string(Refractoriness refractoriness);
[[nodiscard]] std::string_view to_string(SynapticFilter filter);
/// What perturbations of rates are felt by.
enum class Modulation {
    mean,              ///< of the input alone: where synapses are many and weak
    mean_and_variance  ///< also its variance, as where excitation and inhibition nearly cancel
};
[[nodiscard]] std::string_view to_string(Modulation modulation);

struct TransferOptions {
    SynapseTheory theory = SynapseTheory::shift;
    Refractoriness refractoriness = Refractoriness::exact;
    SynapticFilter filter = SynapticFilter::included;
    Modulation modulation = Modulation::mean;
};

/// lambda in 1/ms of a perturbation exp(lambda t) that oscillates with a frequency in Hz.
[[nodiscard]] std::complex<double> oscillation(double frequency_hz);
[[nodiscard]] ComplexVector oscillations(ConstVectorRef frequencies_hz);

/// The linear response of the rate, Hz/mV, to perturbations exp(lambda t) of the mean input, for
/// complex lambda in 1/ms with Re lambda > -1 / tau_m, lambda = 0 included (Brunel, Chance,
/// Fourcaud & Abbott 2001, Phys. Rev. Lett. 86:2186; Schuecker, Diesmann & Helias 2015, Phys. Rev.
/// E 92:052119): with s = lambda tau_m and x = sqrt(2) y
///
///     N = sqrt(2) nu / (sigma (1 + s)) [Psi'_s(x_th) - Psi'_s(x_r)]
///                                    / [Psi_s(x_th) - exp(-lambda tau_ref) Psi_s(x_r)],
///
/// averaged over the spread of the mean. Of `taylor` the expansion in the shift of both. Throws
/// UsageError for bad input or another lambda.
[[nodiscard]] ComplexVector transfer_function(const LifNeuron& neuron, const LifInput& input,
                                              const Eigen::Ref<const ComplexVector>& lambda_per_ms,
                                              const TransferOptions& options = {});

/// The same to perturbations of the variance, Hz/mV^2 (Brunel & Hakim 1999, Neural Comput. 11:1621;
/// Lindner & Schimansky-Geier 2001, Phys. Rev. Lett. 86:2934), with Psi'' in place of Psi':
///
///     N = nu / (sigma^2 (2 + s)) [Psi''_s(x_th) - Psi''_s(x_r)]
///                              / [Psi_s(x_th) - exp(-lambda tau_ref) Psi_s(x_r)].
///
/// It does not vanish at high frequencies. Of `shift` the boundaries, moved in parts of sigma, move
/// with it. The synapse filters it by 1 / (1 + lambda tau_s / 2).
/// Throws UsageError as above, and for `taylor`.
[[nodiscard]] ComplexVector variance_transfer_function(
    const LifNeuron& neuron, const LifInput& input,
    const Eigen::Ref<const ComplexVector>& lambda_per_ms, const TransferOptions& options = {});

}  // namespace cortifold
