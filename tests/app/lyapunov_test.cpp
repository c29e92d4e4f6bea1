// Lyapunov exponents through the command line.
#include "app/program.hpp"
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

constexpr const char* lorenz_ode = R"(
par sigma=10, rho=28, beta=2.6666666666666667
init x=1, y=2, z=20
x' = sigma*(y - x)
y' = x*(rho - z) - y
z' = x*y - beta*z
done
)";
constexpr const char* of_file = "schema = 1\n[model]\nfile = \"model.ode\"\n";
const std::string of_network =
    "schema = 1\n[model]\nname = \"ng_ping\"\nparameters = { I_ext_E = 13.0 }\n[network]\n"
    "connectome = \"weights.csv\"\ncoupling = { normalize = \"rows\", strength = 5 }\n";
constexpr const char* weights = "0,1,2,1\n1,0,1,3\n3,1,0,1\n1,2,1,0\n";

std::string step(const std::string& keys) {
    return "[[step]]\ndo = \"lyapunov\"\n" + keys;
}

class LyapunovStep : public testing::Test {
protected:
    LyapunovStep() {
        folder.write("model.ode", lorenz_ode);
        folder.write("weights.csv", weights);
    }
    [[nodiscard]] Outcome run(const std::string& study, const std::string& action = "lyapunov",
                              const std::string& threads = "1") const {
        return run_program({action, folder.write("study.toml", study), "--out", folder / "out",
                            "--quiet", "--overwrite", "--threads", threads});
    }
    [[nodiscard]] Record summary() const { return read_json(folder / "out/lyapunov/summary.json"); }
    [[nodiscard]] std::string text_of(const std::string& file) const {
        return read_file(folder / ("out/lyapunov/" + file));
    }
    Folder folder;
};

TEST_F(LyapunovStep, OfAModelFileFindsItsChaos) {
    ASSERT_EQ(run(of_file + step("duration = 300\nstep = 0.01\n")).code, 0);
    const Record found = summary();
    EXPECT_EQ(text(found, "status"), "reached_end");
    EXPECT_EQ(text(found, "attractor"), "chaos");
    EXPECT_THAT(text(found, "evidence"), HasSubstr("1 exponent is positive"));
    const Record::List exponents = items(found, "exponents");
    ASSERT_EQ(exponents.size(), 3);
    EXPECT_NEAR(exponents[0].number(), 0.9056,
                3.0 * items(found, "standard_errors")[0].number() + number(found, "resolution"));
    EXPECT_NEAR(number(found, "kaplan_yorke_dimension"), 2.062, 0.004);
    EXPECT_NEAR(number(found, "divergence"), -41.0 / 3.0, 1e-9);
    EXPECT_NEAR(number(found, "duration"), 300.0, 1e-6);
    EXPECT_GT(number(found, "steps"), 30000);
    EXPECT_GT(number(found, "orthogonalizations"), 500);
    EXPECT_THAT(text_of("exponents.csv"),
                HasSubstr("index,exponent [1],standard_error [1],first_half [1],second_half [1]"));
    const std::string convergence = text_of("convergence.csv");
    EXPECT_THAT(convergence, HasSubstr("duration [1],exponent1 [1],exponent2 [1],exponent3 [1]"));
    const auto rows = std::ranges::count(convergence, '\n') - 1;
    EXPECT_GE(rows, 128);
    EXPECT_LE(rows, 512);
}

TEST_F(LyapunovStep, OfANetworkSaysWhetherItEndsSynchronous) {
    const std::string keys = "duration = 400\ncount = 4\n";
    const std::string apart =
        "parameters = { eps = 0.0 }\ninitial = { v_e = { uniform = [-3.0, 1.0] } }\n";
    ASSERT_EQ(run(of_network + step(keys + apart)).code, 0);
    EXPECT_EQ(items(summary(), "exponents").size(), 4);
    EXPECT_EQ(number(summary(), "dimension"), 24);
    EXPECT_FALSE(summary().find("synchronous")->as<bool>());
    ASSERT_EQ(run(of_network + step(keys)).code, 0);
    EXPECT_TRUE(summary().find("synchronous")->as<bool>());
}

TEST_F(LyapunovStep, OfANodeOnItsCycleFindsACycle) {
    ASSERT_EQ(run(of_network + step("manifold = \"homogeneous\"\nduration = 2000\n")).code, 0);
    EXPECT_EQ(summary().find("synchronous"), nullptr);
    EXPECT_EQ(text(summary(), "attractor"), "cycle") << text(summary(), "evidence");
    EXPECT_EQ(number(summary(), "kaplan_yorke_dimension"), 1.0);
}

TEST_F(LyapunovStep, IsTheSameToTheByteForAnyNumberOfThreads) {
    const std::string study =
        of_network +
        step("duration = 100\ncount = 20\ninitial = { v_e = { normal = [-1, 0.2] } }\n");
    ASSERT_EQ(run(study).code, 0);
    const std::string one = text_of("summary.json"), table = text_of("convergence.csv");
    ASSERT_EQ(run(study, "lyapunov", "2").code, 0);
    EXPECT_EQ(text_of("summary.json"), one);
    EXPECT_EQ(text_of("convergence.csv"), table);
}

TEST_F(LyapunovStep, LeavesAnUnknownDimensionOutOfItsNumbers) {
    ASSERT_EQ(run(of_file + step("duration = 100\ncount = 1\n")).code, 0);
    EXPECT_TRUE(summary().find("kaplan_yorke_dimension")->is_null());
    EXPECT_THAT(text(summary(), "evidence"), HasSubstr("2 were not asked for"));
}

TEST_F(LyapunovStep, KeepsWhatItHadWhereTheStateBlowsUp) {
    folder.write("model.ode", "init x=0.1\nx' = x^2\ndone\n");
    EXPECT_EQ(run(of_file + step("duration = 20\ntransient = 0\n")).code, 1);
    const Record found = summary();
    EXPECT_NEAR(number(found, "duration"), 10.0, 0.1);
    EXPECT_EQ(items(found, "exponents").size(), 1);
    EXPECT_EQ(text(found, "attractor"), "undecided");
}

TEST_F(LyapunovStep, StartsAtALabel) {
    const std::string equilibria =
        "[[step]]\ndo = \"equilibria\"\nbox = { x = [-20, 20], y = [-20, 20], z = [-1, 40] }\n";
    ASSERT_EQ(run(of_file + equilibria + step("initial = \"eq2\"\nduration = 1\n"), "run").code, 0);
    EXPECT_THAT(text(summary(), "evidence"), HasSubstr("unstable equilibrium"));
}

TEST_F(LyapunovStep, IsAskedOfAStateByTheKeyAt) {
    const std::string equilibria =
        "[[step]]\ndo = \"equilibria\"\nbox = { x = [-20, 20], y = [-20, 20], z = [-1, 40] }\n";
    ASSERT_EQ(run(of_file + equilibria + step("at = \"eq2\"\nduration = 1\n"), "run").code, 0);
    EXPECT_THAT(text(summary(), "evidence"), HasSubstr("unstable equilibrium"));
    ASSERT_EQ(
        run(of_network + step("at = \"cycle\"\ntransient = 0\nduration = 200\ncount = 4\n")).code,
        0);
    EXPECT_TRUE(summary().find("synchronous")->as<bool>());
}

TEST_F(LyapunovStep, TakesAsManyFixedStepsAsFitInTheRun) {
    ASSERT_EQ(run(of_file + step("duration = 300\ntransient = 100\nstep = 0.01\n")).code, 0);
    EXPECT_EQ(number(summary(), "steps"), 40'000.0);
}

TEST_F(LyapunovStep, IsReportedWithItsFigureAndAVerdict) {
    const Outcome outcome = run(of_file + step("duration = 200\n"), "run");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const std::string page = read_file(folder / "out/report.html");
    EXPECT_THAT(page, AllOf(HasSubstr("Lyapunov exponents"),
                            HasSubstr("the attractor of lyapunov is chaos"),
                            HasSubstr("Kaplan-Yorke dimension 2.0")));
    EXPECT_TRUE(std::filesystem::exists(folder / "out/figures/lyapunov_exponents.gp"));
}

struct BadKeys {
    std::string keys, message;
};

TEST_F(LyapunovStep, RefusesKeysThatCannotBeMet) {
    const BadKeys cases[]{{"", "duration"},
                          {"duration = 0\n", "duration"},
                          {"duration = 1\ncount = 4\n", "count = 4 must be in [1, 3]"},
                          {"duration = 1\ncount = 0\n", "count = 0 must be in [1, 3]"},
                          {"duration = 1\ntransient = -1\n", "transient"},
                          {"duration = 1\nmethod = \"cvode\"\n", "dormand_prince"},
                          {"duration = 1\nmode = 1\n", "mode"},
                          {"duration = 1\noutput_step = 1\n", "output_step"},
                          {"duration = 1\ninitial = \"hopf1\"\n", "hopf1"},
                          {"duration = 1\nat = \"hopf1\"\n", "hopf1"},
                          {"duration = 1\nat = \"cycle\"\ninitial = \"rest\"\n", "at and initial"}};
    for (const auto& [keys, message] : cases) {
        SCOPED_TRACE(keys);
        const Outcome outcome = run(of_file + step(keys));
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(message), HasSubstr("study.toml:")));
    }
}

TEST_F(LyapunovStep, RefusesAModelThatJumps) {
    folder.write("model.ode", "init v=0\nv' = 1\nglobal 1 v-1 {v=0}\ndone\n");
    const Outcome outcome = run(of_file + step("duration = 1\n"));
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, HasSubstr("jumps"));
}

}  // namespace
}  // namespace cortifold
