// Orbits homoclinic to a saddle, in two parameters.

#include "cycle_family.hpp"
#include <cortifold/continuation/attracting_cycle.hpp>
#include <cortifold/continuation/two_parameter.hpp>

#include <numbers>

namespace cortifold {
namespace {

constexpr double orbit_accuracy = 1e-6;      ///< of a profile, by the tolerance of its mesh
constexpr double parameter_accuracy = 1e-8;  ///< of the parameter of a homoclinic orbit

/// Zero where the second parameter has a value.
class SecondAt final : public TestFunction {
public:
    explicit SecondAt(double value) : value_(value) {}
    [[nodiscard]] std::string_view name() const override { return "second"; }
    [[nodiscard]] double value(const BranchPoint& point, const CurveLinearization&) const override {
        return point.parameters[1] - value_;
    }

private:
    double value_;
};

Branch follow(const CurveStart& start, std::vector<ContinuationOptions::Bound> bounds,
              std::vector<std::shared_ptr<const TestFunction>> tests = {}) {
    return continue_branch(
        start.problem, start.point,
        {.bounds = std::move(bounds), .direction = start.way, .tests = std::move(tests)});
}

/// For mu = 0 the loop x^2 (1 - x) = y^2 is invariant, whatever a is; its saddle 0 has the rates
/// a + 1 and a - 1 (Sandstede 1997, J. Dynam. Differential Equations 9:269, in the plane).
class KnownLoop : public testing::Test {
protected:
    Family family{field_of_equations("par mu=0, a=-0.5\n"
                                     "x'=a*x+y-a*x^2+mu\n"
                                     "y'=x+a*y-1.5*x^2-1.5*a*x*y\n"
                                     "init x=0.6, y=0.1\ndone\n"),
                  "mu",
                  {-0.5, 0.5}};
    std::array<std::size_t, 2> free{family.free, index_of(family.field->parameters(), "a")};

    [[nodiscard]] CurveStart start() {
        family.set("mu", 0.02);
        const Vector inside{{0.6, 0.1}};
        const AttractingCycle found =
            find_attracting_cycle({family.field, family.parameters, inside});
        const Branch cycles = family.follow(
            cycles_from_orbit(family.field, family.parameters, family.free, found.orbit));
        EXPECT_EQ(cycles.status, Status::ended_at_homoclinic) << cycles.message;
        const auto end = of_type(cycles, PointType::homoclinic);
        if (end.empty()) return {};
        const auto starts =
            cycle_curves_through(family.field, family.parameters, free, end.front());
        return starts.empty() ? CurveStart{} : starts.front();
    }
};

TEST_F(KnownLoop, IsFollowedWhereItIsAndEndsWhereItsSaddleDoes) {
    const CurveStart at = start();
    ASSERT_NE(at.problem, nullptr);
    const Branch loops = follow(at, {{-0.5, 0.5}, {-1.5, -0.2}});
    EXPECT_EQ(loops.kind, CurveKind::homoclinic);
    EXPECT_EQ(loops.status, Status::ended_at_snic) << loops.message;
    ASSERT_GT(loops.points.size(), 10U);
    for (const BranchPoint& point : loops.points) {
        EXPECT_NEAR(point.parameters[0], 0.0, parameter_accuracy);
        EXPECT_NEAR(point.spectrum[0].real(), point.parameters[1] + 1.0, parameter_accuracy);
        const Eigen::Index nodes = (point.z.size() - 7) / 2;
        const Matrix u = point.z.head(2 * nodes).reshaped(2, nodes);
        const Eigen::ArrayXd x = u.row(0), y = u.row(1);
        EXPECT_LT((x.square() * (1.0 - x) - y.square()).abs().maxCoeff(), orbit_accuracy);
    }
    const auto ends = of_type(loops, PointType::snic);
    ASSERT_EQ(ends.size(), 1U);
    EXPECT_LT(ends[0].error, parameter_accuracy);
    EXPECT_NEAR(ends[0].at.parameters[1], -1.0, ends[0].error + parameter_accuracy);
}

/// The bordered system must take G_z v, by differences of G, back to v.
TEST_F(KnownLoop, HasExactDerivatives) {
    const CurveStart at = start();
    ASSERT_NE(at.problem, nullptr);
    ZeroProblem& problem = *at.problem;
    const BranchPoint here = follow(at, {{-0.5, 0.5}, {-0.6, -0.4}}).points.front();
    problem.restore_frame(here);
    problem.prepare(here);
    const Vector scales = problem.scales_at(here.z), row = Vector::Ones(here.z.size());
    const auto residual = [&](const Vector& at_z) {
        return problem.linearize(at_z, row, scales).residual;
    };
    const CurveLinearization linear = problem.linearize(here.z, row, scales);
    for (const double phase : {0.3, 1.1}) {
        Vector v(here.z.size());
        for (Eigen::Index k = 0; k < v.size(); ++k)
            v[k] = std::sin(phase * static_cast<double>(k + 1)) * scales[k];
        // The ends and the saddle by less than they are apart.
        constexpr double h = 1e-5, apart = 1e-4;
        v.head(2) *= apart;
        v.tail(4) *= apart;
        Matrix b(here.z.size(), 1);
        b << (residual(here.z + h * v) - residual(here.z - h * v)) / (2.0 * h), row.dot(v);
        linear.bordered->solve(b);
        EXPECT_LT((b.col(0) - v).cwiseQuotient(scales).cwiseAbs().maxCoeff(), orbit_accuracy);
    }
}

/// One curve, reached from long cycles and from the Bogdanov-Takens point where it ends.
class MorrisAndLecar : public testing::Test {
protected:
    Family family{"morris_lecar", "I", {-50.0, 250.0}};
    std::array<std::size_t, 2> free{family.free, index_of(family.field->parameters(), "phi")};
    static constexpr double fold = 39.9631530927;  ///< in I alone: it does not depend on phi

    /// For phi above or below a value, with the orbit at phi = 0.23 where AUTO has it.
    [[nodiscard]] Branch orbits(const CurveStart& start, ContinuationOptions::Bound phi) const {
        Branch found = follow(start, {{-50.0, 250.0}, phi}, {std::make_shared<SecondAt>(0.23)});
        const auto at = of_type(found, PointType::user);
        EXPECT_EQ(at.size(), 1U);
        for (const SpecialPoint& point : at)
            EXPECT_NEAR(point.at.parameters[0], 35.006734198, digits);
        return found;
    }
};

TEST_F(MorrisAndLecar, HaveHomoclinicOrbitsFromLongCyclesToASaddleNode) {
    family.set("phi", 0.23);
    const Branch cycles = family.cycles(0, 300.0);
    ASSERT_EQ(cycles.status, Status::ended_at_homoclinic) << cycles.message;
    const auto starts =
        cycle_curves_through(family.field, family.parameters, free, cycles.special.back());
    ASSERT_EQ(starts.size(), 1U);
    const auto ends = of_type(orbits(starts.front(), {0.05, 0.24}), PointType::snic);
    ASSERT_EQ(ends.size(), 1U);
    EXPECT_NEAR(ends[0].at.parameters[0], fold, ends[0].error);
    EXPECT_LT(ends[0].error, 1e-3);
}

TEST_F(MorrisAndLecar, HaveHomoclinicOrbitsFromTheirBogdanovTakensPoint) {
    family.set("phi", 0.23);
    family.parameters[static_cast<Eigen::Index>(family.free)] = family.range.low;
    const auto rest =
        find_equilibrium({family.field, family.parameters, default_values(family.field->states())});
    const Branch equilibria = continue_branch(
        equilibrium_curve(family.field, family.parameters, family.free),
        equilibrium_start(rest.state, family.range.low), {.bounds = {family.range}});
    std::vector<SpecialPoint> corners;
    for (const SpecialPoint& point : of_type(equilibria, PointType::fold)) {
        Vector p = family.parameters;
        p[static_cast<Eigen::Index>(family.free)] = point.at.parameters[0];
        for (const CurveStart& start :
             curves_through(family.field, {PointType::fold, point.at.z.head(2), p}, free)) {
            const auto found =
                of_type(follow(start, {{-50.0, 250.0}, {0.05, 2.0}}), PointType::bogdanov_takens);
            corners.insert(corners.end(), found.begin(), found.end());
        }
    }
    ASSERT_EQ(corners.size(), 1U);
    const auto starts =
        cycle_curves_through(family.field, family.parameters, free, corners.front());
    ASSERT_EQ(starts.size(), 1U);
    const auto end = of_type(orbits(starts.front(), {0.22, 2.0}), PointType::bogdanov_takens);
    ASSERT_EQ(end.size(), 1U);
    EXPECT_NEAR(end[0].at.parameters[0], corners[0].at.parameters[0], end[0].error + digits);
    EXPECT_NEAR(end[0].at.parameters[1], corners[0].at.parameters[1], end[0].error + digits);
}

TEST(HomoclinicOrbits, AreNotThereWhereNoSaddleIsNear) {
    Family family("stuart_landau", "a", {-1.0, 1.0});
    const Branch cycles = family.cycles(0);
    SpecialPoint none;
    none.type = PointType::homoclinic;
    none.at = cycles.points.back();
    EXPECT_TRUE(cycle_curves_through(family.field, family.parameters, {0, 1}, none).empty());
}

}  // namespace
}  // namespace cortifold
