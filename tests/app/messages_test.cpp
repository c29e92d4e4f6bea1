// Every bad input ends with its exit code and a message that says where, what and what is allowed.
#include "app/program.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

/// A good study, one line an entry, so that a case below can name the line it spoils.
const std::vector<std::string> good{
    "schema = 1",                                                              // 1
    "seed = 3",                                                                // 2
    "",                                                                        // 3
    "[model]",                                                                 // 4
    "name = \"wilson_cowan\"",                                                 // 5
    "[network]",                                                               // 6
    "connectome = \"weights.csv\"",                                            // 7
    "coupling = { kind = \"additive\", normalize = \"rows\", strength = 1 }",  // 8
    "[[step]]",                                                                // 9
    "do = \"equilibria\"",                                                     // 10
    "[[step]]",                                                                // 11
    "do = \"dispersion\"",                                                     // 12
    "#"};                                                                      // 13: of this step
constexpr const char* good_weights = "0,1,2\n1,0,1\n3,1,0\n";

class Check : public testing::Test {
protected:
    Check() { folder.write("weights.csv", good_weights); }

    /// `cortifold check` of a study in which `line` reads `instead`.
    [[nodiscard]] Outcome check(std::size_t line, const std::string& instead,
                                const std::vector<std::string>& options = {}) const {
        std::string study;
        for (std::size_t k = 0; k < good.size(); ++k)
            study += (k + 1 == line ? instead : good[k]) + "\n";
        return check_text(study, options);
    }
    [[nodiscard]] Outcome check_text(const std::string& study,
                                     const std::vector<std::string>& options = {}) const {
        std::vector<std::string> arguments{"check", folder.write("study.toml", study)};
        arguments.insert(arguments.end(), options.begin(), options.end());
        return run_program(arguments);
    }
    Folder folder;
};

struct BadLine {
    std::size_t line;
    std::string instead;
    std::string message;
    std::size_t named = 0;  ///< line that the message names; 0: the same
};
/// The lines that have to be refused.
const BadLine bad_lines[]{
    {1, "schema = 2", "schema = 2 must be 1"},
    {1, "schema = \"1\"", "schema must be a whole number, is a text"},
    {1, "", "schema is missing", 1},
    {2, "sede = 3", "unknown key \"sede\"; did you mean \"seed\"? Allowed: schema, title, seed"},
    {2, "seed = -3", "seed = -3 must be in [0, "},
    {2, "seed = 3.5", "seed must be a whole number, is a number"},
    {2, "title = 3", "title must be a text, is a whole number"},
    {5, "", "model.name is missing", 4},
    {5, "name = 3", "model.name must be a text"},
    {5, "name = \"wilson_cowen\"",
     "unknown model \"wilson_cowen\"; did you mean \"wilson_cowan\"?"},
    {5, "name = \"wilson_cowan\"\nparametrs = {}",
     "unknown key of model \"parametrs\"; did you mean \"parameters\"? "
     "Allowed: file, name, preset, parameters",
     6},
    {5, "name = \"wilson_cowan\"\nparameters = 3", "model.parameters must be a table", 6},
    {5, "name = \"wilson_cowan\"\nparameters = { tau_ee = 1 }",
     "unknown parameter \"tau_ee\"; did you mean \"tau_e\"? Allowed: c1, c2", 6},
    {5, "name = \"wilson_cowan\"\nparameters = { tau_e = 1e-9 }",
     "parameter tau_e = 1e-09 must be in [0.01, 1000]", 6},
    {5, "name = \"wilson_cowan\"\nparameters = { P = \"much\" }",
     "model.parameters.P must be a number, is a text", 6},
    {5, "name = \"wilson_cowan\"\nparameters = { P = nan }", "P = nan must be finite", 6},
    {5, "name = \"wilson_cowan\"\nparameters = { P = -inf }", "P = -inf must be finite", 6},
    {5, "name = \"wilson_cowan\"\nparameters = { P = { Q = 1 } }",
     "model.parameters.P must be a number, is a table", 6},
    {5, "name = \"wilson_cowan\"\npreset = \"nothing\"",
     "unknown preset of wilson_cowan \"nothing\"", 6},
    {7, "conectome = \"weights.csv\"",
     "unknown key of network \"conectome\"; did you mean \"connectome\"?"},
    {7, "connectome = 3", "network.connectome must be a text"},
    {7, "connectome = \"nothing.csv\"", "there is no file or folder"},
    {7, "connectome = \"weights.csv\"\nlinks = 3", "network.links must be a list of tables", 8},
    {7, "connectome = \"weights.csv\"\nlinks = [{ output = \"rate\", input = \"drve\" }]",
     "unknown input \"drve\"; did you mean \"drive\"?", 8},
    {8, "coupling = { strenght = 1 }",
     "unknown key of network.coupling \"strenght\"; did you mean \"strength\"?"},
    {8, "coupling = { kind = \"aditive\" }",
     "unknown choice \"aditive\"; did you mean \"additive\"? Allowed: additive, diffusive"},
    {8, "coupling = { normalize = \"row\" }",
     "Allowed: none, rows, spectral_radius, maximum, mean_strength"},
    {8, "coupling = { strength = inf }", "network.coupling.strength = inf must be finite"},
    {8, "coupling = { normalize = \"rows\", strength = 1e9 }",
     "parameter coupling.strength = 1e+09 must be in [-1e+06, 1e+06]"},
    {8, "coupling = { strength = }", "not valid TOML at column 25"},
    {8, "coupling = { normalize = \"none\", strength = 1 }",
     "the row sums of the weights differ (2.000000 to 4.000000) under additive coupling", 11},
    {12, "do = \"dispertion\"",
     "unknown step \"dispertion\"; did you mean \"dispersion\"? Allowed: compare, continue, "
     "diagram, "
     "dispersion"},
    {12, "name = \"nothing\"", "a step needs a text `do`", 11},
    {12, "do = 3", "a step needs a text `do`", 11},
    {13, "name = \"equilibria\"", "two steps are called \"equilibria\"", 11},
    {13, "name = \"../elsewhere\"", "\"../elsewhere\", which is also a folder, must be made of"},
    {13, "name = \"\"", "the step name \"\", which is also a folder"},
    {13, "name = 3", "the name of a step must be a text"},
    {13, "name = \"network\"", "the step name \"network\" is that of a folder of every run"},
    {13, "point = 3", "unknown key of step.dispersion \"point\"; did you mean \"points\"?"},
    {13, "points = 1", "step.dispersion.points = 1 must be in [2, "},
    {13, "points = 2.5", "step.dispersion.points must be a whole number"},
    {13, "points = 1979-05-27", "dates and times have no meaning here"},
    {13, "lambda = 3", "lambda is a list of finite numbers and pairs [re, im]"},
    {13, "lambda = [nan]", "lambda is a list of finite numbers and pairs [re, im]"},
    {13, "lambda = [[0, 1, 2]]", "lambda is a list of finite numbers and pairs [re, im]"},
    {13, "range = [1, 0]", "step.dispersion.range = [1, 0] must ascend and be finite"},
    {13, "range = [nan, 0]", "must ascend and be finite"},
    {13, "manifold = \"full\"",
     "a step on the modes of a synchronous state lives on the homogeneous manifold"},
    {13, "manifold = \"ful\"", "unknown choice \"ful\"; did you mean \"full\"?"},
    {12, "do = \"msf\"\nregion = { re = [-1, 1, 3] }", "region.im must be [low, high, points]", 13},
    {12, "do = \"msf\"\nregion = { re = [1, -1, 3], im = [0, 1, 2] }",
     "region.re must be [low, high, points]: two ascending numbers and how many values", 13},
    {12, "do = \"msf\"\nregion = { re = [0, 1, 2.5], im = [0, 1, 2] }", "2 to 10000; is [0,1,2.5]",
     13},
    {12, "do = \"msf\"\nregion = { real = [0, 1, 2], im = [0, 1, 2] }", "\"real\"", 13},
    {12, "do = \"msf\"\nstrengths = [0, 2]",
     "under an additive one the synchronous state itself changes with the strength", 13},
    {12, "do = \"msf\"\npoints = 2", "points = 2 must be in [3, ", 13},
    {13, "parameters = { PP = 1 }", "unknown parameter \"PP\"; did you mean \"P\"?"},
    {10, "do = \"equilibria\"\nbox = { X = [0, 1] }", "unknown key of step.equilibria.box \"X\"",
     11},
    {10, "do = \"equilibria\"\nbox = { E = [0] }", "must be a list of two numbers", 11},
    {10, "do = \"equilibria\"\nstarts = -1", "step.equilibria.starts = -1 must be in [0, ", 11},
    {10, "do = \"equilibria\"\nmethod = \"newten\"", "did you mean \"newton\"?", 11},
    {10, "do = \"simulate\"", "step.simulate.duration is missing: a number is needed here", 9},
    {10, "do = \"simulate\"\nduration = 0", "step.simulate.duration = 0 must be positive", 11},
    {10, "do = \"simulate\"\nduration = 1\ninitial = { X = 1 }", "unknown state \"X\"", 12},
    {10, "do = \"simulate\"\nduration = 1\ninitial = { E = nan }", "must be a finite number", 12},
    {10, "do = \"simulate\"\nduration = 1\ninitial = 3", "initial must be \"default\"", 12},
    {10, "do = \"simulate\"\nduration = 1\nmode = 4",
     "mode must be \"first\" or an index from 1 to 3", 12},
    {10, "do = \"simulate\"\nduration = 1\nmode = 2\nmanifold = \"homogeneous\"",
     "mode needs manifold = \"full\"", 12},
    {10, "do = \"spectrum\"\nmatrix = \"laplace\"", "unknown choice \"laplace\"", 11}};

TEST_F(Check, TakesTheStudyThatTheCasesSpoil) {
    const Outcome outcome = check(0, "");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(Check, RefusesEveryBadLineNamingItAndWhatIsAllowed) {
    for (const BadLine& bad : bad_lines) {
        SCOPED_TRACE(bad.instead);
        const Outcome outcome = check(bad.line, bad.instead);
        const std::size_t line = bad.named == 0 ? bad.line : bad.named;
        EXPECT_EQ(outcome.code, 3);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(bad.message),
                                       HasSubstr("study.toml:" + std::to_string(line) + ")")));
    }
}

TEST_F(Check, RefusesAStudyWithoutModelAndAnEmptyFile) {
    for (const char* study : {"schema = 1\n", "", "# nothing\n"}) {
        const Outcome outcome = check_text(study);
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr("is missing"), HasSubstr("study.toml:1)")));
    }
}

TEST_F(Check, RefusesParametersThatNoStepWouldLookAt) {
    const std::string study = "schema = 1\n[model]\nname = \"fitzhugh_nagumo\"\n";
    const Outcome unknown = check_text(study + "parameters = { P = 1 }\n");
    EXPECT_EQ(unknown.code, 3);
    EXPECT_THAT(unknown.err, HasSubstr("unknown parameter \"P\""));
    const Outcome uncoupled = check_text(study + "parameters = { coupling.strength = 1 }\n");
    EXPECT_EQ(uncoupled.code, 3);
    EXPECT_THAT(uncoupled.err, HasSubstr("unknown parameter \"coupling.strength\""));
}

TEST(ConfigReader, RefusesADefaultOutOfBoundsAsItDoesAValue) {
    const Record empty = Record::Table{};
    std::vector<ResolvedKey> resolved;
    ConfigReader step(empty, "step.simulate", resolved);
    EXPECT_EQ(step.number("step", 0.5, positive), 0.5);
    EXPECT_THAT([&] { (void)step.number("duration", -5.0, positive); },
                ThrowsMessage<ConfigError>(HasSubstr(
                    "step.simulate.duration = -5, as the model has it, must be positive")));
}

TEST_F(Check, PairsOrRefusesWhatIsSentAndReceived) {
    folder.write("model.ode", "par I=0,J=0\nx'=-x+I\ny'=-y+J\n");
    const auto err = [&](const std::string& send, const std::string& receive) {
        return check_text(
                   "schema = 1\nmodel = { file = \"model.ode\" }\n[network]\nconnectome = "
                   "\"weights.csv\"\nsend = " +
                   send + "\nreceive = " + receive + "\n")
            .err;
    };
    EXPECT_EQ(err("[\"x\", \"y\"]", "[\"I\", \"J\"]"), "");
    EXPECT_EQ(err("\"x\"", "[\"I\", \"J\"]"), "");
    EXPECT_THAT(err("\"x\"", "[\"I\", \"I\"]"), HasSubstr("network.receive names I twice"));
    EXPECT_THAT(err("[\"x\", \"x\"]", "\"I\""), HasSubstr("network.send names x twice"));
    folder.write("model.ode", "par I=0,J=0,K=0\nx'=-x+I+K\ny'=-y+J\n");
    EXPECT_THAT(err("[\"x\", \"y\"]", "[\"I\", \"J\", \"K\"]"),
                HasSubstr("network.send has 2 names, network.receive 3"));
}

TEST_F(Check, LinksAsManyPortsOneToOne) {
    folder.write("model.ode", "par I=0,J=0\nx'=-x+I\ny'=-y+J\nx(0)=1\n");
    const std::string study = folder.write("study.toml", R"(schema = 1
[model]
file = "model.ode"
[network]
connectome = "weights.csv"
coupling = { strength = 1 }
send = ["x", "y"]
receive = ["I", "J"]
[[step]]
do = "simulate"
duration = 1
)");
    ASSERT_EQ(run_program({"run", study, "--out", folder / "out", "--quiet"}).code, 0);
    const Record summary = read_json(folder / "out/simulate/summary.json");
    EXPECT_GT(number(*summary.find("final"), "x[0]"), 1.0);
    EXPECT_EQ(number(*summary.find("final"), "y[0]"), 0.0) << "nothing of x arrives at J";
}

TEST_F(Check, RefusesAStimulusThatNamesARegionTwice) {
    folder.write("weights.csv", "a,b,c\n0,1,2\n1,0,1\n3,1,0\n");
    const std::string begin = R"(schema = 1
model = { name = "wilson_cowan" }
[network]
connectome = "weights.csv"
[[step]]
do = "simulate"
duration = 1
[[step.stimulus]]
kind = "step"
height = 1
to = "drive"
regions = )";
    EXPECT_EQ(check_text(begin + "[\"b\", 2]\n").err, "");
    EXPECT_THAT(check_text(begin + "[\"b\", 1]\n").err, HasSubstr("names region 1 twice"));
    EXPECT_THAT(check_text(begin + "[2, 2]\n").err, HasSubstr("names region 2 twice"));
}

TEST_F(Check, RefusesStepsThatNeedANetwork) {
    const std::string study = "schema = 1\n[model]\nname = \"wilson_cowan\"\n[[step]]\ndo = ";
    for (const char* step : {"\"spectrum\"", "\"dispersion\""}) {
        const Outcome outcome = check_text(study + step);
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err,
                    AllOf(HasSubstr("needs"), HasSubstr("network"), HasSubstr("study.toml:4)")));
    }
}

struct BadConnectome {
    std::string weights, message;
};
const BadConnectome bad_connectomes[]{
    {"", "found an empty file ("},
    {"0,1,2\n1,0,1\n3,1\n", "expected 3 values as in the first row, found 2 values"},
    {"0,1,2\n1,0,1\n", "the file ends after 2 rows of 3 columns: a connectome is square"},
    {"0,1\n1,0\n1,1\n", "row 3 of a matrix with 2 columns: a connectome is square"},
    {"0,1,2\n1,0,nan\n3,1,0\n", "expected a finite number in column 3, found \"nan\""},
    {"0,1,2\n1,0,inf\n3,1,0\n", "expected a finite number in column 3, found \"inf\""},
    {"0,1,2\n1,0,one\n3,1,0\n", "expected a finite number in column 3, found \"one\""},
    {"a,b\n0,1,2\n1,0,1\n3,1,0\n", "the header names 2 regions, this row has 3 values"},
    {"0,0,0\n1,0,1\n3,1,0\n", "region 0"}};

TEST_F(Check, RefusesEveryBadConnectomeNamingItsFile) {
    for (const BadConnectome& bad : bad_connectomes) {
        SCOPED_TRACE(bad.weights);
        folder.write("weights.csv", bad.weights);
        const Outcome outcome = check(0, "");
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, HasSubstr(bad.message));
        if (bad.message != "region 0") {  // else the normalization fails, which the study asks for
            EXPECT_THAT(outcome.err, HasSubstr("weights.csv"));
        }
    }
}

TEST_F(Check, RefusesAConnectomeFolderWithoutWeightsOrWithAnotherNumberOfLabels) {
    folder.write("data/readme.txt", "");
    const std::vector<std::string> data{"--set", "network.connectome=" + folder / "data"};
    EXPECT_THAT(check(0, "", data).err,
                AllOf(HasSubstr("expected an array called weights"),
                      HasSubstr("found readme.txt; name one, as in"), HasSubstr("data")));
    EXPECT_EQ(check(0, "", data).code, 3);
    folder.write("data/weights.csv", good_weights);
    folder.write("data/centres.csv", "label,x,y,z\na,0,0,0\nb,0,0,0\n");
    EXPECT_THAT(check(0, "", data).err,
                AllOf(HasSubstr("2 regions, the weights have 3"), HasSubstr("centres.csv:3")));
    EXPECT_EQ(check(0, "", data).code, 3);
}

struct BadOption {
    std::vector<std::string> options;
    std::string message;
};
const BadOption bad_options[]{
    {{"--set", "nothing"}, "must have the form KEY=VALUE"},
    {{"--set", "=3"}, "must have the form KEY=VALUE"},
    {{"--set", "model..P=3"}, "has an empty part"},
    {{"--set", "modl.name=3"}, "unknown key \"modl\"; did you mean \"model\"?"},
    {{"--set", "step.dispertion.points=3"},
     "unknown step \"dispertion\"; did you mean \"dispersion\"? Allowed: equilibria, dispersion"},
    {{"--set", "step.dispersion.points=1"}, "points = 1 must be in [2, "},
    {{"--set", "step.dispersion.point=1"}, "did you mean \"points\"?"},
    {{"--set", "step.dispersion=1"}, "there is a list before \"dispersion\""},
    {{"--set", "schema.version=1"}, "there is a whole number before \"version\""},
    {{"--set", "model.parameters.P=2000"}, "parameter P = 2000 must be in [-100, 100]"},
    {{"--set", "model.parameters.P="}, "model.parameters.P must be a number, is a text"},
    {{"--set", "eps=much"}, "network.coupling.strength must be a number, is a text"},
    {{"--set", "network.connectome=nothing.csv"}, "there is no file or folder nothing.csv"},
    {{"--threads", "0"}, "not in range 1 to"},
    {{"--threads", "two"}, "--threads"},
    {{"--seed", "-1"}, "not in range 0 to"},
    {{"--seed", "18446744073709551615"}, "not in range 0 to"},
    {{"--resume", "--overwrite"}, "excludes"},
    {{"--nothing"}, "--nothing"},
    {{"another"}, "another"}};

TEST_F(Check, RefusesEveryBadOptionAsABadCommandLine) {
    for (const BadOption& bad : bad_options) {
        SCOPED_TRACE(bad.options.back());
        const Outcome outcome = check(0, "", bad.options);
        EXPECT_EQ(outcome.code, 2);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, HasSubstr(bad.message));
    }
}

TEST(CommandLine, WantsACommandAndItsArgument) {
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {}, {"nothing"}, {"run"}, {"check"}, {"connectome"}, {"report"}}) {
        const Outcome outcome = run_program(arguments);
        EXPECT_EQ(outcome.code, 2);
        EXPECT_NE(outcome.err, "");
    }
    EXPECT_EQ(run_program({"--help"}).code, 0);
    EXPECT_EQ(run_program({"run", "--help"}).code, 0);
    EXPECT_EQ(run_program({"--version"}).code, 0);
}

TEST(CommandLine, NamesAStudyThatIsNotThere) {
    const Folder folder;
    const Outcome none = run_program({"run", folder / "nothing.toml"});
    EXPECT_EQ(none.code, 3);
    EXPECT_THAT(none.err, AllOf(HasSubstr("nothing.toml"), HasSubstr("does not exist")));
    folder.write("folder/other.toml", "");
    const Outcome other = run_program({"run", folder / "folder"});
    EXPECT_EQ(other.code, 3);
    EXPECT_THAT(other.err, HasSubstr("holds no analysis.toml"));
}

TEST(CommandLine, NamesWhatIsNoModelNoConnectomeAndNoRun) {
    const Folder folder;
    const Outcome model = run_program({"models", "wilson_cowen"});
    EXPECT_EQ(model.code, 2);
    EXPECT_THAT(model.err, HasSubstr("did you mean \"wilson_cowan\"?"));
    const Outcome connectome = run_program({"connectome", folder / "nothing.csv"});
    EXPECT_EQ(connectome.code, 3);
    EXPECT_THAT(connectome.err, HasSubstr("nothing.csv"));
    const Outcome report = run_program({"report", folder / ""});
    EXPECT_EQ(report.code, 3);
    EXPECT_EQ(report.out, "");
    EXPECT_THAT(report.err, HasSubstr("manifest.json"));
}

// What a step finds out only when it runs.

TEST(Step, NamesTheLabelsThereAreWhereOneIsUnknown) {
    const Folder folder;
    const std::string study = folder.write("study.toml", R"(schema = 1
[model]
name = "wilson_cowan"
[network]
coupling = { strength = 0.5 }
[[step]]
do = "equilibria"
[[step]]
do = "dispersion"
at = "eq7"
)");
    const Outcome outcome = run_program({"dispersion", study, "--out", folder / "out"});
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("unknown label of an earlier step \"eq7\""),
                                   HasSubstr("Allowed: eq1"), HasSubstr("study.toml:10)")));
}

TEST(Step, EndsWithOneWhereItDoesNotConvergeAndSaysWhyInItsSummary) {
    const Folder folder;  // past its fold the normal form has no equilibrium
    const std::string study = folder.write("study.toml", R"(schema = 1
[model]
name = "fold_normal_form"
parameters = { beta = 1.0 }
[[step]]
do = "equilibria"
)");
    const Outcome outcome = run_program({"equilibria", study, "--out", folder / "out"});
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    const Record summary = read_json(folder / "out/equilibria/summary.json");
    EXPECT_NE(text(summary, "status"), "converged");
    EXPECT_THAT(text(summary, "message"), HasSubstr("0 equilibria in the box"));
    EXPECT_THAT(outcome.out, HasSubstr(text(summary, "message")));
}

}  // namespace
}  // namespace cortifold
