// The program as a process: signals, limits and a standard output that is full.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace fs = std::filesystem;

/// A process whose output goes to two files.
class Process {
public:
    Process(std::vector<std::string> arguments, const std::string& out, const std::string& err) {
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC, mode = 0600;
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), flags, mode);
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), flags, mode);
        EXPECT_EQ(posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&files);
    }
    void send(int signal) const { EXPECT_EQ(kill(pid_, signal), 0); }
    /// The exit code, or 128 and the number of the signal that ended it.
    [[nodiscard]] int wait() const {
        int status = 0;
        EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t pid_ = 0;
};

/// Waits until a file holds something; fails after a time in which it surely should.
void wait_for(const std::string& file) {
    constexpr std::chrono::milliseconds patience{30000}, interval{5};
    const auto begin = std::chrono::steady_clock::now();
    std::error_code absent;
    while (fs::file_size(file, absent) == 0 || absent) {
        ASSERT_LT(std::chrono::steady_clock::now() - begin, patience) << file << " did not appear";
        std::this_thread::sleep_for(interval);
    }
}

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
