#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace cortifold {

/// Blocks of time of equal length, as many as `least` and at most twice as many, however long the
/// run becomes: where they do not suffice, two become one. Where `least` is 0, one block that never
/// ends. Times are steps since the records were cleared.
class TimeBlocks {
public:
    /// A block is a power of two times `base` long.
    TimeBlocks(std::uint64_t base, std::uint32_t least)
        : least_(least),
          length_(least > 0 ? base : std::numeric_limits<std::uint64_t>::max() / 2) {}

    [[nodiscard]] std::size_t most() const { return least_ > 0 ? 2 * std::size_t{least_} : 1; }
    [[nodiscard]] std::uint64_t length() const { return length_; }
    [[nodiscard]] bool hold(std::uint64_t elapsed) const { return elapsed <= most() * length_; }
    [[nodiscard]] std::size_t of(std::uint64_t step) const { return step / length_; }
    /// How many have begun, in a state that holds `elapsed`.
    [[nodiscard]] std::size_t begun(std::uint64_t elapsed) const {
        return elapsed > 0 ? of(elapsed - 1) + 1 : 0;
    }
    void double_length() { length_ *= 2; }
    void reach(std::uint64_t elapsed) {
        while (!hold(elapsed)) double_length();
    }
    /// How many are whole, in a state that holds `elapsed`; 0 where they are fewer than `least`.
    [[nodiscard]] std::size_t whole(std::uint64_t elapsed) const {
        const std::size_t complete = elapsed / length_;
        return complete >= least_ ? complete : 0;
    }

private:
    std::uint32_t least_;
    std::uint64_t length_;
};

/// For each block of time, sums: `width` numbers that begin as T{} and are added by +=.
template <class T>
class BlockSums {
public:
    BlockSums(std::size_t width, const TimeBlocks& blocks)
        : first_(blocks), blocks_(blocks), width_(width) {
        sums_.reserve(width * blocks.most());  // no page of it is taken before it is used
    }

    [[nodiscard]] std::span<T> at(std::uint64_t step) {
        reach(step + 1);
        const std::size_t end = (blocks_.of(step) + 1) * width_;
        if (sums_.size() < end) sums_.resize(end);
        return {sums_.data() + end - width_, width_};
    }
    /// Makes room for so many steps.
    void reach(std::uint64_t elapsed) {
        for (; !blocks_.hold(elapsed); blocks_.double_length()) merge();
    }
    [[nodiscard]] const TimeBlocks& blocks() const { return blocks_; }
    /// How many have begun when so many steps are over.
    [[nodiscard]] std::size_t begun(std::uint64_t elapsed) const {
        TimeBlocks blocks = first_;
        blocks.reach(elapsed);
        return blocks.begun(elapsed);
    }
    /// Blocks beyond the last of these have only T{}.
    [[nodiscard]] std::size_t size() const { return width_ > 0 ? sums_.size() / width_ : 0; }
    [[nodiscard]] std::span<const T> block(std::size_t b) const {
        return {sums_.data() + b * width_, width_};
    }
    [[nodiscard]] std::span<T> block(std::size_t b) { return {sums_.data() + b * width_, width_}; }
    void clear() {
        sums_.clear();
        blocks_ = first_;
    }
    /// Has all blocks that have begun when so many steps are over, new ones with T{}.
    void extend(std::uint64_t elapsed) {
        reach(elapsed);
        sums_.resize(std::max(sums_.size(), blocks_.begun(elapsed) * width_));
    }

private:
    void merge() {
        for (std::size_t b = 1; b < size(); ++b)
            for (std::size_t k = 0; k < width_; ++k) {
                T& into = sums_[b / 2 * width_ + k];
                if (b % 2 == 0)
                    into = sums_[b * width_ + k];
                else
                    into += sums_[b * width_ + k];
            }
        sums_.resize((size() + 1) / 2 * width_);
    }

    TimeBlocks first_, blocks_;
    std::size_t width_;
    std::vector<T> sums_{};
};

/// Estimates of one figure: from everything, then from all whole blocks but one.
struct Replicates {
    std::optional<double> all{};
    std::vector<std::optional<double>> without{};
    /// Standard error of `all`; the blocks cover a part `covered` of it. None where a replicate is
    /// missing.
    [[nodiscard]] std::optional<double> error(double covered) const;
};

}  // namespace cortifold
