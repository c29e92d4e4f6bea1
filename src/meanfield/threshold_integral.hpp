#pragma once

#include "error_functions.hpp"
#include <cortifold/core/elementary.hpp>
#include <cortifold/meanfield/siegert.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace cortifold {

/// alpha = sqrt(2) |zeta(1/2)| of Fourcaud & Brunel 2002.
inline constexpr double colored_noise_alpha = 2.0652531522312172;
inline constexpr double hz_per_inverse_ms = 1000.0;

/// exp(log_scale) times the n-th derivative of exp(y^2) (1 + erf y), on any scalar type.
struct ThresholdFlux {
    double log_scale = 0.0;
    int order = 0;
    [[nodiscard]] double value(double y) const { return threshold_flux(order, y, log_scale); }
    template <class T>
    T slope(const T& y) const {
        return apply(ThresholdFlux{log_scale, order + 1}, y);
    }
};

/// Its integral, known at one point.
struct ThresholdFluxIntegral {
    double log_scale = 0.0, known = 0.0;
    [[nodiscard]] double value(double) const { return known; }
    template <class T>
    T slope(const T& y) const {
        return apply(ThresholdFlux{log_scale}, y);
    }
};

/// exp(-max(y_th, 0)^2) times the integral of exp(u^2) (1 + erf u) from y_r to y_th: above
/// threshold by erfcx alone, below by Dawson's function besides.
[[nodiscard]] double scaled_threshold_integral(double y_r, double y_th);

/// Threshold and reset in standard deviations from the mean.
template <class T>
struct Boundaries {
    T threshold, reset;
};
template <class T>
Boundaries<T> boundaries(const LifParameters<T>& neuron, const T& mean, const T& variance,
                         SynapseTheory theory) {
    using std::sqrt;
    const T sigma = sqrt(variance);
    T shift(0.0);
    if (theory == SynapseTheory::shift && primal(neuron.tau_s) > 0.0)
        shift = 0.5 * colored_noise_alpha * sqrt(T(neuron.tau_s / neuron.tau_m));
    return {(neuron.threshold - mean) / sigma + shift, (neuron.reset - mean) / sigma + shift};
}

/// exp(log_scale) times a number, which `taylor` may make negative; in 1/ms.
template <class T>
struct ScaledRate {
    T log_scale, number;
};

/// Of a neuron whose drive has no spread.
template <class T>
ScaledRate<T> neuron_rate(const LifParameters<T>& neuron, const T& mean, const T& variance,
                          SynapseTheory theory) {
    using std::log, std::sqrt;
    const Boundaries<T> y = boundaries(neuron, mean, variance, theory);
    const double y_th = primal(y.threshold), y_r = primal(y.reset),
                 log_scale = -y_th * std::max(y_th, 0.0),
                 integral = scaled_threshold_integral(y_r, y_th);
    const T period = neuron.tau_ref * std::exp(log_scale) +
                     neuron.tau_m * std::sqrt(std::numbers::pi) *
                         (apply(ThresholdFluxIntegral{log_scale, integral}, y.threshold) -
                          apply(ThresholdFluxIntegral{log_scale, 0.0}, y.reset));
    const T log_white = log_scale - log(period);
    if (theory != SynapseTheory::taylor || primal(neuron.tau_s) == 0.0) return {log_white, T(1.0)};
    const T flux =
        apply(ThresholdFlux{log_scale}, y.threshold) - apply(ThresholdFlux{log_scale}, y.reset);
    const T slowing = 0.5 * colored_noise_alpha *
                      sqrt(T(std::numbers::pi * neuron.tau_s * neuron.tau_m)) * flux / period;
    return {log_white, 1.0 - slowing};
}

/// Where the rule stands that averages over a Gaussian distribution of the mean: z and the weight
/// of mean + z spread, which may be too small for a double. A trapezoidal rule, which converges
/// exponentially for smooth integrands.
struct SpreadNode {
    double z = 0.0, log_weight = 0.0;
};
/// From far below the mean to beyond those that fire most, of neurons deep below threshold in the
/// tail.
[[nodiscard]] std::vector<SpreadNode> spread_nodes(double y_threshold, double spread_in_sigma);

/// Averaged over the spread.
template <class T>
ScaledRate<T> population_rate(const LifParameters<T>& neuron, const T& mean, const T& variance,
                              const T& spread, SynapseTheory theory) {
    using std::exp;
    if (primal(spread) == 0.0) return neuron_rate(neuron, mean, variance, theory);
    std::vector<ScaledRate<T>> rates;
    double largest = -std::numeric_limits<double>::infinity();
    for (const auto& [z, log_weight] :
         spread_nodes(primal(boundaries(neuron, mean, variance, theory).threshold),
                      primal(spread) / std::sqrt(primal(variance)))) {
        rates.push_back(neuron_rate(neuron, T(mean + z * spread), variance, theory));
        rates.back().log_scale = rates.back().log_scale + log_weight;
        largest = std::max(largest, primal(rates.back().log_scale));
    }
    ScaledRate<T> average{T(largest), T(0.0)};
    for (const ScaledRate<T>& rate : rates)
        average.number = average.number + exp(T(rate.log_scale - largest)) * rate.number;
    return average;
}

/// In Hz.
template <class T>
T rate_hz(const ScaledRate<T>& rate) {
    using std::exp;
    return hz_per_inverse_ms * exp(rate.log_scale) * rate.number;
}

}  // namespace cortifold
