#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

namespace cortifold {

// Order of eigenvalues, everywhere: decreasing real part; real parts that agree to rounding count
// as equal, then decreasing |Im|, the positive one first. Conjugate pairs of a real matrix are
// adjacent. All functions throw UsageError where the matrix is not square.

/// Eigenvalues and right eigenvectors (columns, unit 2-norm, the first of the largest components
/// real and positive).
struct DenseSpectrum {
    Status status = Status::iteration_limit;
    ComplexVector values{};
    ComplexMatrix vectors{};
    Vector residuals{};  ///< ||A v - lambda v||_2 / ||A||_F, a pair
};

/// LAPACK dgeevx, balanced, or not where residuals are smaller so. status is non_finite for a
/// matrix with NaN or infinity; then, and where the QR iteration fails, nothing else is filled.
[[nodiscard]] DenseSpectrum general_spectrum(ConstMatrixRef a);
/// LAPACK dsyevd; reads the lower triangle. The vectors are real and orthonormal.
[[nodiscard]] DenseSpectrum symmetric_spectrum(ConstMatrixRef a);

/// Eigenvalues alone (LAPACK dgeevx; for n <= 12, where others are faster, the QR iteration of the
/// balanced matrix: our own to n = 6, Eigen's above). Empty if a is not finite or the QR iteration
/// fails.
[[nodiscard]] ComplexVector eigenvalues(ConstMatrixRef a);
/// The same of a complex matrix, by LAPACK zgeev or Eigen.
[[nodiscard]] ComplexVector eigenvalues(const Eigen::Ref<const ComplexMatrix>& a);

/// Eigenvalues from elsewhere in that order; of a real matrix, conjugates must be exact ones.
[[nodiscard]] ComplexVector ordered_spectrum(const ComplexVector& values);

/// A = Q T Q^H with T upper triangular (LAPACK zgees): spectra and solves of networks whose matrix
/// has no basis of eigenvectors.
struct SchurForm {
    Status status = Status::iteration_limit;
    ComplexMatrix T{}, Q{};
    double residual = 0.0;  ///< ||A Q - Q T||_F / ||A||_F
};
[[nodiscard]] SchurForm complex_schur(ConstMatrixRef a);

/// BLAS takes no threads of its own under ours; called once at the start of a program.
void use_one_blas_thread();

}  // namespace cortifold
