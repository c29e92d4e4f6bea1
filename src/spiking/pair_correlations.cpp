#include "pair_correlations.hpp"

#include "philox.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cortifold {

namespace {

std::optional<double> mean_of(std::span<const std::optional<double>> values) {
    double sum = 0.0, count = 0.0;
    for (const std::optional<double>& value : values) {
        sum += value.value_or(0.0);
        count += value ? 1.0 : 0.0;
    }
    return count > 0.0 ? std::optional(sum / count) : std::nullopt;
}

std::optional<double> spread_of(std::span<const std::optional<double>> values) {
    const std::optional<double> mean = mean_of(values);
    double squares = 0.0, count = 0.0;
    for (const std::optional<double>& value : values) {
        if (!value) continue;
        squares += (*value - *mean) * (*value - *mean);
        ++count;
    }
    return count > 0.0 ? std::optional(std::sqrt(squares / count)) : std::nullopt;
}

}  // namespace

/// Goes through all numbers once (Fan, Muller & Rezucha 1962, Knuth's algorithm S).
std::vector<std::uint32_t> choose_neurons(std::uint32_t count, std::uint32_t size,
                                          std::uint64_t seed, std::size_t population) {
    WordStream words({seed, purpose_of(SpikingStream::chosen_neurons, population), 0});
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t i = 0; i < size && chosen.size() < count; ++i)
        if (size - i <= count - chosen.size() || words.below(size - i) < count - chosen.size())
            chosen.push_back(i);
    return chosen;
}

PairCorrelations::PairCorrelations(std::uint32_t neurons, std::uint64_t bin_steps,
                                   const TimeBlocks& blocks)
    : neurons_(neurons), bin_steps_(bin_steps), sums_(sums_of(neurons), blocks), counts_(neurons) {}

void PairCorrelations::add(const ChosenSpike& spike) {
    if (spike.step / bin_steps_ != bin_) {
        close_bin();
        bin_ = spike.step / bin_steps_;
    }
    if (counts_[spike.neuron]++ == 0) active_.push_back(spike.neuron);
}

void PairCorrelations::reach(std::uint64_t elapsed) {
    elapsed_ = elapsed;
    if (elapsed / bin_steps_ > bin_) close_bin();
    sums_.reach(elapsed);
}

void PairCorrelations::close_bin() {
    if (active_.empty()) return;
    std::ranges::sort(active_, std::greater{});
    const std::span<std::uint32_t> sums = sums_.at(bin_ * bin_steps_);
    for (std::size_t k = 0; k < active_.size(); ++k) {
        const std::uint32_t i = active_[k];
        sums[i] += counts_[i];
        for (std::size_t l = k; l < active_.size(); ++l)
            sums[product(i, active_[l])] += counts_[i] * counts_[active_[l]];
    }
    for (const std::uint32_t i : active_) counts_[i] = 0;
    active_.clear();
}

void PairCorrelations::clear() {
    sums_.clear();
    counts_.assign(neurons_, 0);
    active_.clear();
    elapsed_ = bin_ = 0;
}

void PairCorrelations::save(StateWriter& to) const {
    to.add(elapsed_);
    to.add(bin_);
    std::vector<std::uint32_t> active = active_;
    std::ranges::sort(active);  // they came in the order of threads
    to.add(counts_);
    to.add(active);
    BlockSums<std::uint32_t> sums = sums_;
    sums.extend(elapsed_);
    for (std::size_t b = 0; b < sums.size(); ++b)
        to.add(std::vector<std::uint32_t>(sums.block(b).begin(), sums.block(b).end()));
}

void PairCorrelations::restore(StateReader& from) {
    elapsed_ = from.number<std::uint64_t>();
    bin_ = from.number<std::uint64_t>();
    counts_ = from.list<std::uint32_t>();
    active_ = from.list<std::uint32_t>();
    const auto is_known = [&](std::uint32_t i) { return i < neurons_; };
    StateReader::require_whole(counts_.size() == neurons_ &&
                               std::ranges::all_of(active_, is_known));
    sums_.clear();
    sums_.extend(elapsed_);
    for (std::size_t b = 0; b < sums_.size(); ++b) {
        const auto sums = from.list<std::uint32_t>();
        StateReader::require_whole(sums.size() == sums_.block(b).size());
        std::ranges::copy(sums, sums_.block(b).begin());
    }
}

std::vector<std::optional<double>> PairCorrelations::correlations(const Moments& moments,
                                                                  double bins) const {
    const auto covariance = [&](std::size_t i, std::size_t j) {
        return bins * static_cast<double>(moments[product(i, j)]) -
               static_cast<double>(moments[i]) * static_cast<double>(moments[j]);
    };
    std::vector<std::optional<double>> values;
    for (std::size_t i = 1; i < neurons_; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const double variances = covariance(i, i) * covariance(j, j);
            values.push_back(variances > 0.0
                                 ? std::optional(covariance(i, j) / std::sqrt(variances))
                                 : std::nullopt);
        }
    return values;
}

PairCorrelations::Summary PairCorrelations::summary() const {
    const TimeBlocks& blocks = sums_.blocks();
    const std::size_t whole = blocks.whole(elapsed_);
    const std::size_t width = sums_of(neurons_);
    Moments all(width), of_whole(width);
    for (std::size_t b = 0; b < sums_.size(); ++b)
        for (std::size_t k = 0; k < width; ++k) {
            all[k] += sums_.block(b)[k];
            if (b < whole) of_whole[k] += sums_.block(b)[k];
        }
    const std::vector<std::optional<double>> values =
        correlations(all, static_cast<double>(elapsed_ / bin_steps_));
    Summary summary{{mean_of(values), {}}, spread_of(values)};
    for (std::size_t b = 0; b < whole; ++b) {
        Moments rest = of_whole;
        for (std::size_t k = 0; b < sums_.size() && k < width; ++k) rest[k] -= sums_.block(b)[k];
        const auto bins = static_cast<double>((whole - 1) * (blocks.length() / bin_steps_));
        summary.mean.without.push_back(mean_of(correlations(rest, bins)));
    }
    return summary;
}

}  // namespace cortifold
