#include "recording_plan.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

/// Calls work(first, end) with neurons of the network.
void for_ranges(const PopulationNetwork& network, const std::vector<NeuronRange>& ranges,
                const std::string& what, auto&& work) {
    for (const NeuronRange& range : ranges) {
        const std::size_t index = network.index_of(range.population);
        std::uint32_t before = 0;
        for (std::size_t p = 0; p < index; ++p) before += network.populations[p].size;
        const std::uint32_t size = network.populations[index].size;
        const std::uint32_t most = range.first < size ? size - range.first : 0;
        const std::uint32_t count = range.count.value_or(most);
        require(count >= 1 && count <= most,
                "recording." + what + " of population \"" + range.population + "\": first = " +
                    std::to_string(range.first) + " and count = " + std::to_string(count) +
                    " must lie within its " + std::to_string(size) + " neurons");
        work(before + range.first, before + range.first + count);
    }
}

}  // namespace

void RecordingOptions::validate() const {
    require(potential_interval_ms > 0.0 && std::isfinite(potential_interval_ms),
            "recording.potential_interval_ms = " + std::to_string(potential_interval_ms) +
                " must be positive");
}

RecordingPlan::RecordingPlan(const PopulationNetwork& network, const RecordingOptions& options,
                             double step_ms)
    : interval_(static_cast<std::uint64_t>(
          std::max(1.0, std::round(options.potential_interval_ms / step_ms)))) {
    if (!options.spikes.empty()) spikes_.resize(network.neurons());
    for_ranges(network, options.spikes, "spikes", [&](std::uint32_t first, std::uint32_t end) {
        std::fill(spikes_.begin() + first, spikes_.begin() + end, true);
    });
    for_ranges(network, options.potentials, "potentials",
               [&](std::uint32_t first, std::uint32_t end) {
                   for (std::uint32_t neuron = first; neuron < end; ++neuron)
                       sampled_.push_back(neuron);
               });
    std::ranges::sort(sampled_);
    sampled_.erase(std::unique(sampled_.begin(), sampled_.end()), sampled_.end());
}

void sample(const RecordingPlan& plan, std::uint64_t step, std::span<const NeuronSlice> slices,
            std::vector<SampledPotential>& potentials) {
    if (!plan.samples_after(step)) return;
    const std::vector<std::uint32_t>& sampled = plan.sampled();
    for (const NeuronSlice& neurons : slices) {
        const Slice& slice = neurons.slice();
        for (auto at = std::ranges::lower_bound(sampled, slice.first_global);
             at != sampled.end() && *at - slice.first_global < slice.size; ++at)
            potentials.push_back({step, static_cast<std::uint64_t>(at - sampled.begin()),
                                  neurons.potential_mv(*at - slice.first_global)});
    }
}

PotentialSamples as_rows(std::vector<SampledPotential> potentials, const RecordingPlan& plan,
                         double step_ms) {
    std::ranges::sort(potentials, {},
                      [](const SampledPotential& s) { return std::pair(s.step, s.column); });
    const std::size_t columns = plan.sampled().size();
    const std::size_t rows = columns > 0 ? potentials.size() / columns : 0;
    PotentialSamples samples{plan.sampled(), {}, Matrix(rows, columns)};
    for (std::size_t row = 0; row < rows; ++row) {
        const SampledPotential* const first = &potentials[row * columns];
        samples.times_ms.push_back(static_cast<double>(first->step + 1) * step_ms);
        for (std::size_t column = 0; column < columns; ++column)
            samples.values_mv(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)) =
                first[column].value_mv;
    }
    return samples;
}

}  // namespace cortifold
