// Published and independently computed numbers, read where they are present.

#include "models/self_coupled.hpp"
#include "support/places.hpp"
#include <cortifold/io/record.hpp>

#include <Eigen/LU>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <filesystem>
#include <numbers>

using namespace cortifold;

namespace {

constexpr double digits = 1e-9;  ///< to which states and eigenvalues are compared, relative

std::optional<Record> reference(const std::string& file) {
    const std::string path = std::string(reference_numbers) + "/" + file;
    if (!std::filesystem::exists(path)) return std::nullopt;
    return read_json(path);
}

double number(const Record& record, std::string_view key) {
    return record.find(key)->number();
}

std::complex<double> complex(const Record& pair) {
    const auto& parts = pair.as<Record::List>();
    return {parts[0].number(), parts[1].number()};
}

Vector state(const Record& record, std::initializer_list<std::string_view> keys) {
    Vector x(static_cast<Eigen::Index>(keys.size()));
    Eigen::Index k = 0;
    for (const auto key : keys) x[k++] = number(record, key);
    return x;
}

/// Expects an equilibrium with a zero eigenvalue (fold) or a pair +-i omega (Hopf).
void expect_bifurcation(const SelfCoupled& node, const Vector& x, double omega) {
    const auto [f, f_x] = node.linearize(x);
    EXPECT_LT(f.norm(), digits * f_x.norm() * x.norm());
    EXPECT_LT(eigenvalue_error(f_x, {0.0, omega}), digits);
}

class NeuralMasses : public testing::Test {
protected:
    void SetUp() override {
        if (!file) GTEST_SKIP() << "neural_masses.json is not here";
    }
    const std::optional<Record> file = reference("neural_masses.json");
};

}  // namespace

TEST_F(NeuralMasses, MontbrioPazoRoxinHasTheReferenceEquilibriaAndEigenvalues) {
    for (const Record& point : file->find("single_MPR")->find("fixed_points")->as<Record::List>()) {
        const SelfCoupled node("montbrio_pazo_roxin",
                               {{"eta", number(point, "eta")}, {"J", number(point, "J")}});
        const Vector expected = state(point, {"r", "v"});
        const Vector x = node.polished(expected);
        EXPECT_LT((x - expected).norm(), digits * expected.norm());
        for (const Record& eigenvalue : point.find("eig")->as<Record::List>())
            EXPECT_LT(eigenvalue_error(node.linearize(x).second, complex(eigenvalue)), digits);
    }
}

TEST_F(NeuralMasses, MontbrioPazoRoxinIsSingularAtItsFolds) {
    for (const auto& [J, folds] : file->find("single_MPR")->find("folds")->as<Record::Table>())
        for (const Record& fold : folds.as<Record::List>()) {
            const auto& rve = fold.as<Record::List>();
            const Vector x = (Vector(2) << rve[0].number(), rve[1].number()).finished();
            const SelfCoupled node("montbrio_pazo_roxin",
                                   {{"eta", rve[2].number()}, {"J", std::stod(J)}});
            EXPECT_LT(node.linearize(x).first.norm(), digits);
            EXPECT_LT(std::abs(node.linearize(x).second.determinant()), 10.0 * digits) << J;
        }
}

TEST_F(NeuralMasses, NgPingHasTheReferenceEquilibriaAndEigenvalues) {
    for (const Record& point :
         file->find("NG_PING_equilibria")->find("fixed_points")->as<Record::List>()) {
        const SelfCoupled node("ng_ping", {{"I_ext_E", number(point, "Iext_e")}},
                               number(point, "eps"));
        const Vector expected = state(point, {"r_e", "v_e", "r_e", "r_i", "v_i", "r_i"});
        const Vector x = node.polished(expected);
        EXPECT_LT((x - expected).norm(), digits * expected.norm());
        for (const Record& eigenvalue : point.find("eig")->as<Record::List>())
            EXPECT_LT(eigenvalue_error(node.linearize(x).second, complex(eigenvalue)), digits);
    }
}

TEST_F(NeuralMasses, JansenRitHasTheReferenceFoldsAndHopfPointsWithAndWithoutCoupling) {
    for (const auto& [strength, points] :
         file->find("JR_equilibria_double_precision")->as<Record::Table>())
        for (const Record& point : points.as<Record::List>()) {
            const std::string& type = point.find("type")->as<std::string>();
            if (type != "LP" && type != "HB") continue;
            SCOPED_TRACE(strength + " " + type);
            Vector x = Vector::Zero(6);
            x.head(3) = state(point, {"y0", "y1", "y2"});
            expect_bifurcation({"jansen_rit", {{"p", number(point, "p")}}, std::stod(strength)}, x,
                               type == "HB" ? number(point, "omega") : 0.0);
        }
}

// Closed forms of spec and README: the determinant of the Jacobian on the curve of equilibria is
// proportional to 2 pi^2 r - J + Delta^2/(2 pi^2 r^3), and vanishes together with the quadratic
// coefficient at the cusp.
TEST(MontbrioPazoRoxin, ItsDeterminantOnTheCurveOfEquilibriaIsTheFoldCondition) {
    constexpr double pi2 = std::numbers::pi * std::numbers::pi, Delta = 0.7;
    for (const double J : {-5.0, 0.0, 7.0, 15.0})
        for (const double r : {0.05, 0.2, 0.6, 1.5}) {
            const double v = -Delta / (2.0 * std::numbers::pi * r);
            const double eta = pi2 * r * r - J * r - v * v;
            const SelfCoupled node("montbrio_pazo_roxin",
                                   {{"Delta", Delta}, {"J", J}, {"eta", eta}});
            const auto [f, f_x] = node.linearize((Vector(2) << r, v).finished());
            const double fold = 2.0 * pi2 * r - J + Delta * Delta / (2.0 * pi2 * r * r * r);
            EXPECT_LT(f.norm(), 1e-12 * (1.0 + v * v));
            EXPECT_NEAR(f_x.determinant(), 2.0 * r * fold, 1e-12 * (1.0 + v * v));
        }
}

TEST(MontbrioPazoRoxin, ItsFoldsMeetInTheCuspOfTheClosedForm) {
    const double pi = std::numbers::pi;
    const double r = std::pow(3.0 / (4.0 * std::pow(pi, 4)), 0.25);
    const double v = -1.0 / (2.0 * pi * r);
    const double J = 2.0 * pi * pi * r + 1.0 / (2.0 * pi * pi * r * r * r);
    const SelfCoupled node("montbrio_pazo_roxin", {{"J", J}, {"eta", -std::sqrt(3.0)}});
    const Vector x = (Vector(2) << r, v).finished();
    const auto [f, f_x] = node.linearize(x);
    const Vector q = (Vector(2) << r, -v).finished();        // f_x q = 0
    const Vector adjoint = (Vector(2) << -v, r).finished();  // f_x^T adjoint = 0
    constexpr double roundoff = 1e-13;
    EXPECT_LT(f.norm(), roundoff);
    EXPECT_LT((f_x * q).norm(), roundoff);
    EXPECT_LT((f_x.transpose() * adjoint).norm(), roundoff);
    EXPECT_LT(std::abs(adjoint.dot(node.curvature(x, q))), roundoff);
}
