// Complete diagrams of normal forms, of which all branches and curves are known.

#include "support/branches.hpp"
#include <cortifold/continuation/diagram.hpp>
#include <cortifold/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <set>

using namespace cortifold;
using cortifold::testing::make_field;
using cortifold::testing::make_series_field;
using cortifold::testing::types;
using cortifold::testing::vector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

using Fields = std::shared_ptr<const VectorField>;

/// In the box -2 < x < 2 and -1 < p1 < 1.
DiagramProblem problem(const Fields& field, const Vector& parameters) {
    DiagramProblem posed;
    posed.field = field;
    posed.parameters = parameters;
    posed.range = {-1.0, 1.0};
    posed.high = Vector::Constant(field->dimension(), 2.0);
    posed.low = -posed.high;
    return posed;
}
DiagramProblem two_parameters(const Fields& field, double second) {
    DiagramProblem two = problem(field, vector({0.0, second}));
    two.second = {1, {-1.0, 1.0}};
    return two;
}

std::map<CurveKind, int> kinds(const Diagram& diagram) {
    std::map<CurveKind, int> counts;
    for (const Branch& branch : diagram.branches) ++counts[branch.kind];
    return counts;
}

std::multiset<PointType> all_types(const Diagram& diagram) {
    std::multiset<PointType> all;
    for (const Branch& branch : diagram.branches)
        for (const SpecialPoint& point : branch.special) all.insert(point.type);
    return all;
}

std::set<std::string> labels(const Diagram& diagram) {
    std::set<std::string> all;
    for (const Branch& branch : diagram.branches)
        for (const SpecialPoint& point : branch.special) all.insert(point.label);
    return all;
}

/// x (p - x^2)
Fields pitchfork() {
    return make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] * x[0] - x[0] * x[0] * x[0]};
    });
}

/// x' = p1 + p2 x - x^3
Fields cusp() {
    return make_series_field<1, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] + p[1] * x[0] - x[0] * x[0] * x[0]};
    });
}

Fields bogdanov_takens() {
    return make_series_field<2, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 2>{x[1], p[0] + p[1] * x[1] + x[0] * x[0] + x[0] * x[1]};
    });
}

}  // namespace

TEST(CompleteDiagram, OfAPitchforkHasTwoBranchesThatMeetOnce) {
    const Diagram diagram = complete_diagram(problem(pitchfork(), vector({0.0})));
    EXPECT_EQ(diagram.status, Status::converged) << diagram.message;
    EXPECT_THAT(diagram.branches, SizeIs(2));
    EXPECT_EQ(labels(diagram), std::set<std::string>{"branch_point1"});
    ASSERT_FALSE(diagram.graph.empty());
    for (const DiagramLink& link : diagram.graph) {
        EXPECT_EQ(link.label, "branch_point1");
        EXPECT_NE(link.from, link.to);
    }
}

// The isola x^2 + p^2 = 1/4 around nothing, which no branch leads to, and the line x = 1.
TEST(CompleteDiagram, FindsABranchThatNoOtherLeadsTo) {
    const auto field = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{(1.0 - x[0]) * (0.25 - x[0] * x[0] - p[0] * p[0])};
    });
    const Diagram diagram = complete_diagram(problem(field, vector({0.0})));
    EXPECT_EQ(diagram.status, Status::converged) << diagram.message;
    ASSERT_THAT(diagram.branches, SizeIs(2));
    EXPECT_EQ(std::ranges::count(diagram.branches, Status::closed_branch, &Branch::status), 1);
    EXPECT_EQ(labels(diagram), (std::set<std::string>{"fold1", "fold2"}));
    EXPECT_THAT(diagram.graph, IsEmpty());
}

TEST(CompleteDiagram, OfTheCuspHasOneBranchAndOneCurveThroughBothFolds) {
    const Diagram diagram = complete_diagram(two_parameters(cusp(), 0.75));
    EXPECT_EQ(diagram.status, Status::converged) << diagram.message;
    EXPECT_EQ(kinds(diagram),
              (std::map<CurveKind, int>{{CurveKind::equilibrium, 1}, {CurveKind::fold, 1}}));
    EXPECT_EQ(labels(diagram), (std::set<std::string>{"fold1", "fold2", "cusp1"}));
    ASSERT_THAT(diagram.graph, SizeIs(2));
    for (const DiagramLink& link : diagram.graph) {
        EXPECT_EQ(link.from, 0U);
        EXPECT_EQ(link.to, 1U);
    }
}

TEST(CompleteDiagram, OfTheBogdanovTakensPointHasAFoldAndAHopfCurve) {
    const Diagram diagram = complete_diagram(two_parameters(bogdanov_takens(), 0.5));
    EXPECT_EQ(diagram.status, Status::converged) << diagram.message;
    EXPECT_EQ(kinds(diagram),
              (std::map<CurveKind, int>{
                  {CurveKind::equilibrium, 1}, {CurveKind::fold, 1}, {CurveKind::hopf, 1}}));
    EXPECT_EQ(labels(diagram), (std::set<std::string>{"fold1", "hopf1", "bogdanov_takens1"}));
}

TEST(CompleteDiagram, IsTheSameFromOtherSlices) {
    for (const auto& its_problem :
         {two_parameters(cusp(), 0.75), two_parameters(bogdanov_takens(), 0.5)}) {
        const Diagram expected = complete_diagram(its_problem);
        for (const int slices : {2, 3, 8}) {
            const Diagram found = complete_diagram(its_problem, {.slices = slices});
            EXPECT_EQ(kinds(found), kinds(expected));
            EXPECT_EQ(all_types(found), all_types(expected));
            EXPECT_EQ(labels(found), labels(expected));
        }
    }
}

TEST(CompleteDiagram, StartsBranchesAtTheirLowEnd) {
    const Diagram diagram = complete_diagram(two_parameters(cusp(), 0.75));
    for (const Branch& branch : diagram.branches)
        EXPECT_LE(branch.points.front().parameters[0], branch.points.back().parameters[0]);
}

TEST(CompleteDiagram, SaysWhereThereIsNoEquilibrium) {
    const auto field = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{1.0 + x[0] * x[0] + p[0] * p[0]}; });
    const Diagram diagram = complete_diagram(problem(field, vector({0.0})));
    EXPECT_FALSE(succeeded(diagram.status));
    EXPECT_THAT(diagram.message, HasSubstr("no equilibrium"));
    EXPECT_THAT(diagram.branches, IsEmpty());
}

TEST(CompleteDiagram, SaysThatTheModelHasNoValue) {
    const auto field = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{sqrt(-2.0 - p[0]) + x[0]}; });
    const Diagram diagram = complete_diagram(problem(field, vector({0.0})));
    EXPECT_EQ(diagram.status, Status::non_finite);
    EXPECT_THAT(diagram.message, HasSubstr("no equilibrium was found"));
    EXPECT_THAT(diagram.message, HasSubstr("the first start: "));
}

// x + y is conserved, which the first slice, p = 0, alone does not show.
TEST(CompleteDiagram, SaysWhatIsConservedWhereOneSliceShowsIt) {
    const auto field = make_series_field<2, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T exchange = p[1] * x[1] - p[0] * x[0];
        return std::array<T, 2>{exchange, T(-exchange)};
    });
    DiagramProblem posed = problem(field, vector({0.0, 1.0}));
    posed.range = {0.0, 10.0};
    posed.starts = {vector({0.5, 0.5})};
    const Diagram diagram = complete_diagram(posed);
    EXPECT_EQ(diagram.status, Status::singular_jacobian);
    EXPECT_THAT(diagram.notes, SizeIs(1));
    EXPECT_THAT(diagram.message, HasSubstr("from a state at rest no curve was followed"));
}

TEST(CompleteDiagram, SaysWhatItLeavesOutAndWhy) {
    const auto imperfect = make_series_field<1, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] * x[0] - x[0] * x[0] * x[0] + p[1]};
    });
    const Diagram diagram = complete_diagram(two_parameters(imperfect, 0.0));
    EXPECT_EQ(diagram.status, Status::converged) << diagram.message;
    EXPECT_EQ(kinds(diagram), (std::map<CurveKind, int>{{CurveKind::equilibrium, 2}}));
    ASSERT_THAT(diagram.notes, SizeIs(1));
    EXPECT_THAT(diagram.notes[0], HasSubstr("from branch_point1 no curve was followed"));
}

// x (p - x) on the slices p = -1 and p = 1, then p = 0 where both branches meet.
TEST(CompleteDiagram, MindsNoSliceThatMeetsABranchPoint) {
    const auto transcritical = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{p[0] * x[0] - x[0] * x[0]};
    });
    DiagramProblem posed = problem(transcritical, vector({0.0}));
    const double golden = 1.0 / std::numbers::phi;  // the third slice lies there in the range
    posed.range = {-golden, 1.0 - golden};
    const Diagram diagram = complete_diagram(posed, {.slices = 3});
    EXPECT_NEAR(diagram.slices[1].parameter, 0.0, 1e-15);
    EXPECT_EQ(diagram.status, Status::converged) << diagram.message;
    EXPECT_THAT(diagram.branches, SizeIs(2));
    EXPECT_THAT(diagram.notes, IsEmpty());
}

// A pitchfork at p1 = 0 beside an oscillator that grows from p2 = 0 on: where the two meet the Hopf
// curves of three branches cross.
TEST(CompleteDiagram, StartsNoCurveWhereHopfPointsMeetACurveOfBranchPoints) {
    const auto field = make_series_field<3, 2>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        const T r = x[1] * x[1] + x[2] * x[2];
        return std::array<T, 3>{p[0] * x[0] - x[0] * x[0] * x[0], p[1] * x[1] - x[2] - r * x[1],
                                x[1] + p[1] * x[2] - r * x[2]};
    });
    const Diagram diagram = complete_diagram(two_parameters(field, -0.5));
    EXPECT_EQ(diagram.status, Status::converged) << diagram.message;
    EXPECT_EQ(kinds(diagram), (std::map<CurveKind, int>{{CurveKind::equilibrium, 2},
                                                        {CurveKind::branch_point, 1}}));
    EXPECT_THAT(diagram.notes, ElementsAre("from fold_hopf1 no curve was followed: branches of "
                                           "equilibria meet there"));
}

// x^2 + p^2 = 1/4: two equilibria where |p| < 1/2.
TEST(CompleteDiagram, CountsTheEquilibriaThatItFindsOnItsSlices) {
    const auto circle = make_series_field<1, 1>([](const auto& x, const auto& p) {
        using T = std::decay_t<decltype(x[0])>;
        return std::array<T, 1>{0.25 - x[0] * x[0] - p[0] * p[0]};
    });
    const Diagram diagram = complete_diagram(problem(circle, vector({0.0})), {.slices = 8});
    ASSERT_THAT(diagram.slices, SizeIs(8));
    EXPECT_TRUE(std::ranges::is_sorted(diagram.slices, {}, &DiagramSlice::parameter));
    for (const DiagramSlice& slice : diagram.slices)
        EXPECT_EQ(slice.equilibria, std::abs(slice.parameter) < 0.5 ? 2U : 0U) << slice.parameter;
}

TEST(CompleteDiagram, StopsForItsObserver) {
    const Diagram diagram =
        complete_diagram(problem(pitchfork(), vector({0.0})),
                         {.observer = [](const Branch&) { return Flow::stop; }});
    EXPECT_EQ(diagram.status, Status::stopped_by_observer);
    EXPECT_THAT(diagram.branches, SizeIs(1));
}

TEST(CompleteDiagram, SaysThatThereAreMoreBranchesThanItMayFollow) {
    const Diagram diagram =
        complete_diagram(problem(pitchfork(), vector({0.0})), {.max_branches = 1});
    EXPECT_EQ(diagram.status, Status::iteration_limit);
    EXPECT_THAT(diagram.message, HasSubstr("max_branches = 1"));
    EXPECT_THAT(diagram.branches, SizeIs(1));
}

TEST(CompleteDiagram, FollowsNoBranchThatItCannotKeep) {
    std::set<double> on_the_side;  // x of points that are followed of x = +-sqrt(p)
    DiagramOptions options{.max_branches = 1};
    options.continuation.observer = [&](const BranchPoint& point) {
        if (std::abs(point.z[0]) > 1e-3) on_the_side.insert(point.z[0]);
        return Flow::proceed;
    };
    DiagramProblem posed = problem(pitchfork(), vector({0.0}));
    posed.starts = {vector({0.0})};
    (void)complete_diagram(posed, options);
    EXPECT_THAT(on_the_side, IsEmpty());
}

TEST(CompleteDiagram, RefusesTheSameParameterTwice) {
    DiagramProblem twice = problem(pitchfork(), vector({0.0}));
    twice.second = {0, {-1.0, 1.0}};
    EXPECT_THROW((void)complete_diagram(twice), UsageError);
}

TEST(CompleteDiagram, RefusesOptionsByName) {
    EXPECT_THROW((void)complete_diagram(problem(pitchfork(), vector({0.0})), {.slices = 0}),
                 UsageError);
    EXPECT_THROW((void)complete_diagram(problem(pitchfork(), vector({0.0})), {.max_branches = 0}),
                 UsageError);
}
