#pragma once

#include <cortifold/linalg/bordered.hpp>

#include <memory>
#include <vector>

namespace cortifold {

template <class S>
class LogProduct;

/// The linear system of a closed chain of N intervals: m n equations in each, between the values
/// u_j (n of them) at its left end, (m - 1) n in its interior, and u_(j+1) at its right end,
///
///     interior_j w_j + left_j u_j + right_j u_(j+1) = b_j,   j = 0 .. N - 1,   u_N = mu u_0.
///
/// Orthogonal collocation of cycles makes such systems. Interiors are condensed by LU with pivoting
/// among all rows of their interval, which leaves A_j u_j + B_j u_(j+1) = f_j; the chain is
/// eliminated by orthogonal transformations of two neighbours at a time (Wright 1992, SIAM J. Sci.
/// Stat. Comput. 13:742), stable for whatever grows and decays along it: C u_0 + E u_N = g remains.
/// None of this depends on mu. Vectors hold u_0, w_0, u_1, w_1, ... one after the other.
class CyclicElimination {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

public:
    CyclicElimination(Eigen::Index n, Eigen::Index m, Eigen::Index intervals);

    using Block = Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>;
    using ConstBlock = Eigen::Map<const RowMajor, 0, Eigen::OuterStride<>>;
    /// m n rows, (m + 1) n columns, to be filled: [interior left right].
    [[nodiscard]] Block block(Eigen::Index j) {
        return {&blocks_[offset(j)], rows(), columns(), Eigen::OuterStride<>(stride_)};
    }
    /// Eliminates what `block` was filled with: the interiors alone, or then the chain.
    void condense(int threads);
    void factorize(int threads);

    [[nodiscard]] Eigen::Index size() const { return rows() * intervals_; }
    [[nodiscard]] Eigen::Index intervals() const { return intervals_; }
    /// Of the condensed chain: -B_j^-1 A_j takes u_j to u_(j+1).
    [[nodiscard]] Matrix transfer(Eigen::Index j) const;
    [[nodiscard]] const Matrix& first() const { return first_; }  ///< C
    [[nodiscard]] const Matrix& last() const { return last_; }    ///< E
    /// Of all that was eliminated: the determinant is this times that of C + mu E.
    [[nodiscard]] double sign_det() const { return sign_; }
    [[nodiscard]] double log_abs_det() const { return log_abs_det_; }

    // M = F R of the transformations F and what they leave: R [u; w] is upper triangular but for
    // its last n rows, C u_0 + E u_N.
    void apply_inverse(MatrixRef b) const;             ///< F^-1 b; g stands where u_0 did
    void apply_inverse_transposed(MatrixRef b) const;  ///< F^-T b
    /// R: b has F^-1 b and, in place of g, u_0; u_N is given for each column.
    void substitute(MatrixRef b, ConstMatrixRef at_end) const;
    /// R^T: b becomes what belongs to the eliminated rows, its part at u_0 what is left of that for
    /// the last ones; what is left for u_N is returned.
    [[nodiscard]] Matrix substitute_transposed(MatrixRef b) const;

private:
    [[nodiscard]] Eigen::Index rows() const { return m_ * n_; }
    [[nodiscard]] Eigen::Index columns() const { return (m_ + 1) * n_; }
    [[nodiscard]] Eigen::Index interior() const { return (m_ - 1) * n_; }
    [[nodiscard]] Eigen::Index offset(Eigen::Index j) const { return j * rows() * stride_; }
    [[nodiscard]] ConstBlock eliminated(Eigen::Index j) const {
        return {&blocks_[offset(j)], rows(), columns(), Eigen::OuterStride<>(stride_)};
    }
    /// Of each interior column what its row was subtracted with, below the diagonal.
    [[nodiscard]] Eigen::Map<const Matrix> multipliers(Eigen::Index j) const {
        return {multipliers_.data() + j * rows() * interior(), rows(), interior()};
    }
    void eliminate_chain(LogProduct<double>& determinant);

    /// u_k between intervals k - 1 and k after a QR decomposition.
    struct Link {
        Eigen::Map<const Matrix> reflectors;  ///< 2n x n: Householder vectors below the diagonal
        Eigen::Map<const Vector> tau;
        Eigen::Map<const RowMajor> rows;  ///< n x 3n: [R Y0 Y1] of u_k, u_0 and u_(k+1)
    };
    [[nodiscard]] Eigen::Index link_size() const { return n_ * (5 * n_ + 1); }
    [[nodiscard]] Link link(Eigen::Index k) const {
        const double* at = links_.data() + (k - 1) * link_size();
        return {{at, 2 * n_, n_}, {at + 2 * n_ * n_, n_}, {at + n_ * (2 * n_ + 1), n_, 3 * n_}};
    }
    [[nodiscard]] const Eigen::Index* pivots(Eigen::Index j) const {
        return pivots_.data() + j * interior();
    }

    Eigen::Index n_, m_, intervals_, stride_;  ///< stride_: of rows, a multiple of four
    Vector blocks_, multipliers_, links_;
    std::vector<Eigen::Index> pivots_;  ///< of each interior column: the row it changed places with
    Matrix first_, last_;
    double sign_ = 1.0, log_abs_det_ = 0.0;
};

/// [M(mu), columns; rows^T, corner] around what was eliminated.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> border_cycle(
    std::shared_ptr<const CyclicElimination> elimination, S mu, const Borders<double>& borders);

}  // namespace cortifold
