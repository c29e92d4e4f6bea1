#include "stepper.hpp"

#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/external/eigen/eigen_resize.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

namespace odeint = boost::numeric::odeint;
using Algebra = odeint::vector_space_algebra;  // one fused Eigen expression a stage
using DormandPrinceMethod = odeint::runge_kutta_dopri5<Vector, double, Vector, double, Algebra>;

/// The root mean square of the local error in units of the tolerance, as in CVODE. A NaN counts as
/// infinite: comparisons with it would accept the step.
class WeightedError {
public:
    explicit WeightedError(const OdeOptions& options)
        : relative_(options.relative_tolerance), absolute_(options.absolute_tolerance) {}

    [[nodiscard]] double norm(const Vector& error, const Vector& x) const {
        const double square =
            (error.array() / (absolute_ + relative_ * x.array().abs())).square().mean();
        return std::isfinite(square) ? std::sqrt(square) : infinity;
    }

private:
    double relative_, absolute_;
};

/// By how much to change a step: proportional-integral control (Hairer & Wanner 1996, section IV.2)
/// with the constants of their dopri5. That the last error counts too saves rejections at each
/// spike.
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

class DormandPrince final : public Stepper {
public:
    DormandPrince(DrivenField& field, const OdeProblem& problem, const OdeOptions& options)
        : Stepper(field, problem),
          weights_(options),
          step_(options.step),
          dx_(x_.size()),
          next_(x_.size()),
          next_dx_(x_.size()),
          x_old_(x_.size()),
          dx_old_(x_.size()),
          error_(x_.size()) {}

    Status advance(double stop) override {
        update_slope();
        if (!dx_.allFinite()) return Status::non_finite;
        if (step_ == 0.0) step_ = first_step(stop - t_);
        const auto system = [this](const Vector& x, Vector& dx, double t) { field_.rhs(t, x, dx); };
        for (;;) {
            const bool last = t_ + (1.0 + stretch) * step_ >= stop;
            const double h = last ? stop - t_ : step_;
            if (h < time_resolution(t_) && !last) return too_small();
            method_.do_step(system, x_, dx_, t_, next_, next_dx_, h, error_);
            const double error = next_.allFinite() ? weights_.norm(error_, x_) : infinity;
            const double proposed = h * control_.factor(error);
            const bool accepted = error <= 1.0;
            // that a stop cut the step short says nothing against the length it was to have
            step_ = accepted && last ? std::max(step_, proposed) : proposed;
            if (accepted) return accept(last ? stop : t_ + h);
        }
    }

    void interpolate(double t, Vector& x) override {
        method_.calc_state(t, x, x_old_, dx_old_, t_old_, x_, dx_, t_);
    }

private:
    Status accept(double t) {
        x_old_.swap(x_);
        x_.swap(next_);
        dx_old_.swap(dx_);
        dx_.swap(next_dx_);
        t_old_ = t_;
        t_ = t;
        return Status::converged;
    }

    void update_slope() {
        if (!slope_is_current_) field_.rhs(t_, x_, dx_);
        slope_is_current_ = true;
    }
    void forget() override { slope_is_current_ = false; }

    Status too_small() const {
        return next_.allFinite() && next_dx_.allFinite() ? Status::step_too_small
                                                         : Status::non_finite;
    }

    /// Hairer, Norsett & Wanner 1993, section II.4, "starting step size".
    double first_step(double span) {
        constexpr double part = 0.01, order = 5.0, of_span = 1e-6;
        const double size = weights_.norm(x_, x_), slope = weights_.norm(dx_, x_);
        double guess = part * size / slope;
        if (!(guess > 0.0) || !std::isfinite(guess)) guess = of_span * span;
        next_ = x_ + guess * dx_;
        field_.rhs(t_ + guess, next_, next_dx_);
        const double curvature = weights_.norm(next_dx_ - dx_, x_) / guess;
        const double steepest = std::max(slope, curvature);
        const double by_order = steepest > 0.0 ? std::pow(part / steepest, 1.0 / order) : guess;
        return std::max(std::min({100.0 * guess, by_order, span}), time_resolution(t_));
    }

    WeightedError weights_;
    StepControl control_;
    DormandPrinceMethod method_;
    double step_;
    bool slope_is_current_ = false;
    Vector dx_, next_, next_dx_, x_old_, dx_old_, error_;
};

}  // namespace

std::unique_ptr<Stepper> make_dormand_prince(DrivenField& field, const OdeProblem& problem,
                                             const OdeOptions& options) {
    return std::make_unique<DormandPrince>(field, problem, options);
}

}  // namespace cortifold
