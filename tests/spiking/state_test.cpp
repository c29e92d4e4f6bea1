#include "potjans_diesmann/potjans_diesmann.hpp"
#include "spiking/simulation_state.hpp"
#include <cortifold/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace cortifold {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// With two currents, and with delays from one to fifty steps: much is in flight at any time.
PopulationNetwork network() {
    PopulationNetwork network = potjans_diesmann::network({.neurons = 0.02, .indegrees = 0.02});
    for (Projection& projection : network.projections)
        projection.delay_ms = {.mean = 2.0, .sd = 1.0, .low = 0.1, .high = 5.0};
    for (Population& population : network.populations) {
        std::get<LifExp>(population.neuron).tau_in = 2.0;
        population.initial_mv = {.mean = -52.0, .sd = 3.0, .high = -45.0};
    }
    return network;
}

/// With bins so short that what is counted of time is in the midst of some at any time.
constexpr ActivityOptions activity{
    .rate_bin_ms = 0.7, .count_bin_ms = 1.4, .correlation_bin_ms = 2.8, .blocks = 2};

SpikingSimulation simulation(int threads, double step_ms = 0.1, std::uint64_t seed = 4) {
    return SpikingSimulation(network(), {.step_ms = step_ms, .activity = activity},
                             {.threads = threads, .seed = seed});
}

std::string saved_at(double time_ms, int threads) {
    SpikingSimulation first = simulation(threads);
    first.run(time_ms);
    return first.save();
}

void restore(SpikingSimulation& simulation, const std::string& state) {
    simulation.restore([&] { return state; });
}

TEST(State, IsTheSameOnAnyNumberOfThreads) {
    const std::string one = saved_at(15.3, 1);
    EXPECT_TRUE(one == saved_at(15.3, 2));
    EXPECT_TRUE(one == saved_at(15.3, 3));
}

TEST(ResumedRun, SendsTheSpikesOfOneThatWasNotInterrupted) {
    SpikingSimulation whole = simulation(1);
    whole.run(40.0);
    const std::vector<Spike> spikes = whole.spikes();
    EXPECT_GT(spikes.size(), 500U);
    for (const double interrupted_ms : {0.0, 0.1, 3.7, 20.0})
        for (const int threads : {1, 3}) {
            SpikingSimulation second = simulation(threads);
            second.run(7.0);  // what it has done before is forgotten
            restore(second, saved_at(interrupted_ms, 2));
            EXPECT_NEAR(second.time_ms(), interrupted_ms, 1e-12);
            second.run(40.0 - interrupted_ms);
            EXPECT_EQ(second.spikes(), spikes);
            EXPECT_EQ(second.facts().synaptic_events, whole.facts().synaptic_events);
            EXPECT_EQ(second.potential_mv(99), whole.potential_mv(99));
            EXPECT_TRUE(second.save() == whole.save());
        }
}

TEST(ResumedRun, GoesOnWithItsStatistics) {
    SpikingSimulation whole = simulation(1);
    whole.run(0.2);
    whole.clear_records();
    whole.run(30.0);
    SpikingSimulation first = simulation(2), second = simulation(3);
    first.run(0.2);
    first.clear_records();
    first.run(3.2);
    restore(second, first.save());
    second.run(26.8);
    EXPECT_EQ(second.spikes(), whole.spikes());
    EXPECT_EQ(second.rates().rates_hz, whole.rates().rates_hz);
    EXPECT_NE(whole.activity(3)[5].fano.value_or(0.0), 0.0);
    EXPECT_NE(whole.activity(3)[0].correlation.value_or(0.0), 0.0);
    const auto activities = whole.activity(3), resumed = second.activity(3);
    for (std::size_t p = 0; p < activities.size(); ++p) {
        EXPECT_EQ(resumed[p].spikes, activities[p].spikes);
        EXPECT_EQ(resumed[p].rate_hz, activities[p].rate_hz);
        EXPECT_EQ(resumed[p].cv_isi, activities[p].cv_isi);
        EXPECT_EQ(resumed[p].lvr, activities[p].lvr);
        EXPECT_EQ(resumed[p].fano, activities[p].fano);
        EXPECT_EQ(resumed[p].synchrony, activities[p].synchrony);
        EXPECT_EQ(resumed[p].correlation, activities[p].correlation);
        EXPECT_EQ(resumed[p].errors.correlation, activities[p].errors.correlation);
        EXPECT_EQ(resumed[p].errors.lvr, activities[p].errors.lvr);
    }
}

TEST(SavedRun, GoesOnAsIfItHadNotBeenSaved) {
    SpikingSimulation whole = simulation(1), saved = simulation(2);
    whole.run(30.0);
    for (int piece = 0; piece < 6; ++piece) {
        EXPECT_FALSE(saved.save().empty());
        saved.run(5.0);
    }
    EXPECT_EQ(saved.spikes(), whole.spikes());
}

TEST(State, OfAnotherSeedStepOrNetworkIsRefusedByName) {
    const std::string state = saved_at(1.0, 1);
    const auto refused = [&](SpikingSimulation other, const auto& message) {
        EXPECT_THAT([&] { restore(other, state); }, ThrowsMessage<ConfigError>(message));
        EXPECT_EQ(other.time_ms(), 0.0);
    };
    refused(simulation(1, 0.1, 5), HasSubstr("seed = 4 there, 5 here"));
    refused(simulation(1, 0.05), HasSubstr("step_ms = 0.1 there, 0.05 here"));
    PopulationNetwork other = network();
    std::get<LifExp>(other.populations[2].neuron).tau_m = 11.0;
    refused(SpikingSimulation(other, {.activity = activity}, {.seed = 4}),
            AllOf(HasSubstr("population.L4E.tau_m = 10 there"),
                  HasSubstr("population.L4E.tau_m = 11 here")));
    other = network();
    other.projections.pop_back();
    refused(SpikingSimulation(other, {.activity = activity}, {.seed = 4}),
            HasSubstr("nothing more here"));
    refused(SpikingSimulation(network(), {}, {.seed = 4}),
            HasSubstr("activity.rate_bin_ms = 0.7 there, activity.rate_bin_ms = 1 here"));
}

TEST(State, ThatIsCutShortOrOfAnotherVersionIsRefused) {
    const std::string state = saved_at(1.0, 1);
    SpikingSimulation other = simulation(1);
    for (std::size_t size = 0; size < state.size(); size += 1 + state.size() / 50)
        EXPECT_THROW(restore(other, state.substr(0, size)), ConfigError) << size;
    EXPECT_THROW(restore(other, state + "more"), ConfigError);
    std::string newer = state;
    newer[0] = 77;
    EXPECT_THAT([&] { restore(other, newer); },
                ThrowsMessage<ConfigError>(HasSubstr("version 77")));
    EXPECT_EQ(other.time_ms(), 0.0);
}

TEST(NetworkDescription, TellsApartWhatMakesAnotherNetwork) {
    const std::string text = describe(network());
    const auto differs = [&](const auto& change) {
        PopulationNetwork other = network();
        change(other);
        return describe(other) != text;
    };
    EXPECT_EQ(describe(network()), text);
    EXPECT_TRUE(differs([](auto& n) { n.populations[0].current_pa = 1e-300; }));
    EXPECT_TRUE(differs([](auto& n) { n.populations[0].name = "L23"; }));
    EXPECT_TRUE(differs([](auto& n) { n.populations[1].poisson->rate_hz += 1e-12; }));
    EXPECT_TRUE(differs([](auto& n) { n.populations[1].poisson.reset(); }));
    EXPECT_TRUE(differs([](auto& n) { n.populations[1].initial_mv.sd = 3.1; }));
    EXPECT_TRUE(differs([](auto& n) { n.projections[3].weight.mean *= 1.0 + 1e-15; }));
    EXPECT_TRUE(differs([](auto& n) { n.projections[3].delay_ms.outside = Outside::clipped; }));
    EXPECT_TRUE(differs([](auto& n) { n.projections[3].autapses = false; }));
    EXPECT_TRUE(differs([](auto& n) { n.projections[3].rule = Indegree{3}; }));
    PopulationNetwork list = network();
    const auto listed = [&](double delay_ms) {
        list.projections[0].rule = SynapseList{std::make_shared<const std::vector<ListedSynapse>>(
            1, ListedSynapse{3, 3, 1.0, delay_ms})};
        return describe(list);
    };
    EXPECT_NE(listed(1.0), listed(1.1));
    const ConnectionRule rules[]{TotalNumber{3}, TotalNumber{3, false}, Outdegree{3},
                                 Indegree{3},    Outdegree{3, false},   AllToAll{},
                                 OneToOne{}};
    std::set<std::string> texts;
    for (const ConnectionRule& rule : rules) {
        list.projections[0].rule = rule;
        texts.insert(describe(list));
    }
    EXPECT_EQ(texts.size(), std::size(rules));
}

}  // namespace
}  // namespace cortifold
