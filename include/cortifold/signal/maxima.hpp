#pragma once

#include <cortifold/core/matrix.hpp>

#include <span>
#include <vector>

namespace cortifold {

struct Maximum {
    double t = 0.0, value = 0.0;
};
struct MaximaOptions {
    double start = 0.0, step = 1.0;  ///< time of the first sample, time between samples
    /// Least height over the higher of the lowest values between a maximum and larger ones, in
    /// parts of the signal's range.
    double prominence = 1e-6;
    /// Throws UsageError naming the field.
    void validate() const;
};

/// Local maxima between samples, in order of time: of the cubic Hermite polynomials through the
/// samples with slopes by central differences of five. The error of their times falls with the
/// third power of the step, that of their values with the fourth. None within two samples of either
/// end.
[[nodiscard]] std::vector<Maximum> local_maxima(ConstVectorRef signal,
                                                const MaximaOptions& options = {});

/// How many groups values fall into, where neighbours further apart than `distance` belong to
/// different ones: of the maxima of a cycle as many as it has.
[[nodiscard]] int count_groups(std::span<const double> values, double distance);

}  // namespace cortifold
