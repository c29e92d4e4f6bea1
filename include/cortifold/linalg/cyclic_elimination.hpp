#pragma once

#include <cortifold/linalg/bordered.hpp>

#include <memory>
#include <vector>

namespace cortifold {

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

    using Block = Eigen::Map<RowMajor>;
    using ConstBlock = Eigen::Map<const RowMajor>;
    /// m n rows, (m + 1) n columns, to be filled: [interior left right].
    [[nodiscard]] Block block(Eigen::Index j) { return {&blocks_[offset(j)], rows(), columns()}; }
    /// Eliminates what `block` was filled with.
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
    [[nodiscard]] std::size_t offset(Eigen::Index j) const {
        return static_cast<std::size_t>(j * rows() * columns());
    }
    [[nodiscard]] ConstBlock eliminated(Eigen::Index j) const {
        return {&blocks_[offset(j)], rows(), columns()};
    }
    void condense(Eigen::Index j);
    void eliminate_chain();

    /// u_k between intervals k - 1 and k: [Y0 u_0 + R u_k + Y1 u_(k+1)] after a QR decomposition.
    struct Link {
        Matrix reflectors;  ///< 2n x n: R above, Householder vectors below the diagonal
        Vector tau;
        Matrix y0, y1;
        [[nodiscard]] auto r() const {
            return reflectors.topRows(reflectors.cols()).triangularView<Eigen::Upper>();
        }
        [[nodiscard]] auto r_transposed() const {
            return reflectors.topRows(reflectors.cols()).transpose().triangularView<Eigen::Lower>();
        }
    };
    [[nodiscard]] const Link& link(Eigen::Index k) const {
        return links_[static_cast<std::size_t>(k - 1)];
    }
    [[nodiscard]] const Eigen::Index* pivots(Eigen::Index j) const {
        return pivots_.data() + j * interior();
    }

    Eigen::Index n_, m_, intervals_;
    std::vector<double> blocks_;
    std::vector<Eigen::Index> pivots_;  ///< of each interior column: the row it changed places with
    std::vector<Link> links_;
    Matrix first_, last_;
    double sign_ = 1.0, log_abs_det_ = 0.0;
};

/// [M(mu), columns; rows^T, corner] around what was eliminated.
template <class S>
[[nodiscard]] std::unique_ptr<LinearSolver<S>> border_cycle(
    std::shared_ptr<const CyclicElimination> elimination, S mu, const Borders<double>& borders);

}  // namespace cortifold
