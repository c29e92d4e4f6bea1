// The models that are shipped as text: their files are complete, and what their READMEs say of
// their equilibria holds.

#include "models/self_coupled.hpp"

#include <Eigen/LU>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

using namespace cortifold;

namespace {

constexpr double roundoff = 1e-13;
constexpr double digits = 1e-9;  ///< of the numbers in READMEs

class ShippedModels : public RegisteredModel {};

/// Expects a Hopf point: an equilibrium with a pair +-i omega.
void expect_hopf(const SelfCoupled& model, const Vector& x, double omega, double accuracy) {
    EXPECT_LT(residual(model, x), accuracy);
    EXPECT_LT(eigenvalue_error(model.linearize(x).second, {0.0, omega}), accuracy);
}

}  // namespace

TEST_P(ShippedModels, IsPartOfTheProgram) {
    const ShippedModel* model = find_shipped_model(GetParam().name);
    ASSERT_NE(model, nullptr);
    EXPECT_EQ(model->text, read_file(equation_file(GetParam().name)));
    EXPECT_EQ(model->readme, GetParam().readme);
    EXPECT_EQ(read_equation_model(*model).name, GetParam().name);
}

TEST_P(ShippedModels, SaysWhatItIsAndNothingThatIsNotRead) {
    const EquationDefinition model = read_equation_model(equation_file(GetParam().name));
    EXPECT_EQ(model.name, GetParam().name);
    EXPECT_FALSE(model.about.empty());
    EXPECT_TRUE(model.run.duration && model.run.step);
    for (const EquationDefinition::Note& note : model.ignored)
        EXPECT_EQ(note.text.find("set"), 0U) << note.text;
}

TEST_P(ShippedModels, HasLimitsForEveryStateAndParameter) {
    for (const auto table : {node->states(), node->parameters()})
        for (const Quantity& q : table) EXPECT_TRUE(std::isfinite(q.high - q.low)) << q.name;
}

INSTANTIATE_TEST_SUITE_P(Models, ShippedModels, every_shipped_model(), model_name);

// At V = -40 and -55 mV one of the rates is nothing over nothing as it is written.
TEST(HodgkinHuxley, IsSmoothWhereItsRatesAreNothingOverNothing) {
    const SelfCoupled model("hodgkin_huxley", {});
    constexpr double step = 1e-3;
    for (const double V : {-40.0, -55.0}) {
        const auto at = [&](double v) { return model.linearize(Vector{{v, 0.1, 0.5, 0.4}}); };
        const auto [f, f_x] = at(V);
        const Vector ahead = at(V + step).first, behind = at(V - step).first;
        ASSERT_TRUE(f.allFinite() && f_x.allFinite());
        EXPECT_LT((ahead + behind - 2.0 * f).norm(), step * step * f.norm());
        EXPECT_LT(((ahead - behind) / (2.0 * step) - f_x.col(0)).norm(), step * step * f_x.norm());
    }
}

TEST(QifAdaptation, HasTheFoldsOfItsMeanFieldWithoutAdaptationAtTheDifferenceOfTheWeights) {
    constexpr double J = 12.0, alpha = 3.0, Delta = 0.7, r = 0.3, pi = std::numbers::pi;
    const double v = -Delta / (2.0 * pi * r), eta = pi * pi * r * r - (J - alpha) * r - v * v;
    const SelfCoupled adapting("qif_adaptation",
                               {{"J", J}, {"alpha", alpha}, {"Delta", Delta}, {"eta", eta}}),
        plain("montbrio_pazo_roxin", {{"J", J - alpha}, {"Delta", Delta}, {"eta", eta}});
    const Vector x{{r, v, alpha * r, 0.0}};
    EXPECT_LT(residual(adapting, x), roundoff);
    EXPECT_LT(residual(plain, x.head(2)), roundoff);
    constexpr double tau = 10.0;
    EXPECT_NEAR(tau * tau * adapting.linearize(x).second.determinant(),
                plain.linearize(x.head(2)).second.determinant(), 1e-12);
}

TEST(AbReaction, HasItsFoldsAndHopfPointsWhereTheClosedFormsSay) {
    constexpr double beta = 3.0;
    for (const double B : {14.0, 15.0, 16.0, 17.0, 18.0}) {
        const double k = B / (1.0 + beta), sum = B + 1.0 + beta;
        const auto at = [&](double x) {
            return std::pair(
                SelfCoupled("ab_reaction", {{"B", B}, {"Da", x * std::exp(-k * x) / (1.0 - x)}}),
                Vector{{x, k * x}});
        };
        for (const double sign : {-1.0, 1.0}) {
            const double root = std::sqrt(sum * sum - 4.0 * B * (2.0 + beta));
            const auto [hopf, x] = at((sum + sign * root) / (2.0 * B));
            expect_hopf(hopf, x, std::sqrt(hopf.linearize(x).second.determinant()), roundoff);
            if (k <= 4.0) continue;
            const auto [fold, y] = at((1.0 + sign * std::sqrt(1.0 - 4.0 / k)) / 2.0);
            EXPECT_LT(residual(fold, y), roundoff);
            EXPECT_LT(eigenvalue_error(fold.linearize(y).second, 0.0), roundoff);
        }
    }
}

TEST(CuspNormalForm, HasItsFoldsAtTwoOverThreeRootThree) {
    const double fold = 2.0 / (3.0 * std::sqrt(3.0));
    const SelfCoupled model("cusp_normal_form", {{"mu", fold}});
    const auto [f, f_x] = model.linearize(Vector{{-1.0 / std::sqrt(3.0)}});
    EXPECT_NEAR(f[0], 0.0, roundoff);
    EXPECT_NEAR(f_x(0, 0), 0.0, roundoff);
}

TEST(Lorenz, LosesItsConvectionInHopfPointsAtTheClosedForm) {
    constexpr double sigma = 10.0, b = 8.0 / 3.0, r = sigma * (sigma + b + 3.0) / (sigma - b - 1.0);
    const SelfCoupled model("lorenz", {{"r", r}});
    for (const double sign : {-1.0, 1.0}) {
        const double x = sign * std::sqrt(b * (r - 1.0));
        expect_hopf(model, Vector{{x, x, r - 1.0}}, std::sqrt(b * (r + sigma)), roundoff);
    }
}

TEST(Autocatalator, HasTheHopfPointsOfItsReadmeOnItsExplicitEquilibria) {
    constexpr double kappa = 65.0;
    for (const auto& [mu, omega] :
         {std::pair{0.0153111335930187, 19.9740818579}, {0.174435772166776, 193.678543134675}}) {
        const double b = mu * kappa / (1.0 - mu);
        expect_hopf({"autocatalator", {{"mu", mu}}}, Vector{{b / (b * b + 1.0), b, b}}, omega,
                    digits);
    }
}

TEST(Enzyme, HasTheHopfPointsOfItsReadme) {
    expect_hopf({"enzyme", {{"rho", 3.49995382798691}}},
                Vector{{27.9646987311975, 89.8234936559874}}, 0.831044876655028, digits);
    expect_hopf({"enzyme", {{"rho", 4.6504578126027}}},
                Vector{{22.3669237555945, 61.8346187779727}}, 1.04583633662333, digits);
}

TEST(CoupledPendula, RestInPhaseWhereTheTorqueIsThatOfTheirWeight) {
    constexpr double I = 0.4, eps = 0.1, gamma = 0.175;
    const double phi = std::asin(I), stiffness = std::cos(phi);
    const SelfCoupled model("coupled_pendula", {});
    const Vector x{{phi, phi, 0.0, 0.0}};
    EXPECT_LT(residual(model, x), roundoff);
    for (const double spring : {0.0, 2.0 * gamma})  // in phase, and against one another
        EXPECT_LT(eigenvalue_error(model.linearize(x).second,
                                   {-eps / 2.0, std::sqrt(stiffness + spring - eps * eps / 4.0)}),
                  roundoff);
}

// On the circle of the oscillator that forces the cell, x' = beta y and y' = -beta x.
TEST(ForcedFitzhughNagumo, IsForcedByASineOfItsFrequency) {
    constexpr double beta = 30.0, phase = 0.7;
    const SelfCoupled model("forced_fitzhugh_nagumo", {{"beta", beta}, {"r", 0.2}});
    const double x = std::sin(phase), y = std::cos(phase);
    const Vector f = model.linearize(Vector{{0.5, 0.0, x, y}}).first;
    EXPECT_NEAR(f[1], -0.2 * x, roundoff);
    EXPECT_NEAR(f[2], beta * y, roundoff);
    EXPECT_NEAR(f[3], -beta * x, roundoff);
    const Matrix cell = model.linearize(Vector{{0.5, 0.0, 0.0, 0.0}}).second.topLeftCorner(2, 2);
    for (const double eigenvalue : {45.7190951739, 3.28090482608})
        EXPECT_LT(eigenvalue_error(cell, eigenvalue), digits);
}

TEST(Circuit, HasASaddleFocusAtTheOriginThatIsSingularWhereTheConductancesCancel) {
    const SelfCoupled model("circuit", {});
    const Matrix origin = model.linearize(Vector::Zero(3)).second;
    for (const std::complex<double> eigenvalue :
         {std::complex(0.363793119802, 0.0), {-0.380805726568, 0.640895471373}})
        EXPECT_LT(eigenvalue_error(origin, eigenvalue), digits);
    const SelfCoupled singular("circuit", {{"nu", -0.6}});
    EXPECT_NEAR(singular.linearize(Vector::Zero(3)).second.determinant(), 0.0, roundoff);
}
