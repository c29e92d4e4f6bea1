// Noise: strong orders on one Brownian path, moments, and ensembles.
#include "support/hybrid_field.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/ode/ensemble.hpp>
#include <cortifold/ode/rest.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace cortifold {
namespace {

using ::testing::HasSubstr;
using testing::make_field;
using ::testing::ThrowsMessage;
using testing::vector;

/// dx = mu x dt + sigma x dW, and its Brownian path beside it.
constexpr double mu = 0.5, sigma = 1.0;
const auto geometric = make_field<2, 1>(
    [](const auto& x, const auto& noise) {
        return std::array{mu * x[0] + sigma * x[0] * noise[0], noise[0] + 0.0 * x[1]};
    },
    {.noises = {0}});
double ito_solution(double t, double W) {
    return std::exp((mu - 0.5 * sigma * sigma) * t + sigma * W);
}
double stratonovich_solution(double t, double W) {
    return std::exp(mu * t + sigma * W);
}

/// dx = -rate x dt + dW: stationary variance 1 / (2 rate).
constexpr double rate = 2.0;
const auto relaxation = make_field<1, 1>(
    [](const auto& x, const auto& noise) { return std::array{-rate * x[0] + noise[0]}; },
    {.noises = {0}});

struct Estimate {
    double mean, standard_error;
};
Estimate estimate(const std::vector<double>& samples) {
    const double n = double(samples.size());
    const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
    double square = 0.0;
    for (const double s : samples) square += (s - mean) * (s - mean);
    return {mean, std::sqrt(square / (n * (n - 1.0)))};
}

constexpr int finest = 512;  // increments of a path over [0, 1]
constexpr std::uint32_t batches = 10;

OdeOptions with_steps(OdeMethod method, int steps, std::uint32_t member) {
    return {.method = method,
            .step = 1.0 / steps,
            .noise = {.seed = 11, .member = member, .refinement = finest / steps}};
}

/// The slope of log(root mean square error) over log(step), fitted to five steps on common paths;
/// its standard error by independent batches of members.
template <class Error>
Estimate strong_order(std::uint32_t members_a_batch, const Error& error) {
    std::vector<double> slopes;
    for (std::uint32_t batch = 0; batch < batches; ++batch) {
        double xy = 0.0, xx = 0.0;
        for (int k = -2; k <= 2; ++k) {
            double square = 0.0;
            for (std::uint32_t m = 0; m < members_a_batch; ++m)
                square += std::pow(error(8 << (2 - k), batch * members_a_batch + m), 2);
            xy += k * 0.5 * std::log2(square);
            xx += k * k;
        }
        slopes.push_back(xy / xx);
    }
    return estimate(slopes);
}

/// Neither half an order more nor less could pass.
void expect_order(const Estimate& found, double expected) {
    EXPECT_LT(found.standard_error, 0.05);
    EXPECT_NEAR(found.mean, expected, 0.15) << "+- " << found.standard_error;
}

double geometric_error(OdeMethod method, int steps, std::uint32_t member) {
    const OdeResult result = integrate({geometric, vector({0.0}), vector({1.0, 0.0}), 0.0, 1.0},
                                       with_steps(method, steps, member));
    return result.state[0] - (method == OdeMethod::euler_maruyama
                                  ? ito_solution(1.0, result.state[1])
                                  : stratonovich_solution(1.0, result.state[1]));
}

TEST(EulerMaruyama, IsOfStrongOrderOneHalfForItosEquation) {
    expect_order(strong_order(100,
                              [](int steps, std::uint32_t member) {
                                  return geometric_error(OdeMethod::euler_maruyama, steps, member);
                              }),
                 0.5);
}

TEST(StochasticHeun, IsOfStrongOrderOneForStratonovichsEquation) {
    expect_order(strong_order(100,
                              [](int steps, std::uint32_t member) {
                                  return geometric_error(OdeMethod::stochastic_heun, steps, member);
                              }),
                 1.0);
}

/// x(1) = int exp(rate (s - 1)) dW(s) by the increments of the finest path, each spread over its
/// step: what they say of it.
double relaxation_error(OdeMethod method, int steps, std::uint32_t member) {
    const auto path = make_field<1, 1>(
        [](const auto& x, const auto& noise) { return std::array{noise[0] + 0.0 * x[0]}; },
        {.noises = {0}});
    const double h = 1.0 / finest, spread = std::expm1(rate * h) / (rate * h);
    double exact = 0.0, last = 0.0;
    (void)integrate({path, vector({0.0}), vector({0.0}), 0.0, 1.0},
                    with_steps(OdeMethod::euler_maruyama, finest, member),
                    [&](double t, ConstVectorRef W, ConstVectorRef) {
                        exact += std::exp(rate * (t - h - 1.0)) * spread * (W[0] - last);
                        last = W[0];
                        return Flow::proceed;
                    });
    const OdeResult result = integrate({relaxation, vector({0.0}), vector({0.0}), 0.0, 1.0},
                                       with_steps(method, steps, member));
    return result.state[0] - exact;
}

TEST(EulerMaruyama, IsOfStrongOrderOneForAdditiveNoise) {
    expect_order(strong_order(30,
                              [](int steps, std::uint32_t member) {
                                  return relaxation_error(OdeMethod::euler_maruyama, steps, member);
                              }),
                 1.0);
}

TEST(StochasticHeun, IsOfStrongOrderOneForAdditiveNoise) {
    expect_order(strong_order(30,
                              [](int steps, std::uint32_t member) {
                                  return relaxation_error(OdeMethod::stochastic_heun, steps,
                                                          member);
                              }),
                 1.0);
}

TEST(BrownianPath, IsTheSameForStepsOfAnyLength) {
    const auto end = [](int steps) {
        return integrate({geometric, vector({0.0}), vector({1.0, 0.0}), 0.0, 1.0},
                         with_steps(OdeMethod::euler_maruyama, steps, 3))
            .state[1];
    };
    EXPECT_NEAR(end(512), end(1), 1e-13);
    EXPECT_NEAR(end(64), end(1), 1e-13);
}

TEST(BrownianPath, DependsOnSeedMemberAndNoise) {
    const auto two = make_field<2, 2>(
        [](const auto& x, const auto& noise) {
            return std::array{noise[0] + 0.0 * x[0], noise[1] + 0.0 * x[1]};
        },
        {.noises = {0, 1}});
    const auto end = [&](const NoiseOptions& noise) {
        return integrate({two, vector({0.0, 0.0}), vector({0.0, 0.0}), 0.0, 1.0},
                         {.method = OdeMethod::euler_maruyama, .step = 0.1, .noise = noise})
            .state;
    };
    const Vector one = end({.seed = 1});
    EXPECT_NE(one[0], one[1]);
    EXPECT_NE(end({.seed = 2})[0], one[0]);
    EXPECT_NE(end({.seed = 1, .member = 1})[0], one[0]);
    EXPECT_EQ(end({.seed = 1}), one);
}

// Of the method itself: x -> (1 - rate h) x + dW has variance h / (1 - (1 - rate h)^2). Squares of
// a Gaussian process with autocorrelation r^k: the variance of their mean over n steps is
// 2 variance^2 (1 + r^2) / (1 - r^2) / n.
TEST(EulerMaruyama, HasItsStationaryVariance) {
    constexpr double h = 0.05, r = 1.0 - rate * h, variance = h / (1.0 - r * r);
    constexpr int steps = 200'000;
    double square = 0.0;
    (void)integrate({relaxation, vector({0.0}), vector({0.4}), 0.0, h * steps},
                    {.method = OdeMethod::euler_maruyama, .step = h, .noise = {.seed = 5}},
                    [&](double, ConstVectorRef x, ConstVectorRef) {
                        square += x[0] * x[0];
                        return Flow::proceed;
                    });
    const double standard_error = variance * std::sqrt(2.0 * (1.0 + r * r) / (1.0 - r * r) / steps);
    EXPECT_NEAR(square / steps, variance, 4.0 * standard_error);
    EXPECT_GT(std::abs(square / steps - 1.2 * variance), 4.0 * standard_error);
}

// Ito: the mean of dx = mu x dt + sigma x dW grows as exp(mu t); Stratonovich adds sigma^2 / 2.
TEST(Means, TellItoFromStratonovich) {
    const auto mean_end = [](OdeMethod method) {
        std::vector<double> ends;
        const auto results = integrate_ensemble(
            {geometric, vector({0.0}), vector({1.0, 0.0}), 0.0, 0.25},
            {.method = method, .step = 1.0 / 128, .noise = {.seed = 3}}, {.members = 4000});
        for (const OdeResult& result : results) ends.push_back(result.state[0]);
        return estimate(ends);
    };
    const Estimate ito = mean_end(OdeMethod::euler_maruyama);
    const Estimate stratonovich = mean_end(OdeMethod::stochastic_heun);
    EXPECT_NEAR(ito.mean, std::exp(0.25 * mu), 4.0 * ito.standard_error);
    EXPECT_NEAR(stratonovich.mean, std::exp(0.25 * (mu + 0.5 * sigma * sigma)),
                4.0 * stratonovich.standard_error);
}

/// x' = p: what an Ornstein-Uhlenbeck drive adds to p, by differences of Euler's method.
std::vector<double> drive_values(const OrnsteinUhlenbeck& wave, int steps, double h,
                                 int refinement) {
    const auto integrator = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] + 0.0 * x[0]}; });
    std::vector<double> values;
    double last = 0.0;
    (void)integrate({integrator, vector({0.0}), vector({0.0}), 0.0, h * steps, {{0, wave}}},
                    {.method = OdeMethod::euler_maruyama,
                     .step = h,
                     .noise = {.seed = 8, .refinement = refinement}},
                    [&](double t, ConstVectorRef x, ConstVectorRef) {
                        if (t > 0.0) values.push_back((x[0] - last) / h);
                        last = x[0];
                        return Flow::proceed;
                    });
    return values;
}

TEST(OrnsteinUhlenbeckDrive, HasItsMeanVarianceAndCorrelationTime) {
    constexpr OrnsteinUhlenbeck wave{3.0, 0.5, 2.0};
    constexpr double h = 0.5;
    constexpr int steps = 100'000;
    const std::vector<double> values = drive_values(wave, steps, h, 1);
    const double r = std::exp(-h / wave.tau);
    double mean = 0.0;
    for (const double v : values) mean += v / steps;
    EXPECT_NEAR(mean, wave.mean, 4.0 * wave.sd * std::sqrt((1.0 + r) / (1.0 - r) / steps));
    // Bartlett 1946: the variance of an autocovariance is at most twice sd^4 (1 + r^2) / (1 - r^2)
    // / n
    const double error =
        std::pow(wave.sd, 2) * std::sqrt(2.0 * (1.0 + r * r) / (1.0 - r * r) / steps);
    for (const int lag : {0, 1, 4, 8}) {
        double covariance = 0.0;
        for (int k = 0; k + lag < steps; ++k)
            covariance += (values[std::size_t(k)] - wave.mean) *
                          (values[std::size_t(k + lag)] - wave.mean) / (steps - lag);
        EXPECT_NEAR(covariance, std::pow(wave.sd, 2) * std::exp(-lag * h / wave.tau), 4.0 * error);
    }
}

TEST(OrnsteinUhlenbeckDrive, IsTheSameForStepsOfAnyLength) {
    const std::vector<double> fine = drive_values({0.0, 1.0, 1.0}, 64, 0.125, 1);
    const std::vector<double> coarse = drive_values({0.0, 1.0, 1.0}, 8, 1.0, 8);
    for (std::size_t k = 0; k < 8; ++k) EXPECT_NEAR(coarse[k], fine[8 * k], 1e-12);
}

TEST(OrnsteinUhlenbeckDrive, StartsFromItsStationaryDistribution) {
    const auto integrator = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] + 0.0 * x[0]}; });
    const auto ends =
        integrate_ensemble({integrator,
                            vector({1.0}),
                            vector({0.0}),
                            0.0,
                            1.0,
                            {{0, OrnsteinUhlenbeck{2.0, 0.5, 10.0}}}},
                           {.method = OdeMethod::euler_maruyama, .step = 1.0}, {.members = 2000});
    std::vector<double> firsts, squares;
    for (const OdeResult& end : ends) {
        firsts.push_back(end.state[0]);
        squares.push_back(std::pow(end.state[0] - 3.0, 2));
    }
    const Estimate mean = estimate(firsts), variance = estimate(squares);
    EXPECT_NEAR(mean.mean, 3.0, 4.0 * mean.standard_error);
    EXPECT_NEAR(variance.mean, 0.25, 4.0 * variance.standard_error);
}

// A break cuts a step; the noise over its parts is that of the whole.
TEST(WhiteNoiseDrive, IsTheNoiseOfAFieldAlsoOverTheParts) {
    const auto plain = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] - rate * x[0]}; });
    const OdeOptions options{
        .method = OdeMethod::stochastic_heun, .step = 0.125, .noise = {.seed = 4}};
    const OdeResult of_field =
        integrate({relaxation, vector({0.0}), vector({0.0}), 0.0, 2.0}, options);
    const OdeResult of_drive =
        integrate({plain, vector({0.0}), vector({0.0}), 0.0, 2.0, {{0, WhiteNoise{1.0}}}}, options);
    EXPECT_EQ(of_field.state, of_drive.state);

    const auto path = make_field<1, 1>(
        [](const auto& x, const auto& p) { return std::array{p[0] + 0.0 * x[0]}; });
    const Drive white{0, WhiteNoise{1.0}};
    const OdeResult whole =
        integrate({path, vector({0.0}), vector({0.0}), 0.0, 2.0, {white}}, options);
    const OdeResult cut = integrate(
        {path, vector({0.0}), vector({0.0}), 0.0, 2.0, {white, {0, StepWave{0.9, 0.0}}}}, options);
    EXPECT_GT(cut.steps, whole.steps);
    EXPECT_NEAR(cut.state[0], whole.state[0], 1e-14);
}

TEST(Noise, IsRefusedToMethodsThatCannotFollowIt) {
    EXPECT_THAT(
        [] {
            (void)integrate({relaxation, vector({0.0}), vector({0.0}), 0.0, 1.0});
        },
        ThrowsMessage<UsageError>(HasSubstr("euler_maruyama and stochastic_heun can")));
    const auto plain =
        make_field<1, 1>([](const auto& x, const auto& p) { return std::array{p[0] - x[0]}; });
    EXPECT_THAT(
        [&] {
            (void)integrate({plain, vector({0.0}), vector({0.0}), 0.0, 1.0, {{0, WhiteNoise{1.0}}}},
                            {.method = OdeMethod::runge_kutta4, .step = 0.1});
        },
        ThrowsMessage<UsageError>(HasSubstr("a drive is random, runge_kutta4 cannot follow it")));
    EXPECT_THAT(
        [] {
            (void)integrate({relaxation, vector({0.0}), vector({0.0}), 0.0, 1.0},
                            {.method = OdeMethod::euler_maruyama});
        },
        ThrowsMessage<UsageError>(HasSubstr("ode.step = 0 must be greater than 0 for euler_m")));
}

TEST(Noise, OfAFrozenClockStandsStill) {
    const OdeResult result = integrate({.field = relaxation,
                                        .parameters = vector({1.0}),
                                        .initial = vector({0.0}),
                                        .t1 = 50.0,
                                        .clock = Clock::frozen});
    EXPECT_NEAR(result.state[0], 1.0 / rate, 1e-8);
}

TEST(Rest, OfANoisyFieldIsThatOfItsDrift) {
    const RestResult rest = find_rest({relaxation, vector({0.0}), vector({1.0})});
    EXPECT_TRUE(rest.attracting) << rest.message;
    EXPECT_NEAR(rest.equilibrium.state[0], 0.0, 1e-9);
}

TEST(Ensemble, DoesNotDependOnTheNumberOfThreads) {
    const auto run = [](int threads) {
        std::vector<double> seen(50);
        const auto results = integrate_ensemble(
            {geometric, vector({0.0}), vector({1.0, 0.0}), 0.0, 1.0},
            {.method = OdeMethod::stochastic_heun, .step = 0.01, .noise = {.seed = 6}},
            {.members = 50, .context = {.threads = threads}},
            [&](std::uint32_t member, double, ConstVectorRef x) {
                seen[member] += x[0];
                return Flow::proceed;
            });
        for (const OdeResult& result : results) seen.push_back(result.state[0]);
        return seen;
    };
    EXPECT_EQ(run(1), run(2));
}

TEST(Ensemble, IsMadeOfTheRunsOfItsMembers) {
    const OdeProblem problem{geometric, vector({0.0}), vector({1.0, 0.0}), 0.0, 1.0};
    OdeOptions options{
        .method = OdeMethod::euler_maruyama, .step = 0.01, .noise = {.seed = 6, .member = 7}};
    const auto results = integrate_ensemble(problem, options, {.members = 3});
    options.noise.member = 9;
    EXPECT_EQ(results.at(2).state, integrate(problem, options).state);
    EXPECT_NE(results.at(1).state, results.at(2).state);
}

TEST(Ensemble, PassesOnWhatItsMembersRefuse) {
    EXPECT_THROW((void)integrate_ensemble({relaxation, vector({0.0}), vector({0.0}), 0.0, 1.0}, {},
                                          {.members = 4, .context = {.threads = 2}}),
                 UsageError);
    EXPECT_THAT(
        [] {
            (void)integrate_ensemble({relaxation, vector({0.0}), vector({0.0}), 0.0, 1.0}, {},
                                     {.members = 0});
        },
        ThrowsMessage<UsageError>(HasSubstr("ensemble.members = 0")));
}

}  // namespace
}  // namespace cortifold
