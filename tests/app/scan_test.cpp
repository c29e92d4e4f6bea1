// The step scan from the command line.
#include "app/program.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string ping =
    "schema = 1\n[model]\nname = \"ng_ping\"\n[network]\nconnectome = \"ring.csv\"\n"
    "coupling = { normalize = \"rows\", strength = 5.0 }\n";

/// A directed ring of four, whose coupling eigenvalues are the fourth roots of one.
std::string ping_study(const Folder& folder, const std::string& steps) {
    folder.write("ring.csv", "0,0,0,1\n1,0,0,0\n0,1,0,0\n0,0,1,0\n");
    return folder.write("study.toml", ping + steps);
}

std::vector<std::vector<std::string>> rows_of(const std::string& file) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream text(read_file(file));
    for (std::string line; std::getline(text, line);) {
        rows.emplace_back();
        std::istringstream cells(line + ",");
        for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
    }
    return rows;
}

TEST(ScanStep, HasInACellThatBeginsWithNothingWhatThatStepAloneHas) {
    const Folder folder;
    const std::string study = ping_study(
        folder,
        "[[step]]\ndo = \"msf\"\nat = \"attractor\"\n[[step]]\ndo = \"scan\"\nsteps = [\"msf\"]\n"
        "axes = { I_ext_E = [2.0, 14.0, 3], eps = [4.0, 6.0, 2] }\nchain = 1\n"
        "record = [\"msf.modes[3].growth\", \"msf.attractor\", \"msf.period\"]\n");
    const Outcome scan = run_program({"scan", study, "--out", folder / "scan", "--quiet"});
    ASSERT_EQ(scan.code, 0) << scan.err;
    const auto rows = rows_of(folder / "scan/scan/cells.csv");
    ASSERT_EQ(rows.size(), 7U);
    EXPECT_EQ(rows[0],
              (std::vector<std::string>{"I_ext_E [1]", "eps [1]", "level", "msf.modes[3].growth",
                                        "msf.attractor", "msf.period", "status", "message"}));
    for (const std::size_t k : {1U, 3U, 6U}) {
        const Outcome alone =
            run_program({"msf", study, "--set", "model.parameters.I_ext_E=" + rows[k][0], "--set",
                         "eps=" + rows[k][1], "--out", folder / ("alone" + std::to_string(k)),
                         "--quiet", "--json"});
        ASSERT_EQ(alone.code, 0) << alone.err;
        const Record summary = parse_json(alone.out, "summary");
        EXPECT_EQ(std::stod(rows[k][3]), number(items(summary, "modes")[3], "growth"));
        EXPECT_EQ(rows[k][4], text(summary, "attractor"));
        EXPECT_EQ(rows[k][5].empty(), summary.find("period") == nullptr);
        EXPECT_TRUE(rows[k][5].empty() || std::stod(rows[k][5]) == number(summary, "period"));
    }
    EXPECT_EQ(rows[1][4], "equilibrium");
    EXPECT_EQ(rows[3][4], "cycle");
}

TEST(ScanStep, FollowsACycleFromCellToCell) {
    const Folder folder;
    const std::string step =
        "[[step]]\ndo = \"scan\"\nsteps = [{ do = \"dispersion\", at = \"attractor\" }]\n"
        "axes = { I_ext_E = [10.0, 14.0, 5] }\nrecord = [\"dispersion.period\"]\n";
    const std::string warm = ping_study(folder, step);
    ASSERT_EQ(run_program({"run", warm, "--out", folder / "warm", "--quiet"}).code, 0);
    ASSERT_EQ(run_program(
                  {"run", warm, "--set", "step.scan.chain=1", "--out", folder / "cold", "--quiet"})
                  .code,
              0);
    const auto followed = rows_of(folder / "warm/scan/cells.csv"),
               found = rows_of(folder / "cold/scan/cells.csv");
    ASSERT_EQ(followed.size(), 6U);
    for (std::size_t k = 1; k < followed.size(); ++k)
        EXPECT_NEAR(std::stod(followed[k][2]) / std::stod(found[k][2]), 1.0, 1e-7);
    EXPECT_NEAR(std::stod(followed[4][2]), 14.179589659, 1e-6) << "at I_ext_E = 13, eps = 5";
}

TEST(ScanStep, ClosesInOnAHopfPoint) {
    const Folder folder;
    const Outcome outcome = run_program(
        {"run",
         ping_study(folder,
                    "[[step]]\ndo = \"scan\"\nsteps = [{ do = \"equilibria\", starts = 0 }]\n"
                    "axes = { I_ext_E = [0.0, 16.0, 9] }\nrefine = 8\n"
                    "record = [\"equilibria.equilibria.eq1.unstable\"]\n"),
         "--set", "eps=5", "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    auto rows = rows_of(folder / "out/scan/cells.csv");
    rows.erase(rows.begin());
    EXPECT_EQ(rows.size(), 9U + 8U);
    double stable = 0.0, unstable = 16.0;
    for (const auto& row : rows) {
        const double I = std::stod(row[0]);
        if (row[2] == "0") stable = std::max(stable, I);
        if (row[2] == "2") unstable = std::min(unstable, I);
    }
    EXPECT_NEAR(unstable - stable, 2.0 / 256.0, 1e-12);
    EXPECT_LT(stable, 4.41047667548);
    EXPECT_GT(unstable, 4.41047667548);
}

TEST(ScanStep, KeepsTheStatusOfACellThatFailsAndNoNumber) {
    const Folder folder;
    const Outcome outcome = run_program(
        {"run",
         ping_study(folder,
                    "[[step]]\ndo = \"scan\"\nsteps = [{ do = \"msf\", at = \"cycle\" }]\n"
                    "axes = { I_ext_E = [0.0, 13.0, 2] }\nrecord = [\"msf.unstable_modes\"]\n"),
         "--out", folder / "out", "--quiet"});
    EXPECT_EQ(outcome.code, 1);
    const auto rows = rows_of(folder / "out/scan/cells.csv");
    EXPECT_EQ(rows[1][2], "");
    EXPECT_EQ(rows[1][3], "no_theory");
    EXPECT_THAT(rows[1][4], HasSubstr("comes to rest"));
    EXPECT_NE(rows[2][2], "");
    EXPECT_EQ(rows[2][3], "converged");
    const Matrix data = read_hdf5(folder / "out/scan/data.h5", "cells").values;
    EXPECT_TRUE(std::isnan(data(0, 2)));
    EXPECT_EQ(data(1, 2), std::stod(rows[2][2]));
    const Record summary = read_json(folder / "out/scan/summary.json");
    EXPECT_EQ(number(summary, "cells"), 2.0);
    EXPECT_EQ(number(summary, "failed"), 1.0);
    EXPECT_EQ(text(summary, "status"), "no_theory");
}

TEST(ScanStep, DrawsMapsLinesAndSlicesWithTheCurvesLaidOver) {
    const Folder folder;
    const Outcome outcome = run_program(
        {"run",
         folder.write(
             "study.toml",
             "schema = 1\n[model]\nname = \"wilson_cowan\"\n"
             "[[step]]\ndo = \"continue\"\nparameter = \"P\"\nrange = [0.0, 4.0]\n"
             "[[step]]\nname = \"folds\"\ndo = \"continue\"\nkind = \"fold\"\nfrom = \"fold1\"\n"
             "parameters2 = [\"P\", \"Q\"]\nranges = [[0.0, 4.0], [-5.0, 5.0]]\n"
             "[[step]]\nname = \"map\"\ndo = \"scan\"\ncurves = [\"folds\"]\nrefine = 1\n"
             "steps = [{ do = \"equilibria\", starts = 4 }]\n"
             "axes = { P = [0.0, 4.0, 5], Q = [-5.0, 5.0, 4] }\n"
             "record = [\"equilibria.equilibria[0].unstable\", \"equilibria.manifold\"]\n"
             "[[step]]\nname = \"slices\"\ndo = \"scan\"\n"
             "steps = [{ do = \"equilibria\" }]\n"
             "axes = { P = [0.5, 3.5, 3], Q = [-2.0, 2.0, 3], c1 = [15.0, 17.0, 2] }\n"
             "record = [\"equilibria.equilibria[0].state.E\"]\n"),
         "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(read_file(folder / "out/figures/map_1.gp"),
                AllOf(HasSubstr("boxxyerror"), HasSubstr("../folds/branches.csv")));
    EXPECT_TRUE(std::filesystem::exists(folder / "out/figures/map_2.gp"));
    EXPECT_THAT(read_file(folder / "out/figures/slices_1.gp"), HasSubstr("c1 = 17"));
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("The scan map over P, Q has"));
}

struct Refusal {
    std::string keys, why;
    int line;
};

TEST(ScanStep, SaysWhatIsWrongAndWhere) {
    const std::string steps = "steps = [{ do = \"equilibria\" }]\n",
                      axes = "axes = { eps = [0, 1, 3] }\n",
                      record = "record = [\"equilibria.equilibria[0].unstable\"]\n";
    const std::vector<Refusal> refusals{
        {axes + record, "step.scan.steps must list what is run", 7},
        {"steps = [\"msf\"]\n" + axes + record, "unknown step \"msf\"", 9},
        {"steps = [{ do = \"scan\" }]\n" + axes + record, "unknown step of a scan \"scan\"", 9},
        {steps + "axes = { epz = [0, 1, 3] }\n" + record, "unknown parameter \"epz\"", 10},
        {steps + "axes = { eps = [0, 1] }\n" + record, "must be [low, high, points]", 10},
        {steps + "axes = { eps = [0, 1, 3], coupling.strength = [0, 1, 3] }\n" + record,
         "must be [low, high, points]", 10},
        {steps + "axes = { I_ext_E = [0, 1e9, 3] }\n" + record, "must be in [", 10},
        {"steps = [{ do = \"equilibria\", parameters = { eps = 1.0 } }]\n" + axes + record,
         "the parameter eps is an axis", 9},
        {"steps = [{ do = \"equilibria\", start = 3 }]\n" + axes + record,
         "step.scan.steps.equilibria \"start\"; did you mean \"starts\"?", 9},
        {steps + axes + "record = [\"msf.unstable_modes\"]\n", "unknown step of this scan \"msf\"",
         11},
        {steps + axes + "record = [\"equilibria\"]\n", "a step, a dot and a key", 11},
        {steps + axes + record + "refine = 20\n", "refine", 12},
        {steps + axes + record + "chain = 4\n", "chain", 12},
        {steps + axes + record + "curves = [\"continue\"]\n", "unknown earlier step with curves",
         12},
    };
    for (const Refusal& refusal : refusals) {
        const Folder folder;
        const Outcome outcome =
            run_program({"check", ping_study(folder, "[[step]]\ndo = \"scan\"\n" + refusal.keys)});
        EXPECT_EQ(outcome.code, 3) << refusal.keys;
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(refusal.why),
                                       HasSubstr("study.toml:" + std::to_string(refusal.line))))
            << refusal.keys;
    }
}

}  // namespace
}  // namespace cortifold
