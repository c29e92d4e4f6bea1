// What a run leaves behind: the promises to scripts.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

namespace fs = std::filesystem;

/// Every step once, on four regions.
constexpr const char* study_of_all_steps = R"(schema = 1
title = "All steps"
seed = 7
[model]
name = "ng_ping"
parameters = { I_ext_E = 15.0 }
[network]
connectome = "weights.csv"
coupling = { kind = "additive", normalize = "rows", strength = 9.0 }
[[step]]
do = "spectrum"
[[step]]
do = "equilibria"
[[step]]
do = "dispersion"
lambda = [-1.0, [0.2, 0.1]]
[[step]]
do = "simulate"
initial = "rest"
noise = 1e-3
duration = 20.0
output_step = 0.5
)";

class Outputs : public testing::Test {
protected:
    Outputs() { folder.write("weights.csv", "0,1,2,1\n1,0,1,3\n3,1,0,1\n1,2,1,0\n"); }

    /// `cortifold COMMAND` of all steps into a folder of that name; fails where it does not end
    /// with 0.
    Outcome run(const std::string& command, const std::string& out,
                std::vector<std::string> options = {}) const {
        std::vector<std::string> arguments{command, folder.write("study.toml", study_of_all_steps),
                                           "--out", folder / out};
        arguments.insert(arguments.end(), options.begin(), options.end());
        Outcome outcome = run_program(arguments);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return outcome;
    }
    [[nodiscard]] Record summary(const std::string& out, const std::string& step) const {
        return read_json(folder / (out + "/" + step + "/summary.json"));
    }
    Folder folder;
};

std::vector<std::string> keys(const Record& table) {
    std::vector<std::string> names;
    for (const auto& [name, value] : table.as<Record::Table>()) names.push_back(name);
    return names;
}

std::string first_line(const std::string& path) {
    const std::string content = read_file(path);
    return content.substr(0, content.find('\n'));
}

/// Content by path below a folder, without the manifest.
std::map<std::string, std::string> files(const std::string& root) {
    std::map<std::string, std::string> contents;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root))
        if (entry.is_regular_file() && entry.path().filename() != "manifest.json")
            contents[fs::relative(entry.path(), root).string()] = read_file(entry.path());
    return contents;
}

TEST_F(Outputs, SummariesHoldEveryPromisedKey) {
    const std::map<std::string, std::vector<std::string>> promised{
        {"spectrum",
         {"matrix", "normalize", "end", "route", "count_check", "eigenvalues", "residuals", "nodes",
          "edges"}},
        {"equilibria", {"equilibria"}},
        {"dispersion", {"unstable_modes", "modes"}},
        {"simulate", {"duration", "final", "states", "steps", "evaluations"}}};
    const std::map<std::string, std::vector<std::string>> promised_of_items{
        {"equilibria", {"label", "state", "eigenvalues", "unstable", "residual"}},
        {"modes", {"index", "lambda", "growth", "frequency", "unstable"}},
        {"states", {"name", "mean", "minimum", "maximum"}}};
    run("run", "out", {"--quiet"});
    for (const auto& [step, names] : promised) {
        const Record record = summary("out", step);
        EXPECT_THAT(keys(record), IsSupersetOf(names)) << step;
        EXPECT_THAT(keys(record), IsSupersetOf({"step", "status", "message"})) << step;
        EXPECT_EQ(text(record, "step"), step);
        for (const auto& [list, item_names] : promised_of_items) {
            if (record.find(list) == nullptr) continue;
            for (const Record& item : items(record, list))
                EXPECT_THAT(keys(item), IsSupersetOf(item_names)) << step;
        }
    }
}

TEST_F(Outputs, SummariesOfANetworkAreConsistentAmongThemselves) {
    run("run", "out", {"--quiet"});
    const Record spectrum = summary("out", "spectrum"), dispersion = summary("out", "dispersion");
    const Record::List lambdas = items(spectrum, "eigenvalues"), modes = items(dispersion, "modes");
    ASSERT_EQ(lambdas.size(), 4);
    ASSERT_EQ(modes.size(), 6);
    double unstable = 0.0;
    for (std::size_t k = 0; k < 4; ++k) {
        EXPECT_EQ(number(modes[k], "index"), static_cast<double>(k + 1));
        EXPECT_NEAR(modes[k].find("lambda")->as<Record::List>()[0].number(),
                    lambdas[k].as<Record::List>()[0].number(), 1e-12);
        if (k > 0 && number(modes[k], "growth") > 0.0) ++unstable;
    }
    EXPECT_EQ(number(modes[4], "index"), 0.0);
    EXPECT_EQ(number(modes[5], "index"), 0.0);
    EXPECT_EQ(number(dispersion, "unstable_modes"), unstable);
    EXPECT_THAT(keys(*dispersion.find("state")),
                ElementsAre("r_e", "v_e", "s_e", "r_i", "v_i", "s_i"));
    const Record final = *summary("out", "simulate").find("final");
    EXPECT_EQ(keys(final).size(), 24);
    EXPECT_EQ(keys(final).front(), "r_e[0]");
}

TEST_F(Outputs, ManifestSaysAllThatANumberDependsOn) {
    run("run", "out", {"--quiet", "--threads", "2"});
    const Record manifest = read_json(folder / "out/manifest.json");
    EXPECT_THAT(keys(manifest),
                IsSupersetOf({"version", "commit", "compiler", "flags", "libraries", "hash",
                              "study", "seed", "threads", "ranks", "wall_s", "steps"}));
    EXPECT_EQ(number(manifest, "seed"), 7.0);
    EXPECT_EQ(number(manifest, "threads"), 2.0);
    for (const Record& step : items(manifest, "steps"))
        EXPECT_THAT(keys(step), IsSupersetOf({"name", "status", "wall_s"}));
    const Record& step = *manifest.find("study")->find("step")->find("dispersion");
    EXPECT_EQ(number(step, "points"), 401.0) << "defaults are resolved";
}

TEST_F(Outputs, TablesBeginWithNamesAndUnits) {
    run("run", "out", {"--quiet"});
    const std::map<std::string, std::string> headers{
        {"spectrum/eigenvalues.csv", "index,re,im,residual"},
        {"equilibria/equilibria.csv",
         "label,r_e [1/ms],v_e [1],s_e [1/ms],r_i [1/ms],v_i [1],s_i [1/ms],unstable,residual"},
        {"equilibria/eigenvalues.csv", "label,index,re [1/ms],im [1/ms]"},
        {"dispersion/curve.csv", "lambda,growth [1/ms],frequency [1/ms]"},
        {"dispersion/modes.csv",
         "index,lambda_re,lambda_im,growth [1/ms],frequency [1/ms],unstable"},
        {"simulate/space_time.csv", "t [ms],region,r_e [1/ms]"}};
    for (const auto& [file, header] : headers)
        EXPECT_EQ(first_line(folder / ("out/" + file)), header) << file;
    EXPECT_THAT(first_line(folder / "out/simulate/mean.csv"),
                HasSubstr("t [ms],mean_r_e [1/ms],mean_v_e [1]"));
    const NumericTable trajectory = read_hdf5(folder / "out/simulate/data.h5", "trajectory");
    EXPECT_EQ(trajectory.values.rows(), 41);
    EXPECT_EQ(trajectory.columns.size(), 25);
    EXPECT_EQ(trajectory.columns[1].name, "r_e[0]");
    EXPECT_EQ(trajectory.columns[1].unit, "1/ms");
}

TEST_F(Outputs, RatesOfAModelWithoutUnitOfTimeHaveNoUnitEither) {
    const std::string study =
        folder.write("wc.toml", "schema = 1\n[model]\nname = \"wilson_cowan\"\n");
    ASSERT_EQ(run_program({"equilibria", study, "--out", folder / "wc"}).code, 0);
    EXPECT_EQ(first_line(folder / "wc/equilibria/eigenvalues.csv"), "label,index,re [1],im [1]");
}

TEST_F(Outputs, AreTheSameBytesOnOneThreadAndOnTwo) {
    run("run", "one", {"--threads", "1", "--quiet"});
    run("run", "two", {"--threads", "2", "--quiet"});
    const auto one = files(folder / "one"), two = files(folder / "two");
    ASSERT_EQ(one.size(), two.size());
    EXPECT_GT(one.size(), 10);
    for (const auto& [name, content] : one)
        EXPECT_TRUE(two.at(name) == content) << name << " differs";
}

TEST_F(Outputs, OnlyTheSeedMovesTheInitialNoise) {
    run("simulate", "a", {"--quiet"});
    run("simulate", "b", {"--quiet", "--seed", "8"});
    run("simulate", "c", {"--quiet", "--seed", "7"});
    const auto trajectory = [&](const char* out) {
        return read_hdf5(folder / (std::string(out) + "/simulate/data.h5"), "trajectory").values;
    };
    const Matrix a = trajectory("a"), b = trajectory("b");
    EXPECT_EQ(a, trajectory("c")) << "the study's own seed is 7";
    const Matrix difference = (a - b).cwiseAbs();
    EXPECT_GT(difference.row(0).tail(24).minCoeff(), 0.0);
    EXPECT_LT(difference.row(0).maxCoeff(), 2e-3) << "noise is half the width, of both";
    EXPECT_EQ(read_json(folder / "b/manifest.json").find("seed")->number(), 8.0);
}

TEST_F(Outputs, JsonOnStandardOutputIsTheSummariesAndNothingElse) {
    const Outcome outcome = run("run", "out", {"--json"});
    const Record all = read_json(folder.write("out.json", outcome.out));
    EXPECT_THAT(keys(all), ElementsAre("spectrum", "equilibria", "dispersion", "simulate"));
    for (const std::string& step : keys(all))
        EXPECT_EQ(to_json(*all.find(step)), to_json(summary("out", step)));
    EXPECT_THAT(outcome.err, HasSubstr("report.html"));
}

TEST_F(Outputs, QuietStepsWriteFilesOnly) {
    const Outcome outcome = run("dispersion", "out", {"--quiet"});
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(fs::exists(folder / "out/dispersion/summary.json"));
    EXPECT_FALSE(fs::exists(folder / "out/report.html")) << "a single step makes no report";
    EXPECT_FALSE(fs::exists(folder / "out/simulate")) << "other steps do not run";
}

TEST_F(Outputs, CheckSaysWhatIsADefault) {
    const Outcome outcome = run("check", "out");
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("step.dispersion.points = 401  # default\n"),
                                   HasSubstr("step.simulate.duration = 20.0\n"),
                                   HasSubstr("model.parameters.I_ext_E = 15.0\n")));
    EXPECT_FALSE(fs::exists(folder / "out")) << "check runs nothing";
    const Record json = read_json(folder.write("check.json", run("check", "out", {"--json"}).out));
    EXPECT_EQ(number(*json.find("step")->find("dispersion"), "points"), 401.0);
}

TEST_F(Outputs, EpsIsTheStrengthOfTheCoupling) {
    const auto checked = [&](const std::string& setting) {
        return run("check", "out", {"--set", setting}).out;
    };
    for (const char* name : {"eps", "coupling.strength", "network.coupling.strength"})
        EXPECT_THAT(checked(std::string(name) + "=12"),
                    HasSubstr("network.coupling.strength = 12.0\n"));
    EXPECT_THAT(checked("step.dispersion.parameters.eps=12"),
                HasSubstr("step.dispersion.parameters.eps = 12.0\n"));

    run("dispersion", "network", {"--set", "eps=12"});
    run("dispersion", "step", {"--set", "step.dispersion.parameters.eps=12"});
    run("dispersion", "model", {"--set", "model.parameters.eps=12"});
    EXPECT_EQ(to_json(summary("network", "dispersion")), to_json(summary("step", "dispersion")));
    EXPECT_EQ(to_json(summary("network", "dispersion")), to_json(summary("model", "dispersion")));
}

TEST_F(Outputs, EpsIsTheModelsOwnParameterWhereItHasOne) {
    const std::string study = folder.write(
        "fn.toml", "schema = 1\n[model]\nname = \"fitzhugh_nagumo\"\n[network]\ncoupling = {}\n");
    const Outcome own = run_program({"check", study, "--set", "eps=0.3"});
    EXPECT_THAT(own.out, AllOf(HasSubstr("model.parameters.eps = 0.3\n"),
                               HasSubstr("network.coupling.strength = 0.0  # default\n")));
    const Outcome coupling = run_program({"check", study, "--set", "coupling.strength=0.3"});
    EXPECT_THAT(coupling.out, HasSubstr("network.coupling.strength = 0.3\n"));
}

TEST_F(Outputs, SettingsNameRepeatedStepsAsTheirFoldersAreNamed) {
    const std::string study = folder.write("steps.toml", R"(schema = 1
[model]
name = "wilson_cowan"
[[step]]
do = "simulate"
duration = 1
[[step]]
do = "simulate"
name = "other"
duration = 1
[[step]]
do = "simulate"
duration = 1
)");
    const Outcome outcome = run_program(
        {"check", study, "--set", "step.simulate3.duration=5", "--set", "step.other.duration=6"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("step.simulate.duration = 1.0\n"),
                                   HasSubstr("step.other.duration = 6.0\n"),
                                   HasSubstr("step.simulate3.duration = 5.0\n")));
}

TEST_F(Outputs, CommandsWithoutAStudyDescribeModelsConnectomesAndTheProgram) {
    EXPECT_THAT(run_program({"models"}).out, HasSubstr("wilson_cowan  Active fractions"));
    EXPECT_THAT(run_program({"models", "wilson_cowan"}).out,
                AllOf(HasSubstr("tau_e [1] = 1 in [0.01, 1000]"), HasSubstr("Presets")));
    EXPECT_THAT(run_program({"info"}).out, AllOf(HasSubstr("version: "), HasSubstr("Eigen: ")));
    const Outcome described = run_program({"connectome", folder / "weights.csv", "--json"});
    const Record connectome = read_json(folder.write("connectome.json", described.out));
    EXPECT_EQ(number(connectome, "nodes"), 4.0);
    EXPECT_EQ(number(*connectome.find("row_sums"), "largest"), 5.0);
}

TEST_F(Outputs, AConnectomeSurvivesItsConversionBitForBit) {
    ASSERT_EQ(run_program({"connectome", folder / "made", "--generate", "--regions", "6"}).code, 0);
    ASSERT_EQ(run_program({"connectome", folder / "made", "--convert", folder / "copy"}).code, 0);
    EXPECT_EQ(files(folder / "made"), files(folder / "copy"));
    EXPECT_EQ(run_program({"connectome", folder / "made", "--convert", folder / "copy"}).code, 2)
        << "what is there is not overwritten unasked";
}

}  // namespace
}  // namespace cortifold
