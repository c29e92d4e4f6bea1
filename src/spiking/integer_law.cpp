#include "integer_law.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace cortifold {

namespace {

constexpr double reach = 6.5;  // sd

/// Of a standard normal number between a and b.
double normal_probability(double a, double b) {
    if (a > 0.0) return normal_probability(-b, -a);  // the tail that is accurate
    const double scale = std::numbers::sqrt2 / 2.0;
    return 0.5 * (std::erfc(-b * scale) - std::erfc(-a * scale));
}

void normalize(std::vector<double>& probabilities) {
    const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
    for (double& probability : probabilities) probability /= sum;
}

struct Interval {
    double low, high;
};

/// Of the logarithm of a log-normal number.
double log_sd(const Distribution& d) {
    return std::sqrt(std::log1p(d.sd * d.sd / (d.mean * d.mean)));
}

/// `x` lies as many standard deviations above the mean, in the scale in which the law is normal.
double standard(const Distribution& d, double x) {
    if (d.law != Law::log_normal) return (x - d.mean) / d.sd;
    const double s = log_sd(d), z = std::log(x / d.mean) / s + 0.5 * s;
    return d.mean > 0.0 ? z : -z;
}

Interval drawn(const Distribution& d) {
    double low = d.mean - reach * d.sd, high = d.mean + reach * d.sd;
    if (d.law == Law::log_normal && d.sd > 0.0) {
        const double s = log_sd(d), side = d.mean > 0.0 ? reach : -reach;
        low = d.mean * std::exp(-side * s - 0.5 * s * s);
        high = d.mean * std::exp(side * s - 0.5 * s * s);
    }
    return {std::clamp(low, d.low, d.high), std::clamp(high, d.low, d.high)};
}

}  // namespace

double largest_draw(const Distribution& distribution) {
    const auto [low, high] = drawn(distribution);
    return std::max(std::abs(low), std::abs(high));
}

IntegerLaw rounded_law(const Distribution& distribution, double unit) {
    const auto [low, high] = drawn(distribution);
    IntegerLaw law{std::llround(low / unit), {}};
    if (distribution.sd == 0.0) {
        law.probabilities = {1.0};
        return law;
    }
    const auto z = [&](double x) { return standard(distribution, x); };
    const std::int64_t last = std::llround(high / unit);
    for (std::int64_t k = law.first; k <= last; ++k) {
        const double centre = static_cast<double>(k) * unit;
        const double a = std::clamp(centre - 0.5 * unit, low, high);
        const double b = std::clamp(centre + 0.5 * unit, low, high);
        law.probabilities.push_back(normal_probability(z(a), z(b)));
    }
    if (distribution.outside == Outside::clipped) {
        law.probabilities.front() += normal_probability(-reach, z(low));
        law.probabilities.back() += normal_probability(z(high), reach);
    }
    normalize(law.probabilities);
    return law;
}

IntegerLaw poisson_law(double mean) {
    if (mean <= 0.0) return {0, {1.0}};
    constexpr double tail = 1e-12;
    const auto mode = static_cast<std::int64_t>(mean);
    const auto k = static_cast<double>(mode);
    std::vector<double> below, above{1.0};  // in units of the mode's probability
    for (double p = 1.0, n = k; n > 0.0 && p > tail; --n) below.push_back(p *= n / mean);
    for (double n = k + 1.0; above.back() > tail; ++n) above.push_back(above.back() * mean / n);
    IntegerLaw law{mode - static_cast<std::int64_t>(below.size()), {below.rbegin(), below.rend()}};
    law.probabilities.insert(law.probabilities.end(), above.begin(), above.end());
    normalize(law.probabilities);
    return law;
}

IntegerSampler::IntegerSampler(const IntegerLaw& law)
    : first_(static_cast<std::int32_t>(law.first)) {
    const std::size_t n = law.probabilities.size();
    std::vector<double> height(n);
    std::vector<std::size_t> small, large;
    for (std::size_t k = 0; k < n; ++k) {
        height[k] = law.probabilities[k] * static_cast<double>(n);
        (height[k] < 1.0 ? small : large).push_back(k);
    }
    const auto value = [&](std::size_t k) { return first_ + static_cast<std::int32_t>(k); };
    for (std::size_t k = 0; k < n; ++k) columns_.push_back({0, value(k)});
    while (!small.empty() && !large.empty()) {
        const std::size_t few = small.back(), many = large.back();
        small.pop_back();
        columns_[few].threshold = static_cast<std::uint32_t>(std::max(0.0, height[few]) * 0x1p32);
        columns_[few].other = value(many);
        height[many] -= 1.0 - height[few];
        if (height[many] < 1.0) {
            large.pop_back();
            small.push_back(many);
        }
    }
}

}  // namespace cortifold
