// Theory against runs, from the command line.
#include "app/program.hpp"
#include <cortifold/io/record.hpp>
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

/// Neurons that only receive.
std::string receivers(double rate_hz, double weight_mv, int size = 400) {
    return "schema = 1\nseed = 3\n[[population]]\nname = \"cells\"\nsize = " +
           std::to_string(size) +
           "\nmodel = \"lif_delta\"\nparameters = { tau_m = 20.0, t_ref = 2.0, E_L = 0.0, V_th = "
           "20.0, V_reset = 10.0 }\ndrive = { poisson = { indegree = 1, rate_hz = " +
           std::to_string(rate_hz) + ", weight = " + std::to_string(weight_mv) + " } }\n";
}
constexpr std::string_view theory =
    "[[step]]\ndo = \"meanfield\"\nspectra = { frequencies = [1.0, "
    "400.0], points = 100 }\n";
constexpr std::string_view simulation =
    "[[step]]\ndo = \"spike\"\nduration = 2000.0\ntransient = 200.0\nrecord = \"none\"\n";
constexpr std::string_view comparison = "[[step]]\ndo = \"compare\"\n";

class CompareCommand : public testing::Test {
protected:
    [[nodiscard]] Outcome run(const std::string& study, const std::string& command = "run",
                              std::vector<std::string> more = {}) const {
        std::vector<std::string> words{command,       folder.write("study.toml", study),
                                       "--out",       folder / "out",
                                       "--overwrite", "--quiet"};
        words.insert(words.end(), more.begin(), more.end());
        return run_program(words);
    }
    [[nodiscard]] Record summary(const std::string& step) const {
        return read_json(folder / ("out/" + step + "/summary.json"));
    }
    [[nodiscard]] std::string refusal(const std::string& study) const {
        const Outcome outcome = run(study);
        EXPECT_EQ(outcome.code, 3);
        return outcome.err;
    }
    Folder folder;
};

std::string study(const std::string& network) {
    return network + std::string(theory) + std::string(simulation) + std::string(comparison);
}

TEST_F(CompareCommand, RunsWhatItCompares) {
    const std::string unused = "[[step]]\nname = \"other\"\ndo = \"spike\"\nduration = 1.0\n";
    ASSERT_EQ(run(receivers(10000.0, 0.1) + std::string(theory) + unused + std::string(simulation) +
                      std::string(comparison),
                  "compare")
                  .code,
              0);
    EXPECT_EQ(text(summary("compare"), "run"), "spike2");  // the nearest
    EXPECT_FALSE(std::filesystem::exists(folder / "out/other"));
}

/// Of neurons on their own the theory has a white spectrum at rate / size; that of regular ones is
/// less at low frequencies.
TEST_F(CompareCommand, TellsSpectraOfPoissonSpikesFromThoseOfClocks) {
    ASSERT_EQ(run(study(receivers(1500.0, 0.5))).code, 0);
    const Record spectrum = items(summary("compare"), "spectra").at(0);
    EXPECT_EQ(text(spectrum, "name"), "cells");
    EXPECT_GE(number(spectrum, "bands"), 10.0);
    EXPECT_GE(number(spectrum, "agree"), number(spectrum, "bands") - 1.0) << to_json(spectrum);
    const CsvTable bands = read_csv(folder / "out/compare/bands.csv");
    EXPECT_EQ(static_cast<double>(bands.rows.size()), number(spectrum, "bands"));
    EXPECT_TRUE((bands.numbers("low").array() < bands.numbers("high").array()).all());
    ASSERT_EQ(run(study(receivers(14000.0, 0.1))).code, 0);
    const Record regular = items(summary("compare"), "spectra").at(0);
    EXPECT_FALSE(regular.find("agrees")->as<bool>());
    EXPECT_LT(number(regular, "chance"), 1e-6);
    EXPECT_THAT(items(regular, "validity").at(0).as<std::string>(), HasSubstr("Poisson"));
}

TEST_F(CompareCommand, TakesRunsOfSeveralSizesToTheirLimit) {
    std::string network = receivers(10000.0, 0.1) + std::string(theory);
    for (const std::string size : {"50", "100", "200"})
        network += "[[step]]\nname = \"n" + size +
                   "\"\ndo = \"spike\"\nduration = 1000.0\ntransient = 100.0\nrecord = \"none\"\n"
                   "parameters = { population.cells.size = " +
                   size + " }\n";
    ASSERT_EQ(
        run(network + "[[step]]\ndo = \"compare\"\nruns = [\"n200\", \"n50\", \"n100\"]\n").code,
        0);
    const Record found = summary("compare");
    EXPECT_EQ(text(found, "run"), "n200");
    const Record limit = items(found, "limits").at(0);
    EXPECT_EQ(text(limit, "name"), "cells.rate_hz");
    EXPECT_EQ(number(limit, "degrees_of_freedom"), 1.0);
    EXPECT_EQ(items(limit, "runs").size(), 3);
    const Record check = items(found, "checks").at(0);
    EXPECT_EQ(number(check, "observed"), number(limit, "limit"));
    // Neurons without connections have no effect of size.
    EXPECT_LT(std::abs(number(limit, "slope")), 4.0 * number(limit, "slope_error"));
    const CsvTable sizes = read_csv(folder / "out/compare/sizes.csv");
    EXPECT_EQ(sizes.numbers("size").head(3), Eigen::Vector3d(50.0, 100.0, 200.0));
}

TEST_F(CompareCommand, FillsAMapOfAgreement) {
    ASSERT_EQ(run(receivers(10000.0, 0.1, 100) + std::string(theory) + std::string(simulation) +
                  "[[step]]\ndo = \"scan\"\naxes = { population.cells.drive.poisson.rate_hz = "
                  "[9000.0, 11000.0, 2] }\nsteps = [\"meanfield\", \"spike\", { do = \"compare\" "
                  "}]\nrecord = [\"compare.agreeing_part\", \"compare.checks[0].z\", "
                  "\"compare.agrees\"]\n")
                  .code,
              0);
    const CsvTable cells = read_csv(folder / "out/scan/cells.csv");
    ASSERT_EQ(cells.rows.size(), 2);
    EXPECT_TRUE((cells.numbers("compare.agreeing_part").array() > 0.0).all());
    EXPECT_TRUE(cells.numbers("compare.checks[0].z").allFinite());
    EXPECT_EQ(number(summary("scan"), "failed"), 0.0);
}

TEST_F(CompareCommand, FailsOnDemandWhereBothDiffer) {
    const std::string wrong = study(receivers(60.0, 12.0));
    EXPECT_EQ(run(wrong).code, 0);
    EXPECT_FALSE(summary("compare").find("agrees")->as<bool>());
    EXPECT_EQ(run(wrong, "run", {"--fail-on", "disagree"}).code, 5);
    EXPECT_EQ(run(study(receivers(1500.0, 0.5)), "run", {"--fail-on", "disagree"}).code,
              summary("compare").find("agrees")->as<bool>() ? 0 : 5);
    EXPECT_EQ(run(wrong, "run", {"--fail-on", "anything"}).code, 2);
}

TEST_F(CompareCommand, DoubtsTheIrregularityOfAFewSpikes) {
    ASSERT_EQ(run(study(receivers(1500.0, 0.5))).code, 0);
    const Record irregularity = items(summary("compare"), "checks").at(1);
    EXPECT_EQ(text(irregularity, "name"), "cells.cv_isi");
    EXPECT_THAT(to_json(*irregularity.find("validity")), HasSubstr("long intervals"));
}

TEST_F(CompareCommand, RefusesRunsThatItCannotTake) {
    const std::string network =
        receivers(10000.0, 0.1) + std::string(theory) + std::string(simulation);
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"compare\"\nruns = [\"spike\"]\n"),
                HasSubstr("two or more different steps spike"));
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"compare\"\nruns = \"spike\"\n"),
                HasSubstr("two or more different steps spike"));
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"compare\"\nruns = [\"spike\", \"spiek\"]\n"),
                HasSubstr("did you mean \"spike\"?"));
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"compare\"\nrun = \"spike\"\nruns = [\"spike\", "
                                  "\"spike\"]\n"),
                HasSubstr("only one of the two keys"));
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"compare\"\nbands = 0\n"), HasSubstr("bands"));
}

TEST_F(CompareCommand, SetsAQuantityOfAllPopulations) {
    const std::string network =
        receivers(10000.0, 0.1, 100) +
        "[[projection]]\nsource = \"cells\"\n"
        "target = \"cells\"\nrule = { indegree = 10 }\nweight = 0.1\ndelay = 1.0\n";
    const auto rate = [&](const std::string& parameters) {
        EXPECT_EQ(
            run(network + "[[step]]\ndo = \"meanfield\"\nparameters = { " + parameters + " }\n")
                .code,
            0);
        return number(items(items(summary("meanfield"), "states").at(0), "populations").at(0),
                      "rate_hz");
    };
    EXPECT_EQ(rate("projection.cells.cells.weight = -0.4"),
              rate("projection.\"*\".cells.weight = -0.4"));
    EXPECT_EQ(rate("population.cells.drive.poisson.rate_hz = 12000.0"),
              rate("population.\"*\".drive.poisson.rate_hz = 12000.0"));
    EXPECT_NE(rate("projection.\"*\".\"*\".weight = -0.4"),
              rate("projection.\"*\".\"*\".weight = 0.1"));
    EXPECT_THAT(
        refusal(network +
                "[[step]]\ndo = \"meanfield\"\nparameters = { projection.x.\"*\".weight = 1.0 }\n"),
        HasSubstr("x.*"));
}

}  // namespace
}  // namespace cortifold
