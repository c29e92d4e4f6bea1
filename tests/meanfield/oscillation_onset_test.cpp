#include "networks.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/oscillation_onset.hpp>

#include <gmock/gmock.h>

#include <array>
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

TEST(OscillationOnsets, OfSlowOscillationsRestOnTheVarianceAndMeetAFold) {
    TransferOptions both = delta;
    both.modulation = Modulation::mean_and_variance;
    const LifNetwork network = brunel(4.5, 1.0);
    const std::string_view drive = "source.noise.rate";
    EXPECT_EQ(find_oscillation_onset(network, drive, {9.0, 9.2}, delta).status, Status::no_theory);
    const std::array onsets{find_oscillation_onset(network, drive, {8.45, 8.475}, both),
                            find_oscillation_onset(network, drive, {9.1, 9.15}, both)};
    for (const OscillationOnset& onset : onsets)
        ASSERT_TRUE(succeeded(onset.status)) << onset.message;
    // the upper one by threshold integration (Richardson 2007, Phys. Rev. E 76:021919) with steps
    // of 10 uV
    EXPECT_NEAR(onsets[1].value, 9.125545, 1e-5);
    EXPECT_NEAR(onsets[1].frequency_hz, 31.80854, 1e-3);
    const CurveStart start =
        oscillation_onset_curve(network, onsets[0], {drive, "population.I.efficacy"}, both);
    const Branch branch =
        continue_branch(start.problem, start.point, {.bounds = {{8.0, 10.0}, {4.0, 8.0}}});
    ASSERT_TRUE(succeeded(branch.status)) << branch.message;
    ASSERT_EQ(branch.special.size(), 1U);
    const BranchPoint& end = branch.special[0].at;
    EXPECT_EQ(branch.special[0].type, PointType::bogdanov_takens);
    EXPECT_NEAR(onset_frequency_hz(end), 0.0, 1e-3);
    LifNetwork there = network;
    there.sources[0].rate_hz = end.parameters[0];
    there.populations[1].efficacy = end.parameters[1];
    const auto field = make_mean_field(there, SynapseTheory::delta);
    Vector f(2);
    Matrix f_x(2, 2), f_p(2, 0);
    field->linearize(end.z.head(2), default_values(field->parameters()), {}, f, f_x, f_p);
    EXPECT_NEAR(f_x.determinant(), 0.0, 1e-5);
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
