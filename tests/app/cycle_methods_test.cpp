// Cycles by every method, and driven ones, through the command line.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numbers>

namespace cortifold {
namespace {

using namespace cortifold::test;
using std::numbers::pi;
using ::testing::HasSubstr;

constexpr double digits = 1e-7;  // relative
/// Of the Brusselator at B = 3, by shooting.
constexpr double period_at_3 = 7.156919923045257;
const std::string methods[] = {"collocation", "shooting", "newton_picard", "fourier"};

class MethodsOfCycles : public testing::Test {
protected:
    /// Of a model.ode beside it, where there are equations.
    Outcome run(const std::string& steps, const std::string& equations = "") const {
        std::string model = "name = \"brusselator\"";
        if (!equations.empty()) {
            folder_.write("model.ode", equations);
            model = "file = \"model.ode\"";
        }
        return run_program(
            {"run", folder_.write("study.toml", "schema = 1\n[model]\n" + model + "\n" + steps),
             "--out", folder_ / "out", "--quiet", "--overwrite"});
    }
    [[nodiscard]] Record branch(const std::string& step, std::size_t number = 0) const {
        return items(read_json(folder_ / ("out/" + step + "/summary.json")), "branches")[number];
    }
    /// The special point with a label.
    [[nodiscard]] Record special(const std::string& step, const std::string& label,
                                 std::size_t number = 0) const {
        for (const Record& point : items(branch(step, number), "special"))
            if (text(point, "label") == label) return point;
        ADD_FAILURE() << "no point " << label << " in " << step;
        return Record::Table{};
    }

    Folder folder_;
};

std::string step(const std::string& name, const std::string& keys) {
    return "[[step]]\ndo = \"continue\"\nname = \"" + name + "\"\n" + keys;
}
std::string method(const std::string& name) {
    return "cycle = { method = \"" + name + "\" }\n";
}

const std::string in_B = "parameter = \"B\"\nrange = [1.5, 3.2]\n";
const std::string rest_of_brusselator = step("rest", "parameters = { B = 1.5 }\n" + in_B);

TEST_F(MethodsOfCycles, FindOneFamily) {
    for (const std::string& name : methods) {
        SCOPED_TRACE(name);
        const Outcome outcome =
            run(rest_of_brusselator + step("cycles", "kind = \"cycle\"\nfrom = \"hopf1\"\n" + in_B +
                                                         "functions = { at = \"B - 3\", "
                                                         "mean = \"x - 1\" }\n" +
                                                         method(name)));
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_NEAR(number(special("cycles", "at1"), "period"), period_at_3, digits * period_at_3);
        // x' = 0 in the mean: A - (B + 1) <x> + <x^2 y> = 0, and y' = 0: <x> = A
        EXPECT_NEAR(number(*special("cycles", "at1").find("state"), "x"), 1.0, digits);
        const NumericTable points = read_hdf5(folder_ / "out/cycles/data.h5", "branch1_unknowns");
        EXPECT_TRUE(points.values.allFinite());
    }
}

TEST_F(MethodsOfCycles, GoOnFromOneAnothersPoints) {
    for (const std::string& name : methods) {
        SCOPED_TRACE(name);
        const Outcome outcome =
            run(rest_of_brusselator +
                step("first", "kind = \"cycle\"\nfrom = \"hopf1\"\n" + in_B +
                                  "functions = { half = \"B - 2.5\" }\n" + method(name)) +
                step("again", "kind = \"cycle\"\nfrom = \"half1\"\n" + in_B +
                                  "functions = { at = \"B - 3\" }\ndirection = \"increasing\"\n" +
                                  method(name == "fourier" ? "shooting" : "fourier")));
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_NEAR(number(special("again", "at1"), "period"), period_at_3, digits * period_at_3);
    }
}

/// r' = r (mu + r^2 - nu r^4): a fold of cycles where mu nu = -1/4, of the radius 1 / (2 nu).
const std::string bautin =
    "par mu=-0.3, nu=1\nx'=mu*x-y+x*(x^2+y^2)-nu*x*(x^2+y^2)^2\n"
    "y'=x+mu*y+y*(x^2+y^2)-nu*y*(x^2+y^2)^2\ndone";
const std::string in_mu = "parameter = \"mu\"\nrange = [-0.3, 0.2]\n";

TEST_F(MethodsOfCycles, LeadToCurvesOfBifurcations) {
    for (const std::string& name : methods) {
        SCOPED_TRACE(name);
        const Outcome outcome =
            run(step("rest", in_mu) +
                    step("cycles", "kind = \"cycle\"\nfrom = \"hopf1\"\n" + in_mu + method(name)) +
                    step("folds",
                         "kind = \"fold_of_cycles\"\nfrom = \"cycles.fold_of_cycles1\"\n"
                         "parameters2 = [\"mu\", \"nu\"]\nranges = [[-0.3, -0.2], [0.5, 2.0]]\n"
                         "functions = { at = \"mu + 0.225\" }\n"),
                bautin);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        const Record fold = special("cycles", "fold_of_cycles1");
        EXPECT_NEAR(number(*fold.find("parameters"), "mu"), -0.25, digits);
        EXPECT_NEAR(number(*fold.find("maximum"), "x"), std::sqrt(0.5), digits);
        EXPECT_NEAR(number(*special("folds", "at1").find("parameters"), "nu"), 0.25 / 0.225,
                    digits);
    }
}

TEST_F(MethodsOfCycles, MakeADiagramAndFilesForAuto) {
    for (const std::string name : {"shooting", "fourier"}) {
        SCOPED_TRACE(name);
        const Outcome outcome = run("[[step]]\ndo = \"diagram\"\n" + in_mu +
                                        "parameters2 = \"nu\"\nranges = [0.8, 1.2]\n"
                                        "box = { x = [-1.0, 1.0], y = [-1.0, 1.0] }\n"
                                        "export = \"auto\"\n" +
                                        method(name),
                                    bautin);
        ASSERT_EQ(outcome.code, 0) << outcome.err << outcome.out;
        EXPECT_NEAR(number(*special("diagram", "fold_of_cycles1", 1).find("parameters"), "mu"),
                    -0.25, digits);
        const auto graph = items(read_json(folder_ / "out/diagram/summary.json"), "graph");
        EXPECT_TRUE(std::ranges::any_of(graph, [](const Record& link) {
            return text(link, "label") == "fold_of_cycles1" && number(link, "from") == 2.0;
        }));
        EXPECT_TRUE(std::filesystem::exists(folder_ / "out/diagram/s.diagram"));
    }
}

TEST_F(MethodsOfCycles, SwitchAtAPeriodDoublingToTheirOwnKind) {
    const std::string mu = "parameter = \"mu\"\nrange = [0.15, 0.2]\n";
    folder_.write("study.toml",
                  "schema = 1\n[model]\nname = \"autocatalator\"\n" +
                      step("rest", "parameters = { mu = 0.18 }\n" + mu) +
                      step("cycles", "kind = \"cycle\"\nfrom = \"hopf1\"\n" + mu +
                                         "stop_after = 1\n" + method("shooting")) +
                      step("doubled", "kind = \"cycle\"\nfrom = \"period_doubling1\"\n" + mu +
                                          "switch = true\nmax_points = 2\n" + method("shooting")));
    const Outcome outcome = run_program(
        {"run", folder_ / "study.toml", "--out", folder_ / "out", "--quiet", "--overwrite"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record doubling = special("cycles", "period_doubling1");
    EXPECT_NEAR(number(*doubling.find("parameters"), "mu"), 0.15645314513, 1e-9);
    const double period = read_hdf5(folder_ / "out/doubled/data.h5", "branch1").values(0, 1);
    EXPECT_NEAR(period, 2.0 * number(doubling, "period"), 0.02 * number(doubling, "period"));
}

/// x' = -x + A cos(w t): the amplitude A / sqrt(1 + w^2), at any frequency.
void expect_response(const Record& point, double w) {
    EXPECT_NEAR(number(point, "period"), 2.0 * pi / w, digits * 2.0 * pi / w);
    EXPECT_NEAR(number(*point.find("maximum"), "x"), 2.0 / std::sqrt(1.0 + w * w), digits);
}

using DrivenCycles = MethodsOfCycles;

TEST_F(DrivenCycles, FollowTheRateOfTheDriveHoweverItIsGiven) {
    struct Case {
        std::string rate, phase, key, value;
        double w;
    };
    const Case cases[]{{"w=1", "w*t", "angular_frequency", "3", 3.0},
                       {"f=0.2", "2*pi*f*t", "frequency", "0.4", 0.8 * pi},
                       {"P=10", "2*pi*t/P", "period", "4", 0.5 * pi}};
    for (const Case& one : cases) {
        SCOPED_TRACE(one.key);
        const std::string name = one.rate.substr(0, 1);
        const Outcome outcome =
            run(step("driven", "kind = \"cycle\"\nparameter = \"" + name +
                                   "\"\nrange = [0.1, 50.0]\nfunctions = { at = \"" + name + " - " +
                                   one.value + "\" }\ncycle = { " + one.key + " = \"" + name +
                                   "\" }\n"),
                "par " + one.rate + ", A=2\nx'=-x+A*cos(" + one.phase + ")\ndone");
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        expect_response(special("driven", "at1"), one.w);
    }
}

TEST_F(DrivenCycles, AreDrivenAtAFixedRateWhileAnythingElseChanges) {
    const Outcome outcome =
        run(step("driven",
                 "kind = \"cycle\"\nparameter = \"A\"\nrange = [1.0, 5.0]\n"
                 "functions = { at = \"A - 2\" }\ncycle = { angular_frequency = 3 }\n"),
            "par A=4\nx'=-x+A*cos(3*t)\ndone");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    expect_response(special("driven", "at1"), 3.0);
}

/// A pendulum whose length goes up and down: its rest doubles the period of the drive.
const std::string swing = "par c=0.1, e=0.2, d=0.02\nu'=v\nv'=-(c+e*cos(t))*u-d*v-u^3\ndone";

TEST_F(DrivenCycles, DoubleTheirPeriodAndGoOnFromThere) {
    const std::string in_c =
        "kind = \"cycle\"\nparameter = \"c\"\nrange = [0.08, 0.2]\n"
        "cycle = { period = 6.283185307179586 }\n";
    const Outcome outcome =
        run(step("rest", in_c + "from = { u = 0.0, v = 0.0 }\n") +
                step("swings", in_c + "from = \"rest.period_doubling1\"\nswitch = true\n"
                                      "functions = { lower = \"c - 0.1\" }\n") +
                step("again", in_c + "from = \"lower1\"\nmax_points = 3\n"),
            swing);
    ASSERT_EQ(outcome.code, 0) << outcome.err << outcome.out;
    EXPECT_NEAR(number(special("rest", "period_doubling1"), "period"), 2.0 * pi, digits);
    EXPECT_NEAR(number(special("swings", "lower1"), "period"), 4.0 * pi, digits);
    EXPECT_GT(number(*special("swings", "lower1").find("maximum"), "u"), 0.1);
    const NumericTable points = read_hdf5(folder_ / "out/again/data.h5", "branch1");
    EXPECT_NEAR(points.values(0, 1), 4.0 * pi, digits);
}

TEST_F(MethodsOfCycles, RefuseWhatTheyCannotDo) {
    struct Case {
        std::string keys, equations, expected;
    };
    const std::string driven = "par w=1, p=0\nx'=-x+p+cos(w*t)\ndone",
                      in_p = "kind = \"cycle\"\nparameter = \"p\"\nrange = [-1.0, 1.0]\n";
    const std::string cycles = "kind = \"cycle\"\nparameters = { B = 2.5 }\n" + in_B;
    const Case cases[]{
        {cycles + "cycle = { method = \"newton_picard\", sections = 4 }\n", "",
         "cycle.sections is for method = \"shooting\" or \"fourier\", not \"newton_picard\""},
        {cycles + "cycle = { harmonics = 8 }\n", "", "is for method = \"fourier\""},
        {cycles + "cycle = { period = 2.0 }\n", "", "the model does not depend on the time t"},
        {"kind = \"fold_of_cycles\"\nfrom = \"fold_of_cycles1\"\nparameters2 = [\"B\", \"A\"]\n"
         "ranges = [[1.5, 3.0], [0.5, 2.0]]\n" +
             method("shooting"),
         "", "is followed by cycle.method = \"collocation\""},
        {in_p, driven, "cycle = { period = \"P\" }, { frequency = \"f\" } or"},
        {in_p + "parameters = { t = 0.0 }\n", driven, "leave out the parameter t"},
        {in_p + "cycle = { angular_frequency = \"w\", method = \"shooting\" }\n", driven,
         "are followed by method = \"collocation\", not \"shooting\""},
        {in_p + "cycle = { angular_frequency = \"omega\" }\n", driven, "omega"},
        {in_p + "cycle = { angular_frequency = \"p\" }\n", driven,
         "is p = 0, which must be above 0"},
        {in_p + "cycle = { period = -1.0 }\n", driven, "a number above 0"},
        {in_p + "cycle = { period = \"w\" }\n", driven, "after 1 the model is not what it was"},
        {in_p + "cycle = { period = 6.283185307179586, frequency = 1.0 }\n", driven, "given twice"},
        {"parameter = \"p\"\nrange = [-1.0, 1.0]\n", driven, "the model depends on the time t"}};
    for (const Case& one : cases) {
        SCOPED_TRACE(one.keys);
        const Outcome outcome = run(step("refused", one.keys), one.equations);
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, HasSubstr(one.expected));
        EXPECT_THAT(outcome.err, HasSubstr("study.toml:"));
    }
}

// One curve of homoclinic orbits, found at the end of the cycles and again where it ends, at the
// Bogdanov-Takens point that fold and Hopf curves have; at its other end the saddle is a fold.
TEST(DiagramInTwoParameters, HasTheHomoclinicCurveOnceWithBothItsEnds) {
    const Record found = summary_of("diagram", study_of("morris_lecar", "diagram") +
                                                   "parameter = \"I\"\nrange = [-50.0, 250.0]\n"
                                                   "parameters2 = \"phi\"\nranges = [0.05, 1.0]\n");
    EXPECT_EQ(text(found, "status"), "converged") << text(found, "message");
    std::vector<std::string> kinds;
    std::map<std::string, double> ends;
    for (const Record& branch : items(found, "branches")) {
        kinds.push_back(text(branch, "kind"));
        if (kinds.back() == "homoclinic")
            for (const Record& end : items(branch, "special"))
                ends[text(end, "label")] = end.find("parameters")->find("I")->number();
    }
    EXPECT_THAT(kinds, ::testing::ElementsAre("equilibrium", "cycle", "fold", "fold", "hopf",
                                              "homoclinic", "fold_of_cycles"));
    ASSERT_THAT(ends, ::testing::SizeIs(2));
    EXPECT_NEAR(ends["bogdanov_takens1"], -9.949039322623, digits);
    EXPECT_NEAR(ends["snic1"], 39.963153093, digits);
}

/// reference/neural_masses.json, NG_PING_cycles_own_shooting.
TEST(DispersionOfACycle, IsWhatTheReferenceSaysOfEachLambda) {
    const Folder folder;
    const Outcome outcome = run_program(
        {"run",
         folder.write("study.toml",
                      "schema = 1\n[model]\nname = \"ng_ping\"\nparameters = { eps = 5.0 }\n"
                      "[network]\ncoupling = { kind = \"additive\" }\n"
                      "[[step]]\ndo = \"diagram\"\nparameter = \"I_ext_E\"\n"
                      "range = [0.0, 14.0]\nfunctions = { thirteen = \"I_ext_E - 13\" }\n"
                      "[[step]]\ndo = \"dispersion\"\nat = \"thirteen2\"\n"
                      "lambda = [-1.0, 0.5, 1.0]\n"),
         "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = read_json(folder / "out/dispersion/summary.json");
    EXPECT_NEAR(number(summary, "period"), 14.179589658932, digits * 14.0);
    const Record::List modes = items(summary, "modes");
    ASSERT_EQ(modes.size(), 3U);
    EXPECT_NEAR(number(modes[0], "growth"), -0.0881559217252, digits);
    EXPECT_NEAR(number(modes[1], "growth"), 0.00147563911192, digits);
    EXPECT_NEAR(number(modes[2], "growth"), 0.0, digits);
}

}  // namespace
}  // namespace cortifold
