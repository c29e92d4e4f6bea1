#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace cortifold {

/// Memory for rows of synapses, which stay where they are; pages are taken when they are written.
class SynapseArena {
public:
    [[nodiscard]] std::uint32_t* allocate(std::size_t words);
    [[nodiscard]] std::uint64_t allocated() const { return allocated_; }  ///< words

private:
    struct Free {
        void operator()(std::uint32_t* slab) const;
    };
    std::vector<std::unique_ptr<std::uint32_t, Free>> slabs_{};
    std::uint32_t* next_ = nullptr;
    std::size_t left_ = 0;  ///< words in the last slab
    std::uint64_t allocated_ = 0;
};

}  // namespace cortifold
