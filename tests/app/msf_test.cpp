// The step msf from the command line.
#include "app/program.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::HasSubstr;

/// Fold normal forms at their unstable equilibrium, coupled diffusively on a ring of six, whose
/// coupling eigenvalues are 0, -1 (twice), -3 (twice) and -4.
std::string ring(const Folder& folder, double strength, const std::string& step) {
    folder.write("ring.csv",
                 "0,1,0,0,0,1\n1,0,1,0,0,0\n0,1,0,1,0,0\n0,0,1,0,1,0\n0,0,0,1,0,1\n1,0,0,0,1,0\n");
    return folder.write(
        "study.toml",
        "schema = 1\n[model]\nname = \"fold_normal_form\"\n[network]\nconnectome = \"ring.csv\"\n"
        "coupling = { kind = \"diffusive\", strength = " +
            show(strength) + " }\n[[step]]\ndo = \"equilibria\"\n[[step]]\ndo = \"msf\"\n" + step);
}

Record summary_in(const Folder& folder) {
    return read_json(folder / "out/msf/summary.json");
}

TEST(Msf, OfADiffusiveCouplingTellsTheStrengthsThatOvercomeAnUnstableNode) {
    const Folder folder;
    Outcome outcome =
        run_program({"run", ring(folder, 0.1, "at = \"eq2\"\nstrengths = [0.0, 20.0]\n"), "--out",
                     folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = summary_in(folder);
    const Record::List ranges = items(summary, "stable_strengths"), modes = items(summary, "modes");
    ASSERT_EQ(ranges.size(), 1U);
    // The least stable transverse modes have lambda = -1: the node's own growth is outweighed
    // there.
    EXPECT_NEAR(number(ranges[0], "low"), number(modes[0], "growth"), 1e-12);
    EXPECT_EQ(number(ranges[0], "high"), 20.0);
    EXPECT_EQ(ranges[0].find("high_mode"), nullptr);
    for (const double factor : {0.999, 1.001}) {  // on either side the count of modes agrees
        outcome =
            run_program({"run", ring(folder, factor * number(ranges[0], "low"), "at = \"eq2\"\n"),
                         "--out", folder / "out", "--overwrite", "--quiet"});
        EXPECT_EQ(number(summary_in(folder), "unstable_modes"), factor < 1.0 ? 2.0 : 0.0);
    }
}

TEST(Msf, HasItsZerosOnTheLineAndTheComplexPlaneInTables) {
    const Folder folder;
    const Outcome outcome = run_program(
        {"run",
         ring(folder, 0.5,
              "at = \"eq2\"\nrange = [-8.0, 1.0]\nregion = { re = [-5, 1, 7], im = [-1, 1, 3] }\n"),
         "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = summary_in(folder);
    const Record::List boundaries = items(summary, "boundaries");
    ASSERT_EQ(boundaries.size(), 1U);
    const double own = number(items(summary, "modes")[0], "growth");
    EXPECT_NEAR(number(boundaries[0], "lambda"), -own / 0.5, 1e-12);
    EXPECT_EQ(text(boundaries[0], "transition"), "stationary");
    const std::string region = read_file(folder / "out/msf/region.csv");
    EXPECT_EQ(std::ranges::count(region, '\n'), 1 + 7 * 3);
    const std::string html = read_file(folder / "out/report.html");
    EXPECT_THAT(html, HasSubstr("On the real line its growth is zero at λ = "));
    EXPECT_TRUE(std::filesystem::exists(folder / "out/figures/msf_region.gp"));
}

TEST(Msf, OfAChainWithoutABasisOfEigenvectorsHasItsGrowthRatesAndSaysSo) {
    const Folder folder;
    folder.write("chain.csv", "0,0,0\n1,0,0\n0,1,0\n");  // lambda is 0, and -1 twice
    const Outcome outcome = run_program(
        {"run",
         folder.write("study.toml",
                      "schema = 1\n[model]\nname = \"fold_normal_form\"\n[network]\n"
                      "connectome = \"chain.csv\"\n"
                      "coupling = { kind = \"diffusive\", strength = 0.5 }\n"
                      "[[step]]\ndo = \"equilibria\"\n[[step]]\ndo = \"msf\"\nat = \"eq2\"\n"),
         "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = summary_in(folder);
    EXPECT_THAT(text(summary, "note"),
                testing::StartsWith("modes that cannot be separated: 2, 3;"));
    const Record::List modes = items(summary, "modes");
    ASSERT_EQ(modes.size(), 3U);
    for (const std::size_t k : {1U, 2U})
        EXPECT_NEAR(number(modes[k], "growth"), number(modes[0], "growth") - 0.5, 1e-7);
}

TEST(Msf, SaysSoWhereTheNodeSettlesOnNoCycle) {
    const Folder folder;
    const Outcome outcome = run_program(
        {"msf",
         folder.write("study.toml",
                      "schema = 1\n[model]\nname = \"ng_ping\"\nparameters = { I_ext_E = 0.0 }\n"
                      "[network]\ncoupling = { strength = 5.0 }\n"
                      "[[step]]\ndo = \"msf\"\nat = \"cycle\"\n"),
         "--out", folder / "out", "--quiet"});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(text(summary_in(folder), "message"), HasSubstr("no synchronous state"));
}

constexpr const char* lorenz_ring =
    "schema = 1\n[model]\nfile = \"lorenz.ode\"\n[network]\nconnectome = \"ring.csv\"\n"
    "send = \"x\"\nreceive = \"u\"\ncoupling = { kind = \"diffusive\", strength = 4.0 }\n"
    "[[step]]\ndo = \"msf\"\nat = \"orbit\"\npoints = 41\nrange = [-4.0, 0.0]\n";

std::string chaotic_ring(const Folder& folder, const std::string& keys) {
    folder.write("lorenz.ode",
                 "par s=10, r=28, b=2, u=0\ninit x=1, y=2, z=20\nx' = s*(y - x) + u\n"
                 "y' = x*(r - z) - y\nz' = x*y - b*z\ndone\n");
    folder.write("ring.csv",
                 "0,1,0,0,0,1\n1,0,1,0,0,0\n0,1,0,1,0,0\n0,0,1,0,1,0\n0,0,0,1,0,1\n1,0,0,0,1,0\n");
    return folder.write("study.toml", lorenz_ring + keys);
}

TEST(Msf, OfAChaoticOrbitTellsWhichModesGrowAsFarAsErrorsAllow) {
    const Folder folder;
    const Outcome outcome =
        run_program({"run",
                     chaotic_ring(folder,
                                  "duration = 300\nlambda = [[-1.0, 0.5], [-1.0, -0.5]]\n"
                                  "region = { re = [-2, 0, 3], im = [0, 1, 2] }\n"),
                     "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = summary_in(folder);
    EXPECT_EQ(text(summary, "attractor"), "chaos");
    const Record::List modes = items(summary, "modes"), zeros = items(summary, "boundaries");
    // lambda is 0, -1 twice, -3 twice and -4; growth is zero at s lambda = -7.322, about -1.83
    ASSERT_EQ(modes.size(), 8U);
    EXPECT_EQ(number(summary, "unstable_modes"), 2.0);
    EXPECT_EQ(number(summary, "undecided_modes"), 0.0);
    EXPECT_EQ(text(modes[1], "fate"), "grows");
    EXPECT_EQ(text(modes[5], "fate"), "decays");
    EXPECT_NEAR(number(modes[6], "growth"), number(modes[7], "growth"), 1e-9);  // conjugates
    EXPECT_NEAR(number(modes[0], "growth"), items(summary, "exponents")[0].number(), 1e-6);
    ASSERT_EQ(zeros.size(), 1U);
    EXPECT_LT(number(zeros[0], "low"), -7.322 / 4.0);
    EXPECT_GT(number(zeros[0], "high"), -7.322 / 4.0);
    EXPECT_EQ(std::ranges::count(read_file(folder / "out/msf/region.csv"), '\n'), 1 + 3 * 2);
    const std::string html = read_file(folder / "out/report.html");
    EXPECT_THAT(html, HasSubstr("of the kind chaos"));
    EXPECT_THAT(html, HasSubstr("of 5 transverse modes 2 let perturbations grow"));
    EXPECT_TRUE(std::filesystem::exists(folder / "out/figures/msf_curve.gp"));
}

TEST(Msf, OfOneRegionHasNoStrengthsThatSynchronizeIt) {
    const Folder folder;
    const std::string study = ring(folder, 0.5, "strengths = [0.0, 1.0]\n");
    folder.write("ring.csv", "0\n");
    const Outcome outcome = run_program({"run", study, "--quiet"});
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.err, HasSubstr("strengths needs a connectome of two regions or more"));
}

TEST(Msf, TellsOfLambdasThatAreTooLargeForACycle) {
    const Folder folder;
    folder.write("pair.csv", "0,1\n1,0\n");
    const std::string study = folder.write(
        "study.toml",
        "schema = 1\n[model]\nname = \"stuart_landau\"\nparameters = { a = 1.0 }\n[network]\n"
        "connectome = \"pair.csv\"\ncoupling = { kind = \"diffusive\", strength = 0.5 }\n"
        "links = [{ output = \"x\", input = \"drive_x\" }, { output = \"y\", input = "
        "\"drive_y\" }]\n[[step]]\ndo = \"msf\"\nat = \"cycle\"\npoints = 3\nrange = [-1e8, "
        "1e8]\n");
    const Outcome outcome = run_program({"run", study, "--out", folder / "out", "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record summary = summary_in(folder);
    EXPECT_THAT(text(summary, "message"), HasSubstr("curve.csv has gaps"));
    EXPECT_NEAR(number(items(summary, "modes")[1], "growth"), -1.0, 1e-9);  // lambda = -2
}

TEST(Msf, OfAnOrbitRefusesKeysThatCannotBeMet) {
    const Folder folder;
    for (const auto& [keys, message] :
         {std::pair{"", "duration"}, std::pair{"duration = 1\nstrengths = [0, 1]\n", "strengths"},
          std::pair{"duration = 1\nmode = 1\n", "mode"},
          std::pair{"duration = 1\nregion = { re = [-1, 1, 1000], im = [-1, 1, 1000] }\n",
                    "at most 100000; modes, lambda, points and region are 1000047"}}) {
        const Outcome outcome =
            run_program({"msf", chaotic_ring(folder, keys), "--out", folder / "out", "--quiet"});
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, HasSubstr(message));
    }
}

}  // namespace
}  // namespace cortifold
