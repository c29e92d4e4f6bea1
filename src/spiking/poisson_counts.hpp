#pragma once

#include "chunk_operations.hpp"
#include "integer_law.hpp"
#include "philox.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace cortifold {

using WordCounts = std::array<std::int32_t, group_size>;

/// Poisson counts, one from each word of 32 bits.
class PoissonCounts {
public:
    explicit PoissonCounts(double mean, const ChunkOperations& operations = widest_operations());
    void draw(const WordGroup& words, WordCounts& counts) const;

private:
    const ChunkOperations& operations_;
    IntegerSampler sampler_;  ///< for means too large for a comparison with each threshold
    /// A count is the number of thresholds that its word, as a signed number, exceeds.
    std::vector<std::int32_t> thresholds_{};
    std::size_t usual_ = 0;  ///< so many thresholds are rarely all exceeded
};

}  // namespace cortifold
