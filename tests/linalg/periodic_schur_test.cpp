#include <cortifold/core/error.hpp>
#include <cortifold/linalg/dense_spectrum.hpp>
#include <cortifold/linalg/periodic_schur.hpp>

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/eigen.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

namespace cortifold {
namespace {

using Complex = std::complex<double>;
using Eigen::Index;
using Factors = std::vector<Matrix>;

constexpr double rounding = 1e-12;  // of a logarithm, where nothing is sensitive
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double pi = std::numbers::pi;

class Random {
public:
    explicit Random(std::uint64_t seed) : bits_(seed) {}
    Matrix matrix(Index n) {
        return Matrix::NullaryExpr(n, n, [&] { return uniform_(bits_); });
    }
    ComplexMatrix complex_matrix(Index n) { return matrix(n) + Complex(0.0, 1.0) * matrix(n); }
    Matrix orthogonal(Index n) { return Eigen::HouseholderQR<Matrix>(matrix(n)).householderQ(); }
    Factors matrices(Index n, std::size_t count) {
        Factors all(count);
        for (Matrix& a : all) a = matrix(n);
        return all;
    }

private:
    std::mt19937_64 bits_;
    std::uniform_real_distribution<double> uniform_{-1.0, 1.0};
};

ComplexVector logarithms_of(const Factors& factors) {
    const ProductSpectrum s = product_spectrum(factors);
    EXPECT_EQ(s.status, Status::converged);
    return s.logarithms;
}

double distance(Complex a, Complex b) {
    const double growth = a.real() == b.real() ? 0.0 : std::abs(a.real() - b.real());
    return std::hypot(growth, std::remainder(a.imag() - b.imag(), 2.0 * pi));
}

/// To the nearest of them.
double distance(Complex a, const ComplexVector& all) {
    double nearest = infinity;
    for (const Complex b : all) nearest = std::min(nearest, distance(a, b));
    return nearest;
}

/// From each of a to the nearest of b, the largest.
double distance(const ComplexVector& a, const ComplexVector& b) {
    EXPECT_EQ(a.size(), b.size());
    double largest = 0.0;
    for (const Complex value : a) largest = std::max(largest, distance(value, b));
    return largest;
}

Matrix product_of(const Factors& factors) {
    Matrix product = factors.front();
    for (std::size_t k = 1; k < factors.size(); ++k) product = factors[k] * product;
    return product;
}

Matrix rotation(double angle) {
    Matrix a(2, 2);
    a << std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle);
    return a;
}

/// Q_2 A_1 Q_1^T, Q_3 A_2 Q_2^T, ..., Q_1 A_K Q_K^T with orthogonal Q_k: the same multipliers.
Factors disguised(Factors factors, Random& random) {
    const Index n = factors.front().rows();
    const Matrix first = random.orthogonal(n);
    Matrix q = first;
    for (std::size_t k = 0; k < factors.size(); ++k) {
        const Matrix next = k + 1 < factors.size() ? random.orthogonal(n) : first;
        factors[k] = next * factors[k] * q.transpose();
        q = next;
    }
    return factors;
}

/// By the definition of the order: decreasing real part, conjugates exact, adjacent, Im > 0 first.
void expect_ordered(const ComplexVector& values) {
    for (Index k = 0; k + 1 < values.size(); ++k) EXPECT_GE(values[k].real(), values[k + 1].real());
    for (Index k = 0; k < values.size(); ++k) {
        if (values[k].imag() == 0.0 || values[k].imag() == pi) continue;
        ASSERT_LT(k + 1, values.size());
        EXPECT_GT(values[k].imag(), 0.0);
        EXPECT_EQ(values[k + 1], std::conj(values[k]));
        ++k;
    }
}

TEST(ProductSpectrum, OfDiagonalFactorsAreTheProductsOfTheirEntries) {
    const Factors factors(1000, Vector{{3.0, -0.5, 1e-3}}.asDiagonal());
    const ComplexVector values = logarithms_of(factors);
    EXPECT_NEAR(values[0].real(), 1000.0 * std::log(3.0), 1e-9);
    EXPECT_NEAR(values[1].real(), -1000.0 * std::log(2.0), 1e-9);
    EXPECT_NEAR(values[2].real(), 1000.0 * std::log(1e-3), 1e-9);
    EXPECT_TRUE((values.imag().array() == 0.0).all());
}

TEST(ProductSpectrum, OfOneFactorAreItsEigenvalues) {
    Random random(1);
    for (const Index n : {2, 3, 6, 7, 25}) {
        const Matrix a = random.matrix(n);
        const ComplexVector values = logarithms_of({a});
        expect_ordered(values);
        EXPECT_LT(distance(values, eigenvalues(a).array().log()), rounding) << "n = " << n;
    }
}

TEST(ProductSpectrum, OfNumbersIsTheirProduct) {
    const Matrix tiny = Matrix::Constant(1, 1, -1e-300), huge = Matrix::Constant(1, 1, 1e299);
    const ComplexVector values = logarithms_of({tiny, tiny, tiny, huge});
    ASSERT_EQ(values.size(), 1);
    EXPECT_NEAR(values[0].real(), -601.0 * std::numbers::ln10, 1e-11);
    EXPECT_EQ(values[0].imag(), pi);
}

TEST(ProductSpectrum, OfRotationsHasTheSumOfTheirAngles) {
    const ComplexVector values = logarithms_of(Factors(300, rotation(0.3)));
    expect_ordered(values);
    EXPECT_LT(std::abs(values[0].real()), rounding);
    EXPECT_NEAR(values[0].imag(), std::abs(std::remainder(90.0, 2.0 * pi)), rounding);
}

TEST(ProductSpectrum, OfFiedlersFactorsOfACompanionMatrixHasTheRootsOfItsPolynomial) {
    Vector p = Vector::Unit(6, 0);  // x^5 + p1 x^4 + ..., of roots 1 to 5 with alternating signs
    ComplexVector roots(5);
    for (Index r = 0; r < 5; ++r) {
        roots[r] = r % 2 ? -1.0 - double(r) : 1.0 + double(r);
        p.tail(5) -= roots[r].real() * p.head(5).eval();
    }
    Factors factors;  // Fiedler 2003, Linear Algebra Appl. 372:325; in any order
    for (Index k = 0; k < 5; ++k) {
        factors.push_back(Matrix::Identity(5, 5));
        factors.back()(k, k) = -p[k + 1];
        if (k < 4) factors.back().block<2, 2>(k, k) << -p[k + 1], 1.0, 1.0, 0.0;
    }
    factors.back()(4, 4) = -p[5];
    std::swap(factors[0], factors[2]);
    EXPECT_LT(distance(logarithms_of(factors), roots.array().log()), 1e-11);
}

TEST(ProductSpectrum, OfPermutationsHasTheRootsOfUnityOfItsCycle) {
    Matrix shift = Matrix::Zero(7, 7);
    for (Index k = 0; k < 7; ++k) shift((k + 1) % 7, k) = 1.0;
    const ComplexVector values = logarithms_of({shift, shift, shift});
    expect_ordered(values);
    for (int k = -3; k <= 3; ++k)
        EXPECT_LT(distance(Complex(0.0, 2.0 * pi * k / 7.0), values), rounding) << "k = " << k;
}

TEST(ProductSpectrum, OfExponentialsOfAMatrixIsItsSpectrumTimesTheTime) {
    Random random(2);
    constexpr std::size_t count = 400;
    const Matrix basis = random.orthogonal(4) + 0.2 * random.matrix(4);
    Matrix a = Matrix::Zero(4, 4);  // over the period growth e^2000 and e^-2000, and turning
    a(0, 0) = std::exp(2000.0 / count);
    a(1, 1) = std::exp(-2000.0 / count);
    a.bottomRightCorner(2, 2) = std::exp(-3.0 / count) * rotation(50.0 / count);
    const Matrix factor = basis * a * basis.inverse();
    const ComplexVector values = logarithms_of(Factors(count, factor));
    expect_ordered(values);
    EXPECT_NEAR(values[0].real(), 2000.0, 1e-9);
    EXPECT_NEAR(values[3].real(), -2000.0, 1e-8);
    EXPECT_LT(distance(values[1], Complex(-3.0, std::abs(std::remainder(50.0, 2.0 * pi)))), 1e-10);
}

TEST(ProductSpectrum, PutsANegativeMultiplierAtPiExactlyAndAPairBesideItNot) {
    Random random(3);
    for (const double angle : {1.0, pi - 1e-6}) {
        Factors factors(50, Matrix::Identity(5, 5));
        for (Matrix& a : factors) a.bottomRightCorner(2, 2) = rotation(angle / 50.0);
        factors[7](0, 0) = -1.0;
        factors[8](1, 1) = 0.25;
        const ComplexVector values = logarithms_of(disguised(factors, random));
        expect_ordered(values);
        EXPECT_EQ((values.imag().array() == pi).count(), 1);
        EXPECT_EQ((values.imag().array() == 0.0).count(), 2);
        EXPECT_LT(distance(Complex(0.0, angle), values), rounding);
    }
}

TEST(ProductSpectrum, OfEqualMultipliersThatAreNotDefectiveLosesNothing) {
    Random random(4);
    for (const Index n : {2, 4, 9}) {
        const Factors factors = disguised(Factors(40, Matrix::Identity(n, n)), random);
        EXPECT_LT(logarithms_of(factors).cwiseAbs().maxCoeff(), rounding) << "n = " << n;
    }
}

TEST(ProductSpectrum, OfADefectiveMultiplierIsKnownToTheRootOfRounding) {
    Random random(5);
    Factors factors(30, Matrix::Identity(2, 2));
    factors[3](0, 1) = 1.0;
    const double root = std::sqrt(rounding);
    EXPECT_LT(logarithms_of(disguised(factors, random)).cwiseAbs().maxCoeff(), root);
}

TEST(ProductSpectrum, HasTheSumOfTheLogarithmsOfTheDeterminants) {
    Random random(6);
    for (const Index n : {2, 5, 20}) {
        const Factors factors = random.matrices(n, 40);
        double determinants = 0.0;
        for (const Matrix& a : factors)
            determinants += Eigen::HouseholderQR<Matrix>(a).logAbsDeterminant();
        const ComplexVector values = logarithms_of(factors);
        expect_ordered(values);
        EXPECT_NEAR(values.real().sum(), determinants, 1e-10) << "n = " << n;
    }
}

TEST(ProductSpectrum, IsThatOfTheFactorsInCyclicPermutation) {
    Random random(7);
    for (const Index n : {3, 8}) {
        Factors factors = random.matrices(n, 25);
        const ComplexVector values = logarithms_of(factors);
        std::ranges::rotate(factors, factors.begin() + 11);
        EXPECT_LT(distance(logarithms_of(factors), values), 1e-11) << "n = " << n;
    }
}

TEST(ProductSpectrum, IsNotChangedByAMatrixAndItsInverseBetweenFactors) {
    Random random(8);
    Factors factors = random.matrices(5, 30);
    const ComplexVector values = logarithms_of(factors);
    const Matrix between = random.orthogonal(5) + 0.3 * random.matrix(5);
    factors.insert(factors.begin() + 12, {between, between.inverse()});
    EXPECT_LT(distance(logarithms_of(factors), values), 1e-11);
    EXPECT_LT(distance(logarithms_of(disguised(factors, random)), values), 1e-11);
}

TEST(ProductSpectrum, ScalesWithItsFactorsToBothEndsOfTheRangeOfNumbers) {
    Random random(15);
    Factors factors = random.matrices(4, 12);
    const ComplexVector values = logarithms_of(factors);
    constexpr double scale = 0x1p1000;
    for (std::size_t k = 0; k < 12; ++k) factors[k] *= k < 9 ? scale : 1.0 / scale;
    const double moved = 6.0 * std::log(scale);
    EXPECT_LT(distance(logarithms_of(factors).array() - moved, values), rounding);
}

/// How far exp(logarithm) is from a root of the characteristic polynomial, relative to itself, by
/// one Newton step in 300 digits.
double relative_error(const Factors& factors, Complex logarithm) {
    using Digits = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<300>>;
    Eigen::Matrix<Digits, 3, 3> p = Eigen::Matrix<Digits, 3, 3>::Identity();
    for (const Matrix& a : factors) p = (a.cast<Digits>() * p).eval();
    const Digits trace = p.trace(), minors = (trace * trace - (p * p).trace()) / 2;
    const Digits determinant = p.row(0).dot(p.row(1).cross(p.row(2)));
    const Digits mu = exp(Digits(logarithm.real())) * (logarithm.imag() == 0.0 ? 1 : -1);
    const Digits value = ((mu - trace) * mu + minors) * mu - determinant;
    const Digits slope = (3 * mu - 2 * trace) * mu + minors;
    return std::abs(static_cast<double>(value / (slope * mu)));
}

TEST(ProductSpectrum, KeepsTheDigitsOfMultipliersFarBelowTheLargest) {
    Random random(9);
    Factors factors(40);  // multipliers of about 1, e^-80 and e^-160
    for (Matrix& a : factors)
        a = Vector{{1.0, std::exp(-2.0), std::exp(-4.0)}}.asDiagonal() *
            (Matrix::Identity(3, 3) + 0.3 * random.matrix(3));
    factors = disguised(factors, random);
    const ComplexVector values = logarithms_of(factors);
    EXPECT_LT(values[2].real(), values[0].real() - 120.0);
    for (const Complex value : values) EXPECT_LT(relative_error(factors, value), 1e-11);
}

TEST(ProductSpectrum, OfATriangularFactorWithAZeroHasExactlyOneZeroMultiplier) {
    Random random(10);
    for (std::size_t factor = 0; factor < 4; ++factor) {
        for (Index row = 0; row < 5; ++row) {
            Factors factors = random.matrices(5, 5);
            for (std::size_t k = 0; k < 4; ++k)
                factors[k].triangularView<Eigen::StrictlyLower>().setZero();
            factors[factor](row, row) = 0.0;
            const ComplexVector values = logarithms_of(factors);
            EXPECT_EQ(values[4], Complex(-infinity, 0.0));
            const ComplexVector others = eigenvalues(product_of(factors)).array().log();
            ASSERT_EQ(others.size(), 5);
            for (const Complex value : values.head(4))
                EXPECT_LT(distance(value, others), 1e-10) << "factor " << factor << ", row " << row;
        }
    }
}

TEST(ProductSpectrum, OfASingularFactorHasAMultiplierAtItsRoundingOrZero) {
    Random random(11);
    Factors factors = disguised(Factors(20, Matrix::Identity(4, 4)), random);
    factors[5] -= factors[5].col(0) * factors[5].col(0).transpose() * factors[5];
    const ComplexVector values = logarithms_of(factors);
    EXPECT_LT(values.head(3).cwiseAbs().maxCoeff(), rounding);
    EXPECT_LT(values[3].real(), std::log(rounding));
}

TEST(ProductSpectrum, OfNothingButZerosIsMinusInfinity) {
    Random random(12);
    for (const Index n : {1, 2, 5}) {
        Factors factors = random.matrices(n, 3);
        factors[1].setZero();
        EXPECT_TRUE((logarithms_of(factors).real().array() == -infinity).all()) << "n = " << n;
    }
    EXPECT_TRUE((logarithms_of({Matrix::Zero(3, 3)}).real().array() == -infinity).all());
}

TEST(ProductSpectrum, OfComplexTriangularFactorsIsTheProductOfTheirDiagonals) {
    Random random(13);
    constexpr Index n = 4;
    std::vector<ComplexMatrix> factors(30);
    ComplexVector expected = ComplexVector::Zero(n);
    ComplexMatrix q = ComplexMatrix::Identity(n, n);
    for (std::size_t k = 0; k < factors.size(); ++k) {
        ComplexMatrix t = 0.3 * random.complex_matrix(n);
        t.triangularView<Eigen::StrictlyLower>().setZero();
        t.diagonal() = random.complex_matrix(n).col(0).array().exp();
        expected.array() += t.diagonal().array().log();
        ComplexMatrix next =
            Eigen::HouseholderQR<ComplexMatrix>(random.complex_matrix(n)).householderQ();
        if (k + 1 == factors.size()) next.setIdentity();
        factors[k] = next * t * q.adjoint();
        q = next;
    }
    const ProductSpectrum s = product_spectrum(factors);
    ASSERT_EQ(s.status, Status::converged);
    EXPECT_LT(distance(s.logarithms, expected), 1e-10);
    EXPECT_LT(distance(expected, s.logarithms), 1e-10);
}

TEST(ProductSpectrum, OfRealFactorsStoredAsComplexIsTheSame) {
    Random random(14);
    for (const Index n : {1, 2, 7}) {
        const Factors factors = random.matrices(n, 12);
        std::vector<ComplexMatrix> stored;
        for (const Matrix& a : factors) stored.push_back(a);
        const ProductSpectrum s = product_spectrum(stored);
        ASSERT_EQ(s.status, Status::converged);
        EXPECT_LT(distance(s.logarithms, logarithms_of(factors)), 1e-11) << "n = " << n;
    }
}

TEST(ProductSpectrum, OfFactorsThatAreNoNumbersIsAStatus) {
    for (const double bad : {std::nan(""), infinity}) {
        const ProductSpectrum s =
            product_spectrum(Factors{Matrix::Identity(3, 3), Matrix::Constant(3, 3, bad)});
        EXPECT_EQ(s.status, Status::non_finite);
        EXPECT_EQ(s.logarithms.size(), 0);
    }
}

TEST(ProductSpectrum, OfNoFactorsOrOfOnesThatDoNotFitIsRefused) {
    EXPECT_THROW((void)product_spectrum(Factors{}), UsageError);
    EXPECT_THROW((void)product_spectrum(Factors{Matrix::Zero(2, 3)}), UsageError);
    EXPECT_THROW((void)product_spectrum(Factors{Matrix::Zero(2, 2), Matrix::Zero(3, 3)}),
                 UsageError);
    EXPECT_EQ(product_spectrum(Factors{Matrix(0, 0)}).status, Status::converged);
}

/// Bauer and Fike: a change D of the product P moves no eigenvalue by more than cond(V) |D|, and
/// small changes of the factors leave |D| small beside the product of their norms.
RC_GTEST_PROP(ProductSpectrum, IsThatOfTheProductUpToItsSensitivity, ()) {
    const Index n = *rc::gen::inRange(2, 10);
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    const Factors factors = random.matrices(n, std::size_t(*rc::gen::inRange(1, 7)));
    double norms = 1.0;
    for (const Matrix& a : factors) norms *= a.norm();
    const DenseSpectrum expected = general_spectrum(product_of(factors));
    const Vector singular = Eigen::JacobiSVD<ComplexMatrix>(expected.vectors).singularValues();
    const double tolerance = 1e-13 * norms * singular[0] / singular[n - 1];
    const ComplexVector values = logarithms_of(factors).array().exp();
    for (const Complex value : values)
        RC_ASSERT((expected.values.array() - value).abs().minCoeff() <= tolerance);
    for (const Complex value : expected.values)
        RC_ASSERT((values.array() - value).abs().minCoeff() <= tolerance);
}

// Of these the sweeps of two needed more than ten to converge, after each exceptional one again.
TEST(ProductSpectrum, IsFoundHoweverLongItTakes) {
    constexpr int products = 21000, factors = 20, n = 4;
    std::mt19937_64 generator(1);
    std::normal_distribution<double> entry;
    std::vector<Matrix> product(factors, Matrix(n, n));
    for (int k = 0; k < products; ++k) {
        for (Matrix& factor : product)
            for (Eigen::Index i = 0; i < n; ++i)
                for (Eigen::Index j = 0; j < n; ++j) factor(i, j) = entry(generator);
        ASSERT_EQ(product_spectrum(product).status, Status::converged) << k;
    }
}

}  // namespace
}  // namespace cortifold
