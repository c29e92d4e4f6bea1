#include "spike_trains.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace cortifold {

namespace {

std::int64_t fixed_point(double value) {
    return std::llround(value * 0x1p32);
}

/// (1 - 4 I J / (I + J)^2) (1 + 4 R / (I + J))
double local_term(double I, double J, double R) {
    const double sum = I + J, difference = I - J;
    return difference * difference / (sum * sum) * (1.0 + 4.0 * R / sum);
}

/// One neuron, with its spikes in all blocks: sums of any of them.
struct Train {
    TrainSums sums{};
    std::uint64_t intervals = 0, pairs = 0;  ///< how many

    /// The spikes of a block, before which there were `earlier`.
    void add(const TrainSums& block, std::uint64_t earlier) {
        sums += block;
        intervals += ending(block, earlier, 1);
        pairs += ending(block, earlier, 2);
    }
    void leave_out(const TrainSums& block, std::uint64_t earlier) {
        sums.spikes -= block.spikes;
        sums.intervals -= block.intervals;
        sums.squares -= block.squares;
        sums.local -= block.local;
        intervals -= ending(block, earlier, 1);
        pairs -= ending(block, earlier, 2);
    }
    void count_in(NeuronSums& into, bool regular) const {
        const std::int64_t spikes = sums.spikes;
        into.spikes += spikes;
        into.squared_spikes += spikes * spikes;
        into.silent += spikes == 0 ? 1 : 0;
        if (regular && intervals >= 2) {
            ++into.cvs;
            into.cv += fixed_point(variation());
        }
        if (regular && pairs >= 1) {
            ++into.lvrs;
            into.lvr += fixed_point(3.0 * sums.local / static_cast<double>(pairs));
        }
    }

private:
    /// How many spikes of the block have `order` spikes before them.
    static std::uint64_t ending(const TrainSums& block, std::uint64_t earlier,
                                std::uint64_t order) {
        const std::uint64_t later = earlier + block.spikes;
        return std::max(later, order) - std::max(earlier, order);
    }
    /// Standard deviation of the sample of intervals over their mean.
    [[nodiscard]] double variation() const {
        const auto n = static_cast<double>(intervals), sum = static_cast<double>(sums.intervals);
        const double spread = n * static_cast<double>(sums.squares) - sum * sum;
        return std::sqrt(std::max(0.0, spread) * n / (n - 1.0)) / sum;
    }
};

}  // namespace

TrainSums& TrainSums::operator+=(const TrainSums& more) {
    spikes += more.spikes;
    intervals += more.intervals;
    squares += more.squares;
    local += more.local;
    return *this;
}

NeuronSums& NeuronSums::operator+=(const NeuronSums& more) {
    spikes += more.spikes;
    squared_spikes += more.squared_spikes;
    silent += more.silent;
    squared_counts += more.squared_counts;
    cvs += more.cvs;
    cv += more.cv;
    lvrs += more.lvrs;
    lvr += more.lvr;
    return *this;
}

SpikeTrains::SpikeTrains(std::uint32_t neurons, const CountingSteps& steps,
                         const TimeBlocks& blocks)
    : steps_(steps), last_(neurons), sums_(neurons, blocks), squared_counts_(1, blocks) {}

void SpikeTrains::add(std::uint64_t step, std::span<const std::uint32_t> neurons,
                      std::uint32_t first) {
    if (neurons.empty()) return;
    const std::span<TrainSums> sums = sums_.at(step);
    const std::uint64_t bin = step / steps_.count_bin;
    std::uint64_t squares = 0;
    for (const std::uint32_t neuron : neurons) {
        Last& last = last_[neuron - first];
        TrainSums& train = sums[neuron - first];
        ++train.spikes;
        const bool is_first = last.count == 0;
        if (!is_first) {
            const auto interval = static_cast<std::uint32_t>(step - last.step);
            train.intervals += interval;
            train.squares += std::uint64_t{interval} * interval;
            if (last.interval > 0)
                train.local += local_term(last.interval, interval, steps_.refractoriness);
            last.interval = interval;
        }
        const bool same_bin = !is_first && last.step / steps_.count_bin == bin;
        last.count = same_bin ? last.count + 1 : 1;
        squares += 2 * std::uint64_t{last.count} - 1;  // of n, after those of n - 1
        last.step = step;
    }
    squared_counts_.at(step)[0] += squares;
}

void SpikeTrains::reach(std::uint64_t elapsed) {
    sums_.reach(elapsed);
    squared_counts_.reach(elapsed);
    elapsed_ = elapsed;
}

std::vector<NeuronSums> SpikeTrains::sums(std::uint64_t least_spikes) const {
    const std::size_t whole = sums_.blocks().whole(elapsed_);
    std::vector<NeuronSums> sums(1 + whole);
    const auto block = [&](std::size_t b, std::size_t i) {
        return b < sums_.size() ? sums_.block(b)[i] : TrainSums{};
    };
    std::vector<std::uint64_t> earlier(whole + 1);
    for (std::size_t i = 0; i < last_.size(); ++i) {
        Train train;
        for (std::size_t b = 0; b < whole; ++b) {
            earlier[b] = train.sums.spikes;
            train.add(block(b, i), earlier[b]);
        }
        const Train of_whole = train;
        for (std::size_t b = whole; b < sums_.size(); ++b)
            train.add(block(b, i), train.sums.spikes);
        const bool regular = train.sums.spikes >= least_spikes;
        train.count_in(sums[0], regular);
        for (std::size_t b = 0; b < whole; ++b) {
            Train rest = of_whole;
            rest.leave_out(block(b, i), earlier[b]);
            rest.count_in(sums[1 + b], regular);
        }
    }
    for (std::size_t b = 0; b < squared_counts_.size(); ++b) {
        const auto squares = static_cast<std::int64_t>(squared_counts_.block(b)[0]);
        for (std::size_t r = 0; r <= whole; ++r)
            if (r == 0 || (b < whole && b != r - 1)) sums[r].squared_counts += squares;
    }
    return sums;
}

void SpikeTrains::clear() {
    last_.assign(last_.size(), {});
    sums_.clear();
    squared_counts_.clear();
    elapsed_ = 0;
}

std::size_t SpikeTrains::state_bytes() const {
    return bytes(sums_.blocks().begun(elapsed_));
}

void SpikeTrains::save(std::size_t i, char* to) const {
    std::memcpy(to, &last_[i], sizeof(Last));
    to += sizeof(Last);
    for (std::size_t b = 0; b < sums_.blocks().begun(elapsed_); ++b, to += sizeof(TrainSums)) {
        const TrainSums sums = b < sums_.size() ? sums_.block(b)[i] : TrainSums{};
        std::memcpy(to, &sums, sizeof sums);
    }
}

void SpikeTrains::restore(std::size_t i, const char* from) {
    std::memcpy(&last_[i], from, sizeof(Last));
    from += sizeof(Last);
    for (std::size_t b = 0; b < sums_.size(); ++b, from += sizeof(TrainSums))
        std::memcpy(&sums_.block(b)[i], from, sizeof(TrainSums));
}

std::vector<std::uint64_t> SpikeTrains::squared_counts() const {
    std::vector<std::uint64_t> squares(squared_counts_.blocks().begun(elapsed_));
    for (std::size_t b = 0; b < std::min(squares.size(), squared_counts_.size()); ++b)
        squares[b] = squared_counts_.block(b)[0];
    return squares;
}

void SpikeTrains::restart(std::uint64_t elapsed, std::span<const std::uint64_t> squared_counts) {
    last_.assign(last_.size(), {});
    sums_.clear();
    sums_.extend(elapsed);
    squared_counts_.clear();
    squared_counts_.extend(elapsed);
    for (std::size_t b = 0; b < squared_counts.size(); ++b)
        squared_counts_.block(b)[0] = squared_counts[b];
    elapsed_ = elapsed;
}

}  // namespace cortifold
