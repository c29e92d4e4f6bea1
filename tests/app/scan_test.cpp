// The step scan from the command line.
#include "app/program.hpp"
#include "app/step.hpp"
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

/// Of a study with these steps, into the folder `out`.
Outcome run_ping(const Folder& folder, const std::string& steps) {
    return run_program({"run", ping_study(folder, steps), "--out", folder / "out", "--quiet"});
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
    const Outcome outcome =
        run_ping(folder,
                 "[[step]]\ndo = \"scan\"\nsteps = [{ do = \"msf\", at = \"cycle\" }]\n"
                 "axes = { I_ext_E = [0.0, 13.0, 2] }\nrecord = [\"msf.unstable_modes\"]\n");
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

/// At eps = 12 the rhythm doubles its period where the drive falls below 11.5289.
const std::string cascade =
    "[[step]]\nname = \"cascade\"\ndo = \"scan\"\n"
    "steps = [{ do = \"simulate\", manifold = \"homogeneous\", transient = 2000.0, "
    "duration = 500.0, output_step = 0.1 }, "
    "{ name = \"s_e\", do = \"signal\", signal = \"s_e\", quantities = [\"maxima\"] }]\n"
    "record = [\"s_e.maxima.values\", \"s_e.maxima.levels\", \"simulate.states[2].maximum\"]\n";

TEST(ScanStep, HasOneMaximumAPeriodBeforeItDoublesAndTwoAfter) {
    const Folder folder;
    const Outcome outcome =
        run_program({"run", ping_study(folder, cascade + "axes = { I_ext_E = [11.35, 11.7, 4] }\n"),
                     "--set", "eps=12", "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const auto cells = rows_of(folder / "out/cascade/cells.csv"),
               items = rows_of(folder / "out/cascade/lists.csv");
    EXPECT_EQ(items[0], (std::vector<std::string>{"I_ext_E [1]", "index", "s_e.maxima.values"}));
    const double repeats = 1e-6, split = 1e-2;  // values of one level, and of two
    for (std::size_t cell = 1; cell < cells.size(); ++cell) {
        std::vector<double> maxima;
        for (const auto& item : items)
            if (item[0] == cells[cell][0]) {
                EXPECT_EQ(item[1], std::to_string(maxima.size()));
                maxima.push_back(std::stod(item[2]));
            }
        const std::size_t levels = std::stod(cells[cell][0]) > 11.5289 ? 1 : 2;
        EXPECT_EQ(cells[cell][2], std::to_string(levels));
        ASSERT_GT(maxima.size(), 25U);  // in 500 ms periods of 18.1 ms
        ASSERT_LT(maxima.size(), 29U);
        for (std::size_t k = 2; k < maxima.size(); ++k) {
            EXPECT_NEAR(maxima[k], maxima[k - 2], repeats);
            EXPECT_EQ(std::abs(maxima[k] - maxima[k - 1]) > split, levels == 2);
        }
        // The largest sample is at most the largest maximum, which lies between samples.
        const double above = std::ranges::max(maxima) - std::stod(cells[cell][3]);
        EXPECT_GT(above, -repeats);
        EXPECT_LT(above, 1e-3);
    }
    EXPECT_EQ(read_hdf5(folder / "out/cascade/data.h5", "lists").values.rows(),
              std::ssize(items) - 1);
    EXPECT_THAT(read_file(folder / "out/figures/cascade_1.gp"), HasSubstr("../cascade/lists.csv"));
}

TEST(ScanStep, HasOfARunInACellTheMaximaOfThatRunAlone) {
    const Folder folder;
    const std::string study =
        ping_study(folder,
                   "[[step]]\ndo = \"simulate\"\nnoise = 0.1\nduration = 200.0\noutput_step = 0.1\n"
                   "[[step]]\ndo = \"signal\"\nsignal = \"v_e - v_i\"\nquantities = [\"maxima\"]\n"
                   "[[step]]\ndo = \"scan\"\nsteps = [\"simulate\", \"signal\"]\n"
                   "axes = { I_ext_E = [11.0, 12.0, 2] }\nrecord = [\"signal.maxima.values\"]\n");
    ASSERT_EQ(run_program({"run", study, "--set", "model.parameters.I_ext_E=12", "--out",
                           folder / "out", "--quiet"})
                  .code,
              0);
    std::vector<std::string> alone, in_cell;
    for (const auto& row : rows_of(folder / "out/signal/maxima.csv")) alone.push_back(row[2]);
    for (const auto& row : rows_of(folder / "out/scan/lists.csv"))
        if (row[0] != "11") in_cell.push_back(row[2]);
    EXPECT_GT(alone.size(), 40U);
    alone[0] = in_cell[0] = "";
    EXPECT_EQ(in_cell, alone);
}

TEST(ScanStep, TablesListsOverTwoAxesAndDrawsNone) {
    const Folder folder;
    const Outcome outcome =
        run_ping(folder,
                 "[[step]]\ndo = \"scan\"\nrefine = 3\n"
                 "steps = [{ do = \"lyapunov\", manifold = \"homogeneous\", duration = 50.0 }]\n"
                 "axes = { I_ext_E = [1.0, 2.0, 2], eps = [0.0, 1.0, 3] }\n"
                 "record = [\"lyapunov.exponents\", \"lyapunov.standard_errors[0]\"]\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const auto items = rows_of(folder / "out/scan/lists.csv");
    EXPECT_EQ(items.size(), 1U + 6U * 6U) << "six cells of six exponents: none is refined";
    for (std::size_t k = 1; k < items.size(); ++k)
        EXPECT_EQ(items[k][2], std::to_string((k - 1) % 6));
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("drawn over one axis only"));
    EXPECT_FALSE(std::filesystem::exists(folder / "out/figures/scan_1.gp"));
    EXPECT_TRUE(std::filesystem::exists(folder / "out/figures/scan_2.gp"));
}

/// A scan of p + x - x^3, which has two stable states between its folds at p = -2/sqrt(27) and
/// 2/sqrt(27), along a chain or none.
Outcome scan_folds(const Folder& folder, const std::string& steps, const std::string& keys) {
    folder.write("folds.ode", "par p=0\nx'=p+x-x^3\ninit x=0.1\ndone\n");
    const std::string study =
        folder.write("study.toml",
                     "schema = 1\n[model]\nfile = \"folds.ode\"\n[[step]]\ndo = \"scan\"\n"
                     "axes = { p = [-1.0, 1.0, 41] }\nsteps = [" +
                         steps + "]\n" + keys);
    return run_program({"scan", study, "--out", folder / "out", "--overwrite", "--quiet"});
}

TEST(ScanStep, ShowsTheHysteresisBetweenTwoFoldsAlongChains) {
    const Folder folder;
    const double fold = 2.0 / std::sqrt(27.0);
    for (const auto& [keys, jump] : {std::pair{"chain = 41\n", fold},
                                     {"chain = 41\ndirection = \"decreasing\"\n", -fold},
                                     {"", 0.1 * 0.1 * 0.1 - 0.1}}) {  // where x = 0.1 rests
        const Outcome outcome = scan_folds(
            folder,
            "{ do = \"simulate\", duration = 200.0 }, "
            "{ do = \"lyapunov\", transient = 100.0, duration = 100.0 }",
            "record = [\"simulate.final.x\", \"lyapunov.exponents[0]\"]\n" + std::string(keys));
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        auto rows = rows_of(folder / "out/scan/cells.csv");
        rows.erase(rows.begin());
        for (const auto& row : rows) {
            const double p = std::stod(row[0]), x = std::stod(row[2]);
            EXPECT_EQ(x > 0.0, p > jump) << keys << p;
            EXPECT_NEAR(p + x - x * x * x, 0.0, 1e-6);
            EXPECT_NEAR(std::stod(row[3]), 1.0 - 3.0 * x * x, 1e-5) << keys << p;
        }
    }
}

TEST(ScanStep, FindsAlongAChainEquilibriaThatTheDefaultStateMisses) {
    const Folder folder;
    for (const bool chained : {false, true}) {
        (void)scan_folds(folder, "{ do = \"equilibria\", starts = 0, box = { x = [-2.0, 2.0] } }",
                         "record = [\"equilibria.equilibria[0].unstable\"]\nchain = " +
                             std::string(chained ? "41\n" : "1\n"));
        const auto rows = rows_of(folder / "out/scan/cells.csv");
        EXPECT_EQ(rows[1][3], "iteration_limit") << "from x = 0.1 beyond the lower fold";
        EXPECT_EQ(rows[41][3], chained ? "converged" : "iteration_limit");
    }
}

TEST(ScanStep, SaysAfterItsFirstCellWhichKeysThereAreInsteadOfAMissingOne) {
    const Folder folder;
    const Outcome outcome =
        run_ping(folder,
                 "[[step]]\ndo = \"scan\"\naxes = { I_ext_E = [1.0, 2.0, 3] }\n"
                 "steps = [{ do = \"equilibria\", starts = 0 }]\n"
                 "record = [\"equilibria.equilibria.eq1.unstabel\", \"equilibria.manifold\", "
                 "\"equilibria.equilibria[7].unstable\", \"equilibria.equilibrium\", "
                 "\"equilibria.parameters\"]\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(
        outcome.err,
        AllOf(
            HasSubstr("the first finished cell has no equilibria.equilibria.eq1.unstabel: the keys "
                      "of equilibria.eq1 are label, state, eigenvalues, unstable, residual"),
            HasSubstr("no equilibria.equilibria[7].unstable: equilibria is a list of 1"),
            HasSubstr("no equilibria.equilibrium: its keys are manifold, parameters, "
                      "equilibria"),
            HasSubstr("equilibria.parameters in the first finished cell is neither")));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 4) << outcome.err;
}

/// What a scan of every kind of step has to say, and to record.
struct Scanned {
    std::string kind, steps, record;
};

TEST(ScanStep, RunsEveryOtherKindOfStepInItsCells) {
    const std::string msf = "{ do = \"msf\", at = \"equilibrium\" }",
                      run = "{ do = \"simulate\", duration = 20.0, output_step = 1.0 }";
    const std::vector<Scanned> scans{
        {"continue",
         "{ do = \"continue\", parameter = \"I_ext_I\", range = [-1.0, 1.0], max_points = 5 }",
         "branches[0].points"},
        {"diagram",
         "{ do = \"diagram\", parameter = \"I_ext_I\", range = [-1.0, 1.0], slices = 2 }",
         "branches[0].points"},
        {"dispersion", "{ do = \"dispersion\", at = \"equilibrium\" }", "unstable_modes"},
        {"equilibria", "{ do = \"equilibria\" }", "equilibria.eq1.state.r_e"},
        {"hubs", "{ do = \"hubs\", at = \"equilibrium\" }", "growth"},
        {"lyapunov", "{ do = \"lyapunov\", duration = 20.0 }", "exponents"},
        {"msf", msf, "modes[1].growth"},
        {"signal", run + ", { do = \"signal\", psd = { segment = 10.0 } }", "psd.variance"},
        {"simulate", run, "final.r_e[0]"},
        {"spectrum", msf + ", { do = \"spectrum\", matrix = \"laplacian\" }", "eigenvalues[1][0]"}};
    for (const StepKind& kind : step_kinds()) {
        const bool of_spikes = kind.name == "compare" || (!kind.needs_model && kind.reads.empty());
        if (kind.name == "scan" || of_spikes) continue;  // they have tests of their own
        const auto scan = std::ranges::find(scans, kind.name, &Scanned::kind);
        ASSERT_NE(scan, scans.end()) << kind.name;
        const Folder folder;
        const std::string study =
            ping_study(folder, "[[step]]\ndo = \"scan\"\nsteps = [" + scan->steps +
                                   "]\naxes = { I_ext_E = [1.0, 2.0, 2] }\nrecord = [\"" +
                                   scan->kind + "." + scan->record + "\"]\n");
        const Outcome outcome = run_program({"scan", study, "--out", folder / "out", "--quiet"});
        EXPECT_EQ(outcome.code, 0) << kind.name << outcome.err;
        EXPECT_EQ(outcome.err, "") << kind.name;
    }
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
         "two axes are the parameter coupling.strength", 10},
        {steps + "axes = { I_ext_E = [0, 1e9, 3] }\n" + record, "must be in [", 10},
        {steps + "axes = { eps = [0, 1, 10000], I_ext_E = [0, 1, 10000] }\n" + record,
         "make 1e+08 cells, more than the 1e+07", 10},
        {"steps = [{ do = \"equilibria\", parameters = { eps = 1.0 } }]\n" + axes + record,
         "the parameter eps is an axis", 9},
        {"steps = [{ do = \"equilibria\", start = 3 }]\n" + axes + record,
         "step.scan.steps.equilibria \"start\"; did you mean \"starts\"?", 9},
        {steps + axes + "record = [\"msf.unstable_modes\"]\n", "unknown step of this scan \"msf\"",
         11},
        {steps + axes + "record = [\"equilibria\"]\n", "a step, a dot and a key", 11},
        {steps + axes + record + "refine = 20\n", "refine", 12},
        {steps + axes + record + "chain = 4\n", "chain", 12},
        {"steps = [{ do = \"signal\" }]\n" + axes + record, "has no step that depends on", 9},
        {"steps = [{ do = \"equilibria\" }, { do = \"signal\" }]\n" + axes + record,
         "a step simulate before it", 9},
        {steps + axes + record + "direction = \"decreasing\"\n", "give chain", 12},
        {steps + axes + record + "chain = 2\ndirection = \"down\"\n", "direction", 13},
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
