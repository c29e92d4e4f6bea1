// Branches of self-consistent rates and lines where oscillations begin, from the command line.
#include "app/program.hpp"
#include "meanfield/networks.hpp"
#include <cortifold/continuation/equilibrium_curve.hpp>
#include <cortifold/io/table.hpp>
#include <cortifold/meanfield/oscillation_onset.hpp>
#include <cortifold/meanfield/working_point.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string neuron =
    "model = \"lif_delta\"\nparameters = { C = 250.0, tau_m = 20.0, t_ref = 2.0, E_L = 0.0, V_th = "
    "20.0, V_reset = 10.0 }\n";

/// As `excitable` of networks.hpp.
const std::string excitable_study =
    "schema = 1\n[[population]]\nname = \"E\"\nsize = 1000\n" + neuron +
    "drive = { poisson = { indegree = 100, rate_hz = 50.0, weight = 0.2 } }\n"
    "[[projection]]\nsource = \"E\"\ntarget = \"E\"\nrule = { indegree = 100 }\nweight = 0.15\n"
    "delay = 1.5\n";

/// As `brunel` there, with g = 6 and an external rate of 2 thresholds.
std::string brunel_study() {
    std::string study = "schema = 1\n";
    for (const std::string target : {"E", "I"}) {
        study += "[[population]]\nname = \"" + target +
                 "\"\nsize = " + (target == "E" ? "10000\n" : "2500\n") + neuron +
                 "drive = { poisson = { indegree = 1000, rate_hz = 20.0, weight = 0.1 } }\n";
        for (const std::string source : {"E", "I"})
            study += "[[projection]]\nsource = \"" + source + "\"\ntarget = \"" + target +
                     "\"\nrule = { indegree = " +
                     (source == "E" ? "1000 }\nweight = 0.1" : "250 }\nweight = -0.6") +
                     "\ndelay = 1.5\n";
    }
    return study;
}

const std::string combined =
    "[step.combine]\n"
    "g = { projection.I.E.weight = -0.1, projection.I.I.weight = -0.1 }\n"
    "external = { population.E.drive.poisson.rate_hz = 10.0, "
    "population.I.drive.poisson.rate_hz = 10.0 }\n";

const std::string branch =
    "[[step]]\ndo = \"continue\"\nparameter = \"population.E.drive.poisson.rate_hz\"\n"
    "range = [20.0, 60.0]\n";

/// The folds that the library finds, ascending.
std::vector<SpecialPoint> folds_of_library() {
    const LifNetwork network = excitable(50.0);
    const auto field = make_mean_field(network, SynapseTheory::delta);
    const WorkingPoint start = find_working_point(network, SynapseTheory::delta);
    Branch found =
        continue_branch(equilibrium_curve(field, default_values(field->parameters()),
                                          index_of(field->parameters(), "source.noise.rate")),
                        equilibrium_start(start.rates_hz, 50.0), {.bounds = {{20.0, 60.0}}});
    std::ranges::sort(found.special, {},
                      [](const SpecialPoint& point) { return point.at.parameters[0]; });
    return found.special;
}

class MeanFieldBranches : public testing::Test {
protected:
    [[nodiscard]] Outcome run(const std::string& study) const {
        return run_program({"run", folder.write("study.toml", study), "--out", folder / "out",
                            "--overwrite", "--quiet"});
    }
    [[nodiscard]] Record summary(const std::string& step) const {
        return read_json(folder / ("out/" + step + "/summary.json"));
    }
    /// Values of a parameter at the folds of the first branch, ascending.
    [[nodiscard]] std::vector<double> folds(const std::string& parameter) const {
        std::vector<double> values;
        for (const Record& point : items(items(summary("continue"), "branches")[0], "special")) {
            EXPECT_EQ(text(point, "type"), "fold");
            EXPECT_EQ(point.find("unstable"), nullptr);
            values.push_back(number(*point.find("parameters"), parameter));
        }
        std::ranges::sort(values);
        return values;
    }
    [[nodiscard]] std::string refusal(const std::string& study) const {
        const Outcome outcome = run(study);
        EXPECT_EQ(outcome.code, 3) << outcome.err;
        return outcome.err;
    }
    Folder folder;
};

TEST_F(MeanFieldBranches, HaveTheFoldsOfTheLibrary) {
    const Outcome outcome = run(excitable_study + branch);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const std::vector<double> found = folds("population.E.drive.poisson.rate_hz");
    const std::vector<SpecialPoint> expected = folds_of_library();
    ASSERT_EQ(expected.size(), 2U);
    ASSERT_EQ(found.size(), 2U);
    for (std::size_t k = 0; k < found.size(); ++k)
        EXPECT_NEAR(found[k], expected[k].at.parameters[0], 1e-9 * found[k]);
    std::ifstream table(folder / "out/continue/branches.csv");
    std::string heading;
    std::getline(table, heading);
    EXPECT_EQ(heading,
              "branch,kind,point,label,population.E.drive.poisson.rate_hz [1/s],rate.E [Hz],"
              "unstable,residual,arclength");
}

TEST_F(MeanFieldBranches, AreFollowedInCombinedParameters) {
    const Outcome outcome =
        run(excitable_study +
            "[[step]]\ndo = \"continue\"\nparameter = \"drive\"\nrange = [0.4, 1.2]\n"
            "parameters = { drive = 1.0 }\n"
            "combine = { drive = { population.E.drive.poisson.rate_hz = 50.0 } }\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const std::vector<double> found = folds("drive");
    const std::vector<SpecialPoint> expected = folds_of_library();
    ASSERT_EQ(found.size(), 2U);
    for (std::size_t k = 0; k < found.size(); ++k)
        EXPECT_NEAR(50.0 * found[k], expected[k].at.parameters[0], 1e-7);
}

TEST_F(MeanFieldBranches, LeadToFoldsThatMeetInACusp) {
    const Outcome outcome =
        run(excitable_study + branch +
            "[[step]]\ndo = \"continue\"\nname = \"folds\"\nkind = \"fold\"\nfrom = \"fold1\"\n"
            "parameters2 = [\"population.E.drive.poisson.rate_hz\", \"projection.E.E.weight\"]\n"
            "ranges = [[20.0, 60.0], [0.05, 0.3]]\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record points = *items(summary("folds"), "branches")[0].find("special");
    ASSERT_EQ(points.as<Record::List>().size(), 1U);
    const Record cusp = points.as<Record::List>()[0];
    EXPECT_EQ(text(cusp, "type"), "cusp");
    // on the side of the cusp with weaker weights one state at any drive, on the other three
    const double drive = number(*cusp.find("parameters"), "population.E.drive.poisson.rate_hz"),
                 weight = number(*cusp.find("parameters"), "projection.E.E.weight");
    const auto most_states = [&](double factor) {
        std::size_t most = 0;
        for (double by = 0.96; by < 1.02; by += 0.002) {
            LifNetwork network = excitable(drive * by);
            network.projections[0].weight_mV = weight * factor;
            most = std::max(most,
                            find_all_working_points(network, SynapseTheory::delta).points.size());
        }
        return most;
    };
    EXPECT_EQ(most_states(0.97), 1U);
    EXPECT_EQ(most_states(1.03), 3U);
}

TEST_F(MeanFieldBranches, StartAtAStateOfTheTheory) {
    const std::string there = "parameters = { population.E.drive.poisson.rate_hz = 34.0 }\n";
    const Outcome outcome = run(excitable_study + "[[step]]\ndo = \"meanfield\"\nroots = false\n" +
                                there + branch + there + "from = [\"rest\", \"state3\"]\n");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    // both lie on one branch, which turns at two folds between them
    EXPECT_EQ(items(summary("continue"), "branches").size(), 1U);
    EXPECT_EQ(text(items(summary("continue"), "skipped")[0], "from"), "state3");
}

TEST_F(MeanFieldBranches, SeparateWhereRatesOscillateFromWhereTheyDoNot) {
    const Outcome outcome = run(brunel_study() +
                                "[[step]]\ndo = \"continue\"\nkind = \"hopf\"\ntheory = \"delta\"\n"
                                "parameters2 = [\"external\", \"g\"]\nintervals = 4\n"
                                "ranges = [[1.2, 6.0], [5.0, 7.0]]\n"
                                "parameters = { g = 6.0, external = 2.0 }\n" +
                                combined);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record onset = items(summary("continue"), "onsets")[0];
    const TransferOptions delta{SynapseTheory::delta, Refractoriness::exact,
                                SynapticFilter::left_out};
    const OscillationOnset expected =
        find_oscillation_onset(brunel(6.0, 1.0), "source.noise.rate", {12.0, 60.0}, delta);
    EXPECT_NEAR(10.0 * number(*onset.find("parameters"), "external"), expected.value,
                1e-8 * expected.value);
    EXPECT_NEAR(number(onset, "frequency"), expected.frequency_hz, 1e-6);
    std::ifstream table(folder / "out/continue/branches.csv");
    std::string line;
    std::getline(table, line);
    EXPECT_THAT(line, StartsWith("branch,kind,point,label,external [1],g [1],rate.E [Hz],rate.I "
                                 "[Hz],unstable,frequency [1/s],"));
    int checked = 0;
    for (int row = 0; std::getline(table, line); ++row) {
        if (row % 8 != 4) continue;
        std::vector<std::string> cells;
        std::istringstream text(line);
        for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
        const double external = std::stod(cells[4]), g = std::stod(cells[5]);
        const OscillationOnset there = find_oscillation_onset(
            brunel(g, 1.0), "source.noise.rate", {9.0 * external, 11.3 * external}, delta);
        EXPECT_NEAR(there.value, 10.0 * external, 1e-7 * there.value) << there.message;
        EXPECT_NEAR(there.frequency_hz, std::stod(cells[9]), 1e-5);
        ++checked;
    }
    EXPECT_GE(checked, 2);
}

TEST_F(MeanFieldBranches, RefuseWhatCannotBeFollowed) {
    const auto of = [&](const std::string& parameter, const std::string& range,
                        const std::string& more = "") {
        return refusal(excitable_study + "[[step]]\ndo = \"continue\"\nparameter = \"" + parameter +
                       "\"\nrange = " + range + "\n" + more);
    };
    const std::string rate = "population.E.drive.poisson.rate_hz";
    EXPECT_THAT(of("drive", "[0.0, 1.0]"), HasSubstr("unknown parameter \"drive\": a mean field"));
    EXPECT_THAT(of("population.E.drive.poisson.rate", "[0.0, 1.0]"),
                HasSubstr("did you mean \"population.E.drive.poisson.rate_hz\"?"));
    EXPECT_THAT(of("population.X.size", "[0.0, 1.0]"), HasSubstr("study.toml:"));
    EXPECT_THAT(refusal(excitable_study + "[[step]]\ndo = \"continue\"\nparameter = "
                                          "\"projection.E.E.weight\"\nrange = [0.1, 0.2]\n"
                                          "parameters = { projection.E.E.weight = { normal = "
                                          "[0.1, 0.01] } }\n"),
                HasSubstr("there is a number before \"normal\", not a table"));
    EXPECT_THAT(of("projection.E.E.delay", "[1.0, 2.0]"),
                HasSubstr("rates do not depend on projection.E.E.delay"));
    EXPECT_THAT(of("projection.E.E.rule.indegree", "[50.0, 150.5]"), HasSubstr("whole number"));
    EXPECT_THAT(of(rate, "[-20.0, 60.0]"), HasSubstr("rate_hz"));
    EXPECT_THAT(of(rate, "[60.0, 20.0]"), HasSubstr("must ascend"));
    EXPECT_THAT(of(rate, "[20.0, 40.0]"), HasSubstr("outside its range"));
    EXPECT_THAT(of(rate, "[20.0, 60.0]", "kind = \"cycle\"\n"), HasSubstr("unknown choice"));
    EXPECT_THAT(of(rate, "[20.0, 60.0]", "kind = \"hopf\"\n"), HasSubstr("give parameters2"));
    EXPECT_THAT(of(rate, "[20.0, 60.0]", "functions = { x = \"E\" }\n"),
                HasSubstr("are of a [model] of one region"));
    EXPECT_THAT(of(rate, "[20.0, 60.0]", "combine = { x = { projection.E.E.weight = 1.0 } }\n"),
                HasSubstr("parameters.x is missing"));
    EXPECT_THAT(of("x", "[0.0, 1.0]", "combine = { x = { weight = 1.0 } }\n"),
                HasSubstr("must be a table of quantities"));
    EXPECT_THAT(refusal("schema = 1\n[[step]]\ndo = \"continue\"\nparameter = \"P\"\nrange = [0, "
                        "1]\n"),
                HasSubstr("model"));
}

TEST_F(MeanFieldBranches, SayWhereParametersDoNotMoveAlongLines) {
    std::string study = excitable_study;
    study.replace(study.find("drive = { "), 10, "drive = { constant = 10.0, ");
    EXPECT_THAT(refusal(study + "[[step]]\ndo = \"continue\"\n"
                                "parameter = \"population.E.parameters.C\"\n"
                                "range = [100.0, 500.0]\n"),
                HasSubstr("do not change along lines with population.E.parameters.C"));
}

}  // namespace
}  // namespace cortifold
