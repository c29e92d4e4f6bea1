#pragma once

#include <cortifold/core/vector_field.hpp>

#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>

#include <memory>
#include <string>
#include <type_traits>

namespace cortifold::sundials {

// What KINSOL and CVODES need of us: vectors on Eigen's memory, and a linear solver that lets the
// field factorize its own Jacobian. A context belongs to one thread.

using Context = std::unique_ptr<std::remove_pointer_t<SUNContext>, void (*)(SUNContext)>;
inline Context make_context() {
    SUNContext context = nullptr;
    SUNContext_Create(nullptr, &context);
    return {context, [](SUNContext c) { SUNContext_Free(&c); }};
}

using NVector = std::unique_ptr<std::remove_pointer_t<N_Vector>, void (*)(N_Vector)>;
/// A view of x, which outlives it.
inline NVector view(Vector& x, const Context& context) {
    return {N_VMake_Serial(x.size(), x.data(), context.get()), &N_VDestroy};
}

inline Eigen::Map<Vector> map(N_Vector x) {
    return {N_VGetArrayPointer(x), N_VGetLength_Serial(x)};
}

/// Catches the messages that would go to stderr; the last one is kept.
inline void keep_message(int, const char*, const char*, char* text, void* message) {
    *static_cast<std::string*>(message) = text;
}

/// Solves scale (J - shift) x = b with the factorization that `factorize` made last. The matrix of
/// SUNDIALS stays empty: it only satisfies the checks of its callers.
class FieldSolver {
public:
    FieldSolver(const VectorField& field, const Vector& parameters, const Context& context)
        : field_(field),
          p_(parameters),
          matrix_(SUNMatNewEmpty(context.get()), &SUNMatFreeEmpty),
          solver_(SUNLinSolNewEmpty(context.get()), &SUNLinSolFreeEmpty) {
        matrix_->ops->getid = [](SUNMatrix) { return SUNMATRIX_CUSTOM; };
        matrix_->ops->zero = [](SUNMatrix) { return 0; };
        solver_->content = this;
        solver_->ops->gettype = [](SUNLinearSolver) { return SUNLINEARSOLVER_DIRECT; };
        solver_->ops->getid = [](SUNLinearSolver) { return SUNLINEARSOLVER_CUSTOM; };
        solver_->ops->setup = [](SUNLinearSolver, SUNMatrix) { return SUNLS_SUCCESS; };
        solver_->ops->solve = [](SUNLinearSolver s, SUNMatrix, N_Vector x, N_Vector b, realtype) {
            return static_cast<const FieldSolver*>(s->content)->solve(map(x), map(b));
        };
    }
    FieldSolver(const FieldSolver&) = delete;
    FieldSolver& operator=(const FieldSolver&) = delete;

    void factorize(ConstVectorRef x, double shift, double scale) {
        factors_ = field_.factorize(x, p_, shift);
        scale_ = scale;
        ++factorizations_;
    }

    [[nodiscard]] SUNMatrix matrix() const { return matrix_.get(); }
    [[nodiscard]] SUNLinearSolver solver() const { return solver_.get(); }
    [[nodiscard]] long factorizations() const { return factorizations_; }

private:
    int solve(Eigen::Map<Vector> x, ConstVectorRef b) const {
        x = b / scale_;
        factors_->solve(x);
        return x.allFinite() ? SUNLS_SUCCESS : SUNLS_LUFACT_FAIL;
    }

    const VectorField& field_;
    const Vector& p_;
    std::unique_ptr<std::remove_pointer_t<SUNMatrix>, void (*)(SUNMatrix)> matrix_;
    std::unique_ptr<std::remove_pointer_t<SUNLinearSolver>, void (*)(SUNLinearSolver)> solver_;
    std::unique_ptr<LinearSolver<double>> factors_;
    double scale_ = 1.0;
    long factorizations_ = 0;
};

}  // namespace cortifold::sundials
