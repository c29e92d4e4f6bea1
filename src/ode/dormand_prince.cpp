#include "step_control.hpp"
#include "stepper.hpp"

#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/external/eigen/eigen_resize.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

#include <algorithm>

namespace cortifold {

namespace {

namespace odeint = boost::numeric::odeint;
using Algebra = odeint::vector_space_algebra;  // one fused Eigen expression a stage
using DormandPrinceMethod = odeint::runge_kutta_dopri5<Vector, double, Vector, double, Algebra>;

class DormandPrince final : public Stepper {
public:
    DormandPrince(DrivenField& field, const OdeProblem& problem, const OdeOptions& options)
        : Stepper(field, problem),
          weights_(options.relative_tolerance, options.absolute_tolerance),
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
        const auto rhs = [this](double t, const Vector& x, Vector& dx) { field_.rhs(t, x, dx); };
        if (step_ == 0.0) step_ = first_step(weights_, t_, x_, dx_, stop - t_, rhs);
        const auto system = [&rhs](const Vector& x, Vector& dx, double t) { rhs(t, x, dx); };
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
