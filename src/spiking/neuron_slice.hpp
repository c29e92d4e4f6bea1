#pragma once

#include "partition.hpp"
#include "poisson_counts.hpp"
#include "spike_trains.hpp"
#include <cortifold/spiking/propagator.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace cortifold {

/// What a slice takes over from its network.
struct SliceSetup {
    Slice slice;
    const Population& population;
    double step_ms = 0.0;
    double weight_unit = 1.0;
    std::uint64_t seed = 0;
};

/// The neurons of a slice: state, drive, spikes.
class NeuronSlice {
public:
    explicit NeuronSlice(const SliceSetup& setup);
    /// One step: takes what was added up in `input`, the block's slots, sets that to zero, and
    /// appends the numbers of neurons that sent a spike.
    void advance(std::uint64_t step, std::int32_t* input, std::vector<std::uint32_t>& spikes);

    [[nodiscard]] const Slice& slice() const { return slice_; }
    [[nodiscard]] const std::vector<SpikeTrain>& trains() const { return trains_; }
    void clear_trains() { trains_.assign(trains_.size(), {}); }
    [[nodiscard]] double potential_mv(std::uint32_t i) const { return rest_mv_ + U_[i]; }

    /// Numbers of one step that all neurons of the slice share.
    struct Step {
        LifPropagator p;
        double constant = 0.0;                                  ///< [mV] by the constant current
        double threshold = 0.0;                                 ///< [mV] above rest
        double unit = 1.0;                                      ///< of the inputs
        double drive_excitatory = 0.0, drive_inhibitory = 0.0;  ///< weights of the Poisson drive
    };

private:
    enum class Currents { none, one, two };

    void initialize(const Population& population, std::uint64_t seed);
    [[nodiscard]] bool advance_chunk(std::size_t chunk, const WordCounts& drive,
                                     std::int32_t* input);
    void send(std::size_t chunk, std::uint64_t step, std::vector<std::uint32_t>& spikes);
    void hold(std::uint64_t step);

    struct Held {
        std::uint64_t until;  ///< the first step in which it is free
        std::uint32_t neuron;
    };

    Slice slice_;
    Step step_;
    Currents currents_ = Currents::none;
    double rest_mv_ = 0.0, reset_ = 0.0;  ///< reset above rest
    std::uint64_t refractory_ = 0;        ///< steps
    StreamKey drive_key_;
    std::optional<PoissonCounts> drive_{};
    std::vector<double> U_, I_ex_{}, I_in_{};  ///< of whole chunks; U = V - E_L
    std::deque<Held> held_{};                  ///< in order of their release
    std::vector<std::uint64_t> free_from_;     ///< of each neuron: the step
    std::vector<SpikeTrain> trains_;
};

}  // namespace cortifold
