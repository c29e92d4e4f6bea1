#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cortifold {

/// Synapses from one source onto one block are a row of words of 32 bits: segments in order of
/// delay. A segment is a header and synapses, a synapse a slot (low half) and a signed weight (high
/// half). The header holds the number of synapses and the steps until the next segment is due, 0
/// in the last; the first segment of a row is due when the spike is sent and has no synapse.
namespace synapse_row {

inline constexpr std::uint32_t count_bits = 20;
inline constexpr std::uint32_t most_in_segment = (1U << count_bits) - 1;

[[nodiscard]] constexpr std::uint32_t header(std::uint32_t count, std::uint32_t steps_to_next) {
    return count | steps_to_next << count_bits;
}
[[nodiscard]] constexpr std::uint32_t synapse(std::uint16_t slot, std::int32_t weight) {
    return slot | static_cast<std::uint32_t>(weight) << 16;
}

}  // namespace synapse_row

/// Adds up the input of one block of neurons. A spike in flight is a cursor into its row, kept in a
/// calendar under the step in which its next segment is due.
class Delivery {
public:
    /// `most_delay` in steps.
    Delivery(std::uint32_t slots, std::size_t neurons, std::size_t most_delay);
    /// Of each neuron of the network; none where it reaches nothing in this block.
    [[nodiscard]] std::vector<const std::uint32_t*>& rows() { return rows_; }
    /// These neurons sent a spike at the end of step `emitted`.
    void schedule(const std::uint32_t* neurons, std::size_t count, std::uint64_t emitted);
    /// The same long ago: of its synapses those are left that are due in step `now` or later.
    void reschedule(std::uint32_t neuron, std::uint64_t emitted, std::uint64_t now);
    /// Forgets all spikes in flight.
    void clear();
    /// The same for a row that is not among `rows` and stays until its last segment is delivered.
    void schedule(const std::uint32_t* row, std::uint64_t emitted) {
        push(day_of(emitted + (*row >> synapse_row::count_bits)), row + 1);
    }
    void reschedule(const std::uint32_t* row, std::uint64_t emitted, std::uint64_t now);
    /// Adds what is due in this step; steps are delivered one after the other.
    void deliver(std::uint64_t step);
    /// A sum for each slot, to be read and set to zero.
    [[nodiscard]] std::int32_t* input() { return input_.data(); }
    [[nodiscard]] std::uint64_t events() const { return events_; }

private:
    using Cursors = std::vector<const std::uint32_t*>;
    void push(std::size_t day, const std::uint32_t* cursor);
    [[nodiscard]] std::size_t day_of(std::uint64_t step) const { return step % calendar_.size(); }

    std::vector<std::int32_t> input_;
    std::vector<const std::uint32_t*> rows_;
    std::vector<Cursors> calendar_;
    std::vector<Cursors> spare_{};  ///< emptied, with memory that is still in the cache
    std::uint64_t events_ = 0;
};

}  // namespace cortifold
