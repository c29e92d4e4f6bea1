#include "eigenpairs.hpp"
#include "francis_qr.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <Eigen/Eigenvalues>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <lapacke.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

// Weak: other implementations of BLAS have no such function.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));

namespace cortifold {

namespace {

using Eigen::Index;
using Order = std::vector<Index>;

/// Up to here Eigen's solvers are faster (measured at n = 6: 3.2 against 10.9 us, of complex
/// matrices 7 against 11 us).
constexpr Index small_size = 12;
/// A residual that says that balancing has blown up rows or columns of rounding (Watkins 2006,
/// Electron. Trans. Numer. Anal. 23:1).
constexpr double spoilt = 1e-13;

void require_square(const auto& a) {
    require(a.rows() == a.cols(), "a spectrum needs a square matrix, not " +
                                      std::to_string(a.rows()) + " x " + std::to_string(a.cols()));
}

/// What a is divided by so that no norm overflows.
double scale_of(const Matrix& a) {
    const double largest = a.cwiseAbs().maxCoeff();
    return largest > 0.0 ? largest : 1.0;
}

/// The divisor of relative residuals; only of a zero matrix, where they vanish, it is not the norm.
double norm_or_one(const Matrix& a) {
    const double norm = a.norm();
    return norm > 0.0 ? norm : 1.0;
}

/// The spectrum of a from its raw eigenpairs: ordered, normalized, with residuals.
DenseSpectrum assemble(const Matrix& a, const ComplexVector& values, const ComplexMatrix& vectors,
                       Pairs pairs) {
    const Order order = order_of(values, pairs);
    DenseSpectrum s{Status::converged, values(order), vectors(Eigen::all, order), {}};
    normalize_columns(s.vectors);
    const double scale = scale_of(a);
    const Matrix scaled = a / scale;
    ComplexMatrix r = -s.vectors * (s.values / scale).asDiagonal();
    r.real() += scaled * s.vectors.real();
    r.imag() += scaled * s.vectors.imag();
    s.residuals = r.colwise().norm() / norm_or_one(scaled);
    return s;
}

Status status_of(lapack_int info) {
    return info == 0 ? Status::converged : Status::iteration_limit;
}

/// The real and imaginary columns of a pair, as dgeev packs them, unfolded.
ComplexMatrix unfold(const Matrix& packed, const Vector& imag) {
    ComplexMatrix vectors = packed.cast<std::complex<double>>();
    for (Index k = 0; k + 1 < packed.cols(); ++k) {
        if (imag[k] <= 0.0) continue;
        vectors.col(k).imag() = packed.col(k + 1);
        vectors.col(k + 1) = vectors.col(k).conjugate();
    }
    return vectors;
}

enum class Balance : char { full = 'B', none = 'N' };

/// Eigenvalues, and eigenvectors where `vectors` is given.
Status run_dgeev(Matrix a, ComplexVector& values, ComplexMatrix* vectors,
                 Balance balance = Balance::full) {
    const auto n = static_cast<lapack_int>(a.rows());
    Vector re(n), im(n), scales(n);
    Matrix packed = Matrix::Zero(vectors ? n : 1, vectors ? n : 1);
    lapack_int low = 0, high = 0;
    double norm = 0.0;
    const lapack_int info =
        LAPACKE_dgeevx(LAPACK_COL_MAJOR, static_cast<char>(balance), 'N', vectors ? 'V' : 'N', 'N',
                       n, a.data(), n, re.data(), im.data(), nullptr, 1, packed.data(),
                       vectors ? n : 1, &low, &high, scales.data(), &norm, nullptr, nullptr);
    values.resize(n);
    values.real() = re;
    values.imag() = im;
    if (vectors) *vectors = unfold(packed, im);
    return values.allFinite() && packed.allFinite() ? status_of(info) : Status::non_finite;
}

Status run_zgeev(ComplexMatrix a, ComplexVector& values) {
    const auto n = static_cast<lapack_int>(a.rows());
    values.resize(n);
    const lapack_int info = LAPACKE_zgeev(LAPACK_COL_MAJOR, 'N', 'N', n, a.data(), n, values.data(),
                                          nullptr, 1, nullptr, 1);
    return values.allFinite() ? status_of(info) : Status::non_finite;
}

/// D^-1 A D with D of powers of two that brings the norms of row and column k together (Parlett &
/// Reinsch 1969, with the 2-norm of James, Langou & Lowery 2014): rates in mixed units.
template <class M>
M balanced(M a) {
    constexpr double worthwhile = 0.81;
    for (bool changed = true; changed;) {
        changed = false;
        for (Index k = 0; k < a.rows(); ++k) {
            const double column = a.col(k).squaredNorm(), row = a.row(k).squaredNorm();
            if (column == 0.0 || row == 0.0) continue;
            // f^4 = row / column, to the nearest power of two
            const int exponent = static_cast<int>(std::floor((std::ilogb(row / column) + 2) / 4.0));
            if (exponent == 0) continue;
            const double f = std::ldexp(1.0, exponent);
            if (column * f * f + row / (f * f) >= worthwhile * (column + row)) continue;
            a.col(k) *= f;
            a.row(k) /= f;
            changed = true;
        }
    }
    return a;
}

/// By a power of two, so that no square overflows: the exponent that was taken out.
template <class M>
int scale_down(M& a) {
    const double largest = a.cwiseAbs().maxCoeff();
    const int exponent = largest > 0.0 ? std::ilogb(largest) : 0;
    a *= std::ldexp(1.0, -exponent);
    return exponent;
}

template <class Solver>
Status run_eigen(typename Solver::MatrixType a, ComplexVector& values) {
    const int exponent = scale_down(a);
    const Solver solver(balanced(a), false);
    if (solver.info() != Eigen::Success) return Status::iteration_limit;
    values = std::ldexp(1.0, exponent) * solver.eigenvalues();
    return values.allFinite() ? Status::converged : Status::non_finite;
}

template <int N>
Status run_francis(Eigen::Matrix<double, N, N> a, ComplexVector& values) {
    const int exponent = scale_down(a);
    const FrancisQr<N> qr(balanced(a));
    if (!qr.converged()) return Status::iteration_limit;
    values = std::ldexp(1.0, exponent) * qr.eigenvalues();
    return values.allFinite() ? Status::converged : Status::non_finite;
}

/// Sizes of node models on the stack: their spectra are taken at each point of a branch.
Status run_small_real(ConstMatrixRef a, ComplexVector& values) {
    switch (a.rows()) {
        case 2: return run_francis<2>(a, values);
        case 3: return run_francis<3>(a, values);
        case 4: return run_francis<4>(a, values);
        case 5: return run_francis<5>(a, values);
        case 6: return run_francis<6>(a, values);
        default: return run_eigen<Eigen::EigenSolver<Matrix>>(a, values);
    }
}

ComplexVector ordered(const ComplexVector& values, Pairs pairs) {
    return values(order_of(values, pairs));
}

}  // namespace

DenseSpectrum general_spectrum(ConstMatrixRef a) {
    require_square(a);
    if (!a.allFinite()) return {.status = Status::non_finite};
    if (a.size() == 0) return {.status = Status::converged};
    const auto found = [&](Balance balance) -> DenseSpectrum {
        ComplexVector values;
        ComplexMatrix vectors;
        const Status status = run_dgeev(a, values, &vectors, balance);
        if (status != Status::converged) return {.status = status};
        return assemble(a, values, vectors, Pairs::conjugate);
    };
    DenseSpectrum spectrum = found(Balance::full);
    if (spectrum.residuals.size() > 0 && spectrum.residuals.maxCoeff() < spoilt) return spectrum;
    DenseSpectrum other = found(Balance::none);
    const bool better =
        other.residuals.size() > 0 && (spectrum.residuals.size() == 0 ||
                                       other.residuals.maxCoeff() < spectrum.residuals.maxCoeff());
    return better ? other : spectrum;
}

DenseSpectrum symmetric_spectrum(ConstMatrixRef a) {
    require_square(a);
    const Matrix full = a.selfadjointView<Eigen::Lower>();
    if (!full.allFinite()) return {.status = Status::non_finite};
    if (a.size() == 0) return {.status = Status::converged};
    const auto n = static_cast<lapack_int>(a.rows());
    Matrix vectors = full;
    Vector values(n);
    const Status status =
        status_of(LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', n, vectors.data(), n, values.data()));
    if (status != Status::converged) return {.status = status};
    return assemble(full, values.cast<std::complex<double>>(), vectors.cast<std::complex<double>>(),
                    Pairs::none);
}

ComplexVector eigenvalues(ConstMatrixRef a) {
    require_square(a);
    if (!a.allFinite() || a.size() == 0) return {};
    ComplexVector values;
    Status status = Status::iteration_limit;
    if (a.rows() <= small_size) status = run_small_real(a, values);
    if (status == Status::iteration_limit) status = run_dgeev(a, values, nullptr);
    return status == Status::converged ? ordered(values, Pairs::conjugate) : ComplexVector();
}

ComplexVector eigenvalues(const Eigen::Ref<const ComplexMatrix>& a) {
    require_square(a);
    if (!a.allFinite() || a.size() == 0) return {};
    ComplexVector values;
    const Status status = a.rows() <= small_size
                              ? run_eigen<Eigen::ComplexEigenSolver<ComplexMatrix>>(a, values)
                              : run_zgeev(a, values);
    return status == Status::converged ? ordered(values, Pairs::none) : ComplexVector();
}

ComplexVector ordered_spectrum(const ComplexVector& values) {
    return ordered(values, Pairs::none);
}

SchurForm complex_schur(ConstMatrixRef a) {
    require_square(a);
    if (!a.allFinite()) return {.status = Status::non_finite};
    if (a.size() == 0) return {.status = Status::converged};
    const auto n = static_cast<lapack_int>(a.rows());
    const double scale = scale_of(a);
    const Matrix scaled = a / scale;
    SchurForm schur;
    schur.T = scaled.cast<std::complex<double>>();
    schur.Q.resize(n, n);
    ComplexVector values(n);
    lapack_int selected = 0;
    schur.status = status_of(LAPACKE_zgees(LAPACK_COL_MAJOR, 'V', 'N', nullptr, n, schur.T.data(),
                                           n, &selected, values.data(), schur.Q.data(), n));
    if (schur.status != Status::converged) return {.status = schur.status};
    schur.T.triangularView<Eigen::StrictlyLower>().setZero();
    schur.residual = (scaled * schur.Q - schur.Q * schur.T).norm() / norm_or_one(scaled);
    schur.T *= scale;
    return schur;
}

void use_one_blas_thread() {
    if (openblas_set_num_threads) openblas_set_num_threads(1);
}

}  // namespace cortifold
