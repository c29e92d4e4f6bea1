#include "wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cortifold {
namespace {

constexpr double ms_per_s = 1000.0;
constexpr double largest_whole = 1e9;  // beyond, a number is no count

std::string with_unit(const std::string& number, const std::string& unit) {
    return unit.empty() ? number : number + " " + unit;
}

}  // namespace

std::string number_text(double value) {
    std::array<char, 32> digits;
    const bool whole = std::abs(value) < largest_whole && value == std::round(value);
    std::snprintf(digits.data(), digits.size(), whole ? "%.0f" : "%.4g", value);
    return digits.data();
}

std::string measured_text(double value, double error, int most_digits) {
    if (std::abs(value) <= error) {
        return "0";
    }
    const double known = error > 0.0 && value != 0.0
                             ? std::floor(std::log10(std::abs(value) / error)) + 1.0
                             : most_digits;
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "%#.*g",
                  static_cast<int>(std::clamp(known, 1.0, static_cast<double>(most_digits))),
                  value);
    std::string digits = text.data();
    if (digits.ends_with('.')) {
        digits.pop_back();
    }
    return digits;
}

std::string with_error_text(double value, double error) {
    constexpr int digits_of_error = 2, most_digits = 6;
    return measured_text(value, 0.1 * error, most_digits) + " ± " +
           measured_text(error, 0.0, digits_of_error);
}

std::string number_text(std::optional<double> value) {
    return value ? number_text(*value) : "–";
}

std::string range_text(std::optional<double> low, std::optional<double> high) {
    return low == high ? number_text(low) : number_text(low) + " to " + number_text(high);
}

std::string number_text(std::complex<double> value) {
    if (value.imag() == 0.0) {
        return number_text(value.real());
    }
    return number_text(value.real()) + (value.imag() < 0.0 ? " - " : " + ") +
           number_text(std::abs(value.imag())) + " i";
}

std::string value_text(const Record& value) {
    if (value.is<std::string>()) {
        return value.as<std::string>();
    }
    return value.is<double>() ? number_text(value.number()) : to_json(value, 0);
}

std::string count_text(std::size_t count, const std::string& noun) {
    const auto end = std::min({noun.find(" of "), noun.find(" on "), noun.size()});
    return std::to_string(count) + " " + noun.substr(0, end) + (count == 1 ? "" : "s") +
           noun.substr(end);
}

std::string failure_text(const StepRecord& step) {
    const std::string status = step.status.empty() ? "no status" : step.status;
    return "The step " + step.name + " did not succeed (" + status + ")" +
           (step.message.empty() ? "." : ": " + step.message);
}

std::string TimeUnit::duration(double value) const {
    return with_unit(number_text(value), dimensionless() ? "" : name_);
}

std::string TimeUnit::rate(double value) const {
    return with_unit(number_text(value), dimensionless() ? "" : "/" + name_);
}

std::string TimeUnit::frequency(double value) const {
    return with_unit(number_text(value * frequency_factor()), frequency_unit());
}

std::string TimeUnit::rate_unit() const {
    return dimensionless() ? "" : "1/" + name_;
}

std::string TimeUnit::frequency_unit() const {
    if (dimensionless()) {
        return "";
    }
    return name_ == "ms" || name_ == "s" ? "Hz" : "/" + name_;
}

double TimeUnit::frequency_factor() const {
    return name_ == "ms" ? ms_per_s : 1.0;
}

TimeUnit time_unit_of(const StoredRun& run, const StepRecord& step) {
    constexpr std::array<std::pair<const char*, const char*>, 8> sources{
        {{"modes.csv", "growth"},
         {"convergence.csv", "duration"},
         {"special.csv", "frequency"},
         {"regions.csv", "first_order"},
         {"eigenvalues.csv", "re"},
         {"mean.csv", "t"},
         {"ensemble.csv", "t"},
         {"trajectory.csv", "t"}}};
    for (const auto& [file, column] : sources) {
        const std::string table = step.name + "/" + file;
        if (!std::filesystem::exists(run.path / table)) {
            continue;
        }
        const std::string unit = TableHeading(run, table).column(column).unit;
        return TimeUnit(unit.starts_with("1/") ? unit.substr(2) : unit);
    }
    return TimeUnit("");
}

}  // namespace cortifold
