// The cubic between two points and the polynomials that predict: their orders, seen by halving
// steps.

#include "segment.hpp"

#include "support/branches.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace cortifold;
using cortifold::testing::vector;

namespace {

/// A point of the unit circle, with its tangent.
BranchPoint on_circle(double angle) {
    return {.z = vector({std::sin(angle), std::cos(angle)}),
            .tangent = vector({std::cos(angle), -std::sin(angle)})};
}

/// How far off the circle the prediction from so many of its points is, a step ahead.
double error_of_prediction(std::size_t count, double step) {
    std::vector<BranchPoint> points;
    for (std::size_t k = 0; k < count; ++k)
        points.push_back(on_circle(0.3 - step * static_cast<double>(count - 1 - k)));
    return std::abs(extrapolate(points, points.back().tangent, std::sin(step)).norm() - 1.0);
}

/// How far off the circle the middle of a cubic between two points of it is.
double departure(double step) {
    const BranchPoint a = on_circle(0.3), b = on_circle(0.3 + step);
    const HermiteCurve cubic{a, b, (b.z - a.z).norm()};
    return std::abs(cubic.position(0.5).norm() - 1.0);
}

}  // namespace

TEST(HermiteCurve, PassesThroughBothPointsAlongTheirTangents) {
    const BranchPoint a = on_circle(0.3), b = on_circle(0.5);
    const HermiteCurve cubic{a, b, (b.z - a.z).norm()};
    EXPECT_EQ(cubic.position(0.0), a.z);
    EXPECT_EQ(cubic.position(1.0), b.z);
    EXPECT_EQ(cubic.direction(0.0), a.tangent);
    EXPECT_EQ(cubic.direction(1.0), b.tangent);
}

TEST(HermiteCurve, HasFourthOrder) {
    for (const double step : {0.2, 0.1, 0.05})
        EXPECT_NEAR(std::log2(departure(step) / departure(step / 2.0)), 4.0, 0.1);
}

// p = x^2 between mirror images, where the tangents have one length as derivatives, too.
TEST(HermiteCurve, IsExactOnAParabola) {
    const auto point = [](double t) {
        const double speed = std::hypot(1.0, 2.0 * t);
        return BranchPoint{.z = vector({t, t * t}), .tangent = vector({1.0, 2.0 * t}) / speed};
    };
    const BranchPoint a = point(-0.1), b = point(0.1);
    const HermiteCurve cubic{a, b, 0.2 * std::hypot(1.0, 0.2)};
    for (const double theta : {0.25, 0.5, 1.5}) {
        const Vector z = cubic.position(theta);
        EXPECT_NEAR(z[1], z[0] * z[0], 1e-15);
    }
}

TEST(Extrapolate, HasTheOrderOfTwiceItsPoints) {
    for (const std::size_t count : {1U, 2U, 3U})
        for (const double step : {0.1, 0.05})
            EXPECT_NEAR(std::log2(error_of_prediction(count, step) /
                                  error_of_prediction(count, step / 2.0)),
                        2.0 * static_cast<double>(count), 0.2);
}

TEST(Extrapolate, IsExactOnAQuinticOfWhatTheCorrectorHolds) {
    const auto point = [](double t) {
        const double speed = std::hypot(1.0, 5.0 * std::pow(t, 4));
        return BranchPoint{.z = vector({t, std::pow(t, 5)}),
                           .tangent = vector({1.0, 5.0 * std::pow(t, 4)}) / speed};
    };
    const std::vector<BranchPoint> points{point(-0.7), point(-0.4), point(-0.2)};
    const Vector z = extrapolate(points, vector({1.0, 0.0}), 0.5);
    EXPECT_NEAR(z[0], 0.3, 1e-14);
    EXPECT_NEAR(z[1], std::pow(0.3, 5), 1e-14);
}
