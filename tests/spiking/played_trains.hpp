#pragma once

#include "spiking/activity_records.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

constexpr double played_step_ms = 0.01;
using StepsOfSpikes = std::vector<std::uint64_t>;

inline std::uint64_t played_steps(double duration_ms) {
    return static_cast<std::uint64_t>(std::llround(duration_ms / played_step_ms));
}

/// Uniform numbers one after the other.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : rng_({seed, StreamPurpose::starts, 0}) {}
    double uniform() { return rng_.uniform(draw_++); }
    double exponential(double mean) { return -mean * std::log(uniform()); }

private:
    CounterRng rng_;
    std::uint64_t draw_ = 0;
};

/// A renewal process whose intervals are sums of `order` exponential ones: a gamma process.
inline StepsOfSpikes gamma_process(int order, double rate_hz, double duration_ms, Dice& dice) {
    StepsOfSpikes spikes;
    const double mean_ms = 1e3 / rate_hz / order;
    for (double t = 0.0;;) {
        for (int k = 0; k < order; ++k) t += dice.exponential(mean_ms);
        if (t >= duration_ms) return spikes;
        spikes.push_back(static_cast<std::uint64_t>(t / played_step_ms));
    }
}
inline StepsOfSpikes poisson_process(double rate_hz, double duration_ms, Dice& dice) {
    return gamma_process(1, rate_hz, duration_ms, dice);
}

/// Trains of one population, played to the records as slices of a simulation would.
class PlayedTrains {
public:
    PlayedTrains(const std::vector<StepsOfSpikes>& trains, double duration_ms,
                 const ActivityOptions& options = {}, std::uint32_t slices = 1)
        : records_(network(trains.size()), options, played_step_ms, 1) {
        const auto size = static_cast<std::uint32_t>(trains.size());
        const std::uint32_t width = (size + slices - 1) / slices;
        for (std::uint32_t first = 0; first < size; first += width) {
            const Slice slice{0, first, first, std::min(width, size - first), 0};
            slices_.push_back(records_.of_slice(slice));
            play({trains.begin() + first, trains.begin() + first + slice.size}, first,
                 played_steps(duration_ms));
        }
        records_.take(played_steps(duration_ms), counts_, chosen_);
    }

    [[nodiscard]] PopulationActivity activity(std::uint64_t least_spikes = 4) const {
        std::vector<NeuronSums> sums;
        for (const SliceRecords& slice : slices_) {
            const std::vector<NeuronSums> part = slice.trains().sums(least_spikes);
            sums.resize(part.size());
            for (std::size_t r = 0; r < part.size(); ++r) sums[r] += part[r];
        }
        return records_.activity(0, sums);
    }
    [[nodiscard]] PopulationRates rates() const { return records_.rates(); }

private:
    static PopulationNetwork network(std::size_t size) {
        PopulationNetwork network;
        network.populations = {{.name = "a", .size = static_cast<std::uint32_t>(size)}};
        return network;
    }

    /// A second spike of a neuron in one step, which no simulation has, is left out.
    void play(const std::vector<StepsOfSpikes>& trains, std::uint32_t first, std::uint64_t steps) {
        std::vector<Spike> spikes;
        for (std::uint32_t i = 0; i < trains.size(); ++i)
            for (const std::uint64_t step : trains[i])
                if (step < steps) spikes.push_back({step, first + i});
        std::ranges::sort(spikes, {}, [](const Spike& s) { return std::pair(s.step, s.neuron); });
        spikes.erase(std::unique(spikes.begin(), spikes.end()), spikes.end());
        std::vector<std::uint32_t> neurons;
        for (std::size_t k = 0; k < spikes.size(); ++k) {
            neurons.push_back(spikes[k].neuron);
            if (k + 1 < spikes.size() && spikes[k + 1].step == spikes[k].step) continue;
            slices_.back().add(spikes[k].step, neurons);
            neurons.clear();
        }
        slices_.back().hand_over(steps, counts_, chosen_);
    }

    ActivityRecords records_;
    std::vector<SliceRecords> slices_{};
    std::vector<BinCount> counts_{};
    std::vector<ChosenSpike> chosen_{};
};

}  // namespace cortifold
