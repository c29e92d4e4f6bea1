#include "potjans_diesmann/potjans_diesmann.hpp"
#include "spiking/chunk_operations.hpp"
#include "spiking/philox.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/spiking/simulation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>
#include <sstream>

namespace cortifold {
namespace {

std::vector<Spike> spikes(PopulationNetwork network, InstructionSet instructions) {
    for (Population& population : network.populations) population.gaussian = {{0.0, 0.1}};
    SpikingSimulation simulation(network, {.instructions = instructions}, {.seed = 12});
    EXPECT_EQ(simulation.facts().instructions, instructions);
    simulation.run(20.0);
    return simulation.spikes();
}

/// Lorentzian eta: each neuron has parameters of its own.
PopulationNetwork qif_network() {
    const Distribution eta{.mean = 1.0, .sd = 1.0, .law = Law::lorentzian};
    PopulationNetwork network;
    network.populations = {
        {.name = "qif", .size = 300, .neuron = QifDelta{}, .varied = {{"eta", eta}}}};
    network.projections = {{"qif", "qif", AllToAll{}, {0.01}, {0.5}}};
    return network;
}

TEST(InstructionSet, LeavesSpikesAsTheyAre) {
    for (const PopulationNetwork& network :
         {potjans_diesmann::network({.neurons = 0.05, .indegrees = 0.05}), qif_network()}) {
        const std::vector<Spike> one = spikes(network, InstructionSet::scalar);
        EXPECT_GT(one.size(), 50U);
        for (const InstructionSet set : supported_instructions())
            EXPECT_EQ(spikes(network, set), one);
    }
}

TEST(InstructionSet, LeavesDrawsAsTheyAre) {
    constexpr std::array<std::int32_t, 3> thresholds{-1'000'000'000, 0, 2'000'000'000};
    const StreamKey key{0x123456789abcdef, StreamPurpose::noise, 0xabcdef123456};
    for (std::uint64_t group = 0; group < 20; ++group) {
        const auto draw = [&](InstructionSet set) {
            const ChunkOperations& operations = chunk_operations(set);
            WordGroup words;
            std::array<std::int32_t, group_size> counts;
            std::array<double, group_size> numbers;
            operations.draw_words(key, group << 40, words.data());
            operations.normal_numbers(words.data(), numbers.data());
            const bool exceeded = operations.count_exceeded(words.data(), thresholds.data(),
                                                            thresholds.size(), counts.data());
            EXPECT_EQ(exceeded, std::ranges::count(counts, 3) > 0);
            return std::tuple(words, counts, numbers);
        };
        for (const InstructionSet set : supported_instructions())
            EXPECT_EQ(draw(set), draw(InstructionSet::scalar)) << to_string(set);
    }
}

TEST(InstructionSet, IsRefusedWhereTheProcessorLacksIt) {
    const std::vector<InstructionSet> supported = supported_instructions();
    for (const InstructionSet set :
         {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512}) {
        const SpikingOptions options{.instructions = set};
        if (std::ranges::count(supported, set) > 0)
            EXPECT_NO_THROW(options.validate());
        else
            EXPECT_THROW(options.validate(), UsageError);
    }
}

/// Of the objects of the library that hold operations, by their names: what the linker may take
/// from any of them.
std::map<std::string, std::set<std::string>> shared_symbols() {
    std::FILE* const listing = popen(CORTIFOLD_NM " --defined-only " CORTIFOLD_SPIKING, "r");
    std::string text;
    std::array<char, 4096> piece;
    while (std::fgets(piece.data(), piece.size(), listing) != nullptr) text += piece.data();
    EXPECT_EQ(pclose(listing), 0);
    std::map<std::string, std::set<std::string>> symbols;
    std::string object, address, kind, name;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with(':')) object = line;
        std::istringstream words(line);
        if (object.starts_with("operations_") && words >> address >> kind >> name &&
            (kind == "W" || kind == "V" || kind == "u"))
            symbols[object].insert(name);
    }
    return symbols;
}

// An inline function that was compiled for instructions which a processor has not, and that the
// linker keeps for all, would end a program there. Names of what such an object shares say the
// length of a register, which no other object has.
TEST(InstructionSet, SharesNoFunctionWithTheRestOfTheProgram) {
    const auto symbols = shared_symbols();
    ASSERT_EQ(symbols.size(), 3U);
    std::set<std::string> all;
    std::size_t count = 0;
    for (const auto& [object, names] : symbols) {
        EXPECT_GT(names.size(), 10U) << object;
        all.insert(names.begin(), names.end());
        count += names.size();
        if (object.find("scalar") != std::string::npos) continue;
        for (const std::string& name : names)
            EXPECT_THAT(name,
                        testing::ContainsRegex("Dv(4|8|16)_[dli]|EightCounters|SixteenCounters"))
                << object;
    }
    EXPECT_EQ(all.size(), count);
}

}  // namespace
}  // namespace cortifold
