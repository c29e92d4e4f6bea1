#include "potjans_diesmann/potjans_diesmann.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace cortifold {
namespace {

namespace pd = potjans_diesmann;

constexpr std::size_t seeds = 10;
using OfSeeds = std::array<double, seeds>;

/// How far the number is from the mean of the seeds, in standard deviations of their difference.
double deviation(const OfSeeds& values, double number) {
    double mean = 0.0, square = 0.0;
    for (const double value : values) mean += value / seeds;
    for (const double value : values) square += (value - mean) * (value - mean) / (seeds - 1.0);
    return std::abs(number - mean) / std::sqrt(square * (1.0 + 1.0 / seeds));
}

struct Published {
    double rate_hz, cv_isi, fano;
};
// One run of NEST 3.10: a second after 100 ms, CVs of neurons with 4 spikes or more, counts of 3
// ms.
constexpr pd::PerPopulation<Published> published{{{0.855, 0.708, 54.8},
                                                  {2.946, 0.717, 11.8},
                                                  {4.424, 0.709, 64.5},
                                                  {5.875, 0.714, 8.5},
                                                  {7.740, 0.709, 27.9},
                                                  {8.628, 0.698, 1.4},
                                                  {1.130, 0.715, 7.9},
                                                  {7.839, 0.683, 1.3}}};

// That run could be one more of ours. With a standard deviation from ten runs, what lies beyond 3
// of a normal law is beyond 4.09 of Student's with 9 degrees of freedom.
TEST(WholeMicrocircuit, HasTheRatesIrregularityAndFluctuationsOfAnotherSimulator) {
    constexpr double farthest = 4.09;
    pd::PerPopulation<OfSeeds> rates{}, cvs{}, fanos{};
    for (std::size_t seed = 0; seed < seeds; ++seed) {
        SpikingOptions options{.record_spikes = false};
        options.activity.correlated_neurons = 0;
        options.activity.blocks = 0;
        SpikingSimulation simulation(pd::network(), options, {.threads = 2, .seed = seed + 1});
        simulation.run(100.0);
        simulation.clear_records();
        simulation.run(1000.0);
        const auto activity = simulation.activity();
        for (std::size_t p = 0; p < pd::populations; ++p) {
            rates[p][seed] = activity[p].rate_hz;
            cvs[p][seed] = activity[p].cv_isi.value();
            fanos[p][seed] = activity[p].fano.value();
        }
    }
    for (std::size_t p = 0; p < pd::populations; ++p) {
        EXPECT_LT(deviation(rates[p], published[p].rate_hz), farthest) << pd::names[p];
        EXPECT_LT(deviation(cvs[p], published[p].cv_isi), farthest) << pd::names[p];
        EXPECT_LT(deviation(fanos[p], published[p].fano), farthest) << pd::names[p];
    }
}

}  // namespace
}  // namespace cortifold
