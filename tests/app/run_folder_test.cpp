// Where a run writes: what it replaces, refuses and continues.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

constexpr const char* small_study = R"(schema = 1
[model]
name = "wilson_cowan"
[[step]]
do = "equilibria"
[[step]]
do = "simulate"
duration = 10
)";

class RunFolder : public testing::Test {
protected:
    [[nodiscard]] Outcome run(std::vector<std::string> options = {}) const {
        std::vector<std::string> arguments{"run", folder.write("study.toml", small_study), "--out",
                                           folder / "out"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        return run_program(arguments);
    }
    Folder folder;
};

TEST_F(RunFolder, IsReplacedAsAWholeByARunOfTheSameConfiguration) {
    ASSERT_EQ(run().code, 0);
    folder.write("out/leftover.txt", "of the first run");
    ASSERT_EQ(run().code, 0);
    EXPECT_FALSE(fs::exists(folder / "out/leftover.txt"));
    EXPECT_TRUE(fs::exists(folder / "out/simulate/summary.json"));
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / ""))
        EXPECT_FALSE(entry.path().filename().string().starts_with("."))
            << entry.path() << " was left behind";
}

TEST_F(RunFolder, IsRefusedToAnotherConfigurationUnlessOverwritten) {
    ASSERT_EQ(run().code, 0);
    const std::string before = read_file(folder / "out/manifest.json");
    for (const std::vector<std::string>& other :
         {std::vector<std::string>{"--set", "model.parameters.P=2"}, {"--seed", "5"}}) {
        const Outcome refused = run(other);
        EXPECT_EQ(refused.code, 2);
        EXPECT_THAT(refused.err, AllOf(HasSubstr("is in the way"), HasSubstr("--overwrite")));
        EXPECT_EQ(read_file(folder / "out/manifest.json"), before);
    }
    EXPECT_EQ(run({"--seed", "5", "--overwrite"}).code, 0);
    EXPECT_EQ(number(read_json(folder / "out/manifest.json"), "seed"), 5.0);
}

TEST_F(RunFolder, NeverTakesTheFilesOfSomebodyElse) {
    folder.write("out/thesis.tex", "all of it");
    const Outcome refused = run();
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("is in the way"));
    EXPECT_EQ(read_file(folder / "out/thesis.tex"), "all of it");
    folder.write("out/manifest.json", "{ \"hash\": 3 }");
    EXPECT_EQ(run().code, 2) << "a manifest, but none of ours";
    EXPECT_EQ(run({"--resume"}).code, 2);
}

TEST_F(RunFolder, CannotBeAFile) {
    folder.write("out", "a file");
    const Outcome refused = run({"--overwrite"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("is in the way"), HasSubstr("it is a file")));
}

TEST_F(RunFolder, MayBeEmptyAndMayEndWithASlash) {
    fs::create_directory(folder / "out");
    EXPECT_EQ(run().code, 0);
    EXPECT_EQ(run({"--out", folder / "deep/er/"}).code, 2) << "--out is given once";
    const std::string study = folder.write("study.toml", small_study);
    EXPECT_EQ(run_program({"equilibria", study, "--out", folder / "deep/er/"}).code, 0);
    EXPECT_TRUE(fs::exists(folder / "deep/er/equilibria/summary.json"));
}

TEST_F(RunFolder, ThatCannotBeMadeIsAnOutputError) {
    const std::string study = folder.write("study.toml", small_study);
    for (const char* nowhere : {"/proc/nowhere/run", "/dev/null/run"}) {
        const Outcome outcome = run_program({"run", study, "--out", nowhere});
        EXPECT_EQ(outcome.code, 6);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr("cannot make the folder"), HasSubstr(nowhere)));
    }
}

TEST_F(RunFolder, OfABrokenRunIsCompletedByResume) {
    ASSERT_EQ(run().code, 0);
    const std::string equilibria = read_file(folder / "out/equilibria/summary.json"),
                      simulate = read_file(folder / "out/simulate/summary.json");
    const auto kept = fs::last_write_time(folder / "out/equilibria/summary.json");
    fs::remove(folder / "out/simulate/summary.json");
    folder.write("out/simulate/trajectory.csv", "half a ta");
    const Outcome resumed = run({"--resume"});
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(read_file(folder / "out/simulate/summary.json"), simulate);
    EXPECT_EQ(read_file(folder / "out/equilibria/summary.json"), equilibria);
    EXPECT_EQ(fs::last_write_time(folder / "out/equilibria/summary.json"), kept)
        << "what was complete is not run again";
    EXPECT_THAT(read_file(folder / "out/simulate/trajectory.csv"), HasSubstr("t [1],E [1],I [1]"));
    EXPECT_TRUE(fs::exists(folder / "out/report.html"));
}

TEST_F(RunFolder, OfAnotherConfigurationIsNotResumed) {
    ASSERT_EQ(run().code, 0);
    const Outcome outcome = run({"--resume", "--seed", "5"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("cannot resume"));
}

TEST_F(RunFolder, ThatIsEmptyIsResumedFromTheStart) {
    EXPECT_EQ(run({"--resume"}).code, 0);
    EXPECT_TRUE(fs::exists(folder / "out/simulate/summary.json"));
}

TEST_F(RunFolder, ReportIsRebuiltFromTheTablesAlone) {
    ASSERT_EQ(run().code, 0);
    const std::string report = read_file(folder / "out/report.html");
    fs::remove_all(folder / "out/figures");
    fs::remove(folder / "out/report.html");
    EXPECT_EQ(run_program({"report", folder / "out"}).code, 0);
    EXPECT_TRUE(read_file(folder / "out/report.html") == report);
}

TEST_F(RunFolder, NewDataUnderTheSameNameIsAnotherConfiguration) {
    const std::string study = folder.write("study.toml", R"(schema = 1
[model]
name = "wilson_cowan"
[network]
connectome = "weights.csv"
coupling = { normalize = "rows" }
)");
    const std::vector<std::string> spectrum{"spectrum", study, "--out", folder / "out"};
    folder.write("weights.csv", "0,1\n1,0\n");
    EXPECT_EQ(run_program(spectrum).code, 0);
    EXPECT_EQ(run_program(spectrum).code, 0);
    folder.write("weights.csv", "0,2\n1,0\n");
    EXPECT_EQ(run_program(spectrum).code, 2);
}

TEST_F(RunFolder, OfOtherFilesThatTheStudyNamesIsNotResumed) {
    const std::string study = folder.write("study.toml", R"(schema = 1
[model]
file = "model.ode"
[network]
connectome = "weights.csv"
lengths = "lengths.csv"
coupling = { strength = 0.1 }
send = "x"
receive = "a"
[[step]]
do = "simulate"
[[step.stimulus]]
kind = "file"
to = "a"
file = "wave.csv"
)");
    folder.write("model.ode",
                 "par a=0\n#include part.inc\ntable f f.tab\nx'=-x+f(x)+a+c\n@ total=1,dt=.1\n");
    const std::vector<std::array<const char*, 3>> files{
        {"part.inc", "par c=1\n", "par c=2\n"},
        {"f.tab", "2\n0\n1\n1\n2\n", "2\n0\n1\n1\n3\n"},
        {"wave.csv", "0,0\n1,1\n", "0,0\n1,2\n"},
        {"weights.csv", "a,b\n0,1\n1,0\n", "a,c\n0,1\n1,0\n"},
        {"lengths.csv", "0,1\n1,0\n", "0,2\n1,0\n"}};
    for (const auto& [name, before, after] : files) folder.write(name, before);
    const std::vector<std::string> resume{"run", study, "--out", folder / "out", "--resume"};
    const Outcome first = run_program(resume);
    ASSERT_EQ(first.code, 0) << first.err;
    EXPECT_EQ(run_program(resume).code, 0);
    for (const auto& [name, before, after] : files) {
        folder.write(name, after);
        EXPECT_THAT(run_program(resume).err, HasSubstr("cannot resume")) << name;
        folder.write(name, before);
    }
    EXPECT_EQ(run_program(resume).code, 0);
}

}  // namespace
}  // namespace cortifold
