#include "log_product.hpp"
#include "row_elimination.hpp"
#include <cortifold/linalg/cyclic_elimination.hpp>

#include <Eigen/QR>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <span>
#include <utility>

namespace cortifold {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Of as many columns a library's QR decomposition is faster.
constexpr Eigen::Index many_columns = 24;

/// The reflection of a column on the rows from its diagonal on, of four columns at a time.
void reflect(const Eigen::Ref<const Matrix>& reflectors, double tau, Eigen::Index column,
             Group* stack) {
    const double* const v = reflectors.col(column).data();
    Group along = stack[column];
    for (Eigen::Index i = column + 1; i < reflectors.rows(); ++i) along += v[i] * stack[i];
    along *= tau;
    stack[column] -= along;
    for (Eigen::Index i = column + 1; i < reflectors.rows(); ++i) stack[i] -= v[i] * along;
}

/// QR of the first columns, as many as half of the rows, by which the others are reflected, too:
/// R, and below it the reflections.
void triangularize(Eigen::Ref<RowMajor> stack, Eigen::Ref<Matrix> reflectors,
                   Eigen::Ref<Vector> tau) {
    const Eigen::Index n = tau.size(), rows = stack.rows(), stride = stack.outerStride();
    if (n >= many_columns) {
        reflectors = stack.leftCols(n);
        const Eigen::HouseholderQR<Eigen::Ref<Matrix>> qr(reflectors);
        tau = qr.hCoeffs();
        Matrix rest = stack.rightCols(stack.cols() - n);
        rest.applyOnTheLeft(qr.householderQ().adjoint());
        stack.rightCols(stack.cols() - n) = rest;
        stack.leftCols(n) = reflectors;
        return;
    }
    for (Eigen::Index c = 0; c < n; ++c) {
        double beta = 0.0;
        auto v = reflectors.col(c);
        v = stack.col(c);
        v.tail(rows - c).makeHouseholderInPlace(tau[c], beta);
        for (Eigen::Index k = c / group * group; k < stride; k += group) {
            double* const top = &stack(c, k);
            Group along = Eigen::Map<Group>(top);
            for (Eigen::Index i = c + 1; i < rows; ++i)
                along += v[i] * Eigen::Map<const Group>(top + (i - c) * stride);
            along *= tau[c];
            Eigen::Map<Group>(top) -= along;
            for (Eigen::Index i = c + 1; i < rows; ++i)
                Eigen::Map<Group>(top + (i - c) * stride) -= v[i] * along;
        }
        v[c] = stack(c, c) = beta;
        stack.col(c).tail(rows - c - 1).setZero();  // what reflections to come leave as it is
    }
}

/// Of rows [U A], U upper triangular: v = [b; t] becomes [U^-1 (b - A t); t].
template <class Rows>
void solve_upper(const Rows& rows, std::span<Group> v) {
    for (Eigen::Index i = rows.rows(); i-- > 0;) {
        const double* const row = rows.row(i).data();
        const auto k = static_cast<std::size_t>(i);
        Group even = v[k], odd = Group::Zero();  // two sums, which do not wait for each other
        std::size_t j = k + 1;
        for (; j + 1 < v.size(); j += 2) {
            even -= row[j] * v[j];
            odd -= row[j + 1] * v[j + 1];
        }
        if (j < v.size()) even -= row[j] * v[j];
        v[k] = (even + odd) / row[i];
    }
}

/// The same rows transposed: v = [b; t] becomes [U^-T b; t - A^T U^-T b].
template <class Rows>
void solve_upper_transposed(const Rows& rows, std::span<Group> v) {
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
        const double* const row = rows.row(i).data();
        const auto k = static_cast<std::size_t>(i);
        const Group known = v[k] /= row[i];
        for (std::size_t j = k + 1; j < v.size(); ++j) v[j] -= row[j] * known;
    }
}

/// Four columns as rows of four, so that what is done to one is done to all; what there is not of
/// them is zero.
class FourColumns {
public:
    explicit FourColumns(Eigen::Index rows) : rows_(static_cast<std::size_t>(rows)) {}

    void load(const MatrixRef& b, Eigen::Index first) {
        const Eigen::Index count = std::min(group, b.cols() - first);
        for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].setZero();
        for (Eigen::Index k = 0; k < count; ++k) {
            const double* const column = &b(0, first + k);
            for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i][k] = column[i];
        }
    }
    void store(MatrixRef& b, Eigen::Index first) const {
        const Eigen::Index count = std::min(group, b.cols() - first);
        for (Eigen::Index k = 0; k < count; ++k) {
            double* const column = &b(0, first + k);
            for (std::size_t i = 0; i < rows_.size(); ++i) column[i] = rows_[i][k];
        }
    }
    [[nodiscard]] std::span<Group> segment(Eigen::Index first, Eigen::Index count) {
        return std::span(rows_).subspan(static_cast<std::size_t>(first),
                                        static_cast<std::size_t>(count));
    }

private:
    std::vector<Group> rows_;
};

void add(std::span<const Group> from, std::span<Group> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

std::size_t index(Eigen::Index k) {
    return static_cast<std::size_t>(k);
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
    LogProduct<double> determinant;
    for (Eigen::Index j = 0; j < intervals_; ++j) {
        const ConstBlock at = eliminated(j);
        for (Eigen::Index c = 0; c < interior(); ++c) {
            if ((at(c, c) < 0.0) != (pivots(j)[c] != c)) sign_ = -sign_;
            determinant.multiply(std::abs(at(c, c)));
        }
    }
    eliminate_chain(determinant);
    log_abs_det_ = determinant.value().real();
    if (log_abs_det_ == -std::numeric_limits<double>::infinity()) sign_ = 0.0;
}

void CyclicElimination::eliminate_chain(LogProduct<double>& determinant) {
    const auto lefts = [&](Eigen::Index j) {
        return eliminated(j).block(interior(), interior(), n_, n_);
    };
    const auto rights = [&](Eigen::Index j) {
        return eliminated(j).block(interior(), interior() + n_, n_, n_);
    };
    first_ = lefts(0);
    last_ = rights(0);
    // Columns of u_k, u_0, u_(k+1), and zeros up to a whole number of groups.
    RowMajor stack = RowMajor::Zero(2 * n_, (3 * n_ + group - 1) / group * group);
    for (Eigen::Index k = 1; k < intervals_; ++k) {
        stack.topLeftCorner(n_, n_) = last_;
        stack.bottomLeftCorner(n_, n_) = lefts(k);
        stack.block(0, n_, n_, n_) = first_;
        stack.block(n_, n_, n_, n_).setZero();
        stack.block(0, 2 * n_, n_, n_).setZero();
        stack.block(n_, 2 * n_, n_, n_) = rights(k);
        double* const at = links_.data() + (k - 1) * link_size();
        Eigen::Map<Vector> tau(at + 2 * n_ * n_, n_);
        triangularize(stack, Eigen::Map<Matrix>(at, 2 * n_, n_), tau);
        for (Eigen::Index c = 0; c < n_; ++c) {
            const double beta = stack(c, c);
            if ((beta < 0.0) != (tau[c] != 0.0)) sign_ = -sign_;
            determinant.multiply(std::abs(beta));
        }
        Eigen::Map<RowMajor>(at + n_ * (2 * n_ + 1), n_, 3 * n_) = stack.topLeftCorner(n_, 3 * n_);
        first_ = stack.block(n_, n_, n_, n_);
        last_ = stack.block(n_, 2 * n_, n_, n_);
    }
}

Matrix CyclicElimination::transfer(Eigen::Index j) const {
    const ConstBlock at = eliminated(j);
    const Eigen::Index width = (n_ + group - 1) / group * group;  // in whole groups
    RowMajor system = RowMajor::Zero(n_, 2 * width);
    system.leftCols(n_) = at.block(interior(), interior() + n_, n_, n_);
    system.middleCols(width, n_) = -at.block(interior(), interior(), n_, n_);
    Vector multipliers(n_ * n_);
    std::vector<Eigen::Index> pivots(index(n_));
    eliminate_columns({system.data(), n_, system.cols()}, n_, pivots.data(), multipliers.data());
    for (Eigen::Index i = n_; i-- > 0;)
        for (Eigen::Index first = width; first < 2 * width; first += group) {
            Group sum = Eigen::Map<const Group>(&system(i, first));
            for (Eigen::Index k = i + 1; k < n_; ++k)
                sum -= system(i, k) * Eigen::Map<const Group>(&system(k, first));
            Eigen::Map<Group>(&system(i, first)) = sum / system(i, i);
        }
    return system.middleCols(width, n_);
}

void CyclicElimination::apply_inverse(MatrixRef b) const {
    FourColumns columns(size());
    std::vector<Group> stack(index(2 * n_));
    for (Eigen::Index first = 0; first < b.cols(); first += group) {
        columns.load(b, first);
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const double* const factors = multipliers(j).data();
            const std::span<Group> part = columns.segment(j * rows(), rows());
            for (std::size_t c = 0; c < index(interior()); ++c)
                std::swap(part[c], part[index(pivots(j)[c])]);
            for (std::size_t c = 0; c < index(interior()); ++c) {
                const double* const factor = factors + c * part.size();
                for (std::size_t i = c + 1; i < part.size(); ++i) part[i] -= factor[i] * part[c];
            }
            std::ranges::rotate(part, part.end() - n_);
        }
        const std::span<Group> g = columns.segment(0, n_);
        for (Eigen::Index k = 1; k < intervals_; ++k) {
            const std::span<Group> f_k = columns.segment(k * rows(), n_);
            std::ranges::copy(f_k, std::ranges::copy(g, stack.begin()).out);
            const Link at = link(k);
            for (Eigen::Index c = 0; c < n_; ++c)
                reflect(at.reflectors, at.tau[c], c, stack.data());
            std::copy(stack.begin(), stack.begin() + n_, f_k.begin());
            std::copy(stack.begin() + n_, stack.end(), g.begin());
        }
        columns.store(b, first);
    }
}

void CyclicElimination::apply_inverse_transposed(MatrixRef b) const {
    FourColumns columns(size());
    std::vector<Group> stack(index(2 * n_));
    for (Eigen::Index first = 0; first < b.cols(); first += group) {
        columns.load(b, first);
        const std::span<Group> g = columns.segment(0, n_);
        for (Eigen::Index k = intervals_ - 1; k > 0; --k) {
            const std::span<Group> f_k = columns.segment(k * rows(), n_);
            std::ranges::copy(g, std::ranges::copy(f_k, stack.begin()).out);
            const Link at = link(k);
            for (Eigen::Index c = n_ - 1; c >= 0; --c)
                reflect(at.reflectors, at.tau[c], c, stack.data());
            std::copy(stack.begin(), stack.begin() + n_, g.begin());
            std::copy(stack.begin() + n_, stack.end(), f_k.begin());
        }
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const double* const factors = multipliers(j).data();
            const std::span<Group> part = columns.segment(j * rows(), rows());
            std::ranges::rotate(part, part.begin() + n_);
            for (std::size_t c = index(interior()); c-- > 0;) {
                const double* const factor = factors + c * part.size();
                Group along = part[c];
                for (std::size_t i = c + 1; i < part.size(); ++i) along -= factor[i] * part[i];
                part[c] = along;
            }
            for (std::size_t c = index(interior()); c-- > 0;)
                std::swap(part[c], part[index(pivots(j)[c])]);
        }
        columns.store(b, first);
    }
}

void CyclicElimination::substitute(MatrixRef b, ConstMatrixRef at_end) const {
    FourColumns columns(size()), end(n_);
    std::vector<Group> chain(index(3 * n_)), row(index(this->columns()));
    const auto u_k = chain.begin(), u_0 = u_k + n_, u_next = u_0 + n_;
    Matrix last = at_end;
    MatrixRef ends = last;
    for (Eigen::Index first = 0; first < b.cols(); first += group) {
        columns.load(b, first);
        end.load(ends, first);
        std::ranges::copy(end.segment(0, n_), u_next);
        std::ranges::copy(columns.segment(0, n_), u_0);
        for (Eigen::Index k = intervals_ - 1; k >= 0; --k) {  // w_k, u_k, u_(k+1)
            const std::span<Group> here = columns.segment(k * rows(), n_),
                                   inside = columns.segment(k * rows() + n_, interior());
            std::ranges::copy(here, u_k);
            if (k > 0) solve_upper(link(k).rows, chain);
            const auto u = std::ranges::copy(inside, row.begin()).out;
            std::copy(u_next, chain.end(), std::copy(u_k, u_0, u));
            solve_upper(eliminated(k).topRows(interior()), row);
            std::copy(row.begin(), u, inside.begin());
            std::copy(u_k, u_0, u_next);
            std::copy(u_k, u_0, here.begin());
        }
        columns.store(b, first);
    }
}

Matrix CyclicElimination::substitute_transposed(MatrixRef b) const {
    Matrix at_end(n_, b.cols());
    MatrixRef ends = at_end;
    FourColumns columns(size()), end(n_);
    std::vector<Group> chain(index(3 * n_)), row(index(this->columns()));
    const auto u_k = chain.begin(), u_0 = u_k + n_, u_next = u_0 + n_;
    const auto right = row.end() - n_;
    for (Eigen::Index first = 0; first < b.cols(); first += group) {
        columns.load(b, first);
        const std::span<Group> left = end.segment(0, n_), start = columns.segment(0, n_);
        std::ranges::copy(start, left.begin());
        // Interiors first, since each leaves something for both of its ends.
        for (Eigen::Index j = 0; j < intervals_; ++j) {
            const std::span<Group> here = columns.segment(j * rows(), n_),
                                   inside = columns.segment(j * rows() + n_, interior());
            std::ranges::copy(left, std::ranges::copy(inside, row.begin()).out);
            std::fill(right, row.end(), Group::Zero());
            solve_upper_transposed(eliminated(j).topRows(interior()), row);
            std::copy(row.begin(), right - n_, inside.begin());
            std::copy(right - n_, right, here.begin());
            std::copy(right, row.end(), left.begin());
            if (j + 1 < intervals_) add(columns.segment((j + 1) * rows(), n_), left);
        }
        std::fill(chain.begin(), chain.end(), Group::Zero());
        std::ranges::copy(start, u_0);
        for (Eigen::Index k = 1; k < intervals_; ++k) {
            const std::span<Group> here = columns.segment(k * rows(), n_);
            std::copy(u_next, chain.end(), u_k);
            add(here, std::span(u_k, u_0));
            std::fill(u_next, chain.end(), Group::Zero());
            solve_upper_transposed(link(k).rows, chain);
            std::copy(u_k, u_0, here.begin());
        }
        std::copy(u_0, u_next, start.begin());
        add(std::span(u_next, chain.end()), left);
        columns.store(b, first);
        end.store(ends, first);
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
