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

/// Bins share `total`: halves of them first; each node of the tree of halves has a draw of its own.
struct BinTree {
    const CounterRng& rng;
    const BinRange& range;
    std::vector<std::uint64_t>& counts;

    /// draw(left, right, total, uniform): what the first `left` of `left + right` bins get.
    void split(std::uint64_t node, std::uint32_t low, std::uint32_t high, std::uint64_t total,
               const auto& draw) {
        if (high <= range.first || low >= range.last) return;
        if (high - low == 1) {
            counts[low - range.first] = total;
            return;
        }
        const std::uint32_t middle = low + (high - low) / 2;
        const std::uint64_t left = draw(middle - low, high - middle, total, rng.uniform(node));
        split(2 * node, low, middle, left, draw);
        split(2 * node + 1, middle, high, total - left, draw);
    }
};

std::vector<std::uint64_t> share_out(const CounterRng& rng, std::uint64_t total,
                                     const BinRange& range, const auto& draw) {
    std::vector<std::uint64_t> counts(range.last - range.first);
    BinTree{rng, range, counts}.split(1, 0, range.bins, total, draw);
    return counts;
}

/// The integer at which the sum of probabilities reaches `uniform`, outwards from the mode. `rise`
/// is p(k + 1) / p(k), `fall` p(k - 1) / p(k).
std::uint64_t invert(std::uint64_t mode, double p_mode, double uniform, const auto& rise,
                     const auto& fall) {
    auto up = static_cast<double>(mode), down = up;
    double p_up = p_mode, p_down = p_mode, left = uniform - p_mode;
    while (left > 0.0 && (p_up > 0.0 || p_down > 0.0)) {
        p_up *= rise(up);
        ++up;
        left -= p_up;
        if (left <= 0.0) return static_cast<std::uint64_t>(up);
        p_down *= fall(down);
        --down;
        left -= p_down;
        if (left <= 0.0) return static_cast<std::uint64_t>(down);
    }
    return mode;  // also where rounding leaves the probabilities short of the uniform number
}

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
    return invert(
        mode, binomial_probability(mode, trials, p), uniform,
        [&](double k) { return (n - k) / (k + 1.0) * odds; },
        [&](double k) { return k / ((n - k + 1.0) * odds); });
}

/// Binomial numbers of marked and other balls, given their sum.
std::uint64_t hypergeometric(std::uint64_t marked, std::uint64_t others, std::uint64_t draws,
                             double uniform) {
    if (marked == 0 || draws == 0) return 0;
    if (draws == marked + others) return marked;
    if (others == 0) return draws;
    const auto m = static_cast<double>(marked), o = static_cast<double>(others);
    const auto n = static_cast<double>(draws);
    const auto mode = static_cast<std::uint64_t>((n + 1.0) * (m + 1.0) / (m + o + 2.0));
    const double p = n / (m + o);
    const double p_mode = binomial_probability(mode, marked, p) *
                          binomial_probability(draws - mode, others, p) /
                          binomial_probability(draws, marked + others, p);
    return invert(
        mode, p_mode, uniform,
        [&](double k) { return (m - k) * (n - k) / ((k + 1.0) * (o - n + k + 1.0)); },
        [&](double k) { return k * (o - n + k) / ((m - k + 1.0) * (n - k + 1.0)); });
}

std::vector<std::uint64_t> multinomial(const CounterRng& rng, std::uint64_t total,
                                       const BinRange& range) {
    return share_out(rng, total, range,
                     [](std::uint32_t left, std::uint32_t right, std::uint64_t sum, double u) {
                         return binomial(sum, static_cast<double>(left) / (left + right), u);
                     });
}

std::vector<std::uint64_t> multivariate_hypergeometric(const CounterRng& rng, std::uint64_t total,
                                                       std::uint64_t places,
                                                       const BinRange& range) {
    return share_out(rng, total, range,
                     [&](std::uint32_t left, std::uint32_t right, std::uint64_t sum, double u) {
                         return hypergeometric(left * places, right * places, sum, u);
                     });
}

}  // namespace cortifold
