// Branch points, met from any of the branches that pass, and the way onto the others.

#include "support/branches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

using namespace cortifold;
using cortifold::testing::follow;
using cortifold::testing::make_series_field;
using cortifold::testing::places;
using cortifold::testing::types;
using cortifold::testing::vector;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

constexpr double roundoff = 1e-12;
constexpr double near_root = 1e-9;  ///< on branches that a step of roundoff^(1/2) may move

using Fields = std::shared_ptr<const VectorField>;

/// x (p - x^2), with a state that follows.
Fields pitchfork() {
    return make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{p[0] * x[0] - x[0] * x[0] * x[0], x[0] - x[1]};
    });
}

/// x (p - x)
Fields transcritical() {
    return make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] * x[0] - x[0] * x[0]};
    });
}

/// Three pitchforks that inhibit one another alike: in step they decay at the rate 3 - p, and at
/// p = 0 all states whose sum is zero become unstable at once.
Fields three_alike() {
    return make_series_field<3, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T sum = x[0] + x[1] + x[2];
        std::array<T, 3> f;
        for (std::size_t i = 0; i < 3; ++i) f[i] = p[0] * x[i] - x[i] * x[i] * x[i] - sum;
        return f;
    });
}

/// The branches that leave at the only branch point of a branch, its type checked.
std::vector<Branch> switched(const Fields& field, const Branch& branch,
                             const ContinuationOptions& options) {
    const SpecialPoint& point = branch.special.at(0);
    EXPECT_EQ(point.type, PointType::branch_point) << to_string(point.type) << ": " << point.note;
    std::vector<Branch> found;
    for (const CurveStart& start : branches_at(field, vector({0.0}), 0, point)) {
        ContinuationOptions its_options = options;
        its_options.direction = start.way;
        found.push_back(continue_branch(start.problem, start.point, its_options));
        if (start.way == Direction::both) orient(found.back());
    }
    return found;
}

TEST(BranchSwitching, OfASymmetricSystemKnowsTheDimensionOfTheKernelFromAnyStart) {
    for (const double start : {-0.9, -0.822, -0.783, -0.77, -0.5, -0.37}) {
        SCOPED_TRACE(start);
        const Branch trivial =
            follow(three_alike(), Vector::Zero(3), vector({start}), {.bounds = {{-1.0, 1.0}}});
        ASSERT_THAT(types(trivial), ElementsAre(PointType::branch_point));
        EXPECT_EQ(trivial.special[0].multiplicity, 2);
    }
}

TEST(BranchSwitching, OfASymmetricSystemKnowsWhereTheMultiplePointIs) {
    const Branch trivial =
        follow(three_alike(), Vector::Zero(3), vector({-0.9}), {.bounds = {{-1.0, 1.0}}});
    EXPECT_NEAR(trivial.special[0].at.parameters[0], 0.0, roundoff);
}

TEST(BranchSwitching, OfATranscriticalPointIsMetFromACurvedBranch) {
    for (const double d : {0.3, 0.03, 0.003}) {
        const auto field = make_series_field<1, 1>([d](const auto& x, const auto& p) {
            using T = std::decay_t<decltype(x[0])>;
            return std::array<T, 1>{x[0] * (p[0] * p[0] - d * d - x[0])};
        });
        for (const double x : {0.0, 1.0 - d * d}) {
            const Branch branch =
                follow(field, vector({x}), vector({-1.0}), {.bounds = {{-1.0, 1.0}}});
            EXPECT_THAT(types(branch),
                        ElementsAre(PointType::branch_point, PointType::branch_point));
            EXPECT_THAT(places(branch),
                        ElementsAre(DoubleNear(-d, roundoff), DoubleNear(d, roundoff)));
        }
    }
}

TEST(BranchSwitching, OfATranscriticalPointLeadsFromEachBranchToTheOther) {
    const ContinuationOptions options{.bounds = {{-1.0, 1.0}}};
    const Branch flat = follow(transcritical(), vector({0.0}), vector({-0.5}), options),
                 steep = follow(transcritical(), vector({-0.5}), vector({-0.5}), options);
    const auto from_flat = switched(transcritical(), flat, options),
               from_steep = switched(transcritical(), steep, options);
    ASSERT_THAT(from_flat, SizeIs(1));
    ASSERT_THAT(from_steep, SizeIs(1));
    for (const BranchPoint& point : from_flat[0].points)
        EXPECT_NEAR(point.z[0], point.parameters[0], near_root);
    for (const BranchPoint& point : from_steep[0].points) EXPECT_NEAR(point.z[0], 0.0, near_root);
    for (const Branch* branch : {&from_flat[0], &from_steep[0]}) {
        EXPECT_EQ(branch->points.front().parameters[0], -1.0);
        EXPECT_EQ(branch->points.back().parameters[0], 1.0);
    }
}

}  // namespace

TEST(BranchSwitching, OfAPitchforkIsMetFromTheTrivialBranch) {
    const ContinuationOptions options{.bounds = {{-1.0, 1.0}}};
    const Branch trivial = follow(pitchfork(), Vector::Zero(2), vector({-0.7}), options);
    EXPECT_EQ(trivial.status, Status::reached_end);
    EXPECT_THAT(places(trivial), ElementsAre(DoubleNear(0.0, roundoff)));
    const auto others = switched(pitchfork(), trivial, options);
    ASSERT_THAT(others, SizeIs(1));
    for (const BranchPoint& point : others[0].points)
        EXPECT_NEAR(point.parameters[0], point.z[0] * point.z[0], near_root);
    EXPECT_NEAR(others[0].points.front().z[0], -others[0].points.back().z[0], near_root);
    EXPECT_EQ(others[0].points.front().parameters[0], 1.0);
    EXPECT_EQ(others[0].points.back().parameters[0], 1.0);
}

// The side branch turns back there, but that is no fold.
TEST(BranchSwitching, OfAPitchforkIsMetFromTheSideBranch) {
    const ContinuationOptions options{.bounds = {{-1.0, 1.0}}};
    const Branch side = follow(pitchfork(), vector({0.8, 0.8}), vector({0.64}), options);
    EXPECT_EQ(side.status, Status::reached_end);
    EXPECT_THAT(types(side), ElementsAre(PointType::branch_point));
    EXPECT_THAT(places(side), ElementsAre(DoubleNear(0.0, roundoff)));
    const auto others = switched(pitchfork(), side, options);
    ASSERT_THAT(others, SizeIs(1));
    for (const BranchPoint& point : others[0].points) EXPECT_NEAR(point.z[0], 0.0, near_root);
    EXPECT_EQ(others[0].points.front().parameters[0], -1.0);
    EXPECT_EQ(others[0].points.back().parameters[0], 1.0);
}

TEST(BranchSwitching, OfATranscriticalPointLeadsToTheOtherBranch) {
    const ContinuationOptions options{.bounds = {{-1.0, 1.0}}};
    const Branch flat = follow(transcritical(), vector({0.0}), vector({-0.5}), options);
    const auto others = switched(transcritical(), flat, options);
    ASSERT_THAT(others, SizeIs(1));
    for (const BranchPoint& point : others[0].points)
        EXPECT_NEAR(point.z[0], point.parameters[0], near_root);
    EXPECT_EQ(others[0].points.front().parameters[0], -1.0);
    EXPECT_EQ(others[0].points.back().parameters[0], 1.0);
}

TEST(BranchSwitching, LeavesATranscriticalPointAlongTheTangentOfTheOtherBranch) {
    const Branch flat =
        follow(transcritical(), vector({0.0}), vector({-0.5}), {.bounds = {{-1.0, 1.0}}});
    const auto starts = branches_at(transcritical(), vector({0.0}), 0, flat.special.at(0));
    ASSERT_THAT(starts, SizeIs(1));
    EXPECT_NEAR(starts[0].point.tangent[0] / starts[0].point.tangent[1], 1.0, near_root);
}

// x^2 + p^2 = 0 has no other real point.
TEST(BranchSwitching, FindsNothingAtAnIsolatedPoint) {
    const auto isolated = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{x[0] * x[0] + p[0] * p[0]};
    });
    SpecialPoint point;
    point.type = PointType::branch_point;
    point.at = equilibrium_start(vector({0.0}), 0.0);
    point.at.tangent = vector({0.0, 1.0});
    EXPECT_THAT(branches_at(isolated, vector({0.0}), 0, point), IsEmpty());
}

TEST(BranchSwitching, OfASymmetricSystemKnowsTheDimensionOfTheKernel) {
    const Branch trivial =
        follow(three_alike(), Vector::Zero(3), vector({-0.9}), {.bounds = {{-1.0, 1.0}}});
    ASSERT_THAT(types(trivial), ElementsAre(PointType::branch_point));
    EXPECT_EQ(trivial.special[0].multiplicity, 2);
}

// S3 and x -> -x: states (a, -a, 0) and others near (a, a, -2a), six of each.
TEST(BranchSwitching, OfASymmetricSystemFindsBranchesOfBothKinds) {
    const ContinuationOptions options{.bounds = {{-1.0, 1.0}}};
    const Branch trivial = follow(three_alike(), Vector::Zero(3), vector({-0.9}), options);
    std::set<std::vector<long>> with_zero, without;
    const auto others = switched(three_alike(), trivial, options);
    for (const Branch& branch : others) {
        EXPECT_EQ(branch.status, Status::reached_end) << branch.message;
        const BranchPoint& end = branch.points.back();
        EXPECT_EQ(end.parameters[0], 1.0);
        const bool has_zero = end.z.head(3).cwiseAbs().minCoeff() < near_root;
        std::vector<long> pattern;
        for (const double x : end.z.head(3)) pattern.push_back(std::lround(2.0 * x));
        (has_zero ? with_zero : without).insert(pattern);
    }
    EXPECT_EQ(others.size(), 12U);
    EXPECT_EQ(with_zero.size(), 6U);
    EXPECT_EQ(without.size(), 6U);
}
