#include <cortifold/linalg/cyclic_elimination.hpp>

#include <Eigen/Householder>
#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <complex>
#include <utility>

namespace cortifold {

namespace {

/// The reflection of a column on the rows from its diagonal on.
void reflect(const Matrix& reflectors, const Vector& tau, Eigen::Index column, Vector& stack) {
    const Eigen::Index below = stack.size() - column - 1;
    const auto v = reflectors.col(column).tail(below);
    const double along = tau[column] * (stack[column] + v.dot(stack.tail(below)));
    stack[column] -= along;
    stack.tail(below) -= along * v;
}

}  // namespace

CyclicElimination::CyclicElimination(Eigen::Index n, Eigen::Index m, Eigen::Index intervals)
    : n_(n),
      m_(m),
      intervals_(intervals),
      blocks_(static_cast<std::size_t>(m * n * (m + 1) * n * intervals)),
      pivots_(static_cast<std::size_t>((m - 1) * n * intervals)),
      links_(static_cast<std::size_t>(intervals - 1)) {}

void CyclicElimination::factorize(int threads) {
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (Eigen::Index j = 0; j < intervals_; ++j) condense(j);
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

/// LU of the interior columns with partial pivoting, carried out on the whole rows.
void CyclicElimination::condense(Eigen::Index j) {
    Block a = block(j);
    Eigen::Index* pivots = pivots_.data() + j * interior();
    for (Eigen::Index c = 0; c < interior(); ++c) {
        Eigen::Index pivot = 0;
        a.col(c).tail(rows() - c).cwiseAbs().maxCoeff(&pivot);
        pivot += c;
        pivots[c] = pivot;
        if (pivot != c) a.row(c).swap(a.row(pivot));
        if (a(c, c) == 0.0) continue;
        const double* top = &a(c, 0);
        for (Eigen::Index i = c + 1; i < rows(); ++i) {
            double* row = &a(i, 0);
            const double factor = row[c] /= top[c];
            for (Eigen::Index k = c + 1; k < columns(); ++k) row[k] -= factor * top[k];
        }
    }
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
    Vector work(3 * n_);
    for (Eigen::Index k = 1; k < intervals_; ++k) {
        stack << last_, first_, Matrix::Zero(n_, n_), lefts(k), Matrix::Zero(n_, n_), rights(k);
        Link& link = links_[static_cast<std::size_t>(k - 1)];
        link.tau.resize(n_);
        for (Eigen::Index c = 0; c < n_; ++c) {
            const Eigen::Index below = 2 * n_ - c, right = 3 * n_ - c - 1;
            double beta = 0.0;
            stack.col(c).tail(below).makeHouseholderInPlace(link.tau[c], beta);
            stack(c, c) = beta;
            stack.bottomRightCorner(below, right)
                .applyHouseholderOnTheLeft(stack.col(c).tail(below - 1), link.tau[c], work.data());
            if ((beta < 0.0) != (link.tau[c] != 0.0)) sign_ = -sign_;
            if (beta == 0.0) sign_ = 0.0;
            log_abs_det_ += std::log(std::abs(beta));
        }
        link.reflectors = stack.leftCols(n_);
        link.y0 = stack.block(0, n_, n_, n_);
        link.y1 = stack.block(0, 2 * n_, n_, n_);
        first_ = stack.block(n_, n_, n_, n_);
        last_ = stack.block(n_, 2 * n_, n_, n_);
    }
}

Matrix CyclicElimination::transfer(Eigen::Index j) const {
    const ConstBlock at = eliminated(j);
    const Matrix right = at.block(interior(), interior() + n_, n_, n_);
    return -right.partialPivLu().solve(at.block(interior(), interior(), n_, n_));
}

void CyclicElimination::apply_inverse(MatrixRef b) const {
    Vector f(n_), stack(2 * n_);
    for (auto column : b.colwise()) {
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const ConstBlock at = eliminated(j);
            auto part = column.segment(j * rows(), rows());
            for (Eigen::Index c = 0; c < interior(); ++c) std::swap(part[c], part[pivots(j)[c]]);
            for (Eigen::Index c = 0; c < interior(); ++c)
                part.tail(rows() - c - 1) -= part[c] * at.col(c).tail(rows() - c - 1);
            f = part.tail(n_);
            std::move_backward(part.begin(), part.end() - n_, part.end());
            part.head(n_) = f;
        }
        for (Eigen::Index k = 1; k < intervals_; ++k) {
            auto g = column.head(n_), f_k = column.segment(k * rows(), n_);
            stack << g, f_k;
            for (Eigen::Index c = 0; c < n_; ++c)
                reflect(link(k).reflectors, link(k).tau, c, stack);
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
            for (Eigen::Index c = n_ - 1; c >= 0; --c)
                reflect(link(k).reflectors, link(k).tau, c, stack);
            g = stack.head(n_);
            f_k = stack.tail(n_);
        }
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const ConstBlock at = eliminated(j);
            auto part = column.segment(j * rows(), rows());
            f = part.head(n_);
            std::move(part.begin() + n_, part.end(), part.begin());
            part.tail(n_) = f;
            for (Eigen::Index c = interior() - 1; c >= 0; --c)
                part[c] -= at.col(c).tail(rows() - c - 1).dot(part.tail(rows() - c - 1));
            for (Eigen::Index c = interior() - 1; c >= 0; --c)
                std::swap(part[c], part[pivots(j)[c]]);
        }
    }
}

void CyclicElimination::substitute(MatrixRef b, ConstMatrixRef at_end) const {
    for (Eigen::Index i = 0; i < b.cols(); ++i) {
        auto column = b.col(i);
        Vector right = at_end.col(i);
        const auto u_0 = column.head(n_);
        for (Eigen::Index k = intervals_ - 1; k >= 0; --k) {
            auto u = column.segment(k * rows(), n_);
            if (k > 0) {
                u -= link(k).y0 * u_0 + link(k).y1 * right;
                link(k).r().solveInPlace(u);
            }
            const ConstBlock at = eliminated(k);
            auto w = column.segment(k * rows() + n_, interior());
            w -= at.block(0, interior(), interior(), n_) * u +
                 at.block(0, interior() + n_, interior(), n_) * right;
            at.topLeftCorner(interior(), interior()).triangularView<Eigen::Upper>().solveInPlace(w);
            right = u;
        }
    }
}

Matrix CyclicElimination::substitute_transposed(MatrixRef b) const {
    Matrix at_end = Matrix::Zero(n_, b.cols());
    for (Eigen::Index i = 0; i < b.cols(); ++i) {
        auto column = b.col(i);
        auto u_0 = column.head(n_);
        const auto left_of = [&](Eigen::Index k) -> Eigen::Ref<Vector> {
            if (k == intervals_) return at_end.col(i);
            return column.segment(k * rows(), n_);
        };
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const ConstBlock at = eliminated(j);
            auto w = column.segment(j * rows() + n_, interior());
            at.topLeftCorner(interior(), interior())
                .transpose()
                .triangularView<Eigen::Lower>()
                .solveInPlace(w);
            left_of(j) -= at.block(0, interior(), interior(), n_).transpose() * w;
            left_of(j + 1) -= at.block(0, interior() + n_, interior(), n_).transpose() * w;
        }
        for (Eigen::Index k = 1; k < intervals_; ++k) {
            auto u = column.segment(k * rows(), n_);
            link(k).r_transposed().solveInPlace(u);
            u_0 -= link(k).y0.transpose() * u;
            left_of(k + 1) -= link(k).y1.transpose() * u;
        }
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
