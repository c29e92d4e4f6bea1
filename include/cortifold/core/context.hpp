#pragma once

#include <cstdint>

namespace cortifold {

/// What a computation may use of the machine, passed explicitly. Results never depend on `threads`,
/// `rank` or `ranks`.
struct Context {
    int threads = 1;
    int rank = 0;
    int ranks = 1;
    std::uint64_t seed = 0;
};

}  // namespace cortifold
