#include "transfer_series.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cortifold {

namespace {

constexpr double tolerance = 1e-11;  ///< of a step, relative to its transfer matrix
constexpr double rounding = std::numeric_limits<double>::epsilon();
constexpr Eigen::Index most_terms = 24;

/// e^x less its approximation of degree m is about x^(2 m + 1) times this.
double error_constant(Eigen::Index m) {
    const auto degree = static_cast<double>(m);
    return std::pow(std::tgamma(degree + 1.0), 2) /
           (std::tgamma(2.0 * degree + 1.0) * std::tgamma(2.0 * degree + 2.0));
}

/// sum_r columns_r rows_r of a matrix, of as few terms as its rank.
struct OuterProducts {
    Matrix columns, rows;

    /// By its largest entries, one after the other.
    explicit OuterProducts(Matrix a) : columns(a.rows(), a.cols()), rows(a.rows(), a.cols()) {
        Eigen::Index rank = 0, i = 0, j = 0;
        const double least = 4.0 * rounding * a.cwiseAbs().maxCoeff();
        for (; rank < a.rows() && a.cwiseAbs().maxCoeff(&i, &j) > least; ++rank) {
            columns.col(rank) = a.col(j);
            rows.row(rank) = a.row(i) / a(i, j);
            a.noalias() -= columns.col(rank) * rows.row(rank);
        }
        columns.conservativeResize(Eigen::NoChange, rank);
        rows.conservativeResize(rank, Eigen::NoChange);
    }
};

}  // namespace

GaussStep::GaussStep(Eigen::Index degree)
    : basis(Collocation::of_degree(degree)),
      integrals(basis.slopes.bottomRows(degree)
                    .partialPivLu()
                    .solve(basis.values.bottomRows(degree))
                    .transpose()),
      reach(std::pow(tolerance / error_constant(degree),
                     1.0 / (2.0 * static_cast<double>(degree) + 1.0))) {}

const GaussStep& GaussStep::of_reach(double reach) {
    static const std::array all{GaussStep(5), GaussStep(6), GaussStep(7)};
    const auto* const found =
        std::ranges::find_if(all, [&](const GaussStep& step) { return reach <= step.reach; });
    return found == all.end() ? all.back() : *found;
}

/// The transfer matrix of U' = (centre + z slope) U over a step. At the Gauss points the values are
/// V = X + z Y C V, X and Y those that the initial value and the few directions in which z acts
/// have at z = 0: C V is a geometric series in z, and so small.
MatrixSeries transfer_series(const std::vector<AffineMatrix>& along, const GaussStep& gauss) {
    const Eigen::Index n = along.front().centre.rows(), m = gauss.degree();
    std::vector<OuterProducts> slopes;
    Eigen::Index rank = 0;
    for (const AffineMatrix& at : along) {
        slopes.emplace_back(at.slope);
        rank += slopes.back().columns.cols();
    }
    Matrix system(m * n, m * n), right(m * n, n + rank), end(n, n + rank), seen(rank, n + rank);
    Matrix ends(n, m * n);
    end.leftCols(n).setIdentity();
    for (Eigen::Index j = 0, first = n; j < m; ++j) {
        const Matrix &A = along[static_cast<std::size_t>(j)].centre,
                     &columns = slopes[static_cast<std::size_t>(j)].columns;
        for (Eigen::Index i = 0; i < m; ++i) {
            system.block(i * n, j * n, n, n) = -gauss.integrals(i, j) * A;
            right.block(i * n, first, n, columns.cols()) = gauss.integrals(i, j) * columns;
        }
        right.block(j * n, 0, n, n).setIdentity();
        ends.middleCols(j * n, n) = gauss.basis.weights[j] * A;
        end.middleCols(first, columns.cols()) = gauss.basis.weights[j] * columns;
        first += columns.cols();
    }
    system.diagonal().array() += 1.0;
    right = system.partialPivLu().solve(right).eval();
    end.noalias() += ends * right;
    for (Eigen::Index j = 0, first = 0; j < m; ++j) {
        const Matrix& rows = slopes[static_cast<std::size_t>(j)].rows;
        seen.middleRows(first, rows.rows()).noalias() = rows * right.middleRows(j * n, n);
        first += rows.rows();
    }
    Matrix terms(n * n, most_terms), last = seen.leftCols(n);
    terms.col(0) = end.leftCols(n).reshaped();
    Eigen::Index count = 1;
    for (; count < most_terms && last.norm() > rounding / 8.0; ++count) {
        terms.col(count).reshaped(n, n).noalias() = end.rightCols(rank) * last;
        last = (seen.rightCols(rank) * last).eval();
    }
    return {n, terms.leftCols(count)};
}

}  // namespace cortifold
