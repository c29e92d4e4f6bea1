#include "io/scratch_folder.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/nnmt_reader.hpp>
#include <cortifold/io/population_reader.hpp>
#include <cortifold/io/study.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace cortifold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string two_populations = R"(# a network of two
label: microcircuit
populations: [E, I]
N: [1000, 250]
C: {val: 0.25, unit: nF}
tau_m: {val: 0.01, unit: s}
tau_r: {val: 2.0, unit: ms}
V_0_abs: {val: -65.0, unit: mV}
V_th_abs: {val: [-50.0, -48.0], unit: mV}
tau_s: {val: 500.0, unit: us}
d_e: {val: 1.5, unit: ms}
d_i: {val: 0.75, unit: ms}
d_e_sd: {val: 0.5, unit: ms}
d_i_sd: {val: 0.25, unit: ms}
delay_dist: truncated_gaussian
w: {val: 87.8, unit: pA}
w_ext: {val: 90.0, unit: pA}
g: 4.0
K:
  - [100.0, 25.5]
  - [80.0, 0.0]
K_ext: [1600, 1500]
nu_ext: {val: 0.008, unit: kHz}
nu_e_ext: {val: [0.0, 0.0], unit: Hz}
)";

class NnmtFiles : public ::testing::Test {
protected:
    [[nodiscard]] PopulationNetwork read(const std::string& text) const {
        std::vector<ResolvedKey> resolved;
        return read_populations(read_nnmt_network(write("network.yaml", text)), resolved).network;
    }
    /// What is said where one line is replaced; empty: removed.
    [[nodiscard]] std::string refusal(const std::string& line, const std::string& other) const {
        std::string text = two_populations;
        const auto place = text.find(line);
        EXPECT_NE(place, std::string::npos) << line;
        text.replace(place, line.size(), other);
        try {
            (void)read(text);
        } catch (const ConfigError& error) {
            return error.what();
        }
        return "nothing was thrown";
    }
    [[nodiscard]] std::filesystem::path write(const std::string& name,
                                              const std::string& text) const {
        write_file(folder / name, text);
        return folder / name;
    }
    ScratchFolder folder;
};

TEST_F(NnmtFiles, HaveTheirNumbersInTheUnitsOfTables) {
    const PopulationNetwork network = read(two_populations);
    ASSERT_EQ(network.populations.size(), 2U);
    const Population& E = network.populations[0];
    EXPECT_EQ(E.name, "E");
    EXPECT_EQ(E.size, 1000U);
    const auto& neuron = std::get<LifExp>(E.neuron);
    const std::array found{neuron.C,     neuron.tau_m, neuron.tau_ex, neuron.tau_in,
                           neuron.t_ref, neuron.E_L,   neuron.V_th,   neuron.V_reset};
    const std::array expected{250.0, 10.0, 0.5, 0.5, 2.0, -65.0, -50.0, -65.0};
    for (std::size_t k = 0; k < found.size(); ++k) EXPECT_DOUBLE_EQ(found[k], expected[k]);
    EXPECT_EQ(std::get<LifExp>(network.populations[1].neuron).V_th, -48.0);
    ASSERT_TRUE(E.poisson);
    EXPECT_EQ(E.poisson->indegree, 1600.0);
    EXPECT_DOUBLE_EQ(E.poisson->rate_hz, 8.0);
    EXPECT_EQ(E.poisson->weight.mean, 90.0);
}

TEST_F(NnmtFiles, JoinPopulationsByTheirIndegrees) {
    const PopulationNetwork network = read(two_populations);
    ASSERT_EQ(network.projections.size(), 3U);  // none where K is 0
    const Projection& inhibition = network.projections[1];
    EXPECT_EQ(inhibition.source, "I");
    EXPECT_EQ(inhibition.target, "E");
    EXPECT_EQ(std::get<TotalNumber>(inhibition.rule).synapses, 25500U);
    EXPECT_DOUBLE_EQ(inhibition.weight.mean, -4.0 * 87.8);
    EXPECT_EQ(inhibition.delay_ms.mean, 0.75);
    EXPECT_EQ(inhibition.delay_ms.sd, 0.25);
    EXPECT_EQ(inhibition.delay_ms.low, 0.0);
    EXPECT_EQ(network.projections[0].delay_ms.mean, 1.5);
    EXPECT_EQ(network.projections[0].weight.mean, 87.8);
}

TEST_F(NnmtFiles, DoubleTheWeightFromLayerFourOntoLayerTwoOfTheMicrocircuit) {
    const auto weight = [&](const std::string& label) {
        std::string text = two_populations;
        const auto change = [&](const std::string& from, const std::string& to) {
            text.replace(text.find(from), from.size(), to);
        };
        change("label: microcircuit", label);
        change("[E, I]", "[E, I, F]");
        change("[1000, 250]", "[1000, 250, 10]");
        change("[-50.0, -48.0]", "[-50.0, -48.0, -50.0]");
        change("[100.0, 25.5]", "[0.0, 0.0, 3.0]");
        change("[80.0, 0.0]", "[0.0, 0.0, 3.0]\n  - [0.0, 0.0, 0.0]");
        change("[1600, 1500]", "[1600, 1500, 10]");
        change("nu_e_ext: {val: [0.0, 0.0], unit: Hz}\n", "");
        return read(text).projections[0].weight.mean;
    };
    EXPECT_EQ(weight("label: microcircuit"), 2.0 * 87.8);
    EXPECT_EQ(weight("label: other"), 87.8);
}

TEST_F(NnmtFiles, AreTheModelOfAStudy) {
    (void)write("network.yaml", two_populations);
    const Study study = read_study(
        write("study.toml",
              "schema = 1\n[model]\nfile = \"network.yaml\"\n[[step]]\ndo = \"meanfield\"\n"),
        std::array{std::string("population.E.size=500")}, {});
    EXPECT_TRUE(study.network.kinds.empty());
    std::vector<ResolvedKey> resolved;
    EXPECT_EQ(read_populations(study.populations, resolved).network.populations[0].size, 500U);
}

TEST_F(NnmtFiles, AreRefusedWithTheLineOfWhatIsWrong) {
    EXPECT_THAT(refusal("tau_m: {val: 0.01, unit: s}", "tau_m: {val: 0.01, unit: mV}"),
                AllOf(HasSubstr("network.yaml:6"), HasSubstr("tau_m has the unit \"mV\""),
                      HasSubstr("s, ms, us")));
    EXPECT_THAT(refusal("tau_m: {val: 0.01, unit: s}", "tau_m: 10.0"),
                AllOf(HasSubstr("network.yaml:6"), HasSubstr("{ val: .., unit: ms }")));
    EXPECT_THAT(refusal("tau_m: {val: 0.01, unit: s}", "tau_m: {val: ten, unit: s}"),
                HasSubstr("tau_m must be a finite number"));
    EXPECT_THAT(refusal("tau_m: {val: 0.01, unit: s}\n", ""), HasSubstr("tau_m is missing"));
    EXPECT_THAT(refusal("g: 4.0", "gg: 4.0"), HasSubstr("g is missing"));
    EXPECT_THAT(refusal("g: 4.0", "g: 4.0\nsigma: 1.0"),
                AllOf(HasSubstr("network.yaml:19"), HasSubstr("unknown parameter \"sigma\"")));
    EXPECT_THAT(refusal("[1000, 250]", "[1000]"),
                HasSubstr("N must be 2 numbers, one a population"));
    EXPECT_THAT(refusal("[1000, 250]", "[1000, 0.5]"), HasSubstr("whole numbers of neurons"));
    EXPECT_THAT(refusal("  - [80.0, 0.0]\n", ""), HasSubstr("K must be a matrix with a row of 2"));
    EXPECT_THAT(refusal("[80.0, 0.0]", "[80.0, -1.0]"), HasSubstr("not negative"));
    EXPECT_THAT(refusal("truncated_gaussian", "truncated"), HasSubstr("unknown law of delays"));
    EXPECT_THAT(refusal("d_i_sd: {val: 0.25, unit: ms}\n", ""), HasSubstr("d_i_sd is missing"));
    EXPECT_THAT(refusal("{val: [0.0, 0.0], unit: Hz}", "{val: [0.0, 1.0], unit: Hz}"),
                HasSubstr("nu_e_ext must be 0"));
    EXPECT_THAT(refusal("populations: [E, I]", "populations: [E, I"), HasSubstr("network.yaml:"));
    EXPECT_THAT(refusal("populations: [E, I]", "populations: [E, E]"),
                HasSubstr("two populations are called \"E\""));
    EXPECT_THROW((void)read_nnmt_network(folder / "none.yaml"), ConfigError);
}

}  // namespace
}  // namespace cortifold
