#include "poisson_counts.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace cortifold {

namespace {

constexpr double most_compared = 8.0;  // a mean: beyond it a table of draws is faster
constexpr double rare = 1.0 / 512.0;
constexpr std::uint32_t sign = 0x80000000;

using Words [[gnu::vector_size(32)]] = std::uint32_t;
using Counts [[gnu::vector_size(32)]] = std::int32_t;
constexpr std::size_t lanes = 8;

/// Smaller by 2^31: processors compare signed numbers.
Counts signed_words(const std::uint32_t* from) {
    Words words;
    std::memcpy(&words, from, sizeof words);
    return reinterpret_cast<Counts>(words ^ sign);
}

}  // namespace

PoissonCounts::PoissonCounts(double mean) : sampler_(poisson_law(mean)) {
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

bool PoissonCounts::compare(const WordGroup& words, WordCounts& counts) const {
    const std::span<const std::int32_t> usual(thresholds_.data(), usual_);
    Counts all_exceeded{};
    for (std::size_t at = 0; at < group_size; at += 2 * lanes) {
        const Counts first = signed_words(words.data() + at);
        const Counts second = signed_words(words.data() + at + lanes);
        Counts first_count{}, second_count{};
        for (const std::int32_t threshold : usual) {
            first_count -= first > threshold;
            second_count -= second > threshold;
        }
        all_exceeded |= (first > usual.back()) | (second > usual.back());
        std::memcpy(counts.data() + at, &first_count, sizeof first_count);
        std::memcpy(counts.data() + at + lanes, &second_count, sizeof second_count);
    }
    std::int32_t any = 0;
    for (std::size_t i = 0; i < lanes; ++i) any |= all_exceeded[i];
    return any != 0;
}

void PoissonCounts::draw(const WordGroup& words, WordCounts& counts) const {
    if (thresholds_.empty()) {
        for (std::size_t i = 0; i < group_size; ++i) counts[i] = sampler_(words[i]);
        return;
    }
    if (!compare(words, counts)) return;
    for (std::size_t i = 0; i < group_size; ++i) {
        auto count = static_cast<std::size_t>(counts[i]);
        if (count < usual_) continue;
        const auto word = static_cast<std::int32_t>(words[i] ^ sign);
        while (count < thresholds_.size() && word > thresholds_[count]) ++count;
        counts[i] = static_cast<std::int32_t>(count);
    }
}

}  // namespace cortifold
