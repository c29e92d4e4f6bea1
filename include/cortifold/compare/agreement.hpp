#pragma once

#include <cortifold/core/status.hpp>

#include <optional>
#include <span>
#include <string>

namespace cortifold {

/// A number that a theory predicts, and what a run shows of it.
struct Comparison {
    double predicted = 0.0, observed = 0.0;
    std::optional<double> error{};  ///< standard error of the observed one; none: it is not known

    [[nodiscard]] double difference() const { return observed - predicted; }
    /// The difference in parts of the prediction; none of what is predicted not to be there.
    [[nodiscard]] std::optional<double> effect() const;
    /// The difference in standard errors; none where the error is 0.
    [[nodiscard]] std::optional<double> z() const;
};

/// When both agree: |difference| <= tolerance |predicted| + largest_z error. The first part is for
/// what the theory leaves out, the second for what the run leaves open.
struct AgreementRule {
    double tolerance = 0.05, largest_z = 3.0;
    void validate() const;  ///< throws UsageError
};

struct Agreement {
    bool agrees = false;
    bool within_tolerance = false;        ///< by the first part of the rule alone
    std::optional<bool> within_errors{};  ///< by the second alone, where there is an error
    /// The power of the check: the smallest true deviation, in parts of the prediction, that is
    /// refused in 19 of 20 runs; none where there is no error, or nothing is predicted.
    std::optional<double> least_effect{};
};
[[nodiscard]] Agreement judge(const Comparison& comparison, const AgreementRule& rule);

/// The chance that noise alone makes a sum of squares this large or larger: of `degrees_of_freedom`
/// standard normal numbers. Throws UsageError unless both are 0 or more, the latter positive.
[[nodiscard]] double chance_of_squares(double sum, double degrees_of_freedom);

/// What a network of one size shows.
struct SizedValue {
    double size = 0.0;                ///< neurons
    double value = 0.0, error = 0.0;  ///< its standard error
};

/// value = limit + slope / size^power.
struct SizeLimit {
    Status status = Status::no_theory;
    std::string message = "extrapolate_in_size was not called";
    double limit = 0.0, limit_error = 0.0;
    double slope = 0.0, slope_error = 0.0;
    double squares = 0.0;  ///< of the differences, each in its error
    int degrees_of_freedom = 0;
    std::optional<double> chance{};  ///< of squares as large; none of two sizes, which always fit
};
/// By least squares with weights 1 / error^2, as if the errors were known exactly. no_theory where
/// there are fewer than two sizes. Throws UsageError for sizes, errors or a power not positive.
[[nodiscard]] SizeLimit extrapolate_in_size(std::span<const SizedValue> values, double power = 1.0);

}  // namespace cortifold
