// Cycles of fields that depend on time.

#include "cycle_family.hpp"
#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/core/error.hpp>

#include <gtest/gtest.h>

#include <numbers>

using namespace cortifold;

namespace {

using std::numbers::pi;

/// 2 pi over an angular frequency.
CycleOptions forced_by(const Family& family, const std::string& frequency) {
    CycleOptions options;
    options.forcing = Forcing{2.0 * pi, index_of(family.field->parameters(), frequency), -1};
    return options;
}

/// u' = -u + A cos(w t): an amplitude of A / sqrt(1 + w^2).
TEST(ForcedCycles, OfALinearEquationAreItsResponse) {
    const Family family(field_of_equations("par w=1, A=2\nu'=-u+A*cos(w*t)\ndone"), "w",
                        {0.5, 5.0});
    const Branch branch =
        family.follow(family.start_from([](double t) { return Vector::Constant(1, std::cos(t)); },
                                        2.0 * pi, forced_by(family, "w")));
    EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
    EXPECT_TRUE(branch.special.empty());
    for (const BranchPoint& point : branch.points) {
        const double w = point.parameters[0];
        expect_near(point.period, 2.0 * pi / w);
        expect_near(point.maximum[0], 2.0 / std::sqrt(1.0 + w * w));
        ASSERT_EQ(point.spectrum.size(), 1);
        EXPECT_NEAR(point.spectrum[0].real(), -1.0, digits);
    }
}

/// The force as a function of time, and as an oscillator beside the cell.
TEST(ForcedCycles, AreThoseOfTheCellWithAnOscillator) {
    constexpr double beta = 10.0;
    Family direct(field_of_equations("par r=0, beta=10, a=0.5, b=0.5, d=1, eps=0.005\n"
                                     "v'=(v*(v-a)*(1-v)-w)/eps\n"
                                     "w'=v-d*w-(b+r*sin(beta*t))\ninit v=0.5\ndone"),
                  "r", {0.0, 2.0});
    Family autonomous("forced_fitzhugh_nagumo", "r", {0.0, 2.0});
    autonomous.set("beta", beta);
    const auto at_rest =
        find_equilibrium({direct.field, direct.parameters, Vector(Eigen::Vector2d(0.5, 0.0))});
    ASSERT_TRUE(succeeded(at_rest.status));
    const auto still = [&](double) { return at_rest.state; };
    const auto turning = [&](double t) {
        Vector x(4);
        x << at_rest.state, std::sin(beta * t), std::cos(beta * t);
        return x;
    };
    const double period = 2.0 * pi / beta;
    const Branch a = direct.follow(direct.start_from(still, period, forced_by(direct, "beta")), 1e9,
                                   {1.0}),
                 b = autonomous.follow(autonomous.start_from(turning, period), 1e9, {1.0});
    const auto at_a = of_type(a, PointType::user), at_b = of_type(b, PointType::user);
    ASSERT_EQ(at_a.size(), 1U) << a.message;
    ASSERT_EQ(at_b.size(), 1U) << b.message;
    for (int k = 0; k < 2; ++k) {
        EXPECT_NEAR(at_a[0].at.maximum[k], at_b[0].at.maximum[k], digits);
        EXPECT_NEAR(at_a[0].at.minimum[k], at_b[0].at.minimum[k], digits);
    }
    // What the oscillator adds falls with -2.
    ASSERT_EQ(at_a[0].at.spectrum.size(), 2);
    ASSERT_EQ(at_b[0].at.spectrum.size(), 3);
    EXPECT_NEAR((at_b[0].at.spectrum.array() + 2.0).abs().minCoeff(), 0.0, digits);
    EXPECT_NEAR((at_b[0].at.spectrum.array() - at_a[0].at.spectrum[0]).abs().minCoeff(), 0.0,
                digits);
    EXPECT_NEAR((at_b[0].at.spectrum.array() - at_a[0].at.spectrum[1]).abs().minCoeff(), 0.0,
                at_a[0].at.spectrum_errors[1] + at_b[0].at.spectrum_errors[2]);
}

/// u'' = a u' - (c + e cos t) u: the damping at which half the trace of Mathieu's equation is -1,
/// as a doubling of the rest that the force leaves.
TEST(ForcedCycles, DoubleTheirPeriodInMathieusTongue) {
    const Family family(field_of_equations("par c=0.1, e=0.2\n"
                                           "u'=v\nv'=-(c+e*cos(t))*u-0*v\ndone"),
                        "c", {0.05, 0.2});
    CycleOptions options;
    options.forcing = Forcing{2.0 * pi, std::nullopt, 1};
    const Branch branch = family.follow(
        family.start_from([](double) { return Vector(Vector::Zero(2)); }, 2.0 * pi, options));
    const auto doublings = of_type(branch, PointType::period_doubling);
    ASSERT_EQ(doublings.size(), 1U) << branch.message;
    EXPECT_NEAR(doublings[0].at.parameters[0], 0.145245151793029, 1e-8);  // b1(2 e) / 4
}

/// The orbit begins at t = 0 of the drive: u' = -u + cos t has (cos t + sin t) / 2.
TEST(ForcedCycles, AreFoundByASimulation) {
    const auto field = field_of_equations("u'=-u+cos(t)\ndone");
    const Vector p = default_values(field->parameters());
    const AttractingCycle found = find_driven_cycle({field, p, Vector::Constant(1, 3.0)}, 2.0 * pi);
    ASSERT_EQ(found.status, Status::converged) << found.message;
    const Vector& t = found.orbit.times;
    EXPECT_NEAR(t[t.size() - 1], 2.0 * pi, digits);
    const Vector exact = (t.array().cos() + t.array().sin()) / 2.0;
    EXPECT_NEAR((found.orbit.states.row(0).transpose() - exact).cwiseAbs().maxCoeff(), 0.0,
                AttractingCycleOptions{}.closeness);
}

/// A swing whose rest has doubled the period of what drives it.
TEST(ForcedCycles, MayTakeSeveralTurnsOfTheDrive) {
    const Family family(field_of_equations("par c=0.1, e=0.2, d=0.02\n"
                                           "u'=v\nv'=-(c+e*cos(t))*u-d*v-u^3\ndone"),
                        "c", {0.09, 0.12});
    CycleOptions options;
    options.forcing = Forcing{2.0 * pi, std::nullopt, 1};
    const AttractingCycle found = find_driven_cycle(
        {family.field, family.parameters, Vector(Eigen::Vector2d(0.0, 0.3))}, 2.0 * pi);
    ASSERT_EQ(found.status, Status::converged) << found.message;
    const Branch branch = family.follow(
        cycles_from_orbit(family.field, family.parameters, family.free, found.orbit, options));
    ASSERT_EQ(branch.status, Status::reached_end) << branch.message;
    for (const BranchPoint& point : branch.points) expect_near(point.period, 4.0 * pi);
}

TEST(ForcedCycles, NeedTheirPeriod) {
    const auto field = field_of_equations("u'=-u+cos(t)\ndone");
    const Vector p = default_values(field->parameters());
    EXPECT_THROW((void)cycle_curve(field, p, 0), UsageError);
    const auto still = field_of("brusselator");
    EXPECT_THROW(
        (void)cycle_curve(still, default_values(still->parameters()), 0, {.forcing = Forcing{}}),
        UsageError);
}

}  // namespace
