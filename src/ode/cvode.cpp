#include "stepper.hpp"
#include "sundials_solver.hpp"

#include <cvodes/cvodes.h>

namespace cortifold {

namespace {

Status status_of(int flag) {
    switch (flag) {
        case CV_RHSFUNC_FAIL:
        case CV_FIRST_RHSFUNC_ERR:
        case CV_REPTD_RHSFUNC_ERR:
        case CV_UNREC_RHSFUNC_ERR: return Status::non_finite;
        case CV_LSETUP_FAIL:
        case CV_LSOLVE_FAIL: return Status::singular_jacobian;
        default: return flag < 0 ? Status::step_too_small : Status::converged;
    }
}

/// CVODES' variable-order BDF, a step a call. The Newton matrix I - gamma J = -gamma (J - 1/gamma)
/// is factorized by the field itself, which may know its structure.
class Cvode final : public Stepper {
public:
    Cvode(DrivenField& field, const OdeProblem& problem, const OdeOptions& options)
        : Stepper(field, problem),
          context_(sundials::make_context()),
          solver_(field.field(), field.parameters(), context_),
          y_(sundials::view(x_, context_)),
          memory_(CVodeCreate(CV_BDF, context_.get()), [](void* m) { CVodeFree(&m); }) {
        void* const cvode = memory_.get();
        CVodeSetErrHandlerFn(cvode, &sundials::keep_message, &message_);
        CVodeInit(cvode, &Cvode::evaluate, problem.t0, y_.get());
        CVodeSetUserData(cvode, this);
        CVodeSStolerances(cvode, options.relative_tolerance, options.absolute_tolerance);
        CVodeSetInitStep(cvode, options.step);
        CVodeSetLinearSolver(cvode, solver_.solver(), solver_.matrix());
        CVodeSetLinSysFn(cvode, &Cvode::factorize);
    }

    Status advance(double stop) override {
        if (stop != stop_) CVodeSetStopTime(memory_.get(), stop_ = stop);
        last_good_ = x_;
        double t = t_;
        const Status status = status_of(CVode(memory_.get(), stop, y_.get(), &t, CV_ONE_STEP));
        const bool moved = t - t_ > time_resolution(t_) || t == stop;
        if (succeeded(status) && moved && x_.allFinite()) {
            t_old_ = t_;
            t_ = t;
            return Status::converged;
        }
        x_ = last_good_;
        return succeeded(status) ? Status::step_too_small : status;
    }

    void interpolate(double t, Vector& x) override {
        const auto view = sundials::view(x, context_);
        CVodeGetDky(memory_.get(), t, 0, view.get());
    }

    [[nodiscard]] long factorizations() const override { return solver_.factorizations(); }

private:
    void forget() override {
        CVodeReInit(memory_.get(), t_, y_.get());
        stop_ = t_;
    }

    static int evaluate(double t, N_Vector y, N_Vector dy, void* self) {
        Eigen::Map<Vector> slope = sundials::map(dy);
        static_cast<Cvode*>(self)->field_.rhs(t, sundials::map(y), slope);
        return slope.allFinite() ? 0 : 1;
    }

    static int factorize(double t, N_Vector y, N_Vector, SUNMatrix, booleantype,
                         booleantype* jacobian_is_current, double gamma, void* self, N_Vector,
                         N_Vector, N_Vector) {
        auto& cvode = *static_cast<Cvode*>(self);
        cvode.field_.move_to(t);
        cvode.solver_.factorize(sundials::map(y), 1.0 / gamma, -gamma);
        *jacobian_is_current = SUNTRUE;
        return 0;
    }

    sundials::Context context_;
    sundials::FieldSolver solver_;
    sundials::NVector y_;
    std::unique_ptr<void, void (*)(void*)> memory_;
    double stop_ = -infinity;
    Vector last_good_;
};

}  // namespace

std::unique_ptr<Stepper> make_cvode(DrivenField& field, const OdeProblem& problem,
                                    const OdeOptions& options) {
    return std::make_unique<Cvode>(field, problem, options);
}

}  // namespace cortifold
