#include "support/formula_field.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/ode/drive.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace cortifold {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using testing::vector;

constexpr double infinity = std::numeric_limits<double>::infinity();

double just_before(double t) {
    return std::nextafter(t, -infinity);
}

TEST(StepWave, RisesAtItsTimeAndStays) {
    const Wave wave = StepWave{0.3, 2.0};
    EXPECT_EQ(wave_value(wave, just_before(0.3)), 0.0);
    EXPECT_EQ(wave_value(wave, 0.3), 2.0);
    EXPECT_EQ(wave_value(wave, 1e9), 2.0);
    EXPECT_EQ(next_break(wave, just_before(0.3)), 0.3);
    EXPECT_EQ(next_break(wave, 0.3), infinity);
}

// 0.1 and 0.3 have no exact binary form: edges must nevertheless be where next_break says.
TEST(PulseTrain, BeginsAndEndsEachPulseExactlyAtItsBreaks) {
    const Wave wave = PulseTrain{0.1, 0.3, 0.1, 5.0, 1000};
    double t = just_before(0.1);
    for (long edge = 0; edge < 2000; ++edge) {
        const double before = edge % 2 == 0 ? 0.0 : 5.0;
        EXPECT_EQ(wave_value(wave, t), before);
        t = next_break(wave, t);
        EXPECT_EQ(wave_value(wave, just_before(t)), before);
        EXPECT_EQ(wave_value(wave, t), 5.0 - before);
    }
    EXPECT_EQ(next_break(wave, t), infinity);
    EXPECT_EQ(wave_value(wave, t + 0.25), 0.0) << "no pulse follows the last";
}

TEST(PulseTrain, OfOnePulseNeedsNoPeriod) {
    const Wave wave = PulseTrain{.at = 1.0, .width = 2.0, .height = 3.0};
    validate(wave);
    EXPECT_EQ(wave_value(wave, 2.9), 3.0);
    EXPECT_EQ(wave_value(wave, 3.0), 0.0);
}

TEST(Ramp, IsLinearBetweenConstants) {
    const Wave wave = Ramp{1.0, 5.0, 8.0};
    EXPECT_EQ(wave_value(wave, 0.0), 0.0);
    EXPECT_EQ(wave_value(wave, 2.0), 2.0);
    EXPECT_EQ(wave_value(wave, 5.0), 8.0);
    EXPECT_EQ(wave_value(wave, 9.0), 8.0);
    EXPECT_EQ(next_break(wave, 0.0), 1.0);
    EXPECT_EQ(next_break(wave, 1.0), 5.0);
    EXPECT_EQ(next_break(wave, 5.0), infinity);
}

TEST(Sinusoid, PassesItsPhaseAndItsPeakAQuarterPeriodLater) {
    const Wave wave = Sinusoid{3.0, 0.5, std::numbers::pi / 6.0};
    EXPECT_NEAR(wave_value(wave, 0.0), 1.5, 1e-15);
    EXPECT_NEAR(wave_value(wave, (0.5 - 1.0 / 6.0)), 3.0, 1e-15);
    EXPECT_NEAR(wave_value(wave, -1.0 / 6.0), 0.0, 1e-15);
    EXPECT_EQ(next_break(wave, 0.0), infinity);
}

TEST(SampledWave, JoinsItsPointsAndIsConstantBeyond) {
    const Wave wave = SampledWave{vector({1.0, 2.0, 4.0}), vector({10.0, 20.0, 0.0})};
    EXPECT_EQ(wave_value(wave, 0.0), 10.0);
    EXPECT_EQ(wave_value(wave, 1.5), 15.0);
    EXPECT_EQ(wave_value(wave, 2.0), 20.0);
    EXPECT_EQ(wave_value(wave, 3.0), 10.0);
    EXPECT_EQ(wave_value(wave, 7.0), 0.0);
    EXPECT_EQ(next_break(wave, 0.0), 1.0);
    EXPECT_EQ(next_break(wave, 2.0), 4.0);
    EXPECT_EQ(next_break(wave, 4.0), infinity);
}

RC_GTEST_PROP(Waves, HaveTheirNextBreakAhead, (int a, int b, unsigned c)) {
    const double at = a / 7.0, t = b / 3.0, width = 0.1 + (c % 100) / 13.0;
    for (const Wave& wave :
         {Wave(StepWave{at, 1.0}), Wave(PulseTrain{at, 1.1 * width, width, 1.0, 1000}),
          Wave(Ramp{at, at + width, 1.0})})
        RC_ASSERT(next_break(wave, t) > t);
}

TEST(Waves, RefuseByNameWhatHasNoMeaning) {
    const auto refused = [](const Wave& wave, const char* text) {
        EXPECT_THAT([&] { validate(wave); }, ThrowsMessage<UsageError>(HasSubstr(text)));
    };
    refused(PulseTrain{.width = 0.0}, "width = 0 must be greater than 0");
    refused(PulseTrain{0.0, 1.0, 2.0, 1.0, 3}, "period = 1 must be greater than the width");
    refused(Ramp{2.0, 1.0, 1.0}, "end = 1 must be greater than begin");
    refused(StepWave{infinity, 1.0}, "at = inf must be finite");
    refused(SampledWave{}, "number of times");
    refused(SampledWave{vector({1.0, 2.0}), vector({0.0})}, "number of values = 1 must be");
    refused(SampledWave{vector({1.0, 1.0}), vector({0.0, 1.0})}, "times[1] = 1");
    refused(OrnsteinUhlenbeck{0.0, 1.0, 0.0}, "tau = 0 must be greater than 0");
    refused(OrnsteinUhlenbeck{0.0, -1.0, 1.0}, "sd = -1 must be at least 0");
    refused(WhiteNoise{std::nan("")}, "intensity = nan must be finite");
}

}  // namespace
}  // namespace cortifold
