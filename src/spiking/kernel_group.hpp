#pragma once

#include "neuron_group.hpp"
#include "simd.hpp"

#include <cstring>
#include <type_traits>
#include <vector>

namespace cortifold {

/// What reaches a neuron in one step, V one number or one for each lane.
template <class V>
struct KernelInput {
    V first, second;  ///< weights of the spikes at each receptor
    V current;
    MaskOf<V> held;  ///< whether it is refractory
};

// A neuron is a kernel, written once for V = double and V = DoubleLanes:
//   Model, receptors           its table of parameters, and how many inputs it tells apart
//   State<V>, Coefficients<V>  structs of V and nothing else; of the latter one is `refractory`,
//                              steps for which a neuron is held after a spike
//   coefficients(model, step_ms) -> Coefficients<double>
//   initial(potential, coefficients) -> State<double>, and back: potential(state, coefficients)
//   step(State<V>&, const Coefficients<V>&, const KernelInput<V>&) -> MaskOf<V>
//                              moves a neuron by one step, says whether it sends a spike
//   fire(State<double>&, const Coefficients<double>&)  what a spike does to its sender
//   hold(State<double>&, const Coefficients<double>&)  keeps a refractory neuron where it is held

/// Of structs whose members are all V: lane i of the struct of lanes is a struct of doubles.
template <class One, class Lanes>
struct LaneAccess {
    static constexpr std::size_t members = sizeof(One) / sizeof(double);
    static_assert(sizeof(Lanes) == members * sizeof(DoubleLanes));
    static_assert(std::is_trivially_copyable_v<One> && std::is_trivially_copyable_v<Lanes>);

    static One get(const Lanes& lanes, std::size_t lane) {
        std::array<double, members> own;
        for (std::size_t k = 0; k < members; ++k)
            std::memcpy(&own[k], place(&lanes, k, lane), sizeof(double));
        One one;
        std::memcpy(&one, &own, sizeof one);
        return one;
    }
    static void set(Lanes& lanes, std::size_t lane, const One& one) {
        std::array<double, members> own;
        std::memcpy(&own, &one, sizeof own);
        for (std::size_t k = 0; k < members; ++k)
            std::memcpy(place(&lanes, k, lane), &own[k], sizeof(double));
    }

private:
    /// Byte by byte, which may name any object.
    static auto* place(auto* lanes, std::size_t k, std::size_t lane) {
        using Byte = std::conditional_t<std::is_const_v<std::remove_pointer_t<decltype(lanes)>>,
                                        const std::byte, std::byte>;
        return reinterpret_cast<Byte*>(lanes) + (k * lane_count + lane) * sizeof(double);
    }
};

/// Neurons of one kernel, in lanes. Those beyond the last of a chunk are moved, too.
template <class Kernel>
class KernelGroup final : public NeuronGroup {
    using Model = typename Kernel::Model;
    using State = typename Kernel::template State<double>;
    using States = typename Kernel::template State<DoubleLanes>;
    using Coefficients = typename Kernel::template Coefficients<double>;
    using ManyCoefficients = typename Kernel::template Coefficients<DoubleLanes>;
    using StateLanes = LaneAccess<State, States>;
    using CoefficientLanes = LaneAccess<Coefficients, ManyCoefficients>;

public:
    /// One model for all neurons, or one for each.
    KernelGroup(std::span<const Model> models, std::uint32_t size, double step_ms)
        : states_((size + chunk_size - 1) / chunk_size * lanes_of_chunk),
          coefficients_(models.size() == 1 ? 1 : states_.size()) {
        const std::size_t varied = coefficients_.size() * lane_count;
        for (std::size_t i = 0; i < varied; ++i) {
            const Model& model = models[std::min(i, models.size() - 1)];
            CoefficientLanes::set(coefficients_[i / lane_count], i % lane_count,
                                  Kernel::coefficients(model, step_ms));
        }
        for (std::uint32_t i = 0; i < states_.size() * lane_count; ++i) set_potential(i, 0.0);
    }

    bool advance(std::size_t chunk, const ChunkInput& input, ChunkMask& reached) override {
        const std::size_t begin = chunk * lanes_of_chunk;
        const auto with_current = [&](auto&& coefficients_of) {
            States* const states = &states_[begin];
            if (input.own_current != nullptr)
                return move(states, input, reached, coefficients_of, [&](std::size_t k) {
                    return load(input.own_current + k * lane_count);
                });
            const DoubleLanes same = broadcast<DoubleLanes>(input.current);
            return move(states, input, reached, coefficients_of, [&](std::size_t) { return same; });
        };
        if (coefficients_.size() > 1)
            return with_current([&](std::size_t k) { return coefficients_[begin + k]; });
        const ManyCoefficients shared = coefficients_.front();
        return with_current([&](std::size_t) { return shared; });
    }

    std::uint64_t fire(std::uint32_t neuron) override {
        const Coefficients own = coefficients(neuron);
        change(neuron, [&](State& x) { Kernel::fire(x, own); });
        return static_cast<std::uint64_t>(own.refractory);
    }
    void hold(std::uint32_t neuron) override {
        change(neuron, [&](State& x) { Kernel::hold(x, coefficients(neuron)); });
    }
    double potential(std::uint32_t neuron) const override {
        return Kernel::potential(StateLanes::get(states_[neuron / lane_count], neuron % lane_count),
                                 coefficients(neuron));
    }
    void set_potential(std::uint32_t neuron, double value) override {
        change(neuron, [&](State& x) { x = Kernel::initial(value, coefficients(neuron)); });
    }
    std::size_t state_bytes() const override { return sizeof(State); }
    void save(std::uint32_t neuron, char* to) const override {
        const State x = StateLanes::get(states_[neuron / lane_count], neuron % lane_count);
        std::memcpy(to, &x, sizeof x);
    }
    void restore(std::uint32_t neuron, const char* from) override {
        change(neuron, [&](State& x) { std::memcpy(&x, from, sizeof x); });
    }

private:
    static constexpr std::size_t lanes_of_chunk = chunk_size / lane_count;

    [[nodiscard]] Coefficients coefficients(std::uint32_t neuron) const {
        const std::size_t at = coefficients_.size() == 1 ? 0 : neuron / lane_count;
        return CoefficientLanes::get(coefficients_[at], neuron % lane_count);
    }
    void change(std::uint32_t neuron, auto&& how) {
        States& lanes = states_[neuron / lane_count];
        State x = StateLanes::get(lanes, neuron % lane_count);
        how(x);
        StateLanes::set(lanes, neuron % lane_count, x);
    }

    static bool move(States* __restrict states, const ChunkInput& input, ChunkMask& reached,
                     auto&& coefficients_of, auto&& current_of) {
        const auto spread = [](double x) { return broadcast<DoubleLanes>(x); };
        const DoubleLanes unit = spread(input.unit), drive_first = spread(input.drive_first),
                          drive_second = spread(input.drive_second);
        std::int32_t* __restrict synaptic = input.synaptic;
        LaneMask any_reached{};
        for (std::size_t k = 0; k < lanes_of_chunk; ++k) {
            const std::size_t at = k * lane_count;
            const DoubleLanes drive = to_double(input.drive + at);
            KernelInput<DoubleLanes> in{};
            in.current = current_of(k);
            in.first = unit * to_double(synaptic + at) + drive_first * drive;
            std::memset(synaptic + at, 0, sizeof(IntegerLanes));
            if constexpr (Kernel::receptors == 2) {
                in.second = unit * to_double(synaptic + chunk_size + at) + drive_second * drive;
                std::memset(synaptic + chunk_size + at, 0, sizeof(IntegerLanes));
            }
            in.held = held_lanes(input.free_from + at, input.step);
            States x = states[k];
            const LaneMask sends = Kernel::step(x, coefficients_of(k), in);
            states[k] = x;
            reached.lanes[k] = sends;
            any_reached |= sends;
        }
        return any(any_reached);
    }

    std::vector<States> states_;
    std::vector<ManyCoefficients> coefficients_;  ///< of all neurons, or for each lane
};

}  // namespace cortifold
