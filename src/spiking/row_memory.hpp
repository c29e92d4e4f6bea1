#pragma once

#include "synapse_arena.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cortifold {

/// Where rows of synapses are put down.
class RowMemory {
public:
    virtual ~RowMemory() = default;
    [[nodiscard]] virtual std::uint32_t* allocate(std::size_t block, std::size_t words) = 0;
};

/// For rows that stay: an arena for each block.
class StoredRows final : public RowMemory {
public:
    explicit StoredRows(std::span<SynapseArena> arenas) : arenas_(arenas) {}
    std::uint32_t* allocate(std::size_t block, std::size_t words) override {
        return arenas_[block].allocate(words);
    }

private:
    std::span<SynapseArena> arenas_;
};

/// For rows that go: one piece of memory, which may move when room is made.
class PassingRows final : public RowMemory {
public:
    void make_room(std::size_t words) {
        if (words_.size() < end_ + words) words_.resize(end_ + words);
    }
    std::uint32_t* allocate(std::size_t, std::size_t words) override {
        return words_.data() + (end_ += words) - words;
    }
    [[nodiscard]] const std::uint32_t* data() const { return words_.data(); }
    void clear() { end_ = 0; }

private:
    std::vector<std::uint32_t> words_{};
    std::size_t end_ = 0;
};

}  // namespace cortifold
