// Branches and curves through the command line: points of the literature, labels, bad requests.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

constexpr double exact = 1e-9;  // relative: of reference values

const std::string wilson_cowan =
    study_of("wilson_cowan", "continue") + "parameter = \"P\"\nrange = [0.0, 4.0]\n";

/// Runs a study and leaves its results in a folder.
class Continue : public testing::Test {
protected:
    Outcome run(const std::string& study, const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"run", folder_.write("study.toml", study), "--out",
                                           folder_ / "out", "--quiet"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_program(arguments);
    }
    [[nodiscard]] Record summary(const std::string& step) const {
        return read_json(folder_ / ("out/" + step + "/summary.json"));
    }
    /// The point with that label on the first branch of a step.
    [[nodiscard]] Record special(const std::string& step, const std::string& label) const {
        for (const Record& point : items(items(summary(step), "branches")[0], "special"))
            if (text(point, "label") == label) return point;
        ADD_FAILURE() << step << " has no " << label;
        return Record::Table{};
    }
    [[nodiscard]] std::string table(const std::string& name) const {
        return read_file(folder_ / ("out/" + name));
    }

    Folder folder_;
};

TEST_F(Continue, FindsTheFoldsAndTheHopfPointOfWilsonAndCowan) {
    ASSERT_EQ(run(wilson_cowan).code, 0);
    const Record fold = special("continue", "fold1"), hopf = special("continue", "hopf1");
    EXPECT_NEAR(number(*fold.find("parameters"), "P"), 1.08733045617231, exact);
    EXPECT_NEAR(number(*special("continue", "fold2").find("parameters"), "P"), 0.908683427301825,
                exact);
    EXPECT_NEAR(number(*hopf.find("parameters"), "P"), 1.87931319808418, exact);
    EXPECT_NEAR(number(*hopf.find("state"), "E"), 0.249338253124938, exact);
    EXPECT_NEAR(1.0 / number(hopf, "frequency"), 2.35827576223795, 1e-8);
    EXPECT_NEAR(number(*hopf.find("normal_form"), "l1"), -10.120104, 1e-5);
    EXPECT_EQ(text(hopf, "scenario"), "supercritical");
    EXPECT_FALSE(fs::exists(folder_ / "out/continue/growing.csv"));
}

TEST_F(Continue, TablesSpecialPointsBetweenTheirNeighboursFromOneEndOfTheRangeToTheOther) {
    ASSERT_EQ(run(wilson_cowan).code, 0);
    EXPECT_THAT(table("continue/branches.csv"),
                ::testing::StartsWith("branch,kind,point,label,P [1],E [1],I [1],unstable,residual,"
                                      "arclength\n1,equilibrium,1,,0,"));
    const NumericTable unknowns = read_hdf5(folder_ / "out/continue/data.h5", "branch1");
    const Eigen::Index P = 2, E = 0;
    EXPECT_EQ(unknowns.values(0, P), 0.0);
    EXPECT_EQ(unknowns.values(unknowns.values.rows() - 1, P), 4.0);
    const Record fold = special("continue", "fold1");
    const auto row = static_cast<Eigen::Index>(number(fold, "point")) - 1;
    EXPECT_EQ(unknowns.values(row, E), number(*fold.find("state"), "E"));
    EXPECT_GT(unknowns.values(row, E), unknowns.values(row - 1, E));
    EXPECT_LT(unknowns.values(row, E), unknowns.values(row + 1, E));
}

TEST_F(Continue, StartsCurvesInTwoParametersAtLabels) {
    const Outcome outcome = run(wilson_cowan +
                                "[[step]]\ndo = \"continue\"\nname = \"curve\"\nkind = \"hopf\"\n"
                                "from = \"hopf1\"\nparameters2 = [\"P\", \"Q\"]\n"
                                "ranges = [[0.0, 4.0], [-5.0, 5.0]]\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record point = special("curve", "generalized_hopf1");
    EXPECT_NEAR(number(*point.find("parameters"), "P"), 0.241847859018631, 1e-8);
    EXPECT_NEAR(number(*point.find("parameters"), "Q"), -1.87397514916041, 1e-8);
    EXPECT_EQ(text(items(summary("curve"), "branches")[0], "kind"), "hopf");
}

TEST_F(Continue, GivesLaterStepsTheStateAndTheParametersOfALabel) {
    const Outcome outcome =
        run(wilson_cowan +
            "[[step]]\ndo = \"simulate\"\ninitial = \"hopf1\"\nduration = 1.0\n"
            "[[step]]\ndo = \"simulate\"\nname = \"elsewhere\"\ninitial = \"hopf1\"\n"
            "duration = 1.0\nparameters = { P = 0.5 }\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const double E = number(*special("continue", "hopf1").find("state"), "E");
    EXPECT_NEAR(number(*summary("simulate").find("final"), "E"), E, 1e-9);
    EXPECT_GT(std::abs(number(*summary("elsewhere").find("final"), "E") - E), 1e-2);
}

TEST_F(Continue, SwitchesToTheSideBranchOfAPitchfork) {
    const Outcome outcome =
        run(study_of("pitchfork_normal_form", "continue") +
            "parameter = \"beta\"\nrange = [-1.0, 1.0]\nparameters = { beta = -0.5 }\n"
            "from = \"initial\"\n[[step]]\ndo = \"continue\"\nname = \"side\"\n"
            "parameter = \"beta\"\nrange = [-1.0, 1.0]\nfrom = \"branch_point1\"\nswitch = true\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const NumericTable side = read_hdf5(folder_ / "out/side/data.h5", "branch1");
    const Eigen::Index last = side.values.rows() - 1;
    EXPECT_NEAR(side.values(0, 0), -1.0, exact);  // x = -sqrt(beta), then + sqrt(beta)
    EXPECT_NEAR(side.values(last, 0), 1.0, exact);
    EXPECT_EQ(side.values(0, 1), 1.0);
    EXPECT_EQ(side.values(last, 1), 1.0);
}

TEST_F(Continue, StartsBesideABranchPointThatItIsAskedToStartAt) {
    for (const char* from : {"{ x = 0.0 }", "{ x = 0.1 }", "\"rest\""}) {
        SCOPED_TRACE(from);
        const Outcome outcome = run(study_of("pitchfork_normal_form", "continue") +
                                        "parameter = \"beta\"\nrange = [-1.0, 1.0]\n"
                                        "parameters = { beta = 0.0 }\nfrom = " +
                                        std::string(from) + "\n",
                                    {"--overwrite"});
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_NEAR(number(*special("continue", "branch_point1").find("parameters"), "beta"), 0.0,
                    1e-12);
    }
}

TEST_F(Continue, AsksWhichBranchIsMeantAtABranchPoint) {
    const std::string in_beta =
        "[[step]]\ndo = \"continue\"\nparameter = \"beta\"\nrange = [-1.0, 1.0]\n";
    const Outcome outcome = run("schema = 1\n[model]\nname = \"pitchfork_normal_form\"\n" +
                                in_beta + in_beta + "name = \"again\"\nfrom = \"branch_point1\"\n");
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, HasSubstr("switch = true follows the one that is not known yet"));
}

TEST_F(Continue, SaysThatNoCurveOfBranchPointsLeavesOneThatIsUnfolded) {
    folder_.write("imperfect.ode", "par b=0.5, e=0\nx'=b*x-x^3+e\ndone\n");
    const Outcome outcome =
        run("schema = 1\n[model]\nfile = \"imperfect.ode\"\n[[step]]\ndo = \"continue\"\n"
            "parameter = \"b\"\nrange = [-1.0, 1.0]\nfrom = \"initial\"\n"
            "[[step]]\ndo = \"continue\"\nname = \"curve\"\nkind = \"branch_point\"\n"
            "from = \"branch_point1\"\nparameters2 = [\"b\", \"e\"]\n"
            "ranges = [[-1.0, 1.0], [-1.0, 1.0]]\n");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(text(summary("curve"), "message"),
                HasSubstr("branch 1 from branch_point1: the branches that meet there come apart as "
                          "soon as e changes"));
}

TEST_F(Continue, NamesTheStartsThatLieOnABranchItHasAlready) {
    const Outcome outcome =
        run(study_of("bogdanov_takens_normal_form", "diagram") +
            "parameter = \"beta1\"\nrange = [-1.0, 1.0]\n"
            "parameters2 = \"beta2\"\nranges = [-1.0, 1.0]\n"
            "[[step]]\ndo = \"continue\"\nname = \"hopf\"\nkind = \"hopf\"\n"
            "from = [\"bogdanov_takens1\", \"hopf1\"]\nparameters2 = [\"beta1\", \"beta2\"]\n"
            "ranges = [[-1.0, 1.0], [-1.0, 1.0]]\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record found = summary("hopf");
    EXPECT_THAT(text(found, "message"), HasSubstr("hopf1 lies on branch 1 already"));
    ASSERT_EQ(items(found, "branches").size(), 1);
    EXPECT_EQ(text(items(found, "branches")[0], "from"), "bogdanov_takens1");
    EXPECT_NO_FATAL_FAILURE((void)special("hopf", "bogdanov_takens1"));
    ASSERT_EQ(items(found, "skipped").size(), 1);
    EXPECT_EQ(text(items(found, "skipped")[0], "from"), "hopf1");
    EXPECT_EQ(number(items(found, "skipped")[0], "branch"), 1);
}

// Two pitchforks with diffusive coupling 1/2: in phase from beta = 0, opposed from beta = 1 on,
// where x^2 = beta - 1.
TEST_F(Continue, TablesThePatternsOfANetworkAtTheEndsOfABranchToo) {
    folder_.write("weights.csv", "0,1\n1,0\n");
    const std::string in_beta =
        "[[step]]\ndo = \"continue\"\nmanifold = \"full\"\nparameter = \"beta\"\n"
        "range = [-1.0, 3.0]\n";
    const Outcome outcome =
        run("schema = 1\n[model]\nname = \"pitchfork_normal_form\"\n[network]\n"
            "connectome = \"weights.csv\"\ncoupling = { kind = \"diffusive\", strength = 0.5 }\n" +
            in_beta + "from = { x = 0.0 }\n" + in_beta +
            "name = \"opposed\"\nfrom = \"branch_point2\"\nswitch = true\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    std::istringstream rows(table("opposed/patterns.csv"));
    std::vector<double> ends;
    for (std::string row; std::getline(rows, row);)
        if (row.starts_with("end of branch 1,")) ends.push_back(std::stod(row.substr(18)));
    ASSERT_EQ(ends.size(), 2);
    EXPECT_NEAR(ends[0], -ends[1], 1e-12);
    EXPECT_NEAR(std::abs(ends[0]), std::sqrt(2.0), exact);
    EXPECT_TRUE(fs::exists(folder_ / "out/figures/opposed_patterns.gp"));
}

TEST_F(Continue, LooksForTheZerosOfFunctionsOfStatesAndEigenvalues) {
    const Outcome outcome =
        run(wilson_cowan + "functions = { crossing = \"E - 0.2\", slow = { growth = -0.1 } }\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NEAR(number(*special("continue", "crossing1").find("state"), "E"), 0.2, 1e-12);
    EXPECT_THAT(text(summary("continue"), "message"), HasSubstr(", 1 crossing,"));
    const Record slow = special("continue", "slow1");
    EXPECT_NEAR(items(slow, "eigenvalues")[0].as<Record::List>()[0].number(), -0.1, 1e-10);
    EXPECT_THAT(table("continue/branches.csv"), HasSubstr(",crossing,slow,unstable,"));
}

TEST_F(Continue, KeepsTheBranchesItHasWhereAStartLeadsNowhere) {
    const Outcome outcome = run(wilson_cowan + "from = [{ E = 1e200 }, \"rest\"]\n");
    EXPECT_EQ(outcome.code, 1);
    const Record::List branches = items(summary("continue"), "branches");
    ASSERT_EQ(branches.size(), 2);
    EXPECT_EQ(number(branches[0], "points"), 0);
    EXPECT_THAT(text(branches[0], "message"), HasSubstr("no equilibrium near the start"));
    EXPECT_EQ(text(branches[1], "status"), "reached_end");
    EXPECT_EQ(items(branches[1], "special").size(), 3);
}

TEST_F(Continue, KeepsTheBranchUpToWhereTheModelHasNoValue) {
    folder_.write("root.ode", "par a=1\nx'=sqrt(a)-x\ndone\n");
    const Outcome outcome =
        run("schema = 1\n[model]\nfile = \"root.ode\"\n[[step]]\ndo = \"continue\"\n"
            "parameter = \"a\"\nrange = [-1.0, 3.0]\n");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(text(summary("continue"), "status"), "non_finite");
    EXPECT_GT(number(items(summary("continue"), "branches")[0], "points"), 10);
}

TEST_F(Continue, RefusesADirectionWhereTheBranchBegins) {
    const Outcome outcome =
        run(study_of("bogdanov_takens_normal_form", "diagram") +
            "parameter = \"beta1\"\nrange = [-1.0, 1.0]\n"
            "parameters2 = \"beta2\"\nranges = [-1.0, 1.0]\n"
            "[[step]]\ndo = \"continue\"\nname = \"hopf\"\nkind = \"hopf\"\n"
            "from = \"bogdanov_takens1\"\nparameters2 = [\"beta1\", \"beta2\"]\n"
            "ranges = [[-1.0, 1.0], [-1.0, 1.0]]\ndirection = \"increasing\"\n");
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("direction = \"increasing\" cannot be had at "
                                             "\"bogdanov_takens1\""),
                                   HasSubstr("study.toml:")));
}

TEST_F(Continue, CountsOnlyBranchesThatItCouldFollow) {
    EXPECT_EQ(run(wilson_cowan + "from = { E = 1e200 }\n").code, 1);
    EXPECT_THAT(text(summary("continue"), "message"),
                ::testing::StartsWith("0 branches, 0 points"));
}

TEST_F(Continue, PrintsEveryStepOfItsKind) {
    const std::string again =
        "[[step]]\ndo = \"continue\"\nname = \"again\"\nparameter = \"P\"\nrange = [0.0, 2.0]\n";
    const Outcome outcome =
        run_program({"continue", folder_.write("study.toml", wilson_cowan + again), "--out",
                     folder_ / "out", "--json", "--quiet"});
    const Record printed = read_json(folder_.write("out.json", outcome.out));
    for (const char* step : {"continue", "again"}) {
        ASSERT_NE(printed.find(step), nullptr) << step;
        EXPECT_EQ(to_json(*printed.find(step)), to_json(summary(step)));
    }
}

TEST_F(Continue, ChecksTellEveryKeyThatIsLeftOut) {
    const std::string steps = "[[step]]\ndo = \"equilibria\"\n";
    const std::string out =
        run_program({"check", folder_.write("study.toml", wilson_cowan + steps)}).out;
    EXPECT_THAT(out, HasSubstr("step.continue.from = \"rest\"  # default\n"));
    EXPECT_THAT(out, HasSubstr("step.continue.functions = {}  # default\n"));
    EXPECT_THAT(out, HasSubstr("step.continue.plot = [\"E\",\"P\"]  # default\n"));
    EXPECT_THAT(out, HasSubstr("step.continue.stop_after = 2147483647  # default\n"));
    EXPECT_THAT(out, HasSubstr("step.equilibria.box.E = ["));
}

TEST_F(Continue, DoesNotRepeatABranchThatIsComplete) {
    ASSERT_EQ(run(wilson_cowan).code, 0);
    const auto written = fs::last_write_time(folder_ / "out/continue/branches.csv");
    ASSERT_EQ(run(wilson_cowan, {"--resume"}).code, 0);
    EXPECT_EQ(fs::last_write_time(folder_ / "out/continue/branches.csv"), written);
}

TEST_F(Continue, RefusesWhatCannotBeMeantAndSaysInWhichLine) {
    struct Case {
        std::string step, message;
    };
    const std::string in_P = "parameter = \"P\"\n", range = "range = [0.0, 4.0]\n";
    const Case cases[]{
        {"parameter = \"PP\"\n" + range, "did you mean \"P\"?"},
        {in_P + "range = [1.0, 0.0]\n", "must ascend"},
        {in_P + "range = [0.0, 1e6]\n", "must lie in its limits"},
        {in_P + "range = [2.0, 3.0]\n", "starts at P = 1.25, outside its range [2, 3]"},
        {in_P, "found 1 names and 0 ranges"},
        {in_P + range + "manifold = \"full\"\n", "the model is no network"},
        {in_P + range + "kind = \"cycles\"\n", "did you mean \"cycle\"?"},
        {in_P + range + "kind = \"fold\"\n", "is followed in two parameters"},
        {in_P + range + "from = \"hopf1\"\n", "label of an earlier step \"hopf1\""},
        {in_P + range + "from = { X = 1.0 }\n", "unknown state \"X\""},
        {in_P + range + "switch = true\n", "starts at a special point"},
        {in_P + range + "max_step = -1.0\n", "must be positive"},
        {in_P + range + "max_angle = 3.0\n", "max_angle = 3 must be positive and at most 1.4"},
        {in_P + range + "min_step = 0.5\n", "min_step = 0.5 must not exceed initial_step = 0.01"},
        {in_P + range + "[[step]]\ndo = \"continue\"\nfrom = \"nostep.fold1\"\n" + in_P + range,
         "unknown earlier step \"nostep\"; allowed: continue"},
        {in_P + range + "functions = { hopf = \"E\" }\n", "the function name \"hopf\""},
        {in_P + range + "functions = { a = \"X\" }\n", "unknown name \"X\""},
        {in_P + range + "plot = [\"E\", \"x\"]\n", "unknown axis \"x\""},
        {in_P + range +
             "[[step]]\ndo = \"continue\"\nkind = \"hopf\"\nfrom = \"fold1\"\n"
             "parameters2 = [\"P\", \"Q\"]\nranges = [[0.0, 4.0], [-1.0, 1.0]]\n",
         "cannot start at \"fold1\", which is of type fold"}};
    for (const auto& [step, message] : cases) {
        SCOPED_TRACE(step);
        const Outcome outcome = run(study_of("wilson_cowan", "continue") + step, {"--overwrite"});
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(message), HasSubstr("study.toml:")));
    }
}

}  // namespace
}  // namespace cortifold
