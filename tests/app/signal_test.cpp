// The step signal from the command line.
#include "app/program.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/hdf5_columns.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <numbers>
#include <tuple>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;

/// Six uncoupled oscillators x'' = -w^2 x at 0.05 turns a unit of time on a directed ring, each
/// with the amplitude and phase of an eigenvector of it.
class Ring {
public:
    explicit Ring(const std::string& signal, const std::string& simulate = "duration = 400.0\n") {
        folder_.write("ring.csv",
                      "0,2,0,0,0,1\n1,0,2,0,0,0\n0,1,0,2,0,0\n0,0,1,0,2,0\n0,0,0,1,0,2\n"
                      "2,0,0,0,1,0\n");
        folder_.write("model.ode", "par w=" + show(0.1 * std::numbers::pi) +
                                       ",I=0\nx'=v+I\nv'=-w*w*x\ninit x=1,v=0\ndone\n");
        study_ = folder_.write(
            "study.toml",
            "schema = 1\nseed = 3\n[model]\nfile = \"model.ode\"\ninputs = [\"I\"]\n[network]\n"
            "connectome = \"ring.csv\"\nsend = \"x\"\nreceive = \"I\"\n"
            "coupling = { kind = \"diffusive\", normalize = \"rows\", strength = 0.0 }\n"
            "[[step]]\ndo = \"simulate\"\ninitial = { x = { uniform = [0.5, 1.5] }, v = 0.0 }\n"
            "output_step = 0.5\n" +
                simulate + "[[step]]\ndo = \"signal\"\n" + signal);
    }
    [[nodiscard]] Outcome run(const std::string& action = "run") const {
        return run_program({action, study_, "--out", folder_ / "out", "--quiet"});
    }
    [[nodiscard]] Record summary() const { return read_json(folder_ / "out/signal/summary.json"); }
    [[nodiscard]] const Folder& folder() const { return folder_; }

private:
    Folder folder_;
    std::string study_;
};

TEST(Signal, OfOscillatorsHasTheirFrequencyVarianceOrderAndCorrelations) {
    const Ring ring(
        "quantities = [\"psd\", \"fc\", \"kuramoto\", \"modes\", \"maxima\"]\n"
        "psd = { segment = 200.0, bands = { slow = [0.03, 0.07], fast = [0.5, 1.0] } }\n"
        "kuramoto = { band = [0.03, 0.07] }\n");
    const Outcome outcome = ring.run();
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = ring.summary(), psd = *summary.find("psd");
    ASSERT_EQ(items(psd, "peaks").size(), 1U);
    EXPECT_NEAR(number(items(psd, "peaks")[0], "frequency"), 0.05, 1e-5);
    const Record slow = items(psd, "bands")[0];
    // One sample more than whole periods: their mean, 1/801 of the amplitude, is not quite theirs.
    EXPECT_NEAR(number(slow, "share"), 1.0, 2.0 / (801.0 * 801.0) + 1e-8);
    EXPECT_NEAR(number(*summary.find("kuramoto"), "mean"), 1.0, 1e-6);  // all start at their tops
    EXPECT_NEAR(number(*summary.find("fc"), "mean"), 1.0, 1e-9);
    EXPECT_TRUE(summary.find("fc")->find("connectome_pearson")->is_null());  // no pairs differ
    EXPECT_EQ(number(*summary.find("maxima"), "levels"), 1.0);
    EXPECT_NEAR(number(*summary.find("maxima"), "mean_interval"), 20.0, 1e-5);
    const Record modes = *summary.find("modes");
    EXPECT_EQ(number(items(modes, "leading")[0], "index"), 1.0);
    EXPECT_NEAR(number(modes, "largest_condition"), 1.0, 1e-9);  // of a normal matrix
    const std::string html = read_file(ring.folder() / "out/report.html");
    EXPECT_THAT(html, HasSubstr("is strongest at 0.05"));
    for (const char* figure : {"psd", "fc", "kuramoto", "modes", "maxima"})
        EXPECT_TRUE(std::filesystem::exists(ring.folder() / "out/figures/signal_" +
                                            std::string(figure) + ".gp"));
    // What every region has is in data.h5: its variance is half its amplitude squared.
    const NumericTable stored =
        read_hdf5_columns(ring.folder() / "out/signal/data.h5", "psd", {"frequency", "density[4]"});
    const NumericTable start =
        read_hdf5_columns(ring.folder() / "out/simulate/data.h5", "trajectory", {"x[4]"});
    const double amplitude = start.values(0, 0);
    EXPECT_NEAR(stored.values.col(1).sum() * stored.values(1, 0), 0.5 * amplitude * amplitude,
                1e-5);
}

TEST(Signal, WithoutTheSpatialMeanAndOfAnExpressionIsLinearInTheStates) {
    const auto variance = [](const std::string& keys) {
        const Ring ring("psd = { segment = 200.0 }\n" + keys);
        EXPECT_EQ(ring.run("signal").code, 0);
        return ring.summary();
    };
    const Record plain = variance(""), twice = variance("signal = \"2*x\"\n"),
                 apart = variance("remove_spatial_mean = true\n");
    const double all = number(*plain.find("psd"), "variance");
    EXPECT_NEAR(number(*twice.find("psd"), "variance"), 4.0 * all, 1e-9 * all);
    const Record mean = *plain.find("psd")->find("spatial_mean");
    EXPECT_NEAR(number(*apart.find("psd"), "variance"), all - number(mean, "variance"), 1e-9 * all);
    EXPECT_EQ(to_json(*apart.find("psd")->find("spatial_mean")), to_json(mean));
}

TEST(Signal, OfANoisyRhythmHasAnEnvelopeAndACouplingThatDoNotDependOnThreads) {
    const auto summary = [](const char* threads) {
        const Ring ring(
            "quantities = [\"am\", \"pac\"]\nam = { band = [0.3, 0.7] }\n"
            "pac = { phase = [0.03, 0.07], amplitude = [0.3, 0.7], surrogates = 19 }\n",
            "duration = 400.0\n[[step.stimulus]]\nkind = \"white_noise\"\nto = \"I\"\n"
            "intensity = 0.05\n");
        const Outcome outcome =
            run_program({"signal", ring.folder() / "study.toml", "--out", ring.folder() / "out",
                         "--quiet", "--threads", threads});
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_file(ring.folder() / "out/signal/summary.json") +
               read_file(ring.folder() / "out/signal/pac.csv");
    };
    const std::string one = summary("1");
    EXPECT_THAT(one, HasSubstr("\"modulation_index\""));
    EXPECT_THAT(one, HasSubstr("\"depth\""));
    EXPECT_EQ(one, summary("2"));
}

TEST(Signal, RunsTheStepThatItReadsAndNoOther) {
    const std::string two =
        "duration = 400.0\n[[step]]\nname = \"later\"\ndo = \"simulate\"\nduration = 100.0\n";
    for (const auto& [keys, read, left] :
         {std::tuple{"", "later", "simulate"},
          std::tuple{"of = \"simulate\"\n", "simulate", "later"}}) {
        const Ring ring(keys, two);
        ASSERT_EQ(ring.run("signal").code, 0);
        EXPECT_EQ(text(ring.summary(), "of"), read);
        EXPECT_TRUE(std::filesystem::exists(ring.folder() / "out/" + read));
        EXPECT_FALSE(std::filesystem::exists(ring.folder() / "out/" + left));
    }
}

/// What `check` says to keys of the step.
std::string refusal(const std::string& keys) {
    const Ring ring(keys);
    const Outcome outcome = ring.run("check");
    EXPECT_EQ(outcome.code, 3) << outcome.out;
    return outcome.err;
}

TEST(Signal, RefusesBeforeItRunsWhatARunCannotTell) {
    EXPECT_THAT(refusal("signal = \"y\"\n"), HasSubstr("unknown name \"y\""));
    EXPECT_THAT(refusal("signal = \"x + w\"\n"), HasSubstr("unknown name \"w\""));
    EXPECT_THAT(refusal("of = \"lyapunov\"\n"), HasSubstr("unknown earlier step simulate"));
    EXPECT_THAT(refusal("quantities = [\"psf\"]\n"), HasSubstr("did you mean \"psd\""));
    EXPECT_THAT(refusal("quantities = [\"psd\", \"psd\"]\n"), HasSubstr("twice"));
    EXPECT_THAT(refusal("quantities = []\n"), HasSubstr("list of names"));
    EXPECT_THAT(refusal("fc = { band = [0.1, 0.2] }\n"), HasSubstr("fc"));
    EXPECT_THAT(refusal("psd = { segment = 401.0 }\n"), HasSubstr("segment"));
    EXPECT_THAT(refusal("psd = { bands = { high = [0.5, 1.1] } }\n"), HasSubstr("Nyquist"));
    EXPECT_THAT(refusal("quantities = [\"kuramoto\"]\n"), HasSubstr("kuramoto.band"));
    EXPECT_THAT(refusal("quantities = [\"kuramoto\"]\nkuramoto = { band = [0.05, 0.06] }\n"),
                HasSubstr("leaves nothing"));
    EXPECT_THAT(refusal("quantities = [\"fc\"]\nfc = { of = \"envelope\" }\n"),
                HasSubstr("needs a band"));
}

TEST(Signal, NeedsARunBeforeIt) {
    const Folder folder;
    const Outcome outcome =
        run_program({"signal", folder.write("study.toml", study_of("wilson_cowan", "signal")),
                     "--out", folder / "out", "--quiet"});
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, HasSubstr("a step simulate before it"));
}

TEST(Signal, SaysThatASignalIsConstant) {
    const Folder folder;
    const std::string study =
        folder.write("study.toml", study_of("wilson_cowan", "simulate") +
                                       "initial = \"rest\"\nduration = 100.0\n"
                                       "parameters = { P = 0.0 }\n"
                                       "[[step]]\ndo = \"signal\"\n"
                                       "psd = { bands = { slow = [0.01, 0.1] } }\n");
    ASSERT_EQ(run_program({"signal", study, "--out", folder / "out", "--quiet"}).code, 0);
    const Record summary = read_json(folder / "out/signal/summary.json");
    EXPECT_EQ(text(summary, "message"), "psd: the signal is constant");
    EXPECT_EQ(number(items(*summary.find("psd"), "bands")[0], "power"), 0.0);
}

TEST(Signal, SaysThatItsRunEndedTooEarly) {
    const Ring ring("psd = { segment = 50.0 }\n",
                    "duration = 400.0\n[[step.event]]\nname = \"end\"\nwhen = \"x - 0.1\"\n"
                    "crossing = \"falling\"\nthen = \"stop\"\n");
    EXPECT_EQ(ring.run("signal").code, 1);
    EXPECT_EQ(text(ring.summary(), "status"), "no_theory");
    EXPECT_THAT(text(ring.summary(), "message"), HasSubstr("the run ended too early"));
}

}  // namespace
}  // namespace cortifold
