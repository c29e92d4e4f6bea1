#pragma once

#include <cortifold/signal/time_series.hpp>

#include <string_view>
#include <vector>

namespace cortifold {

enum class Window { hann, rectangular };
[[nodiscard]] std::string_view to_string(Window window);

struct WelchOptions {
    double segment = 0.0;  ///< in T; 0: so long that eight fit side by side
    double overlap = 0.5;  ///< of neighbouring segments, in parts of one
    Window window = Window::hann;
    /// Throws UsageError naming the field.
    void validate() const;
};

/// One-sided power spectral densities: twice the two-sided ones at every frequency, so that of each
/// signal the integral by the trapezoidal rule, over 0 to the Nyquist frequency, is the mean over
/// segments of its square, weighted by the squared window: its variance.
struct PowerSpectrum {
    Vector frequencies;  ///< in 1/T: 0, one over the segment, ...
    Matrix density;      ///< a row a frequency, a column a signal; in the signal's unit squared x T
    double segment = 0.0;  ///< in T: the one asked for, or slightly less, where that is transformed
                           ///< faster
    int segments = 0;
    /// Of the chi-square distribution that a density, divided by what it estimates, follows for
    /// noise, times its degrees of freedom; half as many at both ends of the frequencies.
    double degrees_of_freedom = 0.0;

    [[nodiscard]] double resolution() const { return 1.0 / segment; }  ///< between frequencies
};

/// Welch's method (1967): periodograms of windowed segments, averaged. The mean of each signal over
/// all times is taken out first. Degrees of freedom: Percival & Walden 1993, equation 292b. Throws
/// UsageError unless a segment has at least 8 samples and fits into the series.
[[nodiscard]] PowerSpectrum power_spectrum(const TimeSeries& series,
                                           const WelchOptions& options = {});

/// What a density must be multiplied by to get the ends of its confidence interval.
struct ConfidenceFactors {
    double low = 0.0, high = 0.0;
};
[[nodiscard]] ConfidenceFactors confidence_factors(double degrees_of_freedom, double level);

/// The integral over a band of a density at the frequencies 0, `resolution`, ..., each of which
/// stands for those nearest to it: bands side by side add up to the variance.
[[nodiscard]] double band_power(ConstVectorRef density, double resolution, const Band& band);

struct SpectralPeak {
    double frequency =
        0.0;               ///< of the top of the parabola through the logarithms of three densities
    double density = 0.0;  ///< there
};
struct PeakOptions {
    double degrees_of_freedom = 2.0;  ///< of the density
    double false_alarm = 0.05;        ///< chance that noise without peaks shows any
};
/// By decreasing density: local maxima whose confidence interval lies above that of the lowest
/// density between them and any larger one, on both sides, where the intervals hold for all
/// frequencies together (Bonferroni). `resolution` is the step of the frequencies; a sinusoid is
/// found within a fiftieth of it.
[[nodiscard]] std::vector<SpectralPeak> spectral_peaks(ConstVectorRef density, double resolution,
                                                       const PeakOptions& options);

}  // namespace cortifold
