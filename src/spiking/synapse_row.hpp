#pragma once

#include <cstdint>

namespace cortifold {

/// Of a row, which holds all synapses from one source onto one block in words of 32 bits: those of
/// one delay, or some of them, in order of delay. A segment is a header and synapses. A synapse is
/// a slot (low half of a word) and a signed weight (high half), or, where all of a segment have one
/// weight, which then stands in front of them, a slot alone (half a word). The first segment of a
/// row is due when the spike is sent and has no synapse.
struct RowSegment {
    static constexpr std::uint32_t count_bits = 18, most = (1U << count_bits) - 1;
    static constexpr std::uint32_t one_weight = 1U << count_bits, last = 2U << count_bits;
    static constexpr std::uint32_t wait_shift = count_bits + 2;

    std::uint32_t count;  ///< of synapses
    std::uint32_t wait;   ///< steps until the next segment is due, which may be 0
    bool has_one_weight, is_last;
    const std::uint32_t* synapses;  ///< behind the weight, where they have one

    explicit RowSegment(const std::uint32_t* header)
        : count(*header & most),
          wait(*header >> wait_shift),
          has_one_weight((*header & one_weight) != 0),
          is_last((*header & last) != 0),
          synapses(header + (has_one_weight ? 2 : 1)) {}
    [[nodiscard]] std::int32_t weight() const { return static_cast<std::int32_t>(synapses[-1]); }
    [[nodiscard]] const std::uint32_t* next() const {
        return synapses + (has_one_weight ? (count + 1) / 2 : count);
    }
    [[nodiscard]] static constexpr std::uint32_t synapse(std::uint32_t slot, std::int32_t weight) {
        return slot | static_cast<std::uint32_t>(weight) << 16;
    }
    [[nodiscard]] static std::uint32_t slot(std::uint32_t synapse) { return synapse & 0xffff; }
    [[nodiscard]] static std::int32_t weight(std::uint32_t synapse) {
        return static_cast<std::int32_t>(synapse) >> 16;
    }
};

}  // namespace cortifold
