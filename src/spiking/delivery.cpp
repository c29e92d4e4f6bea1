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

/// Says how many synapses there are.
std::uint32_t add(const RowSegment& segment, std::int32_t* input) {
    const std::uint32_t* synapse = segment.synapses;
    if (!segment.has_one_weight) {
        for (const std::uint32_t* const end = synapse + segment.count; synapse != end; ++synapse)
            input[RowSegment::slot(*synapse)] += RowSegment::weight(*synapse);
        return segment.count;
    }
    const std::int32_t weight = segment.weight();
    for (const std::uint32_t* const end = synapse + segment.count / 2; synapse != end; ++synapse) {
        input[*synapse & 0xffff] += weight;
        input[*synapse >> 16] += weight;
    }
    if (segment.count % 2 != 0) input[*synapse & 0xffff] += weight;
    return segment.count;
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
    RowSegment segment(row);
    std::uint64_t due = emitted + segment.wait;
    for (; due < now; due += segment.wait) {
        segment = RowSegment(segment.next());
        if (segment.is_last) return;
    }
    push(day_of(due), segment.next());
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
        RowSegment segment(due[k]);
        events_ += add(segment, input);
        while (segment.wait == 0 && !segment.is_last) {
            segment = RowSegment(segment.next());
            events_ += add(segment, input);
        }
        if (segment.is_last) continue;
        const std::size_t day = today + segment.wait;
        push(day < calendar_.size() ? day : day - calendar_.size(), segment.next());
    }
    due.clear();
    spare_.push_back(std::move(due));
}

}  // namespace cortifold
