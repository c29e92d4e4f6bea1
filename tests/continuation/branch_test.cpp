// Branches as data: turning them round, where they start, and the names of their special points.

#include "support/branches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace cortifold;
using cortifold::testing::follow;
using cortifold::testing::make_series_field;
using cortifold::testing::places;
using cortifold::testing::vector;
using ::testing::ElementsAre;

namespace {

/// p = x^3 - x, folds at x = -1/sqrt(3) and 1/sqrt(3).
Branch s_shaped() {
    const auto field = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] + x[0] - x[0] * x[0] * x[0]};
    });
    return follow(field, vector({-1.2}), vector({-0.528}), {.bounds = {{-1.0, 1.0}}});
}

Branch closed_circle(double angle) {
    const auto field = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{1.0 - x[0] * x[0] - p[0] * p[0]};
    });
    return follow(field, vector({std::sin(angle)}), vector({std::cos(angle)}),
                  {.bounds = {{-2.0, 2.0}}});
}

std::vector<std::string> names(const Branch& branch) {
    std::vector<std::string> list;
    std::ranges::transform(branch.special, std::back_inserter(list), &SpecialPoint::label);
    return list;
}

/// Each special point lies between the two points that it says, within what a step bends.
void expect_in_place(const Branch& branch) {
    for (const SpecialPoint& special : branch.special) {
        const BranchPoint &a = branch.points.at(special.after),
                          &b = branch.points.at(special.after + 1);
        EXPECT_LE((special.at.z - a.z).norm(), 1.1 * (b.z - a.z).norm());
        EXPECT_LE((special.at.z - b.z).norm(), 1.1 * (b.z - a.z).norm());
    }
}

}  // namespace

TEST(Reverse, TwiceChangesNothing) {
    const Branch branch = s_shaped();
    Branch turned = branch;
    reverse(turned);
    expect_in_place(turned);
    EXPECT_EQ(turned.points.front().z, branch.points.back().z);
    EXPECT_EQ(turned.points.front().tangent, -branch.points.back().tangent);
    for (std::size_t k = 0; k + 1 < turned.points.size(); ++k)
        EXPECT_LT(turned.points[k].arclength, turned.points[k + 1].arclength);
    reverse(turned);
    ASSERT_EQ(turned.points.size(), branch.points.size());
    for (std::size_t k = 0; k < branch.points.size(); ++k) {
        EXPECT_EQ(turned.points[k].z, branch.points[k].z);
        EXPECT_EQ(turned.points[k].tangent, branch.points[k].tangent);
        EXPECT_EQ(turned.points[k].arclength, branch.points[k].arclength);
    }
    EXPECT_EQ(places(turned), places(branch));
    for (std::size_t k = 0; k < branch.special.size(); ++k)
        EXPECT_EQ(turned.special[k].after, branch.special[k].after);
}

TEST(Orient, StartsAtTheEndWithTheLowerParameter) {
    Branch branch = s_shaped();
    reverse(branch);
    ASSERT_GT(branch.points.front().parameters[0], branch.points.back().parameters[0]);
    orient(branch);
    EXPECT_EQ(branch.points.front().parameters[0], -1.0);
    EXPECT_EQ(branch.points.back().parameters[0], 1.0);
    expect_in_place(branch);
}

TEST(Orient, StartsAtTheLowerStateWhereTheParametersAreEqual) {
    const auto parabola = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] - x[0] * x[0]};
    });
    for (const double start : {-1.0, 1.0}) {
        Branch branch = follow(parabola, vector({start}), vector({1.0}), {.bounds = {{-1.0, 2.0}}});
        orient(branch);
        EXPECT_LT(branch.points.front().z[0], branch.points.back().z[0]);
    }
}

TEST(Orient, StartsAClosedBranchAtItsLowestFoldTowardsLowerStates) {
    for (const double angle : {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}) {
        SCOPED_TRACE(angle);
        Branch branch = closed_circle(angle);
        ASSERT_EQ(branch.status, Status::closed_branch);
        orient(branch);
        ASSERT_EQ(branch.special.size(), 2U);
        EXPECT_EQ(branch.special[0].after, 0U);
        for (const BranchPoint& point : branch.points)
            EXPECT_GE(point.parameters[0], branch.special[0].at.parameters[0]);
        EXPECT_LT(branch.points[1].z[0], branch.points[0].z[0]);
        for (std::size_t k = 0; k + 1 < branch.points.size(); ++k)
            EXPECT_LT(branch.points[k].arclength, branch.points[k + 1].arclength);
        expect_in_place(branch);
    }
}

TEST(Labels, CountTypesAlongABranchAndOverBranches) {
    Labels labels;
    Branch first = s_shaped(), second = closed_circle(0.3);
    orient(second);
    labels.name(first);
    labels.name(second);
    EXPECT_THAT(names(first), ElementsAre("fold1", "fold2"));
    EXPECT_THAT(names(second), ElementsAre("fold3", "fold4"));
}

TEST(Labels, KeepTheNameOfAPointThatIsPassedAgain) {
    Labels labels;
    Branch first = s_shaped(), again = s_shaped();
    reverse(again);
    labels.name(first);
    labels.name(again);
    EXPECT_THAT(names(again), ElementsAre("fold2", "fold1"));
}
