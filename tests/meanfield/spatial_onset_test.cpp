// Onsets whose places are known on paper, of one population with low passes of 10 ms.
#include <cortifold/core/error.hpp>
#include <cortifold/meanfield/spatial_onset.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold::test {
namespace {

constexpr double tau_ms = 10.0, narrow_mm = 0.1, wide_mm = 0.3;
const RootRegion region{-0.09, 0.5, 1.0};
const std::array<Quantity, 2> square{Quantity{"x", "", 3.0, 0.1, 20.0, ""},
                                     Quantity{"y", "", 3.0, 0.1, 20.0, ""}};

/// Narrow excitation x and wide inhibition y.
SpatialFeedback patterns(const std::array<double, 2>& values) {
    return spatial_feedback(
        RateNetwork{Vector::Constant(1, tau_ms), {{0, 0, values[0], {}}, {0, 0, -values[1], {}}}},
        {{KernelShape::gaussian, narrow_mm}, {KernelShape::gaussian, wide_mm}});
}
/// The weight at the wave number where it is largest.
double largest_weight(double x, double y, double& k) {
    const double a = narrow_mm * narrow_mm, b = wide_mm * wide_mm;
    k = std::sqrt(2.0 * std::log(y * b / (x * a)) / (b - a));
    return x * std::exp(-0.5 * k * k * a) - y * std::exp(-0.5 * k * k * b);
}

/// Of wave numbers up to this.
SpatialOnset only_onset(const SpatialPlane& plane, const PlaneLine& line, double highest,
                        const RootRegion& sought = region) {
    const auto found =
        find_spatial_onsets(plane, line, Vector::LinSpaced(31, 0.0, highest), sought);
    EXPECT_EQ(found.size(), 1);
    return found.empty() ? SpatialOnset{} : found.front();
}

TEST(SpatialOnsets, OfPatternsAreWhereTheLargestWeightIsOne) {
    const SpatialOnset onset = only_onset(patterns, {Eigen::Vector2d(1.0, 4.0), 0, 3.0}, 30.0);
    ASSERT_TRUE(succeeded(onset.status)) << onset.message;
    EXPECT_EQ(onset.kind, SpatialInstability::turing);
    double k = 0.0;
    EXPECT_NEAR(largest_weight(onset.values[0], 3.0, k), 1.0, 1e-8);
    EXPECT_NEAR(onset.wavenumber_per_mm, k, 1e-6 * k);
    const CurveStart start = spatial_onset_curve(patterns, onset, square);
    const Branch curve = continue_branch(start.problem, start.point,
                                         {.bounds = {{1.2, 6.0}, {1.0, 6.0}}, .max_points = 100});
    ASSERT_TRUE(succeeded(curve.status)) << curve.message;
    ASSERT_GT(curve.points.size(), 5);
    for (const BranchPoint& point : curve.points) {
        const SpatialOnset here = onset_at(onset.kind, point.z);
        EXPECT_NEAR(largest_weight(here.values[0], here.values[1], k), 1.0, 1e-7);
        EXPECT_NEAR(here.wavenumber_per_mm, k, 1e-4 * k);
    }
}

/// Inhibition y with a delay x: omega x + atan(omega tau) = pi and y^2 = 1 + (omega tau)^2.
TEST(SpatialOnsets, OfOscillationsInUnisonAreThoseOfTheDelay) {
    const SpatialPlane delayed = [](const std::array<double, 2>& values) {
        return spatial_feedback(RateNetwork{Vector::Constant(1, tau_ms),
                                            {{0, 0, -values[1], {DelayKind::fixed, values[0]}}}},
                                {{KernelShape::exponential, 0.2}});
    };
    const SpatialOnset onset =
        only_onset(delayed, {Eigen::Vector2d(3.0, 15.0), 0, 3.0}, 10.0, {-0.3, 0.5, 1.0});
    ASSERT_TRUE(succeeded(onset.status)) << onset.message;
    EXPECT_EQ(onset.kind, SpatialInstability::hopf);
    const double omega = std::sqrt(8.0) / tau_ms;
    EXPECT_NEAR(onset.frequency_hz, omega * 1e3 / (2.0 * std::numbers::pi), 1e-6);
    EXPECT_NEAR(onset.values[0], (std::numbers::pi - std::atan(omega * tau_ms)) / omega, 1e-7);
}

TEST(SpatialOnsets, OfAnotherUniformStateAreWhereTheWeightIsOne) {
    const SpatialPlane excited = [](const std::array<double, 2>& values) {
        return spatial_feedback(
            RateNetwork{Vector::Constant(1, tau_ms), {{0, 0, values[0] * values[1], {}}}},
            {{KernelShape::gaussian, 0.2}});
    };
    const SpatialOnset onset = only_onset(excited, {Eigen::Vector2d(0.1, 1.9), 1, 2.0}, 10.0);
    ASSERT_TRUE(succeeded(onset.status)) << onset.message;
    EXPECT_EQ(onset.kind, SpatialInstability::uniform);
    EXPECT_NEAR(onset.values[1], 0.5, 1e-10);
    EXPECT_EQ(onset.values[0], 2.0);
}

TEST(SpatialOnsets, AreNotWhereNothingCrosses) {
    const Vector wavenumbers = Vector::LinSpaced(11, 0.0, 10.0);
    const PlaneLine low{Eigen::Vector2d(0.1, 0.2), 0, 3.0};
    EXPECT_TRUE(find_spatial_onsets(patterns, low, wavenumbers, region).empty());
    EXPECT_TRUE(
        find_spatial_onsets([](const auto&) { return SpatialFeedback(); }, low, wavenumbers, region)
            .empty());
    EXPECT_THROW((void)find_spatial_onsets(patterns, {Eigen::Vector2d(2.0, 1.0), 0, 3.0},
                                           wavenumbers, region),
                 UsageError);
    EXPECT_THROW((void)spatial_onset_curve(patterns, {}, square), UsageError);
}

}  // namespace
}  // namespace cortifold::test
