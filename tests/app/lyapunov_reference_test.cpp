// Lyapunov exponents of networks of 540 states against independently computed ones, started as
// those were.
#include "app/program.hpp"
#include "support/places.hpp"
#include <cortifold/io/config.hpp>
#include <cortifold/io/table.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <ostream>

namespace cortifold {
namespace {

using namespace cortifold::test;

constexpr double part_of_reference = 0.25;  ///< of its duration: errors are larger, and known

struct Case {
    std::string model, normalize;
    double parameter, strength;
};
void PrintTo(const Case& tested, std::ostream* out) {
    *out << tested.model << " " << tested.normalize << " " << tested.parameter << " "
         << tested.strength;
}

const std::string connectome = std::string(shared_data) + "/connectomes/aal90/sc2017.dat";

/// The entry of neural_masses.json; null where it is not there.
Record expected_of(const Case& tested) {
    const std::string path = std::string(reference_numbers) + "/neural_masses.json";
    if (!std::filesystem::exists(path)) return {};
    const Record file = read_json(path);
    const std::string name = tested.model == "jansen_rit" ? "JR" : "NG-PING",
                      rows = tested.normalize == "rows" ? "row" : "mean";
    for (const Record& entry : items(file, "network_lyapunov"))
        if (text(entry, "model").starts_with(name) && text(entry, "normalisation") == rows &&
            number(entry, "P") == tested.parameter && number(entry, "eps") == tested.strength)
            return entry;
    return {};
}

std::string initial_of(const Case& tested) {
    if (tested.model == "jansen_rit") {
        std::string states;
        for (const char* state : {"y0", "y1", "y2", "y3", "y4", "y5"})
            states +=
                (states.empty() ? "" : ", ") + std::string(state) + " = { uniform = [-1.0, 1.0] }";
        return "{ " + states + " }";
    }
    return "{ r_e = { uniform = [0.014, 0.026] }, r_i = { uniform = [0.014, 0.026] }, "
           "v_e = { uniform = [-1.1, -0.9] }, v_i = { uniform = [-1.1, -0.9] }, "
           "s_e = 0.02, s_i = 0.02 }";
}

std::string lyapunov_study(const Case& tested, const Record& expected) {
    const std::string parameter = tested.model == "jansen_rit" ? "p" : "I_ext_E";
    return "schema = 1\nseed = 1\n[model]\nname = \"" + tested.model + "\"\nparameters = { " +
           parameter + " = " + show(tested.parameter) + " }\n[network]\nconnectome = \"" +
           connectome + "\"\ncoupling = { normalize = \"" + tested.normalize +
           "\", strength = " + show(tested.strength) + " }\n[[step]]\ndo = \"lyapunov\"\n" +
           "count = " + std::to_string(items(expected, "lyap").size() + 1) +
           "\nstep = " + show(number(expected, "rk4_dt")) +
           "\ntransient = " + show(number(expected, "T_transient")) +
           "\nduration = " + show(part_of_reference * number(expected, "T_average")) +
           "\ninitial = " + initial_of(tested) + "\n";
}

class NetworkLyapunov : public testing::TestWithParam<Case> {};

TEST_P(NetworkLyapunov, AgreesWithTheReferenceWithinTheErrorsOfBoth) {
    const Record expected = expected_of(GetParam());
    if (expected.is_null()) GTEST_SKIP() << "neural_masses.json has no such entry";
    if (!std::filesystem::exists(connectome)) GTEST_SKIP() << "the AAL90 connectome is not here";
    const Record found = summary_of("lyapunov", lyapunov_study(GetParam(), expected));
    const Record::List exponents = items(found, "exponents"),
                       errors = items(found, "standard_errors"), known = items(expected, "lyap"),
                       half = items(expected, "lyap_first_half");
    for (std::size_t k = 0; k < known.size(); ++k) {
        const double drift = known[k].number() - half[k].number();
        EXPECT_NEAR(exponents.at(k).number(), known[k].number(),
                    3.0 * std::hypot(errors.at(k).number(), drift))
            << "exponent " << k + 1 << ", " << text(found, "evidence");
    }
}

INSTANTIATE_TEST_SUITE_P(Of, NetworkLyapunov,
                         testing::Values(Case{"jansen_rit", "rows", 230.0, 50.0},
                                         Case{"jansen_rit", "rows", 120.0, 50.0},
                                         Case{"jansen_rit", "mean_strength", 230.0, 50.0},
                                         Case{"jansen_rit", "mean_strength", 120.0, 50.0},
                                         Case{"ng_ping", "rows", 13.0, 5.0},
                                         Case{"ng_ping", "rows", 9.5, 9.0},
                                         Case{"ng_ping", "rows", 11.5, 5.0},
                                         Case{"ng_ping", "rows", 15.0, 9.0},
                                         Case{"ng_ping", "rows", 10.0, 12.0}));

TEST(LyapunovOfJansenRit, FindsChaosOrTheSynchronousCycleAndTheReportNamesBoth) {
    if (!std::filesystem::exists(connectome)) GTEST_SKIP() << "the AAL90 connectome is not here";
    const Folder folder;
    const std::string run =
        "do = \"lyapunov\"\nstep = 0.001\ncount = 2\nduration = 20\ntransient = 20\n";
    const std::string study =
        folder.write("study.toml",
                     "schema = 1\nseed = 1\n[model]\nname = \"jansen_rit\"\n"
                     "parameters = { p = 120.0 }\n[network]\nconnectome = \"" +
                         connectome +
                         "\"\ncoupling = { normalize = \"rows\", strength = 50.0 }\n"
                         "[[step]]\nname = \"apart\"\n" +
                         run + "initial = " + initial_of({"jansen_rit", "rows", 120.0, 50.0}) +
                         "\n[[step]]\nname = \"together\"\n" + run + "noise = 0.001\n");
    const Outcome outcome =
        run_program({"run", study, "--out", folder / "out", "--quiet", "--threads", "2"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Record apart = read_json(folder / "out/apart/summary.json"),
                 together = read_json(folder / "out/together/summary.json");
    EXPECT_EQ(text(apart, "attractor"), "hyperchaos") << text(apart, "evidence");
    EXPECT_FALSE(apart.find("synchronous")->as<bool>());
    EXPECT_EQ(text(together, "attractor"), "cycle") << text(together, "evidence");
    EXPECT_TRUE(together.find("synchronous")->as<bool>());
    const std::string page = read_file(folder / "out/report.html");
    EXPECT_NE(page.find("Two attractors coexist: hyperchaos (apart) and a cycle of synchrony "
                        "(together)"),
              std::string::npos);
}

}  // namespace
}  // namespace cortifold
