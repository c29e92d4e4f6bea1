#include "neuron_block.hpp"

#include "state_bytes.hpp"

#include <algorithm>
#include <iterator>

namespace cortifold {

namespace {

const ChunkOperations& operations_for(const SpikingOptions& options) {
    return options.instructions ? chunk_operations(*options.instructions) : widest_operations();
}

}  // namespace

NeuronBlock::NeuronBlock(const BlockLayout& layout, const PopulationNetwork& network,
                         const SynapseLaws& laws, const SpikingOptions& options, std::uint64_t seed)
    : keeps_spikes_(options.record_spikes),
      most_delay_(static_cast<std::uint64_t>(laws.most_delay)) {
    for (const Slice& slice : layout.slices)
        slices_.emplace_back(SliceSetup{slice, network.populations[slice.population],
                                        options.step_ms, laws.units[slice.population].value, seed,
                                        operations_for(options)});
}

void NeuronBlock::record(const BlockLayout& layout, const ActivityRecords& records,
                         std::shared_ptr<const RecordingPlan> plan) {
    for (const Slice& slice : layout.slices) records_.push_back(records.of_slice(slice));
    plan_ = std::move(plan);
}

void NeuronBlock::advance(std::uint64_t first, std::uint64_t count, Delivery& delivery,
                          SpikePacket& packet) {
    forget_before(first);
    packet.begin(first);
    for (std::uint64_t step = first; step < first + count; ++step) {
        const std::size_t begin = packet.neurons.size();
        delivery.deliver(step);
        for (std::size_t k = 0; k < slices_.size(); ++k) {
            const std::size_t of_slice = packet.neurons.size();
            slices_[k].advance(step, delivery.input(), packet.neurons);
            records_[k].add(step - cleared_, std::span(packet.neurons).subspan(of_slice));
        }
        packet.ends.push_back(packet.neurons.size());
        for (std::size_t k = begin; k < packet.neurons.size(); ++k)
            recent_.push_back({step, packet.neurons[k]});
        for (std::size_t k = begin; keeps_spikes_ && k < packet.neurons.size(); ++k)
            if (plan_->has_spikes_of(packet.neurons[k]))
                spikes_.push_back({step, packet.neurons[k]});
        sample(*plan_, step, slices_, potentials_);
    }
}

/// Spikes that have arrived everywhere before this step, now and then.
void NeuronBlock::forget_before(std::uint64_t step) {
    constexpr std::size_t few = 4096;
    if (recent_.size() < most_recent_) return;
    std::erase_if(recent_, [&](const Spike& s) { return s.step + most_delay_ < step; });
    most_recent_ = 2 * recent_.size() + few;
}

void NeuronBlock::clear_records(std::uint64_t step) {
    cleared_ = step;
    spikes_.clear();
    potentials_.clear();
    for (SliceRecords& records : records_) records.clear();
}

void NeuronBlock::take_potentials(std::vector<SampledPotential>& potentials) {
    potentials.insert(potentials.end(), potentials_.begin(), potentials_.end());
    potentials_.clear();
}

bool NeuronBlock::holds(const Spike& spike) const {
    return std::ranges::any_of(slices_, [&](const NeuronSlice& neurons) {
        const Slice& slice = neurons.slice();
        return spike.neuron >= slice.first_global && spike.neuron - slice.first_global < slice.size;
    });
}

void NeuronBlock::resume(const SimulationState& state) {
    const auto is_own = [&](const Spike& spike) { return holds(spike); };
    recent_.clear();
    spikes_.clear();
    potentials_.clear();
    std::ranges::copy_if(state.recent, std::back_inserter(recent_), is_own);
    if (keeps_spikes_) std::ranges::copy_if(state.recorded, std::back_inserter(spikes_), is_own);
    cleared_ = state.cleared;
    for (std::size_t k = 0; k < slices_.size(); ++k) {
        NeuronSlice& neurons = slices_[k];
        SpikeTrains& trains = records_[k].trains();
        const Slice& slice = neurons.slice();
        const PopulationState& population = state.populations[slice.population];
        const bool is_first = slice.first == 0;  // sums over the population stand there
        records_[k].clear();
        trains.restart(state.step - state.cleared, is_first ? std::span(population.squared_counts)
                                                            : std::span<const std::uint64_t>());
        const std::size_t of_neuron = neurons.state_bytes();
        const std::size_t each = of_neuron + trains.state_bytes();
        const char* from = population.neurons.data() + each * slice.first;
        for (std::uint32_t i = 0; i < slice.size; ++i, from += each) {
            neurons.restore(i, from);
            trains.restore(i, from + of_neuron);
        }
        neurons.resume(state.step);
    }
}

std::string NeuronBlock::save() const {
    std::string bytes;
    for (std::size_t k = 0; k < slices_.size(); ++k)
        bytes += to_bytes(slices_[k], records_[k].trains());
    return bytes;
}

void NeuronBlock::require_fit(const PopulationNetwork& network,
                              const SimulationState& state) const {
    for (std::size_t k = 0; k < slices_.size(); ++k) {
        const std::uint32_t p = slices_[k].slice().population;
        const PopulationState& population = state.populations[p];
        const std::size_t blocks = population.squared_counts.size();
        StateReader::require_whole(blocks ==
                                       records_[k].trains().begun(state.step - state.cleared) &&
                                   population.neurons.size() ==
                                       network.populations[p].size *
                                           (slices_[k].state_bytes() + SpikeTrains::bytes(blocks)));
    }
}

}  // namespace cortifold
