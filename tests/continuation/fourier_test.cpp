#include "support/formula_field.hpp"
#include <cortifold/continuation/cycle.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

using std::numbers::pi;

class VanDerPol : public ::testing::TestWithParam<CycleMethod> {};

/// T(1) is known to 30 digits, the exponent is the mean of the divergence 1 - x^2.
TEST_P(VanDerPol, HasTheKnownCycle) {
    const auto field = testing::make_field<2, 1>([](const auto& x, const auto& p) {
        return std::array{x[1], p[0] * (1.0 - x[0] * x[0]) * x[1] - x[0]};
    });
    const Vector one = Vector::Ones(1);
    Orbit orbit{Vector::LinSpaced(101, 0.0, 6.7), Matrix(2, 101)};
    orbit.states << 2.0 * (2.0 * pi / 6.7 * orbit.times.transpose().array()).cos(),
        -2.0 * (2.0 * pi / 6.7 * orbit.times.transpose().array()).sin();
    const CurveStart start = cycles_from_orbit(field, one, 0, orbit, {.method = GetParam()});
    const Continuation run(start.problem, start.point, {});
    ASSERT_FALSE(run.branch().points.empty()) << run.branch().message;
    const BranchPoint& point = run.branch().points.front();
    EXPECT_NEAR(point.period, 6.663286859323130, 1e-9);
    EXPECT_NEAR(point.spectrum[0].real(), -1.0593769942, 1e-9);
    EXPECT_NEAR(point.maximum[0], 2.00862, 0.01);
}

INSTANTIATE_TEST_SUITE_P(All, VanDerPol,
                         ::testing::Values(CycleMethod::shooting, CycleMethod::newton_picard,
                                           CycleMethod::fourier),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace cortifold
