#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace cortifold::test {

/// Pearson's sum of (observed - expected)^2 / expected.
inline double chi_square(const std::vector<double>& observed, const std::vector<double>& expected) {
    double sum = 0.0;
    for (std::size_t k = 0; k < observed.size(); ++k)
        sum += (observed[k] - expected[k]) * (observed[k] - expected[k]) / expected[k];
    return sum;
}

/// What a sum with so many degrees of freedom exceeds once in a million times (Wilson & Hilferty
/// 1931).
inline double chi_square_limit(std::size_t degrees) {
    constexpr double quantile = 4.753;  // of the normal law
    const double f = static_cast<double>(degrees), spread = 2.0 / (9.0 * f);
    return f * std::pow(1.0 - spread + quantile * std::sqrt(spread), 3.0);
}

struct MergedChiSquare {
    double statistic = 0.0;
    std::size_t degrees = 0;
};

/// Neighbouring cells are taken together until each expects at least ten.
inline MergedChiSquare merge_small(const std::vector<double>& observed,
                                   const std::vector<double>& expected) {
    constexpr double least = 10.0;
    std::vector<double> o{0.0}, e{0.0};
    for (std::size_t k = 0; k < observed.size(); ++k) {
        if (e.back() >= least) {
            o.push_back(0.0);
            e.push_back(0.0);
        }
        o.back() += observed[k];
        e.back() += expected[k];
    }
    if (e.back() < least && e.size() > 1) {
        o[o.size() - 2] += o.back();
        e[e.size() - 2] += e.back();
        o.pop_back();
        e.pop_back();
    }
    return {chi_square(o, e), o.size() - 1};
}

}  // namespace cortifold::test
