#pragma once

#include <cortifold/core/matrix.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace cortifold {

/// How spikes are counted while a simulation runs. Widths of bins are rounded: that of rates to a
/// multiple of the step, each further one to a multiple of the one before it.
struct ActivityOptions {
    double rate_bin_ms = 1.0;                ///< of population rates
    double count_bin_ms = 3.0;               ///< of the Fano factor and of synchrony
    double correlation_bin_ms = 30.0;        ///< of the counts of pairs of neurons
    std::uint32_t correlated_neurons = 100;  ///< of each population, at random; 0: no correlations
    double refractoriness_ms = 5.0;          ///< R of LvR
    /// Standard errors come from at least this many blocks of time, at most twice as many; a neuron
    /// takes 48 bytes for each. 0: no errors.
    std::uint32_t blocks = 8;
    /// Throws UsageError naming the field.
    void validate() const;
};

/// Standard errors of the figures of these names, by the jackknife that leaves out one block of
/// time after the other (Kuensch 1989, doi:10.1214/aos/1176347265); that of the silent fraction,
/// which is no mean over time, is the binomial one, of independent neurons.
struct ActivityErrors {
    std::optional<double> rate_hz{}, silent_fraction{}, cv_isi{}, lvr{}, fano{}, synchrony{},
        correlation{};
};

/// Of one population since the records were last cleared; absent is what the spikes do not
/// determine. Bitwise the same on any number of threads.
struct PopulationActivity {
    std::string name;
    std::uint32_t size = 0;
    std::uint64_t spikes = 0;
    std::uint64_t silent = 0;                ///< neurons without a spike
    double rate_hz = 0.0, rate_sd_hz = 0.0;  ///< mean and standard deviation over neurons
    /// Standard deviation of the sample of intervals over their mean; mean over neurons with enough
    /// spikes.
    std::optional<double> cv_isi{};
    /// Local variation of intervals, corrected for the refractoriness R (Shinomoto et al. 2009,
    /// doi:10.1371/journal.pcbi.1000433, equation 3); mean over neurons with enough spikes.
    std::optional<double> lvr{};
    /// Variance over mean of the population's count in whole bins.
    std::optional<double> fano{};
    /// chi^2 of Golomb & Rinzel (1994, doi:10.1016/0167-2789(94)90214-3), of counts in bins in
    /// place of potentials: variance of the neurons' mean over the mean of their variances. 1 where
    /// all do the same at all times, 1 / size on average where they are independent.
    std::optional<double> synchrony{};
    /// Of counts in bins: mean and standard deviation over pairs of the neurons chosen that sent
    /// spikes.
    std::optional<double> correlation{}, correlation_sd{};
    std::uint64_t blocks = 0;  ///< of time, from which the errors come
    ActivityErrors errors{};
};

/// Rates of all populations in whole bins since the records were last cleared.
struct PopulationRates {
    double start_ms = 0.0;  ///< of the first bin
    double bin_ms = 0.0;
    Matrix rates_hz;  ///< a row a bin, a column a population
};

}  // namespace cortifold
