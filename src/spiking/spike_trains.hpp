#pragma once

#include <cortifold/spiking/simulation.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace cortifold {

/// What is kept of the spikes of one neuron; integers, so that no sum depends on its order.
struct SpikeTrain {
    std::uint64_t count = 0, first = 0, last = 0;  ///< steps
    std::uint64_t squares = 0;                     ///< of the intervals, in steps

    void add(std::uint64_t step) {
        if (count++ == 0) {
            first = step;
        } else {
            squares += (step - last) * (step - last);
        }
        last = step;
    }
};

/// Sums over the neurons of a population; from parts of it in any order.
class TrainStatistics {
public:
    explicit TrainStatistics(std::uint64_t least_spikes) : least_spikes_(least_spikes) {}
    void add(std::span<const SpikeTrain> trains);
    /// `seconds`: how long the trains were watched.
    void finish(double seconds, PopulationActivity& activity) const;

private:
    std::uint64_t least_spikes_;
    std::uint64_t neurons_ = 0, spikes_ = 0, squared_counts_ = 0, silent_ = 0;
    std::vector<double> cvs_{};
};

}  // namespace cortifold
