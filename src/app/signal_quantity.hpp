#pragma once

#include "step.hpp"
#include <cortifold/signal/time_series.hpp>

namespace cortifold {

/// The run that a step `signal` is about, as its own step says.
struct SignalSource {
    const Study& study;
    std::string run;                    ///< name of the step
    double step = 1.0, duration = 0.0;  ///< between samples, of all; in T
    Eigen::Index regions = 1;

    [[nodiscard]] double samples() const { return duration / step + 1.0; }
};

/// One signal a region, read from a run.
struct Signals {
    const StepContext& at;
    TimeSeries series;  ///< a column a region; less the spatial mean, where that is asked for
    TimeSeries mean;    ///< over regions, before that
    std::string name, unit, time_unit;
    bool spatial_mean_removed = false;
    double least_change = 0.0;  ///< below it is what integration and rounding leave

    [[nodiscard]] Eigen::Index regions() const { return series.values.cols(); }
    /// With the spatial mean, for what it is part of: how far regions are in step.
    [[nodiscard]] TimeSeries whole() const;
    [[nodiscard]] bool is_constant(ConstVectorRef signal) const {
        return signal.maxCoeff() - signal.minCoeff() <= least_change;
    }
    [[nodiscard]] bool is_at_rest() const;  ///< in every region
    /// Whether some region has nothing in the band of a filter.
    [[nodiscard]] bool is_silent(const ComplexMatrix& analytic) const {
        return !(analytic.cwiseAbs().colwise().maxCoeff().minCoeff() > least_change);
    }
    [[nodiscard]] std::string rate_unit() const { return "1/" + time_unit; }
    /// Of squares of the signal.
    [[nodiscard]] std::string square_unit() const;
    /// Of power densities.
    [[nodiscard]] std::string density_unit() const;
};

/// What a step `signal` measures: one of its `quantities`, its options read and checked.
class SignalQuantity {
public:
    SignalQuantity() = default;
    SignalQuantity(const SignalQuantity&) = delete;
    SignalQuantity& operator=(const SignalQuantity&) = delete;
    virtual ~SignalQuantity() = default;
    /// Writes its tables; the summary is what stands under the quantity's name. UsageError where
    /// the run ended too early for what its step promised.
    [[nodiscard]] virtual StepResult measure(const Signals& signals) const = 0;
};

using ReadQuantity = std::unique_ptr<SignalQuantity> (*)(ConfigReader& options,
                                                         const SignalSource& source);
[[nodiscard]] std::unique_ptr<SignalQuantity> read_psd(ConfigReader& options,
                                                       const SignalSource& source);
[[nodiscard]] std::unique_ptr<SignalQuantity> read_am(ConfigReader& options,
                                                      const SignalSource& source);
[[nodiscard]] std::unique_ptr<SignalQuantity> read_pac(ConfigReader& options,
                                                       const SignalSource& source);
[[nodiscard]] std::unique_ptr<SignalQuantity> read_maxima(ConfigReader& options,
                                                          const SignalSource& source);
[[nodiscard]] std::unique_ptr<SignalQuantity> read_kuramoto(ConfigReader& options,
                                                            const SignalSource& source);
[[nodiscard]] std::unique_ptr<SignalQuantity> read_fc(ConfigReader& options,
                                                      const SignalSource& source);
[[nodiscard]] std::unique_ptr<SignalQuantity> read_modes(ConfigReader& options,
                                                         const SignalSource& source);

/// A band of frequencies up to that of Nyquist, in 1/T. Throws ConfigError.
[[nodiscard]] Band read_frequencies(ConfigReader& options, std::string_view key,
                                    const SignalSource& source);
/// One to filter with: the run must outlast what the filter leaves out.
[[nodiscard]] Band read_filter(ConfigReader& options, std::string_view key,
                               const SignalSource& source);
[[nodiscard]] Record band_record(const Band& band);

}  // namespace cortifold
