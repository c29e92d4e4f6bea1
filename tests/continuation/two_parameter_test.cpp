// Curves of folds, Hopf points and branch points in two parameters, on normal forms.

#include "support/branches.hpp"
#include <cortifold/continuation/two_parameter.hpp>
#include <cortifold/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace cortifold;
using cortifold::testing::make_series_field;
using cortifold::testing::types;
using cortifold::testing::vector;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

constexpr double roundoff = 1e-12;
constexpr double on_curve = 1e-9;
constexpr std::array<std::size_t, 2> both{0, 1};

using Fields = std::shared_ptr<const VectorField>;
const ContinuationOptions unit_box{.bounds = {{-1.0, 1.0}, {-1.0, 1.0}}};

std::vector<Branch> curves(const Fields& field, const Bifurcation& at,
                           const ContinuationOptions& options = unit_box) {
    std::vector<Branch> found;
    for (const CurveStart& start : curves_through(field, at, both)) {
        ContinuationOptions its_options = options;
        its_options.direction = start.way;
        found.push_back(continue_branch(start.problem, start.point, its_options));
    }
    return found;
}

/// x' = p1 + p2 x - x^3
Fields cusp() {
    return make_series_field<1, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] + p[1] * x[0] - x[0] * x[0] * x[0]};
    });
}

/// Bogdanov & Takens: folds at p1 = 0, Hopf points at p1 = -p2^2, p2 > 0, x = -p2; with p2 < 0
/// neutral saddles.
Fields bogdanov_takens() {
    return make_series_field<2, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{x[1], p[0] + p[1] * x[1] + x[0] * x[0] + x[0] * x[1]};
    });
}

/// Bautin: l1 is proportional to p2, and Hopf points are at p1 = 0.
Fields bautin() {
    return make_series_field<2, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T r = x[0] * x[0] + x[1] * x[1];
        const T growth = p[0] + p[1] * r - r * r;
        return std::array<T, 2>{growth * x[0] - 2.0 * x[1], 2.0 * x[0] + growth * x[1]};
    });
}

/// A fold in x, at p1 = 0, beside a pair that crosses at p2 = x.
Fields fold_hopf() {
    return make_series_field<3, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T r = x[1] * x[1] + x[2] * x[2], mu = p[1] + x[0];
        return std::array<T, 3>{p[0] - x[0] * x[0] - r, mu * x[1] - 3.0 * x[2],
                                3.0 * x[1] + mu * x[2]};
    });
}

/// Two pairs, one crosses at p1 = 0, the other at p2 = 0.
Fields hopf_hopf() {
    return make_series_field<4, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T r = x[0] * x[0] + x[1] * x[1], s = x[2] * x[2] + x[3] * x[3];
        const T a = p[0] - r - 2.0 * s, b = p[1] - 3.0 * r - s;
        return std::array<T, 4>{a * x[0] - x[1], x[0] + a * x[1], b * x[2] - 2.5 * x[3],
                                2.5 * x[2] + b * x[3]};
    });
}

TEST(HopfCurve, PassesAFoldHopfPoint) {
    const double x = 0.5;
    const auto found =
        curves(fold_hopf(), {PointType::hopf, vector({x, 0.0, 0.0}), vector({x * x, -x}), 3.0});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::reached_end) << found[0].message;
    for (const BranchPoint& point : found[0].points)
        EXPECT_NEAR(point.parameters[0], point.parameters[1] * point.parameters[1], on_curve);
    ASSERT_THAT(types(found[0]), ElementsAre(PointType::fold_hopf));
    EXPECT_NEAR(found[0].special[0].at.parameters[1], 0.0, roundoff);
}

TEST(CurvesThrough, ABogdanovTakensPointAreAFoldAndAHopfCurve) {
    const auto found = curves(bogdanov_takens(),
                              {PointType::bogdanov_takens, vector({0.0, 0.0}), vector({0.0, 0.0})});
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].kind, CurveKind::fold);
    EXPECT_EQ(found[0].status, Status::reached_end) << found[0].message;
    EXPECT_EQ(found[1].kind, CurveKind::hopf);
    EXPECT_EQ(found[1].status, Status::reached_end) << found[1].message;
    EXPECT_GT(found[1].points.back().parameters[1], 0.9);
    for (const BranchPoint& point : found[1].points) EXPECT_GE(point.parameters[1], -roundoff);
}

}  // namespace

TEST(FoldCurve, OfTheCuspIsTheSemicubicalParabola) {
    const double x = 0.5, p2 = 3.0 * x * x;
    const auto found =
        curves(cusp(), {PointType::fold, vector({x}), vector({-2.0 * x * x * x, p2})});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::reached_end);
    EXPECT_EQ(found[0].kind, CurveKind::fold);
    for (const BranchPoint& point : found[0].points) {
        EXPECT_NEAR(point.parameters[1], 3.0 * point.z[0] * point.z[0], on_curve);
        EXPECT_NEAR(point.parameters[0], -2.0 * std::pow(point.z[0], 3), on_curve);
    }
    EXPECT_EQ(found[0].points.front().parameters[1], 1.0);
    EXPECT_EQ(found[0].points.back().parameters[1], 1.0);
    ASSERT_THAT(types(found[0]), ElementsAre(PointType::cusp));
    const SpecialPoint& point = found[0].special[0];
    EXPECT_NEAR(point.at.parameters[0], 0.0, roundoff);
    EXPECT_NEAR(point.at.parameters[1], 0.0, roundoff);
    EXPECT_NEAR(point.normal_form.at("c"), -1.0, on_curve);
    EXPECT_EQ(point.scenario, "stable");
}

TEST(FoldCurve, OfTheBogdanovTakensNormalFormPassesThePoint) {
    const auto found =
        curves(bogdanov_takens(), {PointType::fold, vector({0.0, 0.0}), vector({0.0, 0.5})});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::reached_end) << found[0].message;
    for (const BranchPoint& point : found[0].points)
        EXPECT_NEAR(point.parameters[0], 0.0, on_curve);
    EXPECT_THAT(types(found[0]), ElementsAre(PointType::bogdanov_takens));
}

// A fold that the second parameter does not move: p1 stays where it is.
TEST(FoldCurve, GoesAlongAParameterThatDoesNotMatter) {
    const auto field = make_series_field<1, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] - x[0] * x[0]};
    });
    const auto found = curves(field, {PointType::fold, vector({0.0}), vector({0.0, 0.5})});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::reached_end) << found[0].message;
    EXPECT_NEAR(
        std::abs(found[0].points.front().parameters[1] - found[0].points.back().parameters[1]), 2.0,
        roundoff);
}

TEST(HopfCurve, OfTheBogdanovTakensNormalFormEndsAtThePoint) {
    const double p2 = 0.5;
    const auto found = curves(bogdanov_takens(), {PointType::hopf, vector({-p2, 0.0}),
                                                  vector({-p2 * p2, p2}), std::sqrt(2.0 * p2)});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::ended_at_bogdanov_takens) << found[0].message;
    for (const BranchPoint& point : found[0].points) {
        EXPECT_NEAR(point.parameters[0], -point.parameters[1] * point.parameters[1], on_curve);
        EXPECT_GE(point.parameters[1], -roundoff);
    }
    ASSERT_THAT(types(found[0]), ElementsAre(PointType::bogdanov_takens));
    const SpecialPoint& point = found[0].special[0];
    EXPECT_NEAR(point.at.parameters[0], 0.0, roundoff);
    EXPECT_NEAR(point.at.parameters[1], 0.0, roundoff);
    EXPECT_NEAR(point.normal_form.at("a"), 1.0, on_curve);
    EXPECT_NEAR(point.normal_form.at("b"), 1.0, on_curve);
}

TEST(HopfCurve, PassesAGeneralizedHopfPointWhereItsCoefficientIsZero) {
    const auto found =
        curves(bautin(), {PointType::hopf, vector({0.0, 0.0}), vector({0.0, 0.5}), 2.0});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::reached_end) << found[0].message;
    ASSERT_THAT(types(found[0]), ElementsAre(PointType::generalized_hopf));
    EXPECT_NEAR(found[0].special[0].at.parameters[0], 0.0, roundoff);
    EXPECT_NEAR(found[0].special[0].at.parameters[1], 0.0, roundoff);
}

TEST(HopfCurve, PassesAHopfHopfPoint) {
    const auto found =
        curves(hopf_hopf(), {PointType::hopf, Vector::Zero(4), vector({0.0, 0.5}), 1.0});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::reached_end) << found[0].message;
    ASSERT_THAT(types(found[0]), ElementsAre(PointType::hopf_hopf));
    EXPECT_NEAR(found[0].special[0].at.parameters[1], 0.0, roundoff);
    EXPECT_NEAR(found[0].special[0].second_frequency / found[0].special[0].frequency, 2.5,
                on_curve);
}

TEST(CurvesThrough, AFoldHopfPointAreAFoldAndAHopfCurve) {
    const auto found =
        curves(fold_hopf(), {PointType::fold_hopf, Vector::Zero(3), vector({0.0, 0.0}), 3.0});
    ASSERT_THAT(found, SizeIs(2));
    for (const BranchPoint& point : found[0].points)
        EXPECT_NEAR(point.parameters[0], 0.0, on_curve);
    for (const BranchPoint& point : found[1].points)
        EXPECT_NEAR(point.parameters[0], point.parameters[1] * point.parameters[1], on_curve);
    for (const Branch& curve : found) {
        EXPECT_EQ(curve.status, Status::reached_end) << curve.message;
        EXPECT_THAT(types(curve), ElementsAre(PointType::fold_hopf));
    }
}

TEST(CurvesThrough, AHopfHopfPointAreTwoHopfCurves) {
    const auto found =
        curves(hopf_hopf(), {PointType::hopf_hopf, Vector::Zero(4), vector({0.0, 0.0}), 1.0, 2.5});
    ASSERT_THAT(found, SizeIs(2));
    for (const std::size_t k : {0U, 1U}) {
        for (const BranchPoint& point : found[k].points)
            EXPECT_NEAR(point.parameters[k], 0.0, on_curve);
        EXPECT_EQ(found[k].status, Status::reached_end) << found[k].message;
        EXPECT_THAT(types(found[k]), ElementsAre(PointType::hopf_hopf));
    }
}

TEST(CurvesThrough, WhatIsNoBifurcationAreNone) {
    for (const PointType type : {PointType::user, PointType::unresolved, PointType::neutral_saddle})
        EXPECT_THAT(curves_through(cusp(), {type, vector({0.0}), vector({0.0, 0.0})}, both),
                    IsEmpty());
}

// x' = (p1 + p2) x - x^3: symmetry keeps the pitchfork, wherever the second parameter goes.
TEST(BranchPointCurve, OfASymmetricSystemGoesFromBoundToBound) {
    const auto field = make_series_field<1, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{(p[0] + p[1]) * x[0] - x[0] * x[0] * x[0]};
    });
    const auto found = curves(field, {PointType::branch_point, vector({0.0}), vector({-0.3, 0.3})});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::reached_end) << found[0].message;
    for (const BranchPoint& point : found[0].points)
        EXPECT_NEAR(point.parameters[0] + point.parameters[1], 0.0, on_curve);
    EXPECT_EQ(std::abs(found[0].points.front().parameters[0]), 1.0);
    EXPECT_EQ(std::abs(found[0].points.back().parameters[0]), 1.0);
}

// x' = p2 + p1 x - x^3: an imperfection unfolds the pitchfork, and there is no curve of them.
TEST(BranchPointCurve, EndsWhereAnImperfectionUnfoldsIt) {
    const auto field = make_series_field<1, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[1] + p[0] * x[0] - x[0] * x[0] * x[0]};
    });
    const auto found = curves(field, {PointType::branch_point, vector({0.0}), vector({0.0, 0.0})});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].status, Status::no_theory) << found[0].message;
    for (const BranchPoint& point : found[0].points) EXPECT_NEAR(point.parameters[1], 0.0, 1e-6);
}

TEST(CurvesThrough, RefusesWhatDoesNotFitTheField) {
    const auto field = make_series_field<1, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] + p[1] * x[0] - x[0] * x[0]};
    });
    const Bifurcation fold{PointType::fold, vector({0.0}), vector({0.0, 0.0})};
    const Bifurcation of_three{PointType::fold, vector({0.0, 0.0, 0.0}), vector({0.0, 0.0})};
    const Bifurcation of_one{PointType::fold, vector({0.0}), vector({0.0})};
    EXPECT_THROW((void)curves_through(field, fold, {0, 0}), UsageError);
    EXPECT_THROW((void)curves_through(field, of_three, {0, 1}), UsageError);
    EXPECT_THROW((void)curves_through(field, of_one, {0, 1}), UsageError);
}
