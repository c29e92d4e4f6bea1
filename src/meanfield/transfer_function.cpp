#include "cylinder_ratio.hpp"
#include "threshold_integral.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/transfer_function.hpp>

#include <sstream>

namespace cortifold {

namespace {

using Complex = std::complex<double>;

/// The response of neurons with one mean, without the synaptic filter.
class NeuronResponse {
public:
    NeuronResponse(const LifNeuron& neuron, double mean, double variance,
                   const TransferOptions& options)
        : tau_m_(neuron.tau_m) {
        const LifParameters<double>& parameters = neuron;
        const auto y = boundaries(parameters, mean, variance, options.theory);
        const bool rests = options.refractoriness == Refractoriness::exact;
        at_ = {std::numbers::sqrt2 * y.threshold, std::numbers::sqrt2 * y.reset,
               rests ? neuron.tau_ref / neuron.tau_m : 0.0};
        const double scale = std::sqrt(2.0 / variance);
        const auto rate = neuron_rate(parameters, mean, variance, options.theory);
        by_ratio_ = scale * rate_hz(rate);
        by_curvature_ = rate_hz(rate) / variance;
        // Boundaries that are shifted by a part of sigma move with it.
        const double plain = (neuron.threshold - mean) / std::sqrt(variance);
        by_moving_ = by_curvature_ * (y.threshold - plain) / std::numbers::sqrt2;
        if (options.theory != SynapseTheory::taylor) return;
        const double white = rate_hz(ScaledRate<double>{rate.log_scale, 1.0}),
                     k = std::sqrt(neuron.tau_s / neuron.tau_m);
        by_shift_ = scale * white * colored_noise_alpha * k / std::numbers::sqrt2;
    }

    [[nodiscard]] Complex to_mean(Complex lambda) const {
        const Complex s = lambda * tau_m_;
        const CylinderRatio ratio = cylinder_ratio(s, at_);
        return (by_ratio_ * ratio.first + by_shift_ * ratio.second) / (1.0 + s);
    }
    [[nodiscard]] Complex to_variance(Complex lambda) const {
        const Complex s = lambda * tau_m_;
        const CylinderRatio ratio = cylinder_ratio(s, at_);
        return by_curvature_ * ratio.curvature / (2.0 + s) - by_moving_ * ratio.first;
    }

private:
    double tau_m_;
    CylinderBoundaries at_;
    double by_ratio_ = 0.0, by_shift_ = 0.0, by_curvature_ = 0.0, by_moving_ = 0.0;
};

void require_convergence(const LifNeuron& neuron, Complex lambda) {
    const double slowest = -1.0 / neuron.tau_m;
    if (lambda.real() > slowest) return;  // not of NaN
    std::ostringstream text;
    text << "transfer_function: lambda = " << lambda
         << " per ms has no response integral: its real "
         << "part must be above -1 / tau_m = " << slowest << " per ms";
    throw UsageError(text.str());
}

/// Averaged over the spread of the mean.
ComplexVector average_response(const LifNeuron& neuron, const LifInput& input,
                               const Eigen::Ref<const ComplexVector>& lambda_per_ms,
                               const TransferOptions& options,
                               Complex (NeuronResponse::*response)(Complex) const) {
    neuron.validate();
    input.validate();
    for (const Complex& lambda : lambda_per_ms) require_convergence(neuron, lambda);
    ComplexVector sum = ComplexVector::Zero(lambda_per_ms.size());
    const LifParameters<double>& parameters = neuron;
    const auto y = boundaries(parameters, input.mean_mV, input.variance_mV2, options.theory);
    for (const auto& [z, log_weight] :
         spread_nodes(y.threshold, input.spread_mV / std::sqrt(input.variance_mV2))) {
        const NeuronResponse one(neuron, input.mean_mV + z * input.spread_mV, input.variance_mV2,
                                 options);
        sum += std::exp(log_weight) *
               lambda_per_ms.unaryExpr([&](Complex lambda) { return (one.*response)(lambda); });
    }
    return sum;
}

}  // namespace

std::string_view to_string(Modulation modulation) {
    return modulation == Modulation::mean ? "mean" : "mean_and_variance";
}

std::string_view to_string(Refractoriness refractoriness) {
    return refractoriness == Refractoriness::exact ? "exact" : "left_out";
}

std::string_view to_string(SynapticFilter filter) {
    return filter == SynapticFilter::included ? "included" : "left_out";
}

Complex oscillation(double frequency_hz) {
    return {0.0, 2.0 * std::numbers::pi * frequency_hz / hz_per_inverse_ms};
}

ComplexVector oscillations(ConstVectorRef frequencies_hz) {
    return frequencies_hz.unaryExpr([](double hz) { return oscillation(hz); });
}

ComplexVector transfer_function(const LifNeuron& neuron, const LifInput& input,
                                const Eigen::Ref<const ComplexVector>& lambda_per_ms,
                                const TransferOptions& options) {
    ComplexVector response =
        average_response(neuron, input, lambda_per_ms, options, &NeuronResponse::to_mean);
    if (options.filter == SynapticFilter::included)
        response.array() /= 1.0 + neuron.tau_s * lambda_per_ms.array();
    return response;
}

ComplexVector variance_transfer_function(const LifNeuron& neuron, const LifInput& input,
                                         const Eigen::Ref<const ComplexVector>& lambda_per_ms,
                                         const TransferOptions& options) {
    require(options.theory != SynapseTheory::taylor || neuron.tau_s == 0.0,
            "the response to the variance has no expansion in sqrt(tau_s / tau_m): theory must be "
            "shift or delta");
    ComplexVector response =
        average_response(neuron, input, lambda_per_ms, options, &NeuronResponse::to_variance);
    if (options.filter == SynapticFilter::included)
        response.array() /= 1.0 + 0.5 * neuron.tau_s * lambda_per_ms.array();
    return response;
}

}  // namespace cortifold
