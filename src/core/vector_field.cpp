#include <cortifold/core/error.hpp>
#include <cortifold/core/vector_field.hpp>

#include <Eigen/LU>

#include <cmath>

namespace cortifold {

namespace {

template <class S>
class DenseSolver final : public LinearSolver<S> {
public:
    explicit DenseSolver(const MatrixOf<S>& a) : lu_(a) {}
    void solve(Eigen::Ref<MatrixOf<S>> b) const override { b = lu_.solve(b).eval(); }
    void solve_adjoint(Eigen::Ref<MatrixOf<S>> b) const override {
        const MatrixOf<S> x = lu_.adjoint().solve(b);
        b = x;
    }
    [[nodiscard]] double log_abs_det() const override {
        return lu_.matrixLU().diagonal().cwiseAbs().array().log().sum();
    }
    [[nodiscard]] S sign_det() const override {
        S sign(static_cast<double>(lu_.permutationP().determinant()));
        for (Eigen::Index k = 0; k < lu_.matrixLU().rows(); ++k) {
            const S pivot = lu_.matrixLU()(k, k);
            sign *= pivot == S(0.0) ? S(0.0) : pivot / std::abs(pivot);
        }
        return sign;
    }

private:
    Eigen::PartialPivLU<MatrixOf<S>> lu_;
};

}  // namespace

template <class S>
std::unique_ptr<LinearSolver<S>> factorize_dense(const MatrixOf<S>& a) {
    return std::make_unique<DenseSolver<S>>(a);
}
template std::unique_ptr<LinearSolver<double>> factorize_dense(const Matrix&);
template std::unique_ptr<LinearSolver<std::complex<double>>> factorize_dense(const ComplexMatrix&);

std::string_view to_string(Crossing crossing) {
    switch (crossing) {
        case Crossing::rising: return "rising";
        case Crossing::falling: return "falling";
        case Crossing::either: return "either";
    }
    return "unknown";
}

Vector VectorField::initial(ConstVectorRef) const {
    return default_values(states());
}

void VectorField::jump_values(ConstVectorRef, ConstVectorRef, VectorRef) const {}

void VectorField::auxiliary_values(ConstVectorRef, ConstVectorRef, VectorRef) const {}

Flow VectorField::jump(std::size_t, VectorRef, VectorRef) const {
    throw UsageError("this vector field has no jumps");
}

void VectorField::jacobian_times(ConstVectorRef x, ConstVectorRef p, ConstMatrixRef V,
                                 MatrixRef JV) const {
    JV.noalias() = jacobian(*this, x, p) * V;
}

void VectorField::taylor(ConstMatrixRef, ConstMatrixRef, MatrixRef) const {
    throw UsageError("this vector field has no Taylor coefficients (taylor_order is 0)");
}

std::unique_ptr<LinearSolver<double>> VectorField::factorize(ConstVectorRef x, ConstVectorRef p,
                                                             double shift) const {
    Matrix a = jacobian(*this, x, p);
    a.diagonal().array() -= shift;
    return factorize_dense(a);
}

std::unique_ptr<LinearSolver<std::complex<double>>> VectorField::factorize_complex(
    ConstVectorRef x, ConstVectorRef p, std::complex<double> shift) const {
    ComplexMatrix a = jacobian(*this, x, p).cast<std::complex<double>>();
    a.diagonal().array() -= shift;
    return factorize_dense(a);
}

std::optional<ComplexVector> VectorField::structured_spectrum(ConstVectorRef,
                                                              ConstVectorRef) const {
    return std::nullopt;
}

Vector default_values(std::span<const Quantity> table) {
    Vector values(static_cast<Eigen::Index>(table.size()));
    for (std::size_t k = 0; k < table.size(); ++k)
        values[static_cast<Eigen::Index>(k)] = table[k].value;
    return values;
}

Matrix jacobian(const VectorField& field, ConstVectorRef x, ConstVectorRef p) {
    const Eigen::Index n = field.dimension();
    Vector f(n);
    Matrix f_x(n, n), f_p(n, 0);
    field.linearize(x, p, {}, f, f_x, f_p);
    return f_x;
}

}  // namespace cortifold
