#include "network_values.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/rate_network.hpp>

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {

namespace {

using Complex = std::complex<double>;
constexpr int most_steps = 100;
constexpr double small_step = 1e-13;  ///< relative
constexpr double half = 0.5;

/// Gauss and Newton's steps for h0 and tau >= 0, shortened until squares fall.
struct ModulusFit {
    const Vector omega_per_ms, moduli;

    [[nodiscard]] Vector differences(double gain, double tau) const {
        return gain * (1.0 + (tau * omega_per_ms).array().square()).sqrt().inverse() -
               moduli.array();
    }
    [[nodiscard]] Matrix derivatives(double gain, double tau) const {
        const Eigen::ArrayXd square = 1.0 + (tau * omega_per_ms).array().square();
        Matrix by(omega_per_ms.size(), 2);
        by << square.rsqrt(), -gain * tau * omega_per_ms.array().square() / square.pow(1.5);
        return by;
    }
    /// Whether it converged.
    bool run(double& gain, double& tau) const {
        double squares = differences(gain, tau).squaredNorm();
        for (int k = 0; k < most_steps; ++k) {
            const Matrix by = derivatives(gain, tau);
            Eigen::Vector2d step =
                -(by.transpose() * by).ldlt().solve(by.transpose() * differences(gain, tau));
            if (!step.allFinite()) return false;
            double next = differences(gain + step[0], tau + step[1]).squaredNorm();
            while (!(next <= squares) && step.norm() > small_step * std::hypot(gain, tau)) {
                step *= half;
                next = differences(gain + step[0], tau + step[1]).squaredNorm();
            }
            const bool done =
                std::abs(step[0]) <= small_step * gain && std::abs(step[1]) <= small_step * tau;
            if (next <= squares) gain += step[0], tau += step[1], squares = next;
            if (done || !(next <= squares)) return true;
        }
        return false;
    }
};

}  // namespace

LowPass fit_low_pass(const LifNeuron& neuron, const LifInput& input, ConstVectorRef frequencies_hz,
                     const TransferOptions& options) {
    require(frequencies_hz.size() >= 2 && (frequencies_hz.array() >= 0.0).all() &&
                frequencies_hz.maxCoeff() > frequencies_hz.minCoeff() && frequencies_hz.allFinite(),
            "fit_low_pass needs at least two different frequencies, none of them negative");
    const ComplexVector response =
        transfer_function(neuron, input, oscillations(frequencies_hz), options);
    const ModulusFit fit{2e-3 * std::numbers::pi * frequencies_hz, response.cwiseAbs()};
    LowPass result;
    Eigen::Index lowest = 0, highest = 0;
    frequencies_hz.minCoeff(&lowest);
    frequencies_hz.maxCoeff(&highest);
    double gain = fit.moduli[lowest];
    const double fall = std::max(gain / fit.moduli[highest], 1.0 + small_step);
    double tau = std::sqrt(fall * fall - 1.0) / fit.omega_per_ms[highest];
    if (!(gain > 0.0 && std::isfinite(gain) && std::isfinite(tau))) {
        result.status = Status::no_theory;
        result.message = "there is no response to fit";
        return result;
    }
    if (!fit.run(gain, tau)) {
        result.message = "the fit of a low pass did not converge";
        return result;
    }
    result.status = Status::converged;
    result.message = "fitted";
    result.gain_hz_per_mV = gain;
    result.tau_ms = std::copysign(tau, -response[highest].imag());
    result.error = std::sqrt(fit.differences(gain, tau).squaredNorm() /
                             static_cast<double>(frequencies_hz.size())) /
                   gain;
    return result;
}

void RateNetwork::validate() const {
    require(tau_ms.size() > 0 && (tau_ms.array() > 0.0).all() && tau_ms.allFinite(),
            "the time constants of a rate network must be positive, one for each population");
    const auto populations = static_cast<std::size_t>(tau_ms.size());
    for (const RateProjection& projection : projections) {
        require(projection.source < populations && projection.target < populations,
                "a projection from population " + std::to_string(projection.source) + " to " +
                    std::to_string(projection.target) + ": there are " +
                    std::to_string(populations));
        require(std::isfinite(projection.weight),
                "weight = " + std::to_string(projection.weight) + " must be finite");
        projection.delay.validate();
    }
}

LinearFeedback feedback_of(const RateNetwork& network) {
    network.validate();
    const auto matrices = [network](const ComplexVector& lambda) {
        const Eigen::Index n = network.tau_ms.size();
        std::vector<ComplexMatrix> all(static_cast<std::size_t>(lambda.size()),
                                       ComplexMatrix::Zero(n, n));
        for (Eigen::Index l = 0; l < lambda.size(); ++l)
            for (const RateProjection& projection : network.projections) {
                const auto i = static_cast<Eigen::Index>(projection.target);
                all[static_cast<std::size_t>(l)](i, static_cast<Eigen::Index>(projection.source)) +=
                    projection.weight * delay_factor(projection.delay, lambda[l]) /
                    (1.0 + lambda[l] * network.tau_ms[i]);
            }
        return all;
    };
    return {matrices, network.tau_ms, -std::numeric_limits<double>::infinity()};
}

RateReduction reduce_to_rates(const LifNetwork& network, const WorkingPoint& point,
                              ConstVectorRef frequencies_hz, const TransferOptions& options) {
    network.validate();
    require(point.inputs.size() == network.populations.size(),
            "the working point has " + std::to_string(point.inputs.size()) +
                " populations, the network " + std::to_string(network.populations.size()));
    RateReduction result;
    result.network.tau_ms.resize(static_cast<Eigen::Index>(network.populations.size()));
    for (std::size_t i = 0; i < network.populations.size(); ++i) {
        result.low_passes.push_back(
            fit_low_pass(network.populations[i].neuron, point.inputs[i], frequencies_hz, options));
        const LowPass& low_pass = result.low_passes.back();
        if (!succeeded(low_pass.status) || low_pass.tau_ms < 0.0) {
            result.status = succeeded(low_pass.status) ? Status::no_theory : low_pass.status;
            result.message =
                "population " + network.populations[i].name + ": " +
                (succeeded(low_pass.status) ? "its response is no low pass" : low_pass.message);
            return result;
        }
        result.network.tau_ms[static_cast<Eigen::Index>(i)] = low_pass.tau_ms;
    }
    const NetworkValues<double> values = values_of(network);
    for (std::size_t k = 0; k < network.projections.size(); ++k) {
        const LifProjection& projection = network.projections[k];
        const double effect =
            effect_per_hz<double>(values.projections[k],
                                  values.populations[projection.target].neuron.tau_m,
                                  values.populations[projection.source].efficacy)
                .mean;
        result.network.projections.push_back(
            {projection.source, projection.target,
             effect * result.low_passes[projection.target].gain_hz_per_mV, projection.delay});
    }
    result.status = Status::converged;
    result.message = "reduced";
    return result;
}

}  // namespace cortifold
