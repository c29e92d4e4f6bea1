#include "played_trains.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/signal/spectrum.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

namespace cortifold {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double duration_ms = 60e3, rate_hz = 20.0;
constexpr std::size_t neurons = 20;
constexpr double most_errors = 4.5;  // of about ten figures a test, from 8 to 16 blocks

std::vector<StepsOfSpikes> gamma_processes(int order, std::uint64_t seed) {
    Dice dice(seed);
    std::vector<StepsOfSpikes> trains;
    for (std::size_t i = 0; i < neurons; ++i)
        trains.push_back(gamma_process(order, rate_hz, duration_ms, dice));
    return trains;
}

/// Each spike of a mother process stands in all trains: counts of two neurons are correlated by
/// `shared`, the part that it makes of each (Kuhn et al. 2003, single-interaction process).
std::vector<StepsOfSpikes> sharing_processes(double shared, std::uint64_t seed) {
    Dice dice(seed);
    const StepsOfSpikes mother = poisson_process(shared * rate_hz, duration_ms, dice);
    std::vector<StepsOfSpikes> trains;
    for (std::size_t i = 0; i < neurons; ++i) {
        trains.push_back(poisson_process((1.0 - shared) * rate_hz, duration_ms, dice));
        trains.back().insert(trains.back().end(), mother.begin(), mother.end());
    }
    return trains;
}

double z_score(std::optional<double> value, std::optional<double> error, double expected) {
    return (value.value() - expected) / error.value();
}

TEST(PoissonProcesses, HaveTheFiguresOfTheirLaw) {
    const PopulationActivity a =
        PlayedTrains(gamma_processes(1, 3), duration_ms, {.refractoriness_ms = 0.0}).activity();
    EXPECT_GE(a.blocks, 8U);
    EXPECT_LE(a.blocks, 16U);
    const ActivityErrors& e = a.errors;
    EXPECT_LT(std::abs(z_score(a.rate_hz, e.rate_hz, rate_hz)), most_errors);
    EXPECT_LT(std::abs(z_score(a.cv_isi, e.cv_isi, 1.0)), most_errors);
    EXPECT_LT(std::abs(z_score(a.lvr, e.lvr, 1.0)), most_errors);
    EXPECT_LT(std::abs(z_score(a.fano, e.fano, 1.0)), most_errors);
    EXPECT_LT(std::abs(z_score(a.synchrony, e.synchrony, 1.0 / neurons)), most_errors);
    EXPECT_LT(std::abs(z_score(a.correlation, e.correlation, 0.0)), most_errors);
    // of a correlation of n independent pairs of counts: 1 / sqrt(n)
    EXPECT_NEAR(a.correlation_sd.value() * std::sqrt(duration_ms / 30.0), 1.0, 0.3);
}

// I / (I + J) of two gamma intervals follows a beta law, independent of I + J.
TEST(GammaProcesses, HaveTheVariationsOfTheirOrder) {
    for (const int order : {2, 4})
        for (const double R : {0.0, 5.0}) {
            const PopulationActivity a =
                PlayedTrains(gamma_processes(order, 5), duration_ms, {.refractoriness_ms = R})
                    .activity();
            EXPECT_LT(std::abs(z_score(a.cv_isi, a.errors.cv_isi, 1.0 / std::sqrt(order))),
                      most_errors);
            const double inverse_sum = order * rate_hz * 1e-3 / (2.0 * order - 1.0);
            const double lvr = 3.0 / (2.0 * order + 1.0) * (1.0 + 4.0 * R * inverse_sum);
            EXPECT_LT(std::abs(z_score(a.lvr, a.errors.lvr, lvr)), most_errors) << order;
            EXPECT_LT(a.errors.lvr.value(), 0.02 * lvr);
        }
}

TEST(SharedSpikes, CorrelateCountsByTheirPart) {
    for (const double shared : {0.05, 0.3}) {
        const PopulationActivity a =
            PlayedTrains(sharing_processes(shared, 7), duration_ms).activity();
        const double inflated = 1.0 + (neurons - 1) * shared;
        EXPECT_LT(std::abs(z_score(a.correlation, a.errors.correlation, shared)), most_errors);
        EXPECT_LT(std::abs(z_score(a.fano, a.errors.fano, inflated)), most_errors);
        EXPECT_LT(std::abs(z_score(a.synchrony, a.errors.synchrony, inflated / neurons)),
                  most_errors);
        EXPECT_LT(a.errors.correlation.value(), 0.2 * shared);
    }
}

// Of t variables with 7 to 15 degrees of freedom, the mean square is 1.15 to 1.4.
TEST(BlockErrors, AreAsLargeAsTheErrors) {
    constexpr std::uint64_t seeds = 100;
    double squares[6]{};
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        constexpr double shared = 0.1, inflated = 1.0 + (neurons - 1.0) * shared;
        const PopulationActivity a =
            PlayedTrains(sharing_processes(shared, 100 + seed), 20e3, {.refractoriness_ms = 0.0})
                .activity();
        const ActivityErrors& e = a.errors;
        const double z[]{z_score(a.rate_hz, e.rate_hz, rate_hz),
                         z_score(a.cv_isi, e.cv_isi, 1.0),
                         z_score(a.lvr, e.lvr, 1.0),
                         z_score(a.fano, e.fano, inflated),
                         z_score(a.synchrony, e.synchrony, inflated / neurons),
                         z_score(a.correlation, e.correlation, shared)};
        for (std::size_t k = 0; k < std::size(z); ++k)
            squares[k] += z[k] * z[k] / static_cast<double>(seeds);
    }
    for (std::size_t k = 0; k < std::size(squares); ++k) {
        EXPECT_GT(squares[k], 0.75) << k;
        EXPECT_LT(squares[k], 2.0) << k;
    }
}

// Trains of one neuron known by heart: 10 and 30 ms in turn.
TEST(Figures, AreThoseOfAKnownTrain) {
    StepsOfSpikes train;
    for (std::uint64_t step = 500; step < 100'000; step += 4000) {
        train.push_back(step);
        train.push_back(step + 1000);
    }
    const std::vector<StepsOfSpikes> trains{train, {}, train, {700}};
    const PopulationActivity a =
        PlayedTrains(trains, 1000.0, {.correlation_bin_ms = 3.0, .refractoriness_ms = 5.0})
            .activity();
    EXPECT_EQ(train.size(), 50U);
    EXPECT_EQ(a.spikes, 101U);
    EXPECT_EQ(a.silent, 1U);
    EXPECT_DOUBLE_EQ(a.rate_hz, 101.0 / 4.0);
    EXPECT_DOUBLE_EQ(a.errors.silent_fraction.value(), std::sqrt(0.25 * 0.75 / 4.0));
    const double mean = (25.0 * 10.0 + 24.0 * 30.0) / 49.0;
    const double variance = (25.0 * 100.0 + 24.0 * 900.0 - 49.0 * mean * mean) / 48.0;
    EXPECT_NEAR(a.cv_isi.value(), std::sqrt(variance) / mean, 1e-9);
    EXPECT_NEAR(a.lvr.value(), 3.0 * 0.25 * 1.5, 1e-9);
}

TEST(Synchrony, IsOneWhereAllDoTheSame) {
    Dice dice(4);
    const std::vector<StepsOfSpikes> trains(12, poisson_process(10.0, 9999.0, dice));
    const PopulationActivity a = PlayedTrains(trains, 9999.5).activity();
    EXPECT_NEAR(a.synchrony.value(), 1.0, 1e-12);
    EXPECT_NEAR(a.correlation.value(), 1.0, 1e-12);
    EXPECT_NEAR(a.correlation_sd.value(), 0.0, 1e-12);
    EXPECT_NEAR(a.errors.synchrony.value(), 0.0, 1e-12);
}

// The line has the power of the sinusoid, on the floor of the spikes, 2 rate / neurons.
TEST(ModulatedRates, HaveTheirSpectralLine) {
    constexpr double hz = 17.0, depth = 0.4, seconds = 60.0;
    Dice dice(11);
    std::vector<StepsOfSpikes> trains;
    for (std::size_t i = 0; i < 100; ++i) {
        StepsOfSpikes kept;
        for (const std::uint64_t step :
             poisson_process(rate_hz * (1 + depth), 1e3 * seconds, dice)) {
            const double t = static_cast<double>(step) * played_step_ms * 1e-3;
            const double rate = 1.0 + depth * std::sin(2.0 * std::numbers::pi * hz * t);
            if (dice.uniform() * (1.0 + depth) < rate) kept.push_back(step);
        }
        trains.push_back(kept);
    }
    const PopulationRates rates = PlayedTrains(trains, 1e3 * seconds).rates();
    EXPECT_EQ(rates.bin_ms, 1.0);
    EXPECT_EQ(rates.rates_hz.rows(), 60'000);
    const PowerSpectrum spectrum =
        power_spectrum({rates.rates_hz, 1e-3 * rates.bin_ms}, {.segment = 2.0});
    const auto peaks = spectral_peaks(spectrum.density.col(0), spectrum.resolution(),
                                      {.degrees_of_freedom = spectrum.degrees_of_freedom});
    ASSERT_FALSE(peaks.empty());
    EXPECT_NEAR(peaks[0].frequency, hz, 0.02 * spectrum.resolution());
    const double floor = 2.0 * rate_hz / 100.0, amplitude = rate_hz * depth;
    const Band around{hz - 2.0, hz + 2.0}, beside{100.0, 200.0};
    EXPECT_NEAR(band_power(spectrum.density.col(0), spectrum.resolution(), around),
                0.5 * amplitude * amplitude + 4.0 * floor, 1.0);
    EXPECT_NEAR(band_power(spectrum.density.col(0), spectrum.resolution(), beside) / 100.0, floor,
                0.05 * floor);
}

void expect_equal(const PopulationActivity& a, const PopulationActivity& b) {
    EXPECT_EQ(a.spikes, b.spikes);
    EXPECT_EQ(a.silent, b.silent);
    EXPECT_EQ(a.rate_hz, b.rate_hz);
    EXPECT_EQ(a.rate_sd_hz, b.rate_sd_hz);
    EXPECT_EQ(a.cv_isi, b.cv_isi);
    EXPECT_EQ(a.lvr, b.lvr);
    EXPECT_EQ(a.fano, b.fano);
    EXPECT_EQ(a.synchrony, b.synchrony);
    EXPECT_EQ(a.correlation, b.correlation);
    EXPECT_EQ(a.correlation_sd, b.correlation_sd);
    EXPECT_EQ(a.blocks, b.blocks);
    EXPECT_EQ(a.errors.rate_hz, b.errors.rate_hz);
    EXPECT_EQ(a.errors.cv_isi, b.errors.cv_isi);
    EXPECT_EQ(a.errors.lvr, b.errors.lvr);
    EXPECT_EQ(a.errors.fano, b.errors.fano);
    EXPECT_EQ(a.errors.synchrony, b.errors.synchrony);
    EXPECT_EQ(a.errors.correlation, b.errors.correlation);
}

TEST(Records, AreTheSameForAnySplit) {
    const std::vector<StepsOfSpikes> trains = sharing_processes(0.2, 9);
    const PopulationActivity whole = PlayedTrains(trains, duration_ms).activity();
    for (const std::uint32_t slices : {2U, 7U, 20U})
        expect_equal(PlayedTrains(trains, duration_ms, {}, slices).activity(), whole);
}

TEST(Records, OfASimulationAreTheSameOnAnyNumberOfThreadsAndInAnyPieces) {
    PopulationNetwork network;
    for (const auto& [name, size] : {std::pair{"a", 150U}, {"b", 70U}}) {
        const PoissonDrive drive{2000.0, 9.0, 87.8};
        network.populations.push_back({.name = name,
                                       .size = size,
                                       .neuron = LifExp{},
                                       .initial_mv = {-58.0, 5.0},
                                       .poisson = drive});
    }
    network.projections = {{"a", "b", Indegree{30}, {87.8}, {1.5, 0.7, 1.0}},
                           {"b", "a", Indegree{30}, {-87.8}, {1.8, 0.4, 1.0}}};
    const auto run = [&](int threads, std::initializer_list<double> pieces_ms) {
        SpikingSimulation simulation(
            network, {.record_spikes = false, .activity = {.correlated_neurons = 40}},
            {.threads = threads, .seed = 4});
        simulation.run(7.3);
        simulation.clear_records();
        for (const double piece_ms : pieces_ms) simulation.run(piece_ms);
        return std::pair(simulation.activity(3), simulation.rates().rates_hz);
    };
    const auto [one, rates] = run(1, {300.0});
    const ActivityErrors& errors = one[0].errors;
    EXPECT_TRUE(errors.cv_isi && errors.lvr && errors.correlation && errors.fano);
    for (const auto& [other, other_rates] : {run(2, {300.0}), run(3, {1.7, 98.3, 200.0})}) {
        ASSERT_EQ(one.size(), other.size());
        for (std::size_t p = 0; p < one.size(); ++p) expect_equal(one[p], other[p]);
        EXPECT_EQ(rates, other_rates);
    }
}

TEST(Rates, AddUpToTheSpikes) {
    const std::vector<StepsOfSpikes> trains = gamma_processes(1, 2);
    const PlayedTrains played(trains, duration_ms, {.rate_bin_ms = 2.0});
    const PopulationRates rates = played.rates();
    EXPECT_EQ(rates.rates_hz.rows(), 30'000);
    EXPECT_NEAR(rates.rates_hz.mean(), played.activity().rate_hz, 1e-9);
}

TEST(FewSpikes, LeaveFiguresAbsent) {
    const PopulationActivity none = PlayedTrains({{}, {}}, 1000.0).activity();
    EXPECT_EQ(none.rate_hz, 0.0);
    EXPECT_EQ(none.silent, 2U);
    EXPECT_FALSE(none.cv_isi || none.lvr || none.fano || none.synchrony || none.correlation);
    const PopulationActivity few = PlayedTrains({{100, 900}, {}}, 1000.0).activity();
    EXPECT_FALSE(few.cv_isi || few.lvr || few.correlation);
    EXPECT_TRUE(few.fano && few.synchrony);
    const PopulationActivity brief = PlayedTrains(gamma_processes(1, 1), 100.0).activity();
    EXPECT_EQ(brief.blocks, 0U);
    EXPECT_FALSE(brief.errors.rate_hz || brief.errors.cv_isi);
    const PopulationActivity without =
        PlayedTrains(gamma_processes(1, 1), duration_ms, {.blocks = 0}).activity();
    EXPECT_NEAR(without.cv_isi.value(), 1.0, 0.05);
    EXPECT_FALSE(without.errors.cv_isi || without.errors.rate_hz);
}

TEST(ChosenNeurons, AreASetInWhichEachIsAsLikely) {
    constexpr std::uint32_t size = 50, count = 20, seeds = 2000;
    std::vector<double> times(size);
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const std::vector<std::uint32_t> chosen = choose_neurons(count, size, seed, 3);
        ASSERT_EQ(chosen.size(), count);
        ASSERT_TRUE(std::ranges::is_sorted(chosen, std::less_equal{}));
        for (const std::uint32_t neuron : chosen) ++times.at(neuron);
    }
    const double expected = seeds * 0.4, variance = seeds * 0.4 * 0.6;
    for (const double n : times) EXPECT_LT(std::abs(n - expected), 4.5 * std::sqrt(variance));
    EXPECT_EQ(choose_neurons(9, 4, 1, 0), (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST(ActivityOptions, AreRefusedByName) {
    const auto refused = [](const ActivityOptions& options, const std::string& name) {
        EXPECT_THAT([&] { options.validate(); }, ThrowsMessage<UsageError>(HasSubstr(name)));
    };
    refused({.rate_bin_ms = 0.0}, "activity.rate_bin_ms = 0");
    refused({.count_bin_ms = 0.5}, "activity.count_bin_ms = 0.5");
    refused({.correlation_bin_ms = 2.0}, "activity.correlation_bin_ms = 2");
    refused({.correlated_neurons = 100'000}, "activity.correlated_neurons = 100000");
    refused({.refractoriness_ms = -1.0}, "activity.refractoriness_ms = -1");
    refused({.blocks = 1}, "activity.blocks = 1 must be 0 or");
    EXPECT_THROW(SpikingOptions{.activity = {.rate_bin_ms = -1.0}}.validate(), UsageError);
}

}  // namespace
}  // namespace cortifold
