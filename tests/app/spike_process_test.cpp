// Runs of spiking networks as processes: interrupted, and on several ranks.
#include "app/process.hpp"
#include "app/program.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/io/table.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace cortifold {
namespace {

using namespace cortifold::test;

namespace fs = std::filesystem;

class SpikeProcess : public testing::Test {
protected:
    SpikeProcess() {
        folder.write("study.toml", R"(schema = 1
seed = 7
[model]
name = "potjans_diesmann"
[spiking]
scale = { neurons = 0.02, synapses = 0.02 }
[[step]]
do = "spike"
duration = 600.0
transient = 150.0
checkpoint = 0.0
potentials = { populations = ["L4E", "L6I"], neurons = 3, interval = 0.5 }
record = { L23E = 300, L5I = 2 }
)");
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    }
    [[nodiscard]] std::vector<std::string> command(const std::string& out, int ranks,
                                                   const std::vector<std::string>& options) const {
        std::vector<std::string> words{program, "spike",      folder / "study.toml",
                                       "--out", folder / out, "--quiet"};
        words.insert(words.end(), options.begin(), options.end());
        if (std::ranges::find(options, "--threads") == options.end())
            words.insert(words.end(), {"--threads", "1"});
        if (ranks > 1)
            words.insert(words.begin(), {CORTIFOLD_MPIRUN, "--oversubscribe", "--bind-to", "none",
                                         "-np", std::to_string(ranks)});
        return words;
    }
    [[nodiscard]] Process start(const std::string& out, int ranks,
                                const std::vector<std::string>& options) const {
        return {command(out, ranks, options), folder / (out + ".out"), folder / (out + ".err")};
    }
    [[nodiscard]] std::string message(const std::string& out) const {
        return read_file(folder / (out + ".err"));
    }
    [[nodiscard]] std::string contents(const std::string& out) const {
        std::string all;
        for (const char* file : {"summary.json", "data.h5", "raster.csv", "rates.csv",
                                 "populations.csv", "spectra.csv", "potentials.csv"})
            all += read_file(folder / (out + "/spike/" + file));
        return all;
    }
    Folder folder;
    std::string program = CORTIFOLD_PROGRAM;
};

TEST_F(SpikeProcess, HasTheSameBytesOnAnyNumberOfRanks) {
    if (std::string(CORTIFOLD_MPIRUN).empty()) GTEST_SKIP() << "built without MPI";
    ASSERT_EQ(start("one", 1, {}).wait(), 0) << message("one");
    for (const int ranks : {2, 3}) {
        const std::string out = "ranks" + std::to_string(ranks);
        ASSERT_EQ(start(out, ranks, {}).wait(), 0) << message(out);
        EXPECT_TRUE(contents(out) == contents("one")) << ranks;
    }
}

TEST_F(SpikeProcess, HasTheSameBytesForAUserWithoutPrivileges) {
    constexpr const char* setpriv = "/usr/bin/setpriv";
    if (std::string(CORTIFOLD_MPIRUN).empty()) GTEST_SKIP() << "built without MPI";
    if (geteuid() != 0 || !fs::exists(setpriv)) GTEST_SKIP() << "cannot be another user";
    ASSERT_EQ(start("root", 2, {}).wait(), 0) << message("root");
    program = folder / "cortifold";  // where others may read it
    fs::copy(CORTIFOLD_PROGRAM, program);
    fs::permissions(folder / "", fs::perms::all);
    fs::permissions(folder / "study.toml", fs::perms::others_read, fs::perm_options::add);
    std::vector<std::string> words = command("nobody", 2, {});
    words.insert(words.begin(), {setpriv, "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                                 "/usr/bin/env", "-u", "OMPI_ALLOW_RUN_AS_ROOT", "-u",
                                 "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "HOME=" + (folder / "")});
    const Process process(words, folder / "nobody.out", folder / "nobody.err");
    ASSERT_EQ(process.wait(), 0) << message("nobody");
    EXPECT_TRUE(contents("nobody") == contents("root"));
}

TEST_F(SpikeProcess, ThatIsInterruptedKeepsWhatItHas) {
    const std::vector<std::string> endless{"--set", "step.spike.duration=1e7", "--set",
                                           "step.spike.record=\"all\""};
    const Process process = start("out", 1, endless);
    wait_for(folder / "out/spike/raster.rows");
    process.send(SIGINT);
    EXPECT_EQ(process.wait(), 130) << message("out");
    const Record summary = read_json(folder / "out/spike/summary.json");
    EXPECT_EQ(text(summary, "status"), "interrupted");
    EXPECT_LT(number(summary, "duration"), 1e7);
    const NumericTable spikes = read_hdf5(folder / "out/spike/data.h5", "spikes");
    EXPECT_GT(spikes.values.rows(), 0);
    EXPECT_EQ(static_cast<double>(spikes.values.rows()), number(summary, "spikes"));
}

TEST_F(SpikeProcess, ThatIsInterruptedGoesOnWhereItWas) {
    ASSERT_EQ(start("whole", 1, {}).wait(), 0) << message("whole");
    const Process process = start("out", 1, {"--threads", "2"});
    wait_for(folder / "out/spike/checkpoint");
    process.send(SIGINT);
    ASSERT_EQ(process.wait(), 130) << message("out");
    EXPECT_LT(number(read_json(folder / "out/spike/summary.json"), "duration"), 600.0);
    ASSERT_EQ(start("out", 1, {"--resume"}).wait(), 0) << message("out");
    EXPECT_TRUE(contents("out") == contents("whole"));
    for (const char* file : {"checkpoint", "spikes.rows", "raster.rows", "potentials.rows"})
        EXPECT_FALSE(fs::exists(folder / ("out/spike/" + std::string(file)))) << file;
}

TEST_F(SpikeProcess, ThatIsKilledAtAnyMomentGoesOnWhereItWas) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(start("whole", 1, {}).wait(), 0) << message("whole");
    const double whole_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const CounterRng random({.seed = 8});
    int kills = 0;
    for (std::uint64_t trial = 0; trial < 4; ++trial) {
        const std::string out = "killed" + std::to_string(trial);
        for (std::uint64_t k = 0;; ++k) {
            const Process process = start(
                out, 1, {"--threads", k % 2 == 0 ? "1" : "2", k == 0 ? "--json" : "--resume"});
            process.kill_after(k < 8 ? 0.25 * whole_s * random.uniform(10 * trial + k) : 600.0);
            const int code = process.wait();
            if (code == 0) break;
            if (code == 2) fs::remove_all(folder / out);  // killed before it had said whose it is
            ASSERT_TRUE(code == 2 || code == 128 + SIGKILL) << message(out);
            kills += code == 128 + SIGKILL ? 1 : 0;
        }
        EXPECT_TRUE(contents(out) == contents("whole")) << out << " differs";
    }
    EXPECT_GT(kills, 3);
}

TEST_F(SpikeProcess, OfWhichOneRankIsKilledStopsAndGoesOnWithAnotherNumberOfThem) {
    if (std::string(CORTIFOLD_MPIRUN).empty()) GTEST_SKIP() << "built without MPI";
    ASSERT_EQ(start("whole", 1, {}).wait(), 0) << message("whole");
    const Process process = start("killed", 3, {});
    wait_for(folder / "killed/spike/checkpoint");
    const std::vector<pid_t> ranks = children_of(process.id());
    ASSERT_EQ(ranks.size(), 3U);
    EXPECT_EQ(kill(ranks[1], SIGKILL), 0);
    EXPECT_NE(process.wait(), 0);
    EXPECT_NE(message("killed").find("rank 1"), std::string::npos) << message("killed");
    ASSERT_EQ(start("killed", 2, {"--resume"}).wait(), 0) << message("killed");
    EXPECT_TRUE(contents("killed") == contents("whole"));
}

TEST_F(SpikeProcess, WhoseCheckpointIsDamagedSaysSo) {
    const Process process = start("out", 1, {});
    wait_for(folder / "out/spike/raster.rows");
    process.send(SIGINT);
    ASSERT_EQ(process.wait(), 130) << message("out");
    const std::string file = folder / "out/spike/checkpoint";
    const std::string whole = read_file(file);
    write_file(file, whole.substr(0, whole.size() / 2));
    EXPECT_EQ(start("out", 1, {"--resume"}).wait(), 3);
    EXPECT_NE(message("out").find("the checkpoint is damaged"), std::string::npos);
    write_file(file, whole);
    fs::resize_file(folder / "out/spike/raster.rows", 8);
    EXPECT_EQ(start("out", 1, {"--resume"}).wait(), 3);
    EXPECT_NE(message("out").find("raster.rows"), std::string::npos) << message("out");
}

}  // namespace
}  // namespace cortifold
