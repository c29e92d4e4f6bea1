#include <cortifold/linalg/cyclic_elimination.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <gtest/gtest.h>

#include <complex>
#include <random>

namespace cortifold {
namespace {

/// Random intervals, and the same system written out.
struct Chain {
    Eigen::Index n, m, intervals;
    std::shared_ptr<CyclicElimination> elimination =
        std::make_shared<CyclicElimination>(n, m, intervals);
    Matrix open = Matrix::Zero(n * m * intervals, n* m* intervals + n);  ///< u_N stands last

    explicit Chain(Eigen::Index size, Eigen::Index degree, Eigen::Index count)
        : n(size), m(degree), intervals(count) {
        std::mt19937 random(7);
        std::normal_distribution<double> normal;
        for (Eigen::Index j = 0; j < intervals; ++j) {
            auto block = elimination->block(j);
            for (double& value : block.reshaped()) value = normal(random);
            auto rows = open.middleRows(j * m * n, m * n);
            rows.middleCols(j * m * n, n) = block.middleCols((m - 1) * n, n);
            rows.middleCols(j * m * n + n, (m - 1) * n) = block.leftCols((m - 1) * n);
            rows.middleCols((j + 1) * m * n, n) = block.rightCols(n);
        }
        elimination->factorize(1);
    }

    template <class S>
    [[nodiscard]] MatrixOf<S> closed(S mu, const Borders<double>& borders) const {
        const Eigen::Index size = open.rows(), k = borders.columns.cols();
        MatrixOf<S> all = MatrixOf<S>::Zero(size + k, size + k);
        all.topLeftCorner(size, size) = open.leftCols(size).template cast<S>();
        all.topLeftCorner(size, n) += mu * open.rightCols(n);
        all.topRightCorner(size, k) = borders.columns.template cast<S>();
        all.bottomLeftCorner(k, size) = borders.rows.transpose().template cast<S>();
        all.bottomRightCorner(k, k) = borders.corner.template cast<S>();
        return all;
    }
};

Borders<double> random_borders(Eigen::Index size, Eigen::Index k) {
    std::srand(3);
    return {Matrix::Random(size, k), Matrix::Random(size, k), Matrix::Random(k, k)};
}

struct Size {
    Eigen::Index n, m, intervals, borders;
};

template <class S>
void expect_solves(const Size& size, S mu) {
    const Chain chain(size.n, size.m, size.intervals);
    const auto borders = random_borders(chain.open.rows(), size.borders);
    const MatrixOf<S> all = chain.closed(mu, borders);
    const auto solver = border_cycle<S>(chain.elimination, mu, borders);
    const MatrixOf<S> b = MatrixOf<S>::Random(all.rows(), 2);
    MatrixOf<S> x = b, y = b;
    solver->solve(x);
    solver->solve_adjoint(y);
    const double tolerance = 1e-10 * b.norm();
    EXPECT_LT((all * x - b).norm(), tolerance * x.norm()) << size.n << ' ' << size.intervals;
    EXPECT_LT((all.adjoint() * y - b).norm(), tolerance * y.norm());
}

TEST(CyclicElimination, SolvesWhatTheMatrixWrittenOutSays) {
    // The last two are so large that columns are eliminated by panels.
    for (const Size& size : {Size{1, 1, 1, 1}, Size{2, 1, 4, 0}, Size{3, 4, 1, 2}, Size{2, 3, 5, 3},
                             Size{6, 4, 9, 4}, Size{17, 4, 3, 2}, Size{25, 4, 3, 2}}) {
        expect_solves(size, 1.0);
        expect_solves(size, -1.0);
        expect_solves(size, std::complex<double>(0.6, 0.8));
    }
}

TEST(CyclicElimination, KnowsTheDeterminantOfTheChainInItsNaturalOrder) {
    for (const Eigen::Index n : {2, 25}) {
        const Chain chain(n, 3, 4);
        const auto borders = random_borders(chain.open.rows(), 2);
        // Rows of an interval stand beside its interior and its right end: u_0 comes last.
        const Matrix all = chain.closed(1.0, borders);
        Matrix turned = all;
        const Eigen::Index size = chain.open.rows();
        turned.leftCols(size - n) = all.middleCols(n, size - n);
        turned.middleCols(size - n, n) = all.leftCols(n);
        const auto solver = border_cycle(chain.elimination, 1.0, borders);
        const double det = turned.determinant();
        EXPECT_NEAR(solver->log_abs_det(), std::log(std::abs(det)), 1e-9);
        EXPECT_EQ(solver->sign_det(), det < 0.0 ? -1.0 : 1.0);
    }
}

TEST(CyclicElimination, TransfersWhatTheEquationsOfAnIntervalSay) {
    for (const auto& [n, m] : {std::pair<Eigen::Index, Eigen::Index>{3, 4}, {66, 2}}) {
        const Chain chain(n, m, 1);
        const Matrix rest =
            chain.open.rightCols(m * n).partialPivLu().solve(chain.open.leftCols(n));
        const Matrix expected = -rest.bottomRows(n), found = chain.elimination->transfer(0);
        EXPECT_LT((found - expected).norm(), 1e-10 * expected.norm()) << n;
    }
}

/// A pair of exponents of opposite signs that no product of transfer matrices survives.
TEST(CyclicElimination, SolvesChainsWhoseProductOverflows) {
    constexpr Eigen::Index count = 400;
    auto elimination = std::make_shared<CyclicElimination>(2, 1, count);
    for (Eigen::Index j = 0; j < count; ++j)
        elimination->block(j) << -30.0, 1.0, 1.0, 0.0, 1.0, -0.02, 0.0, 1.0;
    elimination->factorize(1);
    const auto solver =
        border_cycle(elimination, 1.0, {Matrix(2 * count, 0), Matrix(2 * count, 0), Matrix(0, 0)});
    Matrix b = Matrix::Ones(2 * count, 1);
    solver->solve(b);
    // Constant along the chain: (I - G) u = b.
    const Matrix rest = (Matrix(2, 2) << 1.0 - 30.0, 1.0, 1.0, 1.0 - 0.02).finished();
    const Vector u = rest.partialPivLu().solve(Vector::Ones(2));
    for (Eigen::Index j = 0; j < count; ++j)
        EXPECT_LT((b.col(0).segment(2 * j, 2) - u).norm(), 1e-13);
}

TEST(CyclicElimination, GivesTheSameOnOneThreadAndTwo) {
    Chain one(4, 4, 20), two(4, 4, 20);
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    CyclicElimination again(4, 4, 20);
    for (Eigen::Index j = 0; j < 20; ++j)
        for (double& value : again.block(j).reshaped()) value = normal(random);
    again.factorize(2);
    EXPECT_EQ(again.first(), one.elimination->first());
    EXPECT_EQ(again.last(), one.elimination->last());
}

}  // namespace
}  // namespace cortifold
