#include "binomial.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

/// ln n! - (ln sqrt(2 pi n) + n ln n - n).
double stirling_error(double n) {
    constexpr double series_from = 16.0;
    if (n >= series_from) {
        const double s = 1.0 / (n * n);
        return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / n;
    }
    double factorial = 1.0;
    for (double k = 2.0; k <= n; ++k) factorial *= k;
    return std::log(factorial) - 0.5 * std::log(2.0 * std::numbers::pi * n) - n * std::log(n) + n;
}

/// x ln(x / m) + m - x.
double deviance(double x, double m) {
    const double d = (x - m) / m;
    if (std::abs(d) > 0.1) return x * std::log(x / m) + m - x;
    // (1 + d) ln(1 + d) - d = sum of (-d)^k / (k (k - 1)) from k = 2
    double sum = 0.0, power = d * d;
    for (int k = 2; k < 20; ++k, power *= -d) sum += power / (k * (k - 1));
    return m * sum;
}

struct Multinomial {
    const CounterRng& rng;
    std::uint32_t first, last;
    std::vector<std::uint64_t>& counts;

    /// Bins [low, high) share `total`; each node of the tree of halves has a draw of its own.
    void split(std::uint64_t node, std::uint32_t low, std::uint32_t high, std::uint64_t total) {
        if (high <= first || low >= last) return;
        if (high - low == 1) {
            counts[low - first] = total;
            return;
        }
        const std::uint32_t middle = low + (high - low) / 2;
        const double share = static_cast<double>(middle - low) / (high - low);
        const std::uint64_t left = binomial(total, share, rng.uniform(node));
        split(2 * node, low, middle, left);
        split(2 * node + 1, middle, high, total - left);
    }
};

}  // namespace

double binomial_probability(std::uint64_t hits, std::uint64_t trials, double p) {
    const auto n = static_cast<double>(trials), k = static_cast<double>(hits), rest = n - k;
    if (hits == 0) return std::exp(n * std::log1p(-p));
    if (hits == trials) return std::exp(n * std::log(p));
    const double log_probability = stirling_error(n) - stirling_error(k) - stirling_error(rest) -
                                   deviance(k, n * p) - deviance(rest, n * (1.0 - p));
    return std::exp(log_probability) * std::sqrt(n / (2.0 * std::numbers::pi * k * rest));
}

std::uint64_t binomial(std::uint64_t trials, double p, double uniform) {
    if (p <= 0.0 || trials == 0) return 0;
    if (p >= 1.0) return trials;
    const auto n = static_cast<double>(trials);
    const auto mode = std::min(trials, static_cast<std::uint64_t>((n + 1.0) * p));
    const double odds = p / (1.0 - p);
    auto up = static_cast<double>(mode), down = up;
    double p_up = binomial_probability(mode, trials, p), p_down = p_up, left = uniform - p_up;
    while (left > 0.0 && (p_up > 0.0 || p_down > 0.0)) {
        p_up *= (n - up) / (up + 1.0) * odds;
        ++up;
        left -= p_up;
        if (left <= 0.0) return static_cast<std::uint64_t>(up);
        p_down *= down / ((n - down + 1.0) * odds);
        --down;
        left -= p_down;
        if (left <= 0.0) return static_cast<std::uint64_t>(down);
    }
    return mode;  // also where rounding leaves the probabilities short of the uniform number
}

std::vector<std::uint64_t> multinomial(const CounterRng& rng, std::uint64_t total,
                                       std::uint32_t bins, std::uint32_t first,
                                       std::uint32_t last) {
    std::vector<std::uint64_t> counts(last - first);
    Multinomial{rng, first, last, counts}.split(1, 0, bins, total);
    return counts;
}

}  // namespace cortifold
