#include <cortifold/core/error.hpp>
#include <cortifold/signal/maxima.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace cortifold {

namespace {

/// In units of one sample: Fornberg 1988.
Vector slopes_of(ConstVectorRef x) {
    Vector slopes = Vector::Zero(x.size());
    for (Eigen::Index k = 2; k + 2 < x.size(); ++k)
        slopes[k] = (x[k - 2] - x[k + 2] + 8.0 * (x[k + 1] - x[k - 1])) / 12.0;
    return slopes;
}

struct Piece {
    double left, right, left_slope, right_slope;  ///< at u = 0 and u = 1
    /// Where the slope falls through zero, which it does: left_slope > 0 >= right_slope.
    [[nodiscard]] double top() const {
        const double rise = right - left;  // x'(u) = c + b u + a u^2
        const double a = 3.0 * (left_slope + right_slope - 2.0 * rise);
        const double b = 2.0 * (3.0 * rise - 2.0 * left_slope - right_slope), c = left_slope;
        const double root = std::sqrt(std::max(0.0, b * b - 4.0 * a * c));
        return 2.0 * c / (root - b);  // the falling root, also where a vanishes
    }
    [[nodiscard]] double value(double u) const {
        const double rise = right - left;
        const double quadratic = 3.0 * rise - 2.0 * left_slope - right_slope;
        const double cubic = left_slope + right_slope - 2.0 * rise;
        return left + u * (left_slope + u * (quadratic + u * cubic));
    }
};

/// Whether on both sides the signal falls by `height` before it rises above the value.
bool is_prominent(ConstVectorRef x, Eigen::Index at, double value, double height) {
    const auto falls = [&](Eigen::Index from, Eigen::Index direction) {
        for (Eigen::Index k = from; k >= 0 && k < x.size(); k += direction) {
            if (x[k] <= value - height) return true;
            if (x[k] > value) return false;
        }
        return false;
    };
    return falls(at, -1) && falls(at + 1, 1);
}

}  // namespace

void MaximaOptions::validate() const {
    require(step > 0.0, "step = " + std::to_string(step) + " must be positive");
    require(prominence >= 0.0 && prominence < 1.0,
            "prominence = " + std::to_string(prominence) + " must lie in [0, 1)");
}

std::vector<Maximum> local_maxima(ConstVectorRef signal, const MaximaOptions& options) {
    options.validate();
    std::vector<Maximum> maxima;
    const Vector slopes = slopes_of(signal);
    const double height =
        signal.size() > 0 ? options.prominence * (signal.maxCoeff() - signal.minCoeff()) : 0.0;
    for (Eigen::Index k = 2; k + 3 < signal.size(); ++k) {
        if (!(slopes[k] > 0.0 && slopes[k + 1] <= 0.0)) continue;
        const Piece piece{signal[k], signal[k + 1], slopes[k], slopes[k + 1]};
        const double u = piece.top(), value = piece.value(u);
        if (is_prominent(signal, k, value, height))
            maxima.push_back({options.start + (static_cast<double>(k) + u) * options.step, value});
    }
    return maxima;
}

int count_groups(std::span<const double> values, double distance) {
    std::vector<double> sorted(values.begin(), values.end());
    std::ranges::sort(sorted);
    int groups = sorted.empty() ? 0 : 1;
    for (std::size_t k = 1; k < sorted.size(); ++k)
        if (sorted[k] - sorted[k - 1] > distance) ++groups;
    return groups;
}

}  // namespace cortifold
