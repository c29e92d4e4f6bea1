#include <cortifold/linalg/cyclic_elimination.hpp>

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <complex>
#include <utility>

namespace cortifold {

namespace {

constexpr Eigen::Index group = 4;  ///< columns that are worked on at a time
/// Of many rows, columns are eliminated by panels, and what is beside them by products.
constexpr Eigen::Index many_rows = 64, panel = 16;
/// Of as many columns a library's QR decomposition is faster.
constexpr Eigen::Index many_columns = 24;

/// The reflection of a column on the rows from its diagonal on.
void reflect(const Eigen::Ref<const Matrix>& reflectors, double tau, Eigen::Index column,
             double* stack) {
    const Eigen::Index below = reflectors.rows() - column - 1;
    const auto v = reflectors.col(column).tail(below);
    Eigen::Map<Vector> rest(stack + column + 1, below);
    const double along = tau * (stack[column] + v.dot(rest));
    stack[column] -= along;
    rest -= along * v;
}

/// QR of the first columns, as many as half of the rows: R, and below it the reflections, which the
/// other columns have undergone.
void triangularize(Matrix& stack, Eigen::Ref<Vector> tau) {
    const Eigen::Index n = tau.size();
    Eigen::Ref<Matrix> left = stack.leftCols(n);
    if (n >= many_columns) {
        const Eigen::HouseholderQR<Eigen::Ref<Matrix>> qr(left);
        tau = qr.hCoeffs();
        stack.rightCols(stack.cols() - n).applyOnTheLeft(qr.householderQ().adjoint());
        return;
    }
    const Eigen::Ref<const Matrix> reflectors = left;
    for (Eigen::Index c = 0; c < n; ++c) {
        double beta = 0.0;
        stack.col(c).tail(stack.rows() - c).makeHouseholderInPlace(tau[c], beta);
        for (Eigen::Index i = c + 1; i < stack.cols(); ++i)
            reflect(reflectors, tau[c], c, stack.col(i).data());
        stack(c, c) = beta;
    }
}

/// Of rows [U A], U upper triangular: v = [b; t] becomes [U^-1 (b - A t); t].
template <class Rows>
void solve_upper(const Rows& rows, Vector& v) {
    for (Eigen::Index i = rows.rows(); i-- > 0;) {
        const Eigen::Index right = v.size() - i - 1;
        v[i] = (v[i] - rows.row(i).tail(right).transpose().dot(v.tail(right))) / rows(i, i);
    }
}

/// The same rows transposed: v = [b; t] becomes [U^-T b; t - A^T U^-T b].
template <class Rows>
void solve_upper_transposed(const Rows& rows, Vector& v) {
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
        const Eigen::Index right = v.size() - i - 1;
        v[i] /= rows(i, i);
        v.tail(right) -= v[i] * rows.row(i).tail(right).transpose();
    }
}

/// Rows that are subtracted from one another, `stride` apart.
struct RowBlock {
    double* at;
    Eigen::Index count, stride;
};

/// LU of columns from `begin` to `end` with partial pivoting, carried out on the rows up to
/// `until`. Multipliers stand apart, in columns as long as there are rows, which change places as
/// the rows do: rows are 0 where they are eliminated, so that a group of columns can be subtracted
/// whole, and a multiplier that is 0 costs nothing.
void eliminate_panel(const RowBlock& rows, Eigen::Index begin, Eigen::Index end, Eigen::Index until,
                     Eigen::Index* pivots, double* multipliers) {
    using Group = Eigen::Array<double, group, 1>;
    double* const a = rows.at;
    const Eigen::Index stride = rows.stride;
    for (Eigen::Index c = begin; c < end; ++c) {
        double* const factors = multipliers + c * rows.count;
        Eigen::Index pivot = c;
        for (Eigen::Index i = c + 1; i < rows.count; ++i)
            if (std::abs(a[i * stride + c]) > std::abs(a[pivot * stride + c])) pivot = i;
        pivots[c] = pivot;
        const Eigen::Index first = c / group * group;
        double* const top = a + c * stride;
        if (pivot != c) {
            std::swap_ranges(top + first, top + stride, a + pivot * stride + first);
            for (Eigen::Index k = 0; k < c; ++k)
                std::swap(multipliers[k * rows.count + c], multipliers[k * rows.count + pivot]);
        }
        for (Eigen::Index i = c + 1; i < rows.count; ++i) {
            double* const row = a + i * stride;
            factors[i] = 0.0;
            if (row[c] == 0.0) continue;
            const double factor = factors[i] = row[c] / top[c];
            for (Eigen::Index k = first; k < until; k += group)
                Eigen::Map<Group>(row + k) -= factor * Eigen::Map<const Group>(top + k);
            row[c] = 0.0;
        }
    }
}

/// The same of the first `count` columns, panel after panel where there are many.
void eliminate_columns(const RowBlock& rows, Eigen::Index count, Eigen::Index* pivots,
                       double* multipliers) {
    if (rows.count < many_rows)
        return eliminate_panel(rows, 0, count, rows.stride, pivots, multipliers);
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<RowMajor> a(rows.at, rows.count, rows.stride);
    const Eigen::Map<const Matrix> L(multipliers, rows.count, count);
    for (Eigen::Index c = 0; c < count; c += panel) {
        const Eigen::Index end = std::min(c + panel, count), width = end - c,
                           until = (end + group - 1) / group * group;
        eliminate_panel(rows, c, end, until, pivots, multipliers);
        auto beside = a.block(c, until, width, rows.stride - until);
        L.block(c, c, width, width).triangularView<Eigen::UnitLower>().solveInPlace(beside);
        a.bottomRightCorner(rows.count - end, rows.stride - until).noalias() -=
            L.block(end, c, rows.count - end, width) * beside;
    }
}

}  // namespace

CyclicElimination::CyclicElimination(Eigen::Index n, Eigen::Index m, Eigen::Index intervals)
    : n_(n),
      m_(m),
      intervals_(intervals),
      stride_((columns() + group - 1) / group * group),
      blocks_(rows() * stride_ * intervals),
      multipliers_(rows() * interior() * intervals),
      links_(link_size() * (intervals - 1)),
      pivots_(static_cast<std::size_t>(interior() * intervals)) {
    if (stride_ > columns())
        Eigen::Map<RowMajor>(blocks_.data(), rows() * intervals, stride_)
            .rightCols(stride_ - columns())
            .setZero();
}

void CyclicElimination::condense(int threads) {
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (Eigen::Index j = 0; j < intervals_; ++j)
        eliminate_columns({&blocks_[offset(j)], rows(), stride_}, interior(),
                          pivots_.data() + j * interior(),
                          multipliers_.data() + j * rows() * interior());
}

void CyclicElimination::factorize(int threads) {
    condense(threads);
    sign_ = 1.0;
    log_abs_det_ = 0.0;
    for (Eigen::Index j = 0; j < intervals_; ++j) {
        const ConstBlock at = eliminated(j);
        for (Eigen::Index c = 0; c < interior(); ++c) {
            if ((at(c, c) < 0.0) != (pivots(j)[c] != c)) sign_ = -sign_;
            if (at(c, c) == 0.0) sign_ = 0.0;
            log_abs_det_ += std::log(std::abs(at(c, c)));
        }
    }
    eliminate_chain();
}

void CyclicElimination::eliminate_chain() {
    const auto lefts = [&](Eigen::Index j) {
        return eliminated(j).block(interior(), interior(), n_, n_);
    };
    const auto rights = [&](Eigen::Index j) {
        return eliminated(j).block(interior(), interior() + n_, n_, n_);
    };
    first_ = lefts(0);
    last_ = rights(0);
    Matrix stack(2 * n_, 3 * n_);  // columns of u_k, u_0, u_(k+1)
    const Eigen::Ref<const Matrix> reflectors = stack.leftCols(n_);
    for (Eigen::Index k = 1; k < intervals_; ++k) {
        stack.topLeftCorner(n_, n_) = last_;
        stack.bottomLeftCorner(n_, n_) = lefts(k);
        stack.block(0, n_, n_, n_) = first_;
        stack.block(n_, n_, n_, n_).setZero();
        stack.topRightCorner(n_, n_).setZero();
        stack.bottomRightCorner(n_, n_) = rights(k);
        double* const at = links_.data() + (k - 1) * link_size();
        Eigen::Map<Vector> tau(at + 2 * n_ * n_, n_);
        triangularize(stack, tau);
        for (Eigen::Index c = 0; c < n_; ++c) {
            const double beta = stack(c, c);
            if ((beta < 0.0) != (tau[c] != 0.0)) sign_ = -sign_;
            if (beta == 0.0) sign_ = 0.0;
            log_abs_det_ += std::log(std::abs(beta));
        }
        Eigen::Map<Matrix>(at, 2 * n_, n_) = reflectors;
        Eigen::Map<RowMajor>(at + n_ * (2 * n_ + 1), n_, 3 * n_) = stack.topRows(n_);
        first_ = stack.block(n_, n_, n_, n_);
        last_ = stack.block(n_, 2 * n_, n_, n_);
    }
}

Matrix CyclicElimination::transfer(Eigen::Index j) const {
    const ConstBlock at = eliminated(j);
    RowMajor system(n_, (2 * n_ + group - 1) / group * group);
    system.leftCols(n_) = at.block(interior(), interior() + n_, n_, n_);
    system.middleCols(n_, n_) = -at.block(interior(), interior(), n_, n_);
    system.rightCols(system.cols() - 2 * n_).setZero();
    Matrix multipliers(n_, n_);
    Eigen::Matrix<Eigen::Index, Eigen::Dynamic, 1> pivots(n_);
    eliminate_columns({system.data(), n_, system.cols()}, n_, pivots.data(), multipliers.data());
    auto solution = system.middleCols(n_, n_);
    for (Eigen::Index i = n_; i-- > 0;) {
        for (Eigen::Index k = i + 1; k < n_; ++k) solution.row(i) -= system(i, k) * solution.row(k);
        solution.row(i) /= system(i, i);
    }
    return solution;
}

void CyclicElimination::apply_inverse(MatrixRef b) const {
    Vector f(n_), stack(2 * n_);
    for (auto column : b.colwise()) {
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const auto factors = multipliers(j);
            auto part = column.segment(j * rows(), rows());
            for (Eigen::Index c = 0; c < interior(); ++c) std::swap(part[c], part[pivots(j)[c]]);
            for (Eigen::Index c = 0; c < interior(); ++c)
                part.tail(rows() - c - 1) -= part[c] * factors.col(c).tail(rows() - c - 1);
            f = part.tail(n_);
            std::move_backward(part.begin(), part.end() - n_, part.end());
            part.head(n_) = f;
        }
        for (Eigen::Index k = 1; k < intervals_; ++k) {
            auto g = column.head(n_), f_k = column.segment(k * rows(), n_);
            stack << g, f_k;
            const Link at = link(k);
            for (Eigen::Index c = 0; c < n_; ++c)
                reflect(at.reflectors, at.tau[c], c, stack.data());
            f_k = stack.head(n_);
            g = stack.tail(n_);
        }
    }
}

void CyclicElimination::apply_inverse_transposed(MatrixRef b) const {
    Vector f(n_), stack(2 * n_);
    for (auto column : b.colwise()) {
        for (Eigen::Index k = intervals_ - 1; k > 0; --k) {
            auto g = column.head(n_), f_k = column.segment(k * rows(), n_);
            stack << f_k, g;
            const Link at = link(k);
            for (Eigen::Index c = n_ - 1; c >= 0; --c)
                reflect(at.reflectors, at.tau[c], c, stack.data());
            g = stack.head(n_);
            f_k = stack.tail(n_);
        }
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const auto factors = multipliers(j);
            auto part = column.segment(j * rows(), rows());
            f = part.head(n_);
            std::move(part.begin() + n_, part.end(), part.begin());
            part.tail(n_) = f;
            for (Eigen::Index c = interior() - 1; c >= 0; --c)
                part[c] -= factors.col(c).tail(rows() - c - 1).dot(part.tail(rows() - c - 1));
            for (Eigen::Index c = interior() - 1; c >= 0; --c)
                std::swap(part[c], part[pivots(j)[c]]);
        }
    }
}

void CyclicElimination::substitute(MatrixRef b, ConstMatrixRef at_end) const {
    Vector chain(3 * n_), row(columns());  // u_k, u_0, u_(k+1); w_k, u_k, u_(k+1)
    for (Eigen::Index i = 0; i < b.cols(); ++i) {
        auto column = b.col(i);
        chain.tail(n_) = at_end.col(i);
        chain.segment(n_, n_) = column.head(n_);
        for (Eigen::Index k = intervals_ - 1; k >= 0; --k) {
            chain.head(n_) = column.segment(k * rows(), n_);
            if (k > 0) solve_upper(link(k).rows, chain);
            row << column.segment(k * rows() + n_, interior()), chain.head(n_), chain.tail(n_);
            solve_upper(eliminated(k).topRows(interior()), row);
            column.segment(k * rows() + n_, interior()) = row.head(interior());
            chain.tail(n_) = column.segment(k * rows(), n_) = chain.head(n_);
        }
    }
}

Matrix CyclicElimination::substitute_transposed(MatrixRef b) const {
    Matrix at_end(n_, b.cols());
    Vector chain(3 * n_), row(columns()), left(n_);
    for (Eigen::Index i = 0; i < b.cols(); ++i) {
        auto column = b.col(i);
        left = column.head(n_);
        // Interiors first, since each leaves something for both of its ends.
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            row << column.segment(j * rows() + n_, interior()), left, Vector::Zero(n_);
            solve_upper_transposed(eliminated(j).topRows(interior()), row);
            column.segment(j * rows(), n_) = row.segment(interior(), n_);
            column.segment(j * rows() + n_, interior()) = row.head(interior());
            left = row.tail(n_);
            if (j + 1 < intervals_) left += column.segment((j + 1) * rows(), n_);
        }
        at_end.col(i) = left;
        chain << Vector::Zero(n_), column.head(n_), Vector::Zero(n_);
        for (Eigen::Index k = 1; k < intervals_; ++k) {
            chain.head(n_) = column.segment(k * rows(), n_) + chain.tail(n_);
            chain.tail(n_).setZero();
            solve_upper_transposed(link(k).rows, chain);
            column.segment(k * rows(), n_) = chain.head(n_);
        }
        column.head(n_) = chain.segment(n_, n_);
        at_end.col(i) += chain.tail(n_);
    }
    return at_end;
}

namespace {

/// Real columns in place of complex ones, real parts first.
Matrix parts(const Matrix& b) {
    return b;
}
Matrix parts(const ComplexMatrix& b) {
    Matrix both(b.rows(), 2 * b.cols());
    both << b.real(), b.imag();
    return both;
}
void join(const Matrix& from, Eigen::Ref<Matrix> b) {
    b = from;
}
void join(const Matrix& from, Eigen::Ref<ComplexMatrix> b) {
    b.real() = from.leftCols(b.cols());
    b.imag() = from.rightCols(b.cols());
}

template <class S>
class CyclicSolver final : public LinearSolver<S> {
public:
    CyclicSolver(std::shared_ptr<const CyclicElimination> inner, S mu,
                 const Borders<double>& borders)
        : inner_(std::move(inner)), mu_(mu), columns_(borders.columns), rows_(borders.rows) {
        const Eigen::Index n = inner_->first().rows(), k = columns_.cols();
        inner_->apply_inverse(columns_);
        const Matrix at_end = inner_->substitute_transposed(rows_);
        MatrixOf<S> rest(n + k, n + k);
        rest.topLeftCorner(n, n) = inner_->first() + mu * inner_->last();
        rest.topRightCorner(n, k) = columns_.topRows(n).template cast<S>();
        rest.bottomLeftCorner(k, n) = (rows_.topRows(n) + mu * at_end).transpose();
        rows_.topRows(n).setZero();
        rest.bottomRightCorner(k, k) =
            (borders.corner - rows_.transpose() * columns_).template cast<S>();
        rest_ = factorize_equilibrated<S>(rest);
    }

    void solve(Eigen::Ref<MatrixOf<S>> b) const override {
        const Eigen::Index size = inner_->size(), n = inner_->first().rows();
        Matrix at = parts(MatrixOf<S>(b.topRows(size)));
        inner_->apply_inverse(at);
        MatrixOf<S> rest(n + columns_.cols(), b.cols());
        join(at.topRows(n), rest.topRows(n));
        MatrixOf<S> eliminated(columns_.cols(), b.cols());
        join(rows_.transpose() * at, eliminated);
        rest.bottomRows(columns_.cols()) = b.bottomRows(columns_.cols()) - eliminated;
        rest_->solve(rest);
        const MatrixOf<S> u_0 = rest.topRows(n), added = rest.bottomRows(columns_.cols());
        at -= columns_ * parts(added);
        at.topRows(n) = parts(u_0);
        inner_->substitute(at, parts(MatrixOf<S>(mu_ * u_0)));
        join(at, b.topRows(size));
        b.bottomRows(columns_.cols()) = added;
    }

    void solve_adjoint(Eigen::Ref<MatrixOf<S>> b) const override {
        const Eigen::Index size = inner_->size(), n = inner_->first().rows();
        Matrix at = parts(MatrixOf<S>(b.topRows(size)));
        const Matrix end = inner_->substitute_transposed(at);
        MatrixOf<S> at_start(n, b.cols()), at_end(n, b.cols());
        join(at.topRows(n), at_start);
        join(end, at_end);
        at.topRows(n).setZero();
        MatrixOf<S> eliminated(columns_.cols(), b.cols());
        join(columns_.transpose() * at, eliminated);
        MatrixOf<S> rest(n + columns_.cols(), b.cols());
        rest << at_start + conjugate(mu_) * at_end, b.bottomRows(columns_.cols()) - eliminated;
        rest_->solve_adjoint(rest);
        const MatrixOf<S> last = rest.topRows(n), added = rest.bottomRows(columns_.cols());
        at -= rows_ * parts(added);
        at.topRows(n) = parts(last);
        inner_->apply_inverse_transposed(at);
        join(at, b.topRows(size));
        b.bottomRows(columns_.cols()) = added;
    }

    [[nodiscard]] double log_abs_det() const override {
        return inner_->log_abs_det() + rest_->log_abs_det();
    }
    [[nodiscard]] S sign_det() const override { return inner_->sign_det() * rest_->sign_det(); }

private:
    static double conjugate(double value) { return value; }
    static std::complex<double> conjugate(std::complex<double> value) { return std::conj(value); }

    std::shared_ptr<const CyclicElimination> inner_;
    S mu_;
    Matrix columns_, rows_;  ///< what elimination made of them
    std::unique_ptr<LinearSolver<S>> rest_;
};

}  // namespace

template <class S>
std::unique_ptr<LinearSolver<S>> border_cycle(std::shared_ptr<const CyclicElimination> elimination,
                                              S mu, const Borders<double>& borders) {
    return std::make_unique<CyclicSolver<S>>(std::move(elimination), mu, borders);
}
template std::unique_ptr<LinearSolver<double>> border_cycle(
    std::shared_ptr<const CyclicElimination>, double, const Borders<double>&);
template std::unique_ptr<LinearSolver<std::complex<double>>> border_cycle(
    std::shared_ptr<const CyclicElimination>, std::complex<double>, const Borders<double>&);

}  // namespace cortifold
