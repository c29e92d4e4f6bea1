#pragma once

#include <cortifold/continuation/cycle.hpp>
#include <cortifold/equilibrium/newton.hpp>

#include <limits>
#include <utility>
#include <vector>

namespace cortifold {

/// Follows a trajectory step by step until it comes back.
class Return {
public:
    Return(const EquilibriumProblem& problem, double closeness, std::size_t wait)
        : problem_(problem), closeness_(closeness), wait_(wait) {}

    Flow see(double t, ConstVectorRef x) {
        if (is_overdue()) begin_anew();
        times_.push_back(t);
        states_.emplace_back(x);
        low_ = states_.size() == 1 ? Vector(x) : Vector(low_.cwiseMin(x));
        high_ = states_.size() == 1 ? Vector(x) : Vector(high_.cwiseMax(x));
        return states_.size() > 1 && closes() ? Flow::stop : Flow::proceed;
    }

    [[nodiscard]] bool is_closed() const { return closed_; }
    /// Whether it was waited for as long as it was to be: for twice as long from the next step on.
    [[nodiscard]] bool is_overdue() const { return times_.size() > wait_; }
    [[nodiscard]] const std::vector<Vector>& states() const { return states_; }

    /// What closed was not meant: the next return, from here on, is to be closer.
    void look_closer(double t, ConstVectorRef x) {
        times_ = {t};
        states_ = {Vector(x)};
        low_ = high_ = x;
        direction_ = Vector();
        closed_ = false;
        closeness_ *= closer;
    }

    [[nodiscard]] Orbit orbit() const {
        const auto count = static_cast<Eigen::Index>(times_.size());
        Orbit orbit{Eigen::Map<const Vector>(times_.data(), count).array() - times_.front(),
                    Matrix(low_.size(), count)};
        for (Eigen::Index k = 0; k < count; ++k)
            orbit.states.col(k) = states_[static_cast<std::size_t>(k)];
        return orbit;
    }

private:
    static constexpr double closer = 0.1;

    /// From the last state on; the next time for twice as long.
    void begin_anew() {
        times_ = {times_.back()};
        states_ = {Vector(states_.back())};
        low_ = high_ = states_.front();
        wait_ *= 2;
        direction_ = Vector();
    }

    /// Whether the last step crosses the plane through the first state, across the flow there,
    /// close to that state: the step is then cut there.
    bool closes() {
        if (direction_.size() == 0) {
            direction_.resize(low_.size());
            problem_.field->rhs(states_.front(), problem_.parameters, direction_);
        }
        const Vector range = (high_ - low_).cwiseMax(std::numeric_limits<double>::min());
        const Vector normal = direction_.cwiseQuotient(range.cwiseAbs2());
        Vector& to = states_.back();
        const Vector& from = states_[states_.size() - 2];
        const double before = normal.dot(from - states_.front()),
                     after = normal.dot(to - states_.front());
        if (!(before < 0.0 && after >= 0.0)) return false;
        double& t = times_.back();
        const double step = t - times_[times_.size() - 2];
        const auto [part, crossing] = crossing_of(normal, step);
        const double distance =
            (crossing - states_.front()).cwiseQuotient(range).cwiseAbs().maxCoeff();
        if (distance > closeness_) return false;
        t += (part - 1.0) * step;
        to = states_.front();
        return closed_ = true;
    }

    /// Where the last step crosses the plane, on the cubic with the field's slopes at its ends: in
    /// parts of the step, by bisection.
    [[nodiscard]] std::pair<double, Vector> crossing_of(const Vector& normal, double step) const {
        constexpr int halvings = 40;
        const Vector &from = states_[states_.size() - 2], &to = states_.back();
        Vector slope_from(from.size()), slope_to(from.size()), at = from;
        problem_.field->rhs(from, problem_.parameters, slope_from);
        problem_.field->rhs(to, problem_.parameters, slope_to);
        double low = 0.0, high = 1.0, s = 0.0;
        for (int k = 0; k < halvings; ++k) {
            s = 0.5 * (low + high);
            const double r = 1.0 - s;
            at = r * r * (1.0 + 2.0 * s) * from + s * s * (1.0 + 2.0 * r) * to +
                 step * s * r * (r * slope_from - s * slope_to);
            (normal.dot(at - states_.front()) < 0.0 ? low : high) = s;
        }
        return {s, at};
    }

    const EquilibriumProblem& problem_;
    double closeness_;
    Vector low_, high_;
    Vector direction_;  ///< of the flow at the first state
    std::vector<double> times_;
    std::vector<Vector> states_;
    std::size_t wait_;
    bool closed_ = false;
};

}  // namespace cortifold
