// Published and independently computed numbers, read where they are present.

#include <cortifold/core/vector_field.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/model/registry.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <filesystem>
#include <map>
#include <numbers>

using namespace cortifold;

namespace {

constexpr double digits = 1e-9;  ///< to which states and eigenvalues are compared, relative

std::optional<Record> reference(const std::string& file) {
    const std::string path = std::string(CORTIFOLD_REFERENCE) + "/" + file;
    if (!std::filesystem::exists(path)) return std::nullopt;
    return read_json(path);
}

double number(const Record& record, std::string_view key) {
    return record.find(key)->number();
}

/// A model at parameters and a state given by name, all its inputs driven with `strength` times
/// its only output: the node on the homogeneous manifold of a network with row sums 1.
class SelfCoupled {
public:
    SelfCoupled(std::string_view model, const std::map<std::string, double>& parameters,
                double strength = 0.0)
        : node_(find_model(model).make()),
          p_(default_values(node_->parameters())),
          strength_(strength) {
        for (const auto& [name, value] : parameters)
            p_[static_cast<Eigen::Index>(index_of(node_->parameters(), name))] = value;
    }

    /// f and its Jacobian at x, the coupling included.
    std::pair<Vector, Matrix> linearize(const Vector& x) const {
        const auto n_u = static_cast<Eigen::Index>(node_->inputs().size());
        Vector u = Vector::Zero(n_u);
        node_->linearize({x, u, p_}, {}, at_);
        u.setConstant(strength_ * at_.h[0]);
        node_->linearize({x, u, p_}, {}, at_);
        return {at_.f, at_.f_x + strength_ * at_.f_u * at_.h_x.replicate(n_u, 1)};
    }
    Vector polished(Vector x) const {
        for (int k = 0; k < 20; ++k) {
            const auto [f, f_x] = linearize(x);
            x -= f_x.partialPivLu().solve(f);
        }
        return x;
    }
    /// The second derivative of f twice along v, without coupling.
    Vector curvature(const Vector& x, const Vector& v) const {
        const Vector u = Vector::Zero(static_cast<Eigen::Index>(node_->inputs().size()));
        const Vector still = Vector::Zero(p_.size());
        node_->directional({x, u, p_}, {v, u, still}, {}, at_);
        return at_.f_x * v;
    }

private:
    std::shared_ptr<const Node> node_;
    Vector p_;
    double strength_;
    mutable Linearization at_;
};

/// The distance of an expected eigenvalue to the nearest eigenvalue, relative to the largest.
double eigenvalue_error(const Matrix& a, std::complex<double> expected) {
    const ComplexVector found = a.eigenvalues();
    return (found.array() - expected).abs().minCoeff() / found.cwiseAbs().maxCoeff();
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

/// The numbers of continuation.json are decimal strings of more digits than a double holds.
Vector numbers(const Record& list) {
    Vector x(static_cast<Eigen::Index>(list.as<Record::List>().size()));
    for (Eigen::Index k = 0; k < x.size(); ++k)
        x[k] = std::stod(list.as<Record::List>()[static_cast<std::size_t>(k)].as<std::string>());
    return x;
}

/// Expects an equilibrium with a zero eigenvalue (fold) or a pair +-i omega (Hopf).
void expect_bifurcation(const SelfCoupled& node, const Vector& x, double omega) {
    const auto [f, f_x] = node.linearize(x);
    EXPECT_LT(f.norm(), digits * f_x.norm() * x.norm());
    EXPECT_LT(eigenvalue_error(f_x, {0.0, omega}), digits);
}

/// Folds and Hopf points of a case of continuation.json without coupling.
void expect_verified_points(const std::string& id, const std::string& model,
                            const std::string& parameter) {
    const auto file = reference("continuation.json");
    if (!file) GTEST_SKIP() << "continuation.json is not here";
    for (const Record& entry : file->find("cases")->as<Record::List>()) {
        if (entry.find("id")->as<std::string>() != id) continue;
        for (const Record& point : entry.find("verified_equilibrium")->as<Record::List>()) {
            SCOPED_TRACE(point.find("p")->as<std::string>());
            const Record* omega = point.find("omega");
            expect_bifurcation(
                {model, {{parameter, std::stod(point.find("p")->as<std::string>())}}},
                numbers(*point.find("u")),
                omega != nullptr ? std::stod(omega->as<std::string>()) : 0.0);
        }
    }
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

TEST(ContinuationCases, WilsonCowanHasTheReferenceFoldsAndHopfPoint) {
    expect_verified_points("model_wc", "wilson_cowan", "P");
}

TEST(ContinuationCases, FitzhughNagumoHasTheReferenceHopfPoints) {
    expect_verified_points("model_fn", "fitzhugh_nagumo", "I");
}

TEST(ContinuationCases, JansenRitHasTheReferenceFoldAndHopfPoints) {
    expect_verified_points("model_jr", "jansen_rit", "p");
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
