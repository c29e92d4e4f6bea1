#include <cortifold/compare/density.hpp>
#include <cortifold/core/error.hpp>

#include <Eigen/Cholesky>
#include <boost/math/special_functions/trigamma.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {

namespace {

/// Of periodograms in Hann windows at the same frequency, at neighbours, and two apart.
constexpr double window_correlations[] = {1.0, 4.0 / 9.0, 1.0 / 36.0};
constexpr double prominent = 2.0;  ///< of a peak over what parts it from a higher one
constexpr double foot = 0.25;      ///< of a peak's height
constexpr double search_width = 1.0 / 3.0;
constexpr double least_curvature = 3.0;  ///< of a peak, in its errors
constexpr Eigen::Index least_points = 5;

double correlation(Eigen::Index apart) {
    return apart < std::ssize(window_correlations) ? window_correlations[apart] : 0.0;
}

double sinc(double x) {
    return std::abs(x) < 1e-6 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

/// Linear between frequencies, constant beyond them.
double interpolated(const PredictedDensity& table, double frequency) {
    const Vector& f = table.frequencies_hz;
    const auto above = std::ranges::upper_bound(f, frequency);
    if (above == f.end()) return table.density_hz[f.size() - 1];
    if (above == f.begin()) return table.density_hz[0];
    const Eigen::Index k = above - f.begin();
    const double part = (frequency - f[k - 1]) / (f[k] - f[k - 1]);
    return (1.0 - part) * table.density_hz[k - 1] + part * table.density_hz[k];
}

/// The square of a Hann window's Fourier transform, over the distance in parts of the resolution,
/// on its main lobe.
double hann_kernel(double x) {
    const double beside = 1.0 - x * x;
    const double value = std::abs(beside) < 1e-6 ? 0.5 : sinc(x) / beside;
    return value * value;
}

/// What parts a maximum from any higher one, or from where nothing is said.
double lowest_before_higher(ConstVectorRef density, Eigen::Index top, Eigen::Index direction) {
    double lowest = density[top];
    for (Eigen::Index k = top + direction; k >= 0 && k < density.size(); k += direction) {
        if (density[k] > density[top] || density[k] == 0.0) break;
        lowest = std::min(lowest, density[k]);
    }
    return lowest;
}

/// The frequencies about a place, from the first to the last.
struct Stretch {
    Eigen::Index first = 0, last = 0;
    [[nodiscard]] Eigen::Index size() const { return last - first + 1; }
    [[nodiscard]] Eigen::Index middle() const { return (first + last) / 2; }
    /// As long, about another place, within a table.
    [[nodiscard]] Stretch about(Eigen::Index place, Eigen::Index rows) const {
        const Eigen::Index begin =
            std::clamp<Eigen::Index>(place - (size() - 1) / 2, 0, rows - size());
        return {begin, begin + size() - 1};
    }
    /// So many times as long, about the same place.
    [[nodiscard]] Stretch times(Eigen::Index factor, Eigen::Index rows) const {
        const Eigen::Index length = std::min(rows, factor * (size() - 1) + 1);
        return Stretch{0, length - 1}.about(middle(), rows);
    }
};

/// Where a peak falls on both sides, down to a part of its height.
Stretch slopes(ConstVectorRef density, Eigen::Index top) {
    const auto goes_on = [&](Eigen::Index here, Eigen::Index next) {
        return next >= 0 && next < density.size() && density[next] <= density[here] &&
               density[next] > foot * density[top];
    };
    Stretch stretch{top, top};
    while (goes_on(stretch.first, stretch.first - 1)) --stretch.first;
    while (goes_on(stretch.last, stretch.last + 1)) ++stretch.last;
    const Eigen::Index rows = density.size();
    if (stretch.size() >= least_points || rows < least_points) return stretch;
    return Stretch{0, least_points - 1}.about(top, rows);
}

struct Top {
    double place = 0.0, error = 0.0;  ///< in rows of the table
};

/// That of the parabola through the logarithms on a stretch; none where it has none that stands out
/// of the noise.
std::optional<Top> top_of(ConstVectorRef density, const Stretch& stretch, double log_variance) {
    const Eigen::Index n = stretch.size();
    const auto part = density.segment(stretch.first, n);
    if (!(part.array() > 0.0).all()) return std::nullopt;
    const Vector x = Vector::LinSpaced(n, -1.0, 1.0);
    Matrix design(n, 3);
    design << Vector::Ones(n), x, x.cwiseAbs2();
    Matrix noise(n, n);
    for (Eigen::Index k = 0; k < n; ++k)
        for (Eigen::Index l = 0; l < n; ++l)
            noise(k, l) = log_variance * correlation(std::abs(k - l));
    const Matrix solve = (design.transpose() * design).ldlt().solve(design.transpose());
    const Eigen::Vector3d fit = solve * part.array().log().matrix();
    const Eigen::Matrix3d covariance = solve * noise * solve.transpose();
    const double bend = -fit[2];
    if (!(bend > least_curvature * std::sqrt(covariance(2, 2)))) return std::nullopt;
    const double top = 0.5 * fit[1] / bend;
    if (!(std::abs(top) <= 1.0)) return std::nullopt;
    const Eigen::Vector3d gradient(0.0, 0.5 / bend, 0.5 * fit[1] / (bend * bend));
    const double half_rows = 0.5 * static_cast<double>(n - 1);
    return Top{static_cast<double>(stretch.first) + (1.0 + top) * half_rows,
               std::sqrt(gradient.dot(covariance * gradient)) * half_rows};
}

/// The middle of the highest stretch about places from `low` to `high`; none where it is at an end.
std::optional<Stretch> highest(ConstVectorRef density, const Stretch& like, Eigen::Index low,
                               Eigen::Index high) {
    std::optional<Stretch> best;
    double most = 0.0;
    for (Eigen::Index place = low; place <= high; ++place) {
        const Stretch here = like.about(place, density.size());
        const double mean = density.segment(here.first, here.size()).mean();
        if (mean > most) most = mean, best = here;
    }
    const bool at_end = best && (best->middle() <= low || best->middle() >= high);
    return at_end ? std::nullopt : best;
}

std::optional<Top> observed_top(ConstVectorRef density, const Stretch& predicted,
                                double predicted_place, double log_variance) {
    const auto rows = static_cast<double>(density.size() - 1);
    const double reach = std::max(search_width * predicted_place, 2.0);
    const auto low = static_cast<Eigen::Index>(std::max(1.0, std::floor(predicted_place - reach)));
    const auto high = static_cast<Eigen::Index>(std::min(rows, std::ceil(predicted_place + reach)));
    const auto stretch = highest(density, predicted, low, high);
    if (!stretch) return std::nullopt;
    const auto first = top_of(density, *stretch, log_variance);
    if (!first) return std::nullopt;
    const Stretch centred =
        stretch->about(static_cast<Eigen::Index>(std::llround(first->place)), density.size());
    return top_of(density, centred, log_variance);
}

}  // namespace

Vector shown_density(const PredictedDensity& predicted, const PowerSpectrum& observed,
                     double bin_ms) {
    const Vector& f = predicted.frequencies_hz;
    require(f.size() >= 2 && f.size() == predicted.density_hz.size() && f.allFinite() &&
                std::ranges::adjacent_find(f, std::greater_equal{}) == f.end(),
            "a predicted spectrum needs two ascending frequencies or more");
    constexpr int points = 65;  // of the integral over the window, two resolutions to either side
    const Vector x = Vector::LinSpaced(points, -2.0, 2.0);
    const Vector weights = x.unaryExpr(&hann_kernel) / x.unaryExpr(&hann_kernel).sum();
    const auto counted = [&](double frequency) {
        const double bins = sinc(1e-3 * frequency * bin_ms);
        const double white = predicted.white_hz;
        return white + bins * bins * (interpolated(predicted, frequency) - white);
    };
    Vector shown = Vector::Zero(observed.frequencies.size());
    for (Eigen::Index k = 0; k < shown.size(); ++k) {
        const double at = observed.frequencies[k];
        if (at < f[0] || at > f[f.size() - 1]) continue;
        for (Eigen::Index j = 0; j < points; ++j)
            shown[k] += 2.0 * weights[j] * counted(std::abs(at + x[j] * observed.resolution()));
    }
    return shown;
}

std::vector<BandComparison> compare_bands(ConstVectorRef shown, const PowerSpectrum& observed,
                                          Eigen::Index signal, int bands) {
    require(shown.size() == observed.frequencies.size() && bands > 0,
            "bands need a density at each of the run's frequencies");
    std::vector<BandComparison> found;
    const Vector& f = observed.frequencies;
    // The run's mean is taken out, and with it what its windows mix into the next frequency.
    Eigen::Index low = 2, high = f.size() - 1;
    while (low < high && !(shown[low] > 0.0)) ++low;
    while (high > low && !(shown[high - 1] > 0.0)) --high;
    if (high - low < 2) return found;
    const double ratio = std::pow(f[high - 1] / f[low], 1.0 / bands);
    const double resolution = observed.resolution();
    double from = f[low] - 0.5 * resolution;
    for (Eigen::Index first = low, last = low; last < high; ++last) {
        const double to = f[last] + 0.5 * resolution;
        if (last + 1 < high && (last == first || to < from * ratio)) continue;
        const Eigen::Index n = last - first + 1;
        const Vector expected = shown.segment(first, n);
        const double seen = observed.density.col(signal).segment(first, n).mean();
        double square = 0.0;
        for (Eigen::Index k = 0; k < n; ++k)
            for (Eigen::Index l = std::max<Eigen::Index>(0, k - 2); l < std::min(n, k + 3); ++l)
                square += expected[k] * expected[l] * correlation(std::abs(k - l));
        const double relative =
            std::sqrt(2.0 / observed.degrees_of_freedom * square) / expected.sum();
        found.push_back({{from, to}, {expected.mean(), seen, seen * relative}});
        first = last + 1;
        from = to;
    }
    return found;
}

std::vector<PeakComparison> compare_peaks(ConstVectorRef shown, const PowerSpectrum& observed,
                                          Eigen::Index signal) {
    std::vector<PeakComparison> found;
    const double log_variance = boost::math::trigamma(0.5 * observed.degrees_of_freedom);
    const double step = observed.resolution();
    for (Eigen::Index k = 1; k + 1 < shown.size(); ++k) {
        const bool is_top = shown[k] > shown[k - 1] && shown[k] >= shown[k + 1] &&
                            shown[k - 1] > 0.0 && shown[k + 1] > 0.0;
        if (!is_top || prominent * lowest_before_higher(shown, k, 1) > shown[k] ||
            prominent * lowest_before_higher(shown, k, -1) > shown[k])
            continue;
        const auto exact = top_of(shown, Stretch{k - 1, k + 1}, 0.0);
        if (!exact) continue;
        PeakComparison peak{{exact->place * step, 0.0, std::nullopt}};
        // What is seen may be broader than what is predicted.
        for (const Eigen::Index factor : {1, 2, 4}) {
            const Stretch stretch = slopes(shown, k).times(factor, shown.size());
            const auto expected = top_of(shown, stretch, 0.0);
            const auto seen =
                observed_top(observed.density.col(signal), stretch, exact->place, log_variance);
            if (!expected || !seen) continue;
            const double bias = expected->place - exact->place;  // slopes are not alike
            peak.is_observed = true;
            peak.frequency_hz.observed = (seen->place - bias) * step;
            peak.frequency_hz.error = seen->error * step;
            break;
        }
        found.push_back(peak);
    }
    return found;
}

}  // namespace cortifold
