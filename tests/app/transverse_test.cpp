// Transverse instabilities from the command line.
#include "app/program.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;

constexpr double gain_x = 0.2, gain_y = 0.6, rounding = 1e-9;

/// The Brusselator with diffusion on a ring of six, whose coupling eigenvalues are 0, -1 (twice),
/// -3 (twice) and -4.
std::string ring(const Folder& folder, const std::string& steps) {
    folder.write("ring.csv",
                 "0,1,0,0,0,1\n1,0,1,0,0,0\n0,1,0,1,0,0\n0,0,1,0,1,0\n0,0,0,1,0,1\n1,0,0,0,1,0\n");
    folder.write("model.ode",
                 "par A=0.5, B=1, u=0, w=0\ninit X=0.5, Y=2\n"
                 "X' = A - (B + 1)*X + X^2*Y + u\nY' = B*X - X^2*Y + w\ndone\n");
    return folder.write(
        "study.toml",
        "schema = 1\n[model]\nfile = \"model.ode\"\n"
        "parameters = { \"coupling.gain.X.u\" = 0.2, \"coupling.gain.Y.w\" = 0.6 }\n"
        "[network]\nconnectome = \"ring.csv\"\nsend = [\"X\", \"Y\"]\n"
        "receive = [\"u\", \"w\"]\n"
        "coupling = { kind = \"diffusive\", strength = 1.0 }\n" +
            steps);
}

/// Where the first mode begins to grow: the least B of a Turing or an oscillatory instability.
double first(double A) {
    double least = 1e9;
    for (const double k : {1.0, 3.0, 4.0})
        least = std::min({least, (1.0 + k * gain_x) * (A * A + k * gain_y) / (k * gain_y),
                          1.0 + A * A + k * (gain_x + gain_y)});
    return least;
}

Outcome run(const std::string& study, const Folder& folder) {
    return run_program({"run", study, "--out", folder / "out", "--overwrite", "--quiet"});
}

const std::string line =
    "[[step]]\nname = \"line\"\ndo = \"continue\"\nkind = \"transverse\"\n"
    "parameter = \"B\"\nrange = [0.5, 6.0]\n";
const std::string curve =
    "[[step]]\nname = \"curve\"\ndo = \"continue\"\nkind = \"transverse\"\n"
    "parameters2 = [\"B\", \"A\"]\nranges = [[0.5, 6.0], [0.2, 2.0]]\n";

TEST(Transverse, InOneParameterIsALabelledPointOfTheBranch) {
    const Folder folder;
    const Outcome outcome = run(ring(folder, line), folder);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = read_json(folder / "out/line/summary.json");
    const Record branch = items(summary, "branches").at(0);
    EXPECT_EQ(text(branch, "kind"), "equilibrium");
    const Record::List special = items(branch, "special");
    const auto point = std::ranges::find_if(
        special, [](const Record& one) { return text(one, "label") == "transverse1"; });
    ASSERT_NE(point, special.end());
    EXPECT_NEAR(number(*point->find("parameters"), "B"), first(0.5), rounding);
    EXPECT_EQ(text(*point, "type"), "transverse");
    EXPECT_EQ(text(*point, "scenario"), "stationary");
    EXPECT_EQ(number(*point->find("normal_form"), "mode"), 2.0);
    EXPECT_NEAR(number(*point->find("normal_form"), "lambda"), -1.0, rounding);
}

TEST(Transverse, OfTheFirstModeInTwoParametersIsTheEnvelopeFromARangeOrALabel) {
    const Folder folder;
    const Outcome outcome =
        run(ring(folder, line + curve + curve + "from = \"transverse1\"\n"), folder);
    EXPECT_NE(outcome.code, 0);  // two steps of one name
    const std::string again = std::string(curve).replace(curve.find("curve"), 5, "again");
    const Outcome both =
        run(ring(folder, line + curve + again + "from = \"transverse1\"\n"), folder);
    ASSERT_EQ(both.code, 0) << both.err;
    for (const std::string name : {"curve", "again"}) {
        const Record summary = read_json(folder / ("out/" + name + "/summary.json"));
        const Record::List branches = items(summary, "branches");
        ASSERT_GE(branches.size(), 2U);
        for (const Record& branch : branches) {
            EXPECT_EQ(text(branch, "kind"), "transverse");
            EXPECT_GE(number(branch, "mode"), 2.0);
            EXPECT_NE(branch.find("transition"), nullptr);
            EXPECT_NE(branch.find("pattern")->find("X"), nullptr);
            for (const Record& point : items(branch, "special"))
                EXPECT_NEAR(number(*point.find("parameters"), "B"),
                            first(number(*point.find("parameters"), "A")), rounding);
        }
        EXPECT_TRUE(std::filesystem::exists(folder / ("out/" + name + "/patterns.csv")));
    }
}

TEST(Transverse, OfALambdaNeedsNoConnectome) {
    const Folder folder;
    const std::string study = folder.write(
        "study.toml",
        "schema = 1\n[model]\nname = \"wilson_cowan\"\nparameters = { P = 1.25 }\n[network]\n"
        "coupling = { kind = \"diffusive\", strength = 0.5 }\n[[step]]\nname = \"line\"\n"
        "do = \"continue\"\nkind = \"transverse\"\nlambda = [-0.2, 0.1]\nparameter = \"P\"\n"
        "range = [0.0, 4.0]\n");
    const Outcome outcome = run(study, folder);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST(Transverse, RefusesWhatCannotBeMeant) {
    const Folder folder;
    const auto refused = [&](const std::string& steps) {
        const Outcome outcome = run(ring(folder, steps), folder);
        EXPECT_EQ(outcome.code, 3) << steps;
        return outcome.err;
    };
    EXPECT_THAT(refused(line + "mode = 1\n"), HasSubstr("mode 1 is the uniform one"));
    EXPECT_THAT(refused(line + "mode = 7\n"), HasSubstr("from 2 to the number of regions"));
    EXPECT_THAT(refused(line + "mode = \"last\"\n"), HasSubstr("mode must be \"first\""));
    EXPECT_THAT(refused(line + "mode = 2\nlambda = -1.0\n"), HasSubstr("exclude each other"));
    EXPECT_THAT(refused(line + "lambda = \"x\"\n"), HasSubstr("lambda"));
    EXPECT_THAT(refused(line + "of = \"torus\"\n"), HasSubstr("of"));
    EXPECT_THAT(refused(line + "manifold = \"full\"\n"), HasSubstr("homogeneous manifold"));
    EXPECT_THAT(refused(line + "of = \"cycle\"\ncycle = { method = \"shooting\" }\n"),
                HasSubstr("collocation"));
    const std::string study = ring(folder, line);
    folder.write("ring.csv", "0\n");
    const Outcome alone = run(study, folder);
    EXPECT_EQ(alone.code, 3);
    EXPECT_THAT(alone.err, HasSubstr("transverse modes need a connectome of two regions or more"));
}

}  // namespace
}  // namespace cortifold
