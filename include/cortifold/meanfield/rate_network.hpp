#pragma once

#include <cortifold/meanfield/delay_roots.hpp>

#include <cstddef>
#include <vector>

namespace cortifold {

/// The modulus of a low pass closest to that of a transfer function: h0 / (1 + lambda tau).
struct LowPass {
    Status status = Status::iteration_limit;
    std::string message = "fit_low_pass was not called";
    double gain_hz_per_mV = 0.0;  ///< h0
    double tau_ms = 0.0;          ///< negative where the phase advances at the highest frequency
    double error = 0.0;           ///< root mean square of the differences, in parts of h0
};
/// Least squares of the moduli over the frequencies (Senk et al. 2020, Phys. Rev. Research
/// 2:023174, section III). Throws UsageError for fewer than two frequencies or negative ones.
[[nodiscard]] LowPass fit_low_pass(const LifNeuron& neuron, const LifInput& input,
                                   ConstVectorRef frequencies_hz,
                                   const TransferOptions& options = {});

/// Connections between populations of a rate model.
struct RateProjection {
    std::size_t source = 0, target = 0;
    double weight = 0.0;
    DelayLaw delay{};
};

/// tau_i dx_i/dt = -x_i + sum_j w_ij x_j(t - d_ij): what low passes make of a network of neurons
/// about a state.
struct RateNetwork {
    Vector tau_ms{};  ///< of each population
    std::vector<RateProjection> projections{};
    void validate() const;  ///< throws UsageError
};

[[nodiscard]] LinearFeedback feedback_of(const RateNetwork& network);

struct RateReduction {
    Status status = Status::iteration_limit;
    std::string message = "reduce_to_rates was not called";
    RateNetwork network{};              ///< projections as the network has them
    std::vector<LowPass> low_passes{};  ///< of each population
};
/// Low passes in place of transfer functions: w_ij = h0_i tau_m K_ij J_ij.
[[nodiscard]] RateReduction reduce_to_rates(const LifNetwork& network, const WorkingPoint& point,
                                            ConstVectorRef frequencies_hz,
                                            const TransferOptions& options = {});

}  // namespace cortifold
