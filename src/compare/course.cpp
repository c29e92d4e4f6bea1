#include <cortifold/compare/course.hpp>
#include <cortifold/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

constexpr double per_hz_ms = 1e-3;
constexpr double rounding = 1e-9;  // of a bin

/// The integral of a course from its beginning. Its rate is linear in stretches.
class Accumulated {
public:
    explicit Accumulated(const PredictedCourse& course) {
        const Vector &t = course.t_ms, &rate = course.rate_hz;
        const Eigen::Index n = t.size();
        const bool in_bins = course.bin_ms > 0.0;
        knots_ = in_bins ? Vector(n + 1) : t;
        if (in_bins) knots_ << t.array() - 0.5 * course.bin_ms, t[n - 1] + 0.5 * course.bin_ms;
        left_ = in_bins ? rate : Vector(rate.head(n - 1));
        right_ = in_bins ? rate : Vector(rate.tail(n - 1));
        sums_ = Vector::Zero(knots_.size());
        for (Eigen::Index k = 1; k < sums_.size(); ++k)
            sums_[k] =
                sums_[k - 1] + 0.5 * (knots_[k] - knots_[k - 1]) * (left_[k - 1] + right_[k - 1]);
    }
    [[nodiscard]] double begin() const { return knots_[0]; }
    [[nodiscard]] double end() const { return knots_[knots_.size() - 1]; }
    [[nodiscard]] double until(double t) const {
        const Eigen::Index k = std::clamp<Eigen::Index>(
            std::ranges::upper_bound(knots_, t) - knots_.begin() - 1, 0, knots_.size() - 2);
        const double ahead = t - knots_[k];
        const double slope = (right_[k] - left_[k]) / (knots_[k + 1] - knots_[k]);
        return sums_[k] + ahead * (left_[k] + 0.5 * ahead * slope);
    }

private:
    Vector knots_, left_, right_, sums_;
};

double root_mean_square(const Vector& values) {
    return values.norm() / std::sqrt(static_cast<double>(values.size()));
}

}  // namespace

bool CourseComparison::agrees(const AgreementRule& rule) const {
    const double tolerated = rule.tolerance * level_hz;
    const double spread = rule.largest_z * std::sqrt(2.0 / static_cast<double>(t_ms.size()));
    return deviation_hz * deviation_hz <=
           tolerated * tolerated + scatter_hz * scatter_hz * (1.0 + spread);
}

CourseComparison compare_courses(const PredictedCourse& predicted, const CountedCourse& counted) {
    const Vector& times = predicted.t_ms;
    require(times.size() >= 2 && times.size() == predicted.rate_hz.size() && times.allFinite() &&
                predicted.rate_hz.allFinite() &&
                std::ranges::adjacent_find(times, std::greater_equal{}) == times.end(),
            "a predicted course needs two ascending times or more, and a rate at each");
    require(
        counted.t_ms.size() == counted.rate_hz.size() && counted.bin_ms > 0.0 && counted.size > 0.0,
        "a counted course needs a rate for each bin, a width of bins and a size");
    CourseComparison result;
    const double half = 0.5 * counted.bin_ms, slack = rounding * counted.bin_ms;
    const Accumulated integral(predicted);
    const auto covered = [&](double t) {
        return t - half >= integral.begin() - slack && t + half <= integral.end() + slack;
    };
    const auto first = std::ranges::find_if(counted.t_ms, covered);
    const auto last = std::find_if_not(first, counted.t_ms.end(), covered);
    const Eigen::Index skipped = first - counted.t_ms.begin(), bins = last - first;
    result.t_ms = counted.t_ms.segment(skipped, bins);
    result.observed_hz = counted.rate_hz.segment(skipped, bins);
    if (bins == 0) return result;
    result.predicted_hz = result.t_ms.unaryExpr([&](double t) {
        return (integral.until(t + half) - integral.until(t - half)) / counted.bin_ms;
    });
    const double one_spike_hz = 1.0 / (per_hz_ms * counted.size * counted.bin_ms);
    result.error_hz = (result.predicted_hz.cwiseMax(one_spike_hz) * one_spike_hz).cwiseSqrt();
    const Vector difference = result.observed_hz - result.predicted_hz;
    result.squares = difference.cwiseQuotient(result.error_hz).squaredNorm();
    difference.cwiseQuotient(result.error_hz).cwiseAbs().maxCoeff(&result.largest);
    result.deviation_hz = root_mean_square(difference);
    result.scatter_hz = root_mean_square(result.error_hz);
    result.level_hz = root_mean_square(result.predicted_hz);
    return result;
}

}  // namespace cortifold
