// Complete diagrams through the command line.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;

std::vector<std::string> kinds_of(const Record& summary) {
    std::vector<std::string> kinds;
    for (const Record& branch : items(summary, "branches")) kinds.push_back(text(branch, "kind"));
    return kinds;
}

TEST(Diagram, OfWilsonAndCowanIsOneBranchOneFoldCurveAndOneHopfCurve) {
    const Record found = summary_of("diagram", study_of("wilson_cowan", "diagram") +
                                                   "parameter = \"P\"\nrange = [0.0, 4.0]\n"
                                                   "parameters2 = \"Q\"\nranges = [-5.0, 5.0]\n"
                                                   "cycles = false\n");
    EXPECT_EQ(text(found, "status"), "converged") << text(found, "message");
    EXPECT_THAT(kinds_of(found), ::testing::ElementsAre("equilibrium", "fold", "hopf"));
    std::vector<std::string> links;
    for (const Record& link : items(found, "graph"))
        links.push_back(text(link, "label") + " " + to_json(*link.find("from"), -1) + " " +
                        to_json(*link.find("to"), -1));
    for (const char* link : {"fold1 1\n 2\n", "fold2 1\n 2\n", "hopf1 1\n 3\n"})
        EXPECT_NE(std::ranges::find(links, link), links.end()) << link;
}

// The second and the third Hopf point are the ends of one family.
TEST(Diagram, FollowsEachFamilyOfCyclesOnce) {
    const Record found = summary_of("diagram", study_of("jansen_rit", "diagram") +
                                                   "parameter = \"p\"\nrange = [-100.0, 400.0]\n"
                                                   "cycle = { max_period = 1.0 }\n");
    EXPECT_THAT(kinds_of(found), ::testing::ElementsAre("equilibrium", "cycle", "cycle"));
    std::string links;
    for (const Record& link : items(found, "graph"))
        links += text(link, "label") + " to " + to_json(*link.find("to"), -1);
    EXPECT_EQ(links, "hopf1 to 2\nhopf2 to 3\nhopf3 to 3\n");
    const Record end = items(items(found, "branches")[2], "special").back();
    EXPECT_EQ(text(end, "label"), "hopf3");  // the label that it has among the equilibria
}

TEST(Diagram, CountsAPointOnTwoBranchesOnce) {
    const Record found = summary_of("diagram", study_of("bogdanov_takens_normal_form", "diagram") +
                                                   "parameter = \"beta1\"\nrange = [-1.0, 1.0]\n"
                                                   "parameters2 = \"beta2\"\nranges = [-1.0, 1.0]\n"
                                                   "cycles = false\n");
    EXPECT_THAT(text(found, "message"),
                ::testing::EndsWith("points: 1 hopf, 1 fold, 1 bogdanov_takens"));
}

// At beta2 = 1 there is a fold alone; the Hopf curve beta1 = 0 > beta2 and the homoclinic one start
// on the fold curve.
TEST(Diagram, NamesTheBogdanovTakensPointWhereCurvesStart) {
    const Record found = summary_of(
        "diagram",
        study_of("bogdanov_takens_normal_form", "diagram") +
            "parameter = \"beta1\"\nrange = [-1.0, 1.0]\n"
            "parameters = { beta2 = 1.0 }\nparameters2 = \"beta2\"\nranges = [-2.0, 2.0]\n");
    EXPECT_THAT(kinds_of(found),
                ::testing::ElementsAre("equilibrium", "fold", "homoclinic", "hopf"));
    for (const std::size_t curve : {2U, 3U}) {
        const Record::List ends = items(items(found, "branches")[curve], "special");
        ASSERT_EQ(ends.size(), 1U);
        EXPECT_EQ(text(ends[0], "label"), "bogdanov_takens1");
    }
}

TEST(Diagram, FindsTheSymmetricAndTheSideBranchOfAPitchfork) {
    const Record found = summary_of("diagram", study_of("pitchfork_normal_form", "diagram") +
                                                   "parameter = \"beta\"\nrange = [-1.0, 1.0]\n");
    ASSERT_EQ(items(found, "branches").size(), 2);
    for (const Record& branch : items(found, "branches")) {
        ASSERT_EQ(items(branch, "special").size(), 1);
        const Record point = items(branch, "special")[0];
        EXPECT_EQ(text(point, "label"), "branch_point1");  // one point, whoever passes it
        EXPECT_NEAR(number(*point.find("parameters"), "beta"), 0.0, 1e-12);
    }
}

const char* const of_equations =
    "schema = 1\n[model]\nfile = \"model.ode\"\n[[step]]\ndo = \"diagram\"\n";

TEST(Diagram, LeavesOutACurveOfBranchPointsThatTheSecondParameterUnfolds) {
    const Record found =
        summary_of("diagram",
                   std::string(of_equations) +
                       "parameter = \"b\"\nrange = [-1.0, 1.0]\nparameters2 = \"e\"\n"
                       "ranges = [-1.0, 1.0]\nbox = { x = [-3.0, 3.0] }\n",
                   "par b=0.5, e=0\nx'=b*x-x^3+e\ndone\n");
    EXPECT_EQ(text(found, "status"), "converged");
    EXPECT_THAT(kinds_of(found), ::testing::ElementsAre("equilibrium", "equilibrium"));
    EXPECT_THAT(text(found, "message"),
                HasSubstr("from branch_point1 no curve was followed: the branches that meet there "
                          "come apart as soon as e changes"));
}

TEST(Diagram, SaysThatAQuantityIsConserved) {
    const Record found = summary_of(
        "diagram",
        std::string(of_equations) +
            "parameter = \"b\"\nrange = [1.5, 3.0]\n"
            "box = { s = [0.0, 1.0], i = [0.0, 1.0], r = [0.0, 1.0] }\n",
        "par b=2\ninit s=0.9, i=0.1, r=0\ns'=-b*s*i+0.5*r\ni'=b*s*i-i\nr'=i-0.5*r\ndone\n");
    EXPECT_EQ(text(found, "status"), "singular_jacobian");
    EXPECT_THAT(text(found, "message"), HasSubstr("a quantity is conserved: s + i + r"));
}

TEST(Diagram, SaysWhereItSearchedForEquilibria) {
    const Record found = summary_of(
        "diagram",
        study_of("pitchfork_normal_form", "diagram") +
            "parameter = \"beta\"\nrange = [-1.0, 1.0]\nslices = 3\nbox = { x = [-2.0, 2.0] }\n");
    const Record search = *found.find("search");
    EXPECT_EQ(to_json(*search.find("box"), -1), "{\"x\":[-2.0,2.0]}\n");
    const Record::List slices = items(search, "slices");
    ASSERT_EQ(slices.size(), 3);
    EXPECT_EQ(number(slices[0], "beta"), -1.0);
    EXPECT_EQ(number(slices[0], "equilibria"), 1);  // x = 0
    EXPECT_EQ(number(slices[2], "beta"), 1.0);
    EXPECT_EQ(number(slices[2], "equilibria"), 3);  // and +- sqrt(beta)
    for (const Record& slice : slices) EXPECT_GE(number(slice, "solves"), 64);
}

TEST(Diagram, RefusesWhatItWouldNotHeed) {
    const Folder folder;
    for (const char* key : {"direction = \"increasing\"", "from = \"rest\"", "switch = true",
                            "box = { X = [0.0, 1.0] }", "box = { E = [1.0, 0.0] }"}) {
        SCOPED_TRACE(key);
        const std::string study = study_of("wilson_cowan", "diagram") +
                                  "parameter = \"P\"\nrange = [0.0, 4.0]\n" + std::string(key) +
                                  "\n";
        const Outcome outcome = run_program({"check", folder.write("study.toml", study)});
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, HasSubstr("study.toml:8"));
    }
}

TEST(Diagram, NeedsABoxWhereTheModelSetsNoLimits) {
    const Folder folder;
    folder.write("free.ode", "par a=1\nx'=a-x\ndone\n");
    const std::string study =
        "schema = 1\n[model]\nfile = \"free.ode\"\n[[step]]\ndo = \"diagram\"\n"
        "parameter = \"a\"\nrange = [0.0, 2.0]\n";
    const Outcome without = run_program(
        {"diagram", folder.write("study.toml", study), "--out", folder / "out", "--quiet"});
    EXPECT_EQ(without.code, 3);
    EXPECT_THAT(without.err, HasSubstr("give box = { x = [low, high]"));
    const Outcome with =
        run_program({"diagram", folder.write("study.toml", study + "box = { x = [-5.0, 5.0] }\n"),
                     "--out", folder / "out", "--quiet"});
    EXPECT_EQ(with.code, 0) << with.err;
}

}  // namespace
}  // namespace cortifold
