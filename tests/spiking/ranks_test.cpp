// Simulations as processes, on ranks that mpirun starts.
#include "app/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace cortifold {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

class SpikingRanks : public testing::Test {
protected:
    SpikingRanks() {
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
        fs::create_directories(folder_);
    }
    ~SpikingRanks() override { fs::remove_all(folder_); }
    void SetUp() override {
        if (std::string(CORTIFOLD_MPIRUN).empty()) GTEST_SKIP() << "built without MPI";
    }

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(path(name)).rdbuf();
        return text.str();
    }
    /// The exit code.
    [[nodiscard]] int start(const std::string& out, int ranks, const Words& arguments) const {
        Words command{CORTIFOLD_MPIRUN,      "--oversubscribe", "--bind-to", "none", "-np",
                      std::to_string(ranks), CORTIFOLD_RUN,     path(out)};
        if (ranks == 1) command.erase(command.begin(), command.begin() + 6);
        command.insert(command.end(), arguments.begin(), arguments.end());
        return test::Process(command, path(out + ".out"), path(out + ".err")).wait();
    }
    /// What it wrote.
    [[nodiscard]] std::string result(int ranks, const Words& arguments) const {
        EXPECT_EQ(start("out", ranks, arguments), 0) << read("out.err");
        return read("out");
    }

private:
    fs::path folder_ = fs::temp_directory_path() / ("cortifold_ranks_" + std::to_string(getpid()));
};

/// How a simulation is spread and kept.
struct Split {
    int ranks, threads, procedural;
    [[nodiscard]] Words words() const {
        return {"threads", std::to_string(threads), "procedural", std::to_string(procedural)};
    }
    [[nodiscard]] std::string name() const {
        return std::to_string(ranks) + " ranks, " + std::to_string(threads) + " threads, " +
               (procedural != 0 ? "procedural" : "stored");
    }
};

Words operator+(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// Spikes, statistics, potentials and counts of a reduced microcircuit: bit for bit the same.
TEST_F(SpikingRanks, SendTheSameSpikesOnAnySplitStoredOrProceduralInterruptedOrNot) {
    const Words until{"until", "40"};
    const std::string one = result(1, until);
    EXPECT_GT(std::ranges::count(one, '\n'), 3100);
    constexpr Split interrupted[]{{1, 2, 1}, {2, 3, 0}, {3, 1, 1}, {4, 1, 0}};
    for (const Split& split : interrupted)
        (void)result(split.ranks, split.words() + Words{"until", "23.3", "save",
                                                        path(std::to_string(split.ranks))});
    for (const int procedural : {0, 1})
        for (const int ranks : {1, 2, 3, 4})
            for (const int threads : {1, 2, 3}) {
                const Split split{ranks, threads, procedural};
                EXPECT_TRUE(result(ranks, split.words() + until) == one) << split.name();
                const Split& from = interrupted[(ranks + threads + procedural) % 4];
                const Words resume{"resume", path(std::to_string(from.ranks))};
                EXPECT_TRUE(result(ranks, split.words() + until + resume) == one)
                    << split.name() << ", resumed from " << from.name();
            }
}

// Least delays of many steps: ranks run that long between two exchanges.
TEST_F(SpikingRanks, SendTheSameSpikesWhereTheyMeetSeldom) {
    const Words delays{"delays", "1.75", "until", "50"};
    const std::string one = result(1, delays);
    EXPECT_GT(std::ranges::count(one, '\n'), 3100);
    EXPECT_TRUE(result(2, delays) == one);
    EXPECT_TRUE(result(3, delays) == one);
}

TEST_F(SpikingRanks, StopWithAMessageWhenOneOfThemDiesAndGoOnFromTheLastCheckpoint) {
    EXPECT_NE(start("out", 3, {"kill", "1", "save", path("state")}), 0);
    EXPECT_THAT(read("out.err"), HasSubstr("rank 1"));
    EXPECT_FALSE(fs::exists(path("out")));
    EXPECT_TRUE(result(2, {"resume", path("state")}) == result(1, {}));
}

// What one rank says, all say: none waits for another.
TEST_F(SpikingRanks, AllStopWhereOneHasNoMemoryOrItsObserverFails) {
    for (const std::string rank : {"0", "1", "2"}) {
        EXPECT_EQ(start("out", 3, {"poor", rank}), 1);
        EXPECT_THAT(read("out.err"), HasSubstr("0 MB are allowed"));
        EXPECT_THAT(read("out.err"), HasSubstr("rank " + rank + ": "));
        EXPECT_EQ(start("out", 3, {"fail", rank}), 1);
        EXPECT_THAT(read("out.err"), HasSubstr("rank " + rank + ": the disk is full"));
    }
}

TEST_F(SpikingRanks, AllRefuseAStateThatIsNotTheirs) {
    (void)result(2, {"until", "10", "save", path("state")});
    EXPECT_NE(start("out", 2, {"resume", path("state"), "seed", "7"}), 0);
    EXPECT_THAT(read("out.err"), HasSubstr("seed = 12 there, 7 here"));
    EXPECT_NE(start("out", 2, {"resume", path("absent")}), 0);
    EXPECT_THAT(read("out.err"), HasSubstr("absent"));
}

}  // namespace
}  // namespace cortifold
