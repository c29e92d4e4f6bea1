#pragma once

#include <cortifold/core/matrix.hpp>
#include <cortifold/core/status.hpp>

namespace cortifold {

/// Eigenvalues and right eigenvectors (columns, unit 2-norm, the largest component real and
/// positive), by decreasing real part, then decreasing imaginary part.
struct DenseSpectrum {
    Status status = Status::iteration_limit;
    ComplexVector values;
    ComplexMatrix vectors;
    Vector residuals;  ///< ||A v - lambda v||_2 / ||A||_F, a pair
};

/// LAPACK dgeev, balanced. status is non_finite for a matrix with NaN or infinity.
[[nodiscard]] DenseSpectrum general_spectrum(ConstMatrixRef a);
/// LAPACK dsyevd; reads the lower triangle. The vectors are real and orthonormal.
[[nodiscard]] DenseSpectrum symmetric_spectrum(ConstMatrixRef a);

/// Eigenvalues alone, in the same order (LAPACK dgeev; Eigen's solver for n <= 12, where it is
/// faster). Empty if a is not finite.
[[nodiscard]] ComplexVector eigenvalues(ConstMatrixRef a);
[[nodiscard]] ComplexVector eigenvalues(const Eigen::Ref<const ComplexMatrix>& a);

/// A = Q T Q^H with T upper triangular (LAPACK zgees): spectra and solves of networks whose matrix
/// has no basis of eigenvectors.
struct SchurForm {
    Status status = Status::iteration_limit;
    ComplexMatrix T, Q;
    double residual = 0.0;  ///< ||A Q - Q T||_F / ||A||_F
};
[[nodiscard]] SchurForm complex_schur(ConstMatrixRef a);

/// BLAS takes no threads of its own under ours; called once at the start of a program.
void use_one_blas_thread();

}  // namespace cortifold
