#include "activity_records.hpp"
#include "neuron_block.hpp"
#include "procedural_synapses.hpp"
#include "rank_exchange.hpp"
#include "simulation_state.hpp"
#include "spike_board.hpp"
#include "spin_barrier.hpp"
#include "state_bytes.hpp"
#include "synapse_builder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <omp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <span>
#include <sstream>

namespace cortifold {

namespace {

bool in_order(const Spike& a, const Spike& b) {
    return std::pair(a.step, a.neuron) < std::pair(b.step, b.neuron);
}

/// Calls work(block) for the blocks of the calling thread.
void for_own(std::size_t blocks, auto&& work) {
    const auto team = static_cast<std::size_t>(omp_get_num_threads());
    for (auto b = static_cast<std::size_t>(omp_get_thread_num()); b < blocks; b += team) work(b);
}

/// What stands behind the last of `sums` goes on at the first.
void add_up(std::span<const NeuronSums> more, std::vector<NeuronSums>& sums) {
    for (std::size_t k = 0; k < more.size(); ++k) sums[k % sums.size()] += more[k];
}

std::string show(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
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
    Engine(const PopulationNetwork& network, const SpikingOptions& options, const Context& context,
           std::shared_ptr<RankExchange> exchange)
        : network_(network),
          options_(options),
          context_(context),
          exchange_(std::move(exchange)),
          laws_(synapse_laws(network, options)),
          partition_(network, context),
          board_(partition_.own()),
          records_(network, options.activity, options.step_ms, context.seed),
          plan_(std::make_shared<RecordingPlan>(network, options.recording, options.step_ms)),
          interval_(laws_.projections.empty() ? unconnected_interval
                                              : static_cast<std::uint64_t>(laws_.least_delay)) {
        build();
    }

    /// A team of threads meets once in an interval, when all spikes of it are on the board, and
    /// with other ranks a second time, when their spikes are here. While these are on their way,
    /// the next step gets what is due of spikes that are known.
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
                if (exchange_->size() == 1) {
                    for_own(blocks_.size(), [&](std::size_t b) { take(packets, deliveries_[b]); });
                } else {
#pragma omp master
                    {
                        pack(packets, steps, words_);
                        exchange_->begin(words_);
                    }
                    for_own(blocks_.size(), [&](std::size_t b) {
                        take(packets, deliveries_[b]);
                        if (at + steps < end) deliveries_[b].deliver(at + steps);
                    });
#pragma omp master
                    {
                        elsewhere_.clear();
                        for (const auto words : exchange_->end())
                            elsewhere_.push_back({words, at, steps});
                    }
                    barrier->wait();
                    for_own(blocks_.size(), [&](std::size_t b) {
                        for (const RankSpikes& spikes : elsewhere_) take(spikes, deliveries_[b]);
                    });
                }
                if (!procedural_->is_empty()) {
                    draw_rows(packets, at);
                    barrier->wait();
                    for_own(blocks_.size(), [&](std::size_t b) {
                        procedural_->visit(b, [&](const std::uint32_t* row, std::uint64_t step) {
                            deliveries_[b].schedule(row, step);
                        });
                    });
                }
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
            advance(std::min(end - step_, between_calls));
            collect();
            bool stops = false;
            exchange_->together([&] { stops = observer && observer(time_ms()) == Flow::stop; });
            if (exchange_->any(stops)) return Status::stopped_by_observer;
        }
        return Status::reached_end;
    }

    [[nodiscard]] double time_ms() const {
        return static_cast<double>(step_) * options_.step_ms;
    }

    void clear_records() {
        for (NeuronBlock& block : blocks_) block.clear_records(step_);
        records_.clear();
        cleared_ = step_;
    }

    [[nodiscard]] std::vector<Spike> spikes() const {
        std::vector<Spike> all;
        for (const NeuronBlock& block : blocks_)
            all.insert(all.end(), block.spikes().begin(), block.spikes().end());
        all = exchange_->gather(all);
        std::ranges::sort(all, in_order);
        return all;
    }

    [[nodiscard]] PotentialSamples take_potentials() {
        std::vector<SampledPotential> potentials;
        for (NeuronBlock& block : blocks_) block.take_potentials(potentials);
        return as_rows(exchange_->gather(potentials), *plan_, options_.step_ms);
    }

    [[nodiscard]] std::vector<Spike> take_spikes() {
        std::vector<Spike> all = spikes();
        for (NeuronBlock& block : blocks_) block.forget_spikes();
        return all;
    }

    [[nodiscard]] std::vector<PopulationActivity> activity(std::uint64_t least_spikes) const {
        require(least_spikes >= 3, "least_spikes = " + std::to_string(least_spikes) +
                                       " must be 3 or more: two intervals");
        std::vector<PopulationActivity> activities;
        for (std::size_t p = 0; p < network_.populations.size(); ++p) {
            const std::vector<NeuronSums> sums = sums_of(p, least_spikes);
            if (exchange_->leads()) activities.push_back(records_.activity(p, sums));
        }
        return activities;
    }

    [[nodiscard]] PopulationRates rates() const {
        PopulationRates rates = records_.rates();
        rates.start_ms = static_cast<double>(cleared_) * options_.step_ms;
        return rates;
    }

    [[nodiscard]] double potential_mv(std::uint32_t neuron) const {
        require(neuron < network_.neurons(), "neuron = " + std::to_string(neuron) +
                                                 " must be below " +
                                                 std::to_string(network_.neurons()));
        std::uint64_t bits = 0;
        for (const NeuronBlock& block : blocks_)
            for (const NeuronSlice& neurons : block.slices()) {
                const Slice& slice = neurons.slice();
                if (neuron >= slice.first_global && neuron - slice.first_global < slice.size)
                    bits = std::bit_cast<std::uint64_t>(
                        neurons.potential_mv(neuron - slice.first_global));
            }
        return std::bit_cast<double>(exchange_->sum(bits));  // of other ranks zeros
    }

    [[nodiscard]] SpikingFacts facts() const {
        SpikingFacts facts;
        facts.neurons = network_.neurons();
        facts.synapses = exchange_->sum(store_.synapses + procedural_->synapses());
        facts.synapse_bytes = exchange_->sum(store_.bytes());
        for (const Delivery& delivery : deliveries_) facts.synaptic_events += delivery.events();
        facts.synaptic_events = events_before_ + exchange_->sum(facts.synaptic_events);
        facts.least_delay_ms = static_cast<double>(laws_.least_delay) * options_.step_ms;
        facts.instructions = options_.instructions.value_or(supported_instructions().back());
        for (const WeightUnit& unit : laws_.units)
            facts.worst_weight_error = std::max(facts.worst_weight_error, unit.worst_error);
        return facts;
    }

    [[nodiscard]] std::string save() const {
        SimulationState state;
        state.step = step_;
        state.cleared = cleared_;
        state.synaptic_events = facts().synaptic_events;
        std::string slices;
        for (const NeuronBlock& block : blocks_) {
            slices += block.save();
            std::ranges::copy_if(
                block.recent(), std::back_inserter(state.recent), [&](const Spike& spike) {
                    return spike.step + static_cast<std::uint64_t>(laws_.most_delay) >= step_;
                });
        }
        state.populations = join_slices(network_, exchange_->gather(slices));
        state.recent = exchange_->gather(state.recent);
        std::ranges::sort(state.recent, in_order);
        state.recorded = spikes();
        StateWriter records;
        records_.save(records);
        state.records = records.take();
        return exchange_->leads() ? to_bytes(identity(), state) : std::string();
    }

    void restore_from(const StateSource& source) {
        std::string bytes;
        exchange_->together([&] {
            if (exchange_->leads()) bytes = source();
        });
        exchange_->broadcast(0, bytes);
        SimulationState state;
        exchange_->together([&] {
            state = from_bytes(bytes, identity());
            require_fit(state);
        });
        resume(state);
    }

private:
    /// Each thread of a team draws the rows of as many spikes as any other.
    void draw_rows(const std::vector<SpikePacket>& packets, std::uint64_t first) {
        const auto team = static_cast<std::size_t>(omp_get_num_threads());
        const auto thread = static_cast<std::size_t>(omp_get_thread_num());
        std::size_t turn = 0;
        const auto draw = [&](std::uint64_t step, std::span<const std::uint32_t> neurons) {
            for (const std::uint32_t neuron : neurons)
                if (turn++ % team == thread) procedural_->draw(thread, neuron, step);
        };
        procedural_->begin(thread, first);
        each_step(packets, draw);
        for (const RankSpikes& spikes : elsewhere_) each_step(spikes, draw);
    }

    [[nodiscard]] SimulationIdentity identity() const {
        return {context_.seed, options_.step_ms, describe(options_.activity) + describe(network_)};
    }

    void require_fit(const SimulationState& state) const {
        const std::uint64_t neurons = network_.neurons();
        StateReader::require_whole(state.populations.size() == network_.populations.size());
        StateReader::require_whole(state.cleared <= state.step);
        for (const NeuronBlock& block : blocks_) block.require_fit(network_, state);
        ActivityRecords records(network_, options_.activity, options_.step_ms, context_.seed);
        StateReader from(state.records);
        records.restore(state.step - state.cleared, from);
        StateReader::require_whole(from.is_at_end());
        for (const auto* spikes : {&state.recent, &state.recorded})
            for (const Spike& spike : *spikes)
                StateReader::require_whole(spike.neuron < neurons && spike.step < state.step);
    }

    void resume(const SimulationState& state) {
        for (NeuronBlock& block : blocks_) block.resume(state);
        StateReader records(state.records);
        records_.restore(state.step - state.cleared, records);
        for (Delivery& delivery : deliveries_) {
            delivery.clear();
            for (const Spike& spike : state.recent)
                delivery.reschedule(spike.neuron, spike.step, state.step);
        }
        if (!procedural_->is_empty()) resume_rows(state);
        step_ = state.step;
        cleared_ = state.cleared;
        events_before_ = state.synaptic_events;
    }

    /// All by one thread.
    void resume_rows(const SimulationState& state) {
        procedural_->clear();
        for (const Spike& spike : state.recent) procedural_->draw(0, spike.neuron, spike.step);
        for (std::size_t b = 0; b < blocks_.size(); ++b)
            procedural_->visit(b, [&](const std::uint32_t* row, std::uint64_t step) {
                deliveries_[b].reschedule(row, step, state.step);
            });
    }

    void build() {
        for (std::size_t b = 0; b < partition_.own(); ++b) {
            const BlockLayout& layout = partition_.blocks()[partition_.first_own() + b];
            blocks_.emplace_back(layout, network_, laws_, options_, context_.seed);
            blocks_.back().record(layout, records_, plan_);
            deliveries_.emplace_back(layout.slots, network_.neurons(),
                                     static_cast<std::size_t>(laws_.most_delay));
        }
        store_ = build_synapses(network_, laws_, partition_, context_, deliveries_);
        procedural_.emplace(network_, laws_, partition_, context_);
        for (SynapseLaw& law : laws_.projections) law.listed.reset();
    }

    /// What all blocks of all ranks have counted since the last time; for rank 0.
    void collect() {
        std::vector<BinCount> counts;
        std::vector<ChosenSpike> chosen;
        for (NeuronBlock& block : blocks_)
            for (SliceRecords& records : block.records())
                records.hand_over(step_ - cleared_, counts, chosen);
        counts = exchange_->gather(counts);
        chosen = exchange_->gather(chosen);
        records_.take(step_ - cleared_, counts, std::move(chosen));
    }

    /// Over all neurons of a population; on rank 0.
    [[nodiscard]] std::vector<NeuronSums> sums_of(std::size_t population,
                                                  std::uint64_t least_spikes) const {
        std::vector<NeuronSums> sums(records_.replicates());
        for (const NeuronBlock& block : blocks_)
            for (const SliceRecords& records : block.records())
                if (records.population() == population)
                    add_up(records.trains().sums(least_spikes), sums);
        const std::vector<NeuronSums> of_ranks = exchange_->gather(sums);
        sums.assign(sums.size(), {});
        add_up(of_ranks, sums);
        return sums;
    }

    static constexpr std::uint64_t unconnected_interval = 64;  // steps
    static constexpr std::uint64_t calls_every = 100;          // steps

    PopulationNetwork network_;
    SpikingOptions options_;
    Context context_;
    std::shared_ptr<RankExchange> exchange_;
    SynapseLaws laws_;
    Partition partition_;
    std::vector<NeuronBlock> blocks_{};
    std::vector<Delivery> deliveries_{};
    SynapseStore store_{};
    std::optional<ProceduralSynapses> procedural_{};
    SpikeBoard board_;
    std::vector<std::uint32_t> words_{};   ///< to other ranks, in one interval
    std::vector<RankSpikes> elsewhere_{};  ///< from them
    ActivityRecords records_;
    std::shared_ptr<const RecordingPlan> plan_;
    std::uint64_t interval_;  ///< steps
    std::uint64_t step_ = 0, cleared_ = 0, intervals_ = 0;
    std::uint64_t events_before_ = 0;  ///< of the run that was resumed
};

void validate(const PopulationNetwork& network, const SpikingOptions& options) {
    network.validate();
    options.validate();
    constexpr double most_drawn = 1e6;
    const double step_s = options.step_ms * 1e-3;
    const auto check_rate = [&](const Population& population, const char* what, double in_a_step,
                                double most) {
        if (!(in_a_step <= most))
            throw ConfigError("population." + population.name + what + ": " + show(in_a_step) +
                              " spikes are sent in a step of " + show(options.step_ms) +
                              " ms, at most " + show(most) + " may be");
    };
    for (const Population& population : network.populations) {
        if (const auto* source = std::get_if<PoissonSource>(&population.neuron))
            check_rate(population, ".rate_hz", source->rate_hz * step_s, 1.0);
        if (population.poisson)
            check_rate(population, ".drive.poisson",
                       population.poisson->indegree * population.poisson->rate_hz * step_s,
                       most_drawn);
    }
    (void)synapse_laws(network, options);
    (void)RecordingPlan(network, options.recording, options.step_ms);
}

void SpikingOptions::validate() const {
    require(step_ms > 0.0 && std::isfinite(step_ms),
            "step_ms = " + std::to_string(step_ms) + " must be positive");
    require(duration_ms >= 0.0 && std::isfinite(duration_ms),
            "duration_ms = " + std::to_string(duration_ms) + " must be 0 or more");
    activity.validate();
    recording.validate();
    if (!instructions) return;
    const std::vector<InstructionSet> supported = supported_instructions();
    std::string names;
    for (const InstructionSet each : supported) names += " " + std::string(to_string(each));
    require(std::ranges::count(supported, *instructions) > 0,
            "instructions = " + std::string(to_string(*instructions)) +
                " must be what this processor has:" + names);
}

SpikingSimulation::SpikingSimulation(const PopulationNetwork& network,
                                     const SpikingOptions& options, const Context& context) {
    const auto exchange = std::make_shared<RankExchange>(context);
    exchange->together([&] {
        check(estimate_memory(network, options, context), options);
        engine_ = std::make_unique<Engine>(network, options, context, exchange);
    });
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

PotentialSamples SpikingSimulation::take_potentials() {
    return engine_->take_potentials();
}

std::vector<Spike> SpikingSimulation::take_spikes() {
    return engine_->take_spikes();
}

std::vector<PopulationActivity> SpikingSimulation::activity(std::uint64_t least_spikes) const {
    return engine_->activity(least_spikes);
}

PopulationRates SpikingSimulation::rates() const {
    return engine_->rates();
}

double SpikingSimulation::potential_mv(std::uint32_t neuron) const {
    return engine_->potential_mv(neuron);
}

std::string SpikingSimulation::save() const {
    return engine_->save();
}

void SpikingSimulation::restore(const StateSource& source) {
    engine_->restore_from(source);
}

SpikingFacts SpikingSimulation::facts() const {
    return engine_->facts();
}

}  // namespace cortifold
