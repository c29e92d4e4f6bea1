#pragma once

#include <cortifold/core/rng.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace cortifold {

/// What the engine's streams are for: the low byte of a purpose, a population or projection above
/// it. Numbers below 64 are those of StreamPurpose.
enum class SpikingStream : std::uint32_t {
    initial_potential = 64,
    poisson = 65,
    row_size = 66,
    row = 67,
    sources = 68,
    parameter = 80,
    gaussian = 81,
    drive_weight = 82,
    chosen_neurons = 96
};

[[nodiscard]] constexpr StreamPurpose purpose_of(SpikingStream stream, std::size_t index) {
    return StreamPurpose{static_cast<std::uint32_t>(stream) | static_cast<std::uint32_t>(index)
                                                                  << 8};
}

inline constexpr std::size_t group_size = 64;
using WordGroup = std::array<std::uint32_t, group_size>;

/// Of the stream of `key`, as ChunkOperations::draw_words.
void philox_group(const StreamKey& key, std::uint64_t group, WordGroup& words);

/// The words of a stream one after the other.
class WordStream {
public:
    explicit WordStream(const StreamKey& key) : key_(key) {}
    [[nodiscard]] std::uint32_t next() {
        if (at_ == group_size) refill();
        return words_[at_++];
    }
    /// The next words.size() words.
    void fill(std::span<std::uint32_t> words);
    /// Uniform in {0, ..., count - 1}, exactly (Lemire 2019, doi:10.1145/3230636).
    [[nodiscard]] std::uint32_t below(std::uint32_t count) { return below(count, next()); }
    /// The same from a word of this stream; a further one is drawn where the word would favour a
    /// number.
    [[nodiscard]] std::uint32_t below(std::uint32_t count, std::uint32_t word) {
        std::uint64_t product = std::uint64_t{word} * count;
        if (static_cast<std::uint32_t>(product) < count) [[unlikely]] {
            const std::uint32_t biased = (0U - count) % count;
            while (static_cast<std::uint32_t>(product) < biased)
                product = std::uint64_t{next()} * count;
        }
        return static_cast<std::uint32_t>(product >> 32);
    }
    /// In (0, 1), 52 bits.
    [[nodiscard]] double uniform() {
        const std::uint64_t high = next();
        return (static_cast<double>((high << 32 | next()) >> 12) + 0.5) * 0x1p-52;
    }

private:
    void refill() {
        philox_group(key_, group_++, words_);
        at_ = 0;
    }

    StreamKey key_;
    std::uint64_t group_ = 0;
    std::size_t at_ = group_size;
    alignas(64) WordGroup words_;
};

}  // namespace cortifold
