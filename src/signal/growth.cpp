#include <cortifold/signal/growth.hpp>

#include <cmath>

namespace cortifold {

namespace {

constexpr double least_ratio = 1e3;  // of the largest to the smallest value
constexpr double above_start =
    10.0;  // the window begins where the signal left its smallest value behind
constexpr double below_saturation = 0.02;  // and ends where it is still small against its largest
constexpr Eigen::Index fewest_samples = 8;

double slope(ConstVectorRef t, ConstVectorRef y) {
    const Vector centred = t.array() - t.mean();
    return centred.dot(y) / centred.squaredNorm();
}

}  // namespace

std::optional<Growth> fit_growth(ConstVectorRef t, ConstVectorRef s) {
    if (s.size() < fewest_samples || !(s.minCoeff() > 0.0) || !s.allFinite()) return std::nullopt;
    Eigen::Index smallest = 0, largest = 0;
    s.minCoeff(&smallest);
    s.maxCoeff(&largest);
    if (s[largest] < least_ratio * s[smallest]) return std::nullopt;

    const bool rises = smallest < largest;
    const double low = above_start * s[smallest], high = below_saturation * s[largest];
    // A fall is left out where it begins, near the largest value, and where it reaches the
    // smallest.
    Eigen::Index first = rises ? smallest : largest;
    while (first < s.size() && (rises ? s[first] < low : s[first] > high)) ++first;
    Eigen::Index last = first;
    while (last < s.size() && (rises ? s[last] < high : s[last] > low)) ++last;
    const Eigen::Index count = last - first, half = count / 2;
    if (count < fewest_samples) return std::nullopt;
    const Vector times = t.segment(first, count), logs = s.segment(first, count).array().log();
    const Growth growth{slope(times, logs),
                        0.5 * std::abs(slope(times.tail(half), logs.tail(half)) -
                                       slope(times.head(half), logs.head(half))),
                        times[0], times[count - 1]};
    if (growth.spread > std::abs(growth.rate)) return std::nullopt;  // not even its sign is known
    return growth;
}

}  // namespace cortifold
