// How a branch is followed: starts, bounds, ends, correctors, and what makes a run stop.

#include "support/branches.hpp"
#include <cortifold/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

using namespace cortifold;
using cortifold::testing::follow;
using cortifold::testing::make_field;
using cortifold::testing::make_series_field;
using cortifold::testing::places;
using cortifold::testing::types;
using cortifold::testing::vector;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

constexpr double roundoff = 1e-12;

/// p = x^2: a fold at the origin.
auto parabola() {
    return make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] - x[0] * x[0]};
    });
}

/// x^2 + p^2 = r^2.
auto circle(double radius) {
    return make_series_field<1, 1>([radius](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{radius * radius - x[0] * x[0] - p[0] * p[0]};
    });
}

/// x = p: nothing happens.
auto line() {
    return make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] - x[0]};
    });
}

/// FitzHugh 1961 with eps = 0.08, a = 0.7 and b = 0.8: two Hopf points, and one state at each
/// current.
auto fitzhugh() {
    return make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{x[0] - x[0] * x[0] * x[0] / 3.0 - x[1] + p[0],
                                0.08 * (x[0] + 0.7 - 0.8 * x[1])};
    });
}

Branch followed_fitzhugh(ContinuationOptions options = {}) {
    options.bounds = {{0.0, 2.0}};
    return follow(fitzhugh(), vector({-1.2, -0.6}), vector({0.0}), options);
}

void expect_same_places(const Branch& a, const Branch& b) {
    ASSERT_EQ(types(a), types(b));
    for (std::size_t k = 0; k < a.special.size(); ++k)
        EXPECT_NEAR(a.special[k].at.parameters[0], b.special[k].at.parameters[0], roundoff);
}

TEST(ContinueBranch, CanStartAtAFold) {
    const Branch branch =
        follow(parabola(), vector({0.0}), vector({0.0}), {.bounds = {{-1.0, 4.0}}});
    EXPECT_EQ(branch.status, Status::reached_end);
    EXPECT_EQ(branch.points.front().parameters[0], 4.0);
    EXPECT_EQ(branch.points.back().parameters[0], 4.0);
    EXPECT_THAT(types(branch), ElementsAre(PointType::fold));
}

}  // namespace

TEST(ContinueBranch, PassesTheFoldOfAParabolaAndFindsItExactly) {
    const Branch branch =
        follow(parabola(), vector({1.0}), vector({1.0}), {.bounds = {{-1.0, 4.0}}});
    EXPECT_EQ(branch.status, Status::reached_end);
    ASSERT_THAT(types(branch), ElementsAre(PointType::fold));
    EXPECT_NEAR(branch.special[0].at.parameters[0], 0.0, roundoff);
    EXPECT_NEAR(branch.special[0].at.z[0], 0.0, roundoff);
    EXPECT_NEAR(branch.special[0].normal_form.at("a"), -1.0, roundoff);
    for (const BranchPoint& point : branch.points)
        EXPECT_NEAR(point.parameters[0], point.z[0] * point.z[0], roundoff);
}

TEST(ContinueBranch, EndsExactlyOnTheBounds) {
    const Branch branch = follow(line(), vector({0.3}), vector({0.3}), {.bounds = {{-0.1, 0.7}}});
    EXPECT_EQ(branch.status, Status::reached_end);
    EXPECT_EQ(branch.points.front().parameters[0], -0.1);
    EXPECT_EQ(branch.points.back().parameters[0], 0.7);
    EXPECT_NEAR(branch.points.back().z[0], 0.7, roundoff);
}

TEST(ContinueBranch, EndsOnABoundThatIsABranchPoint) {
    const auto pitchfork = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] * x[0] - x[0] * x[0] * x[0]};
    });
    for (const auto& [low, high, start] :
         {std::array{0.0, 1.0, 0.3714}, std::array{-1.0, 0.0, -0.3714}}) {
        const Branch branch =
            follow(pitchfork, vector({0.0}), vector({start}), {.bounds = {{low, high}}});
        EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
        ASSERT_EQ(branch.special.size(), 1U);
        EXPECT_EQ(branch.special[0].type, PointType::branch_point);
        EXPECT_NEAR(branch.special[0].at.parameters[0], 0.0, 1e-14);
        EXPECT_EQ(branch.points.front().parameters[0] * branch.points.back().parameters[0], 0.0);
    }
}

TEST(ContinueBranch, CanStartOnABound) {
    const Branch branch = follow(line(), vector({-0.1}), vector({-0.1}), {.bounds = {{-0.1, 0.7}}});
    EXPECT_EQ(branch.status, Status::reached_end);
    EXPECT_EQ(branch.points.front().parameters[0], -0.1);
    EXPECT_EQ(branch.points.back().parameters[0], 0.7);
}

TEST(ContinueBranch, CorrectsAStartThatIsOnlyNear) {
    const Branch branch =
        follow(parabola(), vector({1.2}), vector({1.0}), {.bounds = {{-1.0, 4.0}}});
    EXPECT_EQ(branch.status, Status::reached_end);
    for (const BranchPoint& point : branch.points)
        EXPECT_NEAR(point.parameters[0], point.z[0] * point.z[0], roundoff);
}

TEST(ContinueBranch, SaysWhereThereIsNoCurveNearTheStart) {
    const auto empty = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{1.0 + x[0] * x[0] + p[0] * p[0]}; });
    const Branch branch = follow(empty, vector({0.5}), vector({0.3}), {.bounds = {{-1.0, 1.0}}});
    EXPECT_FALSE(succeeded(branch.status));
    EXPECT_THAT(branch.message, HasSubstr("start"));
    EXPECT_THAT(branch.points, IsEmpty());
}

TEST(ContinueBranch, SaysWhereTheStartIsOutsideTheBounds) {
    const Branch branch = follow(line(), vector({2.0}), vector({2.0}), {.bounds = {{-1.0, 1.0}}});
    EXPECT_EQ(branch.status, Status::left_domain);
    EXPECT_THAT(branch.message, HasSubstr("outside the bounds"));
}

TEST(ContinueBranch, SaysWhereTheStartIsABranchPoint) {
    const auto pitchfork = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] * x[0] - x[0] * x[0] * x[0]}; });
    const Branch branch =
        follow(pitchfork, vector({0.0}), vector({0.0}), {.bounds = {{-1.0, 1.0}}});
    EXPECT_FALSE(succeeded(branch.status));
    EXPECT_THAT(branch.message, HasSubstr("start"));
}

// x1 + x2 never changes, and so every equilibrium lies on a line of them.
TEST(ContinueBranch, SaysWhatIsConserved) {
    const auto exchange = make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T flow = p[0] * x[1] - x[0] * x[1] * x[1];
        return std::array<T, 2>{flow, -flow};
    });
    const Branch branch =
        follow(exchange, vector({0.5, 1.0}), vector({0.5}), {.bounds = {{0.0, 2.0}}});
    EXPECT_EQ(branch.status, Status::singular_jacobian);
    EXPECT_THAT(branch.message, HasSubstr("conserved"));
    EXPECT_THAT(branch.message, HasSubstr(": x1 + x2;"));
}

TEST(ContinueBranch, KeepsWhatItHasWhereTheFieldIsNotANumber) {
    const auto field = make_field<1, 1>([](const auto& x, const auto& p) {
        using std::sqrt;
        return std::array{p[0] - x[0] + 0.0 * sqrt(1.0 - p[0])};
    });
    const Branch branch = follow(field, vector({0.0}), vector({0.0}), {.bounds = {{0.0, 2.0}}});
    EXPECT_EQ(branch.status, Status::non_finite);
    ASSERT_GT(branch.points.size(), 5U);
    EXPECT_NEAR(branch.points.back().parameters[0], 1.0, 1e-6);
    for (const BranchPoint& point : branch.points) EXPECT_TRUE(point.z.allFinite());
}

// x = 1 / (1 - p)
TEST(ContinueBranch, LeavesTheDomainWhereAStateGrowsBeyondAllBounds) {
    const auto field = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{1.0 - x[0] * (1.0 - p[0])}; });
    const Branch branch = follow(field, vector({1.0}), vector({0.0}), {.bounds = {{0.0, 2.0}}});
    EXPECT_EQ(branch.status, Status::left_domain);
    EXPECT_THAT(branch.message, HasSubstr("state"));
    EXPECT_NEAR(branch.points.back().parameters[0], 1.0, 1e-6);
}

TEST(ContinueBranch, StopsAtTheLimitOfPoints) {
    const Branch branch =
        follow(line(), vector({0.0}), vector({0.0}),
               {.bounds = {{-1.0, 1.0}}, .max_points = 7, .direction = Direction::increasing});
    EXPECT_EQ(branch.status, Status::point_limit);
    EXPECT_EQ(branch.points.size(), 8U);  // the start is not counted
}

TEST(ContinueBranch, GoesOneWayIfAsked) {
    const auto end = [](Direction direction) {
        const Branch branch = follow(line(), vector({0.2}), vector({0.2}),
                                     {.bounds = {{-1.0, 1.0}}, .direction = direction});
        EXPECT_NEAR(branch.points.front().parameters[0], 0.2, roundoff);
        return branch.points.back().parameters[0];
    };
    EXPECT_EQ(end(Direction::increasing), 1.0);
    EXPECT_EQ(end(Direction::decreasing), -1.0);
}

TEST(ContinueBranch, RecognisesAClosedBranchWhereverItStarts) {
    for (const double angle : {0.0, 0.3, 1.4, 1.57, 2.5, 4.6, 4.75}) {
        SCOPED_TRACE(angle);
        const Branch branch = follow(circle(1.0), vector({std::sin(angle)}),
                                     vector({std::cos(angle)}), {.bounds = {{-2.0, 2.0}}});
        EXPECT_EQ(branch.status, Status::closed_branch);
        auto found = places(branch);
        std::ranges::sort(found);
        EXPECT_THAT(found, ElementsAre(DoubleNear(-1.0, roundoff), DoubleNear(1.0, roundoff)));
        EXPECT_THAT(types(branch), ElementsAre(PointType::fold, PointType::fold));
    }
}

TEST(ContinueBranch, GoesRoundAClosedBranchOnce) {
    const Branch branch =
        follow(circle(1.0), vector({1.0}), vector({0.0}), {.bounds = {{-2.0, 2.0}}});
    double length = 0.0;
    for (std::size_t k = 0; k + 1 < branch.points.size(); ++k)
        length += (branch.points[k + 1].z - branch.points[k].z).norm();
    EXPECT_GT(length, 0.99 * 2.0 * std::numbers::pi);
    EXPECT_LT(length, 1.03 * 2.0 * std::numbers::pi);  // the last step may overlap the first
}

TEST(ContinueBranch, FollowsAnIsolaThatIsSmallAgainstTheBounds) {
    const Branch branch =
        follow(circle(0.01), vector({0.01}), vector({0.0}), {.bounds = {{-5.0, 5.0}}});
    EXPECT_EQ(branch.status, Status::closed_branch);
    auto found = places(branch);
    std::ranges::sort(found);
    EXPECT_THAT(found, ElementsAre(DoubleNear(-0.01, roundoff), DoubleNear(0.01, roundoff)));
}

// Two parabolas whose folds lie 1e-3 apart.
TEST(ContinueBranch, DoesNotJumpToABranchNearby) {
    constexpr double gap = 1e-3;
    const auto field = make_series_field<1, 1>([gap](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{(p[0] - x[0] * x[0]) * (p[0] - gap - x[0] * x[0])};
    });
    for (const double shift : {0.0, gap}) {
        const Branch branch = follow(field, vector({-std::sqrt(1.0 - shift)}), vector({1.0}),
                                     {.bounds = {{-1.0, 4.0}}});
        EXPECT_EQ(branch.status, Status::reached_end);
        for (const BranchPoint& point : branch.points)
            EXPECT_NEAR(point.parameters[0] - point.z[0] * point.z[0], shift, 1e-9);
        EXPECT_THAT(places(branch), ElementsAre(DoubleNear(shift, roundoff)));
    }
}

TEST(ContinueBranch, FindsTheSameWithEveryCorrectorAndPredictor) {
    const Branch expected = followed_fitzhugh();
    ASSERT_THAT(types(expected), ElementsAre(PointType::hopf, PointType::hopf));
    for (const auto kind : {CorrectorKind::moore_penrose, CorrectorKind::natural})
        for (const auto predictor : {Predictor::tangent, Predictor::hermite}) {
            SCOPED_TRACE(std::string(to_string(kind)) + ", " + std::string(to_string(predictor)));
            expect_same_places(expected, followed_fitzhugh({.step = {.predictor = predictor},
                                                            .corrector = {.kind = kind}}));
        }
}

TEST(ContinueBranch, NaturalContinuationEndsAtAFold) {
    const Branch branch = follow(parabola(), vector({1.0}), vector({1.0}),
                                 {.bounds = {{-1.0, 1.5}},
                                  .direction = Direction::decreasing,
                                  .corrector = {.kind = CorrectorKind::natural}});
    EXPECT_FALSE(succeeded(branch.status));
    EXPECT_NEAR(branch.points.back().parameters[0], 0.0, 1e-3);
    EXPECT_FALSE(branch.message.empty());
}

TEST(ContinueBranch, IsTheIteratorDrivenToItsEnd) {
    const ContinuationOptions options{.bounds = {{0.0, 2.0}}, .direction = Direction::increasing};
    const auto problem = equilibrium_curve(fitzhugh(), vector({0.0}), 0);
    const BranchPoint start = equilibrium_start(vector({-1.2, -0.6}), 0.0);
    const Branch whole = continue_branch(problem, start, options);
    Continuation run(equilibrium_curve(fitzhugh(), vector({0.0}), 0), start, options);
    std::size_t points = 1;
    while (run.advance()) EXPECT_EQ(run.branch().points.size(), ++points);
    ASSERT_EQ(whole.points.size(), points);
    for (std::size_t k = 0; k < points; ++k) EXPECT_EQ(whole.points[k].z, run.branch().points[k].z);
    EXPECT_EQ(places(whole), places(run.branch()));
    EXPECT_FALSE(run.advance());
}

TEST(ContinueBranch, CanBeResumedFromAnyPoint) {
    const Branch whole = followed_fitzhugh();
    for (std::size_t k = 0; k < whole.points.size(); k += 5) {
        SCOPED_TRACE(k);
        const Branch rest =
            continue_branch(equilibrium_curve(fitzhugh(), vector({0.0}), 0), whole.points[k],
                            {.bounds = {{0.0, 2.0}}, .direction = Direction::along});
        EXPECT_EQ(rest.points.back().parameters[0], 2.0);
        const auto remaining = std::ranges::count_if(
            whole.special, [&](const SpecialPoint& point) { return point.after >= k; });
        ASSERT_EQ(rest.special.size(), static_cast<std::size_t>(remaining));
        for (std::size_t j = 0; j < rest.special.size(); ++j)
            EXPECT_NEAR(rest.special[rest.special.size() - 1 - j].at.parameters[0],
                        whole.special[whole.special.size() - 1 - j].at.parameters[0], roundoff);
    }
}

TEST(ContinueBranch, StopsForItsObserver) {
    int seen = 0;
    const Branch branch =
        followed_fitzhugh({.direction = Direction::increasing, .observer = [&](const BranchPoint&) {
                               return ++seen == 4 ? Flow::stop : Flow::proceed;
                           }});
    EXPECT_EQ(branch.status, Status::stopped_by_observer);
    EXPECT_EQ(branch.points.size(), 4U);
}

TEST(ContinueBranch, StopsAfterSoManySpecialPoints) {
    const Branch branch = followed_fitzhugh({.stop_after = 1, .direction = Direction::increasing});
    EXPECT_EQ(branch.status, Status::reached_end);
    EXPECT_THAT(branch.message, HasSubstr("1 special"));
    EXPECT_EQ(branch.special.size(), 1U);
}

TEST(ContinueBranch, GrowsItsArclengthAndKeepsSpecialPointsInOrder) {
    const Branch branch = followed_fitzhugh();
    for (std::size_t k = 0; k + 1 < branch.points.size(); ++k)
        EXPECT_LT(branch.points[k].arclength, branch.points[k + 1].arclength);
    for (const SpecialPoint& special : branch.special) {
        EXPECT_GE(special.at.arclength, branch.points[special.after].arclength);
        EXPECT_LE(special.at.arclength, branch.points[special.after + 1].arclength);
    }
}

TEST(ContinueBranch, CountsUnstableEigenvalues) {
    const Branch branch = followed_fitzhugh();
    for (const BranchPoint& point : branch.points)
        EXPECT_EQ(point.n_unstable, (point.spectrum.real().array() > 0.0).count());
    EXPECT_EQ(branch.points.front().n_unstable, 0);
    EXPECT_EQ(branch.points.back().n_unstable, 0);
}

// How a run's message names an option that makes no sense.
TEST(ContinuationOptions, AreRefusedByName) {
    const auto message = [](const ContinuationOptions& options) -> std::string {
        try {
            options.validate();
        } catch (const UsageError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(message({}), "");
    EXPECT_THAT(message({.bounds = {{1.0, 0.0}}}), HasSubstr("bounds = [1, 0]"));
    EXPECT_THAT(message({.bounds = {{std::nan(""), 0.0}}}), HasSubstr("bounds"));
    EXPECT_THAT(message({.state_limit = -1.0}), HasSubstr("state_limit = -1"));
    EXPECT_THAT(message({.max_points = 0}), HasSubstr("max_points = 0"));
    EXPECT_THAT(message({.stop_after = 0}), HasSubstr("stop_after = 0"));
    EXPECT_THAT(message({.step = {.initial = 0.0}}), HasSubstr("step.initial = 0"));
    EXPECT_THAT(message({.step = {.smallest = 0.0}}), HasSubstr("step.smallest = 0"));
    EXPECT_THAT(message({.step = {.largest = 1e-9}}), HasSubstr("step.largest = 1e-09"));
    EXPECT_THAT(message({.step = {.largest_angle = 2.0}}), HasSubstr("largest_angle = 2"));
    EXPECT_THAT(message({.corrector = {.step_tolerance = 0.0}}), HasSubstr("step_tolerance = 0"));
    EXPECT_THAT(message({.corrector = {.residual_tolerance = std::nan("")}}),
                HasSubstr("residual_tolerance"));
    EXPECT_THAT(message({.corrector = {.max_iterations = 1}}), HasSubstr("max_iterations = 1"));
}

TEST(ContinueBranch, RefusesAStartOfTheWrongSize) {
    const auto problem = equilibrium_curve(line(), vector({0.0}), 0);
    EXPECT_THROW((void)continue_branch(problem, {.z = vector({0.0})}), UsageError);
    EXPECT_THROW((void)continue_branch(problem, equilibrium_start(vector({0.0}), 0.0),
                                       {.direction = Direction::along}),
                 UsageError);
    EXPECT_THROW((void)continue_branch(nullptr, equilibrium_start(vector({0.0}), 0.0)), UsageError);
    EXPECT_THROW(
        (void)continue_branch(problem, equilibrium_start(vector({0.0}), 0.0), {.tests = {nullptr}}),
        UsageError);
}
