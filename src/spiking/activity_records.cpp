#include "activity_records.hpp"

#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

constexpr std::uint32_t most_correlated_neurons = 4096;  // memory grows by their square
constexpr std::uint32_t most_blocks = 1024;

void require_width(const std::string& name, double width, double least) {
    require(width > 0.0 && width >= least && std::isfinite(width),
            "activity." + name + " = " + std::to_string(width) +
                (least > 0.0 ? " must be at least that of the bins before, " + std::to_string(least)
                             : " must be positive"));
}

/// The multiple of `unit` next to `width`, at least one.
std::uint64_t multiple(double width, std::uint64_t unit, double step_ms) {
    const double units = std::round(width / (static_cast<double>(unit) * step_ms));
    return unit * static_cast<std::uint64_t>(std::max(1.0, units));
}

/// From everything, then for each whole block of time from the others: figure(0), figure(1), ...
Replicates each_without(std::size_t whole, auto&& figure) {
    Replicates values{figure(0), {}};
    for (std::size_t b = 0; b < whole; ++b) values.without.push_back(figure(1 + b));
    return values;
}

std::optional<double> fixed_point_mean(std::int64_t sum, std::int64_t count) {
    if (count == 0) return std::nullopt;
    return static_cast<double>(sum) * 0x1p-32 / static_cast<double>(count);
}

/// Standard deviation over neurons of the number of spikes.
double spread(const NeuronSums& sums, double neurons) {
    const double mean = static_cast<double>(sums.spikes) / neurons;
    const double variance = static_cast<double>(sums.squared_spikes) / neurons - mean * mean;
    return std::sqrt(std::max(0.0, variance));
}

std::optional<double> fano_factor(const CountMoments& counts) {
    if (counts.bins < 2.0 || counts.sum == 0.0) return std::nullopt;
    return counts.deviation() / (counts.bins - 1.0) / (counts.sum / counts.bins);
}

std::optional<double> synchrony_of(const CountMoments& counts, const NeuronSums& neurons,
                                   double size) {
    const double deviations =
        static_cast<double>(neurons.squared_counts) -
        static_cast<double>(neurons.squared_spikes) / std::max(1.0, counts.bins);
    if (counts.bins < 2.0 || !(deviations > 0.0)) return std::nullopt;
    return counts.deviation() / (size * deviations);
}

}  // namespace

void ActivityOptions::validate() const {
    require_width("rate_bin_ms", rate_bin_ms, 0.0);
    require_width("count_bin_ms", count_bin_ms, rate_bin_ms);
    require_width("correlation_bin_ms", correlation_bin_ms, count_bin_ms);
    require(correlated_neurons <= most_correlated_neurons,
            "activity.correlated_neurons = " + std::to_string(correlated_neurons) +
                " must be at most " + std::to_string(most_correlated_neurons));
    require(
        refractoriness_ms >= 0.0 && std::isfinite(refractoriness_ms),
        "activity.refractoriness_ms = " + std::to_string(refractoriness_ms) + " must be 0 or more");
    require(blocks == 0 || (blocks >= 2 && blocks <= most_blocks),
            "activity.blocks = " + std::to_string(blocks) + " must be 0 or lie in [2, " +
                std::to_string(most_blocks) + "]");
}

Counting counting(const ActivityOptions& options, double step_ms) {
    options.validate();
    CountingSteps steps;
    steps.rate_bin = multiple(options.rate_bin_ms, 1, step_ms);
    steps.count_bin = multiple(options.count_bin_ms, steps.rate_bin, step_ms);
    steps.correlation_bin = multiple(options.correlation_bin_ms, steps.count_bin, step_ms);
    steps.refractoriness = options.refractoriness_ms / step_ms;
    return {steps, TimeBlocks(steps.correlation_bin, options.blocks)};
}

SliceRecords::SliceRecords(const Slice& slice, const Counting& counting,
                           std::span<const std::uint32_t> chosen)
    : slice_(slice),
      rate_bin_(counting.steps.rate_bin),
      trains_(slice.size, counting.steps, counting.blocks),
      is_chosen_(slice.size),
      chosen_neurons_(chosen.begin(), chosen.end()) {
    for (const std::uint32_t neuron : chosen)
        if (neuron >= slice.first && neuron - slice.first < slice.size)
            is_chosen_[neuron - slice.first] = true;
}

void SliceRecords::add(std::uint64_t step, std::span<const std::uint32_t> neurons) {
    if (neurons.empty()) return;
    trains_.add(step, neurons, slice_.first_global);
    const std::uint64_t bin = step / rate_bin_;
    if (counts_.empty() || counts_.back().bin != bin)
        counts_.push_back({bin, slice_.population, 0});
    counts_.back().spikes += static_cast<std::uint32_t>(neurons.size());
    for (const std::uint32_t neuron : neurons) {
        if (!is_chosen_[neuron - slice_.first_global]) continue;
        const auto at =
            std::ranges::lower_bound(chosen_neurons_, neuron - slice_.first_global + slice_.first);
        chosen_.push_back(
            {step, slice_.population, static_cast<std::uint32_t>(at - chosen_neurons_.begin())});
    }
}

void SliceRecords::hand_over(std::uint64_t elapsed, std::vector<BinCount>& counts,
                             std::vector<ChosenSpike>& chosen) {
    counts.insert(counts.end(), counts_.begin(), counts_.end());
    chosen.insert(chosen.end(), chosen_.begin(), chosen_.end());
    counts_.clear();
    chosen_.clear();
    trains_.reach(elapsed);
}

void SliceRecords::clear() {
    trains_.clear();
    counts_.clear();
    chosen_.clear();
}

ActivityRecords::ActivityRecords(const PopulationNetwork& network, const ActivityOptions& options,
                                 double step_ms, std::uint64_t seed)
    : step_ms_(step_ms),
      counting_(cortifold::counting(options, step_ms)),
      blocks_(counting_.blocks) {
    for (const Population& population : network.populations) {
        std::vector<std::uint32_t> chosen =
            choose_neurons(options.correlated_neurons, population.size, seed, populations_.size());
        const auto count = static_cast<std::uint32_t>(chosen.size());
        populations_.push_back(
            {population.name, population.size, std::move(chosen), PopulationCounts(counting_.steps),
             PairCorrelations(count, counting_.steps.correlation_bin, counting_.blocks)});
    }
}

SliceRecords ActivityRecords::of_slice(const Slice& slice) const {
    return {slice, counting_, populations_[slice.population].chosen};
}

void ActivityRecords::take(std::uint64_t elapsed, std::span<const BinCount> counts,
                           std::vector<ChosenSpike> chosen) {
    elapsed_ = elapsed;
    blocks_.reach(elapsed);
    for (const BinCount& count : counts) populations_[count.population].counts.add(count);
    std::ranges::sort(chosen, {}, &ChosenSpike::step);
    for (const ChosenSpike& spike : chosen) populations_[spike.population].pairs.add(spike);
    for (Of& population : populations_) population.pairs.reach(elapsed);
}

void ActivityRecords::clear() {
    elapsed_ = 0;
    blocks_ = counting_.blocks;
    for (Of& population : populations_) {
        population.counts.clear();
        population.pairs.clear();
    }
}

void ActivityRecords::save(StateWriter& to) const {
    for (const Of& population : populations_) {
        population.counts.save(to);
        population.pairs.save(to);
    }
}

void ActivityRecords::restore(std::uint64_t elapsed, StateReader& from) {
    clear();
    elapsed_ = elapsed;
    blocks_.reach(elapsed);
    for (Of& population : populations_) {
        population.counts.restore(from);
        population.pairs.restore(from);
    }
}

PopulationActivity ActivityRecords::activity(std::size_t population,
                                             std::span<const NeuronSums> sums) const {
    const Of& of = populations_[population];
    PopulationActivity activity{.name = of.name,
                                .size = of.size,
                                .spikes = static_cast<std::uint64_t>(sums[0].spikes),
                                .silent = static_cast<std::uint64_t>(sums[0].silent)};
    if (elapsed_ == 0 || of.size == 0) return activity;
    const auto size = static_cast<double>(of.size);
    const std::size_t whole = blocks_.whole(elapsed_);
    const auto length = static_cast<double>(blocks_.length());
    const double in_blocks = whole > 0 ? static_cast<double>(whole) * length : 0.0;
    const double covered = in_blocks / static_cast<double>(elapsed_);
    const auto seconds = [&](std::size_t r) {
        return (r == 0 ? static_cast<double>(elapsed_) : in_blocks - length) * step_ms_ * 1e-3;
    };
    std::vector<CountMoments> moments = of.counts.moments(elapsed_, whole, blocks_.length());
    ActivityErrors& errors = activity.errors;
    activity.blocks = whole;

    const Replicates rate = each_without(whole, [&](std::size_t r) {
        return std::optional(static_cast<double>(sums[r].spikes) / size / seconds(r));
    });
    activity.rate_hz = *rate.all;
    activity.rate_sd_hz = spread(sums[0], size) / seconds(0);
    errors.rate_hz = rate.error(covered);
    const double silent = static_cast<double>(sums[0].silent) / size;
    errors.silent_fraction = std::sqrt(silent * (1.0 - silent) / size);

    const auto estimate = [&](std::optional<double>& value, std::optional<double>& error,
                              auto&& figure) {
        const Replicates from = each_without(whole, figure);
        value = from.all;
        error = from.error(covered);
    };
    estimate(activity.cv_isi, errors.cv_isi,
             [&](std::size_t r) { return fixed_point_mean(sums[r].cv, sums[r].cvs); });
    estimate(activity.lvr, errors.lvr,
             [&](std::size_t r) { return fixed_point_mean(sums[r].lvr, sums[r].lvrs); });
    estimate(activity.fano, errors.fano, [&](std::size_t r) { return fano_factor(moments[r]); });
    moments[0] = of.counts.moments_of_all(elapsed_);
    estimate(activity.synchrony, errors.synchrony,
             [&](std::size_t r) { return synchrony_of(moments[r], sums[r], size); });
    const PairCorrelations::Summary pairs = of.pairs.summary();
    activity.correlation = pairs.mean.all;
    activity.correlation_sd = pairs.sd;
    errors.correlation = pairs.mean.error(covered);
    return activity;
}

PopulationRates ActivityRecords::rates() const {
    const double bin_ms = static_cast<double>(counting_.steps.rate_bin) * step_ms_;
    const auto bins = static_cast<Eigen::Index>(elapsed_ / counting_.steps.rate_bin);
    PopulationRates rates{0.0, bin_ms,
                          Matrix(bins, static_cast<Eigen::Index>(populations_.size()))};
    for (std::size_t p = 0; p < populations_.size(); ++p) {
        const std::vector<std::uint32_t> counts = populations_[p].counts.counts(elapsed_);
        const double unit = populations_[p].size * bin_ms * 1e-3;
        for (Eigen::Index bin = 0; bin < bins; ++bin)
            rates.rates_hz(bin, static_cast<Eigen::Index>(p)) =
                counts[static_cast<std::size_t>(bin)] / unit;
    }
    return rates;
}

}  // namespace cortifold
