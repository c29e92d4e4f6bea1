#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>

#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

extern "C" int openblas_get_num_threads() __attribute__((weak));

namespace cortifold {
namespace {

using Complex = std::complex<double>;
using Eigen::Index;

constexpr double rounding = 1e-13;  // of an eigenvalue or a residual, relative to the norm

Matrix random_matrix(Index n, unsigned seed) {
    std::mt19937_64 bits(seed);
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    return Matrix::NullaryExpr(n, n, [&] { return uniform(bits); });
}

/// c(k) on the k-th cyclic superdiagonal.
Matrix circulant(const Vector& c) {
    const Index n = c.size();
    return Matrix::NullaryExpr(n, n, [&](Index i, Index j) { return c[(j - i + n) % n]; });
}

Matrix jordan_block(Index n, double value) {
    Matrix a = value * Matrix::Identity(n, n);
    a.diagonal(1).setOnes();
    return a;
}

/// Eigenvalues of [[0, w], [-w, 0]] blocks: +- i w.
Matrix rotations(const Vector& w) {
    Matrix a = Matrix::Zero(2 * w.size(), 2 * w.size());
    for (Index k = 0; k < w.size(); ++k) {
        a(2 * k, 2 * k + 1) = w[k];
        a(2 * k + 1, 2 * k) = -w[k];
    }
    return a;
}

double distance_to_nearest(const ComplexVector& values, Complex target) {
    return (values.array() - target).abs().minCoeff();
}

void expect_conjugates_adjacent(const ComplexVector& values) {
    for (Index k = 0; k < values.size(); ++k) {
        if (values[k].imag() == 0.0) continue;
        ASSERT_LT(k + 1, values.size());
        EXPECT_GT(values[k].imag(), 0.0) << "at " << k;
        EXPECT_EQ(values[k + 1], std::conj(values[k])) << "at " << k;
        ++k;
    }
}

TEST(GeneralSpectrum, OfACirculantMatrixIsTheFourierTransformOfItsRow) {
    const Vector c = random_matrix(30, 1).col(0);
    const DenseSpectrum s = general_spectrum(circulant(c));
    ASSERT_EQ(s.status, Status::converged);
    for (Index m = 0; m < c.size(); ++m) {
        Complex lambda = 0.0;
        for (Index k = 0; k < c.size(); ++k)
            lambda += c[k] * std::polar(1.0, 2.0 * std::numbers::pi * static_cast<double>(m * k) /
                                                 static_cast<double>(c.size()));
        EXPECT_LT(distance_to_nearest(s.values, lambda), rounding * c.norm() * 30.0);
    }
}

TEST(GeneralSpectrum, SumsToTheTraceAndMultipliesToTheDeterminantWithSmallResiduals) {
    for (const Index n : {1, 2, 5, 12, 13, 40, 120}) {
        const Matrix a = random_matrix(n, static_cast<unsigned>(n)) / std::sqrt(n);
        const DenseSpectrum s = general_spectrum(a);
        ASSERT_EQ(s.status, Status::converged);
        EXPECT_NEAR(std::abs(s.values.sum() - a.trace()), 0.0, rounding * a.norm());
        const double det = a.determinant();
        EXPECT_NEAR(std::abs(s.values.prod() / det - 1.0), 0.0, 1e-10) << "n = " << n;
        EXPECT_LT(s.residuals.maxCoeff(), rounding);
        expect_conjugates_adjacent(s.values);
    }
}

TEST(GeneralSpectrum, HasUnitVectorsWhoseFirstLargestComponentIsPositive) {
    for (const Matrix& a : {random_matrix(25, 3), circulant(random_matrix(25, 4).col(0))}) {
        const DenseSpectrum s = general_spectrum(a);
        for (Index k = 0; k < s.values.size(); ++k) {
            const ComplexVector v = s.vectors.col(k);
            EXPECT_NEAR(v.norm(), 1.0, rounding);
            Index first = 0;
            while (std::abs(v[first]) < (1.0 - 1e-8) * v.cwiseAbs().maxCoeff()) ++first;
            EXPECT_EQ(v[first].imag(), 0.0);
            EXPECT_GT(v[first].real(), 0.0);
        }
    }
}

TEST(GeneralSpectrum, OfADefectiveMatrixKeepsSmallResiduals) {
    const Matrix q = Eigen::HouseholderQR<Matrix>(random_matrix(20, 5)).householderQ();
    const DenseSpectrum s = general_spectrum(q * jordan_block(20, 0.5) * q.transpose());
    ASSERT_EQ(s.status, Status::converged);
    EXPECT_LT(s.residuals.maxCoeff(), rounding);
    // A block of size n moves by the n-th root of the rounding error, but its mean does not.
    EXPECT_NEAR(std::abs(s.values.mean() - 0.5), 0.0, rounding);
}

/// Balancing makes these rows as large as the others, and with them what is only rounding.
TEST(GeneralSpectrum, OfAMatrixWithRowsOfRoundingKeepsSmallResiduals) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        Matrix a = random_matrix(25, seed);
        a.topRows(5) *= 1e-16;
        const DenseSpectrum s = general_spectrum(a);
        EXPECT_EQ(s.status, Status::converged);
        EXPECT_LT(s.residuals.maxCoeff(), rounding);
    }
}

TEST(GeneralSpectrum, OrdersRealPartsThatAgreeToRoundingByImaginaryPart) {
    const Matrix q = Eigen::HouseholderQR<Matrix>(random_matrix(6, 6)).householderQ();
    const DenseSpectrum s = general_spectrum(q * rotations(Vector{{2, 3, 1}}) * q.transpose());
    const Complex i{0.0, 1.0};
    const ComplexVector expected{{3.0 * i, -3.0 * i, 2.0 * i, -2.0 * i, i, -i}};
    EXPECT_LT((s.values - expected).norm(), 1e-13);
    expect_conjugates_adjacent(s.values);
}

TEST(GeneralSpectrum, KeepsThePairsOfARepeatedPairTogether) {
    const Matrix a = rotations(Vector::Ones(4));
    expect_conjugates_adjacent(general_spectrum(a).values);
    expect_conjugates_adjacent(eigenvalues(a));
}

TEST(GeneralSpectrum, IsUnchangedBySimilarity) {
    const Matrix a = random_matrix(30, 7);
    const Matrix q = Eigen::HouseholderQR<Matrix>(random_matrix(30, 8)).householderQ();
    const ComplexVector values = general_spectrum(a).values;
    EXPECT_LT((general_spectrum(q * a * q.transpose()).values - values).norm(), 1e-12 * a.norm());
}

TEST(GeneralSpectrum, AgreesWithTheSymmetricSolverOnASymmetricMatrix) {
    const Matrix a = random_matrix(50, 9) + random_matrix(50, 9).transpose();
    const DenseSpectrum general = general_spectrum(a), symmetric = symmetric_spectrum(a);
    EXPECT_LT((general.values - symmetric.values).norm(), 1e-12 * a.norm());
    EXPECT_LT((general.vectors - symmetric.vectors).norm(), 1e-9);
}

TEST(GeneralSpectrum, SaysNonFiniteOfANaNOrInfinity) {
    for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
        Matrix a = random_matrix(15, 10);
        a(7, 3) = bad;
        EXPECT_EQ(general_spectrum(a).status, Status::non_finite);
        EXPECT_EQ(symmetric_spectrum(a).status, Status::non_finite);
        EXPECT_EQ(complex_schur(a).status, Status::non_finite);
        EXPECT_EQ(eigenvalues(a).size(), 0);
        EXPECT_EQ(eigenvalues(ComplexMatrix(a)).size(), 0);
    }
}

TEST(GeneralSpectrum, IsFiniteForMatricesNearOverflowAndForZero) {
    for (const double scale : {1e150, 1e300, 1e-300, 0.0}) {
        const DenseSpectrum s = general_spectrum(scale * random_matrix(15, 11));
        ASSERT_EQ(s.status, Status::converged) << "scale " << scale;
        EXPECT_TRUE(s.vectors.allFinite());
        EXPECT_LT(s.residuals.maxCoeff(), rounding) << "scale " << scale;
    }
}

TEST(GeneralSpectrum, OfAnEmptyMatrixIsEmptyAndOfARectangleRefused) {
    EXPECT_EQ(general_spectrum(Matrix(0, 0)).status, Status::converged);
    EXPECT_EQ(symmetric_spectrum(Matrix(0, 0)).status, Status::converged);
    EXPECT_EQ(complex_schur(Matrix(0, 0)).status, Status::converged);
    EXPECT_THROW((void)general_spectrum(Matrix::Ones(2, 3)), UsageError);
    EXPECT_THROW((void)eigenvalues(Matrix::Ones(2, 3)), UsageError);
}

TEST(SymmetricSpectrum, OfTheSecondDifferenceIsTwoMinusTwoCosines) {
    constexpr Index n = 40;
    Matrix a = 2.0 * Matrix::Identity(n, n);
    a.diagonal(-1).setConstant(-1.0);  // the upper triangle is not read
    const DenseSpectrum s = symmetric_spectrum(a);
    ASSERT_EQ(s.status, Status::converged);
    for (Index k = 0; k < n; ++k) {
        const double angle = std::numbers::pi * static_cast<double>(n - k) / (n + 1.0);
        EXPECT_NEAR(s.values[k].real(), 2.0 - 2.0 * std::cos(angle), rounding);
        EXPECT_EQ(s.values[k].imag(), 0.0);
    }
    EXPECT_LT((s.vectors.adjoint() * s.vectors - Matrix::Identity(n, n)).norm(), 1e-12);
    EXPECT_EQ(s.vectors.imag().norm(), 0.0);
    EXPECT_LT(s.residuals.maxCoeff(), rounding);
}

TEST(Eigenvalues, AreTheSameOnBothSidesOfTheSwitchBetweenSolvers) {
    for (Index n = 1; n <= 12; ++n) {
        const Matrix a = random_matrix(n, 20 + static_cast<unsigned>(n));
        const ComplexVector values = eigenvalues(a);
        EXPECT_LT((values - general_spectrum(a).values).norm(), 1e-13 * static_cast<double>(n));
        expect_conjugates_adjacent(values);
    }
}

/// How far a is from a matrix with this eigenvalue, relative to its norm.
double distance_to(const Matrix& a, Complex value) {
    ComplexMatrix shifted = a.cast<Complex>();
    shifted.diagonal().array() -= value;
    return shifted.jacobiSvd().singularValues().minCoeff() / a.norm();
}

// Backward stable: each is the exact eigenvalue of a matrix nearby, however ill-conditioned it is.
TEST(Eigenvalues, OfSmallMatricesAreThoseOfMatricesToRoundingTheSame) {
    for (Index n = 2; n <= 6; ++n) {
        std::vector<Matrix> cases{jordan_block(n, 3.0), jordan_block(n, 0.0).transpose(),
                                  circulant(Vector::LinSpaced(n, 1.0, 2.0)), Matrix::Ones(n, n),
                                  circulant(Vector::Unit(n, 1))};
        for (unsigned seed = 0; seed < 50; ++seed)
            cases.push_back(random_matrix(n, 100 * static_cast<unsigned>(n) + seed));
        for (const Matrix& a : cases) {
            const ComplexVector values = eigenvalues(a);
            ASSERT_EQ(values.size(), n);
            for (const Complex value : values) EXPECT_LT(distance_to(a, value), rounding) << a;
            EXPECT_NEAR(values.sum().real(), a.trace(), 1e-13 * a.norm());
            expect_conjugates_adjacent(values);
        }
    }
}

TEST(Eigenvalues, OfSmallMatricesSurviveTheEndsOfTheRange) {
    for (Index n = 2; n <= 6; ++n)
        for (const double unit : {0x1p1000, 0x1p-1000}) {
            const Matrix a = random_matrix(n, 60);
            EXPECT_LT((eigenvalues(unit * a) / unit - eigenvalues(a)).norm(), 1e-13);
        }
    EXPECT_EQ(eigenvalues(Matrix::Zero(4, 4)), ComplexVector::Zero(4));
}

TEST(Eigenvalues, SurviveStatesInUnitsManyOrdersApart) {
    const Matrix a = random_matrix(8, 40);
    const Vector units =
        Vector::NullaryExpr(8, [](Index k) { return std::ldexp(1.0, int(7 * k)); });
    const Matrix badly_scaled = units.asDiagonal() * a * units.cwiseInverse().asDiagonal();
    EXPECT_LT((eigenvalues(badly_scaled) - eigenvalues(a)).norm(), 1e-12);
}

TEST(Eigenvalues, OfTriangularMatricesAreTheirDiagonal) {
    Matrix a = random_matrix(10, 41).triangularView<Eigen::Upper>();
    a.col(4).setZero();
    Vector diagonal = a.diagonal();
    std::ranges::sort(diagonal, std::greater{});
    EXPECT_LT((eigenvalues(a) - diagonal).norm(), 1e-13);
}

TEST(Eigenvalues, OfAComplexMatrixEqualThoseOfTheRealOneThatActsTheSame) {
    const Matrix re = random_matrix(9, 50), im = random_matrix(9, 51);
    Matrix real(18, 18);
    real << re, -im, im, re;
    const ComplexVector values = eigenvalues(ComplexMatrix(re + Complex(0.0, 1.0) * im));
    const ComplexVector both = eigenvalues(real);  // and their conjugates
    for (const Complex value : values) {
        EXPECT_LT(distance_to_nearest(both, value), 1e-13 * real.norm());
        EXPECT_LT(distance_to_nearest(both, std::conj(value)), 1e-13 * real.norm());
    }
}

TEST(Eigenvalues, HaveOneOrderForRealAndComplexStorage) {
    const Matrix q = Eigen::HouseholderQR<Matrix>(random_matrix(16, 52)).householderQ();
    const Matrix a = q * rotations(Vector::LinSpaced(8, 1.0, 2.0)) * q.transpose();
    EXPECT_LT((eigenvalues(ComplexMatrix(a)) - eigenvalues(a)).norm(), 1e-12);
}

TEST(ComplexSchur, OfAJordanBlockIsUnitaryTriangularAndExact) {
    const Matrix q = Eigen::HouseholderQR<Matrix>(random_matrix(12, 60)).householderQ();
    const Matrix a = q * jordan_block(12, -0.25) * q.transpose();
    const SchurForm schur = complex_schur(a);
    ASSERT_EQ(schur.status, Status::converged);
    EXPECT_LT(schur.residual, rounding);
    EXPECT_LT((schur.Q * schur.T * schur.Q.adjoint() - a).norm(), 1e-12);
    EXPECT_LT((schur.Q.adjoint() * schur.Q - Matrix::Identity(12, 12)).norm(), 1e-12);
    EXPECT_EQ(schur.T.triangularView<Eigen::StrictlyLower>().toDenseMatrix().norm(), 0.0);
}

TEST(ComplexSchur, HasTheEigenvaluesOnItsDiagonal) {
    const Matrix a = random_matrix(60, 61);
    const ComplexVector diagonal = complex_schur(a).T.diagonal();
    for (const Complex value : eigenvalues(a))
        EXPECT_LT(distance_to_nearest(diagonal, value), 1e-12 * a.norm());
}

TEST(OneBlasThread, IsWhatOpenBlasIsLeftWith) {
    if (!openblas_get_num_threads) GTEST_SKIP() << "this BLAS is not OpenBLAS";
    use_one_blas_thread();
    EXPECT_EQ(openblas_get_num_threads(), 1);
}

}  // namespace
}  // namespace cortifold
