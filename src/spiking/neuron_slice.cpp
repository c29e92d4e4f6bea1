#include "neuron_slice.hpp"

#include "current_waveform.hpp"
#include "neuron_draws.hpp"
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace cortifold {

NeuronSlice::NeuronSlice(const SliceSetup& setup)
    : slice_(setup.slice),
      neurons_(make_group({setup.population, slice_.population, slice_.first, slice_.size,
                           setup.step_ms, setup.seed, setup.operations})),
      receptors_(receptors(setup.population)),
      is_source_(std::holds_alternative<PoissonSource>(setup.population.neuron)),
      drive_key_{setup.seed, purpose_of(SpikingStream::poisson, slice_.population), 0},
      noise_key_{setup.seed, purpose_of(SpikingStream::gaussian, slice_.population), 0},
      step_ms_(setup.step_ms),
      constant_current_(setup.population.current_pa),
      currents_(setup.population.currents),
      gaussian_(setup.population.gaussian),
      operations_(setup.operations),
      drive_weights_(receptors_),
      input_{.unit = setup.weight_unit},
      free_from_((slice_.size + chunk_size - 1) / chunk_size * chunk_size) {
    if (setup.population.poisson) {
        const PoissonDrive& drive = *setup.population.poisson;
        drive_.emplace(drive.indegree * drive.rate_hz * setup.step_ms * 1e-3, operations_);
        set_drive_weights(setup);
    }
    if (is_source_) {  // the kernel compares words, and times
        input_.unit = 1.0;
        drive_weights_.front().of.fill(1.0);
    }
    if (const auto* times = std::get_if<SpikeTimes>(&setup.population.neuron))
        plan(setup, *times->spikes);
    initialize(setup);
}

void NeuronSlice::plan(const SliceSetup& setup, const std::vector<TimedSpike>& spikes) {
    for (const auto& [number, time_ms] : spikes) {
        if (number < slice_.first || number - slice_.first >= slice_.size) continue;
        const long long steps = std::max(1LL, std::llround(time_ms / step_ms_));
        planned_.push_back({static_cast<std::uint64_t>(steps) - 1, number - slice_.first});
    }
    std::ranges::sort(planned_);
    const auto twice = std::ranges::adjacent_find(planned_);
    if (twice != planned_.end())
        throw ConfigError("population." + setup.population.name + ".spikes: neuron " +
                          std::to_string(slice_.first + twice->neuron) +
                          " has two in the step of " + std::to_string(step_ms_) + " ms before " +
                          std::to_string(static_cast<double>(twice->step + 1) * step_ms_) + " ms");
}

void NeuronSlice::send_planned(std::uint64_t step, std::vector<std::uint32_t>& spikes) const {
    for (const PlannedSpike& spike :
         std::ranges::equal_range(planned_, step, {}, &PlannedSpike::step))
        spikes.push_back(slice_.first_global + spike.neuron);
}

void NeuronSlice::initialize(const SliceSetup& setup) {
    for (std::uint32_t i = 0; i < slice_.size; ++i) {
        const std::uint32_t number = slice_.first + i;
        const StreamKey key{
            setup.seed, purpose_of(SpikingStream::initial_potential, slice_.population), number};
        neurons_->set_potential(
            i, draw(setup.population.initial_mv, key, {number, setup.population.size}));
    }
}

/// By their signs at the first or second receptor.
void NeuronSlice::set_drive_weights(const SliceSetup& setup) {
    const Distribution& law = setup.population.poisson->weight;
    has_own_weights_ = law.sd != 0.0;
    if (has_own_weights_) drive_weights_.resize(free_from_.size() / chunk_size * receptors_);
    for (std::uint32_t i = 0; i < (has_own_weights_ ? slice_.size : chunk_size); ++i) {
        const std::uint32_t number = slice_.first + i;
        const StreamKey key{setup.seed, purpose_of(SpikingStream::drive_weight, slice_.population),
                            number};
        const double weight = draw(law, key, {number, setup.population.size});
        const std::uint32_t receptor = weight < 0.0 && receptors_ >= 2 ? 1 : 0;
        drive_weights_[i / chunk_size * receptors_ + receptor].of[i % chunk_size] = weight;
    }
}

double NeuronSlice::current(std::uint64_t step) const {
    double sum = constant_current_;
    const double begin = static_cast<double>(step) * step_ms_;
    for (const CurrentWaveform& current : currents_)
        sum += mean_over(current, begin, begin + step_ms_);
    return sum;
}

/// Noise is constant over a step, so that its integral has the law of white noise.
void NeuronSlice::draw_currents(std::size_t chunk, std::uint64_t step, double same) {
    WordGroup words;
    noise_key_.entity = step;
    operations_.draw_words(noise_key_, slice_.first / chunk_size + chunk, words.data());
    operations_.normal_numbers(words.data(), currents_of_chunk_.of.data());
    const double mean = same + gaussian_->mean;
    const double sd = gaussian_->density / std::sqrt(step_ms_);
    for (double& current : currents_of_chunk_.of) current = mean + sd * current;
}

void NeuronSlice::advance(std::uint64_t step, std::int32_t* input,
                          std::vector<std::uint32_t>& spikes) {
    WordCounts drive{};
    WordGroup words;
    ChunkMarks reached;
    const double same = is_source_ ? (static_cast<double>(step) + 0.5) * step_ms_ : current(step);
    currents_of_chunk_.of.fill(same);
    drive_key_.entity = step;
    input_.current = currents_of_chunk_.of.data();
    input_.drive = drive.data();
    input_.step = step;
    const std::uint64_t first_group = slice_.first / chunk_size;
    for (std::size_t chunk = 0; chunk < free_from_.size() / chunk_size; ++chunk) {
        if (drive_ || is_source_)
            operations_.draw_words(drive_key_, first_group + chunk, words.data());
        if (drive_) drive_->draw(words, drive);
        if (is_source_) std::memcpy(&drive, &words, sizeof drive);
        if (gaussian_) draw_currents(chunk, step, same);
        input_.drive_weights = drive_weights_[has_own_weights_ ? chunk * receptors_ : 0].of.data();
        input_.synaptic = input + slice_.first_slot + chunk * chunk_size * receptors_;
        input_.free_from = &free_from_[chunk * chunk_size];
        if (neurons_->advance(chunk, input_, reached)) send(chunk, reached, step, spikes);
    }
    hold(step);
    send_planned(step, spikes);
}

/// Lanes beyond the last neuron fire, too, lest they drift away, but nobody hears of it.
void NeuronSlice::send(std::size_t chunk, const ChunkMarks& reached, std::uint64_t step,
                       std::vector<std::uint32_t>& spikes) {
    for (std::uint32_t lane = 0; lane < chunk_size; ++lane) {
        const auto i = static_cast<std::uint32_t>(chunk * chunk_size) + lane;
        if (reached.of[lane] == 0 || step < free_from_[i]) continue;
        const std::uint64_t refractory = neurons_->fire(i);
        free_from_[i] = step + 1 + refractory;
        if (refractory > 0) held_.push_back(i);
        if (i >= slice_.size) continue;
        spikes.push_back(slice_.first_global + i);
    }
}

void NeuronSlice::hold(std::uint64_t step) {
    std::erase_if(held_, [&](std::uint32_t i) { return free_from_[i] <= step; });
    for (const std::uint32_t i : held_) neurons_->hold(i);
}

std::size_t NeuronSlice::state_bytes() const {
    return neurons_->state_bytes() + sizeof(std::uint64_t);
}

void NeuronSlice::save(std::uint32_t i, char* to) const {
    neurons_->save(i, to);
    std::memcpy(to + neurons_->state_bytes(), &free_from_[i], sizeof(std::uint64_t));
}

void NeuronSlice::restore(std::uint32_t i, const char* from) {
    neurons_->restore(i, from);
    std::memcpy(&free_from_[i], from + neurons_->state_bytes(), sizeof(std::uint64_t));
}

void NeuronSlice::resume(std::uint64_t step) {
    held_.clear();
    for (std::uint32_t i = 0; i < slice_.size; ++i)
        if (free_from_[i] > step) held_.push_back(i);
}

}  // namespace cortifold
