#include "neuron_slice.hpp"

#include "neuron_draws.hpp"

#include <cmath>
#include <limits>

namespace cortifold {

namespace {

using Step = NeuronSlice::Step;

// Plain loops without a branch, for vector instructions. Each says whether a threshold is reached.

bool advance_without_current(const Step& s, const std::int32_t* drive,
                             std::int32_t* __restrict input, double* __restrict U) {
    const double membrane = s.p.membrane, constant = s.constant, unit = s.unit;
    const double weight = s.drive_excitatory, threshold = s.threshold;
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < chunk_size; ++i) {
        const double u = U[i] * membrane + constant + (unit * input[i] + weight * drive[i]);
        input[i] = 0;
        U[i] = u;
        reached |= u >= threshold ? ~std::uint64_t{0} : 0;
    }
    return reached != 0;
}

bool advance_one_current(const Step& s, const std::int32_t* drive, std::int32_t* __restrict input,
                         double* __restrict U, double* __restrict I) {
    const double membrane = s.p.membrane, from = s.p.from_excitatory, decay = s.p.excitatory;
    const double constant = s.constant, unit = s.unit, threshold = s.threshold;
    const double weight = s.drive_excitatory + s.drive_inhibitory;
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < chunk_size; ++i) {
        const double u = U[i] * membrane + I[i] * from + constant;
        I[i] = I[i] * decay + (unit * input[i] + weight * drive[i]);
        input[i] = 0;
        U[i] = u;
        reached |= u >= threshold ? ~std::uint64_t{0} : 0;
    }
    return reached != 0;
}

bool advance_two_currents(const Step& s, const std::int32_t* drive, std::int32_t* __restrict input,
                          double* __restrict U, double* __restrict I_ex, double* __restrict I_in) {
    const LifPropagator p = s.p;
    const double constant = s.constant, unit = s.unit, threshold = s.threshold;
    const double excitatory = s.drive_excitatory, inhibitory = s.drive_inhibitory;
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < chunk_size; ++i) {
        const double u = U[i] * p.membrane + I_ex[i] * p.from_excitatory +
                         I_in[i] * p.from_inhibitory + constant;
        I_ex[i] = I_ex[i] * p.excitatory + (unit * input[i] + excitatory * drive[i]);
        I_in[i] = I_in[i] * p.inhibitory + (unit * input[i + chunk_size] + inhibitory * drive[i]);
        input[i] = 0;
        input[i + chunk_size] = 0;
        U[i] = u;
        reached |= u >= threshold ? ~std::uint64_t{0} : 0;
    }
    return reached != 0;
}

}  // namespace

NeuronSlice::NeuronSlice(const SliceSetup& setup)
    : slice_(setup.slice),
      drive_key_{setup.seed, purpose_of(SpikingStream::poisson, setup.slice.population), 0},
      U_((setup.slice.size + chunk_size - 1) / chunk_size * chunk_size,
         -std::numeric_limits<double>::infinity()),
      free_from_(setup.slice.size),
      trains_(setup.slice.size) {
    const Population& population = setup.population;
    std::visit(
        [&](const auto& neuron) {
            step_.p = propagator(neuron, setup.step_ms);
            step_.threshold = neuron.V_th - neuron.E_L;
            rest_mv_ = neuron.E_L;
            reset_ = neuron.V_reset - neuron.E_L;
            refractory_ = static_cast<std::uint64_t>(std::llround(neuron.t_ref / setup.step_ms));
        },
        population.neuron);
    step_.constant = step_.p.from_current * population.current_pa;
    step_.unit = setup.weight_unit;
    if (std::holds_alternative<LifExp>(population.neuron)) {
        currents_ = receptors(population.neuron) == 1 ? Currents::one : Currents::two;
        I_ex_.resize(U_.size());
        if (currents_ == Currents::two) I_in_.resize(U_.size());
    }
    if (population.poisson) {
        const auto& [indegree, rate_hz, weight] = *population.poisson;
        drive_.emplace(indegree * rate_hz * setup.step_ms * 1e-3);
        const bool inhibitory = weight < 0.0 && currents_ != Currents::none;
        (inhibitory ? step_.drive_inhibitory : step_.drive_excitatory) = weight;
    }
    initialize(population, setup.seed);
}

/// Lanes beyond the last neuron rest at minus infinity: they never reach a threshold.
void NeuronSlice::initialize(const Population& population, std::uint64_t seed) {
    for (std::uint32_t i = 0; i < slice_.size; ++i) {
        const std::uint32_t number = slice_.first + i;
        const StreamKey key{seed, purpose_of(SpikingStream::initial_potential, slice_.population),
                            number};
        U_[i] = draw(population.initial_mv, key, {number, population.size}) - rest_mv_;
    }
}

bool NeuronSlice::advance_chunk(std::size_t chunk, const WordCounts& drive, std::int32_t* input) {
    const std::size_t at = chunk * chunk_size;
    switch (currents_) {
        case Currents::none:
            return advance_without_current(step_, drive.data(), input + at, &U_[at]);
        case Currents::one:
            return advance_one_current(step_, drive.data(), input + at, &U_[at], &I_ex_[at]);
        case Currents::two: break;
    }
    return advance_two_currents(step_, drive.data(), input + 2 * at, &U_[at], &I_ex_[at],
                                &I_in_[at]);
}

void NeuronSlice::advance(std::uint64_t step, std::int32_t* input,
                          std::vector<std::uint32_t>& spikes) {
    WordCounts drive{};
    WordGroup words;
    drive_key_.entity = step;
    const std::uint64_t first_group = slice_.first / chunk_size;
    for (std::size_t chunk = 0; chunk < U_.size() / chunk_size; ++chunk) {
        if (drive_) {
            philox_group(drive_key_, first_group + chunk, words);
            drive_->draw(words, drive);
        }
        if (advance_chunk(chunk, drive, input + slice_.first_slot)) send(chunk, step, spikes);
    }
    hold(step);
}

/// Neurons of a chunk whose threshold is reached and that are not held.
void NeuronSlice::send(std::size_t chunk, std::uint64_t step, std::vector<std::uint32_t>& spikes) {
    const auto first = static_cast<std::uint32_t>(chunk * chunk_size);
    const std::uint32_t last = std::min(first + chunk_size, slice_.size);
    for (std::uint32_t i = first; i < last; ++i) {
        if (!(U_[i] >= step_.threshold) || step < free_from_[i]) continue;
        U_[i] = reset_;
        free_from_[i] = step + 1 + refractory_;
        if (refractory_ > 0) held_.push_back({free_from_[i], i});
        trains_[i].add(step);
        spikes.push_back(slice_.first_global + i);
    }
}

void NeuronSlice::hold(std::uint64_t step) {
    while (!held_.empty() && held_.front().until <= step) held_.pop_front();
    for (const Held& held : held_) U_[held.neuron] = reset_;
}

}  // namespace cortifold
