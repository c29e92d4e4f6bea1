// What is the same of a cycle whatever method has found it.

#include "cycle_family.hpp"
#include <cortifold/continuation/cycle_profile.hpp>

#include <gtest/gtest.h>

namespace cortifold {
namespace {

constexpr CycleMethod methods[] = {CycleMethod::collocation, CycleMethod::shooting,
                                   CycleMethod::newton_picard, CycleMethod::fourier};

/// r^2 = a.
Branch circles(CycleMethod method) {
    return Family("stuart_landau", "a", {-0.5, 1.0}).cycles(0, 1e9, {}, {.method = method});
}

TEST(CycleProfile, IsTheCircleByEveryMethod) {
    const Vector times = Vector::LinSpaced(50, 0.0, 1.0);
    for (const CycleMethod method : methods) {
        SCOPED_TRACE(to_string(method));
        const Branch branch = circles(method);
        ASSERT_GT(branch.points.size(), 3U) << branch.message;
        for (const BranchPoint& point : branch.points) {
            const double a = point.parameters[0];
            const CycleProfile profile(point, 2);
            const Vector squares = profile.at(times).colwise().squaredNorm();
            EXPECT_NEAR((squares.array() - a).abs().maxCoeff(), 0.0, digits);
            EXPECT_NEAR(profile.mean().norm(), 0.0, digits);
            EXPECT_NEAR(profile.norm() * profile.norm(), a, digits);
            EXPECT_NEAR(point.maximum[1] * point.maximum[1], a, digits);
            EXPECT_NEAR(point.minimum[0] * point.minimum[0], a, digits);
        }
    }
}

TEST(CycleProfile, IsWhatZOfAPointOfCollocationIs) {
    for (const CycleMethod method : methods) {
        SCOPED_TRACE(to_string(method));
        const BranchPoint point = circles(method).points.back(), same = as_profile(point);
        const Vector profile = CycleProfile(point, 2).values().reshaped();
        EXPECT_EQ(same.z.head(profile.size()), profile);
        EXPECT_EQ(same.z.tail<2>(), point.z.tail<2>());
        EXPECT_EQ(CycleProfile(same, 2).values().reshaped(), profile);
    }
}

TEST(CycleProfile, StartsABranchOfAnyOtherMethod) {
    const Family family("stuart_landau", "a", {-0.5, 1.0});
    Vector parameters = family.parameters;
    for (const CycleMethod from : methods) {
        const Branch branch = circles(from);
        const BranchPoint& cycle = branch.points[branch.points.size() / 2];
        parameters[static_cast<Eigen::Index>(family.free)] = cycle.parameters[0];
        for (const CycleMethod to : methods) {
            SCOPED_TRACE(std::string(to_string(from)) + " to " + std::string(to_string(to)));
            const CurveStart start =
                cycles_from_point(family.field, parameters, family.free, cycle, {.method = to});
            const Branch again = continue_branch(
                start.problem, start.point,
                {.bounds = {family.range}, .max_points = 2, .direction = Direction::increasing});
            ASSERT_FALSE(again.points.empty()) << again.message;
            const BranchPoint& first = again.points.front();
            EXPECT_NEAR(first.maximum[0] * first.maximum[0], first.parameters[0], digits);
            EXPECT_NEAR(first.parameters[0], cycle.parameters[0], 0.1 * cycle.parameters[0]);
        }
    }
}

}  // namespace
}  // namespace cortifold
