#include <cortifold/core/error.hpp>
#include <cortifold/io/spiking_checkpoint.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace cortifold {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

SpikingSimulation simulation(std::uint64_t seed = 3) {
    PopulationNetwork network;
    network.populations = {{.name = "a",
                            .size = 200,
                            .neuron = LifExp{},
                            .initial_mv = {-58.0, 4.0},
                            .poisson = PoissonDrive{2000.0, 8.0, 87.8}}};
    network.projections = {{"a", "a", Indegree{20}, {50.0}, {1.5, 0.5, 0.1}}};
    return SpikingSimulation(network, {}, {.seed = seed});
}

class SpikingCheckpoint : public testing::Test {
protected:
    ~SpikingCheckpoint() override { std::filesystem::remove(file); }
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("checkpoint_" + std::to_string(getpid()));

    void expect_refused(const std::string& text, const auto& message) const {
        write_file(file, text);
        SpikingSimulation other = simulation();
        EXPECT_THAT([&] { read_checkpoint(file, other); },
                    ThrowsMessage<ConfigError>(AllOf(HasSubstr(file.string()), message)));
        EXPECT_EQ(other.time_ms(), 0.0);
    }
};

TEST_F(SpikingCheckpoint, BringsASimulationWhereItWas) {
    SpikingSimulation first = simulation(), second = simulation();
    first.run(50.0);
    write_checkpoint(file, first, "at\n50 ms");
    EXPECT_EQ(read_checkpoint(file, second), "at\n50 ms");
    EXPECT_EQ(second.spikes(), first.spikes());
    first.run(50.0);
    second.run(50.0);
    EXPECT_GT(first.spikes().size(), 100U);
    EXPECT_EQ(second.spikes(), first.spikes());
}

TEST_F(SpikingCheckpoint, ThatIsDamagedIsRefusedWithItsName) {
    SpikingSimulation first = simulation();
    first.run(20.0);
    write_checkpoint(file, first);
    const std::string text = read_file(file);
    for (std::size_t at = 30; at < text.size(); at += text.size() / 20) {
        std::string damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ 4);
        expect_refused(damaged, HasSubstr("damaged"));
    }
    expect_refused(text.substr(0, text.size() - 1), HasSubstr("damaged"));
    expect_refused(text.substr(0, 32), HasSubstr("damaged"));
    expect_refused("step,neuron\n", HasSubstr("no checkpoint"));
    std::filesystem::remove(file);
    SpikingSimulation other = simulation();
    EXPECT_THROW(read_checkpoint(file, other), ConfigError);
}

TEST_F(SpikingCheckpoint, OfAnotherSimulationIsRefusedWithItsName) {
    write_checkpoint(file, simulation(8));
    SpikingSimulation other = simulation();
    EXPECT_THAT([&] { read_checkpoint(file, other); },
                ThrowsMessage<ConfigError>(
                    AllOf(HasSubstr(file.string()), HasSubstr("seed = 8 there, 3 here"))));
}

}  // namespace
}  // namespace cortifold
