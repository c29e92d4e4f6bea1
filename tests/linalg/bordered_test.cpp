// Both bordered solvers against LU of the whole matrix: where A is regular, where it is singular
// and M is not, and where rows and columns have sizes that differ by many orders.

#include <cortifold/linalg/bordered.hpp>

#include <Eigen/LU>
#include <Eigen/QR>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <random>

using namespace cortifold;

namespace {

using Complex = std::complex<double>;

constexpr double roundoff = 1e-11;  ///< of matrices with condition numbers of some hundreds

/// Matrices of normal numbers.
template <class S>
class Generator {
public:
    explicit Generator(unsigned seed) : engine_(seed) {}
    MatrixOf<S> operator()(Eigen::Index rows, Eigen::Index columns) {
        return MatrixOf<S>::NullaryExpr(rows, columns, [this] { return number(); });
    }

private:
    S number() {
        const double re = normal_(engine_);
        if constexpr (std::is_same_v<S, double>)
            return re;
        else
            return {re, normal_(engine_)};
    }
    std::mt19937 engine_;
    std::normal_distribution<double> normal_;
};

template <class S>
MatrixOf<S> assemble(const MatrixOf<S>& a, const Borders<S>& borders) {
    MatrixOf<S> m(a.rows() + borders.corner.rows(), a.cols() + borders.corner.cols());
    m << a, borders.columns, borders.rows.transpose(), borders.corner;
    return m;
}

template <class S>
std::unique_ptr<LinearSolver<S>> eliminated(const MatrixOf<S>& a, const Borders<S>& borders) {
    return border_by_elimination<S>(factorize_dense<S>(a), borders);
}

template <class S>
double relative_error(const MatrixOf<S>& found, const MatrixOf<S>& expected) {
    return (found - expected).norm() / expected.norm();
}

/// M x = b and M^H x = b, by their solutions.
template <class S>
void expect_solves(const LinearSolver<S>& solver, const MatrixOf<S>& m, const MatrixOf<S>& x) {
    MatrixOf<S> found = m * x;
    solver.solve(found);
    EXPECT_LT(relative_error(found, x), roundoff);
    found = m.adjoint() * x;
    solver.solve_adjoint(found);
    EXPECT_LT(relative_error(found, x), roundoff);
}

template <class S>
void expect_determinant(const LinearSolver<S>& solver, const MatrixOf<S>& m) {
    const S det = m.partialPivLu().determinant();
    EXPECT_NEAR(solver.log_abs_det(), std::log(std::abs(det)), roundoff);
    EXPECT_LT(std::abs(solver.sign_det() - det / std::abs(det)), roundoff);
}

template <class S>
struct System {
    MatrixOf<S> a;
    Borders<S> borders;
    MatrixOf<S> m, x;
};

/// A system of n rows with k borders, and two solutions.
template <class S>
System<S> random_system(Eigen::Index n, Eigen::Index k, unsigned seed) {
    Generator<S> next(seed);
    System<S> system{next(n, n), {next(n, k), next(n, k), next(k, k)}, {}, next(n + k, 2)};
    system.m = assemble(system.a, system.borders);
    return system;
}

/// The same with a kernel of the given dimension in A.
template <class S>
System<S> singular_system(Eigen::Index n, Eigen::Index k, Eigen::Index defect, unsigned seed) {
    System<S> system = random_system<S>(n, k, seed);
    Generator<S> next(seed + 1);
    const MatrixOf<S> q = next(n, n).householderQr().householderQ();
    system.a -= (system.a * q.leftCols(defect)).eval() * q.leftCols(defect).adjoint();
    system.m = assemble(system.a, system.borders);
    return system;
}

template <class S>
class Bordered : public testing::Test {};
using Scalars = testing::Types<double, Complex>;

struct ScalarNames {
    template <class S>
    static std::string GetName(int) {
        return std::is_same_v<S, double> ? "Real" : "Complex";
    }
};

}  // namespace

TYPED_TEST_SUITE(Bordered, Scalars, ScalarNames);

TYPED_TEST(Bordered, BothSolveAsLuOfTheWholeMatrixDoes) {
    for (const Eigen::Index k : {1, 2, 4})
        for (const unsigned seed : {1U, 2U, 3U}) {
            const auto system = random_system<TypeParam>(9, k, seed);
            SCOPED_TRACE(k);
            expect_solves(*factorize_equilibrated<TypeParam>(system.m), system.m, system.x);
            expect_solves(*eliminated(system.a, system.borders), system.m, system.x);
        }
}

TYPED_TEST(Bordered, BothKnowTheDeterminantAndItsSign) {
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
        const auto system = random_system<TypeParam>(6, 2, seed);
        expect_determinant(*factorize_equilibrated<TypeParam>(system.m), system.m);
        expect_determinant(*eliminated(system.a, system.borders), system.m);
    }
}

// Equilibria at folds and branch points: A is singular, and M is what makes sense of it.
TYPED_TEST(Bordered, BothSolveWhereTheInnerMatrixIsSingular) {
    for (const Eigen::Index k : {1, 2, 3})
        for (const unsigned seed : {1U, 2U, 3U}) {
            const auto system = singular_system<TypeParam>(8, k, 1, seed);
            SCOPED_TRACE(k);
            expect_solves(*factorize_equilibrated<TypeParam>(system.m), system.m, system.x);
            expect_solves(*eliminated(system.a, system.borders), system.m, system.x);
        }
}

TYPED_TEST(Bordered, BothSolveWhereTheInnerMatrixIsNearlySingular) {
    for (const double gap : {1e-6, 1e-10, 1e-14}) {
        auto system = singular_system<TypeParam>(8, 1, 1, 5);
        SCOPED_TRACE(gap);
        system.a += gap * Generator<TypeParam>(6)(8, 8);
        system.m = assemble(system.a, system.borders);
        expect_solves(*factorize_equilibrated<TypeParam>(system.m), system.m, system.x);
        expect_solves(*eliminated(system.a, system.borders), system.m, system.x);
    }
}

// A power of two scales without rounding: the answer is the same, not only as good.
TYPED_TEST(Bordered, EquilibrationUndoesTheUnitsOfRowsAndColumns) {
    const double huge = std::exp2(40);  // about 1e12
    const auto system = random_system<TypeParam>(7, 1, 3);
    Vector rows = Vector::Ones(8), columns = Vector::Ones(8);
    rows[0] = columns[3] = huge;
    rows[5] = columns[6] = 1.0 / huge;
    const MatrixOf<TypeParam> scaled = rows.asDiagonal() * system.m * columns.asDiagonal();
    MatrixOf<TypeParam> plain = system.x, found = rows.asDiagonal() * system.x;
    factorize_equilibrated<TypeParam>(system.m)->solve(plain);
    factorize_equilibrated<TypeParam>(scaled)->solve(found);
    found = columns.asDiagonal() * found;
    EXPECT_LT(relative_error(found, plain), roundoff);
    expect_determinant(*factorize_equilibrated<TypeParam>(scaled), scaled);
}

TYPED_TEST(Bordered, SignOfTheDeterminantIsZeroWhereTheWholeMatrixIsSingular) {
    MatrixOf<TypeParam> m = MatrixOf<TypeParam>::Identity(3, 3);
    m.row(2).setZero();
    EXPECT_EQ(factorize_equilibrated<TypeParam>(m)->sign_det(), TypeParam(0.0));
}

// One border regular, A with a kernel of dimension two: what is singular must not look solved.
TYPED_TEST(Bordered, OneBorderIsNotEnoughForAKernelOfTwo) {
    const auto system = singular_system<TypeParam>(6, 1, 2, 7);
    const double size = std::log(system.m.norm());
    EXPECT_LT(factorize_equilibrated<TypeParam>(system.m)->log_abs_det(),
              static_cast<double>(system.m.rows()) * size + std::log(roundoff));
    EXPECT_LT(eliminated(system.a, system.borders)->log_abs_det(),
              static_cast<double>(system.m.rows()) * size + std::log(roundoff));
}
