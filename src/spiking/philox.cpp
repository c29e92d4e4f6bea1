#include "philox.hpp"

#include "chunk_operations.hpp"

#include <algorithm>

namespace cortifold {

void philox_group(const StreamKey& key, std::uint64_t group, WordGroup& words) {
    widest_operations().draw_words(key, group, words.data());
}

void WordStream::fill(std::span<std::uint32_t> words) {
    while (!words.empty()) {
        if (at_ == group_size) refill();
        const std::size_t count = std::min(words.size(), group_size - at_);
        std::copy_n(words_.begin() + static_cast<std::ptrdiff_t>(at_), count, words.begin());
        at_ += count;
        words = words.subspan(count);
    }
}

}  // namespace cortifold
