// Mean fields of networks of spiking neurons from the command line, and what runs say of them.
#include "app/program.hpp"
#include <cortifold/io/record.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;

/// The network of the benchmark, after Brunel 2000: both populations see the same.
std::string brunel() {
    std::string study = "schema = 1\n";
    for (const std::string target : {"E", "I"}) {
        study += "[[population]]\nname = \"" + target +
                 "\"\nsize = " + (target == "E" ? "8000" : "2000") +
                 "\nmodel = \"lif_delta\"\nparameters = { tau_m = 20.0, t_ref = 2.0, E_L = 0.0, "
                 "V_th = 20.0, V_reset = 10.0 }\n"
                 "drive = { poisson = { indegree = 1000, rate_hz = 20.0, weight = 0.1 } }\n";
        for (const std::string source : {"E", "I"})
            study += "[[projection]]\nsource = \"" + source + "\"\ntarget = \"" + target +
                     "\"\nrule = { indegree = " +
                     (source == "E" ? "800 }\nweight = 0.1" : "200 }\nweight = -0.5") +
                     "\ndelay = 1.5\n";
    }
    return study;
}

/// Neurons that only receive; with few strong spikes their input is no diffusion.
std::string receivers(double rate_hz, double weight_mv) {
    return "schema = 1\nseed = 5\n[[population]]\nname = \"cells\"\nsize = 200\n"
           "model = \"lif_delta\"\nparameters = { tau_m = 20.0, t_ref = 2.0, E_L = 0.0, V_th = "
           "20.0, V_reset = 10.0 }\ndrive = { poisson = { indegree = 1, rate_hz = " +
           std::to_string(rate_hz) + ", weight = " + std::to_string(weight_mv) +
           " } }\n[[step]]\ndo = \"meanfield\"\n[[step]]\ndo = \"spike\"\nduration = 2000.0\n"
           "transient = 200.0\n[[step]]\ndo = \"compare\"\n";
}

class MeanFieldCommand : public testing::Test {
protected:
    [[nodiscard]] Outcome run(const std::string& study, const std::string& command = "run") const {
        return run_program({command, folder.write("study.toml", study), "--out", folder / "out",
                            "--overwrite", "--quiet"});
    }
    [[nodiscard]] Record summary(const std::string& step) const {
        return read_json(folder / ("out/" + step + "/summary.json"));
    }
    Folder folder;
};

TEST_F(MeanFieldCommand, HasTheRatesOfTheTheory) {
    ASSERT_EQ(run(brunel() + "[[step]]\ndo = \"meanfield\"\n"
                             "spectra = { frequencies = [1.0, 500.0], points = 200 }\n")
                  .code,
              0);
    const Record found = summary("meanfield");
    ASSERT_EQ(items(found, "states").size(), 1);
    const Record state = items(found, "states")[0];
    for (const Record& population : items(state, "populations"))
        EXPECT_NEAR(number(population, "rate_hz"), 43.233, 1e-3);
    EXPECT_LT(number(state, "residual_hz"), 1e-9);
    std::ifstream spectra(folder / "out/meanfield/spectra.csv");
    EXPECT_EQ(std::count(std::istreambuf_iterator<char>(spectra), {}, '\n'), 201);
}

TEST_F(MeanFieldCommand, AgreesWithNeuronsWhoseInputDiffuses) {
    ASSERT_EQ(run(receivers(10000.0, 0.1)).code, 0);
    const Record found = summary("compare");
    EXPECT_EQ(number(found, "agree"), std::ssize(items(found, "checks")));
    EXPECT_GE(number(found, "agree"), 2.0);
}

TEST_F(MeanFieldCommand, DiffersFromNeuronsThatAFewSpikesDrive) {
    ASSERT_EQ(run(receivers(60.0, 12.0)).code, 0);
    const Record found = summary("compare");
    const Record rate = items(found, "checks")[0];
    EXPECT_EQ(text(rate, "name"), "cells.rate_hz");
    EXPECT_FALSE(rate.find("agrees")->as<bool>());
    EXPECT_GT(std::abs(number(rate, "z")), 3.0);
    EXPECT_THAT(text(found, "message"), HasSubstr("the farthest off"));
}

TEST_F(MeanFieldCommand, RefusesWhatHasNoTheory) {
    const auto refusal = [&](const std::string& study) {
        const Outcome outcome = run(study);
        EXPECT_EQ(outcome.code, 3);
        return outcome.err;
    };
    const std::string network = brunel();
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"meanfield\"\ntheory = \"shifted\"\n"),
                HasSubstr("did you mean \"shift\"?"));
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"meanfield\"\nspectra = { frequencies = [-1.0, "
                                  "5.0] }\n"),
                HasSubstr("must not be negative"));
    EXPECT_THAT(refusal(network + "[[step]]\ndo = \"compare\"\n"),
                HasSubstr("needs a step meanfield before it"));
    const std::string spatial =
        network + "[[step]]\ndo = \"spatial\"\nkernels = { E = { boxcar = 0.2 } }\n";
    EXPECT_THAT(refusal(spatial + "response = \"neurons\"\nslowest_growth = -50.0\n"),
                HasSubstr("slowest_growth = -50/s must be above -1 / tau_m = -50/s"));
    EXPECT_THAT(refusal(spatial + "parameters2 = [\"width.E\", \"width.E\"]\n"
                                  "ranges = [[0.1, 0.2], [0.1, 0.3]]\n"),
                HasSubstr("two different quantities, not \"width.E\" twice"));
    EXPECT_THAT(refusal("schema = 1\n[model]\nname = \"wilson_cowan\"\n[[step]]\n"
                        "do = \"meanfield\"\n"),
                HasSubstr("[[population]]"));
}

}  // namespace
}  // namespace cortifold
