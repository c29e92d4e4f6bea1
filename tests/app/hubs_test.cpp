// The step hubs from the command line.
#include "app/program.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Fold normal forms at their unstable equilibrium on a star of five, whose Laplacian has 0, 1
/// three times and 5: strength 1 synchronizes where the node grows by less than 1.
class Hubs : public testing::Test {
protected:
    Hubs() {
        folder.write("star/weights.csv", "0,1,1,1,1\n1,0,0,0,0\n1,0,0,0,0\n1,0,0,0,0\n1,0,0,0,0\n");
        folder.write("star/centres.csv",
                     "label,x,y,z\nhub,0,0,10\nA,-30,20,0\nB,-30,-20,0\nC,30,20,0\nD,30,-20,0\n");
        folder.write("star/hemispheres.csv",
                     "label,hemisphere\nhub,left\nA,left\nB,left\nC,right\nD,right\n");
    }
    [[nodiscard]] std::string study(const std::string& step,
                                    const std::string& kind = "diffusive") const {
        return folder.write("study.toml",
                            "schema = 1\n[model]\nname = \"fold_normal_form\"\n[network]\n"
                            "connectome = \"star\"\ncoupling = { kind = \"" +
                                kind +
                                "\", strength = 1.0 }\n[[step]]\ndo = \"equilibria\"\n"
                                "[[step]]\ndo = \"hubs\"\n" +
                                step);
    }
    [[nodiscard]] Outcome run(const std::string& path) const {
        return run_program({"run", path, "--out", folder / "out", "--overwrite", "--quiet"});
    }
    [[nodiscard]] Record summary() const { return read_json(folder / "out/hubs/summary.json"); }
    Folder folder;
};

TEST_F(Hubs, AreTheCentreOfAStarInTablesSummaryAndReport) {
    const Outcome outcome = run(study("at = \"eq2\"\n"));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record found = summary();
    EXPECT_EQ(text(found, "after_removal"), "others_stay");
    const Record::List regions = items(found, "regions"), links = items(found, "connections");
    ASSERT_EQ(regions.size(), 5U);
    ASSERT_EQ(links.size(), 8U);
    EXPECT_EQ(text(regions[0], "label"), "hub");
    // lambda of the leading modes goes from -1 to 0, and all that is left grows as the node does
    EXPECT_NEAR(number(regions[0], "exact"), 1.0, 1e-12);
    EXPECT_EQ(number(regions[0], "unstable_modes"), 3.0);
    double shared = 0.0;
    for (const Record& region : regions) shared += number(region, "participation");
    EXPECT_NEAR(shared, 1.0, 1e-12);
    const std::string table = read_file(folder / "out/hubs/regions.csv");
    EXPECT_THAT(table, HasSubstr("region,label,participation,leading_participation,first_order [1]"
                                 ",exact [1],unstable_modes\n0,hub,"));
    EXPECT_EQ(std::ranges::count(read_file(folder / "out/hubs/connections.csv"), '\n'), 9);
    const std::string html = read_file(folder / "out/report.html");
    EXPECT_THAT(html, AllOf(HasSubstr("depends most on hub"), HasSubstr("Without the connection")));
    for (const char* figure : {"hubs_regions.gp", "hubs_order.gp"})
        EXPECT_TRUE(std::filesystem::exists(folder / ("out/figures/" + std::string(figure))));
}

TEST_F(Hubs, RemoveExactlyAsManyAsAskedFor) {
    ASSERT_EQ(run(study("at = \"eq2\"\nexact_regions = 1\nexact_connections = 2\n")).code, 0);
    EXPECT_EQ(items(summary(), "regions").size(), 1U);
    EXPECT_EQ(items(summary(), "connections").size(), 2U);
    const std::string table = read_file(folder / "out/hubs/regions.csv");
    EXPECT_EQ(std::ranges::count(table, '\n'), 6);
    EXPECT_THAT(table, Not(HasSubstr("nan")));
}

TEST_F(Hubs, LeaveOutTheOnlyInputOfARegion) {
    const Outcome outcome = run(study("at = \"eq2\"\n", "diffusive\", normalize = \"rows"));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record found = summary();
    EXPECT_EQ(text(found, "after_removal"), "rows_keep_sums");
    EXPECT_THAT(text(found, "note"), HasSubstr("1 region cannot be removed"));
    EXPECT_EQ(items(found, "regions").size(), 4U);
    EXPECT_EQ(items(found, "connections").size(), 4U) << "onto the centre, from a leaf each";
}

TEST_F(Hubs, RefuseKeysThatCannotBeMet) {
    struct Case {
        std::string step, message;
    };
    const Case cases[]{{"exact_regions = 6\n", "exact_regions = 6 must be in [0, 5]"},
                       {"exact_connections = 9\n", "exact_connections = 9 must be in [0, 8]"},
                       {"regions = 3\n", "exact_regions"}};
    for (const auto& [step, message] : cases) {
        const Outcome outcome = run(study(step));
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(message), HasSubstr("study.toml:")));
    }
    const Outcome unequal = run(study("", "additive"));
    EXPECT_EQ(unequal.code, 3);
    EXPECT_THAT(unequal.err, HasSubstr("row sums"));
    const Outcome alone = run(folder.write(
        "alone.toml",
        "schema = 1\n[model]\nname = \"ng_ping\"\n[network]\ncoupling = { strength = 5.0 }\n"
        "[[step]]\ndo = \"hubs\"\n"));
    EXPECT_EQ(alone.code, 3);
    EXPECT_THAT(alone.err, HasSubstr("needs network.connectome"));
}

}  // namespace
}  // namespace cortifold
