#include "delivery.hpp"

#include <utility>

namespace cortifold {

namespace {

constexpr std::size_t prefetch_distance = 8;  // segments
constexpr std::size_t words_per_line = 16;

void prefetch(const std::uint32_t* cursor) {
    __builtin_prefetch(cursor);
    __builtin_prefetch(cursor + words_per_line);
    __builtin_prefetch(cursor + 2 * words_per_line);
}

}  // namespace

Delivery::Delivery(std::uint32_t slots, std::size_t neurons, std::size_t most_delay)
    : input_(slots), rows_(neurons), calendar_(most_delay + 1) {}

void Delivery::push(std::size_t day, const std::uint32_t* cursor) {
    Cursors& due = calendar_[day];
    if (due.capacity() == 0 && !spare_.empty()) {
        due = std::move(spare_.back());
        spare_.pop_back();
    }
    due.push_back(cursor);
}

void Delivery::schedule(const std::uint32_t* neurons, std::size_t count, std::uint64_t emitted) {
    for (std::size_t k = 0; k < count; ++k)
        if (rows_[neurons[k]] != nullptr) __builtin_prefetch(rows_[neurons[k]]);
    for (std::size_t k = 0; k < count; ++k) {
        const std::uint32_t* row = rows_[neurons[k]];
        if (row != nullptr) schedule(row, emitted);
    }
}

void Delivery::reschedule(std::uint32_t neuron, std::uint64_t emitted, std::uint64_t now) {
    if (rows_[neuron] != nullptr) reschedule(rows_[neuron], emitted, now);
}

void Delivery::reschedule(const std::uint32_t* row, std::uint64_t emitted, std::uint64_t now) {
    const std::uint32_t* segment = row;
    std::uint64_t due = emitted;
    while (due < now) {
        const std::uint32_t wait = *segment >> synapse_row::count_bits;
        if (wait == 0) return;
        segment += 1 + (*segment & synapse_row::most_in_segment);
        due += wait;
    }
    push(day_of(due), segment);
}

void Delivery::clear() {
    for (Cursors& cursors : calendar_) cursors.clear();
    events_ = 0;
}

void Delivery::deliver(std::uint64_t step) {
    const std::size_t today = day_of(step);
    Cursors due = std::exchange(calendar_[today], {});
    std::int32_t* const input = input_.data();
    for (std::size_t k = 0; k < due.size(); ++k) {
        if (k + prefetch_distance < due.size()) prefetch(due[k + prefetch_distance]);
        const std::uint32_t header = *due[k], count = header & synapse_row::most_in_segment;
        const std::uint32_t* synapse = due[k] + 1;
        for (const std::uint32_t* const end = synapse + count; synapse != end; ++synapse)
            input[*synapse & 0xffff] += static_cast<std::int32_t>(*synapse) >> 16;
        events_ += count;
        const std::uint32_t wait = header >> synapse_row::count_bits;
        if (wait == 0) continue;
        const std::size_t day = today + wait;
        push(day < calendar_.size() ? day : day - calendar_.size(), synapse);
    }
    due.clear();
    spare_.push_back(std::move(due));
}

}  // namespace cortifold
