#pragma once

#include <cortifold/core/sparse_matrix.hpp>
#include <cortifold/core/status.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cortifold {

/// Which eigenvalues: by real part, by magnitude, or by the distance to a real number.
enum class SpectrumEnd { largest, smallest, largest_magnitude, nearest };
[[nodiscard]] std::string_view to_string(SpectrumEnd end);

/// How eigenvalues are found.
enum class SpectrumRoute {
    automatic,     ///< dense to `largest_dense`, then shift_invert where its factor is small enough
    dense,         ///< LAPACK, all of them
    shift_invert,  ///< Krylov space of (A - sigma)^-1 by a sparse factorization
    matrix_free    ///< Krylov space of A, or of a polynomial of A
};
[[nodiscard]] std::string_view to_string(SpectrumRoute route);

/// How it is known that no eigenvalue between those found is missing.
enum class CountCheck {
    none,       ///< it is not: no such check of `nearest` of general matrices
    complete,   ///< all were computed
    inertia,    ///< Sylvester's law: an L D L^T counts those on either side of a number
    deflation,  ///< a search orthogonal to those found, from a random start, finds only later ones
};
[[nodiscard]] std::string_view to_string(CountCheck check);

/// To here the automatic route is dense.
inline constexpr Eigen::Index largest_dense = 2000;

struct SparseSpectrumOptions {
    Eigen::Index count = 100;  ///< one more where it would split a conjugate pair; at most all
    SpectrumEnd end = SpectrumEnd::largest;
    double shift = 0.0;        ///< what `nearest` is near to
    double tolerance = 1e-10;  ///< of a residual, relative as in SparseModes
    SpectrumRoute route = SpectrumRoute::automatic;
    std::uint64_t seed = 0;            ///< of the start vectors
    double most_factor_entries = 1e8;  ///< 12 bytes each; thrice as many in one that only counts
    void validate() const;             ///< throws UsageError
};

/// Eigenvalues and right eigenvectors in the order and norm of DenseSpectrum.
struct SparseModes {
    Status status = Status::iteration_limit;
    std::string message = "sparse_modes was not called";
    ComplexVector values{};
    ComplexMatrix vectors{};
    Vector residuals{};  ///< ||A v - lambda v||_2 / sqrt(||A||_1 ||A||_inf), never above tolerance
    SpectrumRoute route = SpectrumRoute::automatic;  ///< the one taken
    CountCheck count_check = CountCheck::none;
};

/// Some eigenpairs of a real square matrix. One that is symmetric up to a positive diagonal scaling
/// (a random walk on a symmetric graph) is treated as symmetric; its count is checked, and what was
/// missed is found by deflation. Of other matrices searches beside what was found add what was
/// missed, until one finds nothing more; of a defective eigenvalue the vectors depend on each
/// other, and the message says how many do. It also has their largest condition number, 1 / |y* x|,
/// by which errors may exceed residuals; where those of A^T come out as others, status is
/// iteration_limit. A pair with a residual above the tolerance is never
/// returned: where too few are left, status is iteration_limit and the message says how many.
/// Throws UsageError where the matrix is not square or a route is asked for that cannot be gone.
[[nodiscard]] SparseModes sparse_modes(const SparseMatrix& a,
                                       const SparseSpectrumOptions& options = {});

/// The residuals of given pairs, as of SparseModes.
[[nodiscard]] Vector relative_residuals(const SparseMatrix& a, const ComplexVector& values,
                                        const ComplexMatrix& vectors);

/// How many eigenvalues of a symmetric matrix lie below a number: exact for that number moved by
/// less than `error`.
struct EigenvalueCount {
    Eigen::Index below = 0;
    double error = 0.0;
};
/// By Sylvester's law of inertia; reads the lower triangle. Of a factor that fills in, the trailing
/// block is dense. None where it would be too large, or the number is too near to an eigenvalue of
/// a leading block.
[[nodiscard]] std::optional<EigenvalueCount> count_eigenvalues_below(const SparseMatrix& a,
                                                                     double number);

}  // namespace cortifold
