// Synapses and spikes that stand in files beside a study.
#include "scratch_folder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/population_reader.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>

namespace cortifold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view study = R"(
[[population]]
name = "in"
size = 2
model = "spike_times"
spikes = { file = "trains.csv" }

[[population]]
name = "E"
size = 3
model = "lif_delta"

[[projection]]
source = "in"
target = "E"
rule = { file = "synapses.csv" }
)";

class SpikingLists : public testing::Test {
protected:
    SpikingLists() {
        write("trains.csv", "t [ms],neuron\n5.5,1\n2,0\n");
        write("synapses.csv", "target,source,weight [mV],delay [ms]\n2,0,1.5,2.0\n0,1,-3,0.5\n");
    }
    void write(const std::string& name, std::string_view text) const {
        write_file(folder / name, text);
    }
    [[nodiscard]] PopulationNetwork read(std::string_view text = study) const {
        std::vector<ResolvedKey> resolved;
        return read_populations(parse_toml(text, (folder / "study.toml").string()), resolved)
            .network;
    }
    [[nodiscard]] std::string refusal(std::string_view text = study) const {
        try {
            (void)read(text);
        } catch (const ConfigError& error) {
            return error.what();
        }
        return "was read";
    }
    ScratchFolder folder;
};

TEST_F(SpikingLists, StandInFilesBesideTheStudy) {
    const PopulationNetwork network = read();
    const auto& spikes = *std::get<SpikeTimes>(network.populations[0].neuron).spikes;
    ASSERT_EQ(spikes.size(), 2U);
    EXPECT_EQ(spikes[0].neuron, 1U);
    EXPECT_EQ(spikes[0].time_ms, 5.5);
    const auto& synapses = *std::get<SynapseList>(network.projections[0].rule).synapses;
    ASSERT_EQ(synapses.size(), 2U);
    EXPECT_EQ(synapses[0].source, 0U);
    EXPECT_EQ(synapses[0].target, 2U);
    EXPECT_EQ(synapses[0].weight, 1.5);
    EXPECT_EQ(synapses[0].delay_ms, 2.0);
    EXPECT_EQ(synapses[1].weight, -3.0);
}

TEST_F(SpikingLists, LackWhatTheProjectionSaysForAll) {
    write("synapses.csv", "source,target\n0,1\n1,2\n");
    const PopulationNetwork network = read(std::string(study) + "weight = 4.0\ndelay = 1.5\n");
    for (const ListedSynapse& synapse :
         *std::get<SynapseList>(network.projections[0].rule).synapses) {
        EXPECT_EQ(synapse.weight, 4.0);
        EXPECT_EQ(synapse.delay_ms, 1.5);
    }
    EXPECT_THAT(refusal(),
                AllOf(HasSubstr("there is no column weight"), HasSubstr("synapses.csv:1")));
    write("synapses.csv", "source,target,weight,delay\n0,1,1,1\n");
    EXPECT_THAT(refusal(std::string(study) + "delay = 1.5\n"), HasSubstr("one of them is meant"));
}

TEST_F(SpikingLists, OfSpikesMayStandInTheStudy) {
    std::string text(study);
    text.replace(text.find("{ file = \"trains.csv\" }"), 23, "[[1.0, 3], [2.5]]");
    const PopulationNetwork network = read(text);
    const auto& spikes = *std::get<SpikeTimes>(network.populations[0].neuron).spikes;
    ASSERT_EQ(spikes.size(), 3U);
    EXPECT_EQ(spikes[1].time_ms, 3.0);
    EXPECT_EQ(spikes[2].neuron, 1U);
    text.replace(text.find("[2.5]"), 5, "[-2.5]");
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("population.in.spikes must have a list of positive"),
                                     HasSubstr("study.toml:6")));
}

TEST_F(SpikingLists, ThatAreWrongAreRefusedWithFileAndLine) {
    const auto refused = [&](std::string_view synapses) {
        write("synapses.csv", synapses);
        return refusal();
    };
    EXPECT_THAT(refused("source,target,weight,delay\n0,1,1.0,1.0\n0,1.5,1.0,1.0\n"),
                AllOf(HasSubstr("whole number in column 2"), HasSubstr("synapses.csv:3")));
    EXPECT_THAT(refused("source,target,weight,delay\n-1,1,1.0,1.0\n"),
                AllOf(HasSubstr("source = -1"), HasSubstr("synapses.csv:2")));
    EXPECT_THAT(refused("source,target,weight,delay\n0,1,1.0,0.0\n"),
                AllOf(HasSubstr("delay = 0 ms must be positive"), HasSubstr("synapses.csv:2")));
    EXPECT_THAT(refused("source,target,weight,delay\n0,1,1.0\n"), HasSubstr("synapses.csv:2"));
    EXPECT_THAT(refused("source,target,wieght,delay\n"), HasSubstr("\"wieght\" is none of source"));
    EXPECT_THAT(refused("source,target,weight [pA],delay\n"),
                AllOf(HasSubstr("\"weight [pA]\" must be in mV"), HasSubstr("synapses.csv:1")));
    EXPECT_THAT(refused("source,target,weight,delay [s]\n"), HasSubstr("must be in ms"));
    EXPECT_THAT(refused("source,source\n"), HasSubstr("two columns are called source"));
    EXPECT_THAT(refused(""), HasSubstr("synapses.csv"));
    EXPECT_THAT(
        refused("source,target,weight,delay\n0,3,1.0,1.0\n"),
        AllOf(HasSubstr("synapse[1].target = 3 must be below 3"), HasSubstr("study.toml:13")));
    std::filesystem::remove(folder / "synapses.csv");
    EXPECT_THAT(refusal(), HasSubstr("synapses.csv"));
    write("trains.csv", "t [s],neuron\n");
    EXPECT_THAT(refusal(), AllOf(HasSubstr("must be in ms"), HasSubstr("trains.csv:1")));
}

}  // namespace
}  // namespace cortifold
