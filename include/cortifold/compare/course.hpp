#pragma once

#include <cortifold/compare/agreement.hpp>
#include <cortifold/core/matrix.hpp>

namespace cortifold {

/// A theory's rate over time, which ascends: linear between its times, or the mean in bins about
/// them.
struct PredictedCourse {
    Vector t_ms, rate_hz;
    double bin_ms = 0.0;  ///< 0: none
};

/// The rate of a population counted in bins of equal width.
struct CountedCourse {
    Vector t_ms;  ///< middles of bins
    Vector rate_hz;
    double bin_ms = 1.0;
    double size = 1.0;  ///< neurons
};

/// In those bins that the prediction covers.
struct CourseComparison {
    Vector t_ms, predicted_hz, observed_hz;
    /// Of a bin: that of the count of independent Poisson processes with the predicted rate, but no
    /// less than that of a single spike: sqrt(rate / (size bin)). Neurons that fire in time with
    /// each other scatter less, or more.
    Vector error_hz;
    double squares = 0.0;       ///< of the differences, each in its error: chi square
    Eigen::Index largest = 0;   ///< the bin with the largest difference in its error
    double deviation_hz = 0.0;  ///< root mean square of the differences
    double scatter_hz = 0.0;    ///< and of the errors
    double level_hz = 0.0;      ///< and of the prediction
    [[nodiscard]] Comparison at(Eigen::Index bin) const {
        return {predicted_hz[bin], observed_hz[bin], error_hz[bin]};
    }
    /// deviation^2 <= (tolerance level)^2 + scatter^2 (1 + largest_z sqrt(2 / bins)): the squares
    /// of the scatter have that standard deviation.
    [[nodiscard]] bool agrees(const AgreementRule& rule) const;
};
/// No bins where the prediction covers none. Throws UsageError for times that do not ascend.
[[nodiscard]] CourseComparison compare_courses(const PredictedCourse& predicted,
                                               const CountedCourse& counted);

}  // namespace cortifold
