#pragma once

#include <cortifold/core/matrix.hpp>

#include <optional>

namespace cortifold {

/// Signals sampled at equal steps: a row a time, a column a signal, as of one region.
struct TimeSeries {
    Matrix values;
    double step = 1.0;   ///< in T, the unit of time
    double start = 0.0;  ///< time of the first row

    [[nodiscard]] double nyquist() const { return 0.5 / step; }  ///< in 1/T
};

/// A range of frequencies, in 1/T.
struct Band {
    double low = 0.0, high = 0.0;
};
/// Throws UsageError unless 0 < low < high <= the Nyquist frequency of a step.
void require_band(const Band& band, double step);

/// The step between times that are equally spaced, up to a millionth of it; none where they are
/// not, or fewer than two.
[[nodiscard]] std::optional<double> uniform_step(ConstVectorRef times);

/// Whether nothing but rounding makes a signal vary: by less than 1e-12 of its largest magnitude.
[[nodiscard]] bool is_constant(ConstVectorRef signal);

/// Each signal less the mean over all signals at every time.
[[nodiscard]] Matrix without_spatial_mean(ConstMatrixRef values);

}  // namespace cortifold
