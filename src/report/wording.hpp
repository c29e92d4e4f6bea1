#pragma once

#include "stored_run.hpp"

#include <complex>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cortifold {

/// To four significant digits; whole numbers in full.
[[nodiscard]] std::string number_text(double value);
[[nodiscard]] std::string number_text(std::optional<double> value);  ///< none: a dash
/// "0 to 4", or the number where both are one.
[[nodiscard]] std::string range_text(std::optional<double> low, std::optional<double> high);
[[nodiscard]] std::string number_text(std::complex<double> value);
/// The digits that an error allows, but not more than asked for.
[[nodiscard]] std::string measured_text(double value, double error, int most_digits);
/// "1.23 ± 0.45": the error to two digits, and as many of the value as that leaves.
[[nodiscard]] std::string with_error_text(double value, double error);
[[nodiscard]] std::string value_text(const Record& value);

/// "1 mode", "3 modes", "2 folds of cycles".
[[nodiscard]] std::string count_text(std::size_t count, const std::string& noun);

/// That a step did not succeed, and what it said.
[[nodiscard]] std::string failure_text(const StepRecord& step);

/// The unit of time of a model, and how rates and frequencies read in it.
class TimeUnit {
public:
    explicit TimeUnit(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] std::string duration(double value) const;
    [[nodiscard]] std::string rate(double value) const;
    [[nodiscard]] std::string frequency(double value) const;  ///< in Hz where the unit is a time
    [[nodiscard]] std::string rate_unit() const;
    [[nodiscard]] std::string frequency_unit() const;
    [[nodiscard]] double frequency_factor() const;  ///< from 1/T to the frequency unit

private:
    [[nodiscard]] bool dimensionless() const { return name_.empty() || name_ == "1"; }
    std::string name_;
};

/// Read off the headings of a step's tables; without a unit where there is none.
[[nodiscard]] TimeUnit time_unit_of(const StoredRun& run, const StepRecord& step);

}  // namespace cortifold
