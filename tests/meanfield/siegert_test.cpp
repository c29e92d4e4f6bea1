#include "meanfield/threshold_integral.hpp"
#include "reference.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/core/taylor.hpp>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace cortifold::test {
namespace {

constexpr double digits = 1e-9;     ///< of the reference's exact values
constexpr double rounding = 1e-13;  ///< of special functions, relative

double relative_difference(double found, double expected) {
    return std::abs(found - expected) / std::abs(expected);
}

const LifNeuron slow_neuron{{.tau_m = 20.0}};

/// Composite Simpson, plain and slow.
double simpson(const auto& f, double a, double b, int n = 20000) {
    double sum = f(a) + f(b);
    for (int k = 1; k < n; ++k) sum += (k % 2 == 0 ? 2.0 : 4.0) * f(a + k * (b - a) / n);
    return sum * (b - a) / (3.0 * n);
}

TEST(Faddeeva, EqualsErfcOnTheImaginaryAxisAndIsAWaveOnTheRealOne) {
    for (double x = 0.0; x < 5.0; x += 0.0371) {
        EXPECT_LT(relative_difference(erfcx(x), std::exp(x * x) * std::erfc(x)), 1e-13) << x;
        EXPECT_NEAR(faddeeva(x).real(), std::exp(-x * x), 1e-15) << x;
        EXPECT_LT(std::abs(faddeeva({0.0, x}) - erfcx(x)), rounding) << x;
    }
}

TEST(Faddeeva, SolvesItsDifferentialEquationAcrossTheRulesThatComputeIt) {
    // w' = -2 z w + 2 i / sqrt(pi), by central differences
    constexpr double h = 1e-4, error_of_differences = 1e-7;
    for (double x = -7.0; x < 7.0; x += 0.3)
        for (double y = 0.01; y < 9.0; y += 0.37) {
            const std::complex<double> z(x, y),
                slope = (faddeeva(z + h) - faddeeva(z - h)) / (2.0 * h),
                expected = -2.0 * z * faddeeva(z) +
                           std::complex<double>(0.0, 2.0 * std::numbers::inv_sqrtpi);
            EXPECT_LT(std::abs(slope - expected), error_of_differences) << z;
        }
}

TEST(Dawson, SolvesItsDifferentialEquationAndIsOdd) {
    EXPECT_EQ(dawson(0.0), 0.0);
    for (double x = 0.05; x < 7.0; x *= 1.3) {
        EXPECT_EQ(dawson(-x), -dawson(x));
        const double integral =
            simpson([&](double t) { return std::exp((t - x) * (t + x)); }, 0.0, x);
        EXPECT_LT(relative_difference(dawson(x), integral), 1e-11) << x;
    }
}

TEST(IntegralOfErfcx, IsAdditiveAndGrowsLikeALogarithmFarOut) {
    for (const double middle : {0.3, 2.0, 7.9, 8.1, 40.0})
        EXPECT_NEAR(integrate_erfcx(0.1, middle) + integrate_erfcx(middle, 100.0),
                    integrate_erfcx(0.1, 100.0), rounding);
    EXPECT_LT(relative_difference(integrate_erfcx(0.2, 3.0), simpson(erfcx, 0.2, 3.0)), rounding);
    EXPECT_NEAR(integrate_erfcx(1e6, 2e6), std::log(2.0) * std::numbers::inv_sqrtpi, 1e-12);
}

TEST(ThresholdFlux, HasDerivativesThatSatisfyTheirRecurrenceOnBothSides) {
    // f' = 2 y f + 2 / sqrt(pi), so f^(n+1) = 2 y f^(n) + 2 n f^(n-1)
    for (const double y : {-30.0, -5.0, -2.1, -1.9, -0.5, 0.0, 0.7, 3.0, 20.0})
        for (int n = 1; n < 6; ++n) {
            const double log_scale = -y * std::max(y, 0.0),
                         before = threshold_flux(n - 1, y, log_scale),
                         here = threshold_flux(n, y, log_scale),
                         next = threshold_flux(n + 1, y, log_scale);
            const double largest = std::max({std::abs(2.0 * y * here), 2.0 * n * before, next});
            EXPECT_LT(std::abs(next - 2.0 * y * here - 2.0 * n * before), 1e-11 * largest)
                << y << " " << n;
        }
}

TEST_F(ReferenceNumbers, RatesAndSlopesAreTheExactOnesAlsoWhereTheyUnderflow) {
    const Record& grid = at(cases, {"siegert_grid"});
    const LifNeuron neuron = neuron_of(at(grid, {"params"}));
    for (const Record& row : at(grid, {"rows"}).as<Record::List>()) {
        const double mean = number(at(row, {"mu_mV"})), sd = number(at(row, {"sigma_mV"}));
        SCOPED_TRACE(testing::Message() << "mean " << mean << " mV, sd " << sd << " mV");
        const LifRate rate = stationary_rate(neuron, {mean, sd * sd}, SynapseTheory::delta);
        const double log_exact = log_number(at(row, {"exact_hz"}).as<std::string>()),
                     log_slope = log_number(at(row, {"dnu_dmu_exact"}).as<std::string>());
        EXPECT_NEAR(rate.log_hz, log_exact, digits);
        EXPECT_NEAR(std::log(rate.log_by_mean) + rate.log_hz, log_slope + std::log(milli), digits);
    }
}

TEST_F(ReferenceNumbers, StoredSlopesAboveThresholdAreNotMetSinceTheirTermsCancelled) {
    // known_bad_do_not_use_as_truth: exp(y^2) (1 + erf y) was formed where it is erfcx(-y)
    const Record& grid = at(cases, {"siegert_grid"});
    const LifNeuron neuron = neuron_of(at(grid, {"params"}));
    int faulty = 0;
    for (const Record& row : at(grid, {"rows"}).as<Record::List>()) {
        const double log_stored = std::log(number(at(row, {"nnmt_dnu_dmu"}))),
                     log_exact = log_number(at(row, {"dnu_dmu_exact"}).as<std::string>());
        if (std::abs(log_stored - log_exact) < digits) continue;
        ++faulty;  // or not even a number, or zero where the terms underflowed
        const double sd = number(at(row, {"sigma_mV"}));
        const LifRate rate =
            stationary_rate(neuron, {number(at(row, {"mu_mV"})), sd * sd}, SynapseTheory::delta);
        EXPECT_NEAR(std::log(rate.log_by_mean / milli) + rate.log_hz, log_exact, digits);
    }
    EXPECT_EQ(faulty, 8);
}

TEST_F(ReferenceNumbers, IntervalsVaryAsStored) {
    const Record& grid = at(cases, {"cv_grid"});
    const LifNeuron neuron = neuron_of(at(grid, {"params"}));
    for (const Record& row : at(grid, {"rows"}).as<Record::List>()) {
        const LifInput input{number(at(row, {"mu_mV"})),
                             std::pow(number(at(row, {"sigma_mV"})), 2)};
        SCOPED_TRACE(input.mean_mV);
        EXPECT_LT(relative_difference(stationary_rate(neuron, input, SynapseTheory::shift).hz,
                                      number(at(row, {"nu_exp_shift_hz"}))),
                  digits);
        EXPECT_LT(relative_difference(interspike_cv(neuron, input, SynapseTheory::shift),
                                      number(at(row, {"cv_exp"}))),
                  digits);
        EXPECT_LT(relative_difference(interspike_cv(neuron, input, SynapseTheory::delta),
                                      number(at(row, {"cv_delta"}))),
                  digits);
    }
}

TEST(StationaryRate, IsThatOfTheDeterministicNeuronAsNoiseVanishesAboveThreshold) {
    for (const double mean : {16.0, 20.0, 100.0, 1e4}) {
        const double period =
            slow_neuron.tau_ref + slow_neuron.tau_m * std::log1p(15.0 / (mean - 15.0));
        const LifRate rate = stationary_rate(slow_neuron, {mean, 1e-12}, SynapseTheory::delta);
        EXPECT_LT(relative_difference(rate.hz, hz_per_inverse_ms / period), 1e-10) << mean;
        // d period / d mean = -tau_m (1 / (mean - 15) - 1 / mean)
        const double slope = hz_per_inverse_ms / (period * period) * slow_neuron.tau_m * 15.0 /
                             (mean * (mean - 15.0));
        EXPECT_LT(relative_difference(rate.by_mean, slope), 1e-10) << mean;
    }
}

TEST(StationaryRate, DecaysAsKramersEscapeFarBelowThreshold) {
    // 1/nu -> tau_m sqrt(pi) exp(y^2) / y (1 + 1 / (2 y^2) + ...)
    for (const double y : {30.0, 100.0, 1000.0}) {
        const double sigma = 15.0 / y;
        const LifRate rate =
            stationary_rate(slow_neuron, {0.0, sigma * sigma}, SynapseTheory::delta);
        const double leading = -y * y + std::log(y * hz_per_inverse_ms /
                                                 (slow_neuron.tau_m * std::sqrt(std::numbers::pi)));
        EXPECT_NEAR(rate.log_hz, leading - 1.0 / (2.0 * y * y),
                    2.0 / std::pow(y, 4) + 1e-12 * y * y);
        EXPECT_GE(rate.hz, 0.0);
    }
}

TEST(StationaryRate, AgreesWithPlainQuadratureBetweenTheRegimes) {
    for (const double mean : {-3.0, 4.0, 14.9, 15.1, 22.0}) {
        const double sigma = 4.0, y_th = (15.0 - mean) / sigma, y_r = -mean / sigma;
        const double integral =
            simpson([](double u) { return std::exp(u * u) * std::erfc(-u); }, y_r, y_th);
        const double period =
            slow_neuron.tau_ref + slow_neuron.tau_m * std::sqrt(std::numbers::pi) * integral;
        const LifRate rate =
            stationary_rate(slow_neuron, {mean, sigma * sigma}, SynapseTheory::delta);
        EXPECT_LT(relative_difference(rate.hz, hz_per_inverse_ms / period), 1e-12) << mean;
    }
}

RC_GTEST_PROP(StationaryRate, HasTheDerivativesOfItsLogarithm, ()) {
    const double mean = *rc::gen::inRange(-400, 600) * 0.1, sigma = *rc::gen::inRange(5, 100) * 0.1;
    const auto theory = *rc::gen::element(SynapseTheory::delta, SynapseTheory::shift);
    const LifInput at{mean, sigma * sigma};
    const auto log_rate = [&](double d_mean, double d_variance) {
        return stationary_rate(slow_neuron, {at.mean_mV + d_mean, at.variance_mV2 + d_variance},
                               theory)
            .log_hz;
    };
    const LifRate rate = stationary_rate(slow_neuron, at, theory);
    const double h = 1e-4 * sigma, h2 = 1e-4 * sigma * sigma;
    const double by_mean = (log_rate(h, 0.0) - log_rate(-h, 0.0)) / (2.0 * h),
                 by_variance = (log_rate(0.0, h2) - log_rate(0.0, -h2)) / (2.0 * h2);
    const double size = std::abs(rate.log_hz) / sigma + 1.0 / sigma;
    RC_ASSERT(std::abs(by_mean - rate.log_by_mean) < 1e-6 * size);
    RC_ASSERT(std::abs(by_variance - rate.log_by_variance) < 1e-6 * size / sigma);
    RC_ASSERT(rate.by_mean >= 0.0);
}

TEST(StationaryRate, SeriesAndNestedDualsAgree) {
    using Series = Taylor<double, 4>;
    using Nested = Dual<Dual<double, 1>, 1>;
    for (const SynapseTheory theory :
         {SynapseTheory::delta, SynapseTheory::shift, SynapseTheory::taylor})
        for (const double mean : {-20.0, 5.0, 16.0, 60.0}) {
            Series moving(mean);
            moving.c[1] = 1.0;
            Nested twice(Dual<double, 1>::variable(mean, 0));
            twice.d[0] = Dual<double, 1>(1.0);
            const auto series =
                rate_hz(neuron_rate(LifParameters<Series>{}, moving, Series(9.0), theory));
            const auto nested =
                rate_hz(neuron_rate(LifParameters<Nested>{}, twice, Nested(9.0), theory));
            EXPECT_NEAR(series.c[1], nested.d[0].value, 1e-12 * std::abs(series.c[1]));
            EXPECT_NEAR(2.0 * series.c[2], nested.d[0].d[0], 1e-10 * std::abs(series.c[2]));
        }
}

TEST(Theories, AgreeToSecondOrderInTheRatioOfTimeConstants) {
    // shift and taylor are the same to first order in k: their difference falls with k^2
    const LifInput input{10.0, 25.0};
    const auto difference = [&](double tau_s) {
        const LifNeuron neuron{{.tau_s = tau_s}};
        return stationary_rate(neuron, input, SynapseTheory::shift).hz -
               stationary_rate(neuron, input, SynapseTheory::taylor).hz;
    };
    EXPECT_NEAR(difference(1e-4) / difference(1e-4 / 4.0), 4.0, 0.1);
    const LifNeuron instant{{.tau_s = 0.0}};
    EXPECT_EQ(stationary_rate(instant, input, SynapseTheory::shift).hz,
              stationary_rate(instant, input, SynapseTheory::delta).hz);
}

TEST(Theories, ExpandedRateMayTurnNegativeAndThenHasNoLogarithm) {
    const LifNeuron neuron{{.tau_s = 20.0}};
    const LifRate rate = stationary_rate(neuron, {8.0, 4.0}, SynapseTheory::taylor);
    EXPECT_LT(rate.hz, 0.0);
    EXPECT_EQ(rate.log_hz, -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::isfinite(rate.by_mean));
}

TEST(SpreadOfTheMean, AveragesOverNeurons) {
    const LifInput plain{9.0, 16.0}, wide{9.0, 16.0, 3.0};
    const double average = simpson(
        [&](double z) {
            return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi) *
                   stationary_rate(slow_neuron, {9.0 + 3.0 * z, 16.0}, SynapseTheory::shift).hz;
        },
        -9.0, 9.0, 400);
    const LifRate rate = stationary_rate(slow_neuron, wide, SynapseTheory::shift);
    EXPECT_LT(relative_difference(rate.hz, average), 1e-11);
    EXPECT_GT(rate.hz, stationary_rate(slow_neuron, plain, SynapseTheory::shift).hz);
}

TEST(SpreadOfTheMean, DoesNotDependOnTheStepOfItsRule) {
    // d/d spread^2 = 1/2 d^2/d mean^2 of a Gaussian average, on the first and last scalar type
    for (const double spread : {0.5, 4.0, 30.0})
        for (const double mean : {-60.0, 0.0, 12.0, 30.0}) {
            using Nested = Dual<Dual<double, 1>, 1>;
            Nested twice(Dual<double, 1>::variable(mean, 0));
            twice.d[0] = Dual<double, 1>(1.0);
            const auto by_mean = rate_hz(population_rate(
                LifParameters<Nested>{}, twice, Nested(4.0), Nested(spread), SynapseTheory::delta));
            using D = Dual<double, 1>;
            const auto by_spread = rate_hz(population_rate(
                LifParameters<D>{}, D(mean), D(4.0), D::variable(spread, 0), SynapseTheory::delta));
            EXPECT_NEAR(by_spread.d[0], spread * by_mean.d[0].d[0],
                        1e-9 * (std::abs(by_spread.d[0]) + by_spread.value / spread))
                << spread << " " << mean;
        }
}

TEST(IntervalVariation, IsPoissonFarBelowThresholdAndRegularFarAbove) {
    const LifNeuron no_rest{{.tau_ref = 0.0}};
    EXPECT_NEAR(interspike_cv(no_rest, {-60.0, 9.0}, SynapseTheory::delta), 1.0, 1e-9);
    // first passage of Brownian motion with drift: CV^2 = sigma^2 / (threshold mean), and a leak
    const double mean = 3e4, variance = 100.0, leak = 15.0 / mean,
                 cv = std::sqrt(variance / (15.0 * mean));
    EXPECT_NEAR(interspike_cv(no_rest, {mean, variance}, SynapseTheory::delta), cv, leak * cv);
}

TEST(IntervalVariation, AgreesWithTheNestedIntegralOfBrunel) {
    constexpr double error_of_simpson = 1e-6, sigma = 4.0;
    for (const double mean : {2.0, 11.0, 17.0, 25.0}) {
        const double y_th = (15.0 - mean) / sigma, y_r = -mean / sigma;
        const auto inner = [](double x) {
            return std::exp(x * x) *
                   simpson([](double u) { return std::exp(u * u) * std::pow(std::erfc(-u), 2); },
                           -12.0, x, 1500);
        };
        const double rate =
            stationary_rate(slow_neuron, {mean, 16.0}, SynapseTheory::delta).hz * milli;
        const double square = 2.0 * std::numbers::pi * std::pow(rate * slow_neuron.tau_m, 2) *
                              simpson(inner, y_r, y_th, 600);
        EXPECT_LT(
            relative_difference(interspike_cv(slow_neuron, {mean, 16.0}, SynapseTheory::delta),
                                std::sqrt(square)),
            error_of_simpson)
            << mean;
    }
}

TEST(BadInput, IsNamedWithWhatIsAllowed) {
    const auto message = [](const LifNeuron& neuron, const LifInput& input) {
        try {
            (void)stationary_rate(neuron, input, SynapseTheory::delta);
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    using testing::HasSubstr;
    EXPECT_THAT(message({}, {10.0, 0.0}), HasSubstr("0 mV^2, must be greater than 0"));
    EXPECT_THAT(message({}, {10.0, -1.0}), HasSubstr("-1 mV^2, must be greater than 0"));
    EXPECT_THAT(message({}, {std::nan(""), 1.0}), HasSubstr("mean input, nan mV, must be finite"));
    EXPECT_THAT(message({}, {10.0, 1.0, -2.0}), HasSubstr("-2 mV, must be at least 0"));
    EXPECT_THAT(message({{.tau_m = -1.0}}, {10.0, 1.0}), HasSubstr("neuron.tau_m = -1 ms must be"));
    EXPECT_THAT(message({{.reset = 20.0}}, {10.0, 1.0}),
                HasSubstr("must be below neuron.threshold"));
}

}  // namespace
}  // namespace cortifold::test
