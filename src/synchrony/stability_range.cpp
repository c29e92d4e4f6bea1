#include <cortifold/core/error.hpp>
#include <cortifold/synchrony/stability_range.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace cortifold {

namespace {

/// The leading mode at each of several numbers, computed together.
using Leading = std::function<std::vector<Mode>(const Vector&)>;

struct Sample {
    double at = 0.0;
    Mode mode{};
};

/// Around a zero of the growth.
struct Bracket {
    Sample low, high;
    [[nodiscard]] double width() const { return high.at - low.at; }
    [[nodiscard]] const Sample& nearer() const {
        return std::abs(low.mode.growth) < std::abs(high.mode.growth) ? low : high;
    }
    /// By the errors of the growths at both ends over its slope between them.
    [[nodiscard]] double error(double floor) const {
        const double rise = std::abs(high.mode.growth - low.mode.growth);
        const double doubt = std::max(low.mode.error, high.mode.error) + floor;
        return rise > doubt ? width() * doubt / rise : width();
    }
};

std::vector<Sample> sampled(const Leading& leading, const Vector& at) {
    std::vector<Mode> modes = leading(at);
    std::vector<Sample> samples;
    for (std::size_t k = 0; k < modes.size(); ++k)
        if (modes[k].eigenvalues.size() > 0)
            samples.push_back({at[static_cast<Eigen::Index>(k)], std::move(modes[k])});
    return samples;
}

/// The extremum of the parabola through three samples, where it has the other sign than they.
std::optional<double> hidden_extremum(const Sample& a, const Sample& b, const Sample& c) {
    const double fa = a.mode.growth, fb = b.mode.growth, fc = c.mode.growth;
    const bool one_sign = (fa > 0.0) == (fb > 0.0) && (fb > 0.0) == (fc > 0.0);
    const bool towards_zero = std::abs(fb) <= std::min(std::abs(fa), std::abs(fc));
    if (!one_sign || !towards_zero) return std::nullopt;
    const double left = (fb - fa) / (b.at - a.at), right = (fc - fb) / (c.at - b.at);
    const double curvature = (right - left) / (c.at - a.at);
    if (curvature == 0.0) return std::nullopt;
    const double slope = left + curvature * (b.at - a.at), step = -slope / (2.0 * curvature);
    const double extremum = fb - slope * slope / (4.0 * curvature);
    if ((extremum > 0.0) == (fb > 0.0) || b.at + step <= a.at || b.at + step >= c.at)
        return std::nullopt;
    return b.at + step;
}

/// Samples, and where they hint at two zeros between them one more there.
std::vector<Sample> sample_line(const Leading& leading, const LineSearch& search) {
    std::vector<Sample> samples =
        sampled(leading, Vector::LinSpaced(search.samples, search.low, search.high));
    std::vector<double> more;
    for (std::size_t k = 1; k + 1 < samples.size(); ++k)
        if (const auto at = hidden_extremum(samples[k - 1], samples[k], samples[k + 1]))
            more.push_back(*at);
    for (Sample& sample :
         sampled(leading, Eigen::Map<Vector>(more.data(), static_cast<Eigen::Index>(more.size()))))
        samples.push_back(std::move(sample));
    std::ranges::sort(samples, {}, &Sample::at);
    return samples;
}

/// Halves all brackets together, then cuts them at the secant: each round is two calls.
void close_brackets(const Leading& leading, std::vector<Bracket>& brackets) {
    constexpr int most_rounds = 60;
    constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
    const auto closed = [](const Bracket& bracket) {
        const Sample& near = bracket.nearer();
        return std::abs(near.mode.growth) <= near.mode.error ||
               bracket.width() <=
                   rounding * std::max(std::abs(bracket.low.at), std::abs(bracket.high.at));
    };
    const auto cut = [&](const std::vector<Bracket*>& open, const Vector& at) {
        const std::vector<Mode> modes = leading(at);
        for (std::size_t k = 0; k < open.size(); ++k) {
            const double place = at[static_cast<Eigen::Index>(k)];
            if (!(place > open[k]->low.at && place < open[k]->high.at)) continue;
            if (modes[k].eigenvalues.size() == 0) continue;
            const bool low = (modes[k].growth > 0.0) == (open[k]->low.mode.growth > 0.0);
            (low ? open[k]->low : open[k]->high) = {place, modes[k]};
        }
    };
    for (int round = 0; round < most_rounds; ++round) {
        std::vector<Bracket*> open;
        for (Bracket& bracket : brackets)
            if (!closed(bracket)) open.push_back(&bracket);
        if (open.empty()) return;
        Vector at(static_cast<Eigen::Index>(open.size()));
        std::ranges::transform(open, at.begin(), [](const Bracket* bracket) {
            return (bracket->low.at + bracket->high.at) / 2.0;
        });
        cut(open, at);
        std::ranges::transform(open, at.begin(), [](const Bracket* bracket) {
            const double low = bracket->low.mode.growth, high = bracket->high.mode.growth;
            return bracket->low.at - low * bracket->width() / (high - low);
        });
        cut(open, at);
    }
}

std::vector<Bracket> zeros_of(const Leading& leading, const std::vector<Sample>& samples) {
    std::vector<Bracket> brackets;
    for (std::size_t k = 0; k + 1 < samples.size(); ++k)
        if ((samples[k].mode.growth > 0.0) != (samples[k + 1].mode.growth > 0.0))
            brackets.push_back({samples[k], samples[k + 1]});
    close_brackets(leading, brackets);
    return brackets;
}

}  // namespace

void LineSearch::validate() const {
    require(std::isfinite(low) && std::isfinite(high) && low < high,
            "search.low must be below search.high, both finite");
    require(samples >= 3, "search.samples = " + std::to_string(samples) + " must be at least 3");
    require(threads >= 1, "search.threads must be at least 1");
}

std::vector<StabilityBoundary> stability_boundaries(const MasterStability& state,
                                                    const LineSearch& search) {
    search.validate();
    const Leading leading = [&](const Vector& at) {
        return state.at(at.cast<std::complex<double>>(), search.threads);
    };
    std::vector<StabilityBoundary> boundaries;
    for (const Bracket& zero : zeros_of(leading, sample_line(leading, search))) {
        const Sample& at = zero.nearer();
        StabilityBoundary boundary{at.at, zero.error(state.trivial_exponent()), at.mode};
        boundary.transition = state.transition(at.mode);
        boundary.rises = zero.high.mode.growth > 0.0;
        constexpr double same = 1e-6;  // of the range: an MSF crosses zero at the uniform mode
        boundary.of_phase = state.period() > 0.0 && std::abs(at.at - state.uniform_lambda()) <=
                                                        same * (search.high - search.low);
        boundaries.push_back(std::move(boundary));
    }
    return boundaries;
}

std::vector<StableStrengths> stable_strengths(const MasterStability& state,
                                              const ComplexVector& lambdas,
                                              const LineSearch& search) {
    search.validate();
    require(lambdas.size() > 0, "ranges of stable strengths: there are no transverse modes");
    const Eigen::Index count = lambdas.size();
    const Leading leading = [&](const Vector& at) {
        const ComplexVector all =
            (lambdas * at.transpose().cast<std::complex<double>>()).reshaped();
        const std::vector<Mode> modes = state.at(all, search.threads);
        std::vector<Mode> fastest(static_cast<std::size_t>(at.size()));
        for (Eigen::Index k = 0; k < at.size(); ++k) {
            const auto first = modes.begin() + k * count;
            const auto most =
                std::max_element(first, first + count,
                                 [](const Mode& a, const Mode& b) { return a.growth < b.growth; });
            Mode& mode = fastest[static_cast<std::size_t>(k)] = *most;
            mode.index = static_cast<int>(most - first) + 2;
        }
        return fastest;
    };
    const std::vector<Sample> samples = sample_line(leading, search);
    std::vector<StableStrengths> ranges;
    if (samples.empty()) return ranges;
    bool stable = samples.front().mode.growth < 0.0;
    if (stable) ranges.push_back({.low = samples.front().at});
    for (const Bracket& zero : zeros_of(leading, samples)) {
        const Sample& at = zero.nearer();
        const double error = zero.error(state.trivial_exponent());
        if (stable) {
            ranges.back().high = at.at;
            ranges.back().high_error = error;
            ranges.back().high_mode = at.mode;
        } else {
            ranges.push_back({.low = at.at, .low_error = error, .low_mode = at.mode});
        }
        stable = !stable;
    }
    if (stable) ranges.back().high = samples.back().at;
    return ranges;
}

}  // namespace cortifold
