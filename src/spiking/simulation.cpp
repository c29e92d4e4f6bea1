#include "neuron_slice.hpp"
#include "spike_board.hpp"
#include "spin_barrier.hpp"
#include "synapse_builder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace cortifold {

namespace {

/// Neurons that one thread advances, and the spikes that reach them.
class Block {
public:
    Block(const BlockLayout& layout, const PopulationNetwork& network, const SynapseLaws& laws,
          const SpikingOptions& options, std::uint64_t seed)
        : records_(options.record_spikes) {
        for (const Slice& slice : layout.slices)
            slices_.emplace_back(SliceSetup{slice, network.populations[slice.population],
                                            options.step_ms, laws.units[slice.population].value,
                                            seed});
    }

    void advance(std::uint64_t first, std::uint64_t count, Delivery& delivery,
                 SpikePacket& packet) {
        packet.begin(first);
        for (std::uint64_t step = first; step < first + count; ++step) {
            const std::size_t begin = packet.neurons.size();
            delivery.deliver(step);
            for (NeuronSlice& slice : slices_)
                slice.advance(step, delivery.input(), packet.neurons);
            packet.ends.push_back(packet.neurons.size());
            for (std::size_t k = begin; records_ && k < packet.neurons.size(); ++k)
                spikes_.push_back({step, packet.neurons[k]});
        }
    }
    void clear_records() {
        spikes_.clear();
        for (NeuronSlice& slice : slices_) slice.clear_trains();
    }
    [[nodiscard]] const std::vector<Spike>& spikes() const { return spikes_; }
    [[nodiscard]] const std::vector<NeuronSlice>& slices() const { return slices_; }

private:
    bool records_;
    std::vector<NeuronSlice> slices_{};
    std::vector<Spike> spikes_{};
};

void take(const std::vector<SpikePacket>& packets, Delivery& delivery) {
    for (const SpikePacket& packet : packets) {
        std::size_t begin = 0;
        for (std::size_t k = 0; k < packet.ends.size(); ++k) {
            delivery.schedule(packet.neurons.data() + begin, packet.ends[k] - begin,
                              packet.first_step + k);
            begin = packet.ends[k];
        }
    }
}

/// Calls work(block) for the blocks of the calling thread.
void for_own(std::size_t blocks, auto&& work) {
    const auto team = static_cast<std::size_t>(omp_get_num_threads());
    for (auto b = static_cast<std::size_t>(omp_get_thread_num()); b < blocks; b += team) work(b);
}

void check(const MemoryEstimate& estimate, const SpikingOptions& options) {
    if (!options.memory_limit_bytes) return;
    const double limit = static_cast<double>(*options.memory_limit_bytes);
    const auto megabytes = [](double bytes) { return std::to_string(std::llround(bytes * 1e-6)); };
    require(estimate.total() <= limit, std::to_string(std::llround(estimate.synapses)) +
                                           " synapses take " + megabytes(estimate.total()) +
                                           " MB, " + megabytes(limit) + " MB are allowed");
}

}  // namespace

class SpikingSimulation::Engine {
public:
    Engine(const PopulationNetwork& network, const SpikingOptions& options, const Context& context)
        : network_(network),
          options_(options),
          context_(context),
          laws_(synapse_laws(network, options.step_ms)),
          partition_(network, context.threads),
          board_(partition_.blocks().size()),
          interval_(laws_.projections.empty() ? unconnected_interval
                                              : static_cast<std::uint64_t>(laws_.least_delay)) {
        for (const BlockLayout& layout : partition_.blocks()) {
            blocks_.emplace_back(layout, network_, laws_, options_, context_.seed);
            deliveries_.emplace_back(layout.slots, network_.neurons(),
                                     static_cast<std::size_t>(laws_.most_delay));
        }
        store_ = build_synapses(network_, laws_, partition_, context_, deliveries_);
    }

    /// A team of threads meets once in an interval, when all spikes of it are on the board.
    void advance(std::uint64_t count) {
        const std::uint64_t end = step_ + count;
        std::optional<SpinBarrier> barrier;
#pragma omp parallel num_threads(context_.threads)
        {
#pragma omp single
            barrier.emplace(omp_get_num_threads());
            std::uint64_t number = intervals_;
            for (std::uint64_t at = step_; at < end; at += interval_, ++number) {
                auto& packets = board_.of_interval(number);
                const std::uint64_t steps = std::min(interval_, end - at);
                for_own(blocks_.size(), [&](std::size_t b) {
                    blocks_[b].advance(at, steps, deliveries_[b], packets[b]);
                });
                barrier->wait();
                for_own(blocks_.size(), [&](std::size_t b) { take(packets, deliveries_[b]); });
            }
        }
        intervals_ += (count + interval_ - 1) / interval_;
        step_ = end;
    }

    Status run(double duration_ms, const Observer& observer) {
        require(duration_ms >= 0.0 && std::isfinite(duration_ms),
                "duration_ms = " + std::to_string(duration_ms) + " must be 0 or more");
        const std::uint64_t end =
            step_ + static_cast<std::uint64_t>(std::llround(duration_ms / options_.step_ms));
        const std::uint64_t between_calls = (calls_every / interval_ + 1) * interval_;
        while (step_ < end) {
            advance(std::min(end - step_, observer ? between_calls : end));
            if (observer && observer(time_ms()) == Flow::stop) return Status::stopped_by_observer;
        }
        return Status::reached_end;
    }

    [[nodiscard]] double time_ms() const {
        return static_cast<double>(step_) * options_.step_ms;
    }

    void clear_records() {
        for (Block& block : blocks_) block.clear_records();
        cleared_ = step_;
    }

    [[nodiscard]] std::vector<Spike> spikes() const {
        std::vector<Spike> all;
        for (const Block& block : blocks_)
            all.insert(all.end(), block.spikes().begin(), block.spikes().end());
        std::ranges::sort(all, {}, [](const Spike& s) { return std::pair(s.step, s.neuron); });
        return all;
    }

    [[nodiscard]] std::vector<PopulationActivity> activity(std::uint64_t least_spikes) const {
        require(least_spikes >= 3, "least_spikes = " + std::to_string(least_spikes) +
                                       " must be 3 or more: two intervals");
        const double seconds = static_cast<double>(step_ - cleared_) * options_.step_ms * 1e-3;
        std::vector<PopulationActivity> activities;
        for (std::size_t p = 0; p < network_.populations.size(); ++p) {
            TrainStatistics statistics(least_spikes);
            for (const Block& block : blocks_)
                for (const NeuronSlice& slice : block.slices())
                    if (slice.slice().population == p) statistics.add(slice.trains());
            const Population& population = network_.populations[p];
            activities.push_back({.name = population.name, .size = population.size});
            statistics.finish(seconds, activities.back());
        }
        return activities;
    }

    [[nodiscard]] double potential_mv(std::uint32_t neuron) const {
        for (const Block& block : blocks_)
            for (const NeuronSlice& neurons : block.slices()) {
                const Slice& slice = neurons.slice();
                if (neuron >= slice.first_global && neuron - slice.first_global < slice.size)
                    return neurons.potential_mv(neuron - slice.first_global);
            }
        throw UsageError("neuron = " + std::to_string(neuron) + " must be below " +
                         std::to_string(network_.neurons()));
    }

    [[nodiscard]] SpikingFacts facts() const {
        SpikingFacts facts;
        facts.neurons = network_.neurons();
        facts.synapses = store_.synapses;
        for (const Delivery& delivery : deliveries_) facts.synaptic_events += delivery.events();
        facts.least_delay_ms = static_cast<double>(laws_.least_delay) * options_.step_ms;
        for (const WeightUnit& unit : laws_.units)
            facts.worst_weight_error = std::max(facts.worst_weight_error, unit.worst_error);
        return facts;
    }

private:
    static constexpr std::uint64_t unconnected_interval = 64;  // steps
    static constexpr std::uint64_t calls_every = 100;          // steps

    PopulationNetwork network_;
    SpikingOptions options_;
    Context context_;
    SynapseLaws laws_;
    Partition partition_;
    std::vector<Block> blocks_{};
    std::vector<Delivery> deliveries_{};
    SynapseStore store_{};
    SpikeBoard board_;
    std::uint64_t interval_;  ///< steps
    std::uint64_t step_ = 0, cleared_ = 0, intervals_ = 0;
};

void SpikingOptions::validate() const {
    require(step_ms > 0.0 && std::isfinite(step_ms),
            "step_ms = " + std::to_string(step_ms) + " must be positive");
}

SpikingSimulation::SpikingSimulation(const PopulationNetwork& network,
                                     const SpikingOptions& options, const Context& context) {
    check(estimate_memory(network, options, context), options);
    engine_ = std::make_unique<Engine>(network, options, context);
}

SpikingSimulation::~SpikingSimulation() = default;
SpikingSimulation::SpikingSimulation(SpikingSimulation&&) noexcept = default;
SpikingSimulation& SpikingSimulation::operator=(SpikingSimulation&&) noexcept = default;

Status SpikingSimulation::run(double duration_ms, const Observer& observer) {
    return engine_->run(duration_ms, observer);
}

double SpikingSimulation::time_ms() const {
    return engine_->time_ms();
}

void SpikingSimulation::clear_records() {
    engine_->clear_records();
}

std::vector<Spike> SpikingSimulation::spikes() const {
    return engine_->spikes();
}

std::vector<PopulationActivity> SpikingSimulation::activity(std::uint64_t least_spikes) const {
    return engine_->activity(least_spikes);
}

double SpikingSimulation::potential_mv(std::uint32_t neuron) const {
    return engine_->potential_mv(neuron);
}

SpikingFacts SpikingSimulation::facts() const {
    return engine_->facts();
}

}  // namespace cortifold
