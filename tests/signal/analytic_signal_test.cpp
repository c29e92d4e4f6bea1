#include "noise.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/analytic_signal.hpp>
#include <cortifold/signal/correlation.hpp>
#include <cortifold/signal/modulation.hpp>

#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;

TEST(AnalyticSignal, OfWholePeriodsIsExact) {
    const double step = 0.01;
    const Eigen::Index samples = 2000;
    const Vector x = 2.0 + 3.0 * sinusoid(samples, step, 5.0, 0.7).array() +
                     sinusoid(samples, step, 20.0).array();
    const Band band{4.0, 8.0};
    const ComplexMatrix z = analytic_signal({x, step}, band);
    const Eigen::Index margin = filter_margin(band, step);
    ASSERT_EQ(z.rows(), samples - 2 * margin);
    const auto first = static_cast<double>(margin),
               last = first + static_cast<double>(z.rows() - 1);
    const Vector t = step * Vector::LinSpaced(z.rows(), first, last);
    for (Eigen::Index k = 0; k < z.rows(); ++k)
        EXPECT_NEAR(std::abs(z(k, 0) - std::polar(3.0, 10.0 * std::numbers::pi * t[k] + 0.7)), 0.0,
                    1e-12);
}

TEST(AnalyticSignal, OfBrokenPeriodsAndLengthsHasErrorsOfPercentsAtItsEndsAndLessWithin) {
    const double step = 0.01;
    const Eigen::Index samples = 2003;
    const Vector x = sinusoid(samples, step, 5.77, 0.3);
    const ComplexMatrix z = analytic_signal({x, step}, {4.0, 8.0});
    const Vector error = z.col(0).cwiseAbs().array() - 1.0;
    EXPECT_LT(error.cwiseAbs().maxCoeff(), 0.02);
    EXPECT_LT(error.segment(400, error.size() - 800).cwiseAbs().maxCoeff(), 0.003);
}

TEST(AnalyticSignal, LeavesNothingOfWhatLiesBeyondItsFlanks) {
    const double step = 0.01;
    for (const double frequency : {2.9, 9.1, 30.0}) {
        const Vector x = sinusoid(2000, step, frequency);
        const ComplexMatrix z = analytic_signal({x, step}, {4.0, 8.0});
        EXPECT_LT(z.cwiseAbs().maxCoeff(), 1e-11) << frequency;
    }
}

TEST(AnalyticSignal, TakesBandsUpToTheNyquistFrequencyAndRefusesOthers) {
    const TimeSeries series{white_noise(2000, 1), 0.01};
    EXPECT_NO_THROW((void)analytic_signal(series, {40.0, 50.0}));
    EXPECT_THROW((void)analytic_signal(series, {40.0, 50.1}), UsageError);
    EXPECT_THROW((void)analytic_signal(series, {0.0, 5.0}), UsageError);
    EXPECT_THROW((void)analytic_signal(series, {5.0, 4.0}), UsageError);
    EXPECT_THROW((void)analytic_signal(series, {5.0, 5.3}), UsageError);  // margins of 13 s of 20
    EXPECT_THROW((void)analytic_signal(series, {1e-300, 2e-300}), UsageError);  // beyond counting
}

TEST(OrderParameter, IsOneForEqualPhasesAndZeroForSplayOnes) {
    const double step = 0.01;
    Matrix equal(2000, 5), splay(2000, 5);
    for (Eigen::Index k = 0; k < 5; ++k) {
        equal.col(k) = (1.0 + static_cast<double>(k)) * sinusoid(2000, step, 6.0);
        splay.col(k) =
            sinusoid(2000, step, 6.0, 2.0 * std::numbers::pi * static_cast<double>(k) / 5.0);
    }
    const Vector in_step = order_parameter(analytic_signal({equal, step}, {4.0, 8.0}));
    const Vector balanced = order_parameter(analytic_signal({splay, step}, {4.0, 8.0}));
    EXPECT_LT((in_step.array() - 1.0).abs().maxCoeff(), 1e-12);
    EXPECT_LT(balanced.maxCoeff(), 1e-12);
}

TEST(OrderParameter, OfTwoFrequenciesBeats) {
    const double step = 0.01;
    Matrix x(2000, 2);
    x << sinusoid(2000, step, 5.0), sinusoid(2000, step, 6.0);
    const Band band{4.0, 8.0};
    const Vector r = order_parameter(analytic_signal({x, step}, band));
    const auto first = static_cast<double>(filter_margin(band, step));
    for (Eigen::Index k = 0; k < r.size(); ++k)
        EXPECT_NEAR(r[k],
                    std::abs(std::cos(std::numbers::pi * step * (first + static_cast<double>(k)))),
                    1e-10);
}

TEST(ModulationDepth, IsThatOfASinusoidalModulation) {
    const double step = 0.001, depth = 0.35;
    const Vector x =
        (1.0 + depth * sinusoid(20'000, step, 5.0).array()) * sinusoid(20'000, step, 40.0).array();
    const ComplexMatrix z = analytic_signal({x, step}, {30.0, 50.0});
    EXPECT_NEAR(modulation_depth(z.col(0).cwiseAbs()), depth, 1e-10);
}

}  // namespace
}  // namespace cortifold
