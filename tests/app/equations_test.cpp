// Studies of models that are text: XPPAUT's files and TOML, alone and in a network.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <Eigen/Eigenvalues>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* fitzhugh_ode = R"(# FitzHugh-Nagumo
par a=0.7, b=0.8, tau=12.5, Iapp=0.5
init v=-1, w=-0.5
v' = v - v^3/3 - w + Iapp
w' = (v + a - b*w)/tau
aux current = Iapp - w
@ total=40, dt=0.5
done
)";
constexpr const char* fitzhugh_toml = R"(
[parameters]
a = 0.7
b = 0.8
tau = 12.5
Iapp = 0.5
[states]
v = { rhs = "v - v^3/3 - w + Iapp", initial = -1.0, range = [-3.0, 3.0] }
w = { rhs = "(v + a - b*w)/tau", initial = -0.5, range = [-3.0, 3.0] }
[auxiliaries]
current = "Iapp - w"
[run]
duration = 40.0
step = 0.5
)";

class Equations : public testing::Test {
protected:
    Equations() {
        folder.write("fhn.ode", fitzhugh_ode);
        folder.write("fhn.toml", fitzhugh_toml);
        folder.write("weights.csv", "0,1,2,1\n1,0,1,3\n3,1,0,1\n1,2,1,0\n");
    }
    Outcome run(const std::string& study, const std::string& out = "out") const {
        return run_program({"run", folder.write("study.toml", "schema = 1\n" + study), "--out",
                            folder / out, "--quiet", "--overwrite"});
    }
    Record summary(const std::string& study, const std::string& step) const {
        const Outcome outcome = run(study);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_json(folder / ("out/" + step + "/summary.json"));
    }
    Folder folder;
};

TEST_F(Equations, OfAnOdeFileHaveItsTotalStepAndAuxiliariesAsDefaults) {
    const Record simulated =
        summary("model = { file = \"fhn.ode\" }\n[[step]]\ndo = \"simulate\"\n", "simulate");
    EXPECT_EQ(number(simulated, "duration"), 40.0);
    const std::string table = read_file(folder / "out/simulate/trajectory.csv");
    EXPECT_EQ(table.substr(0, table.find('\n')), "t [1],v [1],w [1],current [1]");
    EXPECT_EQ(std::ranges::count(table, '\n'), 1 + 81);  // 0, 0.5, ..., 40
}

TEST_F(Equations, ThatAreShippedAreFoundByName) {
    const Record found = summary(
        "[model]\nname = \"coupled_pendula\"\n[[step]]\ndo = \"simulate\"\n"
        "duration = 1.0\n[[step]]\ndo = \"continue\"\nparameter = \"I\"\n"
        "range = [0.0, 0.5]\nfrom = { phi1 = 0.0 }\n",
        "continue");
    EXPECT_EQ(text(items(found, "branches")[0], "kind"), "equilibrium");
    const Outcome set = run_program({"check", folder / "study.toml", "--set", "eps=0.2"});
    EXPECT_THAT(set.out, HasSubstr("model.parameters.eps = 0.2"));
    const Outcome unknown = run("[model]\nname = \"hodgkin_huxly\"\n");
    EXPECT_EQ(unknown.code, 3);
    EXPECT_THAT(unknown.err, AllOf(HasSubstr("did you mean \"hodgkin_huxley\"?"),
                                   HasSubstr("wilson_cowan"), HasSubstr("study.toml:3")));
    EXPECT_THAT(run_program({"models"}).out, HasSubstr("hodgkin_huxley  "));
    EXPECT_THAT(run_program({"models", "hodgkin_huxley"}).out, HasSubstr("gNa [mS/cm2]"));
}

TEST_F(Equations, OfAnOdeFileAndOfTomlAreTheSameModel) {
    const std::string steps =
        "[[step]]\ndo = \"equilibria\"\nbox = { v = [-3.0, 3.0], w = [-3.0, 3.0] }\n";
    const Record ode = summary("model = { file = \"fhn.ode\" }\n" + steps, "equilibria"),
                 toml = summary("model = { file = \"fhn.toml\" }\n" + steps, "equilibria");
    EXPECT_EQ(to_json(*ode.find("equilibria")), to_json(*toml.find("equilibria")));
}

TEST_F(Equations, InANetworkAgreeWithTheBuiltInModelInEveryMode) {
    const std::string network = R"([network]
connectome = "weights.csv"
coupling = { kind = "diffusive", normalize = "rows", strength = 0.4 }
)";
    const std::string steps = "[[step]]\ndo = \"dispersion\"\n";
    const std::string values = "parameters = { a = 0.7, b = 0.8, tau = 12.5 }\n";
    const Record text = summary("[model]\nfile = \"fhn.ode\"\nparameters = { Iapp = 0.2 }\n" +
                                    network + "send = \"v\"\nreceive = \"Iapp\"\n" + steps,
                                "dispersion");
    const Record::List modes = items(text, "modes");
    ASSERT_EQ(modes.size(), 4U);
    // By hand: A(lambda) = [1 - v^2 + s lambda, -1; 1/tau, -b/tau] at the rest of the node.
    const double v = text.find("state")->find("v")->number(), s = 0.4;
    for (const Record& mode : modes) {
        const auto& lambda = mode.find("lambda")->as<Record::List>();
        ASSERT_LT(std::abs(lambda[1].number()), 1e-6);
        Eigen::Matrix2d A;
        A << 1.0 - v * v + s * lambda[0].number(), -1.0, 1.0 / 12.5, -0.8 / 12.5;
        const double growth = A.eigenvalues().real().maxCoeff();
        EXPECT_NEAR(number(mode, "growth"), growth, 1e-10);
    }
}

TEST_F(Equations, ThatReadTheTimeAreNeverAtRestUnlessItIsGiven) {
    folder.write("forced.ode", "x'=-x+cos(t)\ndone\n");
    const std::string step = "[[step]]\ndo = \"equilibria\"\nbox = { x = [-2.0, 2.0] }\n";
    const Outcome refused = run("model = { file = \"forced.ode\" }\n" + step);
    EXPECT_EQ(refused.code, 3);
    EXPECT_THAT(refused.err, HasSubstr("depends on the time t"));
    const Record frozen = summary(
        "model = { file = \"forced.ode\", parameters = { t = 1.0 } }\n" + step, "equilibria");
    EXPECT_NEAR(items(frozen, "equilibria")[0].find("state")->find("x")->number(), std::cos(1.0),
                1e-12);
}

TEST_F(Equations, WithoutLimitsNeedABox) {
    const Outcome outcome = run("model = { file = \"fhn.ode\" }\n[[step]]\ndo = \"equilibria\"\n");
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, HasSubstr("box = { v = [low, high], ... }"));
}

TEST_F(Equations, ThatCannotBeMeantAreRefusedByFileLineAndColumn) {
    folder.write("bad.ode", "par a=1\nx'=-a*x+\ndone\n");
    const Outcome ode = run("model = { file = \"bad.ode\" }\n");
    EXPECT_EQ(ode.code, 3);
    EXPECT_THAT(ode.err, HasSubstr("bad.ode:2:"));
    folder.write("bad.toml", "[states]\nx = { rhs = \"-a*x\" }\n");
    const Outcome toml = run("model = { file = \"bad.toml\" }\n");
    EXPECT_EQ(toml.code, 3);
    EXPECT_THAT(toml.err, AllOf(HasSubstr("bad.toml:2:15"), HasSubstr("\"a\"")));
    const Outcome missing = run("model = { file = \"none.ode\" }\n");
    EXPECT_THAT(missing.err, HasSubstr("there is no file"));
    const Outcome both = run("model = { file = \"fhn.ode\", name = \"brusselator\" }\n");
    EXPECT_THAT(both.err, HasSubstr("one of them is meant"));
}

TEST_F(Equations, InANetworkNeedToSayWhatTheySendAndReceive) {
    const std::string network =
        "model = { file = \"fhn.ode\" }\n[network]\nconnectome = \"weights.csv\"\n";
    EXPECT_THAT(run(network).err, HasSubstr("network.send"));
    EXPECT_THAT(run(network + "send = \"v\"\n").err, HasSubstr("need one another"));
    EXPECT_THAT(run(network + "send = \"v\"\nreceive = \"nothing\"\n").err,
                HasSubstr("\"nothing\""));
}

TEST_F(Equations, OfABuiltInModelAreExportedAndReadBack) {
    const std::string file = folder / "wc.ode";
    const Outcome exported = run_program({"models", "wilson_cowan", "--export", file});
    EXPECT_EQ(exported.code, 0) << exported.err;
    EXPECT_EQ(run_program({"models", "wilson_cowan", "--export", file}).code, 2);  // in the way
    const std::string step =
        "[[step]]\ndo = \"equilibria\"\nbox = { E = [-0.5, 1.0], I = [-0.5, 1.0] }\n";
    const Record text = summary("model = { file = \"wc.ode\" }\n" + step, "equilibria"),
                 built_in = summary("model = { name = \"wilson_cowan\" }\n" + step, "equilibria");
    const Record::List a = items(text, "equilibria"), b = items(built_in, "equilibria");
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k)
        EXPECT_NEAR(a[k].find("state")->find("E")->number(),
                    b[k].find("state")->find("E")->number(), 1e-12);
}

TEST_F(Equations, AreExportedWithTheirTablesBesideThem) {
    folder.write("squares.tab", "3\n0\n2\n0\n1\n4\n");
    const std::string model = folder.write("tb.ode",
                                           "table longer_name squares.tab\nx'=longer_name(x)\n"
                                           "init x=1.5\ndone\n");
    const std::vector<std::string> arguments{"models", model, "--export", folder / "copy.ode"};
    const Outcome exported = run_program(arguments);
    EXPECT_EQ(exported.code, 0) << exported.err;
    EXPECT_EQ(read_file(folder / "longer_n2.tab"), "3\n0\n2\n0\n1\n4\n");
    EXPECT_EQ(run_program({"models", folder / "copy.ode"}).code, 0);
    const Outcome refused = run_program({"models", model, "--export", folder / "again.ode"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr(".tab is in the way"));
    EXPECT_FALSE(std::filesystem::exists(folder / "again.ode"));
    EXPECT_EQ(run_program({"models", model, "--export", folder / "again.ode", "--overwrite"}).code,
              0);
}

TEST_F(Equations, InANetworkNameTheirPortsInAnyCase) {
    const std::string study = R"([model]
file = "fhn.ode"
parameters = { IAPP = 0.2 }
[network]
connectome = "weights.csv"
coupling = { kind = "diffusive", normalize = "rows", strength = 0.4 }
send = "V"
receive = "iapp"
[[step]]
do = "dispersion"
)";
    EXPECT_EQ(items(summary(study, "dispersion"), "modes").size(), 4U);
}

}  // namespace
}  // namespace cortifold
