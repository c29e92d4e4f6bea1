// Bifurcations of cycles, their curves in two parameters and where these end, against closed forms.

#include "cycle_family.hpp"
#include <cortifold/continuation/two_parameter.hpp>

#include <gtest/gtest.h>

#include <numbers>

using namespace cortifold;

namespace {

using std::numbers::pi;

Branch curve_through(const Family& family, const std::string& second,
                     ContinuationOptions::Bound range, const SpecialPoint& at) {
    const auto starts =
        cycle_curves_through(family.field, family.parameters,
                             {family.free, index_of(family.field->parameters(), second)}, at);
    if (starts.size() != 1) return {};
    return continue_branch(starts[0].problem, starts[0].point, {.bounds = {family.range, range}});
}

/// r' = r (b1 + b2 r^2 - r^4), theta' = 1 + k r^2.
Family bautin() {
    return {field_of_equations("par b1=-1, b2=1, k=0.5\n"
                               "x'=x*(b1+b2*(x^2+y^2)-(x^2+y^2)^2)-y*(1+k*(x^2+y^2))\n"
                               "y'=y*(b1+b2*(x^2+y^2)-(x^2+y^2)^2)+x*(1+k*(x^2+y^2))\ndone"),
            "b1",
            {-1.0, 1.0}};
}

/// At r^2 = b2 / 2 and b1 = -b2^2 / 4 the radius changes by -2 b2 r0 dr^2 while the phase gains
/// 2 k r0 dr: b = b2 omega / k.
TEST(FoldOfCycles, OfTheBautinNormalFormIsWhereItsRootsMeet) {
    Family family = bautin();
    const Branch branch = family.cycles(0);
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 1U);
    EXPECT_NEAR(folds[0].at.parameters[0], -0.25, 1e-9);
    EXPECT_NEAR(folds[0].at.period, 2.0 * pi / 1.25, 1e-6);
    EXPECT_NEAR(folds[0].normal_form.at("b"), 2.5, 1e-5);
}

TEST(FoldOfCycles, EndsAtTheGeneralizedHopfPoint) {
    Family family = bautin();
    const Branch branch = family.cycles(0);
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 1U);
    const Branch curve = curve_through(family, "b2", {-1.0, 2.0}, folds[0]);
    ASSERT_FALSE(curve.points.empty()) << curve.message;
    for (const BranchPoint& point : curve.points) {
        const double b1 = point.parameters[0], b2 = point.parameters[1];
        EXPECT_NEAR(b1, -b2 * b2 / 4.0, digits);
    }
    const auto ends = of_type(curve, PointType::generalized_hopf);
    ASSERT_EQ(ends.size(), 1U) << curve.message;
    EXPECT_NEAR(ends[0].at.parameters[0], 0.0, 1e-9);
    EXPECT_NEAR(ends[0].at.parameters[1], 0.0, 1e-9);
    EXPECT_EQ(curve.special.size(), 1U);
}

TEST(FoldOfCycles, StartsAtTheGeneralizedHopfPoint) {
    const Family family = bautin();
    const std::array free{family.free, index_of(family.field->parameters(), "b2")};
    const Bifurcation hopf{PointType::hopf, Vector::Zero(2), Vector(Eigen::Vector3d(0.0, 1.0, 0.5)),
                           1.0};
    const auto hopf_starts = curves_through(family.field, hopf, free);
    ASSERT_EQ(hopf_starts.size(), 1U);
    const std::vector<ContinuationOptions::Bound> bounds{{-1.0, 1.0}, {-1.0, 2.0}};
    const Branch hopf_curve =
        continue_branch(hopf_starts[0].problem, hopf_starts[0].point, {.bounds = bounds});
    const auto points = of_type(hopf_curve, PointType::generalized_hopf);
    ASSERT_EQ(points.size(), 1U);
    const auto starts = cycle_curves_through(family.field, family.parameters, free, points[0]);
    ASSERT_EQ(starts.size(), 1U);
    const Branch folds = continue_branch(starts[0].problem, starts[0].point, {.bounds = bounds});
    ASSERT_GT(folds.points.size(), 5U) << folds.message;
    for (const BranchPoint& point : folds.points)
        EXPECT_NEAR(point.parameters[0], -point.parameters[1] * point.parameters[1] / 4.0, digits);
    EXPECT_EQ(of_type(folds, PointType::generalized_hopf).size(), 1U) << folds.message;
}

/// (r^2 - 2)^2 + p^2 = 1.
TEST(Cycles, CloseTheirBranchWhereTheyComeBack) {
    const Family family(field_of_equations("par p=0\n"
                                           "x'=x*(1-(x^2+y^2-2)^2-p^2)-y\n"
                                           "y'=y*(1-(x^2+y^2-2)^2-p^2)+x\ndone"),
                        "p", {-2.0, 2.0});
    const Branch branch = family.follow(family.start_from(
        [](double t) { return Vector(std::sqrt(3.0) * Eigen::Vector2d(std::cos(t), std::sin(t))); },
        2.0 * pi));
    EXPECT_EQ(branch.status, Status::closed_branch) << branch.message;
    const auto folds = of_type(branch, PointType::fold_of_cycles);
    ASSERT_EQ(folds.size(), 2U);
    EXPECT_NEAR(std::abs(folds[0].at.parameters[0]), 1.0, 1e-9);
    EXPECT_NEAR(folds[0].at.parameters[0] + folds[1].at.parameters[0], 0.0, 1e-9);
}

/// A circle, and beside it a linear oscillator of changing stiffness, u'' = a u' - (c + e x) u:
/// Mathieu's equation where a = 0.
struct Mathieu : Family {
    Mathieu()
        : Family(field_of_equations("par a=-0.1, c=0.1, e=0.2, s=1\n"
                                    "x'=x*(1-x^2-y^2)-y\ny'=y*(1-x^2-y^2)+x\n"
                                    "u'=v\nv'=a*v-(c+e*x)*u-s*v*u^2\ndone"),
                 "a", {-0.3, 0.3}) {}
    [[nodiscard]] Branch circles() const {
        return follow(start_from(
            [](double t) { return Vector(Eigen::Vector4d(std::cos(t), std::sin(t), 0.0, 0.0)); },
            2.0 * pi));
    }
};

/// The exponents of u'' = a u' - (c + e x) u sum to a.
TEST(FloquetExponents, OfMathieusEquationSumToItsDamping) {
    const Branch branch = Mathieu().circles();
    ASSERT_FALSE(branch.points.empty()) << branch.message;
    for (const BranchPoint& point : branch.points) {
        EXPECT_NEAR(point.spectrum.real().sum(), point.parameters[0] - 2.0, 1e-7);
        EXPECT_LT(point.spectrum_errors.maxCoeff(), 1e-7);
    }
    const auto tori = of_type(branch, PointType::torus);
    ASSERT_EQ(tori.size(), 1U);
    EXPECT_NEAR(tori[0].at.parameters[0], 0.0, 1e-9);
}

/// Where half the trace of Mathieu's equation is 1, 0, -1/2, -1: a0(q) / 4 and b1(q) / 4 with
/// q = 2 e, and between them as its solution by a Runge-Kutta method of order 8 has it.
TEST(TorusCurve, PassesTheResonancesOfMathieusEquation) {
    const Mathieu family;
    const auto tori = of_type(family.circles(), PointType::torus);
    ASSERT_EQ(tori.size(), 1U);
    const Branch curve = curve_through(family, "c", {-0.2, 0.4}, tori[0]);
    const auto expect_at = [&](PointType type, double c) {
        const auto found = of_type(curve, type);
        ASSERT_EQ(found.size(), 1U) << to_string(type) << ' ' << curve.message;
        EXPECT_NEAR(found[0].at.parameters[0], 0.0, 1e-8);
        EXPECT_NEAR(found[0].at.parameters[1], c, 1e-8) << to_string(type);
    };
    expect_at(PointType::resonance_1_1, -0.0196623219493722);
    expect_at(PointType::resonance_1_4, 0.03679463390863);
    expect_at(PointType::resonance_1_3, 0.07767898393042);
    expect_at(PointType::resonance_1_2, 0.145245151793029);
}

/// w' = (a + i b) w - s w |w|^2 beside a circle of period T: w = 2 q xi with |q|^2 = 1 / (2 T), so
/// that d = -2 s / T.
TEST(TorusPoint, HasTheCoefficientOfItsNormalForm) {
    const Family family(field_of_equations("par a=-0.1, b=0.3, s=1.5\n"
                                           "x'=x*(1-x^2-y^2)-y\ny'=y*(1-x^2-y^2)+x\n"
                                           "u'=a*u-b*v-s*u*(u^2+v^2)\n"
                                           "v'=b*u+a*v-s*v*(u^2+v^2)\ndone"),
                        "a", {-0.2, 0.2});
    const Branch branch = family.follow(family.start_from(
        [](double t) { return Vector(Eigen::Vector4d(std::cos(t), std::sin(t), 0.0, 0.0)); },
        2.0 * pi));
    const auto tori = of_type(branch, PointType::torus);
    ASSERT_EQ(tori.size(), 1U);
    EXPECT_NEAR(tori[0].frequency, 0.3 / (2.0 * pi), 1e-9);
    EXPECT_NEAR(tori[0].normal_form.at("d"), -1.5 / pi, 1e-6);
    EXPECT_EQ(tori[0].scenario, "supercritical");
}

/// u' = a u - u^3 beside a circle.
TEST(BranchPointOfCycles, LeadsToTheCyclesThatCrossThere) {
    const Family family(field_of_equations("par a=-0.1\n"
                                           "x'=x*(1-x^2-y^2)-y\ny'=y*(1-x^2-y^2)+x\n"
                                           "u'=a*u-u^3\ndone"),
                        "a", {-0.2, 0.2});
    const Branch branch = family.follow(family.start_from(
        [](double t) { return Vector(Eigen::Vector3d(std::cos(t), std::sin(t), 0.0)); }, 2.0 * pi));
    const auto points = of_type(branch, PointType::branch_point_of_cycles);
    ASSERT_EQ(points.size(), 1U);
    EXPECT_NEAR(points[0].at.parameters[0], 0.0, 1e-9);
    const auto starts = cycles_at(family.field, family.parameters, family.free, points[0]);
    ASSERT_EQ(starts.size(), 2U);
    for (const CurveStart& start : starts) {
        const Branch other = family.follow(start);
        ASSERT_GT(other.points.size(), 2U) << other.message;
        for (const BranchPoint& point : other.points)
            EXPECT_NEAR(point.maximum[2] * point.maximum[2], point.parameters[0], 1e-6);
        EXPECT_NEAR(other.points.back().parameters[0], 0.2, 1e-12);
    }
}

}  // namespace
