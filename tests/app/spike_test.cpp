// Networks of spiking neurons from the command line.
#include "app/program.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <sstream>
#include <utility>
#include <vector>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace fs = std::filesystem;

constexpr std::string_view alone = R"(
schema = 1
seed = 3
[[population]]
name = "cells"
size = 20
model = "lif_delta"
parameters = { C = 200.0, tau_m = 20.0, t_ref = 2.0, E_L = 0.0, V_th = 20.0, V_reset = 10.0 }
drive = { constant = 300.0 }
[[step]]
do = "spike"
duration = 1000.0
)";

constexpr std::string_view balanced = R"(
schema = 1
seed = 3
[[population]]
name = "E"
size = 400
model = "lif_delta"
drive = { poisson = { indegree = 1000, rate_hz = 20.0, weight = 0.1 } }
rate_hz = 30.0
[[population]]
name = "I"
size = 100
model = "lif_delta"
drive = { poisson = { indegree = 1000, rate_hz = 20.0, weight = 0.1 } }
rate_hz = 30.0
[[projection]]
source = "E"
target = "E"
rule = { indegree = 40 }
weight = 0.1
delay = 1.5
[[projection]]
source = "E"
target = "I"
rule = { indegree = 40 }
weight = 0.1
delay = 1.5
[[projection]]
source = "I"
target = "E"
rule = { indegree = 10 }
weight = -0.5
delay = 1.5
[[projection]]
source = "I"
target = "I"
rule = { indegree = 10 }
weight = -0.5
delay = 1.5
[[step]]
do = "spike"
duration = 300.0
transient = 50.0
)";

class SpikeCommand : public testing::Test {
protected:
    [[nodiscard]] Outcome run(std::string_view study, std::vector<std::string> options = {},
                              const std::string& out = "out") const {
        std::vector<std::string> arguments{"spike", folder.write("study.toml", study), "--out",
                                           folder / out, "--overwrite"};
        if (std::ranges::find(options, "--loud") == options.end())
            arguments.emplace_back("--quiet");
        else
            std::erase(options, "--loud");
        arguments.insert(arguments.end(), options.begin(), options.end());
        return run_program(arguments);
    }
    [[nodiscard]] Record summary(std::string_view study, std::vector<std::string> options = {},
                                 const std::string& out = "out") const {
        const Outcome outcome = run(study, std::move(options), out);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_json(folder / (out + "/spike/summary.json"));
    }
    [[nodiscard]] std::string refusal(std::string_view study,
                                      std::vector<std::string> options = {}) const {
        const Outcome outcome = run(study, std::move(options));
        EXPECT_TRUE(outcome.code == 2 || outcome.code == 3) << outcome.code;
        return outcome.err;
    }
    [[nodiscard]] std::string contents(const std::string& out) const {
        std::string all;
        for (const char* file :
             {"summary.json", "data.h5", "raster.csv", "rates.csv", "populations.csv"})
            all += read_file(folder / (out + "/spike/" + file));
        return all;
    }
    Folder folder;
};

TEST_F(SpikeCommand, FindsTheRateOfNeuronsUnderAConstantCurrent) {
    const Record found = summary(alone);
    // V goes from 10 towards R I = 30 mV and reaches 20 after tau ln 2, then rests for t_ref:
    // 13.863 ms, the next step of 0.1 ms, and 2 ms.
    const double interval = 13.9 + 2.0;
    const Record cells = items(found, "populations").front();
    EXPECT_NEAR(number(cells, "rate_hz"), 1000.0 / interval, 1.0);
    EXPECT_EQ(number(cells, "cv_isi"), 0.0);
    EXPECT_EQ(number(cells, "silent_fraction"), 0.0);
    EXPECT_EQ(number(found, "duration"), 1000.0);
    EXPECT_EQ(number(found, "neurons"), 20.0);
    EXPECT_EQ(number(found, "synapses"), 0.0);
    const NumericTable spikes = read_hdf5(folder / "out/spike/data.h5", "spikes");
    EXPECT_EQ(static_cast<double>(spikes.values.rows()), number(found, "spikes"));
    Vector of_first(0);
    for (Eigen::Index k = 0; k < spikes.values.rows(); ++k)
        if (spikes.values(k, 1) == 0.0) {
            of_first.conservativeResize(of_first.size() + 1);
            of_first[of_first.size() - 1] = spikes.values(k, 0);
        }
    ASSERT_GT(of_first.size(), 60);
    for (Eigen::Index k = 1; k < of_first.size(); ++k)
        EXPECT_NEAR(of_first[k] - of_first[k - 1], interval, 1e-9);
}

TEST_F(SpikeCommand, LeavesTheTransientOutOfAllTables) {
    const Record found = summary(balanced);
    EXPECT_EQ(number(found, "duration"), 300.0);
    const NumericTable spikes = read_hdf5(folder / "out/spike/data.h5", "spikes");
    EXPECT_GT(spikes.values.col(0).minCoeff(), 0.0);
    EXPECT_LE(spikes.values.col(0).maxCoeff(), 300.0 + 1e-9);
    EXPECT_EQ(static_cast<double>(spikes.values.rows()), number(found, "spikes"));
    double by_rates = 0.0;
    for (const Record& population : items(found, "populations"))
        by_rates += number(population, "rate_hz") * number(population, "size") * 0.3;
    EXPECT_NEAR(by_rates, number(found, "spikes"), 1e-6);
    EXPECT_THAT(read_file(folder / "out/spike/rates.csv"),
                StartsWith("t [ms],E [1/s],I [1/s]\n0.5,"));
}

TEST_F(SpikeCommand, CountsEverySpikeInTheRatesOfBins) {
    const Record found = summary(balanced);
    const std::string table = read_file(folder / "out/spike/rates.csv");
    double spikes = 0.0;
    std::istringstream lines(table.substr(table.find('\n') + 1));
    int rows = 0;
    for (std::string line; std::getline(lines, line); ++rows) {
        double t = 0.0, e = 0.0, i = 0.0;
        ASSERT_EQ(std::sscanf(line.c_str(), "%lf,%lf,%lf", &t, &e, &i), 3);
        EXPECT_EQ(t, rows + 0.5);
        spikes += (e * 400 + i * 100) * 1e-3;
    }
    EXPECT_EQ(rows, 300);
    EXPECT_NEAR(spikes, number(found, "spikes"), 1e-6);
}

TEST_F(SpikeCommand, HasTheSameBytesForAnyNumberOfThreads) {
    (void)summary(balanced, {"--threads", "1"}, "one");
    (void)summary(balanced, {"--threads", "3"}, "three");
    EXPECT_TRUE(contents("one") == contents("three"));
    (void)summary(balanced, {"--seed", "4"}, "other");
    EXPECT_FALSE(contents("one") == contents("other"));
}

TEST_F(SpikeCommand, TakesQuantitiesByNameFromTheStepAndTheCommandLine) {
    const std::string own =
        std::string(alone) + "parameters = { population.cells.drive.constant = 100.0 }\n";
    EXPECT_EQ(number(summary(own), "spikes"), 0.0) << "30 mV become 10, below threshold";
    EXPECT_EQ(number(summary(alone, {"--set", "population.cells.drive.constant=100"}), "spikes"),
              0.0);
    EXPECT_EQ(number(summary(std::string(alone) +
                             "parameters = { \"population.cells.drive.constant\" = 100.0 }\n"),
                     "spikes"),
              0.0);
}

TEST_F(SpikeCommand, WritesTheSpikesOfThePopulationsThatAreAskedFor) {
    const Record all = summary(balanced);
    const Record some = summary(std::string(balanced) + "record = [\"I\"]\n");
    EXPECT_EQ(to_json(*all.find("populations")), to_json(*some.find("populations")));
    const NumericTable spikes = read_hdf5(folder / "out/spike/data.h5", "spikes");
    EXPECT_EQ(static_cast<double>(spikes.values.rows()),
              number(items(some, "populations")[1], "spikes"));
    EXPECT_GE(spikes.values.col(1).minCoeff(), 400.0);
    (void)summary(std::string(balanced) + "record = \"none\"\n");
    EXPECT_EQ(read_hdf5(folder / "out/spike/data.h5", "spikes").values.rows(), 0);
}

TEST_F(SpikeCommand, WritesTheSpikesOfAsManyNeuronsAsAreAskedFor) {
    const Record all = summary(balanced);
    const Matrix spikes = read_hdf5(folder / "out/spike/data.h5", "spikes").values;
    const Record some = summary(std::string(balanced) + "record = { E = 4 }\n");
    EXPECT_EQ(to_json(*all.find("populations")), to_json(*some.find("populations")));
    std::vector<std::pair<double, double>> expected, found;  // spread evenly over 400
    const auto is_chosen = [](double neuron) {
        return neuron < 400.0 && std::fmod(neuron, 100) == 0;
    };
    for (Eigen::Index k = 0; k < spikes.rows(); ++k)
        if (is_chosen(spikes(k, 1))) expected.emplace_back(spikes(k, 0), spikes(k, 1));
    const Matrix kept = read_hdf5(folder / "out/spike/data.h5", "spikes").values;
    for (Eigen::Index k = 0; k < kept.rows(); ++k) found.emplace_back(kept(k, 0), kept(k, 1));
    EXPECT_GT(found.size(), 10U);
    EXPECT_EQ(found, expected);
    EXPECT_THAT(refusal(std::string(balanced) + "record = { E = 401 }\n"),
                AllOf(HasSubstr("step.spike.record.E = 401 must be in [0, 400]"),
                      HasSubstr("study.toml:44")));
    EXPECT_THAT(refusal(std::string(balanced) + "record = { F = 1 }\n"),
                HasSubstr("unknown population \"F\""));
    EXPECT_THAT(refusal(std::string(balanced) + "record = 3\n"), HasSubstr("{ E = 100 }"));
}

TEST_F(SpikeCommand, RecordsPotentialsThatAreExact) {
    const std::string study = std::string(alone) +
                              "transient = 10.0\nduration = 20.0\n"
                              "potentials = { neurons = 2, interval = 0.5 }\n";
    (void)summary(std::string(study).erase(study.find("duration = 1000.0\n"), 18));
    const NumericTable table = read_hdf5(folder / "out/spike/data.h5", "potentials");
    ASSERT_EQ(table.columns.size(), 3U);
    EXPECT_EQ(table.columns[0].name, "t");
    EXPECT_EQ(table.columns[1].name, "cells[0]");
    EXPECT_EQ(table.columns[2].name, "cells[10]");
    EXPECT_EQ(table.columns[2].unit, "mV");
    ASSERT_EQ(table.values.rows(), 40);
    for (Eigen::Index k = 0; k < 40; ++k) {
        const double t = 10.0 + table.values(k, 0);  // of the whole run, from V = 0 mV
        EXPECT_NEAR(table.values(k, 0), 0.5 * static_cast<double>(k + 1), 1e-9);
        // Towards R I = 30 mV until 20 mV are reached, between 21.9 and 22 ms.
        if (t < 21.95) {
            EXPECT_NEAR(table.values(k, 1), 30.0 * -std::expm1(-t / 20.0), 1e-9);
        } else if (t > 22.05 && t < 23.95) {
            EXPECT_EQ(table.values(k, 1), 10.0) << "held for 2 ms";
        }
        EXPECT_EQ(table.values(k, 2), table.values(k, 1));
    }
    EXPECT_THAT(read_file(folder / "out/spike/potentials.csv"),
                StartsWith("t [ms],cells[0] [mV],cells[10] [mV]\n0.5,"));
    const auto refused = [&](const std::string& table_text) {
        return refusal(std::string(alone) + "potentials = " + table_text + "\n");
    };
    EXPECT_THAT(refused("{ interval = 0.01 }"), HasSubstr("step.spike.potentials.interval = 0.01"));
    EXPECT_THAT(refused("{ populations = [\"cell\"] }"),
                AllOf(HasSubstr("unknown population \"cell\""), HasSubstr("study.toml:13")));
    EXPECT_THAT(refused("{ populations = [\"cells\", \"cells\"] }"), HasSubstr("twice"));
    EXPECT_THAT(refused("{ neurons = 0 }"), HasSubstr("potentials.neurons = 0"));
}

TEST_F(SpikeCommand, SaysPlainlyThatNeuronsAreSilent) {
    const std::string study = folder.write("study.toml", alone);
    const Outcome outcome = run_program({"run", study, "--out", folder / "out", "--quiet", "--set",
                                         "population.cells.drive.constant=100"});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.err, ::testing::Not(HasSubstr("not drawn")));
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("No neuron sent a spike"));
}

TEST_F(SpikeCommand, TellsWhatItTakesBeforeItBuilds) {
    const Outcome told = run(balanced, {"--loud"});
    EXPECT_THAT(told.err, HasSubstr("spike: 500 neurons, 2.5e+04 synapses take "));
    const Outcome refused = run(std::string(balanced) + "memory_gb = 1e-6\n", {}, "refused");
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("25000 synapses take"), HasSubstr("are allowed")));
    EXPECT_FALSE(fs::exists(folder / "refused/spike/summary.json"));
}

TEST_F(SpikeCommand, NotesTimesAndMemoryInTheManifestAlone) {
    (void)summary(balanced);
    const Record manifest = read_json(folder / "out/manifest.json");
    const Record step = items(manifest, "steps").front();
    for (const char* key :
         {"build_s", "simulate_s", "real_time_factor", "events_per_s", "peak_memory_mb"})
        EXPECT_GT(number(step, key), 0.0) << key;
}

TEST_F(SpikeCommand, RefusesWhatItDoesNotKnow) {
    EXPECT_THAT(refusal("schema = 1\n[[step]]\ndo = \"spike\"\nduration = 1.0\n"),
                AllOf(HasSubstr("a step \"spike\" needs [[population]] tables"),
                      EndsWith("study.toml:2)\n")));
    EXPECT_THAT(refusal(std::string(alone) + "parameters = { P = 1.0 }\n"),
                HasSubstr("unknown quantity \"P\" of a spiking network"));
    EXPECT_THAT(
        refusal(std::string(alone) + "parameters = { population.cell.drive.constant = 1.0 }\n"),
        HasSubstr("unknown population \"cell\"; did you mean \"cells\""));
    EXPECT_THAT(refusal(std::string(alone) + "record = [\"cell\"]\n"),
                AllOf(HasSubstr("step.spike.record: unknown population \"cell\""),
                      HasSubstr("study.toml:13")));
    EXPECT_THAT(refusal(alone, {"--set", "step.spike.duration=0"}),
                HasSubstr("step.spike.duration = 0 must be in [0.1, "));
    EXPECT_THAT(refusal("schema = 1\n[[projection]]\nsource = \"E\"\n[[step]]\ndo = \"spike\"\n"),
                HasSubstr("projection needs [[population]] tables"));
}

TEST_F(SpikeCommand, RefusesWhatCannotBeSimulatedWhenItIsRead) {
    const std::string study = folder.write("late.toml", balanced);
    const auto checked = [&](const std::string& setting) {
        const Outcome outcome = run_program({"check", study, "--set", setting});
        EXPECT_NE(outcome.code, 0) << setting;
        return outcome.err;
    };
    EXPECT_THAT(checked("projection.E.I.delay=0.04"),
                AllOf(HasSubstr("projection.E.I.delay: values from 0 to 0 ms are drawn"),
                      HasSubstr("late.toml:22")));
    EXPECT_THAT(checked("projection.E.I.delay=-1.0"), HasSubstr("late.toml:22"));
    EXPECT_THAT(checked("projection.I.E.weight=-1e9"),
                AllOf(HasSubstr("population.E: onto its neurons there are weights below"),
                      HasSubstr("late.toml:4")));
    EXPECT_THAT(checked("population.E.drive.poisson.rate_hz=1e9"),
                AllOf(HasSubstr("population.E.drive.poisson: 1e+08 spikes are sent in a step"),
                      HasSubstr("late.toml:4")));
    EXPECT_THAT(checked("step.spike.blocks=1"),
                AllOf(HasSubstr("blocks = 1 must be 0 or lie in"), HasSubstr("late.toml:40")));
    EXPECT_THAT(checked("step.spike.potentials.interval=0.15"),
                HasSubstr("potentials.interval = 0.15 ms must be a multiple of the step, 0.1 ms"));
    EXPECT_EQ(run_program({"check", study, "--set", "step.spike.rate_bin=50.0"}).code, 0);
    EXPECT_THAT(checked("step.spike.duration=0.05"),
                HasSubstr("step.spike.duration = 0.05 must be in [0.1, "));
}

TEST_F(SpikeCommand, SaysThatASettingOfAStepItDoesNotRunHasNoEffect) {
    const std::string study = std::string(alone) + "[[step]]\ndo = \"meanfield\"\n";
    const Outcome outcome =
        run(study, {"--set", "step.meanfield.states=\"one\"", "--set", "step.spike.duration=10.0"});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(
        outcome.err,
        AllOf(HasSubstr("--set step.meanfield.states=\"one\" has no effect: cortifold spike "
                        "does not run the step \"meanfield\""),
              ::testing::Not(HasSubstr("step.spike"))));
}

TEST_F(SpikeCommand, ScansWholeNumbersAndRecordsByTheNamesOfPopulations) {
    const auto scan = [&](const std::string& axes) {
        const std::string study = folder.write(
            "scan.toml", std::string(balanced) +
                             "[[step]]\ndo = \"scan\"\nsteps = [\"spike\"]\naxes = " + axes +
                             "\nrecord = [\"spike.synapses\", \"spike.populations.I.size\"]\n");
        return run_program({"scan", study, "--out", folder / "out", "--quiet", "--overwrite",
                            "--set", "step.spike.duration=5.0"});
    };
    const Outcome outcome =
        scan("{ population.I.size = [100, 200, 2], projection.I.E.rule.indegree = [0, 4, 3] }");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const std::string cells = read_file(folder / "out/scan/cells.csv");
    // 40 from E onto 400 and 100 or 200, 10 from I onto the latter, and the degree times 400.
    EXPECT_THAT(cells, AllOf(HasSubstr("\n100,0,0,21000,100,"), HasSubstr("\n200,2,0,26800,200,")));
    EXPECT_THAT(scan("{ population.I.size = [100, 200, 4] }").err,
                HasSubstr("must be a whole number"));
}

TEST_F(SpikeCommand, LeavesStepsOnAModelToStudiesThatHaveOne) {
    const std::string study =
        folder.write("other.toml", std::string(alone) + "[[step]]\ndo = \"equilibria\"\n");
    const Outcome outcome = run_program({"check", study});
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("a step \"equilibria\" needs a [model]"),
                                   HasSubstr("other.toml:13")));
}

TEST_F(SpikeCommand, KnowsTheMicrocircuitByItsName) {
    const std::string study = folder.write(
        "named.toml",
        "schema = 1\n[model]\nname = \"potjans_diesmann\"\n[spiking]\n"
        "scale = { neurons = 0.02, synapses = 0.02 }\n[[step]]\ndo = \"spike\"\nduration = 20.0\n");
    const Outcome checked =
        run_program({"check", study, "--set", "population.L4E.drive.poisson.rate_hz=9"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_THAT(checked.out, AllOf(HasSubstr("population.L4E.drive.poisson.rate_hz = 9.0\n"),
                                   HasSubstr("projection.L4E.L23E.rule.total_number = 20253647")));
    const Outcome outcome = run_program(
        {"run", study, "--out", folder / "out", "--quiet", "--set", "spiking.drive=\"constant\""});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const Record found = read_json(folder / "out/spike/summary.json");
    EXPECT_NEAR(number(found, "neurons"), 0.02 * 77169, 4.0);
    EXPECT_NEAR(number(found, "synapses"), 4e-4 * 298'880'970, 55.0);
    EXPECT_EQ(text(items(found, "populations")[7], "name"), "L6I");
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("Spiking network"));
    EXPECT_THAT(run_program({"models"}).out, HasSubstr("potjans_diesmann  The cortical"));
    EXPECT_THAT(run_program({"models", "potjans_diesmann"}).out, HasSubstr("# potjans_diesmann"));
    EXPECT_EQ(run_program({"models", "potjans_diesmann", "--export", folder / "a.ode"}).code, 2);
    EXPECT_THAT(run_program({"models"}).out, HasSubstr(" qif_delta "));
    EXPECT_THAT(run_program({"models", "qif_delta"}).out,
                HasSubstr("  tau [ms] = 10 in [0.001, 1000]  time constant of the membrane\n"));
    EXPECT_EQ(run_program({"models", "qif_delta", "--export", folder / "a.ode"}).code, 2);
}

TEST_F(SpikeCommand, RunsInTheCellsOfAScan) {
    const std::string study = folder.write(
        "scan.toml", std::string(alone) +
                         "[[step]]\ndo = \"scan\"\nsteps = [\"spike\"]\n"
                         "axes = { population.cells.drive.constant = [100.0, 300.0, 2] }\n"
                         "record = [\"spike.populations[0].rate_hz\"]\n");
    const Outcome outcome = run_program({"scan", study, "--out", folder / "out", "--quiet"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const std::string cells = read_file(folder / "out/scan/cells.csv");
    const double rate = number(items(summary(alone), "populations").front(), "rate_hz");
    EXPECT_THAT(cells, AllOf(HasSubstr("population.cells.drive.constant"), HasSubstr("100,"),
                             HasSubstr("300,"), HasSubstr("," + show(rate))));
    const std::string unknown = folder.write(
        "unknown.toml", std::string(alone) +
                            "[[step]]\ndo = \"scan\"\nsteps = [\"spike\"]\n"
                            "axes = { population.cell.drive.constant = [100.0, 300.0, 2] }\n"
                            "record = [\"spike.populations[0].rate_hz\"]\n");
    EXPECT_THAT(run_program({"check", unknown}).err, HasSubstr("unknown population \"cell\""));
}

}  // namespace
}  // namespace cortifold
