// Families of cycles, with default options where nothing else is said.

#include "cycle_family.hpp"
#include "floquet.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/ode/integrate.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <utility>

using namespace cortifold;

namespace {

using std::numbers::pi;

/// The circle r^2 = a turns with omega - c a, and what departs from it falls with 2 a.
TEST(Cycles, OfStuartAndLandauAreCircles) {
    Family family("stuart_landau", "a", {-1.0, 1.0});
    family.set("c", 0.2);
    const Branch branch = family.cycles(0);
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    EXPECT_TRUE(branch.special.empty());
    for (const BranchPoint& point : branch.points) {
        const double a = point.parameters[0];
        expect_near(point.period, 2.0 * pi / (1.0 - 0.2 * a));
        EXPECT_NEAR(point.spectrum[0].real(), -2.0 * a, digits * (1.0 + a));
        EXPECT_NEAR(point.maximum[0], std::sqrt(a), digits);
    }
}

/// Gauss collocation with polynomials of degree m has an error of order 2 m at the mesh points.
TEST(Cycles, PeriodsHaveTwiceTheOrderOfTheirPolynomials) {
    const double exact = 7.156919923045257;  // of the Brusselator at B = 3, by shooting
    for (const int degree : {2, 3, 4}) {
        std::vector<double> errors;
        for (const int intervals : {40, 80}) {
            Family family("brusselator", "B", {1.5, 3.0});
            const Branch branch = family.cycles(0, 1e9, {},
                                                {.degree = degree,
                                                 .tolerance = 0.09,
                                                 .min_intervals = intervals,
                                                 .max_intervals = intervals});
            ASSERT_EQ(branch.status, Status::reached_end) << branch.message;
            errors.push_back(std::abs(branch.points.back().period - exact));
        }
        EXPECT_GT(std::log2(errors[0] / errors[1]), 2.0 * degree - 1.0) << degree;
    }
}

TEST(Cycles, EndAtTheHopfPointWhereTheyVanish) {
    Family family("jansen_rit", "p", {-100.0, 400.0});
    const Branch branch = family.cycles(1);
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    ASSERT_EQ(branch.special.size(), 1U);
    EXPECT_EQ(branch.special[0].type, PointType::hopf);
    EXPECT_NEAR(branch.special[0].at.parameters[0], 315.69642806882, 1e-9);
    expect_near(branch.special[0].at.period, 0.0895770730871436);
}

TEST(Cycles, OfJansenAndRitGrowTheirPeriodWithoutBoundAtTheSaddleNode) {
    Family family("jansen_rit", "p", {-100.0, 400.0});
    const Branch branch = family.cycles(0, 100.0, {120.0});
    EXPECT_EQ(branch.status, Status::ended_at_snic) << branch.message;
    EXPECT_DOUBLE_EQ(branch.points.back().period, 100.0);
    const auto snics = of_type(branch, PointType::snic);
    ASSERT_EQ(snics.size(), 1U);
    EXPECT_NEAR(snics[0].at.parameters[0], 113.58627321279882, 1e-9);
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 1U);
    EXPECT_NEAR(folds[0].at.parameters[0], 137.3792672, 1e-5);
    const auto at_120 = of_type(branch, PointType::user);
    ASSERT_EQ(at_120.size(), 2U);
    expect_near(at_120[1].at.period, 0.41936348485690633);
    expect_near(at_120[1].at.spectrum[0].real() * at_120[1].at.period,
                std::log(0.0008136744264166433));
}

/// Rinzel & Miller 1980: two branches of unstable cycles, with period doublings between folds.
TEST(Cycles, OfHodgkinAndHuxleyHaveTheVerifiedFolds) {
    Family family("hodgkin_huxley", "I", {0.0, 200.0});
    const Branch branch = family.cycles(0, 1e9, {10.0});
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 3U);
    expect_near(folds[0].at.parameters[0], 7.8462471201907675);
    expect_near(folds[0].at.period, 16.713796714408012);
    expect_near(folds[2].at.parameters[0], 6.264221274514092);
    expect_near(folds[2].at.period, 19.895240712441996);
    EXPECT_EQ(of_type(branch, PointType::period_doubling).size(), 2U);
    const auto at_10 = of_type(branch, PointType::user);
    ASSERT_EQ(at_10.size(), 1U);
    expect_near(at_10[0].at.period, 14.638324788661901);
    expect_near(at_10[0].at.spectrum[0].real() * at_10[0].at.period, std::log(0.07404829133404231));
    for (const SpecialPoint& point : branch.special) EXPECT_LT(point.error, 1e-7) << point.label;
}

TEST(Cycles, OfTheEnzymeHaveTheVerifiedFolds) {
    Family family("enzyme", "rho", {0.0, 20.0});
    const Branch branch = family.cycles(0);
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 2U);
    expect_near(folds[0].at.parameters[0], 2.759687455499458);
    expect_near(folds[0].at.period, 10.006393028723355);
    expect_near(folds[1].at.parameters[0], 5.007839760761145);
    expect_near(folds[1].at.period, 5.676578596251878);
}

/// In a canard explosion the parameter stands still to ten digits while the cycle grows.
TEST(CanardExplosion, OfFitzHughAndNagumoHasOneFoldAndNothingElse) {
    Family family("fitzhugh_nagumo", "I", {0.0, 2.0});
    const Branch branch = family.cycles(0);
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    ASSERT_EQ(branch.special.size(), 3U);  // one on each side, and the end
    expect_near(branch.special[0].at.parameters[0], 0.3241785225);
    expect_near(branch.special[1].at.parameters[0], 1.4258214775);
    EXPECT_EQ(branch.special[2].type, PointType::hopf);
}

TEST(CanardExplosion, OfTheAutocatalatorHasNoFold) {
    Family family("autocatalator", "mu", {0.0, 0.3});
    const Branch branch = family.cycles(0);
    EXPECT_EQ(branch.status, Status::ended_at_hopf) << branch.message;
    EXPECT_TRUE(of_type(branch, PointType::fold_of_cycles).empty());
    EXPECT_TRUE(of_type(branch, PointType::unresolved).empty());
    const auto doublings = of_type(branch, PointType::period_doubling);
    ASSERT_EQ(doublings.size(), 2U);
    expect_near(doublings[0].at.parameters[0], 0.14295657566);
    expect_near(doublings[1].at.parameters[0], 0.15645314513);
}

TEST(Cycles, GoOnNextToAHomoclinicOrbit) {
    Family family("morris_lecar", "I", {-50.0, 250.0});
    const CurveStart start = family.start(0, {.tolerance = 1e-8});
    const Branch branch = family.follow(start, 3000.0);
    EXPECT_EQ(branch.status, Status::ended_at_homoclinic) << branch.message;
    const BranchPoint& last = branch.points.back();
    EXPECT_DOUBLE_EQ(last.period, 3000.0);
    const auto& curve = dynamic_cast<const CycleCurve&>(*start.problem);
    const CurveLinearization at =
        curve.linearize(last.z, Vector::Zero(last.z.size()), curve.scales_at(last.z));
    EXPECT_LT(std::abs(floquet_exponents(curve, last.z, *at.cycle).trivial) * last.period, 1e-8);
    ASSERT_EQ(branch.special.size(), 2U);
    EXPECT_EQ(branch.special[1].type, PointType::homoclinic);
    EXPECT_NEAR(branch.special[1].at.parameters[0], last.parameters[0], 1e-12);
    expect_near(branch.special[0].at.parameters[0], 40.59335195836524);
    expect_near(branch.special[0].at.period, 21.110055160085835);
}

/// A cycle that a simulation has found: two of its periods do not matter, the guess of it does.
TEST(Cycles, StartFromAnOrbitThatIsOnlyNearOne) {
    Family family("brusselator", "B", {1.0, 4.0});
    family.set("B", 3.0);
    Orbit orbit{Vector(201), Matrix(2, 201)};
    const double period = 7.16;
    Vector x = (Vector(2) << 0.379, 3.81).finished();
    Eigen::Index k = 0;
    const auto record = [&](double t, ConstVectorRef state, ConstVectorRef) {
        if (k < 201) {
            orbit.times[k] = t;
            orbit.states.col(k++) = state;
        }
        return Flow::proceed;
    };
    const OdeOptions options{.output_step = period / 200.0};
    (void)integrate(
        {.field = family.field, .parameters = family.parameters, .initial = x, .t1 = period},
        options, record);
    ASSERT_EQ(k, 201);
    const CurveStart start = cycles_from_orbit(family.field, family.parameters, family.free, orbit);
    Continuation run(start.problem, start.point, {.bounds = {{1.0, 4.0}}});
    ASSERT_FALSE(run.branch().points.empty()) << run.branch().message;
    expect_near(run.branch().points[0].period, 7.156919923045257);
}

TEST(Cycles, RefuseWhatIsNoCycle) {
    const auto field = field_of("brusselator");
    const Vector p = default_values(field->parameters());
    EXPECT_THROW((void)cycle_curve(field, p, 99), UsageError);
    EXPECT_THROW((void)cycle_curve(field, p, 0, {.degree = 9}), UsageError);
    EXPECT_THROW((void)cycle_curve(field, p, 0, {.min_intervals = 50, .max_intervals = 20}),
                 UsageError);
    EXPECT_THROW((void)cycles_from_orbit(field, p, 0, {Vector::Zero(3), Matrix::Zero(2, 3)}),
                 UsageError);
    EXPECT_THROW((void)cycles_from_hopf(field, p, 0, SpecialPoint()), UsageError);
    // An orbit that stays where it is shrinks to the equilibrium or is no start at all.
    const Orbit at_rest{Vector::LinSpaced(30, 0.0, 5.0), Matrix::Constant(2, 30, 1.0)};
    const CurveStart start = cycles_from_orbit(field, p, 0, at_rest);
    Continuation run(start.problem, start.point, {.bounds = {{0.5, 1.5}}});
    EXPECT_FALSE(run.advance() && run.advance());
}

}  // namespace
