#include "sparse_krylov_schur.hpp"

#include "eigenpairs.hpp"
#include "sparse_transformation.hpp"
#include <cortifold/linalg/dense_spectrum.hpp>

#include <Eigen/QR>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <lapacke.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace cortifold {

namespace {

using Eigen::Index;

constexpr int most_restarts = 500;
constexpr Index smallest_space = 30, spaces_a_value = 3;

/// A = Q T Q^T with T in blocks of one or two; the `count` eigenvalues of the highest rank, and the
/// conjugate of the last, come first.
struct RealSchur {
    Matrix T{}, Q{};
    Index leading = 0;  ///< how many were chosen
    bool exists = false;
};

RealSchur real_schur(const Matrix& a, const KrylovProblem& problem, Index count) {
    const auto n = static_cast<lapack_int>(a.rows());
    RealSchur schur{a, Matrix(n, n)};
    Vector re(n), im(n);
    lapack_int chosen_count = 0;
    if (LAPACKE_dgees(LAPACK_COL_MAJOR, 'V', 'N', nullptr, n, schur.T.data(), n, &chosen_count,
                      re.data(), im.data(), schur.Q.data(), n) != 0)
        return schur;
    ComplexVector values(n);
    values.real() = re;
    values.imag() = im;
    std::vector<lapack_logical> chosen(static_cast<std::size_t>(n), 0);
    for (const Index k : highest_ranked(values, count, problem.rank))
        chosen[static_cast<std::size_t>(k)] = 1;
    // LAPACKE_dtrsen hands on a null pointer that LAPACK 3.11 writes to.
    double no_condition = 0.0, no_separation = 0.0;
    lapack_int integer_work = 0;
    Vector work(n);
    schur.exists =
        LAPACKE_dtrsen_work(LAPACK_COL_MAJOR, 'N', 'V', chosen.data(), n, schur.T.data(), n,
                            schur.Q.data(), n, re.data(), im.data(), &chosen_count, &no_condition,
                            &no_separation, work.data(), n, &integer_work, 1) == 0;
    schur.leading = chosen_count;
    return schur;
}

/// A V = V H + v b^T: V holds the basis and, as its last column, v; H over b^T is square + one row.
class Decomposition {
public:
    explicit Decomposition(const KrylovProblem& problem)
        : problem_(problem),
          steps_(
              std::min(problem.size, std::max(smallest_space, spaces_a_value * problem.count + 1))),
          basis_(problem.size, steps_ + 1),
          h_(Matrix::Zero(steps_ + 1, steps_)) {
        basis_.col(0) = random_start(problem.size, problem.seed, 0).normalized();
    }
    void expand();
    /// Turns the projection to Schur form and keeps the better part of it.
    bool contract();
    [[nodiscard]] RitzPairs converged() const;

private:
    [[nodiscard]] double orthogonalize(Vector& w, Index known, VectorRef h) const;

    const KrylovProblem& problem_;
    Index steps_, size_ = 0;
    Matrix basis_, h_;
    std::uint64_t starts_ = 1;
};

/// w without its part in the basis, which is added to h, by two passes of Gram and Schmidt; its
/// norm.
double Decomposition::orthogonalize(Vector& w, Index known, VectorRef h) const {
    const auto basis = basis_.leftCols(known);
    for (int pass = 0; pass < 2; ++pass) {
        const Vector part = basis.transpose() * w;
        w.noalias() -= basis * part;
        h += part;
    }
    return w.norm();
}

void Decomposition::expand() {
    Vector w(problem_.size), unused(steps_ + 1);
    for (; size_ < steps_; ++size_) {
        const Index known = size_ + 1;
        problem_.apply(basis_.col(size_), w);
        const double scale = w.norm();
        double beta = orthogonalize(w, known, h_.col(size_).head(known));
        if (beta <= std::numeric_limits<double>::epsilon() * scale) {  // invariant: start anew
            h_(known, size_) = 0.0;
            if (known == problem_.size) {
                basis_.col(known).setZero();
                continue;
            }
            w = random_start(problem_.size, problem_.seed, starts_++);
            beta = orthogonalize(w, known, unused.head(known));
        } else {
            h_(known, size_) = beta;
        }
        basis_.col(known) = w / beta;
    }
}

bool Decomposition::contract() {
    const Index kept = std::min(steps_ - 2, (problem_.count + steps_) / 2);
    const RealSchur schur = real_schur(h_.topRows(steps_), problem_, kept);
    if (!schur.exists) return false;
    size_ = schur.leading;
    const Matrix q = schur.Q.leftCols(size_);
    const Eigen::RowVectorXd b = h_.row(steps_) * q;
    basis_.leftCols(size_) = basis_.leftCols(steps_) * q;
    basis_.col(size_) = basis_.col(steps_);
    h_.setZero();
    h_.topLeftCorner(size_, size_) = schur.T.topLeftCorner(size_, size_);
    h_.row(size_).head(size_) = b;
    return true;
}

/// The residual of a Ritz pair (theta, V y) is |b^T y|.
RitzPairs Decomposition::converged() const {
    const DenseSpectrum ritz = general_spectrum(h_.topLeftCorner(size_, size_));
    if (ritz.status != Status::converged) return {};
    const double limit = problem_.tolerance * ritz.values.cwiseAbs().maxCoeff();
    const Vector residuals = (h_.row(size_).head(size_) * ritz.vectors).cwiseAbs();
    std::vector<Index> good = highest_ranked(ritz.values, problem_.count, problem_.rank);
    std::erase_if(good, [&](Index k) { return residuals[k] > limit; });
    RitzPairs pairs{ritz.values(good), basis_.leftCols(size_) * ritz.vectors(Eigen::all, good), {}};
    if (pairs.values.size() < problem_.count) return pairs;
    const RealSchur schur = real_schur(h_.topLeftCorner(size_, size_), problem_, problem_.count);
    const Matrix q = schur.Q.leftCols(schur.leading);
    if (schur.exists && (h_.row(size_).head(size_) * q).norm() <= limit)
        pairs.basis = basis_.leftCols(size_) * q;
    return pairs;
}

/// The operator on the complement of an invariant space, which gets the eigenvalue `last`.
KrylovProblem beside(const KrylovProblem& problem, const Matrix& found, double last) {
    KrylovProblem rest = problem;
    rest.count = 1;
    rest.apply = [&problem, &found, last](ConstVectorRef x, VectorRef y) {
        const Vector inside = found.transpose() * x, outside = x - found * inside;
        problem.apply(outside, y);
        y -= found * (found.transpose() * y - last * inside);
    };
    return rest;
}

/// Orthonormal, of two orthogonal spaces.
Matrix joined(const Matrix& found, const Matrix& news) {
    Matrix both(found.rows(), found.cols() + news.cols());
    both << found, news - found * (found.transpose() * news);
    return Eigen::HouseholderQR<Matrix>(both).householderQ() *
           Matrix::Identity(both.rows(), both.cols());
}

/// The pairs of the highest rank in an invariant space.
RitzPairs pairs_within(const KrylovProblem& problem, const Matrix& space) {
    Matrix image(space.rows(), space.cols());
    for (Index k = 0; k < space.cols(); ++k) problem.apply(space.col(k), image.col(k));
    const DenseSpectrum inside = general_spectrum(space.transpose() * image);
    if (inside.status != Status::converged) return {};
    const std::vector<Index> chosen = highest_ranked(inside.values, problem.count, problem.rank);
    return {inside.values(chosen), space * inside.vectors(Eigen::all, chosen), space};
}

double lowest_rank(const RitzPairs& pairs, const KrylovProblem& problem) {
    double lowest = std::numeric_limits<double>::infinity();
    for (const std::complex<double> value : pairs.values)
        lowest = std::min(lowest, problem.rank(value));
    return lowest;
}

}  // namespace

RitzPairs krylov_schur(const KrylovProblem& problem) {
    Decomposition decomposition(problem);
    RitzPairs found;
    for (int restart = 0; restart < most_restarts && found.basis.cols() == 0; ++restart) {
        decomposition.expand();
        if (!decomposition.contract()) break;
        found = decomposition.converged();
    }
    return found;
}

SearchedPairs krylov_search(const KrylovProblem& problem, double last, double width) {
    SearchedPairs result{krylov_schur(problem)};
    // Each round but the last finds one of those that are missing, at least.
    for (Index round = 1; round <= problem.count + 1 && result.pairs.basis.cols() > 0; ++round) {
        const Matrix& found = result.pairs.basis;
        KrylovProblem rest = beside(problem, found, last);
        rest.seed += static_cast<std::uint64_t>(round);
        const RitzPairs news = krylov_schur(rest);
        result.next.reset();
        if (news.basis.cols() == 0) break;
        result.next = news.values[0];
        result.none_missing =
            problem.rank(news.values[0]) <= lowest_rank(result.pairs, problem) + width;
        if (result.none_missing) break;
        result.pairs = pairs_within(problem, joined(found, news.basis));
    }
    return result;
}

}  // namespace cortifold
