#include "synapse_arena.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <new>
#include <utility>

namespace cortifold {

namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;  // bytes
constexpr std::size_t slab_words = std::size_t{1} << 23;

}  // namespace

void SynapseArena::Free::operator()(std::uint32_t* slab) const {
    ::operator delete (slab, std::align_val_t{huge_page});
}

std::uint32_t* SynapseArena::allocate(std::size_t words) {
    if (words > left_) {
        left_ = std::max(words, slab_words);
        const std::size_t bytes = left_ * sizeof(std::uint32_t);
        next_ = static_cast<std::uint32_t*>(::operator new (bytes, std::align_val_t{huge_page}));
        slabs_.emplace_back(next_);
#ifdef __linux__
        madvise(next_, bytes, MADV_HUGEPAGE);  // rows are read in random order: fewer TLB misses
#endif
    }
    left_ -= words;
    allocated_ += words;
    return std::exchange(next_, next_ + words);
}

}  // namespace cortifold
