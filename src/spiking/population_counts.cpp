#include "population_counts.hpp"

#include <algorithm>

namespace cortifold {

CountMoments& CountMoments::operator+=(const CountMoments& more) {
    bins += more.bins;
    sum += more.sum;
    squares += more.squares;
    return *this;
}

CountMoments& CountMoments::operator-=(const CountMoments& more) {
    bins -= more.bins;
    sum -= more.sum;
    squares -= more.squares;
    return *this;
}

double CountMoments::deviation() const {
    return squares - sum * sum / bins;
}

void PopulationCounts::add(const BinCount& count) {
    if (counts_.size() <= count.bin) counts_.resize(count.bin + 1);
    counts_[count.bin] += count.spikes;
}

std::vector<std::uint32_t> PopulationCounts::counts(std::uint64_t elapsed) const {
    std::vector<std::uint32_t> whole(elapsed / steps_.rate_bin);
    std::copy_n(counts_.begin(), std::min(whole.size(), counts_.size()), whole.begin());
    return whole;
}

CountMoments PopulationCounts::between(std::uint64_t first_bin, std::uint64_t end_bin) const {
    const std::uint64_t width = steps_.count_bin / steps_.rate_bin;
    CountMoments moments{.bins = static_cast<double>(end_bin - first_bin)};
    for (std::uint64_t bin = first_bin; bin < end_bin && bin * width < counts_.size(); ++bin) {
        double count = 0.0;
        for (std::uint64_t k = bin * width; k < std::min((bin + 1) * width, counts_.size()); ++k)
            count += counts_[k];
        moments.sum += count;
        moments.squares += count * count;
    }
    return moments;
}

CountMoments PopulationCounts::moments_of_all(std::uint64_t elapsed) const {
    return between(0, (elapsed + steps_.count_bin - 1) / steps_.count_bin);
}

std::vector<CountMoments> PopulationCounts::moments(std::uint64_t elapsed, std::size_t whole,
                                                    std::uint64_t length) const {
    std::vector<CountMoments> moments{between(0, elapsed / steps_.count_bin)};
    if (whole == 0) return moments;
    const std::uint64_t bins = length / steps_.count_bin;
    const CountMoments all = between(0, whole * bins);
    for (std::size_t b = 0; b < whole; ++b) {
        moments.push_back(all);
        moments.back() -= between(b * bins, (b + 1) * bins);
    }
    return moments;
}

}  // namespace cortifold
