#pragma once

#include <cortifold/core/matrix.hpp>

#include <span>

namespace cortifold {

/// As Linearization, at many points: a row a point, a column an entry, those of a matrix column by
/// column.
struct BatchLinearization {
    Matrix f, f_x, f_u, f_p;
    Matrix h, h_x, h_p;

    /// Room for so many points of a node with these numbers of states, inputs and outputs.
    void resize(Eigen::Index points, Eigen::Index n_x, Eigen::Index n_u, Eigen::Index n_h,
                Eigen::Index n_free) {
        f.resize(points, n_x);
        f_x.resize(points, n_x * n_x);
        f_u.resize(points, n_x * n_u);
        f_p.resize(points, n_x * n_free);
        h.resize(points, n_h);
        h_x.resize(points, n_h * n_x);
        h_p.resize(points, n_h * n_free);
    }
};

/// A face of nodes that are linearized at many points at a time.
class BatchNode {
public:
    BatchNode() = default;
    BatchNode(const BatchNode&) = delete;
    BatchNode& operator=(const BatchNode&) = delete;
    virtual ~BatchNode() = default;

    [[nodiscard]] virtual bool takes_batches() const { return true; }
    /// As Node::linearize, at the rows of x and u, with parameters p (one row). What a row gives
    /// does not depend on the others.
    virtual void linearize_batch(ConstMatrixRef x, ConstMatrixRef u, ConstMatrixRef p,
                                 std::span<const std::size_t> free,
                                 BatchLinearization& result) const = 0;
};

}  // namespace cortifold
