#include <cortifold/core/error.hpp>
#include <cortifold/linalg/invariant_subspace.hpp>

#define lapack_complex_float std::complex<float>
#define lapack_complex_double std::complex<double>
#include <lapacke.h>

#include <complex>
#include <string>

namespace cortifold {

namespace {

lapack_logical grows(const double* re, const double*) {
    return *re > 0.0 ? 1 : 0;
}
lapack_logical does_not_grow(const double* re, const double*) {
    return *re > 0.0 ? 0 : 1;
}

/// op(A) X + sign X B = C in place; what overflows is not scaled back.
void sylvester(char op, const Matrix& a, const Matrix& b, int sign, Matrix& c) {
    if (c.size() == 0) return;
    double scale = 1.0;
    LAPACKE_dtrsyl(LAPACK_COL_MAJOR, op, 'N', sign, static_cast<lapack_int>(c.rows()),
                   static_cast<lapack_int>(c.cols()), a.data(),
                   static_cast<lapack_int>(a.outerStride()), b.data(),
                   static_cast<lapack_int>(b.outerStride()), c.data(),
                   static_cast<lapack_int>(c.outerStride()), &scale);
    c /= scale;
}

}  // namespace

InvariantSubspace invariant_subspace(ConstMatrixRef a, Side side) {
    require(a.rows() == a.cols(), "an invariant subspace needs a square matrix, not " +
                                      std::to_string(a.rows()) + " x " + std::to_string(a.cols()));
    InvariantSubspace found;
    if (!a.allFinite()) {
        found.status = Status::non_finite;
        return found;
    }
    const auto n = static_cast<lapack_int>(a.rows());
    Matrix T = a, Z(n, n);
    Vector re(n), im(n);
    lapack_int k = 0;
    const lapack_int info =
        LAPACKE_dgees(LAPACK_COL_MAJOR, 'V', 'S', side == Side::growing ? grows : does_not_grow, n,
                      T.data(), n, &k, re.data(), im.data(), Z.data(), n);
    if (info != 0) return found;
    found.status = Status::converged;
    found.R = Z.leftCols(k);
    found.U = T.topLeftCorner(k, k);
    found.L = Z.rightCols(n - k);
    found.S = T.bottomRightCorner(n - k, n - k);
    return found;
}

Matrix solve_sylvester(const Matrix& S, const Matrix& U, Matrix C) {
    sylvester('N', S, U, -1, C);
    return C;
}

Matrix monotone_form(const Matrix& U, Side side) {
    Matrix P = Matrix::Identity(U.rows(), U.cols()) * (side == Side::growing ? 1.0 : -1.0);
    sylvester('T', U, U, 1, P);
    return (P + P.transpose()) / 2.0;
}

}  // namespace cortifold
