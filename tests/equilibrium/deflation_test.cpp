#include "fields.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/equilibrium/deflation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace cortifold {
namespace {

using ::testing::HasSubstr;
using testing::jansen_rit;
using testing::make_field;
using testing::montbrio_pazo_roxin;
using ::testing::ThrowsMessage;
using testing::vector;

TEST(FindAllEquilibria, FindsTheThreeOfThePitchforkInOrder) {
    const auto pitchfork = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] * x[0] - x[0] * x[0] * x[0]}; });
    const SearchResult found =
        find_all_equilibria({pitchfork, vector({2.0}), vector({-3.0}), vector({3.0}), {}});
    ASSERT_EQ(found.equilibria.size(), 3u) << found.message;
    const double root = std::sqrt(2.0);
    EXPECT_NEAR(found.equilibria[0].state[0], -root, 1e-15);
    EXPECT_NEAR(found.equilibria[1].state[0], 0.0, 1e-15);
    EXPECT_NEAR(found.equilibria[2].state[0], root, 1e-15);
    EXPECT_EQ(found.equilibria[1].n_unstable, 1);
}

TEST(FindAllEquilibria, DeflatesFromASingleStartToTheOtherRoots) {
    const auto cubic = make_field<1, 0>(
        [](const auto& x, const auto&) { return std::array{(x[0] - 1.0) * x[0] * (x[0] + 2.0)}; });
    const SearchProblem problem{cubic, Vector(), vector({-3.0}), vector({3.0}), {vector({1.2})}};
    EXPECT_EQ(find_all_equilibria(problem, {.starts = 0, .deflated_solves = 0}).equilibria.size(),
              1u);
    EXPECT_EQ(find_all_equilibria(problem, {.starts = 0, .deflated_solves = 3}).equilibria.size(),
              3u);
}

TEST(FindAllEquilibria, FindsAll27RootsOfThreeCoupledCubics) {
    // The roots in y = (-1, 0, 2)^3, seen through an oblique map x -> y.
    const auto cubics = make_field<3, 0>([](const auto& x, const auto&) {
        const auto cubic = [](const auto& y) { return (y + 1.0) * y * (y - 2.0); };
        return std::array{cubic(x[0] + 0.3 * x[1]), cubic(x[1] - 0.2 * x[2]), cubic(x[2])};
    });
    const Vector corner = Vector::Constant(3, 4.0);
    const SearchResult found = find_all_equilibria({cubics, Vector(), -corner, corner, {}});
    ASSERT_EQ(found.equilibria.size(), 27u) << found.message;
    for (const EquilibriumResult& root : found.equilibria) EXPECT_LT(root.residual, 1e-14);
}

TEST(FindAllEquilibria, OrdersEqualFirstStatesByTheSecond) {
    const auto grid = make_field<2, 0>([](const auto& x, const auto&) {
        using std::sin;
        return std::array{sin(x[0] / 3.0) * (x[0] - 1.0), sin(x[1] / 3.0) * (x[1] - 1.0)};
    });
    const Vector corner = Vector::Constant(2, 5.0);
    const SearchResult found = find_all_equilibria({grid, Vector(), -corner, corner, {}});
    ASSERT_EQ(found.equilibria.size(), 4u);
    for (std::size_t k = 0; k < 4; ++k) {
        EXPECT_NEAR(found.equilibria[k].state[0], double(k / 2), 1e-14);
        EXPECT_NEAR(found.equilibria[k].state[1], double(k % 2), 1e-14);
    }
}

// Reference: the quartic in r of the fixed points, to 15 digits.
TEST(FindAllEquilibria, FindsNodeSaddleAndFocusOfTheBistableMeanField) {
    const SearchResult found = find_all_equilibria(
        {montbrio_pazo_roxin(), vector({-5.0, 15.0}), vector({0.0, -5.0}), vector({3.0, 1.0}), {}});
    ASSERT_EQ(found.equilibria.size(), 3u) << found.message;
    const std::array r{0.0811344419501197, 0.47298034068468386, 1.0305967988375717};
    const std::array v{-1.9616199885831658, -0.3364937808229059, -0.15442988302642605};
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(found.equilibria[k].state[0], r[k], 2e-15);
        EXPECT_NEAR(found.equilibria[k].state[1], v[k], 2e-15);
        EXPECT_EQ(found.equilibria[k].n_unstable, k == 1 ? 1 : 0);
    }
}

// Folds at p = -41.3014104878 and p = 113.586273213, from the curve p(y1 - y2).
TEST(FindAllEquilibria, CountsTheEquilibriaOfTheJansenRitModelBetweenItsFolds) {
    const auto count = [](double p, double widths = 1.0) {
        const SearchResult found =
            find_all_equilibria({jansen_rit(),
                                 vector({p}),
                                 widths * vector({0.0, -10.0, 0.0, -100.0, -1000.0, -1000.0}),
                                 widths * vector({0.2, 40.0, 40.0, 100.0, 1000.0, 1000.0}),
                                 {}},
                                {.context = {.threads = 2}});
        return found.equilibria.size();
    };
    EXPECT_EQ(count(-41.31), 1u);
    EXPECT_EQ(count(-41.29), 3u);
    EXPECT_EQ(count(113.58), 3u);
    EXPECT_EQ(count(113.59), 1u);
    EXPECT_EQ(count(113.5862), 3u) << "node and saddle close to the fold";
    EXPECT_EQ(count(113.58, 20.0), 3u) << "and in a wide box";
}

TEST(FindAllEquilibria, DoesNotDependOnTheNumberOfThreads) {
    const auto search = [](int threads) {
        return find_all_equilibria({montbrio_pazo_roxin(),
                                    vector({-5.0, 15.0}),
                                    vector({0.0, -5.0}),
                                    vector({3.0, 1.0}),
                                    {}},
                                   {.context = {.threads = threads}});
    };
    const SearchResult one = search(1), four = search(4);
    ASSERT_EQ(one.equilibria.size(), four.equilibria.size());
    EXPECT_EQ(one.solves, four.solves);
    EXPECT_EQ(one.message, four.message);
    for (std::size_t k = 0; k < one.equilibria.size(); ++k) {
        EXPECT_EQ(one.equilibria[k].state, four.equilibria[k].state) << "bit for bit";
        EXPECT_EQ(one.equilibria[k].residuals, four.equilibria[k].residuals);
    }
}

TEST(FindAllEquilibria, ReportsOnlyWhatLiesInTheBox) {
    const auto wave = make_field<1, 0>([](const auto& x, const auto&) {
        using std::sin;
        return std::array{sin(x[0])};
    });
    const SearchResult found =
        find_all_equilibria({wave, Vector(), vector({-4.0}), vector({1.0}), {}});
    ASSERT_EQ(found.equilibria.size(), 2u) << found.message;
    EXPECT_NEAR(found.equilibria[0].state[0], -std::numbers::pi, 1e-15);
}

TEST(FindAllEquilibria, SaysWhyThereIsNone) {
    const auto parabola =
        make_field<1, 0>([](const auto& x, const auto&) { return std::array{x[0] * x[0] + 1.0}; });
    const auto nowhere = make_field<1, 0>([](const auto& x, const auto&) {
        return std::array{x[0] * std::numeric_limits<double>::quiet_NaN()};
    });
    const auto search = [](std::shared_ptr<const VectorField> field) {
        return find_all_equilibria({field, Vector(), vector({-1.0}), vector({2.0}), {}});
    };
    EXPECT_FALSE(succeeded(search(parabola).status));
    EXPECT_THAT(search(parabola).message, HasSubstr("0 equilibria in the box"));
    EXPECT_EQ(search(nowhere).status, Status::non_finite);
}

TEST(FindAllEquilibria, LetsTheErrorsOfAFieldOutOfItsThreads) {
    const auto broken = make_field<1, 0>([](const auto& x, const auto&) {
        if (x[0] > 0.5) throw std::domain_error("the field is broken");
        return std::array{x[0] - 1.0};
    });
    const SearchProblem problem{broken, Vector(), vector({-1.0}), vector({2.0}), {}};
    EXPECT_THROW((void)find_all_equilibria(problem, {.context = {.threads = 2}}),
                 std::domain_error);
}

TEST(FindAllEquilibria, RefusesAnEmptyBoxByNameOfTheState) {
    const auto line = make_field<1, 0>([](const auto& x, const auto&) { return std::array{x[0]}; });
    EXPECT_THAT(
        [&] {
            (void)find_all_equilibria({line, Vector(), vector({1.0}), vector({1.0}), {}});
        },
        ThrowsMessage<UsageError>(HasSubstr("the box of x1")));
}

}  // namespace
}  // namespace cortifold
