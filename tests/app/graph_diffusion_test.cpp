// What a spectrum says of gaps, strengths, modes and diffusion, from the command line.
#include "app/program.hpp"
#include "support/places.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

class GraphDiffusion : public testing::Test {
protected:
    /// A ring of six, whose Laplacian has 0, 1 (twice), 3 (twice) and 4.
    GraphDiffusion() {
        folder.write(
            "ring.csv",
            "0,1,0,0,0,1\n1,0,1,0,0,0\n0,1,0,1,0,0\n0,0,1,0,1,0\n0,0,0,1,0,1\n1,0,0,0,1,0\n");
    }
    [[nodiscard]] Outcome run(const std::string& steps, const std::string& kind = "diffusive",
                              const std::string& connectome = "ring.csv") const {
        const std::string study = folder.write(
            "study.toml",
            "schema = 1\n[model]\nname = \"fold_normal_form\"\n[network]\nconnectome = \"" +
                connectome + "\"\ncoupling = { kind = \"" + kind + "\", strength = 0.5 }\n" +
                steps);
        return run_program({"run", study, "--out", folder / "out", "--overwrite", "--quiet"});
    }
    [[nodiscard]] Record summary(const std::string& step) const {
        const Outcome outcome = run("[[step]]\ndo = \"spectrum\"\nmatrix = \"laplacian\"\n" + step);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_json(folder / "out/spectrum/summary.json");
    }
    Folder folder;
};

TEST_F(GraphDiffusion, HasTheGapOfARing) {
    const Record found = summary("");
    EXPECT_NEAR(number(found, "gap"), 1.0, 1e-13);
    EXPECT_NEAR(number(found, "largest"), 4.0, 1e-13);
    EXPECT_NEAR(number(found, "eigenratio"), 4.0, 1e-12);
    EXPECT_NEAR(number(found, "algebraic_connectivity"), 1.0, 1e-13);
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("The spectral gap of the"));
}

TEST_F(GraphDiffusion, SaysWhereThereIsNoGap) {
    folder.write("ring.csv", "0,1,0,0\n1,0,0,0\n0,0,0,1\n0,0,1,0\n");
    EXPECT_TRUE(summary("").find("eigenratio")->is_null());
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("has no spectral gap"));
}

TEST_F(GraphDiffusion, KeepsStrengthsWithinTheStableRangeOfAnEarlierStep) {
    const std::string steps =
        "[[step]]\ndo = \"equilibria\"\n[[step]]\ndo = \"msf\"\nat = \"eq2\"\n"
        "range = [-20.0, 0.0]\nstrengths = [0.0, 10.0]\n"
        "[[step]]\ndo = \"spectrum\"\nmatrix = \"laplacian\"\nof = \"msf\"\n";
    const Outcome outcome = run(steps);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record msf = read_json(folder / "out/msf/summary.json"),
                 found = read_json(folder / "out/spectrum/summary.json");
    EXPECT_EQ(number(msf, "strength"), 0.5);
    const Record::List ranges = items(found, "stable_strengths"),
                       by_modes = items(msf, "stable_strengths");
    ASSERT_EQ(ranges.size(), 1U);
    ASSERT_EQ(by_modes.size(), 1U);
    EXPECT_NEAR(number(ranges[0], "low"), number(by_modes[0], "low"), 1e-11);
    // to s l = 10 only, which the fastest mode reaches at 10 / 4
    EXPECT_NEAR(number(ranges[0], "high"), 2.5, 1e-12);
    EXPECT_TRUE(ranges[0].find("reaches_end")->as<bool>());
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("to at least 2.5"));
}

TEST_F(GraphDiffusion, SynchronizesACycleFromStrengthZeroOn) {
    const std::string study = folder.write(
        "cycle.toml",
        "schema = 1\n[model]\nname = \"fitzhugh_nagumo\"\nparameters = { I = 0.5 }\n[network]\n"
        "connectome = \"ring.csv\"\ncoupling = { kind = \"diffusive\", strength = 0.5 }\n[[step]]\n"
        "do = \"msf\"\nat = \"cycle\"\nrange = [-4.0, 0.5]\npoints = 31\n[[step]]\n"
        "do = \"spectrum\"\nmatrix = \"laplacian\"\n");
    const Outcome outcome =
        run_program({"run", study, "--out", folder / "out", "--overwrite", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record::List ranges =
        items(read_json(folder / "out/spectrum/summary.json"), "stable_strengths");
    ASSERT_EQ(ranges.size(), 1U);
    EXPECT_EQ(number(ranges[0], "low"), 0.0) << "the zero of the growth there is that of the phase";
    EXPECT_NEAR(number(ranges[0], "high"), 0.5, 1e-12) << "0.5 times 4 over the largest";
}

TEST_F(GraphDiffusion, SaysWhereAStableRangeDoesNotDecide) {
    const std::string before =
                          "[[step]]\ndo = \"equilibria\"\n[[step]]\ndo = \"msf\"\nat = \"eq2\"\n",
                      spectrum =
                          "[[step]]\ndo = \"spectrum\"\nmatrix = \"laplacian\"\nof = \"msf\"\n";
    folder.write("ring.csv", "0,1,0\n0,0,1\n1,0,0\n");
    ASSERT_EQ(run(before + spectrum).code, 0);
    Record found = read_json(folder / "out/spectrum/summary.json");
    EXPECT_THAT(text(found, "message"), HasSubstr("complex"));
    EXPECT_EQ(found.find("stable_strengths"), nullptr);
}

TEST_F(GraphDiffusion, ReadsTheStepAlsoWhereItIsAskedForAlone) {
    folder.write("ring.csv", "0,1,1\n1,0,1\n1,1,0\n");
    const std::string study =
        "[[step]]\ndo = \"equilibria\"\n[[step]]\ndo = \"msf\"\n"
        "at = \"eq2\"\n[[step]]\ndo = \"spectrum\"\nmatrix = \"laplacian\"\n";
    ASSERT_EQ(run(study).code, 0);
    const Outcome outcome =
        run_program({"spectrum", folder / "study.toml", "--out", folder / "alone", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(read_file(folder / "alone/spectrum/summary.json"),
              read_file(folder / "out/spectrum/summary.json"));
    EXPECT_EQ(text(read_json(folder / "alone/spectrum/summary.json"), "msf"), "msf");
}

TEST_F(GraphDiffusion, DrawsTheSlowestModesWithoutTheUniformOne) {
    (void)summary("modes = 3\n");
    const std::string table = read_file(folder / "out/spectrum/patterns.csv");
    EXPECT_THAT(table, testing::StartsWith("region,mode5_re,mode5_im,mode4_re,mode4_im,mode3_re,"));
    EXPECT_TRUE(fs::exists(folder / "out/figures/spectrum_patterns.gp"));
    EXPECT_THAT(read_file(folder / "out/report.html"), HasSubstr("says nothing of positions"));
    (void)summary("modes = 0\n");
    EXPECT_FALSE(fs::exists(folder / "out/spectrum/patterns.csv"));
}

TEST_F(GraphDiffusion, WritesHeatKernelsAndDistances) {
    const Record found = summary("times = [0.5, 2.0]\nexport = \"npy\"\n");
    const Record::List kernels = items(found, "heat_kernels");
    ASSERT_EQ(kernels.size(), 2U);
    for (const Record& kernel : kernels) {
        EXPECT_LT(number(kernel, "row_sum_error"), 1e-14);
        EXPECT_LT(number(kernel, "trace_error"), 1e-13);
        EXPECT_GT(number(kernel, "smallest"), 0.0);
    }
    const NumericTable kernel = read_hdf5(folder / "out/spectrum/heat_kernel.h5", "heat_kernel");
    ASSERT_EQ(kernel.values.rows(), 12);
    ASSERT_EQ(kernel.values.cols(), 8);
    double exact = 0.0;  // of a ring, at distance 1
    for (int k = 0; k < 6; ++k) {
        const double angle = 2.0 * std::numbers::pi * k / 6.0;
        exact += std::exp(-0.5 * (2.0 - 2.0 * std::cos(angle))) * std::cos(angle) / 6.0;
    }
    EXPECT_NEAR(kernel.values(0, 3), exact, 1e-15);
    // opposite regions are the farthest apart
    const NumericTable far =
        read_hdf5(folder / "out/spectrum/diffusion_distance.h5", "diffusion_distance");
    EXPECT_NEAR(far.values(0, 2 + 3), number(kernels[0], "largest_distance"), 1e-14);
    EXPECT_EQ(std::ranges::count(read_file(folder / "out/spectrum/diffusion.csv"), '\n'), 73);
    for (const char* file : {"spectrum/heat_kernel.npy", "spectrum/diffusion_distance.npy",
                             "figures/spectrum_diffusion.gp"})
        EXPECT_TRUE(fs::exists(folder / ("out/" + std::string(file)))) << file;
}

TEST_F(GraphDiffusion, HasNoDistancesWhereAWalkDoesNotReachAllRegions) {
    folder.write("ring.csv", "0,1\n0,0\n");
    const Record found = summary("times = [1.0]\n");
    EXPECT_THAT(text(found, "message"), HasSubstr("no diffusion distances"));
    EXPECT_EQ(items(found, "heat_kernels")[0].find("largest_distance"), nullptr);
    EXPECT_THAT(read_file(folder / "out/spectrum/diffusion.csv"), Not(HasSubstr("nan")));
}

TEST_F(GraphDiffusion, RefusesKeysThatCannotBeMet) {
    struct Case {
        std::string steps, kind, message;
    };
    const std::string spectrum = "[[step]]\ndo = \"spectrum\"\n", diffusive = "diffusive";
    const std::string laplacian = spectrum + "matrix = \"laplacian\"\n";
    const Case cases[]{{spectrum + "times = [1.0]\n", diffusive, "not of \"weights\""},
                       {spectrum + "times = [1.0]\nmatrix = \"laplacian_symmetric\"\n", diffusive,
                        "laplacian_random_walk"},
                       {laplacian + "times = [0.0]\n", diffusive, "a list of positive numbers"},
                       {laplacian + "times = []\n", diffusive, "a list of positive numbers"},
                       {laplacian + "times = 1.0\n", diffusive, "a list of positive numbers"},
                       {laplacian + "times = [1.0]\nexport = \"mat\"\n", diffusive, "npy"},
                       {laplacian + "export = \"npy\"\n", diffusive, "export"},
                       {laplacian + "modes = -1\n", diffusive, "modes = -1 must be in [0, 100]"},
                       {laplacian + "of = \"msf\"\n", diffusive, "unknown earlier msf step"},
                       {laplacian + "of = \"msf\"\n[[step]]\ndo = \"msf\"\n", diffusive,
                        "unknown earlier msf step"},
                       {"[[step]]\ndo = \"msf\"\nname = \"other\"\n" + laplacian + "of = \"msf\"\n",
                        diffusive, "other"},
                       {spectrum + "of = \"msf\"\n", diffusive, "needs matrix"},
                       {laplacian + "of = \"msf\"\n", "additive", "diffusive coupling"}};
    for (const auto& [steps, kind, message] : cases) {
        SCOPED_TRACE(steps);
        const Outcome outcome = run(steps, kind);
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(message), HasSubstr("study.toml:")));
    }
    folder.write("ring.csv", "0,1,-0.5\n1,0,1\n1,1,0\n");
    EXPECT_THAT(run(laplacian + "times = [1.0]\n").err, HasSubstr("not negative"));
}

TEST_F(GraphDiffusion, OfAal90HasThePublishedGaps) {
    const std::string aal90 = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";
    if (!fs::exists(aal90)) GTEST_SKIP() << "the AAL90 connectome is not here";
    constexpr double digits = 1e-10;  // specs give ten
    for (const auto& [matrix, gap] :
         {std::pair{"laplacian_random_walk", 0.2606512436}, {"laplacian", 0.7497225202}}) {
        const Outcome outcome = run("[[step]]\ndo = \"spectrum\"\nmatrix = \"" +
                                        std::string(matrix) + "\"\ntimes = [1.0]\n",
                                    "diffusive", aal90);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        const Record found = read_json(folder / "out/spectrum/summary.json");
        EXPECT_NEAR(number(found, "gap"), gap, digits);
        EXPECT_LE(number(found, "algebraic_connectivity"), gap + digits);
        EXPECT_LT(number(items(found, "heat_kernels")[0], "trace_error"), 1e-12);
    }
}

}  // namespace
}  // namespace cortifold
