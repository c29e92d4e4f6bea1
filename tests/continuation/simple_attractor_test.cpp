#include "support/formula_field.hpp"
#include <cortifold/continuation/simple_attractor.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

/// r' = p r - r^3, with an angle that turns by 2 pi in a unit of time: a cycle of radius sqrt(p).
const auto hopf = testing::make_field<2, 1>([](const auto& x, const auto& p) {
    const double omega = 2.0 * std::numbers::pi;
    const auto growth = p[0] - x[0] * x[0] - x[1] * x[1];
    return std::array{growth * x[0] - omega * x[1], growth * x[1] + omega * x[0]};
});

/// Rossler 1976 with a = b = 0.2.
const auto rossler = testing::make_field<3, 1>([](const auto& x, const auto& p) {
    return std::array{-x[1] - x[2], x[0] + 0.2 * x[1], 0.2 + x[2] * (x[0] - 2.0 - p[0])};
});

EquilibriumProblem at(const std::shared_ptr<const VectorField>& field, double p, Vector guess) {
    return {field, Vector::Constant(1, p), std::move(guess)};
}

TEST(SimpleAttractor, IsTheRestOnOneSideOfAHopfPointAndTheCycleOnTheOther) {
    const SimpleAttractor rest = find_simple_attractor(at(hopf, -0.25, Vector{{0.5, 0.1}}));
    ASSERT_EQ(rest.kind, SimpleAttractorKind::equilibrium) << rest.message;
    EXPECT_LT(rest.state.norm(), 1e-12);
    const SimpleAttractor turning = find_simple_attractor(at(hopf, 0.25, Vector{{0.1, 0.1}}));
    ASSERT_EQ(turning.kind, SimpleAttractorKind::cycle) << turning.message;
    EXPECT_NEAR(turning.cycle.period, 1.0, 1e-8);
    EXPECT_NEAR(turning.state.norm(), 0.5, 1e-7);
}

TEST(SimpleAttractor, IsFollowedThroughAHopfPointToBothSides) {
    const auto follow = [](double from, double to) {
        SimpleAttractor near = find_simple_attractor(at(hopf, from, Vector{{0.3, 0.0}}));
        for (int k = 1; k <= 8; ++k) {
            const double p = std::lerp(from, to, k / 8.0);
            near = follow_simple_attractor(at(hopf, p, {}), near);
            EXPECT_EQ(near.kind,
                      p < 0.0 ? SimpleAttractorKind::equilibrium : SimpleAttractorKind::cycle)
                << p << ": " << near.message;
            if (p > 0.0) {
                EXPECT_NEAR(near.state.norm(), std::sqrt(p), 1e-6);
            }
        }
    };
    follow(-0.35, 0.45);
    follow(0.45, -0.35);
}

TEST(SimpleAttractor, DoublesItsPeriodWithTheCycleAndIsNoneInChaos) {
    SimpleAttractor near = find_simple_attractor(at(rossler, 0.5, Vector{{1.0, 1.0, 0.0}}));
    ASSERT_EQ(near.kind, SimpleAttractorKind::cycle) << near.message;
    const double single = near.cycle.period;
    near = follow_simple_attractor(at(rossler, 1.5, {}), near);  // c = 3.5: two turns
    ASSERT_EQ(near.kind, SimpleAttractorKind::cycle) << near.message;
    EXPECT_NEAR(near.cycle.period / single, 2.0, 0.1);
    EXPECT_EQ(near.cycle.n_unstable, 0);
    near = follow_simple_attractor(at(rossler, 3.7, {}), near);  // c = 5.7: chaos
    EXPECT_EQ(near.status, Status::converged);
    EXPECT_EQ(near.kind, SimpleAttractorKind::none) << near.message;
    near = follow_simple_attractor(at(rossler, 0.5, {}), near);
    EXPECT_EQ(near.kind, SimpleAttractorKind::cycle);
    EXPECT_NEAR(near.cycle.period, single, 1e-7);
}

TEST(SimpleAttractor, FailsWhereStatesGrowWithoutBound) {
    const auto escaping = testing::make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] + x[0] * x[0]}; });
    EXPECT_FALSE(succeeded(find_simple_attractor(at(escaping, 1.0, Vector{{0.0}})).status));
}

}  // namespace
}  // namespace cortifold
