#include "fast_fourier.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/analytic_signal.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace cortifold {

namespace {

constexpr double flank_share = 0.25;  // of the band

struct Flanks {
    double low, high;  // widths
};

Flanks flanks_of(const Band& band, double nyquist) {
    const double width = flank_share * (band.high - band.low);
    return {std::min(width, band.low), std::min(width, nyquist - band.high)};
}

double gain(double frequency, const Band& band, const Flanks& flanks) {
    const double below = band.low - frequency, above = frequency - band.high;
    if (below >= flanks.low && below > 0.0) return 0.0;
    if (above >= flanks.high && above > 0.0) return 0.0;
    const double part = std::max(
        {0.0, below > 0.0 ? below / flanks.low : 0.0, above > 0.0 ? above / flanks.high : 0.0});
    return 0.5 + 0.5 * std::cos(std::numbers::pi * part);
}

/// The signal without its mean, on a circle of `size` samples that a straight line closes.
Vector closed(ConstVectorRef signal, Eigen::Index size) {
    const Eigen::Index count = signal.size(), gap = size - count;
    Vector circle(size);
    circle.head(count) = signal;
    for (Eigen::Index k = 0; k < gap; ++k) {
        const double part = static_cast<double>(k + 1) / static_cast<double>(gap + 1);
        circle[count + k] = (1.0 - part) * signal[count - 1] + part * signal[0];
    }
    return circle.array() - signal.mean();
}

}  // namespace

Eigen::Index filter_margin(const Band& band, double step) {
    constexpr double most = 1e15;  // more than any series has, and still a whole number
    return static_cast<Eigen::Index>(
        std::min(most, std::ceil(1.0 / (flank_share * (band.high - band.low) * step))));
}

ComplexMatrix analytic_signal(const TimeSeries& series, const Band& band) {
    require_band(band, series.step);
    const Eigen::Index margin = filter_margin(band, series.step);
    const Eigen::Index count = series.values.rows(), kept = count - 2 * margin;
    require(kept > 0, "a filter of this band leaves out " + std::to_string(margin) +
                          " samples at either end, and the series has " + std::to_string(count));
    const Eigen::Index size = fast_length_beyond(count);
    const double resolution = 1.0 / (static_cast<double>(size) * series.step);
    const Flanks flanks = flanks_of(band, series.nyquist());
    const FourierTransform fourier(size);
    ComplexMatrix result(kept, series.values.cols());
    for (Eigen::Index k = 0; k < series.values.cols(); ++k) {
        const ComplexVector X = fourier.forward(closed(series.values.col(k), size));
        ComplexVector Z = ComplexVector::Zero(size);
        for (Eigen::Index f = 1; f < X.size(); ++f) {
            const double twice = f + 1 == X.size() ? 1.0 : 2.0;  // its negative is no other one
            Z[f] = twice * gain(static_cast<double>(f) * resolution, band, flanks) * X[f];
        }
        result.col(k) = fourier.inverse(Z).segment(margin, kept);
    }
    return result;
}

}  // namespace cortifold
