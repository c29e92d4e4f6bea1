#include "poisson_counts.hpp"

#include <algorithm>

namespace cortifold {

namespace {

constexpr double most_compared = 8.0;  // a mean: beyond it a table of draws is faster
constexpr double rare = 1.0 / 512.0;
constexpr std::uint32_t sign = 0x80000000;

}  // namespace

PoissonCounts::PoissonCounts(double mean, const ChunkOperations& operations)
    : operations_(operations), sampler_(poisson_law(mean)) {
    if (mean > most_compared) return;
    const IntegerLaw law = poisson_law(mean);  // from 0 at such means
    double cumulative = 0.0;
    for (const double probability : law.probabilities) {
        cumulative += probability;
        if (1.0 - cumulative > rare) ++usual_;
        const double below = std::min(cumulative * 0x1p32, 0x1p32 - 1.0);
        thresholds_.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(below) ^ sign));
    }
    usual_ = std::min(usual_ + 1, thresholds_.size());
}

void PoissonCounts::draw(const WordGroup& words, WordCounts& counts) const {
    if (thresholds_.empty()) {
        for (std::size_t i = 0; i < group_size; ++i) counts[i] = sampler_(words[i]);
        return;
    }
    if (!operations_.count_exceeded(words.data(), thresholds_.data(), usual_, counts.data()))
        return;
    for (std::size_t i = 0; i < group_size; ++i) {
        auto count = static_cast<std::size_t>(counts[i]);
        if (count < usual_) continue;
        const auto word = static_cast<std::int32_t>(words[i] ^ sign);
        while (count < thresholds_.size() && word > thresholds_[count]) ++count;
        counts[i] = static_cast<std::int32_t>(count);
    }
}

}  // namespace cortifold
