#pragma once

#include "synapse_row.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cortifold {

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
        const RowSegment first(row);
        push(day_of(emitted + first.wait), first.next());
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
