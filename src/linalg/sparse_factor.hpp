#pragma once

#include <cortifold/linalg/sparse_spectrum.hpp>

#include <Eigen/SparseCholesky>

#include <optional>
#include <vector>

namespace cortifold {

using ColumnSparse = Eigen::SparseMatrix<double>;

/// A symmetric matrix, whole, in an order in which its factor fills in little.
struct OrderedMatrix {
    ColumnSparse a;                                                      ///< P A P^T
    Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> back;  ///< P^T
};
[[nodiscard]] OrderedMatrix fill_reducing(const SparseMatrix& a);

/// The entries of each column of the factor of an ordered matrix, without its diagonal, known
/// before it is computed; empty where they are more than `most`.
[[nodiscard]] std::vector<Eigen::Index> factor_columns(const ColumnSparse& a, double most);

/// What a factor takes. The columns that fill in make up one dense block at the end.
struct FactorPlan {
    explicit FactorPlan(const std::vector<Eigen::Index>& columns);
    Eigen::Index leading = 0;  ///< columns before the dense block
    double entries = 0.0;      ///< that are stored
};
/// None where more entries would be stored.
[[nodiscard]] std::optional<FactorPlan> plan_factor(const ColumnSparse& a, double most);
/// A factor that only counts is used once, and may be so many times larger than one to solve with.
inline constexpr double counting_allowance = 3.0;

/// A - shift = L diag(D, S) L^T: the leading columns sparse, the block S dense by LAPACK.
class BlockFactor {
public:
    BlockFactor(const ColumnSparse& a, const FactorPlan& plan, double shift);
    /// False where a pivot is zero: the shift is an eigenvalue of a leading block.
    [[nodiscard]] bool exists() const { return exists_; }
    void solve(VectorRef x) const;  ///< in place
    /// Of eigenvalues of A below the shift.
    [[nodiscard]] EigenvalueCount count() const;

private:
    using SparseFactor =
        Eigen::SimplicialLDLT<ColumnSparse, Eigen::Lower, Eigen::NaturalOrdering<int>>;
    void eliminate(const ColumnSparse& a);
    [[nodiscard]] double growth() const;

    SparseFactor leading_;
    ColumnSparse below_;  ///< the rows of L beside the dense block
    Matrix block_;        ///< S, then its factor
    std::vector<int> pivots_;
    double rounding_ = 0.0;  ///< bounds what the factored matrix differs from A - shift
    bool exists_ = false;
};

}  // namespace cortifold
