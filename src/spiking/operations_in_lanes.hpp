#pragma once

#include "chunk_operations.hpp"
#include "neuron_kernels.hpp"
#include "normal_draws.hpp"
#include "philox_lanes.hpp"

#include <utility>

namespace cortifold {

/// A struct of nothing but V from numbers that stand chunk_size apart, and back.
template <class Members, class V>
struct MemberAccess {
    static constexpr std::size_t count = sizeof(Members) / sizeof(V);
    static_assert(sizeof(Members) == count * sizeof(V));

    static Members load(const double* from) {
        Members members;
        V* const each = reinterpret_cast<V*>(&members);
        [&]<std::size_t... k>(std::index_sequence<k...>) {
            ((each[k] = cortifold::load<V>(from + k * chunk_size)), ...);
        }
        (std::make_index_sequence<count>{});
        return members;
    }
    static void store(const Members& members, double* to) {
        const V* const each = reinterpret_cast<const V*>(&members);
        [&]<std::size_t... k>(std::index_sequence<k...>) {
            (std::memcpy(to + k * chunk_size, &each[k], sizeof(V)), ...);
        }
        (std::make_index_sequence<count>{});
    }
};

/// Takes the sum for one receptor and sets it to zero.
template <class V>
V take_input(const ChunkInput& input, V drive, std::size_t at) {
    const V weight = load<V>(input.drive_weights + at);
    const V sum = broadcast<V>(input.unit) * to_double<V>(input.synaptic + at) + weight * drive;
    std::memset(input.synaptic + at, 0, sizeof(IntegersOf<V>));
    return sum;
}

template <class Kernel, class V>
bool advance_chunk(const ChunkMemory& memory, const ChunkInput& input, std::int64_t* reached) {
    using State = MemberAccess<typename Kernel::template State<V>, V>;
    using Coefficients = MemberAccess<typename Kernel::template Coefficients<V>, V>;
    const auto move = [&](auto&& coefficients_of) {
        MaskOf<V> any_reached{};
        for (std::size_t at = 0; at < chunk_size; at += lanes_of<V>) {
            const V drive = to_double<V>(input.drive + at);
            KernelInput<V> in{};
            in.current = load<V>(input.current + at);
            in.first = take_input(input, drive, at);
            if constexpr (Kernel::receptors >= 2)
                in.second = take_input(input, drive, chunk_size + at);
            if constexpr (Kernel::receptors >= 3)
                in.third = take_input(input, drive, 2 * chunk_size + at);
            in.held = held_lanes<V>(input.free_from + at, input.step);
            auto x = State::load(memory.states + at);
            const MaskOf<V> sends = Kernel::step(x, coefficients_of(at), in);
            State::store(x, memory.states + at);
            store_marks<V>(sends, reached + at);
            any_reached = any_reached | sends;
        }
        return any(any_reached);
    };
    if (!memory.all_have_the_first)
        return move([&](std::size_t at) { return Coefficients::load(memory.coefficients + at); });
    const auto shared = Coefficients::load(memory.coefficients);
    return move([&](std::size_t) { return shared; });
}

/// As ChunkOperations::count_exceeded, two registers at a time. Processors compare signed numbers:
/// words are made smaller by 2^31.
template <class Integers>
bool count_exceeded(const std::uint32_t* words, const std::int32_t* thresholds, std::size_t count,
                    std::int32_t* counts) {
    constexpr std::size_t lanes = sizeof(Integers) / sizeof(std::int32_t);
    Integers all_exceeded{};
    for (std::size_t at = 0; at < chunk_size; at += 2 * lanes) {
        Integers first, second, first_count{}, second_count{};
        std::memcpy(&first, words + at, sizeof first);
        std::memcpy(&second, words + at + lanes, sizeof second);
        first ^= INT32_MIN;
        second ^= INT32_MIN;
        for (std::size_t k = 0; k < count; ++k) {
            first_count -= bits_where<Integers>(first > thresholds[k]);
            second_count -= bits_where<Integers>(second > thresholds[k]);
        }
        all_exceeded |= bits_where<Integers>(first > thresholds[count - 1]) |
                        bits_where<Integers>(second > thresholds[count - 1]);
        std::memcpy(counts + at, &first_count, sizeof first_count);
        std::memcpy(counts + at + lanes, &second_count, sizeof second_count);
    }
    return any(all_exceeded);
}

template <class V>
void normal_numbers(const std::uint32_t* words, double* numbers) {
    for (std::size_t at = 0; at < chunk_size; at += lanes_of<V>) {
        const V q = (to_double<V>(words + at) + 0.5) * 0x1p-32;
        const V x = normal_quantile<V>(q);
        std::memcpy(numbers + at, &x, sizeof x);
    }
}

template <class V, class List>
inline constexpr AdvanceChunk* const* advance_each = nullptr;
template <class V, class... Kernels>
inline constexpr AdvanceChunk* advances[]{&advance_chunk<Kernels, V>...};
template <class V, class... Kernels>
inline constexpr AdvanceChunk* const* advance_each<V, KernelList<Kernels...>> =
    advances<V, Kernels...>;

/// For registers of so many numbers, and for these counters.
template <std::size_t lanes, class Counters>
constexpr ChunkOperations operations_in_lanes() {
    using V = typename RegisterOf<lanes>::Doubles;
    return {.advance = advance_each<V, NeuronKernels>,
            .draw_words = draw_words<Counters>,
            .count_exceeded = count_exceeded<typename RegisterOf<Counters::lanes>::Integers>,
            .normal_numbers = normal_numbers<V>};
}

}  // namespace cortifold
