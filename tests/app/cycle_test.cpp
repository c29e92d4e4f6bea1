// Branches of cycles through the command line: every way to start one, tables, restarts.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr double digits = 1e-7;  // relative: of periods
/// Of the Brusselator at B = 3, by shooting.
constexpr double period_at_3 = 7.156919923045257;

const std::string in_B = "parameter = \"B\"\nrange = [1.5, 3.0]\n";
const std::string equilibria =
    study_of("brusselator", "continue") + "parameters = { B = 1.5 }\n" + in_B;
const std::string at_3 = "functions = { three = \"B - 3\" }\n";

std::string cycles_from(const std::string& from, const std::string& name = "cycles") {
    return "[[step]]\ndo = \"continue\"\nname = \"" + name +
           "\"\nkind = \"cycle\"\nfrom = " + from + "\n" + in_B;
}

class Cycles : public testing::Test {
protected:
    Outcome run(const std::string& study) const {
        return run_program({"run", folder_.write("study.toml", study), "--out", folder_ / "out",
                            "--quiet", "--overwrite"});
    }
    [[nodiscard]] Record branch(const std::string& step) const {
        return items(read_json(folder_ / ("out/" + step + "/summary.json")), "branches")[0];
    }
    [[nodiscard]] std::string table(const std::string& name) const {
        return read_file(folder_ / ("out/" + name));
    }
    /// The last number in a column of data.h5.
    [[nodiscard]] double last(const std::string& step, std::string_view column) const {
        const NumericTable points = read_hdf5(folder_ / ("out/" + step + "/data.h5"), "branch1");
        for (std::size_t k = 0; k < points.columns.size(); ++k)
            if (points.columns[k].name == column)
                return points.values(points.values.rows() - 1, static_cast<Eigen::Index>(k));
        ADD_FAILURE() << "no column " << column;
        return 0.0;
    }

    Folder folder_;
};

TEST_F(Cycles, StartAtAHopfPointAndReachTheEndOfTheRange) {
    const Outcome outcome = run(equilibria + cycles_from("\"hopf1\""));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(text(branch("cycles"), "status"), "reached_end");
    EXPECT_EQ(last("cycles", "B"), 3.0);
    EXPECT_NEAR(last("cycles", "period"), period_at_3, digits * period_at_3);
    EXPECT_LT(number(branch("cycles"), "exponent_error"), 1e-6);
}

TEST_F(Cycles, TableTheRangeOfEachStateAndTheLeadingExponents) {
    ASSERT_EQ(run(equilibria + cycles_from("\"hopf1\"")).code, 0);
    EXPECT_THAT(table("cycles/branches.csv"),
                StartsWith("branch,kind,point,label,B [1],period [1],minimum x [1],maximum x "
                           "[1],minimum y [1],maximum y [1],unstable,exponent1_re [1],exponent1_im "
                           "[1],exponent2_re [1],exponent2_im [1],exponent_error [1],residual,"
                           "arclength\n1,cycle,1,,"));
    EXPECT_THAT(table("cycles/orbits.csv"), StartsWith("branch,point,label,t [1],x [1],y [1]\n"));
}

TEST_F(Cycles, GoOnFromALabelWhateverTheDegreeOfTheirPolynomials) {
    for (const std::string degree : {"4", "5"}) {
        SCOPED_TRACE(degree);
        const Outcome outcome =
            run(equilibria + cycles_from("\"hopf1\"", "first") +
                "functions = { half = \"B - 2.5\" }\n" + cycles_from("\"half1\"", "again") +
                "direction = \"increasing\"\ncycle = { degree = " + degree + " }\n");
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_NEAR(last("again", "period"), period_at_3, digits * period_at_3);
    }
}

TEST_F(Cycles, StartFromASimulation) {
    for (const std::string from : {"\"cycle\"", "{ x = 0.5, y = 3.0 }"}) {
        SCOPED_TRACE(from);
        const Outcome outcome =
            run("schema = 1\n[model]\nname = \"brusselator\"\n" + cycles_from(from) +
                "parameters = { B = 2.8 }\ndirection = \"increasing\"\n");
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_NEAR(last("cycles", "period"), period_at_3, digits * period_at_3);
    }
}

// The mesh that the start is given changes when it is first corrected.
TEST_F(Cycles, StartFromASimulationOfSpikes) {
    const Outcome outcome =
        run("schema = 1\n[model]\nname = \"hodgkin_huxley\"\n[[step]]\ndo = \"continue\"\n"
            "name = \"cycles\"\nkind = \"cycle\"\nparameters = { I = 10.0 }\nparameter = \"I\"\n"
            "range = [7.0, 10.0]\ndirection = \"decreasing\"\nmax_points = 2\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NEAR(last("cycles", "period"), 14.638324788661901, 14.6 * digits);
}

TEST_F(Cycles, StartFromAFileWithAnOrbit) {
    ASSERT_EQ(run(equilibria + cycles_from("\"hopf1\"")).code, 0);
    std::istringstream orbits(table("cycles/orbits.csv"));
    std::string line, last_point, orbit;
    for (std::getline(orbits, line); std::getline(orbits, line);) {  // branch, point, label, ...
        const std::string point = line.substr(0, line.find(",,"));
        if (point != last_point) orbit.clear();
        last_point = point;
        orbit += line.substr(line.find(",,") + 2) + "\n";
    }
    folder_.write("orbit.csv", "t, x [1], y [1]\n" + orbit);
    const Outcome outcome =
        run("schema = 1\n[model]\nname = \"brusselator\"\n" +
            cycles_from("{ file = \"orbit.csv\" }") + "parameters = { B = 3.0 }\n" + at_3);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NEAR(last("cycles", "period"), period_at_3, digits * period_at_3);
}

TEST_F(Cycles, SwitchToTheDoubledCycleAtAPeriodDoubling) {
    const auto in_mu = [](const std::string& name) {
        return "[[step]]\ndo = \"continue\"\nname = \"" + name +
               "\"\nparameter = \"mu\"\nrange = [0.15, 0.2]\n";
    };
    const Outcome outcome =
        run("schema = 1\n[model]\nname = \"autocatalator\"\n" + in_mu("rest") +
            "parameters = { mu = 0.18 }\n" + in_mu("cycles") +
            "kind = \"cycle\"\nfrom = \"hopf1\"\nstop_after = 1\n" + in_mu("doubled") +
            "kind = \"cycle\"\nfrom = \"period_doubling1\"\nswitch = true\nmax_points = 2\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record simple = items(branch("cycles"), "special")[0];
    EXPECT_NEAR(number(*simple.find("parameters"), "mu"), 0.15645314513, 1e-9);
    const double period = read_hdf5(folder_ / "out/doubled/data.h5", "branch1").values(0, 1);
    EXPECT_NEAR(period, 2.0 * number(simple, "period"), 0.02 * number(simple, "period"));
}

TEST_F(Cycles, AreReportedWithTheirStabilityTheirFrequenciesAndTheirEnd) {
    // r^2 = a: period 2 pi, multiplier exp(-4 pi a)
    const std::string in_a = "parameter = \"a\"\nrange = [-1.0, 1.0]\n";
    ASSERT_EQ(run(study_of("stuart_landau", "continue") + "parameters = { a = -0.5 }\n" + in_a +
                  "[[step]]\nname = \"cycles\"\ndo = \"continue\"\nkind = \"cycle\"\n"
                  "from = \"hopf1\"\n" +
                  in_a)
                  .code,
              0);
    const std::string report = table("report.html");
    EXPECT_THAT(report, HasSubstr("&lt; a &lt; 1 at 0.1592 (branch 1)."));
    EXPECT_THAT(report, HasSubstr("The branch of cycles in a has no bifurcation."));
    EXPECT_THAT(report, HasSubstr("Largest error of the two leading Floquet exponents"));
    for (const char* figure : {"branches", "periods", "orbits", "multipliers"})
        EXPECT_THAT(table("figures/cycles_" + std::string(figure) + ".gp"), HasSubstr("plot "));
}

TEST_F(Cycles, SayThatASimulationComesToRest) {
    const Outcome outcome = run("schema = 1\n[model]\nname = \"brusselator\"\n" +
                                cycles_from("\"cycle\"") + "parameters = { B = 1.6 }\n");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(text(branch("cycles"), "message"), HasSubstr("comes to rest at an equilibrium"));
}

TEST_F(Cycles, RefuseWhatIsNoStartAndSayInWhichLine) {
    struct Case {
        std::string more, expected;
    };
    const std::string no_model = "schema = 1\n[model]\nname = \"brusselator\"\n";
    folder_.write("short.csv", "t,x\n0,1\n");
    folder_.write("words.csv", "t,x,y\n0,1,2\n1,a,3\n");
    const Case cases[]{
        {no_model + cycles_from("\"rest\""), "from = \"rest\" is an equilibrium"},
        {no_model + cycles_from("\"cycle\"") + "cycle = { degree = 9 }\n", "study.toml:11"},
        {no_model + cycles_from("\"cycle\"") + "cycle = { method = \"magic\" }\n",
         "allowed: collocation"},
        {no_model + cycles_from("\"cycle\"") + "cycle = { max_intervals = 10 }\n",
         "must be at least min_intervals = 20"},
        {no_model + cycles_from("\"cycle\"") + "cycle = { Degree = 3 }\n",
         "did you mean \"degree\"?"},
        {no_model + cycles_from("{ file = \"short.csv\" }"), "short.csv:1"},
        {no_model + cycles_from("{ file = \"words.csv\" }"), "words.csv:3"},
        {no_model + cycles_from("{ file = \"none.csv\" }"), "none.csv"},
        {no_model + cycles_from("\"cycle\"") + "parameters = { B = 3.5 }\n", "outside its range"},
        {equilibria + cycles_from("\"hopf1\"") + "switch = true\n",
         "switch = true needs a period doubling or a branch point of cycles, and \"hopf1\" is of "
         "type hopf"},
        {equilibria + "functions = { there = \"B - 2.5\" }\n" + cycles_from("\"there1\""),
         "kind = \"cycle\" starts at a Hopf point or at a cycle, and \"there1\" is of type user"},
        {equilibria + "[[step]]\ndo = \"continue\"\nkind = \"torus\"\nfrom = \"hopf1\"\n"
                      "parameters2 = [\"B\", \"A\"]\nranges = [[1.5, 3.0], [0.5, 2.0]]\n",
         "kind = \"torus\" starts at a point of that type, and \"hopf1\" is of type hopf"}};
    for (const Case& one : cases) {
        SCOPED_TRACE(one.more);
        const Outcome outcome = run(one.more);
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, HasSubstr(one.expected));
    }
}

}  // namespace
}  // namespace cortifold
