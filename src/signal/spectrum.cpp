#include "fast_fourier.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/spectrum.hpp>

#include <boost/math/distributions/chi_squared.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace cortifold {

namespace {

constexpr Eigen::Index least_segment = 8;    // samples
constexpr double segments_by_default = 8.0;  // side by side
constexpr double rounding = 1e-24;           // of the largest density: what is left of nothing

/// Periodic, so that the shifted windows of half overlap add up to a constant.
Vector window_values(Window window, Eigen::Index size) {
    if (window == Window::rectangular) return Vector::Ones(size);
    const double step = 2.0 * std::numbers::pi / static_cast<double>(size);
    return 0.5 -
           0.5 * (Vector::LinSpaced(size, 0.0, static_cast<double>(size - 1)) * step).array().cos();
}

/// Where the segments lie.
struct Layout {
    Eigen::Index size, shift, count;
};

Layout lay_out(Eigen::Index samples, double step, const WelchOptions& options) {
    const double asked = options.segment > 0.0
                             ? std::round(options.segment / step)
                             : std::floor(static_cast<double>(samples) / segments_by_default);
    const auto longest = static_cast<double>(samples);
    require(asked >= static_cast<double>(least_segment) && asked <= longest,
            "a segment of " + std::to_string(std::llround(asked)) + " samples must have at least " +
                std::to_string(least_segment) + " and no more than the series, " +
                std::to_string(samples));
    const Eigen::Index size = fast_length_within(static_cast<Eigen::Index>(asked));
    const auto shift = std::max<Eigen::Index>(
        1, std::llround((1.0 - options.overlap) * static_cast<double>(size)));
    return {size, shift, 1 + (samples - size) / shift};
}

/// Periodograms of Gaussian noise in overlapping segments are correlated by the square of the
/// correlation of their windows.
double degrees_of_freedom(const Layout& layout, const Vector& window) {
    const auto count = static_cast<double>(layout.count);
    double excess = 0.0;
    for (Eigen::Index j = 1; j < layout.count && j * layout.shift < layout.size; ++j) {
        const Eigen::Index common = layout.size - j * layout.shift;
        const double correlation =
            window.head(common).dot(window.tail(common)) / window.squaredNorm();
        excess += (1.0 - static_cast<double>(j) / count) * correlation * correlation;
    }
    return 2.0 * count / (1.0 + 2.0 * excess);
}

/// The lowest density on the way from a peak to a larger one, or to the end.
double lowest_on_the_way(ConstVectorRef density, Eigen::Index peak, Eigen::Index direction) {
    double lowest = density[peak];
    for (Eigen::Index k = peak + direction; k >= 0 && k < density.size(); k += direction) {
        if (density[k] > density[peak]) break;
        lowest = std::min(lowest, density[k]);
    }
    return lowest;
}

/// Of the parabola through the logarithms around a local maximum.
SpectralPeak interpolated(ConstVectorRef density, double resolution, Eigen::Index k) {
    const auto at = static_cast<double>(k);
    if (!(density[k - 1] > 0.0 && density[k + 1] > 0.0)) return {at * resolution, density[k]};
    const double left = std::log(density[k - 1] / density[k]);
    const double right = std::log(density[k + 1] / density[k]);
    const double shift = 0.5 * (left - right) / (left + right);
    return {(at + shift) * resolution, density[k] * std::exp(0.25 * (right - left) * shift)};
}

}  // namespace

std::string_view to_string(Window window) {
    return window == Window::hann ? "hann" : "rectangular";
}

void WelchOptions::validate() const {
    require(segment >= 0.0 && std::isfinite(segment),
            "segment = " + std::to_string(segment) + " must be at least 0");
    require(overlap >= 0.0 && overlap <= 0.95,
            "overlap = " + std::to_string(overlap) + " must lie in [0, 0.95]");
}

PowerSpectrum power_spectrum(const TimeSeries& series, const WelchOptions& options) {
    options.validate();
    const Layout layout = lay_out(series.values.rows(), series.step, options);
    const Vector window = window_values(options.window, layout.size);
    const double duration = static_cast<double>(layout.size) * series.step;
    const double scale =
        2.0 * series.step / (window.squaredNorm() * static_cast<double>(layout.count));
    const FourierTransform fourier(layout.size);
    const Eigen::Index size = layout.size / 2 + 1;
    PowerSpectrum result{Vector::LinSpaced(size, 0.0, static_cast<double>(size - 1)) / duration,
                         Matrix::Zero(size, series.values.cols()), duration,
                         static_cast<int>(layout.count), degrees_of_freedom(layout, window)};
    for (Eigen::Index signal = 0; signal < series.values.cols(); ++signal) {
        const Vector x = series.values.col(signal).array() - series.values.col(signal).mean();
        for (Eigen::Index k = 0; k < layout.count; ++k) {
            const Vector segment = x.segment(k * layout.shift, layout.size).cwiseProduct(window);
            result.density.col(signal) += scale * fourier.forward(segment).cwiseAbs2();
        }
    }
    return result;
}

ConfidenceFactors confidence_factors(double degrees_of_freedom, double level) {
    const boost::math::chi_squared distribution(degrees_of_freedom);
    const double outside = 0.5 * (1.0 - level);
    return {degrees_of_freedom / quantile(complement(distribution, outside)),
            degrees_of_freedom / quantile(distribution, outside)};
}

double band_power(ConstVectorRef density, double resolution, const Band& band) {
    const auto last = static_cast<double>(density.size() - 1);
    double power = 0.0;
    for (Eigen::Index k = 0; k < density.size(); ++k) {
        const auto at = static_cast<double>(k);
        const double from = std::max(band.low, std::max(0.0, at - 0.5) * resolution);
        const double to = std::min(band.high, std::min(last, at + 0.5) * resolution);
        if (to > from) power += density[k] * (to - from);
    }
    return power;
}

std::vector<SpectralPeak> spectral_peaks(ConstVectorRef density, double resolution,
                                         const PeakOptions& options) {
    const ConfidenceFactors factors =
        confidence_factors(options.degrees_of_freedom,
                           1.0 - options.false_alarm / static_cast<double>(density.size()));
    const double least = rounding * density.maxCoeff();
    std::vector<SpectralPeak> peaks;
    for (Eigen::Index k = 1; k + 1 < density.size(); ++k) {
        const bool is_highest = density[k] > density[k - 1] && density[k] >= density[k + 1];
        if (!is_highest || density[k] <= least) continue;
        const double saddle =
            std::max(lowest_on_the_way(density, k, -1), lowest_on_the_way(density, k, 1));
        if (density[k] * factors.low <= saddle * factors.high) continue;
        peaks.push_back(interpolated(density, resolution, k));
    }
    std::ranges::stable_sort(peaks, std::greater{}, &SpectralPeak::density);
    return peaks;
}

}  // namespace cortifold
