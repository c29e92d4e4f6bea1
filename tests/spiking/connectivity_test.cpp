#include "spiking/binomial.hpp"
#include "spiking/projection_rows.hpp"
#include "support/chi_square.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace cortifold {
namespace {

using Rows = std::vector<std::vector<std::uint32_t>>;

constexpr std::uint64_t seed = 11;

ProjectionIndex between(std::uint32_t sources, std::uint32_t targets) {
    return {.number = 3, .source = 0, .target = 1, .sources = sources, .targets = targets};
}

ProjectionIndex within(std::uint32_t neurons) {
    return {.number = 4, .sources = neurons, .targets = neurons, .no_autapses = true};
}

Rows draw(const ConnectionRule& rule, const ProjectionIndex& index, std::uint32_t first,
          std::uint32_t last) {
    const ProjectionRows rows(rule, index, seed, first, last);
    Rows all;
    for (std::uint32_t source = first; source < last; ++source) {
        WordStream stream = rows.stream(source);
        rows.draw_targets(source, stream, all.emplace_back());
    }
    return all;
}

Rows draw(const ConnectionRule& rule, const ProjectionIndex& index) {
    return draw(rule, index, 0, index.sources);
}

std::vector<double> indegrees(const Rows& rows, std::uint32_t targets) {
    std::vector<double> degrees(targets);
    for (const auto& row : rows)
        for (const std::uint32_t target : row) ++degrees.at(target);
    return degrees;
}

std::vector<double> outdegrees(const Rows& rows) {
    std::vector<double> degrees;
    for (const auto& row : rows) degrees.push_back(static_cast<double>(row.size()));
    return degrees;
}

double sum(const std::vector<double>& degrees) {
    double total = 0.0;
    for (const double degree : degrees) total += degree;
    return total;
}

/// How often each degree occurs, against a binomial law.
void expect_binomial(const std::vector<double>& degrees, std::uint64_t trials, double p) {
    const auto most = static_cast<std::size_t>(*std::ranges::max_element(degrees));
    std::vector<double> observed(most + 1), expected;
    for (const double degree : degrees) ++observed[static_cast<std::size_t>(degree)];
    double left = static_cast<double>(degrees.size());
    for (std::size_t k = 0; k <= most; ++k) {
        expected.push_back(static_cast<double>(degrees.size()) *
                           binomial_probability(k, trials, p));
        left -= expected.back();
    }
    expected.back() += left;  // what lies above
    const auto merged = test::merge_small(observed, expected);
    EXPECT_LT(merged.statistic, test::chi_square_limit(merged.degrees));
}

TEST(TotalNumber, JoinsPairsThatAreDrawnIndependently) {
    constexpr std::uint64_t synapses = 60'000;
    const Rows rows = draw(TotalNumber{synapses}, between(1500, 2000));
    EXPECT_EQ(sum(outdegrees(rows)), synapses);
    expect_binomial(outdegrees(rows), synapses, 1.0 / 1500);
    expect_binomial(indegrees(rows, 2000), synapses, 1.0 / 2000);
}

TEST(TotalNumber, DrawsEachPairEquallyOften) {
    constexpr std::uint32_t sources = 9, targets = 13;
    const Rows rows = draw(TotalNumber{117'000}, between(sources, targets));
    std::vector<double> observed(sources * targets);
    const std::vector<double> expected(sources * targets, 1000.0);
    for (std::uint32_t s = 0; s < sources; ++s)
        for (const std::uint32_t t : rows[s]) ++observed[s * targets + t];
    EXPECT_LT(test::chi_square(observed, expected), test::chi_square_limit(observed.size() - 1));
}

TEST(Indegree, IsThatOfEachTargetAndItsSourcesAreDrawnIndependently) {
    const Rows rows = draw(Indegree{30}, between(1500, 2000));
    const std::vector<double> degrees = indegrees(rows, 2000);
    EXPECT_EQ(std::ranges::count(degrees, 30.0), 2000);
    expect_binomial(outdegrees(rows), 60'000, 1.0 / 1500);
}

TEST(Indegree, WithoutMultapsesHasDifferentSourcesEachSetEquallyLikely) {
    const Indegree rule{.sources = 3, .multapses = false};
    constexpr std::uint32_t targets = 50'000;
    const Rows rows = draw(rule, between(5, targets));
    std::vector<std::uint32_t> set_of(targets);
    for (std::uint32_t s = 0; s < 5; ++s)
        for (const std::uint32_t t : rows[s]) {
            EXPECT_EQ(set_of[t] >> s & 1U, 0U);
            set_of[t] |= 1U << s;
        }
    std::vector<double> observed(32);
    for (const std::uint32_t set : set_of) ++observed[set];
    std::erase(observed, 0.0);
    ASSERT_EQ(observed.size(), 10U);  // of five choose three
    EXPECT_LT(test::chi_square(observed, std::vector<double>(10, targets / 10.0)),
              test::chi_square_limit(9));
}

TEST(ConnectionProbability, JoinsEachPairIndependentlyAndOnce) {
    const Rows rows = draw(ConnectionProbability{0.03}, between(3000, 1000));
    expect_binomial(outdegrees(rows), 1000, 0.03);
    expect_binomial(indegrees(rows, 1000), 3000, 0.03);
    for (const auto& row : rows)
        EXPECT_TRUE(std::ranges::is_sorted(row, std::ranges::less_equal{}));
}

TEST(ConnectionProbability, OfZeroJoinsNoneAndOfOneAll) {
    EXPECT_EQ(sum(outdegrees(draw(ConnectionProbability{0.0}, between(20, 30)))), 0.0);
    EXPECT_EQ(sum(outdegrees(draw(ConnectionProbability{1.0}, between(20, 30)))), 600.0);
    EXPECT_EQ(sum(outdegrees(draw(ConnectionProbability{1.0}, within(20)))), 380.0);
}

TEST(TotalNumber, WithoutMultapsesHasDifferentPairsEachSetEquallyLikely) {
    // Two of six pairs, in networks that differ by their projection's number.
    constexpr std::size_t trials = 30'000;
    std::vector<double> observed(64);
    ProjectionIndex index = between(2, 3);
    for (index.number = 0; index.number < trials; ++index.number) {
        std::size_t set = 0;
        const Rows rows = draw(TotalNumber{.synapses = 2, .multapses = false}, index);
        for (std::uint32_t s = 0; s < 2; ++s)
            for (const std::uint32_t t : rows[s]) {
                EXPECT_EQ(set >> (3 * s + t) & 1U, 0U);
                set |= std::size_t{1} << (3 * s + t);
            }
        ++observed[set];
    }
    std::erase(observed, 0.0);
    ASSERT_EQ(observed.size(), 15U);
    EXPECT_LT(test::chi_square(observed, std::vector<double>(15, trials / 15.0)),
              test::chi_square_limit(14));
}

TEST(TotalNumber, WithoutMultapsesOfAllPairsJoinsEachOnce) {
    const Rows rows = draw(TotalNumber{.synapses = 20 * 19, .multapses = false}, within(20));
    for (std::uint32_t s = 0; s < 20; ++s) {
        const std::set<std::uint32_t> targets(rows[s].begin(), rows[s].end());
        EXPECT_EQ(targets.size(), 19U);
        EXPECT_EQ(rows[s].size(), 19U);
        EXPECT_FALSE(targets.contains(s));
    }
}

TEST(Hypergeometric, HasItsLaw) {
    constexpr std::uint64_t marked = 7, others = 12, draws = 9;
    std::vector<double> probabilities{0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    constexpr int points = 200'000;
    for (int k = 0; k < points; ++k)
        probabilities.at(hypergeometric(marked, others, draws, (k + 0.5) / points)) += 1.0 / points;
    const double ways = 92378.0;  // 19 over 9
    const double exact[]{220, 3465, 16632, 32340, 27720, 10395, 1540, 66};
    for (std::size_t k = 0; k < 8; ++k) EXPECT_NEAR(probabilities[k], exact[k] / ways, 1e-5) << k;
    EXPECT_EQ(hypergeometric(5, 0, 3, 0.4), 3U);
    EXPECT_EQ(hypergeometric(0, 5, 3, 0.4), 0U);
    EXPECT_EQ(hypergeometric(4, 5, 9, 0.4), 4U);
}

TEST(Outdegree, IsThatOfEachSourceAndItsTargetsAreDrawnIndependently) {
    const Rows rows = draw(Outdegree{30}, between(2000, 1500));
    EXPECT_EQ(std::ranges::count(outdegrees(rows), 30.0), 2000);
    expect_binomial(indegrees(rows, 1500), 60'000, 1.0 / 1500);
}

TEST(Outdegree, WithoutMultapsesHasDifferentTargetsEachSetEquallyLikely) {
    constexpr std::uint32_t sources = 50'000;
    const Rows rows = draw(Outdegree{.targets = 3, .multapses = false}, between(sources, 5));
    std::vector<double> observed(32);
    for (const auto& row : rows) {
        std::uint32_t set = 0;
        for (const std::uint32_t t : row) {
            EXPECT_EQ(set >> t & 1U, 0U);
            set |= 1U << t;
        }
        ++observed[set];
    }
    std::erase(observed, 0.0);
    ASSERT_EQ(observed.size(), 10U);  // of five choose three
    EXPECT_LT(test::chi_square(observed, std::vector<double>(10, sources / 10.0)),
              test::chi_square_limit(9));
}

TEST(AllToAll, JoinsEachPairOnceAndNoNeuronToItselfWhereThatIsLeftOut) {
    for (const auto& row : draw(AllToAll{}, between(4, 3)))
        EXPECT_EQ(row, (std::vector<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(draw(AllToAll{}, within(3)), (Rows{{1, 2}, {0, 2}, {0, 1}}));
}

TEST(OneToOne, JoinsNeuronsOfTheSameNumber) {
    EXPECT_EQ(draw(OneToOne{}, between(3, 3)), (Rows{{0}, {1}, {2}}));
}

TEST(Autapses, AreLeftOutAndTheOtherTargetsAreEquallyLikely) {
    constexpr std::uint32_t neurons = 8;
    for (const ConnectionRule& rule :
         {ConnectionRule{TotalNumber{56'000}}, ConnectionRule{Indegree{7000}},
          ConnectionRule{Outdegree{7000}}}) {
        const Rows rows = draw(rule, within(neurons));
        std::vector<double> observed(neurons * neurons);
        for (std::uint32_t s = 0; s < neurons; ++s)
            for (const std::uint32_t t : rows[s]) ++observed[s * neurons + t];
        for (std::uint32_t s = 0; s < neurons; ++s) EXPECT_EQ(observed[s * neurons + s], 0.0);
        std::erase(observed, 0.0);
        const std::vector<double> expected(56, 1000.0);
        ASSERT_EQ(observed.size(), expected.size());
        EXPECT_LT(test::chi_square(observed, expected), test::chi_square_limit(55));
    }
}

TEST(ProjectionRows, OfAPartAreThoseOfTheWhole) {
    for (const ConnectionRule& rule :
         {ConnectionRule{TotalNumber{5000}}, ConnectionRule{Indegree{20}},
          ConnectionRule{Indegree{20, false}}, ConnectionRule{ConnectionProbability{0.1}},
          ConnectionRule{TotalNumber{5000, false}}, ConnectionRule{Outdegree{30}},
          ConnectionRule{Outdegree{30, false}}, ConnectionRule{AllToAll{}}}) {
        const Rows whole = draw(rule, between(200, 300));
        const Rows part = draw(rule, between(200, 300), 70, 130);
        EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 70));
    }
}

}  // namespace
}  // namespace cortifold
