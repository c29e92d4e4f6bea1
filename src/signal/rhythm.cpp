#include <cortifold/core/error.hpp>
#include <cortifold/signal/rhythm.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace cortifold {

namespace {

/// Where cycles begin, in samples.
std::vector<double> cycle_starts(ConstVectorRef samples, double hysteresis) {
    constexpr Eigen::Index tenth = 10;
    const double mean = samples.mean();
    Vector sorted = samples;
    const auto low_tenth = sorted.begin() + samples.size() / tenth;
    std::nth_element(sorted.begin(), low_tenth, sorted.end());
    const double high = hysteresis * std::sqrt((samples.array() - mean).square().mean()),
                 low = hysteresis * (*low_tenth - mean);
    std::vector<double> starts;
    bool was_low = false;
    for (Eigen::Index k = 0; k + 1 < samples.size(); ++k) {
        const double here = samples[k] - mean, next = samples[k + 1] - mean;
        was_low |= here < low;
        if (!was_low || here > high || next <= high) continue;
        starts.push_back(static_cast<double>(k) + (high - here) / (next - here));
        was_low = false;
    }
    return starts;
}

/// On the cubic through the four samples nearest to t: a line would cut off the tops.
double sample_at(ConstVectorRef samples, double t) {
    const Eigen::Index first =
        std::clamp<Eigen::Index>(static_cast<Eigen::Index>(t) - 1, 0, samples.size() - 4);
    const double u = t - static_cast<double>(first);
    const double a = u * (u - 1.0), b = (u - 2.0) * (u - 3.0);
    return samples[first] * (1.0 - u) * b / 6.0 + samples[first + 1] * u * b / 2.0 -
           samples[first + 2] * a * (u - 3.0) / 2.0 + samples[first + 3] * a * (u - 2.0) / 6.0;
}

/// Sums over some cycles.
struct CycleSums {
    double cycles = 0.0, duration = 0.0;
    Vector course;

    [[nodiscard]] double frequency() const { return cycles / duration; }
    [[nodiscard]] double amplitude() const {
        return 0.5 * (course.maxCoeff() - course.minCoeff()) / cycles;
    }
};

double jackknife_error(const Vector& without) {
    const auto blocks = static_cast<double>(without.size());
    return std::sqrt((blocks - 1.0) / blocks * (without.array() - without.mean()).square().sum());
}

}  // namespace

void RhythmOptions::validate() const {
    require(blocks >= 2, "blocks = " + std::to_string(blocks) + " must be at least 2");
    require(phases >= 8, "phases = " + std::to_string(phases) + " must be at least 8");
    require(hysteresis >= 0.0 && std::isfinite(hysteresis), "hysteresis must not be negative");
}

std::optional<Rhythm> find_rhythm(ConstVectorRef samples, double interval,
                                  const RhythmOptions& options) {
    options.validate();
    require(interval > 0.0 && samples.allFinite(), "a rhythm is found in finite samples");
    if (samples.size() < 4) return std::nullopt;
    const std::vector<double> starts = cycle_starts(samples, options.hysteresis);
    const auto blocks = static_cast<std::size_t>(options.blocks);
    if (starts.size() <= blocks) return std::nullopt;
    const std::size_t in_block = (starts.size() - 1) / blocks;
    const auto sum_over = [&](std::size_t first, std::size_t last) {
        CycleSums sums{static_cast<double>(last - first), interval * (starts[last] - starts[first]),
                       Vector::Zero(options.phases)};
        for (std::size_t cycle = first; cycle < last; ++cycle)
            for (Eigen::Index phase = 0; phase < sums.course.size(); ++phase)
                sums.course[phase] += sample_at(
                    samples, starts[cycle] + (starts[cycle + 1] - starts[cycle]) *
                                                 static_cast<double>(phase) / options.phases);
        return sums;
    };
    const CycleSums all = sum_over(0, in_block * blocks);
    Vector frequencies(options.blocks), amplitudes(options.blocks);
    for (std::size_t block = 0; block < blocks; ++block) {
        const CycleSums one = sum_over(block * in_block, (block + 1) * in_block);
        const CycleSums rest{all.cycles - one.cycles, all.duration - one.duration,
                             all.course - one.course};
        frequencies[static_cast<Eigen::Index>(block)] = rest.frequency();
        amplitudes[static_cast<Eigen::Index>(block)] = rest.amplitude();
    }
    return Rhythm{all.frequency(), jackknife_error(frequencies), all.amplitude(),
                  jackknife_error(amplitudes), static_cast<int>(all.cycles)};
}

}  // namespace cortifold
