#pragma once

#include <cortifold/linalg/sparse_spectrum.hpp>

namespace cortifold {

/// Eigenvalues nearer to each other, relative to the norm, are one in the count.
inline constexpr double cluster_width = 1e-7;

/// The smallest eigenvalues of a symmetric matrix, ascending.
struct SymmetricModes {
    Vector values{};
    Matrix vectors{};  ///< orthonormal
    SpectrumRoute route = SpectrumRoute::matrix_free;
    CountCheck check = CountCheck::none;  ///< none: some may be missing
    double checked_to = 0.0;              ///< the last check was of eigenvalues below this,
    Eigen::Index counted = 0, found = 0;  ///< which counted and found so many
};

/// By Krylov spaces, `options.count` of them or fewer, each with a residual below the tolerance.
/// `end` and `shift` are not read. Throws UsageError where shift_invert is asked for and the factor
/// is too large.
[[nodiscard]] SymmetricModes smallest_modes(const SparseMatrix& a,
                                            const SparseSpectrumOptions& options);

}  // namespace cortifold
