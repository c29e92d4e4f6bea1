#pragma once

#include <cortifold/core/sparse_matrix.hpp>
#include <cortifold/core/vector_field.hpp>

#include <vector>

namespace cortifold {

/// Stored row by row.
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Columns of a matrix in groups of eight, as many as two registers hold: what is done to a row is
/// done to all eight at once.
using EightColumns = Eigen::Matrix<double, Eigen::Dynamic, 8, Eigen::RowMajor>;

/// f_x = near + sum over channels of out W in, for products with many columns: in a network `near`
/// has the blocks of the nodes, and a channel what is sent over its connectome.
struct SplitJacobian {
    /// W is m x m and belongs to the field: dense, or where that is null sparse.
    struct Channel {
        SparseMatrix in{}, out{};  ///< m x n and n x m
        const RowMatrix* dense = nullptr;
        const SparseMatrix* sparse = nullptr;
    };
    /// Room for the values in a channel before and after W, kept from product to product.
    struct Scratch {
        EightColumns sent{}, received{};
    };

    SparseMatrix near{};
    std::vector<Channel> channels{};

    /// result = f_x V.
    void apply(const EightColumns& V, EightColumns& result, Scratch& scratch) const;
    [[nodiscard]] Matrix dense() const;
    [[nodiscard]] double trace() const;
};

/// A face of fields that know the parts of their f_x; others have their entries.
class SplitField {
public:
    SplitField() = default;
    SplitField(const SplitField&) = delete;
    SplitField& operator=(const SplitField&) = delete;
    virtual ~SplitField() = default;
    /// As VectorField::linearize. What f_x had before is overwritten, its memory used again; it may
    /// look at the field, which must outlive it.
    virtual void linearize_split(ConstVectorRef x, ConstVectorRef p,
                                 std::span<const std::size_t> free, VectorRef f, SplitJacobian& f_x,
                                 MatrixRef f_p) const = 0;
};

/// Of any field: in parts where it knows them and has many states, else from the entries of f_x
/// that are not zero.
void linearize_split(const VectorField& field, ConstVectorRef x, ConstVectorRef p,
                     std::span<const std::size_t> free, VectorRef f, SplitJacobian& f_x,
                     MatrixRef f_p);

}  // namespace cortifold
