#include <cortifold/core/error.hpp>
#include <cortifold/core/rng.hpp>
#include <cortifold/signal/modulation.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace cortifold {

namespace {

constexpr int lags = 10;

/// The phase as its bins and its place on the unit circle, for sums over any shift.
class Phases {
public:
    Phases(ConstVectorRef phase, int bins)
        : bin_(static_cast<std::size_t>(phase.size())),
          cosine_(phase.array().cos()),
          sine_(phase.array().sin()),
          visits_(Vector::Zero(bins)) {
        const double width = 2.0 * std::numbers::pi / bins;
        for (Eigen::Index k = 0; k < phase.size(); ++k) {
            const double turns = (phase[k] + std::numbers::pi) / (2.0 * std::numbers::pi);
            const double place = (turns - std::floor(turns)) * 2.0 * std::numbers::pi / width;
            const auto bin = std::min<Eigen::Index>(bins - 1, static_cast<Eigen::Index>(place));
            bin_[static_cast<std::size_t>(k)] = bin;
            visits_[bin] += 1.0;
        }
    }
    [[nodiscard]] const Vector& visits() const { return visits_; }
    [[nodiscard]] Eigen::Index size() const { return cosine_.size(); }

    struct Sums {
        Vector distribution;             ///< of the mean amplitude over the bins
        std::complex<double> resultant;  ///< mean of amplitude times exp(i phase)
    };
    /// With the amplitude `shift` samples later, around the end.
    [[nodiscard]] Sums with(ConstVectorRef amplitude, Eigen::Index shift) const {
        const Eigen::Index n = size(), before = n - shift;
        Sums sums{Vector::Zero(visits_.size()), 0.0};
        for (Eigen::Index k = 0; k < n; ++k)
            sums.distribution[bin_[static_cast<std::size_t>(k)]] +=
                amplitude[k < before ? k + shift : k - before];
        sums.distribution.array() /= visits_.array();
        sums.distribution /= sums.distribution.sum();
        const auto dot = [&](const Vector& part) {
            return part.head(before).dot(amplitude.tail(before)) +
                   part.tail(shift).dot(amplitude.head(shift));
        };
        sums.resultant = std::complex(dot(cosine_), dot(sine_)) / static_cast<double>(n);
        return sums;
    }
    /// |mean of exp(i (phase(t + lag) - phase(t)))|.
    [[nodiscard]] double persistence(Eigen::Index lag) const {
        const Eigen::Index rest = size() - lag;
        const double cosine =
            cosine_.head(rest).dot(cosine_.tail(rest)) + sine_.head(rest).dot(sine_.tail(rest));
        const double sine =
            cosine_.head(rest).dot(sine_.tail(rest)) - sine_.head(rest).dot(cosine_.tail(rest));
        return std::hypot(cosine, sine) / static_cast<double>(rest);
    }

private:
    std::vector<Eigen::Index> bin_;
    Vector cosine_, sine_, visits_;
};

double index_of(const Vector& distribution) {
    double entropy = 0.0;
    for (const double part : distribution)
        if (part > 0.0) entropy -= part * std::log(part);
    return 1.0 - entropy / std::log(static_cast<double>(distribution.size()));
}

AgainstSurrogates compare(double value, const Vector& surrogates) {
    const double mean = surrogates.mean();
    const auto count = static_cast<double>(surrogates.size());
    const double sd =
        std::sqrt((surrogates.array() - mean).square().sum() / std::max(1.0, count - 1.0));
    const auto reached = static_cast<double>((surrogates.array() >= value).count());
    return {value, sd > 0.0 ? (value - mean) / sd : 0.0, (1.0 + reached) / (1.0 + count)};
}

double mean_persistence(const Phases& phases, double shortest) {
    double sum = 0.0;
    for (int k = 0; k < lags; ++k) {
        const double part = shortest + (0.5 - shortest) * k / (lags - 1);
        sum += phases.persistence(std::llround(part * static_cast<double>(phases.size())));
    }
    return sum / lags;
}

}  // namespace

double modulation_depth(ConstVectorRef envelope) {
    const double mean = envelope.mean();
    const double variance = (envelope.array() - mean).square().mean();
    return std::sqrt(2.0 * variance) / mean;
}

void PhaseAmplitudeOptions::validate() const {
    require(bins >= 3 && bins <= 360, "bins = " + std::to_string(bins) + " must lie in [3, 360]");
    require(surrogates >= 1, "surrogates = " + std::to_string(surrogates) + " must be at least 1");
    require(shortest_shift > 0.0 && shortest_shift < 0.5,
            "shortest_shift = " + std::to_string(shortest_shift) + " must lie between 0 and 0.5");
}

PhaseAmplitudeCoupling phase_amplitude_coupling(ConstVectorRef phase, ConstVectorRef amplitude,
                                                const PhaseAmplitudeOptions& options) {
    options.validate();
    require(phase.size() == amplitude.size(), "phase and amplitude must be as long as one another");
    PhaseAmplitudeCoupling result;
    const Phases phases(phase, options.bins);
    if (!(phases.visits().minCoeff() > 0.0)) {
        result.message = "one of " + std::to_string(options.bins) +
                         " bins of the phase is never visited in " + std::to_string(phase.size()) +
                         " samples";
        return result;
    }
    if (!(amplitude.maxCoeff() > 0.0)) {
        result.message = "the amplitude is zero";
        return result;
    }
    const Phases::Sums found = phases.with(amplitude, 0);
    const CounterRng rng({options.seed, StreamPurpose::surrogates, options.entity});
    Vector indices(options.surrogates), lengths(options.surrogates);
    for (int k = 0; k < options.surrogates; ++k) {
        const double part = options.shortest_shift + (1.0 - 2.0 * options.shortest_shift) *
                                                         rng.uniform(static_cast<std::uint64_t>(k));
        const auto shift = static_cast<Eigen::Index>(part * static_cast<double>(phase.size()));
        const Phases::Sums sums = phases.with(amplitude, shift);
        indices[k] = index_of(sums.distribution);
        lengths[k] = std::abs(sums.resultant);
    }
    result.status = Status::converged;
    result.message = "against " + std::to_string(options.surrogates) + " surrogates";
    result.amplitude_by_phase = found.distribution;
    result.modulation_index = compare(index_of(found.distribution), indices);
    result.mean_vector_length = compare(std::abs(found.resultant), lengths);
    result.preferred_phase = std::arg(found.resultant);
    result.regularity = mean_persistence(phases, options.shortest_shift);
    return result;
}

int count_discoveries(ConstVectorRef p, double false_share) {
    Vector sorted = p;
    std::ranges::sort(sorted);
    for (Eigen::Index count = sorted.size(); count > 0; --count)
        if (sorted[count - 1] * static_cast<double>(sorted.size()) <=
            false_share * static_cast<double>(count))
            return static_cast<int>(count);
    return 0;
}

}  // namespace cortifold
