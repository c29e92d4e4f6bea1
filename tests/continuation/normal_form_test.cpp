// Normal forms written down with known coefficients, in other coordinates: these change neither the
// coefficients nor the unfolding.

#include "support/series_field.hpp"
#include <cortifold/continuation/normal_form.hpp>
#include <cortifold/core/error.hpp>

#include <Eigen/LU>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

using namespace cortifold;
using namespace cortifold::testing;

namespace {

constexpr double exact = 1e-10;  ///< what rounding leaves of coefficients of size one

/// A matrix of size N with inverse, that mixes all directions.
Matrix mixing(Eigen::Index n) {
    Matrix m = 2.0 * Matrix::Identity(n, n);
    for (Eigen::Index i = 0; i < n; ++i)
        for (Eigen::Index j = 0; j < n; ++j)
            m(i, j) += std::sin(1.0 + 3.0 * double(i) + 7.0 * double(j));
    return m;
}

/// The field dx/dt = formula(x) in coordinates y with z = mixing y, x_i = z_i + sum_(j <= i) s_ij
/// z_j^2.
template <std::size_t N, class Formula>
auto in_new_coordinates(Formula formula) {
    return [formula, m = mixing(N), inverse = Matrix(mixing(N).inverse())](const auto& y,
                                                                           const auto& p) {
        using T = std::decay_t<decltype(y[0])>;
        const auto index = [](std::size_t i) { return static_cast<Eigen::Index>(i); };
        const auto s = [](std::size_t i, std::size_t j) {
            return 0.3 * std::cos(2.0 + double(i) + 5.0 * double(j));
        };
        const auto times = [&index](const Matrix& a, const auto& v) {
            std::array<T, N> result;
            for (std::size_t i = 0; i < N; ++i) {
                result[i] = T(0.0);
                for (std::size_t j = 0; j < N; ++j) result[i] += a(index(i), index(j)) * v[j];
            }
            return result;
        };
        const std::array<T, N> z = times(m, y);
        std::array<T, N> x = z;
        for (std::size_t i = 0; i < N; ++i)
            for (std::size_t j = 0; j <= i; ++j) x[i] += s(i, j) * z[j] * z[j];
        std::array<T, N> dz = formula(x, p);
        for (std::size_t i = 0; i < N; ++i) {
            for (std::size_t j = 0; j < i; ++j) dz[i] -= 2.0 * s(i, j) * z[j] * dz[j];
            dz[i] = dz[i] / (1.0 + 2.0 * s(i, i) * z[i]);
        }
        return times(inverse, dz);
    };
}

/// A normal form at the origin, its coordinates transformed.
template <std::size_t N>
struct Origin {
    std::shared_ptr<const VectorField> field;
    Vector x = Vector::Zero(N), p = Vector::Zero(1);
    template <class Formula>
    explicit Origin(Formula formula)
        : field(make_series_field<N, 1>(in_new_coordinates<N>(formula))) {}
    [[nodiscard]] EquilibriumPoint at() const { return {*field, x, p}; }
    /// Where the eigenvector of coordinate k, or the complex one of k and k + 1, lies in y.
    static Vector real_vector(Eigen::Index k) { return mixing(N).inverse().col(k); }
    /// Its squared length: w q + conj = (Re w, Im w) for q = (1, -i) / 2.
    static double square(Eigen::Index k) {
        const Matrix inverse = mixing(N).inverse();
        return 0.25 * (inverse.col(k).squaredNorm() + inverse.col(k + 1).squaredNorm());
    }
};

/// The length of a vector, with the sign of its largest component.
double signed_length(const Vector& v) {
    Eigen::Index largest = 0;
    v.cwiseAbs().maxCoeff(&largest);
    return std::copysign(v.norm(), v[largest]);
}

/// w' = (growth + i omega) w.
template <class T>
std::array<T, 2> oscillator(const T& x, const T& y, const T& growth, const T& omega) {
    return {growth * x - omega * y, omega * x + growth * y};
}

constexpr double omega = 1.7;
constexpr double e = 0.45;  ///< of w0^2 w1

}  // namespace

TEST(NormalForm, OfAFoldIsItsQuadraticCoefficient) {
    const Origin<2> point([](const auto& x, const auto&) {
        return std::array{0.8 * x[0] * x[0] + 0.5 * x[0] * x[1], -3.0 * x[1] + x[0] * x[0]};
    });
    const NormalForm nf = fold_normal_form(point.at());
    EXPECT_NEAR(nf.coefficients.at("a"), 0.8 / signed_length(point.real_vector(0)), exact);
    EXPECT_EQ(nf.scenario, "");
}

TEST(NormalForm, OfACuspCountsTheStableDirection) {
    // On the center manifold x1 = x0^2 / 2 + ..., so c = -0.5 + 0.6 / 2.
    const Origin<2> point([](const auto& x, const auto&) {
        return std::array{0.6 * x[0] * x[1] - 0.5 * x[0] * x[0] * x[0], -2.0 * x[1] + x[0] * x[0]};
    });
    const NormalForm nf = cusp_normal_form(point.at());
    EXPECT_NEAR(nf.coefficients.at("c"), -0.2 / point.real_vector(0).squaredNorm(), exact);
    EXPECT_EQ(nf.scenario, "stable");
}

TEST(NormalForm, OfAHopfPointIsTheFirstLyapunovCoefficient) {
    for (const double c : {-0.4, 0.4}) {
        const Origin<2> point([c](const auto& x, const auto&) {
            using T = std::decay_t<decltype(x[0])>;
            const T r = x[0] * x[0] + x[1] * x[1];
            return oscillator(x[0], x[1], T(c * r), T(omega + 0.9 * r));
        });
        const NormalForm nf = hopf_normal_form(point.at(), omega);
        EXPECT_NEAR(nf.coefficients.at("l1"), c / omega / point.square(0), exact);
        EXPECT_EQ(nf.scenario, c < 0.0 ? "supercritical" : "subcritical");
    }
}

TEST(NormalForm, OfAHopfPointTakesTheFrequencyNearest) {
    const Origin<2> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        const T r = x[0] * x[0] + x[1] * x[1];
        return oscillator(x[0], x[1], T(-r), T(omega + 0.9 * r));
    });
    const double near = hopf_normal_form(point.at(), 1.01 * omega).coefficients.at("l1");
    EXPECT_NEAR(near, hopf_normal_form(point.at(), omega).coefficients.at("l1"), exact);
}

TEST(NormalForm, OfAGeneralizedHopfPointIsTheSecondLyapunovCoefficient) {
    for (const double c : {-0.4, 0.4}) {
        const Origin<2> point([c](const auto& x, const auto&) {
            using T = std::decay_t<decltype(x[0])>;
            const T r = x[0] * x[0] + x[1] * x[1];
            return oscillator(x[0], x[1], T(c * r * r), T(omega + 0.9 * r - 0.3 * r * r));
        });
        const NormalForm nf = generalized_hopf_normal_form(point.at(), omega);
        EXPECT_NEAR(nf.coefficients.at("l1"), 0.0, exact);
        EXPECT_NEAR(nf.coefficients.at("l2"), c / omega / std::pow(point.square(0), 2), exact);
        EXPECT_EQ(nf.scenario, c < 0.0 ? "outer cycle stable" : "outer cycle unstable");
        EXPECT_EQ(hopf_normal_form(point.at(), omega).scenario, "degenerate");
    }
}

TEST(NormalForm, OfABogdanovTakensPointHasBothCoefficients) {
    const Origin<3> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 3>{x[1], 0.7 * x[0] * x[0] - 1.1 * x[0] * x[1] + 0.4 * x[0] * x[2],
                                -2.0 * x[2] + x[1] * x[1]};
    });
    const NormalForm nf = bogdanov_takens_normal_form(point.at());
    const double length = signed_length(point.real_vector(0));
    EXPECT_NEAR(nf.coefficients.at("a"), 0.7 / length, exact);
    EXPECT_NEAR(nf.coefficients.at("b"), -1.1 / length, exact);
    EXPECT_EQ(nf.scenario, "homoclinic and cycle stable");
}

// The simplest form of Kuznetsov 2023, section 8.5, run through at a speed that depends on the
// place: the fields are orbitally equivalent, so s, theta and E stay.
TEST(NormalForm, OfAFoldHopfPointDoesNotSeeTheTime) {
    struct Facts {
        double b, c, d;
        std::string scenario;
    };
    for (const Facts& facts :
         {Facts{0.5, 0.8, 0.3, "s = 1, theta > 0: no torus"},
          Facts{0.5, 0.8, -0.3, "s = 1, theta < 0: torus that ends in a heteroclinic cycle"},
          Facts{0.5, -0.8, 0.3, "s = -1, theta > 0: torus"},
          Facts{-0.5, 0.8, 0.3, "s = -1, theta < 0: no torus"}}) {
        const Origin<3> point([facts](const auto& x, const auto&) {
            using T = std::decay_t<decltype(x[0])>;
            const T r = x[1] * x[1] + x[2] * x[2], speed = 1.0 + 0.6 * x[0] - 0.2 * r;
            const auto w =
                oscillator(x[1], x[2], T(facts.d * x[0] + e * x[0] * x[0]), T(omega + 0.4 * x[0]));
            return std::array<T, 3>{speed * (facts.b * x[0] * x[0] + facts.c * r), speed * w[0],
                                    speed * w[1]};
        });
        const NormalForm nf = fold_hopf_normal_form(point.at(), omega);
        EXPECT_EQ(nf.coefficients.at("s"), facts.b * facts.c > 0.0 ? 1.0 : -1.0);
        EXPECT_NEAR(nf.coefficients.at("theta"), facts.d / facts.b, exact);
        EXPECT_NEAR(nf.coefficients.at("E"), e / point.real_vector(0).squaredNorm(), exact);
        EXPECT_EQ(nf.scenario, facts.scenario);
    }
}

namespace {

constexpr double omega2 = 1.0;

/// What decides on the three-torus: of Theta and Delta, which depend on the coordinates, all that
/// does not.
double torus_coefficient(double theta, double delta, double Theta, double Delta) {
    return theta * (theta - 1.0) * Delta + delta * (delta - 1.0) * Theta;
}

/// w_k' = (i omega_k + p_k1 r_1 + p_k2 r_2 + s_k r_(3-k)^2) w_k, run through at a speed that
/// depends on the place.
struct TwoOscillators {
    double p11, p12, p21, p22, s1, s2;
    template <class T>
    std::array<T, 4> operator()(const std::array<T, 4>& x, const std::array<T, 1>&) const {
        const T r1 = x[0] * x[0] + x[1] * x[1], r2 = x[2] * x[2] + x[3] * x[3];
        const T speed = 1.0 + 0.5 * r1 - 0.3 * r2;
        const auto first = oscillator(x[0], x[1], T(speed * (p11 * r1 + p12 * r2 + s1 * r2 * r2)),
                                      T(speed * omega)),
                   second = oscillator(x[2], x[3], T(speed * (p21 * r1 + p22 * r2 + s2 * r1 * r1)),
                                       T(speed * omega2));
        return {first[0], first[1], second[0], second[1]};
    }
    [[nodiscard]] double theta() const { return p12 / p22; }
    [[nodiscard]] double delta() const { return p21 / p11; }
    [[nodiscard]] double torus_coefficient() const {
        return ::torus_coefficient(theta(), delta(), s1 / (p22 * p22), s2 / (p11 * p11));
    }
};

}  // namespace

TEST(NormalForm, OfAHopfHopfPointHasTheAmplitudeEquations) {
    const TwoOscillators form{-1.0, -0.6, 0.5, -0.8, 0.3, 0.7};
    const Origin<4> point(form);
    const NormalForm nf = hopf_hopf_normal_form(point.at(), omega, omega2);
    const auto& c = nf.coefficients;
    EXPECT_NEAR(c.at("p11"), form.p11 / point.square(0), exact);
    EXPECT_NEAR(c.at("p12"), form.p12 / point.square(2), exact);
    EXPECT_NEAR(c.at("p21"), form.p21 / point.square(0), exact);
    EXPECT_NEAR(c.at("p22"), form.p22 / point.square(2), exact);
    EXPECT_NEAR(c.at("theta"), form.theta(), exact);
    EXPECT_NEAR(c.at("delta"), form.delta(), exact);
    EXPECT_NEAR(torus_coefficient(c.at("theta"), c.at("delta"), c.at("Theta"), c.at("Delta")),
                form.torus_coefficient(), 1e-8);
    EXPECT_EQ(nf.scenario, "simple III");
}

TEST(NormalForm, OfAHopfHopfPointHasEachTypeOfUnfolding) {
    const std::vector<std::pair<std::array<double, 4>, std::string>> types{
        {{-1.0, -2.0, -1.5, -1.0}, "simple I"},
        {{-1.0, -0.5, -0.5, -1.0}, "simple II"},
        {{-1.0, -0.5, 0.5, -1.0}, "simple III"},
        {{-1.0, 0.5, 0.5, -1.0}, "simple IV"},
        {{-1.0, 2.0, 1.5, -1.0}, "simple V"},
        {{-1.0, 2.0, -1.5, 1.0}, "difficult I, three-torus"},
        {{-1.0, 2.0, -0.8, 1.0}, "difficult II, three-torus"},
        {{-1.0, 0.5, -0.5, 1.0}, "difficult III"},
        {{-1.0, 0.5, 0.5, 1.0}, "difficult IV"},
        {{-1.0, -0.5, 0.5, 1.0}, "difficult V"},
        {{-1.0, -2.0, 1.5, 1.0}, "difficult VI, three-torus"}};
    for (const auto& [p, type] : types) {
        const Origin<4> point(TwoOscillators{p[0], p[1], p[2], p[3], 0.0, 0.0});
        EXPECT_EQ(hopf_hopf_normal_form(point.at(), omega, omega2).scenario, type);
        EXPECT_EQ(hopf_hopf_normal_form(point.at(), omega2, omega).scenario, type) << "exchanged";
    }
}

TEST(NormalForm, OfAHopfHopfPointDoesNotSeeTheUnits) {
    const TwoOscillators form{-1.0, -0.6, 0.5, -0.8, 0.3, 0.7};
    const auto mixed = in_new_coordinates<4>(form);
    const auto field = make_series_field<4, 1>([mixed](const auto& y, const auto& p) {
        constexpr std::array units{1e-4, 30.0, 1e3, 1.0};
        auto x = y;
        for (std::size_t i = 0; i < units.size(); ++i) x[i] = units[i] * y[i];
        auto dx = mixed(x, p);
        for (std::size_t i = 0; i < units.size(); ++i) dx[i] = dx[i] / units[i];
        return dx;
    });
    const Vector x = Vector::Zero(4), p = Vector::Zero(1);
    const auto c = hopf_hopf_normal_form({*field, x, p}, omega, omega2).coefficients;
    EXPECT_NEAR(c.at("theta"), form.theta(), exact);
    EXPECT_NEAR(c.at("delta"), form.delta(), exact);
    EXPECT_NEAR(torus_coefficient(c.at("theta"), c.at("delta"), c.at("Theta"), c.at("Delta")),
                form.torus_coefficient(), 1e-8);
}

// Guckenheimer & Holmes 1983, eq. 3.4.11, from partial derivatives.
RC_GTEST_PROP(NormalForm, OfAPlanarHopfPointIsTheTextbookFormula, ()) {
    const auto draw = [] {
        return *rc::gen::map(rc::gen::inRange(-20, 21), [](int k) { return k / 10.0; });
    };
    std::array<double, 14> k;
    for (double& value : k) value = draw();
    const auto field = make_series_field<2, 1>([k](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        const T xx = x[0] * x[0], xy = x[0] * x[1], yy = x[1] * x[1];
        return std::array<T, 2>{
            -omega * x[1] + k[0] * xx + k[1] * xy + k[2] * yy + k[3] * xx * x[0] +
                k[4] * xx * x[1] + k[5] * xy * x[1] + k[6] * yy * x[1],
            omega * x[0] + k[7] * xx + k[8] * xy + k[9] * yy + k[10] * xx * x[0] +
                k[11] * xx * x[1] + k[12] * xy * x[1] + k[13] * yy * x[1]};
    });
    const double cubic = 6.0 * k[3] + 2.0 * k[5] + 2.0 * k[11] + 6.0 * k[13],
                 quadratic = 2.0 * k[1] * (k[0] + k[2]) - 2.0 * k[8] * (k[7] + k[9]) -
                             4.0 * k[0] * k[7] + 4.0 * k[2] * k[9];
    const double growth = (cubic + quadratic / omega) / 16.0;
    const Vector x = Vector::Zero(2), p = Vector::Zero(1);
    const double l1 = hopf_normal_form({*field, x, p}, omega).coefficients.at("l1");
    RC_ASSERT(std::abs(l1 - 2.0 * growth / omega) <= exact);
}

namespace {

/// FitzHugh 1961; p is the input, eps = 15/16.
std::shared_ptr<const VectorField> fitzhugh_nagumo() {
    return make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const auto& [v, w] = x;
        return std::array<T, 2>{v - v * v * v / 3.0 - w + p[0], 0.9375 * (v + 0.7 - 0.8 * w)};
    });
}

/// l2 of dv/dt = v - v^3/3 - ..., by the formula of Kuznetsov 1999: of the derivatives,
/// B(u, w) = -2 v u_v w_v and C = -2 u_v w_v z_v in the first component are all there is.
double second_lyapunov_coefficient(double v, const Eigen::Matrix2d& A, double frequency) {
    using C = std::complex<double>;
    using V = Eigen::Vector2cd;
    const C i(0.0, 1.0);
    const auto B = [v](const V& a, const V& b) { return V(-2.0 * v * a[0] * b[0], 0.0); };
    const auto C3 = [](const V& a, const V& b, const V& c) {
        return V(-2.0 * a[0] * b[0] * c[0], 0.0);
    };
    const Eigen::Matrix2cd one = Eigen::Matrix2cd::Identity(), a = A.cast<C>();
    const auto solve = [&](double k, const V& r) -> V {
        return (k * i * frequency * one - a).partialPivLu().solve(r);
    };
    const V q = V(A(0, 1), i * frequency - A(0, 0)).normalized(), qc = q.conjugate();
    V p(A(1, 0), -i * frequency - A(0, 0));
    p /= std::conj(p.dot(q));
    const V h20 = solve(2.0, B(q, q)), h11 = solve(0.0, B(q, qc)), h02 = h20.conjugate();
    const V r21 = C3(q, q, qc) + B(qc, h20) + 2.0 * B(q, h11);
    const C g21 = p.dot(r21);
    Eigen::Matrix3cd bordered = Eigen::Matrix3cd::Zero();
    bordered << i * frequency * one - a, q, p.adjoint(), 0.0;
    const V rest = r21 - g21 * q;
    const V h21 = bordered.partialPivLu().solve(Eigen::Vector3cd(rest[0], rest[1], 0.0)).head<2>();
    const V h12 = h21.conjugate(), h30 = solve(3.0, C3(q, q, q) + 3.0 * B(q, h20));
    const V h31 = solve(2.0, 3.0 * C3(q, q, h11) + 3.0 * C3(q, qc, h20) + 3.0 * B(h20, h11) +
                                 B(qc, h30) + 3.0 * B(q, h21) - 3.0 * g21 * h20);
    const V h22 =
        solve(0.0, 4.0 * C3(q, qc, h11) + C3(qc, qc, h20) + C3(q, q, h02) + 2.0 * B(h11, h11) +
                       2.0 * B(q, h12) + 2.0 * B(qc, h21) + B(h02, h20) - 4.0 * g21.real() * h11);
    const C g32 =
        p.dot(C3(qc, qc, h30) + 3.0 * C3(q, q, h12) + 6.0 * C3(q, qc, h21) + 3.0 * C3(q, h02, h20) +
              6.0 * C3(q, h11, h11) + 6.0 * C3(qc, h20, h11) + 2.0 * B(qc, h31) + 3.0 * B(q, h22) +
              B(h02, h30) + 3.0 * B(h12, h20) + 6.0 * B(h11, h21));
    return g32.real() / 12.0 / frequency;
}

}  // namespace

TEST(NormalForm, OfFitzHughNagumosGeneralizedHopfPointAgreesWithTheFormulaInB) {
    const auto field = fitzhugh_nagumo();
    const Vector x = vector({-0.5, 0.25}), p = vector({17.0 / 24.0});
    const Eigen::Matrix2d A = jacobian(*field, x, p);
    const double frequency = std::sqrt(A.determinant());
    const NormalForm nf = generalized_hopf_normal_form({*field, x, p}, frequency);
    EXPECT_NEAR(nf.coefficients.at("l1"), 0.0, exact);
    EXPECT_NEAR(nf.coefficients.at("l2"), second_lyapunov_coefficient(x[0], A, frequency), exact);
    EXPECT_EQ(hopf_normal_form({*field, x, p}, frequency).scenario, "degenerate");
}

TEST(NormalForm, OfADoublePairSaysThatItIsNotSimple) {
    const Origin<4> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 4>{-omega * x[1] - x[0] * x[2] * x[2], omega * x[0], -omega * x[3],
                                omega * x[2] + x[0] * x[0]};
    });
    const NormalForm nf = hopf_normal_form(point.at(), omega);
    EXPECT_TRUE(nf.coefficients.empty());
    EXPECT_EQ(nf.scenario, "no simple critical eigenvalue");
}

TEST(NormalForm, OfAFoldSaysThatADoubleZeroIsNotSimple) {
    const Origin<2> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{x[1], x[0] * x[0]};
    });
    EXPECT_EQ(fold_normal_form(point.at()).scenario, "no simple critical eigenvalue");
    EXPECT_TRUE(fold_normal_form(point.at()).coefficients.empty());
}

TEST(NormalForm, OfASimpleZeroSaysThatThereIsNoJordanChain) {
    const Origin<2> point([](const auto& x, const auto&) {
        return std::array{x[0] * x[0], -2.0 * x[1] + x[0] * x[1]};
    });
    EXPECT_EQ(bogdanov_takens_normal_form(point.at()).scenario, "no Jordan chain of length two");
}

TEST(NormalForm, OfATripleZeroSaysThatItsChainIsTooLong) {
    const Origin<3> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 3>{x[1], x[2], x[0] * x[0] + x[0] * x[1]};
    });
    EXPECT_TRUE(bogdanov_takens_normal_form(point.at()).coefficients.empty());
}

TEST(NormalForm, OfResonantPairsIsNotGiven) {
    const Origin<4> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 4>{-x[1] + x[0] * x[2], x[0], -2.0 * x[3], 2.0 * x[2] + x[0] * x[0]};
    });
    const NormalForm nf = hopf_hopf_normal_form(point.at(), 1.0, 2.0);
    EXPECT_TRUE(nf.coefficients.empty());
    EXPECT_EQ(nf.scenario, "strong resonance of the two frequencies");
}

TEST(NormalForm, OfABogdanovTakensPointWithOneCoefficientIsDegenerate) {
    const Origin<2> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{x[1], x[0] * x[0]};
    });
    EXPECT_EQ(bogdanov_takens_normal_form(point.at()).scenario, "degenerate");
}

TEST(NormalForm, OfAFoldHopfPointWithoutAFoldIsDegenerate) {
    const Origin<3> point([](const auto& x, const auto&) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 3>{-x[0] * x[0] * x[0], -omega * x[2], omega * x[1] + x[0] * x[1]};
    });
    const NormalForm nf = fold_hopf_normal_form(point.at(), omega);
    EXPECT_TRUE(nf.coefficients.empty());
    EXPECT_EQ(nf.scenario, "degenerate");
}

TEST(NormalForm, OfTwoOscillatorsThatDoNotMeetHasNoTorusCoefficients) {
    const Origin<4> point(TwoOscillators{-1.0, 0.0, 0.0, -0.8, 0.3, 0.7});
    const auto c = hopf_hopf_normal_form(point.at(), omega, omega2).coefficients;
    EXPECT_NEAR(c.at("theta"), 0.0, exact);
    EXPECT_FALSE(c.contains("Theta"));
    EXPECT_FALSE(c.contains("Delta"));
}

TEST(NormalForm, SaysWhichDerivativesAreMissing) {
    const auto field = make_series_field<2, 1>(
        [](const auto& x, const auto&) {
            return std::array{x[1], -x[0] + x[1] * x[1]};
        },
        2);
    const Vector x = Vector::Zero(2), p = Vector::Zero(1);
    const NormalForm nf = hopf_normal_form({*field, x, p}, 1.0);
    EXPECT_TRUE(nf.coefficients.empty());
    EXPECT_EQ(nf.scenario, "no derivatives of order 3 (the field has them to order 2)");
}

TEST(NormalForm, RefusesWhatDoesNotFitTheField) {
    const auto field = fitzhugh_nagumo();
    const Vector x = Vector::Zero(2), long_x = Vector::Zero(3), p = Vector::Zero(1);
    EXPECT_THROW((void)fold_normal_form({*field, long_x, p}), UsageError);
    EXPECT_THROW((void)fold_normal_form({*field, x, x}), UsageError);
    EXPECT_THROW((void)hopf_normal_form({*field, x, p}, 0.0), UsageError);
}
