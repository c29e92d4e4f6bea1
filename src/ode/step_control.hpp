#pragma once

#include "driven_field.hpp"

#include <algorithm>
#include <cmath>

namespace cortifold {

/// The part of a step by which it may miss a stop and still end there, so that no sliver is left.
constexpr double stretch = 1e-9;

/// The root mean square of the local error in units of the tolerance, as in CVODE. A NaN counts as
/// infinite: comparisons with it would accept the step.
class WeightedError {
public:
    WeightedError(double relative, double absolute) : relative_(relative), absolute_(absolute) {}

    [[nodiscard]] double norm(const Vector& error, const Vector& x) const {
        const double square =
            (error.array() / (absolute_ + relative_ * x.array().abs())).square().mean();
        return std::isfinite(square) ? std::sqrt(square) : infinity;
    }

private:
    double relative_, absolute_;
};

/// By how much to change a step of the method of Dormand and Prince of order 5(4):
/// proportional-integral control (Hairer & Wanner 1996, section IV.2) with the constants of their
/// dopri5. That the last error counts too saves rejections at each spike.
class StepControl {
public:
    /// After a step of this error: the factor of the next one, or of another try.
    double factor(double error) {
        const bool accepted = error <= 1.0, after_rejection = rejected_;
        rejected_ = !accepted;
        const double by_error = safety * std::pow(error, -(1.0 / order - 0.75 * integral));
        if (!accepted) return std::max(by_error, smallest);
        const double by_both = by_error * std::pow(last_error_, integral);
        last_error_ = std::max(error, least_error);
        return std::clamp(by_both, smallest, after_rejection ? 1.0 : largest);
    }

private:
    static constexpr double order = 5.0, integral = 0.04, safety = 0.9, smallest = 0.2,
                            largest = 10.0, least_error = 1e-4;
    double last_error_ = least_error;
    bool rejected_ = false;
};

/// Of the same method: Hairer, Norsett & Wanner 1993, section II.4, "starting step size". `rhs` is
/// called as rhs(t, x, dx).
template <class Rhs>
[[nodiscard]] double first_step(const WeightedError& weights, double t, const Vector& x,
                                const Vector& dx, double span, const Rhs& rhs) {
    constexpr double part = 0.01, order = 5.0, of_span = 1e-6;
    const double size = weights.norm(x, x), slope = weights.norm(dx, x);
    double guess = part * size / slope;
    if (!(guess > 0.0) || !std::isfinite(guess)) guess = of_span * span;
    const Vector next = x + guess * dx;
    Vector next_dx(x.size());
    rhs(t + guess, next, next_dx);
    const double curvature = weights.norm(next_dx - dx, x) / guess;
    const double steepest = std::max(slope, curvature);
    const double by_order = steepest > 0.0 ? std::pow(part / steepest, 1.0 / order) : guess;
    return std::max(std::min({100.0 * guess, by_order, span}), time_resolution(t));
}

}  // namespace cortifold
