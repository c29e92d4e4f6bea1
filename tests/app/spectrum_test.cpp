// Spectra of connectomes, small and large, through the command line.
#include "app/program.hpp"
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cortifold {
namespace {

using namespace cortifold::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

enum class Ways { both, one };

/// An edge list of a ring.
std::string ring(int n, Ways ways) {
    std::string edges = std::to_string(n) + "\n";
    const auto add = [&](int onto, int from) {
        edges += std::to_string(onto) + ' ' + std::to_string(from) + " 1\n";
    };
    for (int i = 0; i < n; ++i) {
        const int next = (i + 1) % n;
        add(next, i);
        if (ways == Ways::both) add(i, next);
    }
    return edges;
}

/// Of mode k of the Laplacian of a ring.
double ring_eigenvalue(int k, int n) {
    return 2.0 - 2.0 * std::cos(2.0 * std::numbers::pi * k / n);
}

double real_part(const Record& value) {
    return value.as<Record::List>()[0].number();
}

class Spectrum : public testing::Test {
protected:
    static constexpr int nodes = 2400;  // more than are solved densely
    static constexpr std::size_t few = 9;

    Outcome run(const std::string& step) const {
        const std::string study =
            folder.write("study.toml",
                         "schema = 1\n[model]\nname = \"wilson_cowan\"\n[network]\n"
                         "connectome = \"edges.txt\"\n[[step]]\ndo = \"spectrum\"\n" +
                             step);
        return run_program({"spectrum", study, "--out", folder / "out", "--quiet", "--overwrite"});
    }
    Record summary(const std::string& step) const {
        const Outcome outcome = run(step);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return read_json(folder / "out/spectrum/summary.json");
    }
    Folder folder;
};

TEST_F(Spectrum, OfALargeGraphIsTheSlowestModesOfItsLaplacianWithNoneMissing) {
    folder.write("edges.txt", ring(nodes, Ways::both));
    const Record found = summary("matrix = \"laplacian\"\ncount = 9\n");
    EXPECT_EQ(text(found, "end"), "smallest");
    EXPECT_EQ(text(found, "route"), "shift_invert");
    EXPECT_EQ(text(found, "count_check"), "inertia");
    EXPECT_THAT(text(found, "message"), HasSubstr("Sylvester's law counts"));
    EXPECT_EQ(number(found, "edges"), 2.0 * nodes);
    const Record::List values = items(found, "eigenvalues");
    ASSERT_EQ(values.size(), few);
    for (std::size_t k = 0; k < few; ++k)
        EXPECT_NEAR(real_part(values[few - 1 - k]),
                    ring_eigenvalue((static_cast<int>(k) + 1) / 2, nodes), 1e-10);
}

TEST_F(Spectrum, KeepsTheEigenvectorsOfModesThatWereAskedFor) {
    folder.write("edges.txt", ring(nodes, Ways::both));
    (void)summary("matrix = \"laplacian\"\ncount = 9\n");
    const NumericTable table = read_hdf5(folder / "out/spectrum/data.h5", "vectors");
    ASSERT_EQ(table.values.rows(), nodes);
    ASSERT_EQ(table.values.cols(), few);
    EXPECT_EQ(table.columns.back().name, "mode9_re");
    const Vector uniform = table.values.col(few - 1);
    EXPECT_LT((uniform.array() - 1.0 / std::sqrt(nodes)).abs().maxCoeff(), 1e-9);
    const Vector wave = table.values.col(few - 2);
    for (Eigen::Index i = 1; i + 1 < nodes; ++i)
        ASSERT_NEAR(2.0 * wave[i] - wave[i - 1] - wave[i + 1], ring_eigenvalue(1, nodes) * wave[i],
                    1e-10);
}

TEST_F(Spectrum, IsAHundredModesOfALargeGraphAndAllOfASmallOne) {
    folder.write("edges.txt", ring(nodes, Ways::both));
    EXPECT_EQ(items(summary("matrix = \"laplacian_symmetric\"\n"), "eigenvalues").size(), 100);
    folder.write("edges.txt", ring(120, Ways::both));
    const Record all = summary("");
    EXPECT_EQ(items(all, "eigenvalues").size(), 120);
    EXPECT_EQ(text(all, "count_check"), "complete");
    EXPECT_FALSE(fs::exists(folder / "out/spectrum/data.h5"));
}

TEST_F(Spectrum, OfADirectedGraphSaysThatItsCountIsNotChecked) {
    folder.write("edges.txt", ring(200, Ways::one));
    const Record found = summary(
        "count = 3\nend = \"nearest\"\nshift = 1.1\n"
        "route = \"shift_invert\"\n");
    EXPECT_EQ(text(found, "count_check"), "none");
    EXPECT_THAT(text(found, "message"), HasSubstr("without a check that none is missing"));
    const double angle = 2.0 * std::numbers::pi / 200.0;
    const Record::List values = items(found, "eigenvalues");
    ASSERT_EQ(values.size(), 3);
    EXPECT_NEAR(real_part(values[0]), 1.0, 1e-10);
    EXPECT_NEAR(real_part(values[1]), std::cos(angle), 1e-10);
    const NumericTable table = read_hdf5(folder / "out/spectrum/data.h5", "vectors");
    ASSERT_EQ(table.columns.size(), 5);  // a real mode and a pair
    EXPECT_EQ(table.columns[2].name, "mode2_im");
}

TEST_F(Spectrum, OfALargeGraphIsDividedByItsSpectralRadius) {
    folder.write("edges.txt", ring(nodes, Ways::both));
    const Record found = summary("count = 1\nnormalize = \"spectral_radius\"\n");
    EXPECT_NEAR(real_part(items(found, "eigenvalues")[0]), 1.0, 1e-10);
}

struct BadKeys {
    std::string step, message;
};

TEST_F(Spectrum, NeedsNoModel) {
    folder.write("edges.txt", ring(12, Ways::both));
    const std::string begin = "schema = 1\n[network]\nconnectome = \"edges.txt\"\n[[step]]\n",
                      spectrum = folder.write("study.toml", begin + "do = \"spectrum\"\n"),
                      other = folder.write("other.toml", begin + "do = \"simulate\"\n");
    const Outcome outcome = run_program({"run", spectrum, "--out", folder / "out"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(fs::exists(folder / "out/report.html"));
    EXPECT_THAT(run_program({"run", other, "--out", folder / "none"}).err,
                HasSubstr("model.name is missing"));
}

TEST_F(Spectrum, RefusesKeysThatCannotBeMet) {
    folder.write("edges.txt", ring(200, Ways::one));
    const BadKeys cases[]{
        {"count = 0\n", "count = 0 must be in [1, 200]"},
        {"count = 201\n", "count = 201 must be in [1, 200]"},
        {"tolerance = 0.0\n", "tolerance"},
        {"shift = 1.0\n", "shift needs end = \"nearest\""},
        {"end = \"lowest\"\n", "largest_magnitude"},
        {"end = \"nearest\"\nroute = \"matrix_free\"\n", "has no route \"matrix_free\""}};
    for (const auto& [step, message] : cases) {
        SCOPED_TRACE(step);
        const Outcome outcome = run(step);
        EXPECT_EQ(outcome.code, 3);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(message), HasSubstr("study.toml:")));
    }
}

TEST_F(Spectrum, RefusesARouteThatCannotBeGone) {
    folder.write("edges.txt", ring(200, Ways::one));
    for (const char* step :
         {"count = 60\nroute = \"matrix_free\"\n", "count = 6\nroute = \"shift_invert\"\n"}) {
        const Outcome outcome = run(step);
        EXPECT_EQ(outcome.code, 2) << step;
        EXPECT_THAT(outcome.err, HasSubstr("route = "));
    }
}

}  // namespace
}  // namespace cortifold
