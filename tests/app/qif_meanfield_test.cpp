// Exact mean fields of quadratic integrate-and-fire neurons from the command line.
#include "app/program.hpp"
#include <cortifold/core/matrix.hpp>
#include <cortifold/io/record.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;

/// Figure 2 of Montbrio, Pazo & Roxin 2015, tau = 10 ms: J = 15, from the lower state.
std::string bistable(const std::string& rest, int size = 1000) {
    return "schema = 1\nseed = 2\n[[population]]\nname = \"qif\"\nsize = " + std::to_string(size) +
           "\nmodel = \"qif_delta\"\n"
           "parameters = { tau = 10.0, eta = { lorentzian = [-5.0, 1.0], quantiles = true } }\n"
           "initial = { V = { lorentzian = [-1.9616, 0.2549] } }\n"
           "drive = { step = { start = 50.0, stop = 150.0, amplitude = 3.0 } }\n"
           "[[projection]]\nsource = \"qif\"\ntarget = \"qif\"\nrule = \"all_to_all\"\n"
           "weight = " +
           std::to_string(15.0 / size) + "\ndelay = 0.05\n[spiking]\nstep = 0.05\n" + rest;
}

/// ng_ping with its default parameters.
std::string gamma(const std::string& rest) {
    std::string study = "schema = 1\nseed = 2\n[spiking]\nstep = 0.05\n";
    for (const std::string name : {"E", "I"})
        study += "[[population]]\nname = \"" + name +
                 "\"\nsize = 500\nmodel = \"qif_exp\"\n"
                 "parameters = { tau = 8.0, tau_ex = 1.0, tau_in = 5.0, eta = { lorentzian = "
                 "[-5.0, 1.0], quantiles = true } }\n"
                 "initial = { V = { lorentzian = [-1.0, 0.5] } }\ndrive = { constant = " +
                 (name == "E" ? "10.0" : "0.0") + " }\n";
    const std::tuple<std::string, std::string, double> weights[] = {
        {"E", "E", 5.0}, {"I", "E", -13.0}, {"E", "I", 13.0}, {"I", "I", -5.0}};
    for (const auto& [source, target, J] : weights)
        study += "[[projection]]\nsource = \"" + source + "\"\ntarget = \"" + target +
                 "\"\nrule = \"all_to_all\"\nweight = " + std::to_string(J / 500.0) +
                 "\ndelay = 0.05\n";
    return study + rest;
}

/// Times and the rates of one population.
Matrix courses(const std::string& file) {
    std::ifstream table(file);
    std::string header;
    std::getline(table, header);
    std::vector<Eigen::RowVector2d> rows;
    char comma = 0;
    for (Eigen::RowVector2d row; table >> row[0] >> comma >> row[1];) rows.push_back(row);
    Matrix all(std::ssize(rows), 2);
    for (std::size_t k = 0; k < rows.size(); ++k) all.row(static_cast<Eigen::Index>(k)) = rows[k];
    return all;
}

class QifMeanFieldCommand : public testing::Test {
protected:
    [[nodiscard]] Outcome run(const std::string& study) const {
        return run_program({"run", folder.write("study.toml", study), "--out", folder / "out",
                            "--overwrite", "--quiet"});
    }
    [[nodiscard]] Record summary(const std::string& step) const {
        return read_json(folder / ("out/" + step + "/summary.json"));
    }
    Folder folder;
};

TEST_F(QifMeanFieldCommand, FindsStatesAndWhatTheFirstOneOfARunSettlesOn) {
    ASSERT_EQ(run(bistable("[[step]]\ndo = \"meanfield\"\n")).code, 0);
    const Record found = summary("meanfield");
    const auto& states = items(found, "states");
    ASSERT_EQ(states.size(), 3U);
    const double rates[] = {8.11344419501, 47.2980340685, 103.059679884};
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(number(items(states[k], "populations")[0], "rate_hz"), rates[k], 1e-8);
        EXPECT_EQ(number(states[k], "unstable"), k == 1 ? 1.0 : 0.0);
    }
    EXPECT_EQ(text(found, "attractor"), "state1");
    EXPECT_THAT(items(states[0], "validity")[1].as<std::string>(), HasSubstr("not of states"));
}

// Of the specification: period 21.365548274 ms.
TEST_F(QifMeanFieldCommand, FindsTheGammaCycleAndItsError) {
    ASSERT_EQ(run(gamma("[[step]]\ndo = \"meanfield\"\n")).code, 0);
    const Record found = summary("meanfield");
    EXPECT_EQ(text(found, "attractor"), "cycle1");
    const auto& states = items(found, "states");
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(number(states[0], "unstable"), 2.0);
    for (const Record& population : items(states[1], "populations")) {
        EXPECT_NEAR(1e3 / number(population, "rhythm_hz"), 21.365548274, 1e-8);
        EXPECT_LT(number(population, "rhythm_hz_error"), 1e-7);
        EXPECT_LT(number(population, "rate_amplitude_hz_error"),
                  1e-6 * number(population, "rate_amplitude_hz"));
        EXPECT_GT(number(population, "rate_amplitude_hz"), number(population, "rate_hz"));
    }
}

// The pulse of the protocol moves network and theory alike from the lower to the upper state.
TEST_F(QifMeanFieldCommand, FollowsARunBinByBin) {
    const std::string protocol = "duration = 240.0\ntransient = 10.0\nrate_bin = 2.5\n";
    const Outcome outcome =
        run(bistable("[[step]]\ndo = \"meanfield\"\nfinite_size = true\n" + protocol +
                     "[[step]]\ndo = \"spike\"\nrecord = \"none\"\n" + protocol));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Matrix theory = courses(folder / "out/meanfield/courses.csv"),
                 seen = courses(folder / "out/spike/rates.csv");
    ASSERT_EQ(theory.rows(), 96);
    ASSERT_EQ(seen.rows(), 96);
    EXPECT_EQ(theory.col(0), seen.col(0));
    // To the top and back; later rings of 1000 neurons have lost their phase.
    const auto onset = [](const Matrix& of) { return of.col(1).head(30); };
    EXPECT_LT((onset(theory) - onset(seen)).norm(), 0.15 * onset(theory).norm());
    EXPECT_GT(onset(theory).maxCoeff(), 20.0 * theory(0, 1));
    const Record course = items(summary("meanfield"), "states")[3];
    EXPECT_EQ(text(course, "label"), "course");
    EXPECT_THAT(read_file(folder / "out/report.html"),
                HasSubstr("3 self-consistent states, of which 2 are stable"));
    EXPECT_NEAR(number(items(course, "populations")[0], "rate_hz"), theory.col(1).mean(), 1e-9);
    const auto end = [](const Matrix& of) { return of.col(1).tail(16).mean(); };
    EXPECT_NEAR(end(seen), end(theory), 0.02 * 103.0);
    EXPECT_NEAR(end(theory), 103.0, 5.0);
}

TEST_F(QifMeanFieldCommand, MeetsFrequencyAndAmplitudeOfARun) {
    ASSERT_EQ(run(gamma("[[step]]\ndo = \"meanfield\"\n[[step]]\ndo = \"spike\"\nduration = "
                        "400.0\ntransient = 100.0\nrate_bin = 0.1\nrecord = \"none\"\n"))
                  .code,
              0);
    const Record cycle = items(summary("meanfield"), "states")[1], found = summary("spike");
    for (std::size_t k = 0; k < 2; ++k) {
        const Record theory = items(cycle, "populations")[k], seen = items(found, "populations")[k];
        for (const char* key : {"rhythm_hz", "rate_amplitude_hz"}) {
            EXPECT_NEAR(number(seen, key), number(theory, key), 0.1 * number(theory, key)) << key;
            EXPECT_GT(number(seen, std::string(key) + "_error"), 0.0);
        }
    }
}

TEST_F(QifMeanFieldCommand, RefusesWhatItCannotMean) {
    const auto refusal = [&](const std::string& study) {
        const Outcome outcome = run(study);
        EXPECT_EQ(outcome.code, 3);
        return outcome.err;
    };
    EXPECT_THAT(refusal(bistable("[[step]]\ndo = \"meanfield\"\nroots = true\n")),
                HasSubstr("roots"));
    EXPECT_THAT(refusal(bistable("[[step]]\ndo = \"meanfield\"\nduration = 2.0\n"
                                 "rate_bin = 5.0\n")),
                HasSubstr("duration = 2 ms makes 0 bins of 5 ms"));
    std::string normal = bistable("[[step]]\ndo = \"meanfield\"\n");
    normal.replace(normal.find("lorentzian"), 10, "normal");
    normal.replace(normal.find(", quantiles = true"), 18, "");
    EXPECT_THAT(refusal(normal), HasSubstr("population.qif.parameters.eta has no Lorentzian law"));
}

}  // namespace
}  // namespace cortifold
