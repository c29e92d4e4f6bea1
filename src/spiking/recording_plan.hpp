#pragma once

#include "neuron_slice.hpp"
#include <cortifold/spiking/recording.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace cortifold {

/// What is recorded of a network.
class RecordingPlan {
public:
    /// Throws ConfigError naming an unknown population, UsageError where a range has neurons that
    /// its population has not.
    RecordingPlan(const PopulationNetwork& network, const RecordingOptions& options,
                  double step_ms);
    /// Whether spikes of this neuron of the network are recorded.
    [[nodiscard]] bool has_spikes_of(std::uint32_t neuron) const {
        return spikes_.empty() || spikes_[neuron];
    }
    /// Whether potentials are recorded at the end of this step.
    [[nodiscard]] bool samples_after(std::uint64_t step) const {
        return !sampled_.empty() && (step + 1) % interval_ == 0;
    }
    /// Neurons whose potentials are recorded, rising.
    [[nodiscard]] const std::vector<std::uint32_t>& sampled() const { return sampled_; }

private:
    std::vector<bool> spikes_{};  ///< empty: all
    std::vector<std::uint32_t> sampled_{};
    std::uint64_t interval_;  ///< steps
};

/// A potential of the column-th neuron of `RecordingPlan::sampled`, at the end of a step.
struct SampledPotential {
    std::uint64_t step = 0, column = 0;
    double value_mv = 0.0;
};

/// Potentials of those neurons of the slices that are recorded, at the end of a step.
void sample(const RecordingPlan& plan, std::uint64_t step, std::span<const NeuronSlice> slices,
            std::vector<SampledPotential>& potentials);

/// From all samples of some steps, in any order.
[[nodiscard]] PotentialSamples as_rows(std::vector<SampledPotential> potentials,
                                       const RecordingPlan& plan, double step_ms);

}  // namespace cortifold
