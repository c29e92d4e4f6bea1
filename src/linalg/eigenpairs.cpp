#include "eigenpairs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace cortifold {

namespace {

using Eigen::Index;

/// Real parts closer than this times the largest part of an eigenvalue count as equal in the order.
constexpr double order_tolerance = 1e-12;
/// Components within this of the largest may carry the phase of an eigenvector: the first does.
constexpr double phase_tolerance = 1e-8;

/// Sorts by decreasing key, then hands each run of keys closer than the tolerance to `inside`.
template <class Key, class Inside>
void sort_runs(std::span<Index> order, double tolerance, const Key& key, const Inside& inside) {
    // Equal keys keep their order, and nothing is allocated: small spectra are sorted at each point
    // of a branch.
    std::ranges::sort(
        order, [&key](Index a, Index b) { return key(a) > key(b) || (key(a) == key(b) && a < b); });
    for (auto first = order.begin(); first != order.end();) {
        auto last = std::adjacent_find(
            first, order.end(), [&](Index a, Index b) { return key(a) - key(b) > tolerance; });
        if (last != order.end()) ++last;
        inside(std::span(first, last));
        first = last;
    }
}

}  // namespace

std::vector<Index> order_of(const ComplexVector& values, Pairs pairs) {
    std::vector<Index> heads(static_cast<std::size_t>(values.size()));
    std::iota(heads.begin(), heads.end(), Index{0});
    if (pairs == Pairs::conjugate)
        std::erase_if(heads, [&](Index k) { return values[k].imag() < 0.0; });
    const double tolerance = values.size()
                                 ? order_tolerance * std::max(values.real().cwiseAbs().maxCoeff(),
                                                              values.imag().cwiseAbs().maxCoeff())
                                 : 0.0;
    const auto real = [&](Index k) { return values[k].real(); };
    const auto imag = [&](Index k) { return values[k].imag(); };
    const auto height = [&](Index k) { return std::abs(imag(k)); };
    sort_runs(heads, tolerance, real, [&](std::span<Index> same_real) {
        sort_runs(same_real, tolerance, height, [&](std::span<Index> same_height) {
            std::ranges::sort(same_height, std::greater{}, imag);
        });
    });
    if (pairs == Pairs::none) return heads;
    std::vector<Index> order;
    for (const Index k : heads) {
        order.push_back(k);
        if (values[k].imag() > 0.0) order.push_back(k + 1);
    }
    return order;
}

std::vector<Index> highest_ranked(const ComplexVector& values, Index count,
                                  const std::function<double(std::complex<double>)>& rank) {
    std::vector<Index> heads;
    for (Index k = 0; k < values.size(); ++k)
        if (values[k].imag() >= 0.0) heads.push_back(k);
    std::ranges::stable_sort(heads, std::greater{}, [&](Index k) { return rank(values[k]); });
    std::vector<Index> chosen;
    for (const Index k : heads) {
        if (static_cast<Index>(chosen.size()) >= count) break;
        chosen.push_back(k);
        if (values[k].imag() > 0.0) chosen.push_back(k + 1);
    }
    std::ranges::sort(chosen);
    return chosen;
}

void normalize_columns(ComplexMatrix& vectors) {
    for (auto v : vectors.colwise()) {
        const double largest = v.cwiseAbs().maxCoeff();
        Index k = 0;
        while (std::abs(v[k]) < (1.0 - phase_tolerance) * largest) ++k;
        v *= std::abs(v[k]) / v[k] / v.norm();
        v[k] = std::abs(v[k]);
    }
}

}  // namespace cortifold
