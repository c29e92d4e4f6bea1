#pragma once

#include <string_view>

namespace cortifold {

/// A leaky integrate-and-fire neuron, tau_m dV/dt = -V + input: times in ms, potentials in mV
/// above rest. On any scalar type.
template <class T>
struct LifParameters {
    T tau_m{10.0}, tau_ref{2.0}, tau_s{0.5}, threshold{15.0}, reset{0.0};

    /// Visits each with its row of the table of quantities, but for the default.
    static constexpr void describe(auto& neuron, auto&& field) {
        field(neuron.tau_m, "tau_m", "ms", 0.01, 1e4, "membrane time constant");
        field(neuron.tau_ref, "tau_ref", "ms", 0.0, 1e3, "refractory time");
        field(neuron.tau_s, "tau_s", "ms", 0.0, 1e3, "synaptic time constant");
        field(neuron.threshold, "threshold", "mV", -1e3, 1e3, "threshold above rest");
        field(neuron.reset, "reset", "mV", -1e3, 1e3, "reset above rest");
    }
};
struct LifNeuron : LifParameters<double> {
    void validate() const;  ///< throws UsageError
};

/// How currents through exponential synapses are accounted for, to first order in
/// k = sqrt(tau_s / tau_m).
enum class SynapseTheory {
    delta,  ///< not at all: white noise (Siegert 1951; Brunel 2000)
    shift,  ///< threshold and reset moved by sigma alpha k / 2, alpha = sqrt(2) |zeta(1/2)|
            ///< (Fourcaud & Brunel 2002, Neural Comput. 14:2057)
    taylor  ///< the rate expanded in that shift; may become negative, where k is no small number
};
[[nodiscard]] std::string_view to_string(SynapseTheory theory);

/// What a population of neurons receives: Gaussian noise of mean mu and variance sigma^2, and mu
/// itself distributed over its neurons as a Gaussian with a standard deviation, the spread.
struct LifInput {
    double mean_mV = 0.0, variance_mV2 = 0.0, spread_mV = 0.0;
    void validate() const;  ///< throws UsageError
};

/// A rate and its exact derivatives in mean and variance of the input. Logarithms hold also where
/// the rate is below the smallest number; log_hz is -infinity where `taylor` gives no positive one.
struct LifRate {
    double hz = 0.0, by_mean = 0.0, by_variance = 0.0;  ///< Hz, Hz/mV, Hz/mV^2
    double log_hz = 0.0, log_by_mean = 0.0, log_by_variance = 0.0;
};

/// The stationary rate of LIF neurons, averaged over the spread,
///
///     1 / nu = tau_ref + tau_m sqrt(pi) int_(y_r)^(y_th) exp(u^2) (1 + erf u) du,
///     y = (V - mu) / sigma,
///
/// without cancellation or overflow from deep below to far above threshold. Throws UsageError for a
/// variance that is not positive: without noise there is no such theory.
[[nodiscard]] LifRate stationary_rate(const LifNeuron& neuron, const LifInput& input,
                                      SynapseTheory theory);

/// The standard deviation of the rates of neurons whose mean drives are spread; 0 without a spread.
/// Throws as above.
[[nodiscard]] double rate_sd_hz(const LifNeuron& neuron, const LifInput& input,
                                SynapseTheory theory);

/// The coefficient of variation of interspike intervals of a neuron with the mean drive (Brunel
/// 2000, appendix A1): threshold and reset moved as in `shift` unless the theory is `delta`, and
/// the rate that belongs to them.
[[nodiscard]] double interspike_cv(const LifNeuron& neuron, const LifInput& input,
                                   SynapseTheory theory);

}  // namespace cortifold
