#include "sparse_factor.hpp"

#include <Eigen/OrderingMethods>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <lapacke.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace cortifold {

namespace {

using Eigen::Index;

/// A column of the factor with this part of its entries begins the dense block.
constexpr double dense_from = 0.7;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

OrderedMatrix fill_reducing(const SparseMatrix& a) {
    OrderedMatrix ordered;
    const ColumnSparse columns = a;
    ColumnSparse identity(a.rows(), a.cols());
    identity.setIdentity();
    // Eigen's ordering takes a row without an entry on the diagonal for one that is full.
    const ColumnSparse pattern = columns + identity;
    Eigen::AMDOrdering<int>()(pattern.selfadjointView<Eigen::Lower>(), ordered.back);
    ordered.a = columns.selfadjointView<Eigen::Lower>().twistedBy(ordered.back.inverse());
    return ordered;
}

std::vector<Index> factor_columns(const ColumnSparse& a, double most) {
    // Row k of L has an entry in each column on the paths from the entries of row k of A up the
    // elimination tree (Liu 1990; Davis 2006, section 4.1).
    const auto n = static_cast<std::size_t>(a.cols());
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> parent(n, none), visited_by(n, none);
    std::vector<Index> columns(n, 0);
    double entries = 0.0;
    for (std::size_t k = 0; k < n && entries <= most; ++k) {
        visited_by[k] = k;
        for (ColumnSparse::InnerIterator entry(a, static_cast<Index>(k)); entry; ++entry) {
            auto i = static_cast<std::size_t>(entry.row());
            if (i >= k) continue;
            for (; visited_by[i] != k; i = parent[i]) {
                if (parent[i] == none) parent[i] = k;
                visited_by[i] = k;
                ++columns[i];
                entries += 1.0;
            }
        }
    }
    return entries <= most ? columns : std::vector<Index>();
}

FactorPlan::FactorPlan(const std::vector<Index>& columns) {
    const auto n = static_cast<Index>(columns.size());
    for (leading = 0; leading < n; ++leading) {
        const auto count = static_cast<double>(columns[static_cast<std::size_t>(leading)]);
        if (count >= dense_from * static_cast<double>(n - leading - 1)) break;
        entries += count;
    }
    entries += static_cast<double>(n - leading) * static_cast<double>(n - leading);
}

std::optional<FactorPlan> plan_factor(const ColumnSparse& a, double most) {
    const std::vector<Index> columns = factor_columns(a, most);
    if (columns.empty()) return std::nullopt;
    const FactorPlan plan(columns);
    return plan.entries <= most ? std::optional(plan) : std::nullopt;
}

BlockFactor::BlockFactor(const ColumnSparse& a, const FactorPlan& plan, double shift)
    : block_(a.bottomRightCorner(a.rows() - plan.leading, a.rows() - plan.leading)),
      pivots_(static_cast<std::size_t>(block_.rows())) {
    block_.diagonal().array() -= shift;
    leading_.setShift(-shift).compute(a.topLeftCorner(plan.leading, plan.leading));
    if (leading_.info() != Eigen::Success) return;
    eliminate(a);
    rounding_ = static_cast<double>(a.rows()) * epsilon * growth();
    const auto m = static_cast<lapack_int>(block_.rows());
    exists_ =
        std::isfinite(rounding_) &&
        (m == 0 || LAPACKE_dsytrf(LAPACK_COL_MAJOR, 'L', m, block_.data(), m, pivots_.data()) == 0);
}

/// L21 = A21 L11^-T D^-1, a row at a time; then S = A22 - L21 D L21^T, a column at a time.
void BlockFactor::eliminate(const ColumnSparse& a) {
    const Index n = leading_.rows(), m = block_.rows();
    const Vector inverse_d = leading_.vectorD().cwiseInverse();
    SparseMatrix rows(m, n);
    for (Index i = 0; i < m; ++i) {
        Vector row = a.col(n + i).head(n);
        leading_.matrixL().solveInPlace(row);
        rows.startVec(i);
        for (Index k = 0; k < n; ++k)
            if (row[k] != 0.0) rows.insertBack(i, k) = row[k] * inverse_d[k];
    }
    rows.finalize();
    below_ = rows;
    using Entry = ColumnSparse::InnerIterator;
    for (Index k = 0; k < n; ++k)
        for (Entry j(below_, k); j; ++j) {
            const double factor = j.value() / inverse_d[k];
            for (Entry i = j; i; ++i) block_(i.row(), j.row()) -= i.value() * factor;
        }
}

/// The largest row sum of |L| |D| |L^T|, S for itself: times rounding and n it bounds the matrix
/// by which the factored one differs from A - shift (Higham 2002, theorem 9.3).
double BlockFactor::growth() const {
    const ColumnSparse& l = leading_.matrixL().nestedExpression();
    const Vector ones = Vector::Ones(l.rows());
    const auto magnitude = [](const auto& x) { return x.cwiseAbs(); };
    Vector w = ones + magnitude(l).transpose() * ones;
    w += magnitude(below_).transpose() * Vector::Ones(below_.rows());
    w.array() *= leading_.vectorD().array().abs();
    const Vector top = w + magnitude(l) * w, bottom = magnitude(below_) * w;
    double largest = top.size() > 0 ? top.maxCoeff() : 0.0;
    return largest;
}

void BlockFactor::solve(VectorRef x) const {
    const Index n = below_.cols(), m = below_.rows();
    auto top = x.head(n), bottom = x.tail(m);
    leading_.matrixL().solveInPlace(top);
    bottom -= below_ * top;
    if (m > 0)
        LAPACKE_dsytrs(LAPACK_COL_MAJOR, 'L', static_cast<lapack_int>(m), 1, block_.data(),
                       static_cast<lapack_int>(m), pivots_.data(), bottom.data(),
                       static_cast<lapack_int>(m));
    top.array() /= leading_.vectorD().array();
    top -= below_.transpose() * bottom;
    leading_.matrixU().solveInPlace(top);
}

EigenvalueCount BlockFactor::count() const {
    const Vector d = leading_.vectorD();
    Index negative = (d.array() < 0.0).count();
    for (std::size_t k = 0; k < pivots_.size(); ++k) {
        const auto i = static_cast<Index>(k);
        if (pivots_[k] > 0)
            negative += block_(i, i) < 0.0 ? 1 : 0;
        else {  // one eigenvalue of each sign (Bunch & Kaufman 1977)
            ++negative;
            ++k;
        }
    }
    return {negative, rounding_};
}

}  // namespace cortifold
