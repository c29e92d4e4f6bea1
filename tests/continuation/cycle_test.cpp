// Families of cycles, with default options where nothing else is said.

#include "cycle_family.hpp"
#include <cortifold/continuation/attracting_cycle.hpp>
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

/// x = cos t, y = sin t for a = omega = 1, gone round three times.
TEST(Cycles, AreTakenOnceWhereAnOrbitGoesRoundSeveralTimes) {
    Family family("stuart_landau", "a", {-1.0, 2.0});
    family.set("a", 1.0);
    const Vector times = Vector::LinSpaced(181, 0.0, 3.0 * 2.0 * pi);
    Orbit orbit{times, Matrix(2, times.size())};
    orbit.states << 1.01 * times.array().cos().transpose(), times.array().sin().transpose();
    const CycleResult found = correct_cycle(family.field, family.parameters, orbit);
    ASSERT_EQ(found.status, Status::converged) << found.message;
    expect_near(found.cycle.period, 2.0 * pi);
    EXPECT_NEAR(found.cycle.spectrum[0].real(), -2.0, digits);
    const CycleResult lost = correct_cycle(family.field, family.parameters,
                                           {times, Matrix::Constant(2, times.size(), 0.3)});
    EXPECT_FALSE(succeeded(lost.status));
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
