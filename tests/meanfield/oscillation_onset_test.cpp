#include "networks.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/oscillation_onset.hpp>

#include <gmock/gmock.h>

#include <cmath>

namespace cortifold::test {
namespace {

using ::testing::HasSubstr;
constexpr TransferOptions delta{SynapseTheory::delta, Refractoriness::exact,
                                SynapticFilter::left_out};

/// Brunel 2000, figure 2, model A: fast oscillations begin where inhibition and drive are strong.
OscillationOnset fast_onset(double g) {
    return find_oscillation_onset(brunel(g, 1.0), "source.noise.rate", {12.0, 60.0}, delta);
}

int unstable_roots(const LifNetwork& network) {
    const WorkingPoint point = find_working_point(network, delta.theory);
    const UnstableRoots found = count_unstable_roots(feedback_of(network, point, delta));
    EXPECT_TRUE(succeeded(found.status)) << found.message;
    return found.count;
}

TEST(OscillationOnsets, SeparateCountsOfRoots) {
    const OscillationOnset onset = fast_onset(6.0);
    ASSERT_TRUE(succeeded(onset.status)) << onset.message;
    EXPECT_LT(onset.residual, 1e-9);
    LifNetwork network = brunel(6.0, 1.0);
    network.sources[0].rate_hz = onset.value * (1.0 - 1e-6);
    EXPECT_EQ(unstable_roots(network), 0);
    network.sources[0].rate_hz = onset.value * (1.0 + 1e-6);
    EXPECT_EQ(unstable_roots(network), 2);
    EXPECT_GT(onset.frequency_hz, 100.0);
}

TEST(OscillationOnsets, AreFollowedInTwoParameters) {
    LifNetwork network = brunel(6.0, 1.0);
    const OscillationOnset onset = fast_onset(6.0);
    ASSERT_TRUE(succeeded(onset.status)) << onset.message;
    const CurveStart start = oscillation_onset_curve(
        network, onset, {"source.noise.rate", "population.I.efficacy"}, delta);
    const Branch branch = continue_branch(
        start.problem, start.point, {.bounds = {{1.0, 100.0}, {4.5, 8.0}}, .max_points = 200});
    ASSERT_TRUE(succeeded(branch.status)) << branch.message;
    ASSERT_GT(branch.points.size(), 5);
    for (std::size_t k = 1; k + 1 < branch.points.size(); k += branch.points.size() / 4) {
        const auto& at = branch.points[k].parameters;
        network.sources[0].rate_hz = at[0] * (1.0 - 1e-5);
        network.populations[1].efficacy = at[1];
        const int before = unstable_roots(network);
        network.sources[0].rate_hz = at[0] * (1.0 + 1e-5);
        EXPECT_EQ(std::abs(unstable_roots(network) - before), 2);
    }
}

TEST(OscillationOnsets, AreNotWhereNothingCrosses) {
    const auto none =
        find_oscillation_onset(brunel(6.0, 1.0), "source.noise.rate", {11.0, 11.1}, delta);
    EXPECT_EQ(none.status, Status::no_theory);
    EXPECT_THAT(none.message, HasSubstr("both ends have"));
    EXPECT_THROW((void)find_oscillation_onset(brunel(6.0, 1.0), "source.noise.rat", {1.0, 2.0}),
                 UsageError);
    EXPECT_THROW((void)find_oscillation_onset(brunel(6.0, 1.0), "source.noise.rate", {2.0, 1.0}),
                 UsageError);
    EXPECT_THROW((void)oscillation_onset_curve(brunel(6.0, 1.0), none, {"a", "b"}), UsageError);
}

}  // namespace
}  // namespace cortifold::test
