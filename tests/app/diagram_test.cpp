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
    const Record found = summary_of(
        "diagram",
        "schema = 1\n[model]\nname = \"wilson_cowan\"\n[[step]]\ndo = \"diagram\"\n"
        "parameter = \"P\"\nrange = [0.0, 4.0]\nparameters2 = \"Q\"\nranges = [-5.0, 5.0]\n");
    EXPECT_EQ(text(found, "status"), "converged") << text(found, "message");
    EXPECT_THAT(kinds_of(found), ::testing::ElementsAre("equilibrium", "fold", "hopf"));
    std::vector<std::string> links;
    for (const Record& link : items(found, "graph"))
        links.push_back(text(link, "label") + " " + to_json(*link.find("from"), -1) + " " +
                        to_json(*link.find("to"), -1));
    for (const char* link : {"fold1 1\n 2\n", "fold2 1\n 2\n", "hopf1 1\n 3\n"})
        EXPECT_NE(std::ranges::find(links, link), links.end()) << link;
}

TEST(Diagram, FindsTheSymmetricAndTheSideBranchOfAPitchfork) {
    const Record found =
        summary_of("diagram",
                   "schema = 1\n[model]\nname = \"pitchfork_normal_form\"\n[[step]]\n"
                   "do = \"diagram\"\nparameter = \"beta\"\nrange = [-1.0, 1.0]\n");
    ASSERT_EQ(items(found, "branches").size(), 2);
    for (const Record& branch : items(found, "branches")) {
        ASSERT_EQ(items(branch, "special").size(), 1);
        const Record point = items(branch, "special")[0];
        EXPECT_EQ(text(point, "label"), "branch_point1");  // one point, whoever passes it
        EXPECT_NEAR(number(*point.find("parameters"), "beta"), 0.0, 1e-12);
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
