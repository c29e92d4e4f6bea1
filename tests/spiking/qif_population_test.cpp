#include "montbrio_pazo_roxin/qif_population.hpp"

#include "ng_ping/qif_populations.hpp"
#include <cortifold/spiking/simulation.hpp>

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>

namespace cortifold {
namespace {

template <class Model>
typename Model::template Parameters<double> defaults() {
    typename Model::template Parameters<double> p{};
    Model::parameters(p, [](double& value, const Quantity& q) { value = q.value; });
    return p;
}

/// One step of Runge and Kutta's fourth-order scheme.
template <class Model>
void advance(typename Model::template State<double>& x,
             const typename Model::template Parameters<double>& p, double h) {
    using State = typename Model::template State<double>;
    constexpr std::size_t n = sizeof(State) / sizeof(double);
    using Values = std::array<double, n>;
    const typename Model::template Input<double> no_input{};
    const auto slope = [&](const Values& values) {
        State dx;
        Model::rhs(std::bit_cast<State>(values), no_input, p, dx);
        return std::bit_cast<Values>(dx);
    };
    const auto shifted = [](Values y, const Values& k, double by) {
        for (std::size_t i = 0; i < n; ++i) y[i] += by * k[i];
        return y;
    };
    Values y = std::bit_cast<Values>(x);
    const Values a = slope(y), b = slope(shifted(y, a, h / 2.0));
    const Values c = slope(shifted(y, b, h / 2.0)), d = slope(shifted(y, c, h));
    for (std::size_t i = 0; i < n; ++i) y[i] += h / 6.0 * (a[i] + 2.0 * (b[i] + c[i]) + d[i]);
    x = std::bit_cast<State>(y);
}

/// Mean rate [1/ms] of the mean field in each of `bins` bins.
template <class Model>
std::vector<double> predicted(typename Model::template State<double> x,
                              const typename Model::template Parameters<double>& p, double bin_ms,
                              std::size_t bins, auto&& rate_of) {
    constexpr int steps = 400;
    std::vector<double> rates(bins, 0.0);
    for (double& rate : rates)
        for (int k = 0; k < steps; ++k) {
            const double before = rate_of(x);
            advance<Model>(x, p, bin_ms / steps);
            rate += 0.5 * (before + rate_of(x)) / steps;
        }
    return rates;
}

struct Observation {
    double mean = 0.0, error = 0.0;
};

/// Of the neurons below `size`, in each bin, over independent seeds.
std::vector<Observation> observed(const PopulationNetwork& network, std::uint32_t size,
                                  const SpikingOptions& options, double bin_ms, std::size_t bins) {
    constexpr int seeds = 10;
    std::vector<double> sums(bins, 0.0), squares(bins, 0.0);
    for (int seed = 1; seed <= seeds; ++seed) {
        SpikingSimulation simulation(network, options, {.seed = static_cast<std::uint64_t>(seed)});
        simulation.run(bin_ms * static_cast<double>(bins));
        std::vector<double> rates(bins, 0.0);
        for (const Spike& spike : simulation.spikes()) {
            const double t = (static_cast<double>(spike.step) + 0.5) * options.step_ms;
            if (spike.neuron < size)
                rates[static_cast<std::size_t>(t / bin_ms)] += 1.0 / size / bin_ms;
        }
        for (std::size_t k = 0; k < bins; ++k) {
            sums[k] += rates[k] / seeds;
            squares[k] += rates[k] * rates[k] / seeds;
        }
    }
    std::vector<Observation> all;
    for (std::size_t k = 0; k < bins; ++k)
        all.push_back({sums[k], std::sqrt((squares[k] - sums[k] * sums[k]) / (seeds - 1.0))});
    return all;
}

void expect_agreement(const std::vector<Observation>& seen, const std::vector<double>& theory) {
    for (std::size_t k = 0; k < theory.size(); ++k) {
        const double z = (seen[k].mean - theory[k]) / seen[k].error;
        EXPECT_LT(std::abs(z), 4.0) << "bin " << k << ": " << theory[k];
    }
}

// From a low rate through damped ringing: the whole path follows the two equations.
TEST(QifPopulation, FollowsTheMeanFieldOfMontbrioPazoAndRoxin) {
    auto p = defaults<MontbrioPazoRoxin>();
    p.tau = 10.0;
    p.eta = 1.0;
    p.J = 4.0;
    const MontbrioPazoRoxin::State<double> initial{0.01, -1.0};
    constexpr double bin_ms = 5.0;
    constexpr std::size_t bins = 16;
    const auto theory = predicted<MontbrioPazoRoxin>(
        initial, p, bin_ms, bins, [](const MontbrioPazoRoxin::State<double>& x) { return x.r; });
    const auto network =
        montbrio_pazo_roxin::network(p, initial, {.neurons = 1000, .delay_ms = 0.02});
    expect_agreement(observed(network, 1000, {.step_ms = 0.02}, bin_ms, bins), theory);
}

TEST(QifPopulations, FollowTheMeanFieldOfAGammaRhythm) {
    const auto p = defaults<NgPing>();
    const NgPing::State<double> initial{0.02, -1.0, 0.0, 0.02, -1.0, 0.0};
    constexpr double bin_ms = 2.0;
    constexpr std::size_t bins = 16;
    const auto theory = predicted<NgPing>(initial, p, bin_ms, bins,
                                          [](const NgPing::State<double>& x) { return x.r_e; });
    const auto network =
        ng_ping::network(p, initial, {.excitatory = 800, .inhibitory = 800, .delay_ms = 0.02});
    expect_agreement(observed(network, 800, {.step_ms = 0.02}, bin_ms, bins), theory);
}

}  // namespace
}  // namespace cortifold
