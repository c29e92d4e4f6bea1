#pragma once

#include "neuron_group.hpp"
#include "neuron_kernels.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace cortifold {

/// Structs of nothing but doubles, of each neuron: member k of those of a chunk stand together.
template <class Members>
class MemberColumns {
    static constexpr std::size_t count = sizeof(Members) / sizeof(double);
    using Numbers = std::array<double, count>;
    static_assert(std::is_trivially_copyable_v<Members>);

public:
    explicit MemberColumns(std::size_t chunks) : columns_(chunks * count) {}
    [[nodiscard]] std::size_t size() const { return columns_.size() / count * chunk_size; }
    [[nodiscard]] double* chunk(std::size_t chunk) { return columns_[chunk * count].of.data(); }
    [[nodiscard]] Members get(std::size_t neuron) const {
        Numbers numbers;
        for (std::size_t k = 0; k < count; ++k)
            numbers[k] = columns_[neuron / chunk_size * count + k].of[neuron % chunk_size];
        return std::bit_cast<Members>(numbers);
    }
    void set(std::size_t neuron, const Members& members) {
        const auto numbers = std::bit_cast<Numbers>(members);
        for (std::size_t k = 0; k < count; ++k)
            columns_[neuron / chunk_size * count + k].of[neuron % chunk_size] = numbers[k];
    }

private:
    std::vector<ChunkNumbers> columns_;
};

/// Neurons of one kernel. Those beyond the last of a chunk are moved, too.
template <class Kernel>
class KernelGroup final : public NeuronGroup {
    using Model = typename Kernel::Model;
    using State = typename Kernel::template State<double>;
    using Coefficients = typename Kernel::template Coefficients<double>;

public:
    /// One model for all neurons, or one for each.
    KernelGroup(std::span<const Model> models, const GroupSetup& setup)
        : advance_(setup.operations.advance[kernel_number<Kernel>]),
          states_((setup.size + chunk_size - 1) / chunk_size),
          coefficients_(models.size() == 1 ? 1 : states_.size() / chunk_size),
          all_are_alike_(models.size() == 1) {
        for (std::size_t i = 0; i < coefficients_.size(); ++i)
            coefficients_.set(
                i, Kernel::coefficients(models[std::min(i, models.size() - 1)], setup.step_ms));
        for (std::uint32_t i = 0; i < states_.size(); ++i) set_potential(i, 0.0);
    }

    bool advance(std::size_t chunk, const ChunkInput& input, ChunkMarks& reached) override {
        return advance_({.states = states_.chunk(chunk),
                         .coefficients = coefficients_.chunk(all_are_alike_ ? 0 : chunk),
                         .all_have_the_first = all_are_alike_},
                        input, reached.of.data());
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
        return Kernel::potential(states_.get(neuron), coefficients(neuron));
    }
    void set_potential(std::uint32_t neuron, double value) override {
        states_.set(neuron, Kernel::initial(value, coefficients(neuron)));
    }
    std::size_t state_bytes() const override { return sizeof(State); }
    void save(std::uint32_t neuron, char* to) const override {
        const State x = states_.get(neuron);
        std::memcpy(to, &x, sizeof x);
    }
    void restore(std::uint32_t neuron, const char* from) override {
        change(neuron, [&](State& x) { std::memcpy(&x, from, sizeof x); });
    }

private:
    [[nodiscard]] Coefficients coefficients(std::uint32_t neuron) const {
        return coefficients_.get(all_are_alike_ ? 0 : neuron);
    }
    void change(std::uint32_t neuron, auto&& how) {
        State x = states_.get(neuron);
        how(x);
        states_.set(neuron, x);
    }

    AdvanceChunk* advance_;
    MemberColumns<State> states_;
    MemberColumns<Coefficients> coefficients_;
    bool all_are_alike_;
};

}  // namespace cortifold
