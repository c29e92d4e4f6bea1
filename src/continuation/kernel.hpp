#pragma once

#include "critical.hpp"

namespace cortifold {

/// The solution of [f_x B; C^T 0] [V; G] = [0; I], and W of the transposed system: G is zero where
/// f_x has a kernel of as many dimensions as there are borders, and then V and W are bases of the
/// right and the left one.
struct NullSpace {
    Matrix G, V, W;
};

/// f_x with borders for a kernel of several dimensions.
class KernelSolver {
public:
    KernelSolver(const LinearizedPoint& at, const Matrix& B, const Matrix& C);
    [[nodiscard]] NullSpace null_space() const;
    /// The first n components of the solution for [r; 0].
    [[nodiscard]] Vector solve(ConstVectorRef r) const;

private:
    Eigen::Index n_, k_;
    std::unique_ptr<LinearSolver<double>> solver_;
};

/// Borders for which W^T V is a multiple of the identity: then so is G, as long as the eigenvalues
/// that belong to the kernel stay equal, and its trace is their mean but for a factor.
struct KernelBorders {
    Matrix B, C;
};
/// From bases of the right and the left kernel.
[[nodiscard]] KernelBorders matched(const Matrix& V, const Matrix& W);
/// By inverse iteration from arbitrary ones.
[[nodiscard]] KernelBorders find_kernel_borders(const LinearizedPoint& at, Eigen::Index dimension);

/// An orthonormal basis of what the columns span.
[[nodiscard]] Matrix orthonormal(const Matrix& columns);

}  // namespace cortifold
