// Which bifurcations a run finds between its points, and where.

#include "support/branches.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numbers>

using namespace cortifold;
using cortifold::testing::follow;
using cortifold::testing::FormulaField;
using cortifold::testing::make_series_field;
using cortifold::testing::places;
using cortifold::testing::types;
using cortifold::testing::vector;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

constexpr double roundoff = 1e-12;

/// Steps as long as the curve lets them be.
constexpr StepOptions large_steps{.initial = 0.2, .largest = 1.0};

/// z' = (mu + i omega) z - z |z|^2 with z = x + i y.
template <class T>
std::array<T, 2> hopf(const T& x, const T& y, const T& mu, double omega) {
    const T r = x * x + y * y;
    return {mu * x - omega * y - x * r, omega * x + mu * y - y * r};
}

/// Folds at x = -gap and gap.
auto two_folds(double gap) {
    return make_series_field<1, 1>([gap](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] - 3.0 * gap * gap * x[0] + x[0] * x[0] * x[0]};
    });
}

}  // namespace

TEST(Events, TwoFoldsWithinOneLargeStepAreBothFound) {
    for (const double gap : {0.3, 0.1, 0.03, 0.01, 0.003}) {
        SCOPED_TRACE(gap);
        const Branch branch =
            follow(two_folds(gap), vector({-1.0}), vector({1.0 - 3.0 * gap * gap}),
                   {.bounds = {{-1.0, 1.0}}, .step = large_steps});
        const double place = 2.0 * gap * gap * gap;
        EXPECT_THAT(places(branch),
                    ElementsAre(DoubleNear(place, roundoff), DoubleNear(-place, roundoff)));
        EXPECT_THAT(types(branch), ElementsAre(PointType::fold, PointType::fold));
    }
}

TEST(Events, TwoHopfPointsWithinOneStepAreBothFound) {
    const auto field = make_series_field<4, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const auto first = hopf<T>(x[0], x[1], p[0] - 0.5, 1.0);
        const auto second = hopf<T>(x[2], x[3], p[0] - 0.501, 2.0);
        return std::array<T, 4>{first[0], first[1], second[0], second[1]};
    });
    const Branch branch = follow(field, Vector::Zero(4), vector({0.0}),
                                 {.bounds = {{0.0, 1.0}}, .step = large_steps});
    ASSERT_THAT(types(branch), ElementsAre(PointType::hopf, PointType::hopf));
    EXPECT_THAT(places(branch),
                ElementsAre(DoubleNear(0.5, roundoff), DoubleNear(0.501, roundoff)));
    for (const SpecialPoint& point : branch.special) {
        EXPECT_EQ(point.multiplicity, 1);
        EXPECT_EQ(point.scenario, "supercritical");
    }
    EXPECT_NEAR(branch.special[0].frequency, 1.0 / (2.0 * std::numbers::pi), roundoff);
    EXPECT_NEAR(branch.special[1].frequency, 2.0 / (2.0 * std::numbers::pi), roundoff);
}

// The pair gains stability and loses it again: its growth rate dips below zero between p = 0.4995
// and p = 0.5005.
TEST(Events, AHopfPairThatCrossesAndReturnsWithinAStepIsFound) {
    constexpr double half = 5e-4;
    const auto field = make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return hopf<T>(x[0], x[1], half * half - (p[0] - 0.5) * (p[0] - 0.5), 1.0);
    });
    const Branch branch = follow(field, Vector::Zero(2), vector({0.0}), {.bounds = {{0.0, 1.0}}});
    EXPECT_THAT(types(branch), ElementsAre(PointType::hopf, PointType::hopf));
    EXPECT_THAT(places(branch),
                ElementsAre(DoubleNear(0.5 - half, roundoff), DoubleNear(0.5 + half, roundoff)));
}

// A fold at p = 0 and a Hopf point at p = 1e-8, behind it: the branch is listed from its far end.
TEST(Events, AFoldAndAHopfPointWithinOneStepAreBothFound) {
    const auto field = make_series_field<3, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const auto pair = hopf<T>(x[1], x[2], -1e-4 - x[0], 1.0);
        return std::array<T, 3>{p[0] - x[0] * x[0], pair[0], pair[1]};
    });
    const Branch branch = follow(field, vector({1.0, 0.0, 0.0}), vector({1.0}),
                                 {.bounds = {{-1.0, 1.0}}, .step = large_steps});
    EXPECT_EQ(branch.status, Status::reached_end);
    ASSERT_THAT(types(branch), ElementsAre(PointType::hopf, PointType::fold));
    EXPECT_THAT(places(branch), ElementsAre(DoubleNear(1e-8, roundoff), DoubleNear(0.0, roundoff)));
    EXPECT_NEAR(branch.special[1].at.z[0], 0.0, roundoff);
    EXPECT_NEAR(branch.special[0].at.z[0], -1e-4, roundoff);
}

// One eigenvalue becomes positive at 0, the other negative at `apart`: at both ends of a step over
// both, as many are positive.
TEST(Events, EigenvaluesThatCrossInOppositeDirectionsWithinAStepAreBothFound) {
    for (const double apart : {0.05, 0.03, 0.01}) {
        SCOPED_TRACE(apart);
        const auto field = make_series_field<2, 1>([apart](const auto& x, const auto& p) {
            using T = std::decay_t<decltype(x[0])>;
            return std::array<T, 2>{p[0] * x[0] - x[0] * x[0] * x[0],
                                    (apart - p[0]) * x[1] - x[1] * x[1] * x[1]};
        });
        const Branch branch =
            follow(field, Vector::Zero(2), vector({-1.0}), {.bounds = {{-1.0, 1.1}}});
        EXPECT_THAT(places(branch),
                    ElementsAre(DoubleNear(0.0, roundoff), DoubleNear(apart, roundoff)));
        EXPECT_THAT(types(branch), ElementsAre(PointType::branch_point, PointType::branch_point));
    }
}

TEST(Events, PairsThatCrossInOppositeDirectionsWithinAStepAreBothFound) {
    for (const double apart : {0.05, 0.03, 0.01}) {
        SCOPED_TRACE(apart);
        const auto field = make_series_field<4, 1>([apart](const auto& x, const auto& p) {
            using T = std::decay_t<decltype(x[0])>;
            const auto first = hopf<T>(x[0], x[1], p[0], 1.0),
                       second = hopf<T>(x[2], x[3], apart - p[0], 3.0);
            return std::array<T, 4>{first[0], first[1], second[0], second[1]};
        });
        const Branch branch =
            follow(field, Vector::Zero(4), vector({-1.0}), {.bounds = {{-1.0, 1.1}}});
        EXPECT_THAT(places(branch),
                    ElementsAre(DoubleNear(0.0, roundoff), DoubleNear(apart, roundoff)));
        EXPECT_THAT(types(branch), ElementsAre(PointType::hopf, PointType::hopf));
    }
}

// A pair becomes unstable where a real eigenvalue becomes stable: the number that is unstable
// changes by one, as if a real one alone had crossed.
TEST(Events, APairAndARealEigenvalueThatCrossInOppositeDirectionsAreBothFound) {
    const double apart = 0.01;
    const auto field = make_series_field<3, 1>([apart](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const auto pair = hopf<T>(x[0], x[1], p[0], 1.0);
        return std::array<T, 3>{pair[0], pair[1], (apart - p[0]) * x[2] - x[2] * x[2] * x[2]};
    });
    const Branch branch = follow(field, Vector::Zero(3), vector({-1.0}), {.bounds = {{-1.0, 1.1}}});
    EXPECT_THAT(types(branch), ElementsAre(PointType::hopf, PointType::branch_point));
}

// The sum of the eigenvalues 1 + p and -1 passes through zero at p = 0.
TEST(Events, ANeutralSaddleIsNoHopfPoint) {
    const auto field = make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{(1.0 + p[0]) * x[0], -x[1]};
    });
    const Branch branch = follow(field, Vector::Zero(2), vector({-0.5}), {.bounds = {{-0.5, 0.5}}});
    EXPECT_EQ(branch.status, Status::reached_end);
    EXPECT_THAT(branch.special, IsEmpty());
}

// Both pairs cross at once: one point, which says that its eigenspace is double.
TEST(Events, ADoubleHopfPointOfASymmetricSystemIsOneOfMultiplicityTwo) {
    const auto field = make_series_field<4, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const auto first = hopf<T>(x[0], x[1], p[0], 1.0), second = hopf<T>(x[2], x[3], p[0], 1.0);
        return std::array<T, 4>{first[0], first[1], second[0], second[1]};
    });
    const Branch branch = follow(field, Vector::Zero(4), vector({-0.5}), {.bounds = {{-0.5, 0.5}}});
    ASSERT_THAT(types(branch), ElementsAre(PointType::hopf));
    EXPECT_NEAR(branch.special[0].at.parameters[0], 0.0, roundoff);
    EXPECT_EQ(branch.special[0].multiplicity, 2);
}

TEST(Events, ThatDoNotHappenAreNotReported) {
    const auto decay = make_series_field<3, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 3>{p[0] - x[0] - x[0] * x[0] * x[0], x[0] - x[1], x[1] - 2.0 * x[2]};
    });
    const Branch branch =
        follow(decay, Vector::Zero(3), vector({0.0}), {.bounds = {{-10.0, 10.0}}});
    EXPECT_EQ(branch.status, Status::reached_end);
    EXPECT_THAT(branch.special, IsEmpty());
}

// p = x^3 rises through its steepest point, and p = x^4 has a fold where even the curvature is
// zero.
TEST(Events, AHysteresisPointIsNoFoldAndAFlatFoldIsOne) {
    const auto power = [](int n) {
        return make_series_field<1, 1>([n](const auto& x, const auto& p) {
            using T = std::decay_t<decltype(x[0])>;
            T product = x[0];
            for (int k = 1; k < n; ++k) product *= x[0];
            return std::array<T, 1>{p[0] - product};
        });
    };
    const ContinuationOptions options{.bounds = {{-1.0, 1.0}}};
    EXPECT_THAT(types(follow(power(3), vector({-1.0}), vector({-1.0}), options)), IsEmpty());
    EXPECT_THAT(types(follow(power(4), vector({-1.0}), vector({1.0}), options)),
                ElementsAre(PointType::fold));
}

// The growth rate -p^2 touches zero and turns away.
TEST(Events, APairThatTouchesTheAxisIsNoHopfPoint) {
    const auto field = make_series_field<2, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return hopf<T>(x[0], x[1], -p[0] * p[0], 1.0);
    });
    const Branch branch = follow(field, Vector::Zero(2), vector({-1.0}), {.bounds = {{-1.0, 1.0}}});
    EXPECT_THAT(branch.special, IsEmpty());
}

namespace {

/// Zero where a state has a value.
class StateValue : public TestFunction {
public:
    StateValue(std::string name, double value) : name_(std::move(name)), value_(value) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.z[0] - value_;
    }

private:
    std::string name_;
    double value_;
};

/// The same, found no closer than a bracket for Newton's method is.
class RoughStateValue final : public StateValue {
public:
    using StateValue::StateValue;
    [[nodiscard]] bool exact() const override { return false; }
};

/// A pole: changes sign without a zero, and says so.
class Pole final : public TestFunction {
public:
    [[nodiscard]] std::string_view name() const override { return "pole"; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return 1.0 / (point.z[0] - 0.3);
    }
    [[nodiscard]] std::optional<SpecialPoint> resolve(const BranchPoint&) const override {
        return std::nullopt;
    }
};

auto parabola() {
    return make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] - x[0] * x[0]};
    });
}

}  // namespace

TEST(UserFunctions, AreZeroWhereTheyAreReported) {
    const Branch branch = follow(parabola(), vector({1.0}), vector({1.0}),
                                 {.bounds = {{-1.0, 4.0}},
                                  .tests = {std::make_shared<StateValue>("third", 1.0 / 3.0),
                                            std::make_shared<StateValue>("minus", -1.5)}});
    ASSERT_THAT(types(branch), ElementsAre(PointType::user, PointType::fold, PointType::user));
    EXPECT_THAT(places(branch), ElementsAre(DoubleNear(2.25, roundoff), DoubleNear(0.0, roundoff),
                                            DoubleNear(1.0 / 9.0, roundoff)));
    EXPECT_EQ(branch.special[0].label, "minus");
    EXPECT_EQ(branch.special[2].label, "third");
    EXPECT_LT(branch.special[0].error, roundoff);
}

TEST(UserFunctions, HaveTheErrorThatTheirBracketLeavesOpen) {
    const Branch branch =
        follow(parabola(), vector({1.0}), vector({1.0}),
               {.bounds = {{0.05, 4.0}},
                .tests = {std::make_shared<RoughStateValue>("third", 1.0 / 3.0)}});
    ASSERT_THAT(types(branch), ElementsAre(PointType::user));
    EXPECT_GT(branch.special[0].error, 0.0);
    EXPECT_LE(std::abs(places(branch)[0] - 1.0 / 9.0), branch.special[0].error);
}

TEST(UserFunctions, MayStopARun) {
    const Branch branch = follow(parabola(), vector({1.9}), vector({3.61}),
                                 {.bounds = {{-1.0, 4.0}},
                                  .stop_after = 1,
                                  .direction = Direction::decreasing,
                                  .tests = {std::make_shared<StateValue>("one", 1.0)}});
    EXPECT_THAT(types(branch), ElementsAre(PointType::user));
    EXPECT_GT(branch.points.back().z[0], 0.5);
}

TEST(UserFunctions, MaySayThatAChangeOfSignIsNoZero) {
    const Branch branch = follow(parabola(), vector({1.0}), vector({1.0}),
                                 {.bounds = {{-1.0, 4.0}}, .tests = {std::make_shared<Pole>()}});
    EXPECT_THAT(types(branch), ElementsAre(PointType::fold));
}

namespace {

/// FitzHugh's equations with eps = 0.08, a = 0.7 and b = 2.5, in coordinates x = T u, with time in
/// units of 1 / rate and the current in units of 1 / scale: Hopf points where v^2 = 1 - eps b,
/// folds where v^2 = 1 - 1 / b.
struct Rescaled {
    Eigen::Matrix2d T, inverse;
    double rate, scale;

    template <class X, class P>
    auto operator()(const X& u, const P& p) const {
        using S = std::decay_t<decltype(u[0])>;
        const S v = T(0, 0) * u[0] + T(0, 1) * u[1], w = T(1, 0) * u[0] + T(1, 1) * u[1];
        const S f = rate * (v - v * v * v / 3.0 - w + scale * p[0]),
                g = rate * 0.08 * (v + 0.7 - 2.5 * w);
        return std::array<S, 2>{inverse(0, 0) * f + inverse(0, 1) * g,
                                inverse(1, 0) * f + inverse(1, 1) * g};
    }
};

double current_at(double v) {
    return v * v * v / 3.0 - v + (v + 0.7) / 2.5;
}

}  // namespace

RC_GTEST_PROP(Invariance, LinearCoordinatesAndUnitsDoNotMoveSpecialPoints, ()) {
    const auto power = [] { return std::pow(10.0, *rc::gen::inRange(-3, 4)); };
    const auto angle = [] { return *rc::gen::inRange(0, 628) / 100.0; };
    const Eigen::Vector2d units(power(), power());
    const Eigen::Matrix2d mixed = Eigen::Rotation2Dd(angle()).toRotationMatrix() *
                                  Eigen::Vector2d(1.0, 2.0).asDiagonal() *
                                  Eigen::Rotation2Dd(angle()).toRotationMatrix();
    const Eigen::Matrix2d T = mixed * units.asDiagonal();
    const double rate = power(), scale = power();
    const auto size = [&](Eigen::Index i) { return 5.0 / units[i]; };
    const std::array<Quantity, 2> states{Quantity{"u1", "1", 0.0, -size(0), size(0), ""},
                                         Quantity{"u2", "1", 0.0, -size(1), size(1), ""}};
    const std::array<Quantity, 1> parameters{
        Quantity{"p", "1", 0.0, -5.0 / scale, 5.0 / scale, ""}};
    const auto field = std::make_shared<FormulaField<2, 1, Rescaled>>(
        Rescaled{T, T.inverse(), rate, scale}, states, parameters);
    const double v = -1.5;
    const Vector u = T.inverse() * Eigen::Vector2d(v, (v + 0.7) / 2.5);
    const Branch branch = follow(field, u, vector({current_at(v) / scale}),
                                 {.bounds = {{-1.0 / scale, 1.0 / scale}}});
    const double hopf = std::sqrt(0.8), fold = std::sqrt(0.6);
    const std::vector<double> expected{current_at(-hopf), current_at(-fold), current_at(fold),
                                       current_at(hopf)};
    RC_ASSERT(types(branch) ==
              (std::vector{PointType::hopf, PointType::fold, PointType::fold, PointType::hopf}));
    for (std::size_t k = 0; k < expected.size(); ++k)
        RC_ASSERT(std::abs(branch.special[k].at.parameters[0] * scale - expected[k]) <
                  1e-9 * std::abs(expected[k]));
}
