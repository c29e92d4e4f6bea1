// The program as a process: signals, limits and a standard output that is full.
#include "app/process.hpp"

#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace fs = std::filesystem;

/// A second or two of work: many starts, then many cycles.
constexpr const char* long_study = R"(schema = 1
[model]
name = "wilson_cowan"
[[step]]
do = "equilibria"
starts = 10000
[[step]]
do = "simulate"
duration = 20000
output_step = 1.0
)";

class LongRun : public testing::Test {
protected:
    LongRun() { folder.write("study.toml", long_study); }

    [[nodiscard]] Process start(const std::string& out,
                                const std::string& option = "--quiet") const {
        return {{CORTIFOLD_PROGRAM, "run", folder / "study.toml", "--out", folder / out, option},
                folder / "stdout",
                folder / "stderr"};
    }
    [[nodiscard]] Record summary(const std::string& out, const std::string& step) const {
        return read_json(folder / (out + "/" + step + "/summary.json"));
    }
    Folder folder;
};

TEST_F(LongRun, KeepsReadableTablesAndItsReportWhereItIsInterruptedAndIsResumed) {
    const Process process = start("out");
    wait_for(folder / "out/simulate/trajectory.csv");
    process.send(SIGINT);
    EXPECT_EQ(process.wait(), 130);
    EXPECT_EQ(text(summary("out", "equilibria"), "status"), "converged");
    EXPECT_EQ(text(summary("out", "simulate"), "status"), "interrupted");
    const double reached = number(summary("out", "simulate"), "duration");
    EXPECT_LT(reached, 20000.0);
    const NumericTable kept = read_hdf5(folder / "out/simulate/data.h5", "trajectory");
    const double last_output = kept.values(kept.values.rows() - 1, 0), output_step = 1.0;
    EXPECT_LE(last_output, reached) << "it ends after any step, not at an output alone";
    EXPECT_GT(last_output, reached - output_step);
    const std::string table = read_file(folder / "out/simulate/trajectory.csv");
    EXPECT_THAT(table, AllOf(StartsWith("t [1],E [1],I [1]\n"), EndsWith("\n")));
    EXPECT_EQ(std::ranges::count(table, '\n'), kept.values.rows() + 1);
    EXPECT_TRUE(fs::exists(folder / "out/report.html"));

    EXPECT_EQ(start("out", "--resume").wait(), 0);
    EXPECT_EQ(text(summary("out", "simulate"), "status"), "reached_end");
    const Process killed = start("killed");
    wait_for(folder / "killed/simulate/trajectory.csv");
    killed.send(SIGKILL);
    EXPECT_EQ(killed.wait(), 128 + SIGKILL);
    EXPECT_EQ(start("killed", "--resume").wait(), 0);
    for (const char* file : {"equilibria/summary.json", "simulate/summary.json",
                             "simulate/trajectory.csv", "simulate/data.h5"})
        EXPECT_TRUE(read_file(folder / ("out/" + std::string(file))) ==
                    read_file(folder / ("killed/" + std::string(file))))
            << file << " depends on how the run was broken";
}

TEST_F(LongRun, DoesNotBeginAnotherStepAfterASignal) {
    const Process process = start("out");
    wait_for(folder / "out/manifest.json");
    process.send(SIGTERM);
    EXPECT_EQ(process.wait(), 130);
    EXPECT_FALSE(fs::exists(folder / "out/simulate"));
    EXPECT_EQ(start("out", "--resume").wait(), 0);
    EXPECT_EQ(text(summary("out", "simulate"), "status"), "reached_end");
}

TEST_F(LongRun, EndsWithSixWhereAFileCannotGrow) {
    const Process process({"/bin/sh", "-c", "ulimit -f 64; exec \"$0\" \"$@\"", CORTIFOLD_PROGRAM,
                           "simulate", folder / "study.toml", "--out", folder / "out"},
                          folder / "stdout", folder / "stderr");
    EXPECT_EQ(process.wait(), 6);
    EXPECT_THAT(read_file(folder / "stderr"),
                AllOf(HasSubstr("cannot write"), HasSubstr(folder / "out/simulate")));
    EXPECT_TRUE(fs::exists(folder / "out/manifest.json")) << "what there is, stays";
}

TEST(StandardOutput, ThatIsFullIsAnOutputError) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
    const Folder folder;
    const std::string study =
        folder.write("study.toml", "schema = 1\n[model]\nname = \"wilson_cowan\"\n");
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"models"},
          {"models", "ng_ping"},
          {"info"},
          {"check", study},
          {"equilibria", study, "--json", "--overwrite", "--out", folder / "out"}}) {
        std::vector<std::string> arguments{CORTIFOLD_PROGRAM};
        arguments.insert(arguments.end(), command.begin(), command.end());
        EXPECT_EQ(Process(arguments, "/dev/full", folder / "stderr").wait(), 6);
        EXPECT_THAT(read_file(folder / "stderr"), HasSubstr("standard output"));
    }
}

}  // namespace
}  // namespace cortifold
