#include "stepper.hpp"

#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/external/eigen/eigen_resize.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta4.hpp>

#include <algorithm>
#include <cmath>

namespace cortifold {

namespace {

namespace odeint = boost::numeric::odeint;
using Algebra = odeint::vector_space_algebra;  // one fused Eigen expression a stage
using ClassicalMethod = odeint::runge_kutta4<Vector, double, Vector, double, Algebra>;

/// The grid t0 + k step, and what all methods on it share. A step ends at the next time of the grid
/// or at a stop before.
class FixedStep : public Stepper {
public:
    FixedStep(DrivenField& field, const OdeProblem& problem, const OdeOptions& options)
        : Stepper(field, problem),
          t0_(problem.t0),
          t1_(problem.t1),
          step_(options.step),
          dx_(x_.size()),
          next_(x_.size()),
          x_old_(x_.size()) {}

    Status advance(double stop) final {
        if (field_.is_random() && drawn_ != reached_) {
            field_.draw(reached_, t_, std::min(grid(reached_ + 1), t1_));
            drawn_ = reached_;
        }
        const double missed = grid(reached_ + 1) - stop;
        const double end = missed < -stretch * step_ ? grid(reached_ + 1) : stop;
        step(end - t_);
        if (!next_.allFinite()) return Status::non_finite;
        x_old_.swap(x_);
        x_.swap(next_);
        t_old_ = t_;
        t_ = end;
        if (missed <= stretch * step_) ++reached_;
        return Status::converged;
    }

protected:
    /// From x_ at t_ to next_.
    virtual void step(double h) = 0;
    /// Back over the last time of the grid, if that was beyond.
    void forget() override {
        if (t_ < grid(reached_) - stretch * step_) --reached_;
    }

private:
    /// Without accumulated rounding.
    [[nodiscard]] double grid(long k) const { return t0_ + static_cast<double>(k) * step_; }

    const double t0_, t1_, step_;
    long reached_ = 0, drawn_ = -1;

protected:
    Vector dx_, next_, x_old_;
};

/// Of a field that is affine in white noise, with the noise dW/h over a step, this is the method of
/// Euler and Maruyama: x + f h + b dW (Kloeden & Platen 1992, eq. 10.2.4).
class Euler final : public FixedStep {
public:
    using FixedStep::FixedStep;

    void interpolate(double t, Vector& x) override {
        x = x_old_ + (t - t_old_) / (t_ - t_old_) * (x_ - x_old_);
    }

private:
    void step(double h) override {
        field_.rhs(t_, x_, dx_);
        next_ = x_ + h * dx_;
    }
};

/// Both evaluations see the same dW/h (Rumelin 1982).
class Heun final : public FixedStep {
public:
    Heun(DrivenField& field, const OdeProblem& problem, const OdeOptions& options)
        : FixedStep(field, problem, options), end_dx_(x_.size()) {}

    /// The parabola with both slopes.
    void interpolate(double t, Vector& x) override {
        const double h = t_ - t_old_, s = (t - t_old_) / h;
        x = x_old_ + s * h * (dx_ + 0.5 * s * (end_dx_ - dx_));
    }

private:
    void step(double h) override {
        field_.rhs(t_, x_, dx_);
        next_ = x_ + h * dx_;
        field_.rhs(t_ + h, next_, end_dx_);
        next_ = x_ + 0.5 * h * (dx_ + end_dx_);
    }

    Vector end_dx_;
};

class RungeKutta4 final : public FixedStep {
public:
    RungeKutta4(DrivenField& field, const OdeProblem& problem, const OdeOptions& options)
        : FixedStep(field, problem, options), dx_old_(x_.size()) {}

    /// Cubic Hermite (Hairer, Norsett & Wanner 1993, eq. II.6.7): of the order of the method.
    void interpolate(double t, Vector& x) override {
        update_slope();
        const double h = t_ - t_old_, s = (t - t_old_) / h;
        x = (1.0 - s) * x_old_ + s * x_ +
            s * (s - 1.0) *
                ((1.0 - 2.0 * s) * (x_ - x_old_) + (s - 1.0) * h * dx_old_ + s * h * dx_);
    }

private:
    void step(double h) override {
        update_slope();
        method_.do_step([this](const Vector& x, Vector& dx, double t) { field_.rhs(t, x, dx); }, x_,
                        dx_, t_, next_, h);
        dx_old_.swap(dx_);
        slope_is_current_ = false;
    }

    void update_slope() {
        if (!slope_is_current_) field_.rhs(t_, x_, dx_);
        slope_is_current_ = true;
    }

    void forget() override {
        FixedStep::forget();
        slope_is_current_ = false;
    }

    ClassicalMethod method_;
    Vector dx_old_;
    bool slope_is_current_ = false;
};

}  // namespace

std::unique_ptr<Stepper> make_fixed_step(DrivenField& field, const OdeProblem& problem,
                                         const OdeOptions& options) {
    if (options.method == OdeMethod::runge_kutta4)
        return std::make_unique<RungeKutta4>(field, problem, options);
    if (options.method == OdeMethod::stochastic_heun)
        return std::make_unique<Heun>(field, problem, options);
    return std::make_unique<Euler>(field, problem, options);
}

}  // namespace cortifold
