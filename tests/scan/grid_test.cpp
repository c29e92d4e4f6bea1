#include <cortifold/core/error.hpp>
#include <cortifold/scan/grid.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <set>

namespace cortifold {
namespace {

const ScanAxis x{"x", "ms", -1.3, 1.7, 7}, y{"y", "", 0.1, 2.9, 5};

TEST(ScanGrid, HasEveryCellInOneChainThatGoesAlongItsFirstAxis) {
    for (const std::int64_t length : {1, 3, 7, 100}) {
        std::set<GridPlace> seen;
        for (const CellChain& chain : ScanGrid({x, y}, 2).chains(length)) {
            EXPECT_LE(chain.places.size(), static_cast<std::size_t>(length));
            EXPECT_FALSE(chain.after);
            for (std::size_t k = 0; k < chain.places.size(); ++k) {
                EXPECT_TRUE(seen.insert(chain.places[k]).second);
                EXPECT_EQ(chain.places[k][1], chain.places[0][1]);
                EXPECT_EQ(chain.places[k][0], chain.places[0][0] + 4 * static_cast<int>(k));
            }
        }
        EXPECT_EQ(seen.size(), 35U);
    }
}

TEST(ScanGrid, GoesTheOtherWayAlongItsFirstAxisAlone) {
    const auto up = ScanGrid({x, y}, 1).chains(3),
               down = ScanGrid({x, y}, 1, ChainDirection::decreasing).chains(3);
    ASSERT_EQ(up.size(), down.size());
    for (std::size_t k = 0; k < up.size(); ++k)
        for (std::size_t j = 0; j < up[k].places.size(); ++j)
            EXPECT_EQ(down[k].places[j], (GridPlace{12 - up[k].places[j][0], up[k].places[j][1]}));
}

TEST(ScanGrid, BeginsARefinedCellWithTheOneThatItsChainsComeFrom) {
    const std::vector<ScanGrid::Known> known{
        {{0, 0}, "a"}, {{0, 2}, "a"}, {{2, 0}, "b"}, {{2, 2}, "b"}};
    for (const auto& [direction, from] :
         {std::pair{ChainDirection::increasing, 0}, {ChainDirection::decreasing, 2}}) {
        const ScanGrid grid({{"x", "", 0.0, 1.0, 2}, {"y", "", 0.0, 1.0, 2}}, 1, direction);
        const auto chains = grid.refined(1, known);
        ASSERT_EQ(chains.size(), 5U);
        for (const CellChain& chain : chains) {
            const GridPlace& place = chain.places.front();
            EXPECT_EQ(chain.after, (GridPlace{place[0] == 1 ? from : place[0], place[1] / 2 * 2}));
        }
    }
}

TEST(ScanGrid, EndsExactlyWhereItsAxesEnd) {
    const ScanGrid grid({x, y}, 3);
    EXPECT_EQ(grid.values({0, 0}), (std::vector<double>{-1.3, 0.1}));
    EXPECT_EQ(grid.values({48, 32}), (std::vector<double>{1.7, 2.9}));
}

TEST(ScanGrid, RefusesWhatIsNoGrid) {
    EXPECT_THROW(ScanGrid({}, 0), UsageError);
    EXPECT_THROW(ScanGrid({x, x, x, x}, 0), UsageError);
    EXPECT_THROW(ScanGrid({{"x", "", 1.0, 1.0, 5}}, 0), UsageError);
    EXPECT_THROW(ScanGrid({{"x", "", 0.0, 1.0, 1}}, 0), UsageError);
    EXPECT_THROW(ScanGrid({x}, -1), UsageError);
}

/// Refines where the sign of a function changes between neighbours.
std::map<GridPlace, bool> refine(const ScanGrid& grid, double (*f)(double, double)) {
    std::map<GridPlace, bool> cells;
    const auto add = [&](const std::vector<CellChain>& chains) {
        for (const CellChain& chain : chains) {
            EXPECT_TRUE(!chain.after || cells.contains(*chain.after));
        }
        for (const CellChain& chain : chains)
            for (const GridPlace& place : chain.places) {
                const std::vector<double> at = grid.values(place);
                EXPECT_TRUE(cells.emplace(place, f(at[0], at[1]) > 0.0).second);
            }
    };
    add(grid.chains(4));
    for (int level = 1; level <= grid.refinements(); ++level) {
        std::vector<ScanGrid::Known> known;
        for (const auto& [place, inside] : cells) known.push_back({place, inside ? "in" : "out"});
        add(grid.refined(level, known));
    }
    return cells;
}

TEST(ScanGrid, IsRefinedAlongABoundaryAndNowhereElse) {
    const auto circle = [](double a, double b) { return a * a + b * b - 1.0; };
    std::size_t before = 0;
    for (int refinements = 1; refinements <= 6; ++refinements) {
        const ScanGrid grid({{"x", "", -1.5, 1.5, 11}, {"y", "", -1.5, 1.5, 11}}, refinements);
        const auto cells = refine(grid, circle);
        for (const auto& [place, inside] : cells) {
            const int level = grid.level(place);
            const auto at = grid.values(place);
            const double box = 0.3 / std::pow(2.0, level - 1);  // the one that was halved
            EXPECT_TRUE(level == 0 ||
                        std::abs(std::hypot(at[0], at[1]) - 1.0) <= std::sqrt(2.0) * box);
        }
        // A curve's cells double with each halving, an area's are four times as many.
        EXPECT_TRUE(before == 0 ||
                    static_cast<double>(cells.size()) < 2.2 * static_cast<double>(before));
        before = cells.size();
    }
}

TEST(ScanGrid, BisectsAnInterval) {
    const ScanGrid grid({{"x", "", 0.0, 1.0, 2}}, 10);
    std::vector<ScanGrid::Known> known{{{0}, "a"}, {{1024}, "b"}};
    for (int level = 1; level <= 10; ++level) {
        const auto chains = grid.refined(level, known);
        ASSERT_EQ(chains.size(), 1U);
        const GridPlace place = chains.front().places.front();
        known.push_back({place, grid.values(place)[0] < 0.3 ? "a" : "b"});
        std::ranges::sort(known, {}, &ScanGrid::Known::place);
    }
    const auto last_a =
        std::ranges::find(known.rbegin(), known.rend(), "a", &ScanGrid::Known::result);
    EXPECT_EQ(last_a->place, GridPlace{307});  // 0.3 x 1024 = 307.2
}

RC_GTEST_PROP(ScanGridProperty, KnowsTheLevelOfWhatItAdds, ()) {
    const int refinements = *rc::gen::inRange(1, 4);
    const ScanGrid grid({x, y, {"z", "", 0.0, 1.0, 3}}, refinements);
    std::map<GridPlace, std::string> cells;
    for (const CellChain& chain : grid.chains(2))
        for (const GridPlace& place : chain.places) {
            RC_ASSERT(grid.level(place) == 0);
            cells[place] = *rc::gen::weightedElement<std::string>({{20, "a"}, {1, "b"}});
        }
    for (int level = 1; level <= refinements; ++level) {
        std::vector<ScanGrid::Known> known;
        for (const auto& [place, result] : cells) known.push_back({place, result});
        for (const CellChain& chain : grid.refined(level, known)) {
            RC_ASSERT(grid.level(chain.places.front()) == level);
            RC_ASSERT(grid.level(*chain.after) < level);
            cells[chain.places.front()] = "a";
        }
    }
}

}  // namespace
}  // namespace cortifold
