#include <cortifold/core/error.hpp>
#include <cortifold/core/vector_field.hpp>

#include <Eigen/LU>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

using namespace cortifold;

namespace {

constexpr double tolerance = 1e-10;  ///< of solves with matrices whose condition is below 1e4

/// x' = A x: the smallest field there is.
class LinearField final : public VectorField {
public:
    explicit LinearField(Matrix a) : a_(std::move(a)) {}
    std::string_view time_unit() const override { return "1"; }
    Eigen::Index dimension() const override { return a_.rows(); }
    std::span<const Quantity> states() const override { return {}; }
    std::span<const Quantity> parameters() const override { return {}; }
    void rhs(ConstVectorRef x, ConstVectorRef, VectorRef dx) const override { dx = a_ * x; }
    void linearize(ConstVectorRef x, ConstVectorRef, std::span<const std::size_t>, VectorRef f,
                   MatrixRef f_x, MatrixRef) const override {
        f = a_ * x;
        f_x = a_;
    }
    void directional(ConstVectorRef, ConstVectorRef, ConstVectorRef, ConstVectorRef,
                     std::span<const std::size_t>, MatrixRef f_xv, MatrixRef) const override {
        f_xv.setZero();
    }

private:
    Matrix a_;
};

/// Entries in (-1, 1) with 3 or -3 added to the diagonal, so that neither sign of the determinant
/// is special.
template <class S>
MatrixOf<S> well_conditioned(Eigen::Index n) {
    const auto entry = [] { return *rc::gen::inRange(-1000, 1001) / 1000.0; };
    MatrixOf<S> a(n, n);
    for (S& value : a.reshaped()) {
        if constexpr (std::is_same_v<S, double>)
            value = entry() / static_cast<double>(n);
        else
            value = S(entry(), entry()) / static_cast<double>(n);
    }
    for (Eigen::Index k = 0; k < n; ++k) a(k, k) += *rc::gen::element(-3.0, 3.0);
    return a;
}

template <class S>
void check_solver(const LinearSolver<S>& solver, const MatrixOf<S>& a) {
    const MatrixOf<S> b = MatrixOf<S>::Identity(a.rows(), 2).array() + S(0.5);
    MatrixOf<S> x = b;
    solver.solve(x);
    RC_ASSERT((a * x - b).norm() < tolerance);
    x = b;
    solver.solve_adjoint(x);
    RC_ASSERT((a.adjoint() * x - b).norm() < tolerance);
    const S determinant = a.determinant();
    RC_ASSERT(std::abs(solver.log_abs_det() - std::log(std::abs(determinant))) < tolerance);
    RC_ASSERT(std::abs(solver.sign_det() - determinant / std::abs(determinant)) < tolerance);
}

}  // namespace

RC_GTEST_PROP(DenseSolver, SolvesAndKnowsTheDeterminantOfTheShiftedRealJacobian, ()) {
    const auto n = *rc::gen::inRange<Eigen::Index>(1, 9);
    const Matrix a = well_conditioned<double>(n);
    const double shift = *rc::gen::inRange(-100, 100) / 100.0;
    const LinearField field(a);
    const Matrix shifted = a - shift * Matrix::Identity(n, n);
    check_solver<double>(*field.factorize(Vector::Zero(n), Vector(), shift), shifted);
}

RC_GTEST_PROP(DenseSolver, SolvesAndKnowsTheDeterminantOfTheShiftedComplexJacobian, ()) {
    const auto n = *rc::gen::inRange<Eigen::Index>(1, 9);
    const Matrix a = well_conditioned<double>(n);
    const std::complex<double> shift(0.3, *rc::gen::inRange(-200, 200) / 100.0);
    const LinearField field(a);
    const ComplexMatrix shifted =
        a.cast<std::complex<double>>() - shift * ComplexMatrix::Identity(n, n);
    check_solver<std::complex<double>>(*field.factorize_complex(Vector::Zero(n), Vector(), shift),
                                       shifted);
}

RC_GTEST_PROP(DenseSolver, TakesMatricesWithComplexEntries, ()) {
    const ComplexMatrix a =
        well_conditioned<std::complex<double>>(*rc::gen::inRange<Eigen::Index>(1, 9));
    check_solver<std::complex<double>>(*factorize_dense(a), a);
}

TEST(DenseSolver, ASingularMatrixHasNoSignAndAnInfiniteNegativeLogarithm) {
    const Matrix a = (Matrix(2, 2) << 1.0, 2.0, 2.0, 4.0).finished();
    const auto solver = factorize_dense(a);
    EXPECT_EQ(solver->sign_det(), 0.0);
    EXPECT_EQ(solver->log_abs_det(), -std::numeric_limits<double>::infinity());
}

TEST(VectorField, MultipliesByItsJacobian) {
    const Matrix a = (Matrix(2, 2) << 1.0, 2.0, -3.0, 4.0).finished();
    const Matrix v = (Matrix(2, 3) << 1.0, 0.0, 2.0, 0.0, 1.0, -1.0).finished();
    const LinearField field(a);
    Matrix product(2, 3);
    field.jacobian_times(Vector::Zero(2), Vector(), v, product);
    EXPECT_EQ(product, a * v);
    EXPECT_EQ(jacobian(field, Vector::Zero(2), Vector()), a);
}

TEST(VectorField, RefusesTaylorCoefficientsItDoesNotHave) {
    const LinearField field(Matrix::Identity(1, 1));
    Matrix f(1, 2);
    EXPECT_EQ(field.taylor_order(), 0);
    EXPECT_THROW(field.taylor(Matrix::Zero(1, 2), Matrix(), f), UsageError);
}
