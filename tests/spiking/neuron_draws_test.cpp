#include "spiking/neuron_draws.hpp"

#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint32_t neurons = 2000;

std::vector<double> sample(const Distribution& law) {
    std::vector<double> values;
    for (std::uint32_t i = 0; i < neurons; ++i)
        values.push_back(draw(law, {3, StreamPurpose::initial_state, i}, {i, neurons}));
    std::ranges::sort(values);
    return values;
}

/// Largest distance of the empirical distribution from `below`, times sqrt(N) (Kolmogorov 1933).
double kolmogorov(const Distribution& law, const auto& below) {
    const std::vector<double> values = sample(law);
    double largest = 0.0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double p = below(values[k]), n = neurons;
        const double k_of = static_cast<double>(k);
        largest = std::max({largest, p - k_of / n, (k_of + 1.0) / n - p});
    }
    return largest * std::sqrt(neurons);
}

constexpr double one_in_thousand = 1.95;  // of Kolmogorov's law

double normal_below(double z) {
    return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}
double cauchy_below(double z) {
    return 0.5 + std::atan(z) / std::numbers::pi;
}

TEST(NeuronDraws, FollowTheirLaws) {
    const Distribution normal{.mean = -60.0, .sd = 4.0};
    EXPECT_LT(kolmogorov(normal, [](double x) { return normal_below((x + 60.0) / 4.0); }),
              one_in_thousand);
    const Distribution lorentzian{.mean = -5.0, .sd = 2.0, .law = Law::lorentzian};
    EXPECT_LT(kolmogorov(lorentzian, [](double x) { return cauchy_below((x + 5.0) / 2.0); }),
              one_in_thousand);
    // exp(m + s z) with s^2 = log(1 + (sd / mean)^2) and mean exp(m + s^2 / 2)
    const Distribution log_normal{.mean = 10.0, .sd = 5.0, .law = Law::log_normal};
    const double s = std::sqrt(std::log(1.25)), m = std::log(10.0) - 0.5 * s * s;
    EXPECT_LT(kolmogorov(log_normal, [&](double x) { return normal_below((std::log(x) - m) / s); }),
              one_in_thousand);
}

TEST(NeuronDraws, WithinLimitsFollowTheLawThatIsCutThere) {
    const Distribution law{
        .mean = 0.0, .sd = 1.0, .low = -1.0, .high = 10.0, .law = Law::lorentzian};
    const double low = cauchy_below(-1.0), high = cauchy_below(10.0);
    EXPECT_LT(kolmogorov(law, [&](double x) { return (cauchy_below(x) - low) / (high - low); }),
              one_in_thousand);
    Distribution clipped = law;
    clipped.outside = Outside::clipped;
    const std::vector<double> values = sample(clipped);
    const double at_low = static_cast<double>(std::ranges::count(values, -1.0));
    EXPECT_NEAR(at_low, low * neurons, 4.0 * std::sqrt(low * (1.0 - low) * neurons));
}

// eta_j = eta + Delta tan(pi/2 (2j - N - 1) / (N + 1)) (Montbrio et al. 2015)
TEST(NeuronDraws, AreTheQuantilesOfALorentzian) {
    const Distribution law{.mean = -5.0, .sd = 2.0, .law = Law::lorentzian_quantiles};
    for (std::uint32_t j = 1; j <= 9; ++j) {
        const double angle = 0.5 * std::numbers::pi * (2.0 * j - 10.0) / 10.0;
        EXPECT_NEAR(draw(law, {}, {j - 1, 9}), -5.0 + 2.0 * std::tan(angle), 1e-12);
    }
}

TEST(Distribution, IsRefusedWhereItsLawCannotBeMeant) {
    PopulationNetwork network;
    network.populations = {{.name = "a", .size = 1, .neuron = LifExp{}}};
    const auto refuse = [&](const Distribution& law, const char* message) {
        network.populations[0].initial_mv = law;
        EXPECT_THAT([&] { network.validate(); }, ThrowsMessage<ConfigError>(HasSubstr(message)));
    };
    refuse({.mean = 0.0, .sd = 1.0, .law = Law::log_normal}, "population.a.initial.mean = 0");
    refuse({.mean = 0.0, .sd = 1.0, .low = 1e6, .law = Law::lorentzian}, "3.1831e-07");
    network.populations[0].initial_mv = {};
    network.projections = {{"a", "a", Indegree{1}, {1.0}, {1.0}}};
    network.projections[0].weight.law = Law::lorentzian;
    EXPECT_THAT([&] { network.validate(); },
                ThrowsMessage<ConfigError>(HasSubstr("projection.a.a.weight must have a normal")));
}

}  // namespace
}  // namespace cortifold
