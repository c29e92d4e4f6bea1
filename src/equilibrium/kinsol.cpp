#include "newton_iteration.hpp"
#include "sundials_solver.hpp"

#include <kinsol/kinsol.h>

#include <limits>

namespace cortifold {

namespace {

struct KinsolProblem {
    const VectorField& field;
    const Vector& parameters;
    sundials::FieldSolver solver;
};

int residual(N_Vector x, N_Vector f, void* data) {
    const auto& problem = *static_cast<KinsolProblem*>(data);
    Eigen::Map<Vector> values = sundials::map(f);
    problem.field.rhs(sundials::map(x), problem.parameters, values);
    return values.allFinite() ? 0 : 1;
}

int factorize(N_Vector x, N_Vector, SUNMatrix, void* data, N_Vector, N_Vector) {
    static_cast<KinsolProblem*>(data)->solver.factorize(sundials::map(x), 0.0, 1.0);
    return 0;
}

Status status_of(int flag) {
    switch (flag) {
        case KIN_SUCCESS:
        case KIN_INITIAL_GUESS_OK:
        case KIN_STEP_LT_STPTOL: return Status::converged;
        case KIN_LINESEARCH_NONCONV:
        case KIN_LINESEARCH_BCFAIL:
        case KIN_MXNEWT_5X_EXCEEDED: return Status::step_too_small;
        case KIN_LINSOLV_NO_RECOVERY:
        case KIN_LSETUP_FAIL:
        case KIN_LSOLVE_FAIL: return Status::singular_jacobian;
        case KIN_SYSFUNC_FAIL:
        case KIN_FIRST_SYSFUNC_ERR:
        case KIN_REPTD_SYSFUNC_ERR: return Status::non_finite;
        default: return Status::iteration_limit;
    }
}

/// A row's scale at the guess, 1 where the Jacobian is not finite: KINSOL then reports f itself.
Vector inverse_row_scales(const EquilibriumProblem& problem, const Vector& state_scales) {
    const Matrix J = jacobian(*problem.field, problem.guess, problem.parameters);
    if (!J.allFinite()) return Vector::Ones(state_scales.size());
    return row_scales(J, state_scales).cwiseInverse();
}

}  // namespace

EquilibriumResult iterate_kinsol(const EquilibriumProblem& problem, const NewtonOptions& options,
                                 ConstVectorRef floor) {
    const auto context = sundials::make_context();
    KinsolProblem data{
        *problem.field, problem.parameters, {*problem.field, problem.parameters, context}};
    EquilibriumResult result;
    result.state = problem.guess;
    const Vector scales = result.state.cwiseAbs().cwiseMax(floor);
    Vector state_weights = scales.cwiseInverse(), row_weights = inverse_row_scales(problem, scales);
    const auto x = sundials::view(result.state, context);
    const auto x_weights = sundials::view(state_weights, context);
    const auto f_weights = sundials::view(row_weights, context);

    const std::unique_ptr<void, void (*)(void*)> memory(KINCreate(context.get()),
                                                        [](void* m) { KINFree(&m); });
    void* const kinsol = memory.get();
    KINSetErrHandlerFn(kinsol, &sundials::keep_message, &result.message);
    KINInit(kinsol, &residual, x.get());
    KINSetUserData(kinsol, &data);
    KINSetLinearSolver(kinsol, data.solver.solver(), data.solver.matrix());
    KINSetJacFn(kinsol, &factorize);
    KINSetFuncNormTol(kinsol, options.residual_tolerance);
    KINSetScaledStepTol(kinsol, options.step_tolerance);
    KINSetNumMaxIters(kinsol, options.max_iterations);
    KINSetMaxSetupCalls(kinsol, 1);  // the exact Jacobian at every step
    const int strategy = options.line_search ? KIN_LINESEARCH : KIN_NONE;
    result.status = status_of(KINSol(kinsol, x.get(), strategy, x_weights.get(), f_weights.get()));
    if (succeeded(result.status)) result.message = "KINSOL converged";
    Vector f(result.state.size());
    problem.field->rhs(result.state, problem.parameters, f);
    result.residual =
        f.allFinite() ? f.cwiseAbs().maxCoeff() : std::numeric_limits<double>::infinity();
    return result;
}

}  // namespace cortifold
