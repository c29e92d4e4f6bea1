#pragma once

#include <cortifold/model/population_network.hpp>

#include <cstdint>
#include <vector>

namespace cortifold {

/// Probabilities of the integers first, first + 1, ...; their sum is 1.
struct IntegerLaw {
    std::int64_t first = 0;
    std::vector<double> probabilities;
    [[nodiscard]] std::int64_t last() const {
        return first + static_cast<std::int64_t>(probabilities.size()) - 1;
    }
};

/// The law of x / unit rounded to the nearest integer, x drawn from the distribution; tails beyond
/// 6.5 sd (1e-10 of all draws) are left out. Cells that a limit cuts have what lies within it.
[[nodiscard]] IntegerLaw rounded_law(const Distribution& distribution, double unit);
/// Of counts; tails below 1e-12 are left out.
[[nodiscard]] IntegerLaw poisson_law(double mean);
/// Largest absolute value of the numbers that are drawn.
[[nodiscard]] double largest_draw(const Distribution& distribution);

/// An integer from one word of 32 bits (Walker 1977, Vose 1991); each probability is met to 2^-32.
class IntegerSampler {
public:
    explicit IntegerSampler(const IntegerLaw& law);
    [[nodiscard]] std::int32_t operator()(std::uint32_t word) const {
        const std::uint64_t product = std::uint64_t{word} * columns_.size();
        const std::uint64_t k = product >> 32;
        const std::int32_t own = first_ + static_cast<std::int32_t>(k), other = columns_[k].other;
        // No branch: nobody can predict it.
        const auto is_own =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(product) < columns_[k].threshold);
        return other + (own - other) * is_own;
    }
    [[nodiscard]] bool is_constant() const { return columns_.size() == 1; }

private:
    struct Column {
        std::uint32_t threshold;
        std::int32_t other;  ///< what is drawn beyond the threshold, below it first_ + k
    };
    std::int32_t first_;
    std::vector<Column> columns_;
};

}  // namespace cortifold
