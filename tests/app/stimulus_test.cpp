// Simulations that something drives from outside: waves, noise, events.
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

/// A leaky integrator x' = -x + I, whose answer to every wave is known.
class Stimulus : public testing::Test {
protected:
    Stimulus() {
        folder.write("leak.ode", "par I=0\ninit x=0\nx'=-x+I\ndone\n");
        folder.write("weights.csv", "0,1,2\n1,0,1\n3,1,0\n");
    }
    std::string study(const std::string& simulate, const std::string& network = "") const {
        return folder.write(
            "study.toml", "schema = 1\nseed = 5\n[model]\nfile = \"leak.ode\"\ninputs = [\"I\"]\n" +
                              network + "[[step]]\ndo = \"simulate\"\n" + simulate);
    }
    Outcome run(const std::string& simulate, const std::string& network = "",
                std::vector<std::string> options = {}) const {
        std::vector<std::string> arguments{"simulate", study(simulate, network),
                                           "--out",    folder / "out",
                                           "--quiet",  "--overwrite"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        return run_program(arguments);
    }
    Record summary(const std::string& simulate, const std::string& network = "") const {
        const Outcome outcome = run(simulate, network);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_json(folder / "out/simulate/summary.json");
    }
    /// Of a run of another model, alone and with the defaults of its file.
    Record summary_of(const std::string& ode, const std::string& simulate = "") const {
        folder.write("other.ode", ode);
        const Outcome outcome =
            run_program({"run",
                         folder.write("other.toml",
                                      "schema = 1\n[model]\nfile = \"other.ode\"\n[[step]]\n"
                                      "do = \"simulate\"\n" +
                                          simulate),
                         "--out", folder / "other", "--quiet", "--overwrite"});
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_json(folder / "other/simulate/summary.json");
    }
    [[nodiscard]] double final_x(const std::string& wave) const {
        return summary(
                   "duration = 3.0\nmethod = \"dormand_prince\"\n[[step.stimulus]]\nto = \"I\"\n" +
                   wave)
            .find("final")
            ->find("x")
            ->number();
    }
    Folder folder;
};

const std::string network =
    "[network]\nconnectome = \"weights.csv\"\ncoupling = { normalize = \"rows\", strength = 0.1 "
    "}\nsend = \"x\"\nreceive = \"I\"\n";

TEST_F(Stimulus, OfEachKindIsAnsweredAsInTheory) {
    constexpr double tolerance = 1e-7;
    EXPECT_NEAR(final_x("kind = \"step\"\nat = 1.0\nheight = 2.0\n"), 2.0 * (1.0 - std::exp(-2.0)),
                tolerance);
    EXPECT_NEAR(final_x("kind = \"pulse_train\"\nat = 1.0\nwidth = 0.5\nheight = 2.0\n"),
                2.0 * (std::exp(-1.5) - std::exp(-2.0)), tolerance);
    EXPECT_NEAR(final_x("kind = \"ramp\"\nbegin = 0.0\nend = 3.0\nheight = 3.0\n"),
                3.0 - 1.0 + std::exp(-3.0), tolerance);
    const double w = 2.0 * M_PI;  // of frequency 1
    EXPECT_NEAR(final_x("kind = \"sinusoid\"\namplitude = 1.0\nfrequency = 1.0\n"),
                (w * std::exp(-3.0) - w) / (1.0 + w * w), tolerance);
    folder.write("wave.csv", "t,value\n0,0\n# a ramp\n3,3\n");
    EXPECT_NEAR(final_x("kind = \"file\"\nfile = \"wave.csv\"\n"), 3.0 - 1.0 + std::exp(-3.0),
                tolerance);
}

TEST_F(Stimulus, EntersTheRegionsThatAreNamedAndNoOthers) {
    const Record driven = summary(
        "duration = 1.0\nmethod = \"dormand_prince\"\n[[step.stimulus]]\nto = \"I\"\nkind = "
        "\"step\"\nheight = 1.0\nregions = "
        "[1]\n",
        "[network]\nconnectome = \"weights.csv\"\ncoupling = { strength = 0.0 }\nsend = "
        "\"x\"\nreceive = \"I\"\n");
    EXPECT_EQ(driven.find("final")->find("x[0]")->number(), 0.0);
    EXPECT_NEAR(driven.find("final")->find("x[1]")->number(), 1.0 - std::exp(-1.0), 1e-8);
    EXPECT_EQ(driven.find("final")->find("x[2]")->number(), 0.0);
}

TEST_F(Stimulus, OfChanceIsIndependentInEachRegionUnlessItIsShared) {
    const std::string noise =
        "duration = 5.0\nstep = 0.01\n[[step.stimulus]]\nto = \"I\"\nkind = "
        "\"ornstein_uhlenbeck\"\nsd = 1.0\ntau = 1.0\n";
    const std::string uncoupled =
        "[network]\nconnectome = \"weights.csv\"\ncoupling = { strength = 0.0 }\nsend = "
        "\"x\"\nreceive = \"I\"\n";
    const Record own = summary(noise, uncoupled);
    const auto x = [](const Record& of, const char* region) {
        return of.find("final")->find(region)->number();
    };
    EXPECT_NE(x(own, "x[0]"), x(own, "x[1]"));
    EXPECT_NE(x(own, "x[1]"), x(own, "x[2]"));
    EXPECT_NE(x(own, "x[2]"), 0.0);
    const Record shared = summary(noise + "independent = false\n", uncoupled);
    EXPECT_EQ(x(shared, "x[0]"), x(shared, "x[2]"));
    EXPECT_NE(x(shared, "x[0]"), 0.0);
}

TEST_F(Stimulus, OfWhiteNoiseGivesAnEnsembleTheVarianceOfTheory) {
    // Of x' = -x + s dW/dt: s^2/2 at rest; over m members after 5 time constants the estimate has
    // a standard deviation of sqrt(2/m) of itself.
    constexpr double members = 400.0, variance = 0.5;
    const Record ensemble = summary(
        "duration = 5.0\nstep = 0.01\noutput_step = 5.0\nmembers = 400\n[[step.stimulus]]\nto = "
        "\"I\"\nkind = \"white_noise\"\nintensity = 1.0\n");
    EXPECT_EQ(number(ensemble, "members"), members);
    std::istringstream table(read_file(folder / "out/simulate/ensemble.csv"));
    std::string line, last;
    while (std::getline(table, line)) last = line;
    const double sd = std::stod(last.substr(last.rfind(',') + 1));
    EXPECT_NEAR(sd * sd, variance, 4.0 * variance * std::sqrt(2.0 / members));
}

TEST_F(Stimulus, MakesEnsemblesThatDoNotDependOnThreads) {
    const std::string simulate =
        "duration = 2.0\nstep = 0.05\nmembers = 5\n[[step.stimulus]]\nto = \"I\"\nkind = "
        "\"white_noise\"\nintensity = 1.0\n";
    std::string tables[2];
    for (const int threads : {1, 2}) {
        ASSERT_EQ(run(simulate, network, {"--threads", std::to_string(threads)}).code, 0);
        tables[threads - 1] = read_file(folder / "out/simulate/ensemble.csv") +
                              read_file(folder / "out/simulate/data.h5");
    }
    EXPECT_EQ(tables[0], tables[1]);
}

TEST_F(Stimulus, ThatCannotBeMeantIsRefused) {
    const auto refusal = [&](const std::string& simulate) {
        const Outcome outcome = run("duration = 1.0\n" + simulate, network);
        EXPECT_EQ(outcome.code, 3) << simulate;
        return outcome.err;
    };
    const std::string to_input = "[[step.stimulus]]\nto = \"I\"\n";
    EXPECT_THAT(refusal("[[step.stimulus]]\nto = \"J\"\nkind = \"step\"\nheight = 1.0\n"),
                HasSubstr("unknown input or parameter \"J\""));
    EXPECT_THAT(refusal(to_input + "kind = \"wave\"\n"), HasSubstr("pulse_train"));
    EXPECT_THAT(refusal(to_input + "kind = \"step\"\nheight = 1.0\nregions = [3]\n"),
                HasSubstr("from 0 to 2"));
    EXPECT_THAT(
        refusal("method = \"cvode\"\n" + to_input + "kind = \"white_noise\"\nintensity = 1.0\n"),
        HasSubstr("knows no noise"));
    EXPECT_THAT(refusal("members = 3\n"), HasSubstr("would all be the same"));
    folder.write("wave.csv", "0,0\n0,1\n");
    EXPECT_THAT(refusal(to_input + "kind = \"file\"\nfile = \"wave.csv\"\n"),
                HasSubstr("times must ascend"));
}

TEST_F(Stimulus, OfWhiteNoiseIsRefusedWhereTheModelIsNotAffineInIt) {
    folder.write("leak.ode", "par I=0\nx'=-x+tanh(I+x)\ninit x=0.3\ndone\n");
    const Outcome outcome =
        run("duration = 1.0\nstep = 0.1\n[[step.stimulus]]\nto = \"I\"\nkind = "
            "\"white_noise\"\nintensity = 1.0\n");
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, HasSubstr("not affine"));
}

TEST_F(Stimulus, OfWhiteNoiseIsRefusedWhateverTheStateItStartsFrom) {
    const std::string noise = "[[step.stimulus]]\nkind = \"white_noise\"\nintensity = 0.1\nto = ";
    const auto refusal = [&](const std::string& equations, const std::string& stimuli) {
        folder.write("leak.ode", equations);
        const Outcome outcome = run("duration = 1.0\nstep = 0.1\n" + stimuli);
        EXPECT_EQ(outcome.code, 3) << equations;
        return outcome.err;
    };
    // At x = 0 the factor of I^2 vanishes, and |I| has no second derivative off its corner.
    for (const std::string rhs : {"-x+I^2*x", "-x+abs(I)", "-x+if(I>0)then(I)else(0)"})
        EXPECT_THAT(refusal("par I=0\nx'=" + rhs + "\ninit x=0\ndone\n", noise + "\"I\"\n"),
                    HasSubstr("not affine"));
    EXPECT_THAT(refusal("par I=0,a=1\nx'=-x+a*I\ndone\n", noise + "\"I\"\n" + noise + "\"a\"\n"),
                HasSubstr("study.toml:14"));
    EXPECT_THAT(refusal("par I=0\nwiener w\nx'=-x+w*I\ndone\n", noise + "\"I\"\n"),
                HasSubstr("not affine"));
}

TEST_F(Stimulus, EventsResetTheStateAndAreCounted) {
    // x' = -x + 2 from 0 reaches 1 after log 2, and is set back each time.
    const Record fired = summary(
        "duration = 3.0\n[[step.stimulus]]\nto = \"I\"\nkind = \"step\"\nheight = 2.0\n"
        "[[step.event]]\nname = \"spike\"\nwhen = \"x - 1\"\nset = { x = 0.0 }\n");
    const Record event = items(fired, "events").front();
    EXPECT_EQ(text(event, "name"), "spike");
    EXPECT_EQ(number(event, "count"), 4.0);
    std::istringstream table(read_file(folder / "out/simulate/events.csv"));
    std::string line;
    std::getline(table, line);
    for (int k = 1; std::getline(table, line); ++k)
        EXPECT_NEAR(std::stod(line), k * std::log(2.0), 1e-6);
}

TEST_F(Stimulus, EventsOfAnEnsembleTellTheirMemberAndMayEndIt) {
    // Without noise to speak of every member comes to 1 after log 2, between two outputs.
    const std::string simulate =
        "duration = 3.0\nstep = 0.01\noutput_step = 0.1\nmembers = 4\n"
        "[[step.stimulus]]\nto = \"I\"\nkind = \"step\"\nheight = 2.0\n"
        "[[step.stimulus]]\nto = \"I\"\nkind = \"white_noise\"\nintensity = 1e-9\n"
        "[[step.event]]\nname = \"spike\"\nwhen = \"x - 1\"\nthen = \"stop\"\n";
    const Record ended = summary(simulate);
    EXPECT_EQ(number(items(ended, "events").front(), "count"), 4.0);
    std::istringstream table(read_file(folder / "out/simulate/events.csv"));
    std::string line;
    std::getline(table, line);
    for (int member = 0; member < 4; ++member) {
        ASSERT_TRUE(std::getline(table, line));
        EXPECT_TRUE(line.starts_with(std::to_string(member) + ",")) << line;
        EXPECT_NEAR(std::stod(line.substr(2)), std::log(2.0), 1e-4);
    }
    std::istringstream means(read_file(folder / "out/simulate/ensemble.csv"));
    int rows = -1;
    while (std::getline(means, line)) ++rows;
    EXPECT_EQ(rows, 7);  // 0, 0.1, ... 0.6
}

TEST_F(Stimulus, NoPulseInTheEquationsIsSteppedOver) {
    // 10 for half a unit of time, then decay: 10 (1 - exp(-0.5)) exp(-1.5).
    const std::string pulse = "x'=-x+10*heav(t-50)*heav(50.5-t)\n@ total=52,dt=.01,meth=";
    const double x = 10.0 * (1.0 - std::exp(-0.5)) * std::exp(-1.5);
    for (const char* method : {"rungekutta", "euler", "cvode", "qualrk"})
        EXPECT_NEAR(summary_of(pulse + method + "\ndone\n").find("final")->find("x")->number(), x,
                    0.05)
            << method;
}

TEST_F(Stimulus, EventsBetweenTwoOutputsOfABuiltInModelAreSeen) {
    folder.write("built_in.toml",
                 "schema = 1\n[model]\nname = \"stuart_landau\"\n[[step]]\ndo = \"simulate\"\n"
                 "duration = 100.0\n[[step.event]]\nwhen = \"x\"\ncrossing = \"either\"\n");
    const auto count = [&](double step) {
        EXPECT_EQ(
            run_program({"run", folder / "built_in.toml", "--out", folder / "built_in", "--quiet",
                         "--overwrite", "--set", "step.simulate.max_step=" + std::to_string(step)})
                .code,
            0);
        return number(items(read_json(folder / "built_in/simulate/summary.json"), "events").front(),
                      "count");
    };
    EXPECT_EQ(count(0.05), count(0.01));
}

TEST_F(Stimulus, AuxiliaryQuantitiesSeeWhatEventsAndChanceHaveMadeOfParameters) {
    (void)summary_of("par g=1\nx'=1\naux h=2*g\nglobal 1 {x-1} {g=2}\n@ total=2,dt=.5\ndone\n");
    EXPECT_THAT(read_file(folder / "other/simulate/trajectory.csv"), ::testing::EndsWith(",4\n"));
    (void)summary_of("par g=0\nx'=-x\naux h=g\n@ total=2,dt=.5\ndone\n",
                     "[[step.stimulus]]\nto = \"g\"\nkind = \"ornstein_uhlenbeck\"\nmean = 5.0\n"
                     "sd = 0.0\ntau = 1.0\n");
    EXPECT_THAT(read_file(folder / "other/simulate/trajectory.csv"), ::testing::EndsWith(",5\n"));
}

TEST_F(Stimulus, AFileThatShowsNothingOrNamesAnEventTwiceIsRefused) {
    const auto refusal = [&](const std::string& ode, const std::string& simulate) {
        folder.write("leak.ode", ode);
        const Outcome outcome = run(simulate);
        EXPECT_EQ(outcome.code, 3) << ode;
        return outcome.err;
    };
    EXPECT_THAT(refusal("par I=0\nx'=-x+I\n@ total=5,trans=8\ndone\n", ""),
                HasSubstr("before its trans = 8"));
    const std::string event = "[[step.event]]\nname = \"global1\"\nwhen = \"x - 2\"\n";
    EXPECT_THAT(refusal("par I=0\nx'=-x+I\nglobal 1 {x-1} {x=0}\ndone\n", event),
                HasSubstr("two events are called \"global1\""));
}

TEST_F(Stimulus, ABoundEndsTheRunAndWhatHasNoValueIsCounted) {
    const Record run = summary_of("x'=1\nx(0)=0\naux l=log(x)\n@ total=20,dt=.5,bound=3\ndone\n");
    EXPECT_THAT(text(run, "message"), HasSubstr("a state passed its bound"));
    EXPECT_NEAR(number(run, "duration"), 3.5, 1e-9);
    EXPECT_EQ(number(*run.find("undefined"), "l"), 1.0);
}

TEST_F(Stimulus, EventsMayEndTheRun) {
    const Record ended = summary(
        "duration = 3.0\n[[step.stimulus]]\nto = \"I\"\nkind = \"step\"\nheight = 2.0\n"
        "[[step.event]]\nwhen = \"x - 1\"\nthen = \"stop\"\n");
    EXPECT_EQ(text(ended, "status"), "stopped_by_observer");
    EXPECT_THAT(text(ended, "message"), HasSubstr("ended by event1"));
    EXPECT_NEAR(number(ended, "duration"), std::log(2.0), 1e-6);
}

}  // namespace
}  // namespace cortifold
