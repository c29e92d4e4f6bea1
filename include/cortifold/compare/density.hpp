#pragma once

#include <cortifold/compare/agreement.hpp>
#include <cortifold/signal/spectrum.hpp>

#include <optional>
#include <vector>

namespace cortifold {

/// A theory's power spectrum of the rate of a population: two-sided, in 1/s over frequencies in Hz.
struct PredictedDensity {
    Vector frequencies_hz, density_hz;
    double white_hz = 0.0;  ///< what it falls to: rate / size of neurons that fire on their own
};

/// What such a rate shows when its spikes are counted in bins and the counts transformed as
/// `observed` was, at its frequencies, one-sided: windows mix neighbouring frequencies, and bins of
/// D ms turn the density S = white + R, where R is negligible above the frequencies of the table,
/// into white + sinc^2(pi f D) R. A row a frequency; 0 where the theory says nothing.
[[nodiscard]] Vector shown_density(const PredictedDensity& predicted, const PowerSpectrum& observed,
                                   double bin_ms);

/// The mean density in a band of frequencies.
struct BandComparison {
    Band band;  ///< Hz
    Comparison density{};
};
/// In bands with equal ratios of their ends, as many as asked for but for those without two
/// frequencies of the run, over all that the theory says. The standard error is that of
/// periodograms of Gaussian noise in Hann windows, whose values at neighbouring frequencies are
/// correlated by 4/9, and by 1/36 at the next but one (Percival & Walden 1993, section 6.4).
[[nodiscard]] std::vector<BandComparison> compare_bands(ConstVectorRef shown,
                                                        const PowerSpectrum& observed,
                                                        Eigen::Index signal, int bands);

/// Where both have a peak.
struct PeakComparison {
    Comparison frequency_hz;
    bool is_observed = false;  ///< else there is none within a third of where it is predicted
};
/// Of every peak of the shown prediction that rises to twice the lowest density between it and any
/// higher one: the top of the parabola through the logarithms of the observed densities, fitted
/// over a stretch as long as that on which the predicted one falls to a quarter of its height, or,
/// where none stands out of the noise, twice and four times as long; its error by the law above.
[[nodiscard]] std::vector<PeakComparison> compare_peaks(ConstVectorRef shown,
                                                        const PowerSpectrum& observed,
                                                        Eigen::Index signal);

}  // namespace cortifold
