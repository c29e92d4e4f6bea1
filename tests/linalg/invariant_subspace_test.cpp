#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/linalg/invariant_subspace.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace cortifold {
namespace {

constexpr double rounding = 1e-12;

Matrix random_matrix(Eigen::Index n, unsigned seed) {
    std::mt19937_64 bits(seed);
    std::normal_distribution<double> normal;
    return Matrix::NullaryExpr(n, n, [&] { return normal(bits); });
}

class InvariantSubspaces : public testing::TestWithParam<std::tuple<int, Side>> {
protected:
    Matrix a = random_matrix(std::get<0>(GetParam()), 7);
    Side side = std::get<1>(GetParam());
    InvariantSubspace of_a = invariant_subspace(a, side);
};

TEST_P(InvariantSubspaces, AreInvariantAndHaveTheEigenvaluesOfTheirSide) {
    ASSERT_EQ(of_a.status, Status::converged);
    const Eigen::Index growing = (eigenvalues(a).real().array() > 0.0).count();
    EXPECT_EQ(of_a.R.cols(), side == Side::growing ? growing : a.rows() - growing);
    EXPECT_LT((a * of_a.R - of_a.R * of_a.U).norm(), rounding);
    EXPECT_LT((of_a.L.transpose() * a - of_a.S * of_a.L.transpose()).norm(), rounding);
    Matrix all(a.rows(), a.cols());
    all << of_a.R, of_a.L;
    EXPECT_LT((all.transpose() * all - Matrix::Identity(a.rows(), a.cols())).norm(), rounding);
}

TEST_P(InvariantSubspaces, SolveSylvestersEquation) {
    const Matrix c = random_matrix(a.rows(), 8).topLeftCorner(of_a.S.rows(), of_a.U.rows()),
                 x = solve_sylvester(of_a.S, of_a.U, c);
    EXPECT_LT((of_a.S * x - x * of_a.U - c).norm(), rounding * (1.0 + x.norm()));
}

TEST_P(InvariantSubspaces, HaveALengthThatChangesOneWay) {
    const Matrix p = monotone_form(of_a.U, side);
    const double sign = side == Side::growing ? 1.0 : -1.0;
    EXPECT_LT(
        (of_a.U.transpose() * p + p * of_a.U - sign * Matrix::Identity(p.rows(), p.cols())).norm(),
        rounding * (1.0 + p.norm()));
    EXPECT_EQ((eigenvalues(p).real().array() <= 0.0).count(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, InvariantSubspaces,
                         testing::Combine(testing::Values(1, 2, 6, 25),
                                          testing::Values(Side::growing, Side::decaying)));

TEST(InvariantSubspace, RefusesWhatIsNoMatrixOfAField) {
    EXPECT_THROW((void)invariant_subspace(Matrix(2, 3), Side::growing), UsageError);
    const Matrix bad = Matrix::Constant(2, 2, std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(invariant_subspace(bad, Side::growing).status, Status::non_finite);
}

}  // namespace
}  // namespace cortifold
