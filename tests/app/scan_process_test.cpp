// Scans as processes: killed at any moment, and spread over ranks and threads.
#include "app/process.hpp"
#include "app/program.hpp"
#include <cortifold/core/rng.hpp>
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/scan/checkpoint.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;

namespace fs = std::filesystem;

class ScanProcess : public testing::Test {
protected:
    ScanProcess() {
        folder.write("ring.csv", "0,0,0,1\n1,0,0,0\n0,1,0,0\n0,0,1,0\n");
        folder.write("study.toml", R"(schema = 1
[model]
name = "ng_ping"
[network]
connectome = "ring.csv"
coupling = { normalize = "rows", strength = 5.0 }
[[step]]
do = "scan"
steps = [
    { do = "msf", at = "attractor", cycle = { tolerance = 1e-5 } },
    { do = "simulate", manifold = "homogeneous", duration = 50.0, output_step = 0.1 },
    { do = "signal", quantities = ["maxima"] },
]
axes = { I_ext_E = [2.0, 14.0, 8], eps = [3.0, 9.0, 6] }
record = ["msf.attractor", "msf.unstable_modes", "msf.modes[1].growth", "signal.maxima.values"]
refine = 1
)");
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
    }

    [[nodiscard]] Process start(const std::string& out, int threads, int ranks = 1,
                                const std::string& option = "--quiet") const {
        std::vector<std::string> command{
            CORTIFOLD_PROGRAM, "scan",      folder / "study.toml",   "--out",
            folder / out,      "--threads", std::to_string(threads), option};
        if (ranks > 1)
            command.insert(command.begin(), {CORTIFOLD_MPIRUN, "--oversubscribe", "--bind-to",
                                             "none", "-np", std::to_string(ranks)});
        return {command, folder / (out + ".out"), folder / (out + ".err")};
    }
    /// Of all that has results.
    [[nodiscard]] std::string contents(const std::string& out) const {
        std::string all;
        for (const char* file :
             {"/scan/cells.csv", "/scan/lists.csv", "/scan/summary.json", "/scan/data.h5"})
            all += read_file(folder / (out + file));
        return all;
    }
    [[nodiscard]] std::string message(const std::string& out) const {
        return read_file(folder / (out + ".err"));
    }
    Folder folder;
};

TEST_F(ScanProcess, HasTheSameBytesForAnySplitOverRanksAndThreads) {
    if (std::string(CORTIFOLD_MPIRUN).empty()) GTEST_SKIP() << "built without MPI";
    ASSERT_EQ(start("one", 1).wait(), 0) << message("one");
    const std::string one = contents("one");
    for (const int ranks : {1, 2, 4})
        for (const int threads : {1, 2}) {
            const std::string out = std::to_string(ranks) + "x" + std::to_string(threads);
            ASSERT_EQ(start(out, threads, ranks).wait(), 0) << message(out);
            EXPECT_TRUE(contents(out) == one) << out << " differs";
            for (const auto& file : fs::directory_iterator(folder / (out + "/scan")))
                EXPECT_FALSE(file.path().filename().string().starts_with("cells-")) << file;
        }
}

TEST_F(ScanProcess, ThatIsKilledAtAnyMomentGoesOnWhereItWas) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(start("whole", 1).wait(), 0) << message("whole");
    const double whole_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const std::string whole = contents("whole");
    const CounterRng random({.seed = 6});
    int kills = 0;
    for (std::uint64_t trial = 0; trial < 3; ++trial) {
        const std::string out = "killed" + std::to_string(trial);
        std::size_t cells = 0;
        for (std::uint64_t k = 0;; ++k) {
            const Process process = start(out, 2, 1, k == 0 ? "--quiet" : "--resume");
            process.kill_after(k < 6 ? 0.25 * whole_s * random.uniform(10 * trial + k) : 600.0);
            const int code = process.wait();
            if (code == 0) break;
            if (code == 2) fs::remove_all(folder / out);  // killed before it had said whose it is
            ASSERT_TRUE(code == 2 || code == 128 + SIGKILL) << message(out);
            kills += code == 128 + SIGKILL ? 1 : 0;
            CellResults kept;
            if (fs::exists(folder / (out + "/scan")))
                for (const auto& file : fs::directory_iterator(folder / (out + "/scan")))
                    if (file.path().filename().string().starts_with("cells-"))
                        read_journal(file.path(), kept);
            if (fs::exists(folder / (out + "/scan/summary.json"))) continue;  // it needs no journal
            EXPECT_GE(kept.size(), cells) << "a finished cell is not lost";
            cells = kept.size();
        }
        EXPECT_TRUE(contents(out) == whole) << out << " differs";
    }
    EXPECT_GT(kills, 3);
}

TEST_F(ScanProcess, OfWhichOneRankIsKilledGoesOnWithAnotherNumberOfThem) {
    if (std::string(CORTIFOLD_MPIRUN).empty()) GTEST_SKIP() << "built without MPI";
    ASSERT_EQ(start("whole", 1).wait(), 0) << message("whole");
    const Process process = start("killed", 1, 3);
    wait_for(folder / "killed/scan/cells-0-2");
    const std::vector<pid_t> ranks = children_of(process.id());
    ASSERT_EQ(ranks.size(), 3U);
    EXPECT_EQ(kill(ranks[1], SIGKILL), 0);
    EXPECT_NE(process.wait(), 0);
    ASSERT_EQ(start("killed", 1, 2, "--resume").wait(), 0) << message("killed");
    EXPECT_TRUE(contents("killed") == contents("whole"));
}

TEST_F(ScanProcess, ThatIsInterruptedKeepsATableOfWhatItHas) {
    const Process process = start("out", 1);
    wait_for(folder / "out/scan/cells-0-0");
    process.send(SIGINT);
    EXPECT_EQ(process.wait(), 130);
    const Record summary = read_json(folder / "out/scan/summary.json");
    EXPECT_EQ(text(summary, "status"), "interrupted");
    const std::string table = read_file(folder / "out/scan/cells.csv");
    EXPECT_EQ(std::ranges::count(table, '\n'), 1 + static_cast<long>(number(summary, "cells")));
    EXPECT_EQ(read_hdf5(folder / "out/scan/data.h5", "cells").values.rows(),
              static_cast<Eigen::Index>(number(summary, "cells")));
    EXPECT_EQ(start("out", 1, 1, "--resume").wait(), 0);
    ASSERT_EQ(start("whole", 1).wait(), 0);
    EXPECT_TRUE(contents("out") == contents("whole"));
}

}  // namespace
}  // namespace cortifold
