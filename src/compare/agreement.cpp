#include <cortifold/compare/agreement.hpp>
#include <cortifold/core/error.hpp>
#include <cortifold/core/matrix.hpp>

#include <Eigen/LU>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

constexpr double negligible = 1e-6;      ///< of all that is compared, in its unit
constexpr double one_in_twenty = 1.645;  ///< standard deviations, on one side

}  // namespace

std::optional<double> Comparison::effect() const {
    if (std::abs(predicted) < negligible) return std::nullopt;
    return difference() / std::abs(predicted);
}

std::optional<double> Comparison::z() const {
    if (!error || *error == 0.0) return std::nullopt;
    return difference() / *error;
}

void AgreementRule::validate() const {
    require(tolerance >= 0.0 && std::isfinite(tolerance),
            "tolerance = " + std::to_string(tolerance) + " must be 0 or more");
    require(largest_z > 0.0 && std::isfinite(largest_z),
            "largest_z = " + std::to_string(largest_z) + " must be positive");
}

Agreement judge(const Comparison& comparison, const AgreementRule& rule) {
    const double off = std::abs(comparison.difference());
    const double tolerated = rule.tolerance * std::abs(comparison.predicted);
    const double open = rule.largest_z * comparison.error.value_or(0.0);
    Agreement agreement{off <= std::max(tolerated + open, negligible), off <= tolerated};
    if (!comparison.error) return agreement;
    agreement.within_errors = off <= open;
    if (comparison.effect())
        agreement.least_effect =
            (tolerated + open + one_in_twenty * *comparison.error) / std::abs(comparison.predicted);
    return agreement;
}

double chance_of_squares(double sum, double degrees_of_freedom) {
    require(sum >= 0.0 && degrees_of_freedom > 0.0,
            "a sum of squares " + std::to_string(sum) + " of " +
                std::to_string(degrees_of_freedom) + " numbers: neither may be negative");
    return boost::math::gamma_q(0.5 * degrees_of_freedom, 0.5 * sum);
}

SizeLimit extrapolate_in_size(std::span<const SizedValue> values, double power) {
    require(power > 0.0, "power = " + std::to_string(power) + " must be positive");
    SizeLimit result;
    const auto rows = static_cast<Eigen::Index>(values.size());
    Matrix design(rows, 2);
    Vector scaled(rows);
    double largest = 0.0;
    for (const SizedValue& one : values) {
        require(one.size > 0.0 && one.error > 0.0 && std::isfinite(one.value),
                "a value " + std::to_string(one.value) + " with error " +
                    std::to_string(one.error) + " of a network of " + std::to_string(one.size) +
                    " neurons: error and size must be positive");
        largest = std::max(largest, one.size);
    }
    for (Eigen::Index k = 0; k < rows; ++k) {
        const SizedValue& one = values[static_cast<std::size_t>(k)];
        design.row(k) << 1.0 / one.error, std::pow(largest / one.size, power) / one.error;
        scaled[k] = one.value / one.error;
    }
    if (std::ranges::all_of(values, [&](const auto& one) { return one.size == largest; })) {
        result.message = "a limit of large networks needs runs of two sizes at least";
        return result;
    }
    const Eigen::Matrix2d covariance = (design.transpose() * design).inverse();
    const Eigen::Vector2d fit = covariance * (design.transpose() * scaled);
    result.limit = fit[0];
    result.limit_error = std::sqrt(covariance(0, 0));
    const double scale = std::pow(largest, power);
    result.slope = fit[1] * scale;
    result.slope_error = std::sqrt(covariance(1, 1)) * scale;
    result.squares = (scaled - design * fit).squaredNorm();
    result.degrees_of_freedom = static_cast<int>(rows) - 2;
    if (result.degrees_of_freedom > 0)
        result.chance = chance_of_squares(result.squares, result.degrees_of_freedom);
    result.status = Status::converged;
    result.message = "fitted";
    return result;
}

}  // namespace cortifold
